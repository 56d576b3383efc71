//! JavaScript functions of transform nodes. A visit steps the run on the JavaScript thread until it needs something else;
//! the functions themselves stay in JavaScript, so that no native reference can keep them alive.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use graphbit_core::{Error, ErrorCode, Result};
use graphbit_executor::{Host, HostedCall, Promised, Visit};
use napi_derive::napi;
use serde_json::Value as Json;

use crate::event_loop::{EventLoop, Queue};
use crate::js::Scope;

/// How long one visit may keep the JavaScript thread before other work gets its turn.
const SLICE: Duration = Duration::from_millis(8);

/// The functions of one run, known to the facade by a number.
pub(crate) struct JsHost {
    pub(crate) queue: Arc<Queue>,
    pub(crate) run: u32,
}

impl Host for JsHost {
    fn visit(&self, visit: Visit) {
        post(Arc::clone(&self.queue), self.run, visit);
    }
}

fn post(queue: Arc<Queue>, run: u32, visit: Visit) {
    let again = Arc::clone(&queue);
    // When the environment is gone, the visit is dropped: refused, as the run sees it.
    let _ = queue.post(Box::new(move |scope| step(scope, &again, run, visit)));
}

fn step(scope: Scope, queue: &Arc<Queue>, run: u32, mut visit: Visit) {
    let began = Instant::now();
    while let Some(call) = visit.next_call() {
        let node = call.node;
        match dispatch(scope, run, call) {
            Ok(Some(value)) => visit.settle(node, Ok(value)),
            Ok(None) => PROMISED.with_borrow_mut(|promised| {
                promised.insert((run, ticket(node)), visit.promise(node));
            }),
            Err(error) => visit.settle(node, Err(error)),
        }
        if began.elapsed() > SLICE {
            return post(Arc::clone(queue), run, visit);
        }
    }
}

thread_local! {
    /// Calls that have returned a promise, by run and node. They settle on this thread.
    static PROMISED: RefCell<HashMap<(u32, u32), Promised>> = RefCell::new(HashMap::new());
}

fn ticket(node: graphbit_core::NodeIndex) -> u32 {
    u32::try_from(node.get()).unwrap_or(u32::MAX)
}

/// Calls the function. `None`: it has returned a promise.
fn dispatch(scope: Scope, run: u32, call: HostedCall) -> Result<Option<Json>> {
    let ours = |error: napi::Error| Error::internal("a function could not be called").caused_by(error);
    let outcome = || -> napi::Result<Option<String>> {
        let current = EventLoop::current(scope)?;
        let function = match current.hooks.borrow().as_ref() {
            Some(hooks) => hooks.dispatch.get(scope)?,
            None => return Err(napi::Error::from_reason("the facade is not loaded")),
        };
        let input = call.input.to_string();
        let arguments = [
            scope.number(f64::from(run))?,
            scope.number(f64::from(ticket(call.node)))?,
            scope.string(&input)?,
        ];
        let value = scope.call(function, &arguments)?;
        if scope.is_null_or_undefined(value)? { Ok(None) } else { scope.text(value).map(Some) }
    };
    match outcome().map_err(ours)? {
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
#[napi]
pub fn settle_function(run: u32, node: u32, answer: String) {
    if let Some(promised) = PROMISED.with_borrow_mut(|calls| calls.remove(&(run, node))) {
        promised.settle(read(&answer));
    }
}

/// The run has ended: what its functions still promise is nobody's.
#[napi]
pub fn forget_functions(run: u32) {
    PROMISED.with_borrow_mut(|calls| calls.retain(|(owner, _), _| *owner != run));
}
