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
    let mut drawing = Drawing { text: "flowchart TD\n".to_owned(), classes: String::new(), mark };
    drawing.draw(graph, "n", "", 1);
    for (name, style) in classes {
        writeln!(drawing.text, "    classDef {name} {style}").unwrap_or_default();
    }
    drawing.text + &drawing.classes
}

struct Drawing<'a> {
    text: String,
    /// Which node is drawn in which class: it stands below all of them.
    classes: String,
    mark: &'a dyn Fn(&str) -> Option<Mark>,
}

impl Drawing<'_> {
    /// Draws the nodes and edges of a graph; a node with a body becomes a frame around it. `place` is that of the graph, with a
    /// slash at its end.
    fn draw(&mut self, graph: &Graph, prefix: &str, place: &str, depth: usize) {
        let indent = "    ".repeat(depth);
        for (index, node) in graph.nodes.node_indices().zip(graph.nodes()) {
            let (number, mut label) = (number(prefix, index), label(node, escape, "<br/>"));
            let mark = match place {
                "" => (self.mark)(&node.id),
                place => (self.mark)(&format!("{place}{}", node.id)),
            };
            if let Some(mark) = mark {
                writeln!(self.classes, "    class {number} {}", mark.class).unwrap_or_default();
                if !mark.note.is_empty() {
                    write!(label, "<br/>{}", escape(&mark.note)).unwrap_or_default();
                }
            }
            if let Some(body) = node.kind.body() {
                writeln!(self.text, "{indent}subgraph {number}[\"{label}\"]").unwrap_or_default();
                self.draw(body, &format!("{number}_"), &format!("{place}{}/", node.id), depth + 1);
                writeln!(self.text, "{indent}end").unwrap_or_default();
                continue;
            }
            let (open, close) = shape(&node.kind);
            writeln!(self.text, "{indent}{number}{open}\"{label}\"{close}").unwrap_or_default();
        }
        for edge in graph.nodes.raw_edges() {
            let (from, to) = (number(prefix, edge.source()), number(prefix, edge.target()));
            match arrow(&edge.weight) {
                Some(label) => writeln!(self.text, "{indent}{from} -->|\"{}\"| {to}", escape(&label)),
                None => writeln!(self.text, "{indent}{from} --> {to}"),
            }
            .unwrap_or_default();
        }
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
