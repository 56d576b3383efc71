//! Our error as a JavaScript object: its fields as JSON, made into a `GraphBitError` by the facade, on the JavaScript thread.

use std::error::Error as StdError;

use graphbit_core::{Error, ErrorCode, Retry};
use napi::Env;
use napi::bindgen_prelude::Unknown;
use serde_json::{Map, Value as Json, json};

use crate::event_loop::EventLoop;
use crate::js::{Scope, Value};

/// The fields that JavaScript sees; what is unknown is left out.
pub(crate) fn fields(error: &Error) -> Json {
    let context = error.context();
    let mut fields = Map::new();
    let mut put = |name: &str, value: Json| {
        if !value.is_null() {
            fields.insert(name.to_owned(), value);
        }
    };
    put("code", json!(error.code()));
    put("message", json!(error.message()));
    put("retryable", json!(error.advice() != Retry::Never));
    let wait = error.retry_after().map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
    put("retryAfterMs", json!(wait));
    put("status", json!(context.status));
    put("provider", json!(context.provider));
    put("model", json!(context.model));
    put("requestId", json!(context.request_id));
    put("nodeId", json!(context.node));
    put("runId", json!(context.run));
    put("clock", json!(context.clock));
    put("attempts", json!(context.attempts));
    put("partial", json!(error.partial()));
    if error.code() == ErrorCode::InvalidGraph {
        put("diagnostics", json!(error.diagnostics()));
    }
    put("cause", json!(error.source().map(chain)));
    Json::Object(fields)
}

/// The error object.
pub(crate) fn object(scope: Scope, error: &Error) -> napi::Result<Value> {
    let hook = EventLoop::current(scope)?.hook(None, |hooks| &hooks.error)?;
    scope.call(hook, &[scope.string(&fields(error).to_string())?])
}

/// The error as what a native function throws.
pub(crate) fn thrown(env: &Env, error: &Error) -> napi::Error {
    let scope = Scope(env.raw());
    match object(scope, error) {
        // SAFETY: the object is a value of this scope.
        Ok(object) => unsafe { Unknown::from_raw_unchecked(scope.0, object) }.into(),
        Err(error) => error,
    }
}

/// The causes, outermost first, each once.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut texts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(inner) = source {
        let text = inner.to_string();
        if texts.last().is_some_and(|last| !last.contains(&text)) {
            texts.push(text);
        }
        source = inner.source();
    }
    texts.join(": ")
}
