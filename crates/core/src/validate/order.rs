//! Whether the nodes can be put in an order: cycles with their path, and what waits behind them.

use std::collections::VecDeque;

use petgraph::Direction::Incoming;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::NodeIndex;

use super::at_node;
use crate::{Diagnostic, DiagnosticCode, Graph};

/// The nodes in groups, every group behind all that lead to it; the nodes of one group wait for each other.
pub(super) type Order = Vec<Vec<NodeIndex>>;

/// Kosaraju's algorithm, which unlike Tarjan's runs without recursion here: a chain of any length is fine.
pub(super) fn check(graph: &Graph, findings: &mut Vec<Diagnostic>) -> Order {
    let mut groups = kosaraju_scc(&graph.nodes);
    groups.reverse();
    for group in &mut groups {
        group.sort_unstable();
    }
    let mut cycles: Vec<&Vec<NodeIndex>> = groups.iter().filter(|group| group.len() > 1).collect();
    cycles.sort_unstable();
    findings.extend(cycles.into_iter().filter_map(|group| cycle(graph, group)));
    blocked(graph, &groups, findings);
    groups
}

/// A shortest cycle through the node of the group that was added first.
fn cycle(graph: &Graph, group: &[NodeIndex]) -> Option<Diagnostic> {
    let start = *group.first()?;
    let mut came_from: Vec<Option<NodeIndex>> = vec![None; group.len()];
    let place = |node: NodeIndex| group.binary_search(&node).ok();
    let mut queue = VecDeque::from([start]);
    let mut path = vec![graph.id(start)];
    'search: while let Some(node) = queue.pop_front() {
        // An edge to oneself has a finding of its own.
        for next in graph.nodes.neighbors(node).filter(|next| *next != node) {
            if next == start {
                let mut back = node;
                while back != start {
                    path.push(graph.id(back));
                    back = place(back).and_then(|place| came_from.get(place).copied().flatten())?;
                }
                break 'search;
            }
            if let Some(origin) = place(next).and_then(|place| came_from.get_mut(place))
                && origin.is_none()
            {
                *origin = Some(node);
                queue.push_back(next);
            }
        }
    }
    path.push(graph.id(start));
    path.reverse();
    let more = match (group.len() + 1).saturating_sub(path.len()) {
        0 => String::new(),
        more => format!("; {more} more are on cycles with these"),
    };
    Some(Diagnostic::error(
        DiagnosticCode::Cycle,
        at_node(graph.id(start)),
        format!("these nodes wait for each other: {}{more}", path.join(" → ")),
        "remove one of these edges",
    ))
}

/// Nodes that are on no cycle, but wait for one.
fn blocked(graph: &Graph, order: &Order, findings: &mut Vec<Diagnostic>) {
    let mut stuck = vec![false; graph.len()];
    let mut found = Vec::new();
    for group in order {
        for &node in group {
            let on_cycle = group.len() > 1 || graph.nodes.neighbors(node).any(|next| next == node);
            let cause = (graph.nodes.neighbors_directed(node, Incoming))
                .filter(|before| stuck.get(before.index()) == Some(&true))
                .min();
            if let Some(stuck) = stuck.get_mut(node.index()) {
                *stuck = on_cycle || cause.is_some();
            }
            if let (false, Some(cause)) = (on_cycle, cause) {
                found.push((node, cause));
            }
        }
    }
    found.sort_unstable();
    findings.extend(found.into_iter().map(|(node, cause)| {
        Diagnostic::error(
            DiagnosticCode::Unreachable,
            at_node(graph.id(node)),
            format!(
                "the node never starts: it waits for \"{}\", which is on a cycle or behind one",
                graph.id(cause)
            ),
            "remove the cycle",
        )
    }));
}
