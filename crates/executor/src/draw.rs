//! A run as a picture: its graph, with how far each node has come, in bodies too.

use std::collections::HashMap;
use std::fmt::Write;

use graphbit_core::{Graph, Mark, NodeKind};

use crate::{BodySnapshot, Control, Counts, NodeSnapshot, NodeState, NodeTally};

/// The classes of a drawing, and their styles.
const CLASSES: [(&str, &str); 6] = [
    ("running", "fill:#fff3cd,stroke:#b58900,color:#5c4400"),
    ("succeeded", "fill:#d9f2e0,stroke:#2e8b57,color:#14532d"),
    ("failed", "fill:#fbdcdc,stroke:#c0392b,color:#7b1c12"),
    ("skipped", "fill:#f3e8e8,stroke:#a98f8f,color:#6b5a5a,stroke-dasharray:4"),
    ("notTaken", "fill:#f4f4f4,stroke:#bbbbbb,color:#888888,stroke-dasharray:4"),
    ("cancelled", "fill:#ece6f5,stroke:#7d6aa8,color:#43356b"),
];

impl Control {
    /// The graph as a Mermaid flowchart, with how far each node has come and how long it took. The nodes of a body that runs more
    /// than once carry counts, and the node that it belongs to how many items are done, or which turn it is. The drawing is as
    /// large as the graph's, however often its bodies run.
    pub fn to_mermaid(&self, graph: &Graph) -> String {
        let marks = marks(graph, &self.nodes(), &self.bodies());
        graph.to_mermaid_with(&CLASSES, |place| marks.get(place).cloned())
    }
}

/// The marks of all nodes, by place.
fn marks(graph: &Graph, nodes: &[NodeSnapshot], bodies: &[BodySnapshot]) -> HashMap<String, Mark> {
    let mut marks: HashMap<String, Mark> =
        nodes.iter().filter_map(|node| Some((node.id.clone(), of_node(node)?))).collect();
    for body in bodies {
        for node in &body.nodes {
            if let Some(mark) = of_tally(node) {
                marks.insert(format!("{}/{}", body.place, node.id), mark);
            }
        }
    }
    for body in bodies {
        let progress = kind(graph, &body.place).and_then(|kind| progress(kind, body));
        if let (Some(progress), Some(mark)) = (progress, marks.get_mut(&body.place)) {
            mark.note = format!("{}, {progress}", mark.note);
        }
    }
    marks
}

/// The kind of the node at a place.
fn kind<'a>(graph: &'a Graph, place: &str) -> Option<&'a NodeKind> {
    if let Some(node) = graph.node(place) {
        return Some(&node.kind);
    }
    // Ids may hold slashes of their own: the first that is a node with a body leads on.
    let mut slashes = place.match_indices('/').map(|(at, _)| at);
    slashes.find_map(|at| kind(graph.node(place.get(..at)?)?.kind.body()?, place.get(at + 1..)?))
}

/// How far a node with a body is.
fn progress(kind: &NodeKind, body: &BodySnapshot) -> Option<String> {
    match kind {
        NodeKind::Map(_) => Some(format!("{} of {} done", body.ended, body.expected)),
        NodeKind::Loop(_) if body.starts > 1 => Some(format!("{} turns", body.begun)),
        NodeKind::Loop(_) => Some(format!("turn {} of at most {}", body.begun, body.expected)),
        _ => None,
    }
}

/// A node that runs once; one that waits is drawn plainly.
fn of_node(node: &NodeSnapshot) -> Option<Mark> {
    let class = class(node.state)?;
    let mut note = match (node.state, node.duration) {
        (NodeState::NotTaken, None) => "not taken".to_owned(),
        (NodeState::NotTaken, Some(_)) => "passed over".to_owned(),
        _ => class.to_owned(),
    };
    if let Some(duration) = node.duration {
        write!(note, ", {duration:.1?}").unwrap_or_default();
    }
    if node.attempts > 1 {
        write!(note, ", {} attempts", node.attempts).unwrap_or_default();
    }
    Some(Mark::new(class, note))
}

/// A node of bodies. One that is in a single body is as any other.
fn of_tally(node: &NodeTally) -> Option<Mark> {
    let states = states(&node.counts);
    if let [(state, 1)] = states[..] {
        let duration = (node.attempts > 0).then_some(node.taken + node.running);
        let attempts = u32::try_from(node.attempts).unwrap_or(u32::MAX);
        return of_node(&NodeSnapshot { id: String::new(), state, duration, attempts });
    }
    let class = states.iter().find_map(|(state, _)| class(*state))?;
    let word = |(state, count): &(NodeState, u32)| match state {
        NodeState::NotTaken => format!("{count} not taken"),
        other => format!("{count} {}", other.as_str()),
    };
    let mut note = states.iter().map(word).collect::<Vec<_>>().join(", ");
    let ended = node.counts.succeeded + node.counts.failed;
    if ended > 0 {
        write!(note, ", {:.1?} each", node.taken / ended).unwrap_or_default();
    }
    Some(Mark::new(class, note))
}

/// In how many bodies a node is in which state, the most telling first.
fn states(counts: &Counts) -> Vec<(NodeState, u32)> {
    use NodeState::{Cancelled, Failed, NotTaken, Ready, Running, Skipped, Succeeded, Waiting};
    let all = [
        (Running, counts.running),
        (Failed, counts.failed),
        (Succeeded, counts.succeeded),
        (Cancelled, counts.cancelled),
        (Skipped, counts.skipped),
        (NotTaken, counts.not_taken),
        (Waiting, counts.waiting),
        (Ready, counts.ready),
    ];
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn class(state: NodeState) -> Option<&'static str> {
    match state {
        NodeState::Waiting | NodeState::Ready => None,
        other => Some(other.as_str()),
    }
}
