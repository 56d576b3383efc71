//! The graphs inside nodes, checked like any other. What is found there is told with the node's id in front.

use super::{GraphParts, at_node, check_inside};
use crate::{Diagnostic, DiagnosticCode, Graph, Node};

/// How many graphs may stand one inside the other, beside the outermost.
const DEPTH: usize = 16;

/// Checks the graph inside a node; `depth` counts the graphs around the node, without its own.
pub(super) fn check(
    node: &Node,
    body: &Graph,
    depth: usize,
    findings: &mut Vec<Diagnostic>,
) -> Option<GraphParts> {
    if depth >= DEPTH {
        findings.push(Diagnostic::error(
            DiagnosticCode::TooDeep,
            at_node(&node.id),
            format!("more than {DEPTH} graphs stand one inside the other"),
            "put the steps of the innermost ones side by side",
        ));
        return None;
    }
    let checked = check_inside(body, depth + 1);
    findings.extend(checked.findings.into_iter().map(|finding| outside(&node.id, finding)));
    Some(checked.parts)
}

/// A finding as it is told outside: `node b` inside node `a` is `node a/b`.
fn outside(id: &str, mut finding: Diagnostic) -> Diagnostic {
    let place = &finding.location;
    finding.location = if let Some(inner) = place.strip_prefix("node ") {
        format!("node {id}/{inner}")
    } else if let Some((from, to)) = place.strip_prefix("edge ").and_then(|edge| edge.split_once(" → ")) {
        format!("edge {id}/{from} → {id}/{to}")
    } else if place.is_empty() {
        format!("{}, body", at_node(id))
    } else {
        format!("{}, body, {place}", at_node(id))
    };
    finding
}
