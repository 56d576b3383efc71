//! The graph as a picture in text: Mermaid and DOT. Nodes are numbered in both, so that no id can be a keyword;
//! names and ids are labels. Edges carry their condition, and a graph inside a node is drawn in a frame. Edges whose
//! end does not exist are not drawn: validation reports them.

mod dot;
mod mermaid;
#[cfg(test)]
mod tests;

use petgraph::graph::NodeIndex;
use serde_json::Value;

use crate::graph::Weight;
use crate::{Graph, Node, Operator, Predicate, When};

impl Graph {
    /// A Mermaid flowchart.
    ///
    /// ```
    /// # use graphbit_core::{Graph, Node};
    /// let mut graph = Graph::new("two steps");
    /// graph.add(Node::agent("Research", "…"))?;
    /// graph.add(Node::agent("Write", "…").with_id("end"))?;
    /// graph.connect("research", "end")?;
    /// assert_eq!(graph.to_mermaid(), r#"flowchart TD
    ///     n0("Research<br/>research")
    ///     n1("Write<br/>end")
    ///     n0 --> n1
    /// "#);
    /// # Ok::<(), graphbit_core::Error>(())
    /// ```
    pub fn to_mermaid(&self) -> String {
        mermaid::draw(self)
    }

    /// A Mermaid flowchart of a run: `mark` says of a node, by its id and behind that of the node that it is inside of, as in
    /// `each/summary`, in which class it is drawn and what stands below its label; `classes` gives each class its style.
    ///
    /// ```
    /// # use graphbit_core::{Graph, Mark, Node};
    /// let mut graph = Graph::new("one step");
    /// graph.add(Node::agent("Research", "…"))?;
    /// let mark = |_: &str| Some(Mark::new("running", "1.2 s"));
    /// assert_eq!(graph.to_mermaid_with(&[("running", "fill:#fff3cd")], mark), r#"flowchart TD
    ///     n0("Research<br/>research<br/>1.2 s")
    ///     classDef running fill:#fff3cd
    ///     class n0 running
    /// "#);
    /// # Ok::<(), graphbit_core::Error>(())
    /// ```
    pub fn to_mermaid_with(&self, classes: &[(&str, &str)], mark: impl Fn(&str) -> Option<Mark>) -> String {
        mermaid::draw_with(self, classes, &mark)
    }

    /// A DOT digraph, as Graphviz reads it.
    pub fn to_dot(&self) -> String {
        dot::draw(self)
    }
}

/// What a drawing says of a node besides its label.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Mark {
    /// The class that it is drawn in.
    pub class: &'static str,
    /// What stands below its label; nothing where it is empty.
    pub note: String,
}

impl Mark {
    /// A class, and a line below the label.
    pub fn new(class: &'static str, note: impl Into<String>) -> Self {
        Self { class, note: note.into() }
    }
}

/// The lines of a node's label: its name, and its id where that differs.
fn label(node: &Node, escape: impl Fn(&str) -> String, line_break: &str) -> String {
    let id = escape(&node.id);
    if node.name.is_empty() || *node.name == *node.id {
        return id;
    }
    format!("{}{line_break}{id}", escape(&node.name))
}

/// What a node is called in the drawing, behind the number of the node that it is inside of.
fn number(prefix: &str, index: NodeIndex) -> String {
    format!("{prefix}{}", index.index())
}

/// How many characters of a condition are drawn.
const CONDITION: usize = 60;

/// What stands at an edge; nothing where it has no condition.
fn arrow(weight: &Weight) -> Option<String> {
    let text = match &**weight.as_ref()? {
        When::Always => return None,
        When::Matches(Predicate::Test { path: None, operator: Operator::Equals(Value::String(name)) }) => {
            name.clone()
        }
        When::Matches(predicate) => predicate.to_string(),
        When::Function => "function".to_owned(),
        When::Otherwise => "otherwise".to_owned(),
        When::Failed => "failed".to_owned(),
    };
    match text.char_indices().nth(CONDITION) {
        Some((end, _)) => Some(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Some(text),
    }
}
