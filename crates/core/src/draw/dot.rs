//! DOT, the language of Graphviz (<https://graphviz.org/doc/info/lang.html>).

use std::fmt::Write as _;

use super::{label, number};
use crate::{Graph, NodeKind};

pub(super) fn draw(graph: &Graph) -> String {
    let mut text = format!("digraph \"{}\" {{\n", escape(graph.name()));
    for (index, node) in graph.nodes.node_indices().zip(graph.nodes()) {
        let shape = match node.kind {
            NodeKind::Agent(_) => "ellipse",
            NodeKind::Transform => "box",
            NodeKind::Join => "hexagon",
        };
        let label = label(node, escape, "\\n");
        writeln!(text, "    {} [label=\"{label}\", shape={shape}];", number(index)).unwrap_or_default();
    }
    for edge in graph.nodes.raw_edges() {
        writeln!(text, "    {} -> {};", number(edge.source()), number(edge.target())).unwrap_or_default();
    }
    text.push_str("}\n");
    text
}

/// Quotes and backslashes get a backslash, line breaks become `\n`, ampersands their entity (labels read entities).
fn escape(label: &str) -> String {
    let mut text = String::with_capacity(label.len());
    for c in label.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '&' => text.push_str("&amp;"),
            c if c.is_control() => text.push(' '),
            c => text.push(c),
        }
    }
    text
}
