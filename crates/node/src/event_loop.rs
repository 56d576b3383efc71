//! One completion queue for each JavaScript environment: any thread posts jobs, the environment's thread runs them all at the
//! next turn of its event loop. One threadsafe function serves everything, and keeps the loop alive only while work is pending.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use graphbit_executor::Control;
use napi::{check_status, sys};
use tokio::task::AbortHandle;

use crate::js::{Kept, Scope, Value};

/// Something to do on the JavaScript thread.
pub(crate) type Job = Box<dyn FnOnce(Scope) + Send>;

/// The way to the thread of one environment, for all others. When the environment is gone, jobs are dropped.
pub(crate) struct Queue(Mutex<State>);

struct State {
    jobs: Vec<Job>,
    /// The threadsafe function; null once the environment is gone.
    function: sys::napi_threadsafe_function,
    /// A wake-up is under way: more jobs need no other.
    woken: bool,
}

// SAFETY: N-API lets every thread call a threadsafe function; the mutex keeps that from racing with its end.
unsafe impl Send for State {}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a job over; gives it back when the environment is gone.
    pub(crate) fn post(&self, job: Job) -> Result<(), Job> {
        let mut state = self.state();
        if state.function.is_null() {
            return Err(job);
        }
        state.jobs.push(job);
        if !state.woken {
            state.woken = true;
            // SAFETY: the function is alive: the clean-up hook nulls it under this lock before N-API frees it.
            let _ = unsafe {
                sys::napi_call_threadsafe_function(
                    state.function,
                    ptr::null_mut(),
                    sys::ThreadsafeFunctionCallMode::nonblocking,
                )
            };
        }
        Ok(())
    }
}

/// How to stop what a promise waits for, when its environment ends before it.
pub(crate) enum Stop {
    Task(AbortHandle),
    Run(Control),
}

impl Stop {
    fn stop(self) {
        match self {
            Self::Task(task) => task.abort(),
            Self::Run(run) => run.cancel("stopped with its JavaScript environment"),
        }
    }
}

/// What an environment's thread has of it.
pub(crate) struct EventLoop {
    scope: Scope,
    queue: Arc<Queue>,
    function: sys::napi_threadsafe_function,
    /// What promises wait for, by a number.
    pending: RefCell<HashMap<u32, Option<Stop>>>,
    last: Cell<u32>,
    /// Promises for the moment when nothing is pending any more.
    idle: RefCell<Vec<sys::napi_deferred>>,
    pub(crate) hooks: RefCell<Option<Hooks>>,
}

/// The facade's functions that native code calls.
pub(crate) struct Hooks {
    /// From an error as JSON to an error object.
    pub(crate) error: Kept,
    /// From a native result to the facade's.
    pub(crate) result: Kept,
    /// Calls a function of a run: `(run, node, input as JSON, ticket)`.
    pub(crate) dispatch: Kept,
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<EventLoop>>> = const { RefCell::new(None) };
}

impl EventLoop {
    /// The current thread's, made at its first use.
    pub(crate) fn current(scope: Scope) -> napi::Result<Rc<Self>> {
        if let Some(current) = CURRENT.with_borrow(Clone::clone) {
            return Ok(current);
        }
        let queue =
            Arc::new(Queue(Mutex::new(State { jobs: Vec::new(), function: ptr::null_mut(), woken: false })));
        let name = scope.string("graphbit")?;
        let mut function = ptr::null_mut();
        let context = Arc::into_raw(Arc::clone(&queue)).cast_mut().cast();
        // SAFETY: the context is an Arc that `finalize` takes back; without a JavaScript function, `drain` is called instead.
        check_status!(unsafe {
            sys::napi_create_threadsafe_function(
                scope.0,
                ptr::null_mut(),
                ptr::null_mut(),
                name,
                0,
                1,
                context,
                Some(finalize),
                context,
                Some(drain),
                &mut function,
            )
        })?;
        // SAFETY: just made, on this thread. Until work is pending it must not keep the program alive.
        check_status!(unsafe { sys::napi_unref_threadsafe_function(scope.0, function) })?;
        queue.state().function = function;
        let current = Rc::new(Self {
            scope,
            queue,
            function,
            pending: RefCell::default(),
            last: Cell::new(0),
            idle: RefCell::default(),
            hooks: RefCell::new(None),
        });
        CURRENT.set(Some(Rc::clone(&current)));
        // SAFETY: hooks run in reverse order, so this one comes before N-API's own for the function made above.
        check_status!(unsafe { sys::napi_add_env_cleanup_hook(scope.0, Some(clean_up), ptr::null_mut()) })?;
        Ok(current)
    }

