//! What a run has to do with the host that calls its functions: calls, their outcomes, and visits.

use std::sync::Arc;
use std::time::Duration;

use graphbit_core::{Error, NodeIndex, Result};
use serde_json::Value;

use super::RunState;
use super::progress::{Done, Progress, Task};
use crate::HostedCall;
use crate::handler::pause;

/// How many visits in a row a host may refuse, and the pause after the first; it doubles. Together half a second: enough for a
/// host that is busy for a moment, not for one that is gone.
pub(super) const REFUSALS: u32 = 9;
const PAUSE: Duration = Duration::from_millis(1);

/// What there is for a call.
enum Prepared {
    Call(Arc<Value>),
    Kept(Arc<Value>),
}

impl RunState {
    /// Whether the node is called on the host's thread.
    pub(crate) fn is_hosted(&self, node: NodeIndex) -> bool {
        self.hosted && self.workflow.needs_host(node)
    }

    /// The next call for the host. What else may start meanwhile, the driver hears of at once.
    pub(crate) fn next_hosted(&self) -> Option<HostedCall> {
        if self.is_cancelled() {
            return None;
        }
        loop {
            let (node, edge) = {
                let mut progress = self.progress();
                progress.advance(self);
                let call = progress.call(self);
                if !progress.tasks.is_empty() {
                    self.wake();
                }
                call?
            };
            let prepared = match edge {
                None => self.prepare_hosted(node),
                Some(_) => Ok(Prepared::Call(self.output_of(node))),
            };
            match prepared {
                Ok(Prepared::Call(input)) => {
                    return Some(HostedCall { node, edge, place: Arc::clone(&self.place), input });
                }
                Ok(Prepared::Kept(output)) => self.end_hosted(node, Ok(output.into())),
                Err(error) => self.settle_hosted(node, None, Err(error)),
            }
        }
    }

    /// The input of a call, or the output that is kept from another run.
    fn prepare_hosted(&self, node: NodeIndex) -> Result<Prepared> {
        if let Some(key) = self.cache_key(node)? {
            if let Some(output) = self.root.cache.get(&key) {
                return Ok(Prepared::Kept(output));
            }
            self.progress().keys.insert(node, key);
        }
        self.call_input(node).map(Prepared::Call)
    }

    /// Keeps the outcome of a hosted call, or has the node called again when its policy says so. `edge`: of the function of the
    /// edge to that node.
    pub(crate) fn settle_hosted(&self, node: NodeIndex, edge: Option<NodeIndex>, outcome: Result<Value>) {
        if let Some(to) = edge {
            return self.after_hosted(node, |progress| progress.decide(self, node, to, outcome));
        }
        let policy = self.node(node).ok().and_then(|node| node.node.retry.as_ref());
        let mut progress = self.progress();
        if let (Err(error), Some(policy)) = (&outcome, policy)
            && progress.is_at_work(node)
            && let Some(pause) = pause(policy, progress.attempts(node), error)
        {
            progress.pay(node);
            self.tell_retry(node, progress.attempts(node), error);
            progress.tasks.push(Task::Again(node, pause));
            drop(progress);
            return self.wake(); // the visit may go on for a while
        }
        let key = progress.keys.remove(&node).filter(|_| progress.is_at_work(node));
        drop(progress);
        let outcome = outcome.and_then(|value| self.checked(node, value)).map(Done::from);
        if let (Some(key), Ok(done)) = (key, &outcome) {
            self.root.cache.keep(&key, &done.output);
        }
        self.end_hosted(node, outcome);
    }

    fn end_hosted(&self, node: NodeIndex, outcome: Result<Done>) {
        let outcome = self.affordable(outcome);
        self.after_hosted(node, |progress| {
            progress.settle(self, node, outcome, None);
        });
    }

    /// What follows from a call that has ended.
    fn after_hosted(&self, node: NodeIndex, keep: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress();
        progress.pay(node);
        keep(&mut progress);
        progress.advance(self);
        let news = !progress.tasks.is_empty() || progress.is_finished();
        drop(progress);
        if news {
            self.wake();
        }
    }

    /// The outcome of a call comes after the visit. Gives the number of the promise.
    pub(crate) fn promised(&self, node: NodeIndex) -> u64 {
        self.progress().pay(node);
        self.root.promise(self.name_of(node))
    }

    /// Gives a node to the host once more.
    pub(crate) fn queue(&self, node: NodeIndex) {
        self.progress().calls.push_back(node);
    }

    /// A visit is over. One that was not used is followed by a pause.
    pub(crate) fn end_visit(&self, used: bool) {
        let unpaid = {
            let mut progress = self.progress();
            if used {
                progress.refusals = 0;
                progress.visiting = false;
            } else {
                let pause = PAUSE * (1 << progress.refusals.min(REFUSALS));
                progress.refusals += 1;
                progress.tasks.push(Task::Visit(pause));
            }
            progress.unpaid()
        };
        for (node, edge) in unpaid {
            let error = Error::internal("a function was taken and neither called nor promised");
            self.settle_hosted(node, edge, Err(error));
        }
        self.wake();
    }

    /// The host may be visited again.
    pub(crate) fn allow_visit(&self) {
        self.progress().visiting = false;
    }
}
