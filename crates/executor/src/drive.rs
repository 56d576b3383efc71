//! The async loop: machine ↔ handlers. Dropping it drops every future of the run, and with them their sockets.

#[cfg(test)]
mod tests;

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use graphbit_core::{Error, ErrorCode, Result};
use graphbit_memory::{Account, Pressure};
use tokio::task::coop::consume_budget;
use tokio::time::{Instant, sleep, sleep_until};

use crate::Visit;
use crate::event::RunEvent;
use crate::handler::{Context, Step, work};
use crate::memory::Admitted;
use crate::result::RunResult;
use crate::state::{RunState, cancelled};

/// Drives a run to its end. A failed node or a run out of time is a result; a cancelled run is an error.
pub(crate) async fn drive(context: Context, limit: Option<Duration>) -> Result<RunResult> {
    let run = Arc::clone(&context.run);
    let _closing = Closing(Arc::clone(&run)); // after the tasks, also when this future is dropped or panics
    let context = Arc::new(context);
    let mut out_of_time = after(limit);
    let (mut admitted, mut admission) = (None, None);
    if let Some(gate) = &context.gate {
        let budget = run.root.memory.budget();
        admitted = gate.try_admit(budget);
        if admitted.is_none() {
            if budget.check() != Pressure::Fine {
                run.root.feed.send(|| RunEvent::RunWaiting { run: Arc::clone(run.root.memory.shared_id()) });
            }
            admission = Some(gate.admit(budget).boxed());
        }
    }
    let mut tasks = FuturesUnordered::new();
    let stopped = loop {
        let drained = run.root.draining();
        if run.is_cancelled() {
            let stopped = run.stop(true, None);
            drop(tasks); // before anybody is told: nothing of the run holds a socket by then
            run.close();
            drop(run.take()); // nobody can ask for what it produced
            run.end(stopped);
            return Err(cancelled(&run));
        }
        if let Some(waiting) = admission.as_mut().filter(|_| drained.is_none()) {
            tokio::select! {
                biased;
                () = run.woken() => {}
                begun = waiting => (admission, admitted) = (None, Some(begun)),
                () = &mut out_of_time => break run.stop(false, Some(late(&run, limit))),
            }
            continue;
        }
        // Boxed, for the set keeps an empty place of a future's size even when nothing is under way.
        let next = run.next(|task| tasks.push(Account::measure(work(Arc::clone(&context), task))));
        if drained.is_some() && next.idle && (!next.finished || next.cut_off) {
            run.cut_off();
            continue;
        }
        if next.finished {
            break run.stop(false, None);
        }
        if next.refused {
            break run.stop(false, Some(refused(&run)));
        }
        if let Some(host) = context.host.as_ref().filter(|_| next.visit) {
            host.visit(Visit::new(Arc::clone(&run)));
        }
        tokio::select! {
            biased;
            () = run.woken() => {}
            () = until(drained) => run.cancel("drained: what was under way took too long".to_owned()),
            () = &mut out_of_time => break run.stop(false, Some(late(&run, limit))),
            Some((step, moved)) = tasks.next(), if !tasks.is_empty() => match step {
                Step::Ended(node, outcome) => {
                    admitted.iter_mut().for_each(Admitted::under_way);
                    let counts = run.settle(node, outcome, moved);
                    // A function of the host's that ends here has run out of time.
                    if let Some(host) = context.host.as_ref().filter(|_| counts && run.is_hosted(node)) {
                        host.give_up(&run.name_of(node));
                    }
                }
                Step::Decided(from, to, answer) => run.decide(from, to, answer),
                Step::Again(node) => run.queue(node),
                Step::Visit => run.allow_visit(),
            },
        }
        consume_budget().await; // a run whose nodes are always ready lets others have the thread
    };
    drop(tasks);
    run.close();
    if let Some(admitted) = &admitted {
        admitted.took(&run.root.memory);
    }
    let result = RunResult::new(&run);
    run.end(stopped);
    Ok(result)
}

/// Sees to it that every node that has started is told to have ended.
struct Closing(Arc<RunState>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Waits so long; without a limit, for ever. Boxed: only those that have a limit hold a clock.
pub(crate) fn after(limit: Option<Duration>) -> BoxFuture<'static, ()> {
    limit.map_or_else(|| pending().boxed(), |limit| sleep(limit).boxed())
}

/// Waits for a moment; for none, for ever.
fn until(deadline: Option<Instant>) -> BoxFuture<'static, ()> {
    deadline.map_or_else(|| pending().boxed(), |deadline| sleep_until(deadline).boxed())
}

fn late(run: &RunState, limit: Option<Duration>) -> Error {
    let message =
        format!("the run took longer than its timeout of {} ms", limit.unwrap_or_default().as_millis());
    Error::new(ErrorCode::Timeout, message).clock("run").run(run.root.id())
}

fn refused(run: &RunState) -> Error {
    Error::internal("the thread that calls the functions refused to; has its program ended?")
        .run(run.root.id())
}
