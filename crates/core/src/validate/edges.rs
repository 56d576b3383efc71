//! What each edge shows by itself: ends that exist and differ, no second edge beside it. And nodes without any.

use std::collections::HashMap;

use petgraph::Direction::{Incoming, Outgoing};

use super::suggest::Suggest;
use super::{at_edge, at_node};
use crate::{Diagnostic, DiagnosticCode, Graph};

pub(super) fn check(graph: &Graph, suggest: &mut Suggest<'_>, findings: &mut Vec<Diagnostic>) {
    check_ends(graph, suggest, findings);
    let mut seen: HashMap<_, usize> = HashMap::with_capacity(graph.nodes.edge_count());
    for edge in graph.nodes.raw_edges() {
        let count = seen.entry((edge.source(), edge.target())).or_default();
        *count += 1;
        let (from, to) = (graph.id(edge.source()), graph.id(edge.target()));
        if edge.source() == edge.target() && *count == 1 {
            findings.push(Diagnostic::error(
                DiagnosticCode::SelfEdge,
                at_edge(from, to),
                "the node would wait for itself",
                "remove the edge",
            ));
        } else if *count == 2 {
            findings.push(Diagnostic::warning(
                DiagnosticCode::DuplicateEdge,
                at_edge(from, to),
                "the same two nodes are connected more than once",
                "connect them once; the further edges change nothing",
            ));
        }
    }
    check_isolated(graph, findings);
}

fn check_ends(graph: &Graph, suggest: &mut Suggest<'_>, findings: &mut Vec<Diagnostic>) {
    for (from, to) in graph.dangling.values().flatten() {
        let ends = [from, to];
        for end in ends.iter().take(if from == to { 1 } else { 2 }).filter(|end| !graph.contains(end)) {
            findings.push(Diagnostic::error(
                DiagnosticCode::UnknownNode,
                at_edge(from, to),
                format!("there is no node \"{end}\""),
                suggest.node(end).map_or_else(
                    || "add the node, or connect another one".to_owned(),
                    |near| format!("did you mean \"{near}\"? Otherwise add the node"),
                ),
            ));
        }
    }
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
