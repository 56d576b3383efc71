//! DOT, the language of Graphviz (<https://graphviz.org/doc/info/lang.html>).

use std::fmt::Write as _;

use super::{arrow, label, number};
use crate::{Graph, NodeKind};

pub(super) fn draw(graph: &Graph) -> String {
    let mut text = format!("digraph \"{}\" {{\n", escape(graph.name()));
    draw_inside(graph, "n", 1, &mut text);
    text.push_str("}\n");
    text
}

/// Draws the nodes and edges of a graph. A body becomes a cluster with its node on top: edges end at nodes only.
fn draw_inside(graph: &Graph, prefix: &str, depth: usize, text: &mut String) {
    let indent = "    ".repeat(depth);
    for (index, node) in graph.nodes.node_indices().zip(graph.nodes()) {
        let (number, label) = (number(prefix, index), label(node, escape, "\\n"));
        let shape = shape(&node.kind);
        let Some(body) = node.kind.body() else {
            writeln!(text, "{indent}{number} [label=\"{label}\", shape={shape}];").unwrap_or_default();
            continue;
        };
        writeln!(text, "{indent}subgraph \"cluster_{number}\" {{").unwrap_or_default();
        writeln!(text, "{indent}    {number} [label=\"{label}\", shape={shape}];").unwrap_or_default();
        draw_inside(body, &format!("{number}_"), depth + 1, text);
        for root in body.nodes.externals(petgraph::Direction::Incoming) {
            let root = super::number(&format!("{number}_"), root);
            writeln!(text, "{indent}    {number} -> {root} [style=dashed];").unwrap_or_default();
        }
        writeln!(text, "{indent}}}").unwrap_or_default();
    }
    for edge in graph.nodes.raw_edges() {
        let (from, to) = (number(prefix, edge.source()), number(prefix, edge.target()));
        match arrow(&edge.weight) {
            Some(label) => writeln!(text, "{indent}{from} -> {to} [label=\"{}\"];", escape(&label)),
            None => writeln!(text, "{indent}{from} -> {to};"),
        }
        .unwrap_or_default();
    }
}

fn shape(kind: &NodeKind) -> &'static str {
    match kind {
        NodeKind::Agent(_) => "ellipse",
        NodeKind::Transform => "box",
        NodeKind::Condition(_) => "diamond",
        NodeKind::Tool(_) => "component",
        NodeKind::Join(_) => "hexagon",
        NodeKind::Delay(_) => "octagon",
        NodeKind::Pause(_) => "parallelogram",
        NodeKind::Map(_) => "folder",
        NodeKind::Subgraph(_) => "box3d",
        NodeKind::Loop(_) => "doublecircle",
    }
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
