//! What each edge shows by itself: ends that exist and differ, no second edge beside it. And nodes without any.

use std::collections::{HashMap, HashSet};

use petgraph::Direction::{Incoming, Outgoing};

use super::suggest::Suggest;
use super::{at_edge, at_node};
use crate::graph::when;
use crate::{Diagnostic, DiagnosticCode, Graph, Join, JoinRule, NodeKind, When};

pub(super) fn check(graph: &Graph, suggest: &mut Suggest<'_>, findings: &mut Vec<Diagnostic>) {
    check_ends(graph, suggest, findings);
    let mut seen: HashMap<_, Counted<'_>> = HashMap::with_capacity(graph.nodes.edge_count());
    for edge in graph.nodes.raw_edges() {
        let counted = seen.entry((edge.source(), edge.target())).or_default();
        let again = counted.again(when(&edge.weight));
        let (from, to) = (graph.id(edge.source()), graph.id(edge.target()));
        if edge.source() == edge.target() && counted.edges == 1 {
            findings.push(Diagnostic::error(
                DiagnosticCode::SelfEdge,
                at_edge(from, to),
                "the node would wait for itself",
                "remove the edge",
            ));
        } else if again && !std::mem::replace(&mut counted.told, true) {
            findings.push(Diagnostic::warning(
                DiagnosticCode::DuplicateEdge,
                at_edge(from, to),
                "the same two nodes are connected more than once",
                "connect them once; the further edges change nothing",
            ));
        }
    }
    check_quorums(graph, findings);
    check_isolated(graph, findings);
}

/// The edges between two nodes so far.
#[derive(Default)]
struct Counted<'a> {
    edges: usize,
    always: bool,
    conditions: Vec<&'a When>,
    told: bool,
}

impl<'a> Counted<'a> {
    /// Counts one more, and says whether there was one with its condition.
    fn again(&mut self, when: &'a When) -> bool {
        self.edges += 1;
        if when.is_always() {
            return std::mem::replace(&mut self.always, true);
        }
        let again = self.conditions.contains(&when);
        if !again {
            self.conditions.push(when);
        }
        again
    }
}

fn check_quorums(graph: &Graph, findings: &mut Vec<Diagnostic>) {
    for (index, node) in graph.nodes.node_indices().zip(graph.nodes()) {
        let NodeKind::Join(Join { rule: JoinRule::Quorum(wanted), .. }) = &node.kind else { continue };
        let edges: HashSet<_> = graph.nodes.neighbors_directed(index, Incoming).collect();
        if wanted.get() as usize > edges.len() {
            findings.push(Diagnostic::error(
                DiagnosticCode::QuorumTooLarge,
                at_node(&node.id),
                format!("the join waits for {wanted} nodes, and {} lead to it", edges.len()),
                "lower the quorum, or connect more nodes to it",
            ));
        }
    }
}

fn check_ends(graph: &Graph, suggest: &mut Suggest<'_>, findings: &mut Vec<Diagnostic>) {
    for (from, to, _) in graph.dangling.values().flatten() {
        let ends = [from, to];
        for end in ends.iter().take(if from == to { 1 } else { 2 }).filter(|end| !graph.contains(end)) {
            findings.push(Diagnostic::error(
                DiagnosticCode::UnknownNode,
                at_edge(from, to),
                format!("there is no node \"{end}\""),
                match suggest.node(end) {
                    Some(near) => format!("did you mean \"{near}\"? Otherwise add the node"),
                    None if is_terminal(end) => "leave the edge out: a run begins with the nodes to which no edge leads, and ends with those from which none does".to_owned(),
                    None => "add the node, or connect another one".to_owned(),
                },
            ));
        }
    }
}

/// Whether it stands for the beginning or the end of all, as in frameworks whose graphs have nodes for them.
fn is_terminal(id: &str) -> bool {
    matches!(id.trim_matches('_').to_ascii_lowercase().as_str(), "start" | "end")
}

fn check_isolated(graph: &Graph, findings: &mut Vec<Diagnostic>) {
    if graph.nodes.edge_count() == 0 {
        return; // independent nodes side by side are a graph too
    }
    let lonely = |index: &_| {
        [Incoming, Outgoing]
            .iter()
            .all(|&direction| graph.nodes.neighbors_directed(*index, direction).next().is_none())
    };
    for index in graph.nodes.node_indices().filter(lonely) {
        findings.push(Diagnostic::warning(
            DiagnosticCode::IsolatedNode,
            at_node(graph.id(index)),
            "the node is connected to no other",
            "connect it, if it is part of the work; it runs by itself otherwise",
        ));
    }
}