    pub(crate) fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    /// Work has begun: the program must not end before it. Gives the number that names it.
    pub(crate) fn begin(&self) -> u32 {
        let mut pending = self.pending.borrow_mut();
        let mut number = self.last.get();
        loop {
            number = number.wrapping_add(1);
            if !pending.contains_key(&number) {
                break;
            }
        }
        self.last.set(number);
        pending.insert(number, None);
        if pending.len() == 1 {
            // SAFETY: on the environment's thread, and the function is alive as long as the environment.
            let _ = unsafe { sys::napi_ref_threadsafe_function(self.scope.0, self.function) };
        }
        number
    }

    /// Says how to stop the work.
    pub(crate) fn arm(&self, number: u32, stop: Stop) {
        if let Some(entry) = self.pending.borrow_mut().get_mut(&number) {
            *entry = Some(stop);
        }
    }

    /// Work has ended.
    pub(crate) fn end(&self, number: u32) {
        let mut pending = self.pending.borrow_mut();
        if pending.remove(&number).is_some() && pending.is_empty() {
            pending.shrink_to(64);
            drop(pending);
            // SAFETY: as above.
            let _ = unsafe { sys::napi_unref_threadsafe_function(self.scope.0, self.function) };
            for deferred in self.idle.take() {
                if let Ok(undefined) = self.scope.undefined() {
                    // SAFETY: made by `when_idle` on this thread, and taken out of the list: settled once.
                    let _ = unsafe { sys::napi_resolve_deferred(self.scope.0, deferred, undefined) };
                }
            }
        }
    }

    /// A promise that resolves when nothing is pending. It does not itself keep the program alive.
    pub(crate) fn when_idle(&self) -> napi::Result<Value> {
        let (mut deferred, mut promise) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: on the environment's thread, with valid out pointers; settled below or by `end`.
        check_status!(unsafe { sys::napi_create_promise(self.scope.0, &mut deferred, &mut promise) })?;
        if self.pending.borrow().is_empty() {
            // SAFETY: just made.
            check_status!(unsafe {
                sys::napi_resolve_deferred(self.scope.0, deferred, self.scope.undefined()?)
            })?;
        } else {
            self.idle.borrow_mut().push(deferred);
        }
        Ok(promise)
    }

    /// Stops everything that is pending, and gives how much that was. Each promise still settles by itself.
    pub(crate) fn stop_all(&self) -> usize {
        let stops: Vec<Stop> = self.pending.borrow_mut().values_mut().filter_map(Option::take).collect();
        let count = stops.len();
        stops.into_iter().for_each(Stop::stop);
        count
    }

    pub(crate) fn pending(&self) -> usize {
        self.pending.borrow().len()
    }
}

/// Runs every job that waits, each in a handle scope of its own.
unsafe extern "C" fn drain(
    env: sys::napi_env,
    _function: sys::napi_value,
    context: *mut std::ffi::c_void,
    _data: *mut std::ffi::c_void,
) {
    if env.is_null() || context.is_null() {
        return; // the environment is ending
    }
    // SAFETY: the context is the Arc<Queue> that `finalize` has not taken back yet.
    let queue: &Queue = unsafe { &*context.cast_const().cast() };
    let jobs = {
        let mut state = queue.state();
        state.woken = false;
        std::mem::take(&mut state.jobs)
    };
    let scope = Scope(env);
    for job in jobs {
        let mut handles = ptr::null_mut();
        // SAFETY: on the environment's thread; the scope is closed below.
        let opened = unsafe { sys::napi_open_handle_scope(env, &mut handles) };
        // A panic must not unwind into C. The promise that the job was to settle is rejected when the job is dropped.
        let _ = catch_unwind(AssertUnwindSafe(|| job(scope)));
        if let Some(exception) = scope.take_exception() {
            // SAFETY: the exception was taken just now. It has no promise to go to: it is the program's.
            let _ = unsafe { sys::napi_fatal_exception(env, exception) };
        }
        if opened == sys::Status::napi_ok {
            // SAFETY: opened above.
            let _ = unsafe { sys::napi_close_handle_scope(env, handles) };
        }
    }
}

/// N-API has freed the threadsafe function: nobody calls `drain` again.
unsafe extern "C" fn finalize(
    _env: sys::napi_env,
    context: *mut std::ffi::c_void,
    _hint: *mut std::ffi::c_void,
) {
    // SAFETY: made by `Arc::into_raw` when the function was, and taken back only here.
    drop(unsafe { Arc::<Queue>::from_raw(context.cast_const().cast()) });
}

/// The environment ends: nobody may wake it any more.
unsafe extern "C" fn clean_up(_: *mut std::ffi::c_void) {
    let Some(current) = CURRENT.take() else { return };
    let jobs = {
        let mut state = current.queue.state();
        state.function = ptr::null_mut();
        std::mem::take(&mut state.jobs)
    };
    if let Some(hooks) = current.hooks.take() {
        for kept in [hooks.error, hooks.result, hooks.dispatch] {
            kept.delete(current.scope);
        }
    }
    current.stop_all();
    drop(jobs); // what they hold may post again, and finds the queue closed
}
