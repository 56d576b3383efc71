//! Options as JSON has them, read one by one, so that each complaint names its option.

use std::time::Duration;

use graphbit_core::{Error, Result, nearest};
use serde_json::{Map, Value};

/// An object of options. What is `null` is not set.
pub(crate) struct Options<'a> {
    /// The option that holds it with a dot behind; nothing for the outermost.
    place: String,
    members: &'a Map<String, Value>,
}

impl<'a> Options<'a> {
    /// # Errors
    /// `CONFIG` for a name that is not known, with the nearest one that is.
    pub(crate) fn new(place: &str, members: &'a Map<String, Value>, known: &[&str]) -> Result<Self> {
        let place = if place.is_empty() { String::new() } else { format!("{place}.") };
        if let Some(name) = members.keys().find(|name| !known.contains(&name.as_str())) {
            let hint = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean {near:?}?"),
                None => format!("known are {}", known.join(", ")),
            };
            return Err(Error::config(format!("unknown option {place}{name}: {hint}")));
        }
        Ok(Self { place, members })
    }

    /// A whole number of at least 1.
    pub(super) fn count<N: TryFrom<u64>>(&self, name: &str) -> Result<Option<N>> {
        self.read(name, "a whole number of at least 1", |value| {
            // JavaScript may write a whole number as 1e6.
            let whole =
                value.as_f64().filter(|number| number.fract() == 0.0 && (1.0..=9e15).contains(number))?;
            N::try_from(whole as u64).ok()
        })
    }

    /// Any number.
    pub(crate) fn number(&self, name: &str) -> Result<Option<f64>> {
        self.read(name, "a number", Value::as_f64)
    }

    /// Milliseconds, more than none.
    pub(super) fn time(&self, name: &str) -> Result<Option<Duration>> {
        self.read(name, "a number of milliseconds greater than 0", |value| {
            milliseconds(value).filter(|time| !time.is_zero())
        })
    }

    /// Milliseconds, also none.
    pub(super) fn time_or_none(&self, name: &str) -> Result<Option<Duration>> {
        self.read(name, "a number of milliseconds of at least 0", milliseconds)
    }

    /// `true` where it is set so.
    pub(super) fn flag(&self, name: &str) -> Result<bool> {
        Ok(self.read(name, "true or false", Value::as_bool)?.unwrap_or(false))
    }

    /// Options of their own.
    pub(super) fn group(&self, name: &str, known: &[&str]) -> Result<Option<Options<'a>>> {
        let object = self.read(name, "an object", Value::as_object)?;
        object.map(|object| Options::new(&format!("{}{name}", self.place), object, known)).transpose()
    }

    /// `true`, or options of their own.
    pub(super) fn switch<T>(
        &self,
        name: &str,
        known: &[&str],
        read: impl FnOnce(&Options<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let none = Map::new();
        let object = self.read(name, "true, false or an object", |value| match value {
            Value::Bool(on) => Some(on.then_some(&none)),
            value => value.as_object().map(Some),
        })?;
        let Some(object) = object.flatten() else { return Ok(None) };
        read(&Options::new(&format!("{}{name}", self.place), object, known)?).map(Some)
    }

    fn read<'b, T>(
        &self,
        name: &str,
        wanted: &str,
        read: impl FnOnce(&'b Value) -> Option<T>,
    ) -> Result<Option<T>>
    where
        'a: 'b,
    {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| {
                let given: String = value.to_string().chars().take(40).collect();
                Error::config(format!("{}{name} must be {wanted}, not {given}", self.place))
            }),
        }
    }
}

fn milliseconds(value: &Value) -> Option<Duration> {
    Duration::try_from_secs_f64(value.as_f64()? / 1000.0).ok()
}
