//! Which edges a node's output takes.

use graphbit_core::{Edge, NodeIndex, Plan, When};
use serde_json::Value;

/// Which edges behind a node that succeeded are taken, by their place among its successors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Empty where every edge is taken.
    edges: Box<[bool]>,
}

impl Taken {
    /// Whether the edge at a place is taken.
    pub fn contains(&self, place: usize) -> bool {
        self.edges.is_empty() || self.edges.get(place).copied().unwrap_or_default()
    }
}

/// Which edges behind a node are taken when it succeeds with this output. It costs nothing where no edge has a
/// condition, and is the same whenever it is asked.
///
/// ```
/// use graphbit_core::{Graph, Node, When};
/// use graphbit_executor::edges_taken;
/// use serde_json::json;
///
/// let mut graph = Graph::new("g");
/// for id in ["a", "b", "c", "d"] {
///     graph.add(Node::transform(id))?;
/// }
/// graph.connect("a", "b")?;
/// graph.connect_when("a", "c", When::equals("yes"))?;
/// graph.connect_when("a", "d", When::Otherwise)?;
/// let plan = graph.compile()?;
/// let taken = edges_taken(&plan, plan.roots()[0], &json!("no"));
/// assert_eq!([0, 1, 2].map(|place| taken.contains(place)), [true, false, true]);
/// # Ok::<(), graphbit_core::Error>(())
/// ```
///
/// Of an edge that a function decides it takes a no for the answer; [`edges_taken_by`] is told the answers.
pub fn edges_taken(plan: &Plan, node: NodeIndex, output: &Value) -> Taken {
    edges_taken_by(plan, node, output, |_| false)
}

/// The same where functions decide some of the edges: `says` gives their answers, by the edges' places.
pub fn edges_taken_by(plan: &Plan, node: NodeIndex, output: &Value, says: impl Fn(usize) -> bool) -> Taken {
    if plan.edges(node).all(|edge| edge.is_always()) {
        return Taken::default();
    }
    let decided = |place, edge: Edge<'_>| matches(edge, output) || (edge.calls_function() && says(place));
    let matched: Vec<bool> = plan.edges(node).enumerate().map(|(place, edge)| decided(place, edge)).collect();
    let rest = !matched.contains(&true);
    let taken = |(edge, matched): (Edge<'_>, bool)| matched || edge.is_always() || (rest && is_rest(edge));
    Taken { edges: plan.edges(node).zip(matched).map(taken).collect() }
}

/// The same for one edge, between two nodes that are connected, where no function decides any edge of `from`.
pub(crate) fn is_taken(plan: &Plan, from: NodeIndex, to: NodeIndex, output: &Value) -> bool {
    let edge = plan.edge(from, to);
    edge.is_always()
        || matches(edge, output)
        || (is_rest(edge) && !plan.edges(from).any(|edge| matches(edge, output)))
}

fn matches(edge: Edge<'_>, output: &Value) -> bool {
    edge.whens().any(|when| matches!(when, When::Matches(predicate) if predicate.test(output)))
}

/// Whether it is taken where none matches.
fn is_rest(edge: Edge<'_>) -> bool {
    edge.whens().any(|when| matches!(when, When::Otherwise))
}
