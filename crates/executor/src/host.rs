//! Functions that must be called on a thread of their own, like JavaScript's. Consecutive ones run in one visit: the scheduler
//! is stepped on that thread instead of hopping there and back for each node.

use std::sync::Arc;

use graphbit_core::{Error, ErrorCode, NodeIndex, Result};
use serde_json::Value;

use crate::state::RunState;
use crate::{CallContext, RunMemory};

/// The owner of such a thread.
pub trait Host: Send + Sync {
    /// Takes a visit to the thread. It must not block; on the thread, call the visit's functions until there are no more, or
    /// until the thread is wanted elsewhere: the run then asks for another visit.
    ///
    /// A visit that is dropped without having been asked for a call was refused. The run asks again, a little later each time, and
    /// fails when it was refused several times in a row.
    fn visit(&self, visit: Visit);

    /// Nobody waits any more for a function that was called, though the run goes on: that of the node with this id among all
    /// of the run's, or, where `name` ends with a slash, all those of a body. Called from any thread; must not block.
    fn give_up(&self, _name: &str) {}
}

/// Permission to step one run on the host's thread. When it is dropped, the run goes on elsewhere; a call that was taken and
/// neither settled nor promised by then has failed.
pub struct Visit {
    state: Arc<RunState>,
    asked: bool,
}

/// A function to call.
#[derive(Debug)]
#[non_exhaustive]
pub struct HostedCall {
    /// Which node of its graph.
    pub node: NodeIndex,
    /// Of the function that decides an edge behind the node: the node that the edge leads to. `None` for the node's own.
    pub edge: Option<NodeIndex>,
    /// Which graph, as the names of functions begin: nothing for the run's own, `each/` for the body of the node `each`. The
    /// function that ends the loop `again` is the only node of the graph `again/until/`.
    pub place: Arc<str>,
    /// Its input, shared with whoever else has it; of an edge the output of its node.
    pub input: Arc<Value>,
}

impl Visit {
    pub(crate) fn new(state: Arc<RunState>) -> Self {
        Self { state, asked: false }
    }

    /// The next function to call, or `None` when the run needs something else first, or nothing more.
    pub fn next_call(&mut self) -> Option<HostedCall> {
        self.asked = true;
        self.state.next_hosted()
    }

    /// The outcome of a call. Only the first one counts.
    pub fn settle(&self, call: &HostedCall, outcome: Result<Value>) {
        self.state.settle_hosted(call.node, call.edge, outcome);
    }

    /// The right to give the outcome after the visit, for a function that has only promised it.
    pub fn promise(&self, call: &HostedCall) -> Promised {
        let number = self.state.promised(call.node);
        Promised { state: Arc::clone(&self.state), node: call.node, edge: call.edge, number, kept: false }
    }

    /// What the function of a call may be told besides its input.
    pub fn context(&self, call: &HostedCall) -> CallContext {
        CallContext { run: Arc::clone(&self.state), node: call.node }
    }

    /// Whether the run was cancelled or is out of time: what is called now is called for nothing.
    pub fn is_cancelled(&self) -> bool {
        self.state.is_over()
    }

    /// The run's memory: what the host allocates for it is charged there, once it is entered.
    pub fn memory(&self) -> RunMemory {
        self.state.root.memory.clone()
    }

    /// The run, by id.
    pub fn run_id(&self) -> &str {
        self.state.root.id()
    }

    /// Where the nodes of its calls are found among all of the run's, with a slash at the end: nothing for the run itself,
    /// `node/` for a body, `node/3/` for the body of an item.
    pub fn path(&self) -> &str {
        &self.state.path
    }

    /// The same within the graph: without numbers.
    pub fn place(&self) -> &str {
        &self.state.place
    }

    /// The id of a node of the visit.
    pub fn id_of(&self, node: NodeIndex) -> &str {
        self.state.workflow.plan().id(node).unwrap_or_default()
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.state.end_visit(self.asked);
    }
}

/// A call whose outcome is still to come. Dropping it without one fails its node.
pub struct Promised {
    state: Arc<RunState>,
    node: NodeIndex,
    edge: Option<NodeIndex>,
    /// Of the promise, among those of the run.
    number: u64,
    kept: bool,
}

impl Promised {
    /// The outcome. It is dropped when the run has ended meanwhile.
    pub fn settle(mut self, outcome: Result<Value>) {
        self.kept = true;
        self.give(outcome);
    }

    /// The run's memory, as [`Visit::memory`].
    pub fn memory(&self) -> RunMemory {
        self.state.root.memory.clone()
    }

    /// Whether the run was cancelled or has ended: nobody waits for the outcome any more.
    pub fn is_cancelled(&self) -> bool {
        self.state.is_over()
    }

    /// What the function may be told besides its input.
    pub fn context(&self) -> CallContext {
        CallContext { run: Arc::clone(&self.state), node: self.node }
    }

    fn give(&self, outcome: Result<Value>) {
        self.state.root.kept(self.number);
        self.state.settle_hosted(self.node, self.edge, outcome);
        self.state.wake();
    }
}

impl Drop for Promised {
    fn drop(&mut self) {
        if !self.kept {
            self.give(Err(Error::new(
                ErrorCode::Tool,
                "the function's promise was given up before it had an outcome",
            )));
        }
    }
}
