//! Behaviour chosen by the client through its base URL: `/with/KEY=VALUE,…/v1/…`.
//!
//! What the keys do is the form's business; here they are found, decoded, remembered and counted.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Map, Value};

use crate::form::{BadForm, Form};
use crate::script::take;

/// More prefixes than this at once are forgotten together, counters included.
const MAX_PREFIXES: usize = 4096;

/// Splits a request target into the prefix's keys and values and the rest of the path, without the query.
pub(crate) fn split(target: &str) -> (Option<&str>, &str) {
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    match path.strip_prefix("/with/") {
        Some(rest) => match rest.find('/').and_then(|slash| rest.split_at_checked(slash)) {
            Some((keys, rest)) => (Some(keys), rest),
            None => (Some(rest), ""),
        },
        None => (None, path),
    }
}

/// A prefix, read.
#[derive(Debug)]
pub(crate) struct Prefix {
    form: Form,
    times: Option<u64>,
    used: AtomicU64,
}

impl Prefix {
    /// `KEY=VALUE,…`, percent-encoded.
    pub(crate) fn parse(keys: &str) -> Result<Self, BadForm> {
        let mut form = Map::new();
        let mut times = None;
        for pair in keys.split(',').filter(|pair| !pair.is_empty()) {
            let (key, value) =
                pair.split_once('=').ok_or_else(|| BadForm::new(&format_args!("no = in `{pair}`")))?;
            let value = decode(value);
            match key {
                "times" => {
                    let n = value.parse().map_err(|error| BadForm::new(&format_args!("times: {error}")))?;
                    times = Some(n);
                }
                "id" => {}
                _ if Form::TEXTS.contains(&key) => drop(form.insert(key.to_owned(), Value::String(value))),
                _ => {
                    let value = serde_json::from_str(&value).unwrap_or(Value::String(value));
                    form.insert(key.to_owned(), value);
                }
            }
        }
        let form: Form = serde_json::from_value(Value::Object(form)).map_err(|error| BadForm::new(&error))?;
        form.reply()?; // contradictions show now, not at the first use
        Ok(Self { form, times, used: AtomicU64::new(0) })
    }

    /// The form to lay over the script's reply, while `times` last.
    pub(crate) fn form(&self) -> Option<&Form> {
        self.times.is_none_or(|times| take(&self.used, times)).then_some(&self.form)
    }
}

/// All prefixes seen, each read once.
#[derive(Debug, Default)]
pub(crate) struct Prefixes(RwLock<HashMap<Box<str>, Arc<Prefix>>>);

impl Prefixes {
    pub(crate) fn get(&self, keys: &str) -> Result<Arc<Prefix>, BadForm> {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(keys) {
            return Ok(Arc::clone(known));
        }
        let prefix = Arc::new(Prefix::parse(keys)?);
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_PREFIXES {
            all.clear();
        }
        Ok(Arc::clone(all.entry(keys.into()).or_insert(prefix)))
    }

    pub(crate) fn rewind(&self) {
        for prefix in self.0.read().unwrap_or_else(PoisonError::into_inner).values() {
            prefix.used.store(0, Relaxed);
        }
    }
}

/// Undoes percent-encoding; a stray `%` stays.
fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let hex = |digit: &u8| char::from(*digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (byte, after) {
            (b'%', [high, low, tail @ ..]) if hex(high).is_some() && hex(low).is_some() => {
                out.push(hex(high).unwrap_or(0) * 16 + hex(low).unwrap_or(0));
                rest = tail;
            }
            _ => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests;
