//! JavaScript functions of transform nodes. A visit steps the run on the JavaScript thread until it needs something else;
//! the functions themselves stay in JavaScript, so that no native reference can keep them alive.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use graphbit_core::{Error, ErrorCode, Result};
use graphbit_executor::{CallContext, Host, HostedCall, Promised, Visit};
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

    fn give_up(&self, name: &str) {
        let (facade, run, name) = (self.facade, self.run, name.to_owned());
        let _ = self.queue.post(Box::new(move |scope| {
            PROMISED.with_borrow_mut(|runs| {
                if let Some(calls) = runs.get_mut(&run) {
                    calls.retain(|_, promised| !promised.is_cancelled());
                }
            });
            let _ = tell(scope, facade, run, &name); // what the facade throws becomes the program's
        }));
    }
}

/// Tells the functions themselves that nobody waits for them.
fn tell(scope: Scope, facade: u32, run: u32, name: &str) -> napi::Result<()> {
    let function = EventLoop::current(scope)?.hook(Some(facade), |hooks| &hooks.give_up)?;
    scope.call(function, &[scope.number(f64::from(run))?, scope.string(name)?]).map(drop)
}

fn post(queue: Arc<Queue>, run: (u32, u32), visit: Visit) {
    let again = Arc::clone(&queue);
    // When the environment is gone, the visit is dropped: refused, as the run sees it.
    let _ = queue.post(Box::new(move |scope| step(scope, &again, run, visit)));
}

fn step(scope: Scope, queue: &Arc<Queue>, run: (u32, u32), mut visit: Visit) {
    while let Some(call) = next_call(&mut visit) {
        match dispatch(scope, run, &visit, &call) {
            Ok(Answer::Settled(text)) => {
                let memory = visit.memory();
                let _scope = memory.enter();
                visit.settle(&call, read(&text));
            }
            Ok(Answer::Promised(number)) => {
                let promised = visit.promise(&call);
                PROMISED.with_borrow_mut(|runs| runs.entry(run.1).or_default().insert(number, promised));
            }
            Err(error) => visit.settle(&call, Err(error)),
        }
        // The rest of the visit waits behind the jobs of others, at the next turn of the event loop.
        if EventLoop::current(scope).is_ok_and(|current| current.is_late()) {
            return post(Arc::clone(queue), run, visit);
        }
    }
}

/// The next call, charged to its run. The function itself is not: it may start others.
fn next_call(visit: &mut Visit) -> Option<HostedCall> {
    let memory = visit.memory();
    let _scope = memory.enter();
    visit.next_call()
}

thread_local! {
    /// Of the function being called.
    static CALLED: RefCell<Option<CallContext>> = const { RefCell::new(None) };
    /// Calls that have returned a promise, by run and by the facade's number. They settle on this thread.
    static PROMISED: RefCell<HashMap<u32, HashMap<u32, Promised>>> = RefCell::new(HashMap::new());
}

/// What a call gives at once.
enum Answer {
    /// Its outcome, for [`read`].
    Settled(String),
    /// A promise, which the facade knows by a number.
    Promised(u32),
}

/// Calls the function. The facade finds that of a node of the run's own by the node's index, that of a body or an edge by its
/// place.
fn dispatch(scope: Scope, (facade, run): (u32, u32), visit: &Visit, call: &HostedCall) -> Result<Answer> {
    let ours = |error: napi::Error| Error::internal("a function could not be called").caused_by(error);
    let answer = || -> napi::Result<Answer> {
        let function = EventLoop::current(scope)?.hook(Some(facade), |hooks| &hooks.dispatch)?;
        let (run, input) = (scope.number(f64::from(run))?, scope.string(&call.input.to_string())?);
        let value = if let Some(to) = call.edge {
            let (from, to) = (visit.id_of(call.node), visit.id_of(to));
            let (place, name) = (edge_place(visit.place(), from, to), format!("{}{from}", visit.path()));
            scope.call(function, &[run, scope.string(&place)?, input, scope.string(&name)?])?
        } else if visit.path().is_empty() {
            let index = u32::try_from(call.node.get()).unwrap_or(u32::MAX);
            scope.call(function, &[run, scope.number(f64::from(index))?, input])?
        } else {
            let id = visit.id_of(call.node);
            let named = |prefix: &str| match prefix.strip_suffix("/until/") {
                Some(of_loop) if id == "until" => format!("{of_loop}/until"), // the function that ends a loop
                _ => format!("{prefix}{id}"),
            };
            let [place, name] = [visit.place(), visit.path()].map(named);
            scope.call(function, &[run, scope.string(&place)?, input, scope.string(&name)?])?
        };
        match scope.is_number(value)? {
            true => scope.whole(value).map(Answer::Promised),
            false => scope.text(value).map(Answer::Settled),
        }
    };
    let before = CALLED.replace(Some(visit.context(call)));
    let answer = answer();
    CALLED.set(before);
    let _ = scope.take_exception(); // one that stayed pending would fail every call after it
    answer.map_err(ours)
}

/// Where the facade keeps the function of an edge; `prefix` is that of the graph, with a slash at its end.
pub(crate) fn edge_place(prefix: &str, from: &str, to: &str) -> String {
    format!("{prefix}{from}->{to}")
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

/// The outcome of a function that had returned a promise; dropped when nobody waits for it any more.
#[napi(catch_unwind)]
pub fn settle_function(run: u32, call: u32, answer: String) {
    let promised = PROMISED.with_borrow_mut(|runs| runs.get_mut(&run)?.remove(&call));
    if let Some(promised) = promised {
        let memory = promised.memory();
        let _scope = memory.enter();
        promised.settle(read(&answer));
    }
}

/// The run has ended: what its functions still promise is nobody's.
#[napi(catch_unwind)]
pub fn forget_functions(run: u32) {
    drop(PROMISED.with_borrow_mut(|runs| runs.remove(&run)));
}

/// The variables that a function sees, as JSON: of the one being called, or of a call that has returned a promise. `null` when it
/// has ended.
#[napi(catch_unwind)]
pub fn function_state(run: u32, call: Option<u32>) -> Option<String> {
    let context = match call {
        None => CALLED.with_borrow(Clone::clone),
        Some(call) => {
            PROMISED.with_borrow(|runs| runs.get(&run)?.get(&call).map(|promised| promised.context()))
        }
    };
    context.map(|context| context.state().to_string())
}
