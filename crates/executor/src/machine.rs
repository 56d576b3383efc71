//! The scheduler of one run as a plain state machine: which nodes may start now, and what follows when one ends.
//! Values, clocks, randomness and everything that waits belong to its driver.

mod needs;
mod queue;
mod resolve;
mod saved;
mod slot;
mod state;
mod taken;
#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;

use graphbit_core::{Error, NodeIndex, Plan, Result};

use needs::Needs;
use queue::Link;
pub use saved::SavedMachine;
use slot::{Packed, Slot};
pub use state::{Counts, End, NodeState, Outcome, Status};
pub(crate) use taken::is_taken;
pub use taken::{Taken, edges_taken, edges_taken_by};

/// The state of one run of a [`Plan`]: four bytes for each node, none for an edge, and eight more for a join that waits
/// for a quorum of several.
///
/// A driver starts what [`next`](Machine::next) hands out, reports each end to [`settle`](Machine::settle), and is done
/// when [`status`](Machine::status) says so. Every node is handed out at most once, first come, first served; the same
/// calls in the same order give the same answers. Over a whole run the work is linear in nodes and edges.
///
/// Every edge resolves once, when its source is in its final state:
///
/// | the source | `Failed` edge | other edges |
/// |---|---|---|
/// | succeeded | not taken | live where the condition holds, else not taken |
/// | failed, with a `Failed` edge | live | not taken |
/// | failed, without one | | lost |
/// | is cancelled, or skipped | lost | lost |
/// | is not taken, or was passed over | not taken | not taken |
///
/// Edges between the same nodes are one: live if one of them is, else not taken if one of them is, else lost.
///
/// A node waits until all edges to it are resolved. One lost edge makes it [`Skipped`](NodeState::Skipped) at once; with
/// at least one live edge it becomes ready, else it is [`NotTaken`](NodeState::NotTaken). A join with a
/// [quorum](Plan::quorum) is ready as soon as so many edges are live, and ignores those that resolve later; if too few
/// can become live, it is skipped once an edge was lost, and not taken when all are resolved and none was.
///
/// Without a [`cancel`](Machine::cancel) the final states follow from the plan, the outcomes and the conditions alone,
/// whatever the order in which nodes end. What a join with a quorum finds when it starts does depend on that order, and
/// so may its outcome.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The plan's fingerprint: every plan that is passed in is held against it.
    plan: u64,
    nodes: Box<[Packed]>,
    /// The ready nodes, linked through their slots from the oldest to the newest.
    oldest: Link,
    newest: Link,
    /// The most nodes that run at once.
    parallel: u32,
    counts: Counts,
    /// How far the joins are that wait for several live edges.
    needs: Option<Box<Needs>>,
    cancelled: bool,
    /// A failure was not handled.
    failed: bool,
}

impl Machine {
    /// A run that has not begun, with its roots ready. At most `parallel` nodes run at once; `None` sets no limit.
    pub fn new(plan: &Plan, parallel: Option<NonZeroUsize>) -> Self {
        let left = |index| plan.predecessors(index).len() as u32;
        let waiting = |(index, _)| Packed::from(Slot::Waiting { left: left(index), seen: false });
        let mut machine = Self {
            plan: plan.fingerprint(),
            nodes: plan.nodes().map(waiting).collect(),
            oldest: Link::NONE,
            newest: Link::NONE,
            parallel: parallel.map_or(u32::MAX, |limit| u32::try_from(limit.get()).unwrap_or(u32::MAX)),
            counts: Counts { waiting: plan.len() as u32, ..Counts::default() },
            needs: Needs::new(plan.quorums()),
            cancelled: false,
            failed: false,
        };
        for &root in plan.roots() {
            machine.enqueue(root);
        }
        machine
    }

    /// Appends every node that may start now, within the limit, and counts it as running.
    pub fn next(&mut self, ready: &mut Vec<NodeIndex>) {
        while let Some(node) = self.next_where(|_| true) {
            ready.push(node);
        }
    }

