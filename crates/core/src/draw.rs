//! The graph as a picture in text: Mermaid and DOT. Nodes are numbered in both, so that no id can be a keyword;
//! names and ids are labels. Edges whose end does not exist are not drawn: validation reports them.

mod dot;
mod mermaid;
#[cfg(test)]
mod tests;

use petgraph::graph::NodeIndex;

use crate::{Graph, Node};

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

    /// A DOT digraph, as Graphviz reads it.
    pub fn to_dot(&self) -> String {
        dot::draw(self)
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

/// What a node is called in the drawing.
fn number(index: NodeIndex) -> String {
    format!("n{}", index.index())
}
