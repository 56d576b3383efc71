//! What is wrong with a graph, all of it at once, in time linear in nodes and edges (the one exception, variables that
//! reach far back, says so where it stands). Running a graph, and the values in it, are no concern here.

mod edges;
mod nodes;
mod order;
mod settings;
mod suggest;
#[cfg(test)]
mod tests;
mod variables;

use crate::{Diagnostic, DiagnosticCode, Graph, Template};

/// The findings, and the templates that were parsed on the way.
pub(crate) struct Checked {
    pub(crate) findings: Vec<Diagnostic>,
    /// One entry for each node, in their order.
    pub(crate) templates: Vec<NodeTemplates>,
}

/// The templates of one node; none where it has none or where one cannot be read.
#[derive(Default)]
pub(crate) struct NodeTemplates {
    pub(crate) prompt: Option<Template>,
    pub(crate) system_prompt: Option<Template>,
}

/// Checks nodes, then edges, then what follows from both.
pub(crate) fn check(graph: &Graph) -> Checked {
    let mut findings = Vec::new();
    if graph.is_empty() {
        findings.push(Diagnostic::warning(
            DiagnosticCode::EmptyGraph,
            "",
            "the graph has no nodes",
            "add a node, or expect a run that ends at once with no output",
        ));
    }
    let mut suggest = suggest::Suggest::new(graph);
    let templates = nodes::check(graph, &mut findings);
    edges::check(graph, &mut suggest, &mut findings);
    let order = order::check(graph, &mut findings);
    variables::check(graph, &templates, &order, &mut suggest, &mut findings);
    Checked { findings, templates }
}

/// Where a finding about a node stands.
fn at_node(id: &str) -> String {
    format!("node {id}")
}

/// Where a finding about an edge stands.
fn at_edge(from: &str, to: &str) -> String {
    format!("edge {from} → {to}")
}
