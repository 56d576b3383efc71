//! Mermaid flowcharts (<https://mermaid.js.org/syntax/flowchart.html>).

use std::fmt::Write as _;

use super::{Mark, arrow, label, number};
use crate::{Graph, NodeKind};

pub(super) fn draw(graph: &Graph) -> String {
    draw_with(graph, &[], &|_| None)
}

pub(super) fn draw_with(
    graph: &Graph,
    classes: &[(&str, &str)],
    mark: &dyn Fn(&str) -> Option<Mark>,
) -> String {
    let mut text = "flowchart TD\n".to_owned();
    draw_inside(graph, "n", 1, mark, &mut text);
    for (name, style) in classes {
        writeln!(text, "    classDef {name} {style}").unwrap_or_default();
    }
    for (index, node) in graph.nodes.node_indices().zip(graph.nodes()) {
        if let Some(mark) = mark(&node.id) {
            writeln!(text, "    class {} {}", number("n", index), mark.class).unwrap_or_default();
        }
    }
    text
}

/// Draws the nodes and edges of a graph; a node with a body becomes a frame around it.
fn draw_inside(
    graph: &Graph,
    prefix: &str,
    depth: usize,
    mark: &dyn Fn(&str) -> Option<Mark>,
    text: &mut String,
) {
    let indent = "    ".repeat(depth);
    for (index, node) in graph.nodes.node_indices().zip(graph.nodes()) {
        let (number, mut label) = (number(prefix, index), label(node, escape, "<br/>"));
        if let Some(mark) = mark(&node.id).filter(|mark| !mark.note.is_empty()) {
            write!(label, "<br/>{}", escape(&mark.note)).unwrap_or_default();
        }
        if let Some(body) = node.kind.body() {
            writeln!(text, "{indent}subgraph {number}[\"{label}\"]").unwrap_or_default();
            draw_inside(body, &format!("{number}_"), depth + 1, &|_| None, text);
            writeln!(text, "{indent}end").unwrap_or_default();
            continue;
        }
        let (open, close) = shape(&node.kind);
        writeln!(text, "{indent}{number}{open}\"{label}\"{close}").unwrap_or_default();
    }
    for edge in graph.nodes.raw_edges() {
        let (from, to) = (number(prefix, edge.source()), number(prefix, edge.target()));
        match arrow(&edge.weight) {
            Some(label) => writeln!(text, "{indent}{from} -->|\"{}\"| {to}", escape(&label)),
            None => writeln!(text, "{indent}{from} --> {to}"),
        }
        .unwrap_or_default();
    }
}

fn shape(kind: &NodeKind) -> (&'static str, &'static str) {
    match kind {
        NodeKind::Agent(_) => ("(", ")"),
        NodeKind::Transform => ("[", "]"),
        NodeKind::Condition(_) => ("{", "}"),
        NodeKind::Tool(_) => ("[[", "]]"),
        NodeKind::Join(_) => ("{{", "}}"),
        NodeKind::Delay(_) => ("([", "])"),
        NodeKind::Pause(_) => ("[/", "/]"),
        NodeKind::Map(_) | NodeKind::Subgraph(_) | NodeKind::Loop(_) => ("[", "]"),
    }
}

/// Every ASCII character that Mermaid, HTML or Markdown (labels are Markdown: `1. x` is a list, `_x_` is slanted) may
/// read as something else becomes its `#code;`. Hyphens, dots and underscores stay inside words, where they are safe.
fn escape(label: &str) -> String {
    let mut text = String::with_capacity(label.len());
    let mut before = ' ';
    let mut rest = label.trim().chars().peekable();
    while let Some(c) = rest.next() {
        let in_word = before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
        match c {
            '\n' => text.push_str("<br/>"),
            ',' | '!' | '?' | '/' | '\'' => text.push(c),
            '-' | '.' | '_' if in_word => text.push(c),
            c if c.is_ascii_punctuation() => write!(text, "#{};", u32::from(c)).unwrap_or_default(),
            c if c.is_control() => text.push(' '),
            c => text.push(c),
        }
        before = c;
    }
    text
}
