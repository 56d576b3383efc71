//! Mermaid flowcharts (<https://mermaid.js.org/syntax/flowchart.html>).

use std::fmt::Write as _;

use super::{label, number};
use crate::{Graph, NodeKind};

pub(super) fn draw(graph: &Graph) -> String {
    let mut text = "flowchart TD\n".to_owned();
    for (index, node) in graph.nodes.node_indices().zip(graph.nodes()) {
        let (open, close) = match node.kind {
            NodeKind::Agent(_) => ("(", ")"),
            NodeKind::Transform => ("[", "]"),
            NodeKind::Join => ("{{", "}}"),
        };
        let label = label(node, escape, "<br/>");
        writeln!(text, "    {}{open}\"{label}\"{close}", number(index)).unwrap_or_default();
    }
    for edge in graph.nodes.raw_edges() {
        writeln!(text, "    {} --> {}", number(edge.source()), number(edge.target())).unwrap_or_default();
    }
    text
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
