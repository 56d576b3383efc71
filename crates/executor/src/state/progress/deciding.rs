//! Edges that functions decide. A node that has succeeded stays running until all of them have answered, one after the other in the
//! order of the edges: only then does anything behind it start, so that an edge for what is left knows what the others said.

use graphbit_core::{Error, ErrorCode, NodeIndex, Result};
use serde_json::Value;

use super::{Progress, Task, named};
use crate::machine::{Outcome, edges_taken_by};
use crate::state::RunState;

/// How far the edges behind one node are.
#[derive(Debug)]
pub(super) struct Deciding {
    /// The edges that functions decide, in order: their place among all behind the node, and where they lead.
    edges: Box<[(usize, NodeIndex)]>,
    /// What the first of them said.
    answers: Vec<bool>,
}

impl Deciding {
    /// The edge whose function is being asked, by the node that it leads to.
    fn next(&self) -> Option<NodeIndex> {
        self.edges.get(self.answers.len()).map(|(_, to)| *to)
    }

    /// Whether the function of the edge at a place said yes.
    fn says(&self, place: usize) -> bool {
        let number = self.edges.binary_search_by_key(&place, |(at, _)| *at).ok();
        number.and_then(|number| self.answers.get(number)).copied().unwrap_or_default()
    }
}

impl Progress {
    /// The edge behind a node whose function is being asked, by the node that it leads to.
    pub(super) fn asked(&self, node: NodeIndex) -> Option<NodeIndex> {
        self.deciding.get(&node)?.next()
    }

    /// Begins to ask the functions of the edges behind a node, if there are some.
    pub(super) fn ask(&mut self, run: &RunState, node: NodeIndex) -> bool {
        let edges = run.workflow.plan().edges(node).enumerate();
        let edges: Box<[_]> =
            edges.filter(|(_, edge)| edge.calls_function()).map(|(place, edge)| (place, edge.to)).collect();
        if edges.is_empty() {
            return false;
        }
        self.deciding.insert(node, Deciding { edges, answers: Vec::new() });
        self.ask_next(run, node);
        true
    }

    /// Has the next function called: by us, where one is bound, else by the host.
    fn ask_next(&mut self, run: &RunState, node: NodeIndex) {
        let Some(to) = self.asked(node) else { return };
        match run.workflow.edge_of(node, to) {
            Some(_) => self.tasks.push(Task::Decide(node, to)),
            None => self.calls.push_back(node),
        }
    }

    /// Keeps the answer of an edge's function. One that is not waited for any more is dropped.
    pub(in crate::state) fn decide(
        &mut self,
        run: &RunState,
        node: NodeIndex,
        to: NodeIndex,
        answer: Result<Value>,
    ) {
        if !self.is_running(node) || self.asked(node) != Some(to) {
            return;
        }
        let Some(mut deciding) = self.deciding.remove(&node) else { return };
        match answer.and_then(|value| verdict(&value)) {
            Ok(yes) => deciding.answers.push(yes),
            Err(error) => return self.undecided(run, node, to, error),
        }
        if deciding.next().is_some() {
            self.deciding.insert(node, deciding);
            return self.ask_next(run, node);
        }
        let plan = run.workflow.plan();
        let taken = edges_taken_by(plan, node, &self.output(node), |place| deciding.says(place));
        let edges = plan.edges(node).enumerate().filter(|(place, _)| taken.contains(*place));
        let mut live: Box<[_]> = edges.map(|(_, edge)| edge.to).collect();
        live.sort_unstable();
        self.decided.insert(node, live);
        self.finish(run, node, Outcome::Succeeded, &taken);
    }

    /// Nobody knows where to go on: the node has failed, though its output stays with it. Its policy is for its own work.
    fn undecided(&mut self, run: &RunState, node: NodeIndex, to: NodeIndex, error: Error) {
        let to = run.workflow.plan().id(to).unwrap_or_default();
        let message = format!("the function of the edge to {to:?}: {}", error.message());
        if let Some(record) = self.records.get_mut(node.get()) {
            record.error = Some(named(run, node, error.with_message(message)));
        }
        self.finish(run, node, Outcome::Failed, &crate::machine::Taken::default());
    }
}

fn verdict(answer: &Value) -> Result<bool> {
    answer.as_bool().ok_or_else(|| {
        let what = match answer {
            Value::Null => "null",
            Value::Number(_) => "a number",
            Value::String(_) => "a text (by a name a condition node chooses)",
            Value::Array(_) => "a list",
            _ => "an object",
        };
        Error::new(ErrorCode::Tool, format!("it must give true or false, not {what}"))
    })
}
