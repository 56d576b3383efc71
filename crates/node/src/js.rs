//! The few N-API calls that are made by hand, wrapped. Everything here runs on a JavaScript thread.

use std::ptr;

use napi::sys;
use napi::{Error, Result, Status, check_status};

/// A value of the environment, valid in the current handle scope.
pub(crate) type Value = sys::napi_value;

/// An environment on its own thread.
#[derive(Clone, Copy)]
pub(crate) struct Scope(pub(crate) sys::napi_env);

impl Scope {
    pub(crate) fn undefined(self) -> Result<Value> {
        let mut value = ptr::null_mut();
        // SAFETY: the environment is current on this thread, as for every call in this file; the out pointer is valid.
        check_status!(unsafe { sys::napi_get_undefined(self.0, &mut value) })?;
        Ok(value)
    }

    pub(crate) fn null(self) -> Result<Value> {
        let mut value = ptr::null_mut();
        // SAFETY: as above.
        check_status!(unsafe { sys::napi_get_null(self.0, &mut value) })?;
        Ok(value)
    }

    pub(crate) fn string(self, text: &str) -> Result<Value> {
        let mut value = ptr::null_mut();
        let length = isize::try_from(text.len()).map_err(|_| too_large())?;
        // SAFETY: the pointer and the length describe `text`, which outlives the call; V8 copies it.
        check_status!(unsafe {
            sys::napi_create_string_utf8(self.0, text.as_ptr().cast(), length, &mut value)
        })?;
        Ok(value)
    }

    pub(crate) fn boolean(self, flag: bool) -> Result<Value> {
        let mut value = ptr::null_mut();
        // SAFETY: as above.
        check_status!(unsafe { sys::napi_get_boolean(self.0, flag, &mut value) })?;
        Ok(value)
    }

    pub(crate) fn number(self, number: f64) -> Result<Value> {
        let mut value = ptr::null_mut();
        // SAFETY: as above.
        check_status!(unsafe { sys::napi_create_double(self.0, number, &mut value) })?;
        Ok(value)
    }

    pub(crate) fn strings(self, texts: &[String]) -> Result<Value> {
        self.array(texts.iter().map(|text| self.string(text)))
    }

    pub(crate) fn array(self, items: impl ExactSizeIterator<Item = Result<Value>>) -> Result<Value> {
        let mut array = ptr::null_mut();
        // SAFETY: as above.
        check_status!(unsafe { sys::napi_create_array_with_length(self.0, items.len(), &mut array) })?;
        for (index, item) in (0..).zip(items) {
            // SAFETY: both values were made in this scope.
            check_status!(unsafe { sys::napi_set_element(self.0, array, index, item?) })?;
        }
        Ok(array)
    }

    /// The UTF-8 text of a string value.
    pub(crate) fn text(self, value: Value) -> Result<String> {
        let mut length = 0;
        // SAFETY: a null buffer asks for the length only.
        check_status!(unsafe {
            sys::napi_get_value_string_utf8(self.0, value, ptr::null_mut(), 0, &mut length)
        })?;
        let mut bytes = vec![0_u8; length + 1];
        // SAFETY: the buffer has room for the text and the NUL that N-API adds.
        check_status!(unsafe {
            sys::napi_get_value_string_utf8(
                self.0,
                value,
                bytes.as_mut_ptr().cast(),
                bytes.len(),
                &mut length,
            )
        })?;
        bytes.truncate(length);
        String::from_utf8(bytes).map_err(|error| Error::from_reason(error.to_string()))
    }

    pub(crate) fn is_number(self, value: Value) -> Result<bool> {
        let mut kind = 0;
        // SAFETY: as above.
        check_status!(unsafe { sys::napi_typeof(self.0, value, &mut kind) })?;
        Ok(kind == sys::ValueType::napi_number)
    }

    /// A number that is whole and fits.
    pub(crate) fn whole(self, value: Value) -> Result<u32> {
        let mut number = 0;
        // SAFETY: as above.
        check_status!(unsafe { sys::napi_get_value_uint32(self.0, value, &mut number) })?;
        Ok(number)
    }

    /// Calls a function. An exception stays pending and gives an error.
    pub(crate) fn call(self, function: Value, arguments: &[Value]) -> Result<Value> {
        let mut result = ptr::null_mut();
        let this = self.undefined()?;
        // SAFETY: the arguments are values of this scope, their number is the slice's.
        check_status!(unsafe {
            sys::napi_call_function(self.0, this, function, arguments.len(), arguments.as_ptr(), &mut result)
        })?;
        Ok(result)
    }

    /// The pending exception, if there is one; it is cleared.
    pub(crate) fn take_exception(self) -> Option<Value> {
        let (mut pending, mut exception) = (false, ptr::null_mut());
        // SAFETY: as above; both may be called while an exception is pending.
        unsafe {
            let known = sys::napi_is_exception_pending(self.0, &mut pending);
            if known != sys::Status::napi_ok || !pending {
                return None;
            }
            let taken = sys::napi_get_and_clear_last_exception(self.0, &mut exception);
            (taken == sys::Status::napi_ok).then_some(exception)
        }
    }

    /// An array buffer over memory of somebody else's, who is called with the address and the length when it is gone; `None`
    /// where the environment allows none. Then it was never made, and the memory is given back at once.
    pub(crate) fn external_buffer(
        self,
        address: *mut std::ffi::c_void,
        length: usize,
        gone: unsafe extern "C" fn(sys::napi_env, *mut std::ffi::c_void, *mut std::ffi::c_void),
    ) -> Option<Value> {
        let (mut value, hint) = (ptr::null_mut(), ptr::without_provenance_mut(length));
        // SAFETY: as above; the memory stays until `gone` is called.
        let made = unsafe {
            sys::napi_create_external_arraybuffer(self.0, address, length, Some(gone), hint, &mut value)
        };
        if made == sys::Status::napi_ok {
            return Some(value);
        }
        // SAFETY: nobody else has it.
        unsafe { gone(self.0, address, hint) };
        None
    }

    /// Tells V8 how many native bytes its objects keep alive more, or less.
    pub(crate) fn adjust_external_memory(self, change: i64) {
        let mut total = 0;
        // SAFETY: as above. A failure only costs V8 a hint.
        let _ = unsafe { sys::napi_adjust_external_memory(self.0, change, &mut total) };
    }
}

/// A value that outlives its scope. It must be dropped on its own thread, or with its environment.
pub(crate) struct Kept(sys::napi_ref);

impl Kept {
    pub(crate) fn new(scope: Scope, value: Value) -> Result<Self> {
        let mut reference = ptr::null_mut();
        // SAFETY: the value is of this scope.
        check_status!(unsafe { sys::napi_create_reference(scope.0, value, 1, &mut reference) })?;
        Ok(Self(reference))
    }

    pub(crate) fn get(&self, scope: Scope) -> Result<Value> {
        let mut value = ptr::null_mut();
        // SAFETY: the reference is alive for as long as `self` is.
        check_status!(unsafe { sys::napi_get_reference_value(scope.0, self.0, &mut value) })?;
        if value.is_null() { Err(Error::from_reason("a kept value is gone")) } else { Ok(value) }
    }

    pub(crate) fn delete(self, scope: Scope) {
        // SAFETY: `self` is consumed, so nobody uses the reference again.
        let _ = unsafe { sys::napi_delete_reference(scope.0, self.0) };
    }
}

fn too_large() -> Error {
    Error::new(Status::InvalidArg, "a text is larger than V8 can hold")
}
