//! What is wrong with a graph, all of it at once, in time linear in nodes and edges (the one exception, variables that
//! reach far back, says so where it stands). Running a graph, and the values in it, are no concern here.

mod bodies;
mod choices;
mod edges;
mod nodes;
mod order;
mod schemas;
mod settings;
mod state;
mod suggest;
mod templates;
#[cfg(test)]
mod tests;
mod variables;

use crate::{Diagnostic, DiagnosticCode, Graph, JsonTemplate, Schema, Template};

/// The findings, and what was parsed and compiled on the way.
pub(crate) struct Checked {
    pub(crate) findings: Vec<Diagnostic>,
    pub(crate) parts: GraphParts,
}

/// What a plan takes over from the check of its graph.
pub(crate) struct GraphParts {
    /// One entry for each node, in their order.
    pub(crate) nodes: Vec<Parts>,
    pub(crate) input: Option<Schema>,
    pub(crate) output: Option<Schema>,
}

/// The same of one node; nothing where it has nothing or where it is faulty.
#[derive(Default)]
pub(crate) struct Parts {
    /// The prompt, the question or the items.
    pub(crate) template: Option<Template>,
    pub(crate) system_template: Option<Template>,
    pub(crate) arguments: Option<JsonTemplate>,
    pub(crate) fallback: Option<JsonTemplate>,
    pub(crate) cache: Option<Template>,
    pub(crate) schema: Option<Schema>,
    pub(crate) body: Option<Box<GraphParts>>,
}

/// Checks a graph and the graphs inside it.
pub(crate) fn check(graph: &Graph) -> Checked {
    check_inside(graph, 0)
}

/// Checks nodes, then edges, then what follows from both. `depth` counts the graphs around this one.
fn check_inside(graph: &Graph, depth: usize) -> Checked {
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
    let input = schemas::check(graph.input(), "", "input", &mut findings);
    let output = schemas::check(graph.output(), "", "output", &mut findings);
    state::check(graph, &mut findings);
    let nodes = nodes::check(graph, depth, &mut findings);
    edges::check(graph, &mut suggest, &mut findings);
    choices::check(graph, &mut findings);
    let order = order::check(graph, &mut findings);
    variables::check(graph, &nodes, &order, &mut suggest, &mut findings);
    Checked { findings, parts: GraphParts { nodes, input, output } }
}

/// Where a finding about a node stands.
fn at_node(id: &str) -> String {
    format!("node {id}")
}

/// Where a finding about an edge stands.
fn at_edge(from: &str, to: &str) -> String {
    format!("edge {from} → {to}")
}
