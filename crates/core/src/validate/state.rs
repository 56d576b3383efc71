//! The variables of a graph's state, and what nodes write to them.

use super::at_node;
use super::nodes::is_name;
use crate::{Diagnostic, DiagnosticCode, Graph, Node, nearest};

pub(super) fn check(graph: &Graph, findings: &mut Vec<Diagnostic>) {
    for (name, variable) in &graph.state {
        let place = format!("state {name}");
        if name.is_empty() || !is_name(name) {
            findings.push(Diagnostic::error(
                DiagnosticCode::InvalidId,
                place.clone(),
                "no template could name a variable that is empty, or has a dot, a brace, a control character, or white \
                 space at an end",
                "use letters, digits, - and _",
            ));
        }
        if let Err(error) = variable.reducer.check_value(&variable.initial) {
            findings.push(Diagnostic::error(
                DiagnosticCode::InvalidSetting,
                place,
                error.message(),
                "choose another initial value, or none",
            ));
        }
    }
}

pub(super) fn check_writes(graph: &Graph, node: &Node, findings: &mut Vec<Diagnostic>) {
    for write in node.writes.iter().filter(|write| !graph.state.contains_key(&write.variable)) {
        let name = &write.variable;
        let near = nearest(name, graph.state.keys().map(|known| &**known));
        findings.push(Diagnostic::error(
            DiagnosticCode::UnknownVariable,
            format!("{}, writes", at_node(&node.id)),
            format!("the state has no variable \"{name}\""),
            near.map_or_else(
                || format!("declare \"{name}\" in the graph's state"),
                |near| format!("did you mean \"{near}\"?"),
            ),
        ));
    }
}
