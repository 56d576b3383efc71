//! Whether something upstream provides what templates name.

use std::collections::HashMap;

use petgraph::Direction::Incoming;
use petgraph::graph::NodeIndex;

use super::order::Order;
use super::suggest::Suggest;
use super::{Parts, at_node};
use crate::graph::{INPUT, STATE};
use crate::{Diagnostic, DiagnosticCode, Graph, Template, Variable, nearest};

/// A variable that names a node which is no direct predecessor, so that the way back has to be searched.
struct Far<'a> {
    target: NodeIndex,
    place: Place<'a>,
}

/// Where a variable stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    node: NodeIndex,
    field: &'static str,
    template: &'a Template,
    variable: Variable<'a>,
}

impl Place<'_> {
    fn location(self, graph: &Graph) -> String {
        let line = self.template.line(self.variable.offset());
        format!("{}, {}, line {line}", at_node(graph.id(self.node)), self.field)
    }
}

pub(super) fn check<'a>(
    graph: &Graph,
    nodes: &'a [Parts],
    order: &Order,
    suggest: &mut Suggest<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    // For each node the last one whose direct predecessor it was seen to be.
    let mut before: HashMap<NodeIndex, NodeIndex> = HashMap::new();
    let mut far: Vec<Far<'a>> = Vec::new();
    for ((node, parts), data) in graph.nodes.node_indices().zip(nodes).zip(graph.nodes()) {
        if !parts.templates(&data.kind).any(|(_, template)| template.has_variables()) {
            continue;
        }
        before.extend(graph.nodes.neighbors_directed(node, Incoming).map(|predecessor| (predecessor, node)));
        for (field, template) in parts.templates(&data.kind) {
            for variable in template.variables() {
                let place = Place { node, field, template, variable };
                let root = variable.root();
                match graph.ids.get(root) {
                    _ if root == INPUT => {}
                    _ if root == STATE && !graph.state.is_empty() => findings.extend(unset(graph, place)),
                    None => findings.push(unknown(graph, place, suggest)),
                    Some(&target) if target == node => findings.push(own(graph, place)),
                    Some(target) if before.get(target) == Some(&node) => {}
                    Some(&target) => far.push(Far { target, place }),
                }
            }
        }
    }
    findings.extend(missing(graph, order, &far));
}

/// How many targets are searched in one pass: one for each bit of a word.
const AT_ONCE: usize = u64::BITS as usize;

/// The variables whose node is not upstream.
///
/// For 64 named nodes at a time, one pass in topological order carries a word of bits along the edges: memory is
/// linear, time is nodes and edges once for every 64 nodes that are named from afar.
fn missing(graph: &Graph, order: &Order, far: &[Far<'_>]) -> Vec<Diagnostic> {
    let mut targets: Vec<NodeIndex> = far.iter().map(|far| far.target).collect();
    targets.sort_unstable();
    targets.dedup();
    let mut by_target: Vec<usize> = (0..far.len()).collect();
    by_target.sort_unstable_by_key(|&number| far.get(number).map(|far| far.target));
    let mut by_target = by_target.into_iter().peekable();
    let mut provided = vec![false; far.len()];
    let mut upstream = vec![0_u64; graph.len()];
    let mut own = vec![0_u64; graph.len()];
    for batch in targets.chunks(AT_ONCE) {
        upstream.fill(0);
        own.fill(0);
        for (bit, target) in batch.iter().enumerate() {
            if let Some(word) = own.get_mut(target.index()) {
                *word = 1 << bit;
            }
        }
        spread(graph, order, &own, &mut upstream);
        let in_batch = |number: &usize| far.get(*number).map(|far| far.target) <= batch.last().copied();
        while let Some(number) = by_target.next_if(in_batch) {
            if let (Some(far), Some(provided)) = (far.get(number), provided.get_mut(number)) {
                *provided = word(&upstream, far.place.node) & word(&own, far.target) != 0;
            }
        }
    }
    (far.iter().zip(provided))
        .filter(|(_, provided)| !provided)
        .map(|(far, _)| not_upstream(graph, far))
        .collect()
}

/// Gives each node the bits of all that lead to it.
fn spread(graph: &Graph, order: &Order, own: &[u64], upstream: &mut [u64]) {
    for group in order {
        let bits = (group.iter())
            .flat_map(|&node| graph.nodes.neighbors_directed(node, Incoming))
            .fold(0, |bits, before| bits | word(upstream, before) | word(own, before));
        for node in group {
            if let Some(word) = upstream.get_mut(node.index()) {
                *word = bits;
            }
        }
    }
}

fn word(words: &[u64], node: NodeIndex) -> u64 {
    words.get(node.index()).copied().unwrap_or_default()
}

fn unknown(graph: &Graph, place: Place<'_>, suggest: &mut Suggest<'_>) -> Diagnostic {
    let (name, root) = (place.variable.name(), place.variable.root());
    Diagnostic::error(
        DiagnosticCode::UnknownVariable,
        place.location(graph),
        format!("nothing provides {{{{{name}}}}}: \"{root}\" is neither a node nor input"),
        suggest.variable(root).map_or_else(
            || format!("add a node \"{root}\" upstream, or take the value from {{{{input.{name}}}}}"),
            |near| format!("did you mean {{{{{near}{}}}}}?", name.strip_prefix(root).unwrap_or_default()),
        ),
    )
}

/// A variable of the state that the graph does not have.
fn unset(graph: &Graph, place: Place<'_>) -> Option<Diagnostic> {
    let name = place.variable.path().next()?;
    if graph.state.contains_key(name) {
        return None;
    }
    let near = nearest(name, graph.state.keys().map(|known| &**known));
    Some(Diagnostic::error(
        DiagnosticCode::UnknownVariable,
        place.location(graph),
        format!("nothing provides {{{{{}}}}}: the state has no \"{name}\"", place.variable.name()),
        near.map_or_else(
            || format!("declare \"{name}\" in the graph's state"),
            |near| format!("did you mean {{{{state.{near}}}}}?"),
        ),
    ))
}

fn own(graph: &Graph, place: Place<'_>) -> Diagnostic {
    Diagnostic::error(
        DiagnosticCode::NotUpstream,
        place.location(graph),
        format!("{{{{{}}}}} is the node's own output, which does not exist yet", place.variable.name()),
        "name a node that runs before this one, or the input",
    )
}

fn not_upstream(graph: &Graph, far: &Far<'_>) -> Diagnostic {
    let (target, node) = (graph.id(far.target), graph.id(far.place.node));
    Diagnostic::error(
        DiagnosticCode::NotUpstream,
        far.place.location(graph),
        format!(
            "{{{{{}}}}} has no value here: \"{target}\" need not run before \"{node}\"",
            far.place.variable.name()
        ),
        format!("connect \"{target}\" to \"{node}\", directly or through other nodes"),
    )
}
