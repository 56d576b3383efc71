//! JavaScript functions of transform nodes. A visit steps the run on the JavaScript thread until it needs something else;
//! the functions themselves stay in JavaScript, so that no native reference can keep them alive.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use graphbit_core::{Error, ErrorCode, Result};
use graphbit_executor::{Host, HostedCall, Promised, Visit};
use napi_derive::napi;
use serde_json::Value as Json;

use crate::event_loop::{EventLoop, Queue};
use crate::js::Scope;

/// The functions of one run, known to the facade by a number.
pub(crate) struct JsHost {
    pub(crate) queue: Arc<Queue>,
    pub(crate) run: u32,
    /// The facade that has them.
    pub(crate) facade: u32,
}

impl Host for JsHost {
    fn visit(&self, visit: Visit) {
        post(Arc::clone(&self.queue), (self.facade, self.run), visit);
    }
}

fn post(queue: Arc<Queue>, run: (u32, u32), visit: Visit) {
    let again = Arc::clone(&queue);
    // When the environment is gone, the visit is dropped: refused, as the run sees it.
    let _ = queue.post(Box::new(move |scope| step(scope, &again, run, visit)));
}

fn step(scope: Scope, queue: &Arc<Queue>, run: (u32, u32), mut visit: Visit) {
    while let Some(call) = visit.next_call() {
        let node = call.node;
        match dispatch(scope, run, call) {
            Ok(Some(value)) => visit.settle(node, Ok(value)),
            Ok(None) => PROMISED.with_borrow_mut(|promised| {
                promised.insert((run.1, number(node)), visit.promise(node));
            }),
            Err(error) => visit.settle(node, Err(error)),
        }
        // The rest of the visit waits behind the jobs of others, at the next turn of the event loop.
        if EventLoop::current(scope).is_ok_and(|current| current.is_late()) {
            return post(Arc::clone(queue), run, visit);
        }
    }
}

thread_local! {
    /// Calls that have returned a promise, by run and node. They settle on this thread.
    static PROMISED: RefCell<HashMap<(u32, u32), Promised>> = RefCell::new(HashMap::new());
}

fn number(node: graphbit_core::NodeIndex) -> u32 {
    u32::try_from(node.get()).unwrap_or(u32::MAX)
}

/// Calls the function. `None`: it has returned a promise.
fn dispatch(scope: Scope, (facade, run): (u32, u32), call: HostedCall) -> Result<Option<Json>> {
    let ours = |error: napi::Error| Error::internal("a function could not be called").caused_by(error);
    let outcome = || -> napi::Result<Option<String>> {
        let function = EventLoop::current(scope)?.hook(Some(facade), |hooks| &hooks.dispatch)?;
        let input = call.input.to_string();
        let arguments = [
            scope.number(f64::from(run))?,
            scope.number(f64::from(number(call.node)))?,
            scope.string(&input)?,
        ];
        let value = scope.call(function, &arguments)?;
        if scope.is_null_or_undefined(value)? { Ok(None) } else { scope.text(value).map(Some) }
    };
    let outcome = outcome();
    let _ = scope.take_exception(); // one that stayed pending would fail every call after it
    match outcome.map_err(ours)? {
        None => Ok(None),
        Some(text) => read(&text).map(Some),
    }
}

/// The facade's answer: `v` and a value as JSON, or `e` and the message of what was thrown.
fn read(answer: &str) -> Result<Json> {
    if let Some(value) = answer.strip_prefix('v') {
        return serde_json::from_str(value).map_err(|error| {
            Error::new(ErrorCode::Tool, "the function's value is not JSON").caused_by(error)
        });
    }
    Err(Error::new(ErrorCode::Tool, answer.strip_prefix('e').unwrap_or(answer)))
}

/// The outcome of a function that had returned a promise; dropped when the run has ended.
#[napi(catch_unwind)]
pub fn settle_function(run: u32, node: u32, answer: String) {
    if let Some(promised) = PROMISED.with_borrow_mut(|calls| calls.remove(&(run, node))) {
        promised.settle(read(&answer));
    }
}

/// The run has ended: what its functions still promise is nobody's.
#[napi(catch_unwind)]
pub fn forget_functions(run: u32) {
    PROMISED.with_borrow_mut(|calls| calls.retain(|(owner, _), _| *owner != run));
}