    /// The oldest ready node that is `wanted`, if one more may run; it counts as running from here on.
    ///
    /// Time is linear in the ready nodes that are not wanted; what they are is asked again at each call.
    pub fn next_where(&mut self, mut wanted: impl FnMut(NodeIndex) -> bool) -> Option<NodeIndex> {
        if !self.has_ready() {
            return None;
        }
        let node = self.unlink_where(&mut wanted)?;
        self.set(node, Slot::Running);
        Some(node)
    }

    /// Reports how a running node ended; what depended on it becomes ready or never starts.
    ///
    /// `taken` says for the edges of a node that succeeded whether they are taken, by their place among the node's
    /// [`successors`](Plan::successors). It is asked only about edges that depend on the output; [`edges_taken`] knows
    /// the answer, or [`edges_taken_by`] where functions of the program's decide, which the driver asks before it settles.
    ///
    /// # Errors
    /// `INTERNAL` where the node is not running, or the plan is not the one this machine was made for. Nothing changes then.
    pub fn settle(
        &mut self,
        plan: &Plan,
        node: NodeIndex,
        outcome: Outcome,
        taken: impl Fn(usize) -> bool,
    ) -> Result<()> {
        if plan.fingerprint() != self.plan {
            return Err(Error::internal("a node was settled with the plan of another graph"));
        }
        let state = self.state(node);
        if state != NodeState::Running {
            let state = state.as_str();
            return Err(Error::internal(format!("a node was settled that is {state}, not running"))
                .node(plan.id(node).unwrap_or("?")));
        }
        self.set(node, outcome.into());
        self.resolve_behind(plan, node, &taken);
        Ok(())
    }

    /// Ends the run early: nothing starts any more, what has not started is cancelled, and what runs is still to be
    /// settled. Does nothing to a run that is finished.
    pub fn cancel(&mut self) {
        if self.is_finished() {
            return;
        }
        self.cancelled = true;
        (self.oldest, self.newest) = (Link::NONE, Link::NONE);
        for packed in &mut self.nodes {
            if matches!(packed.slot(), Slot::Waiting { .. } | Slot::Ready(_)) {
                *packed = Slot::Cancelled.into();
            }
        }
        self.counts.cancelled += self.counts.waiting + self.counts.ready;
        (self.counts.waiting, self.counts.ready) = (0, 0);
    }

    /// Where the run stands.
    pub fn status(&self) -> Status {
        let Counts { ready, running, cancelled, .. } = self.counts;
        if !self.is_finished() {
            return Status::Running { ready, running };
        }
        Status::Finished(match () {
            () if self.cancelled => End::Cancelled,
            () if self.failed => End::Failed,
            () if cancelled > 0 => End::Cancelled,
            () => End::Succeeded,
        })
    }

    /// Whether a node may start now: one is ready, and the limit leaves room for it.
    pub fn has_ready(&self) -> bool {
        self.counts.ready > 0 && self.counts.running < self.parallel
    }

    /// Where a node stands. A node that the plan does not have never starts: it counts as skipped.
    pub fn state(&self, node: NodeIndex) -> NodeState {
        self.slot(node).map_or(NodeState::Skipped, Slot::state)
    }

    /// How many nodes stand where.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The nodes that were handed out and not settled, in the order of the plan: what the driver of a restored
    /// machine has to start again. Looks at every node.
    pub fn running(&self) -> impl Iterator<Item = NodeIndex> {
        (0..)
            .map(NodeIndex::new)
            .zip(&self.nodes)
            .filter_map(|(node, packed)| (packed.slot() == Slot::Running).then_some(node))
    }

    fn is_finished(&self) -> bool {
        self.counts.waiting == 0 && self.counts.ready == 0 && self.counts.running == 0
    }

    fn slot(&self, node: NodeIndex) -> Option<Slot> {
        self.nodes.get(node.get()).map(|packed| packed.slot())
    }

    /// The one place where a node changes its state, so that the counts follow.
    fn set(&mut self, node: NodeIndex, slot: Slot) {
        if let Some(packed) = self.nodes.get_mut(node.get()) {
            *self.counts.of_mut(packed.slot().state()) -= 1;
            *self.counts.of_mut(slot.state()) += 1;
            *packed = slot.into();
        }
    }
}
