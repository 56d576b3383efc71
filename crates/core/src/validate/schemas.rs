//! Schemas that are JSON Schemas.

use serde_json::Value;

use crate::{Diagnostic, DiagnosticCode, Schema};

/// Compiles a schema, if there is one. `place` is the node it belongs to, or empty for the graph.
pub(super) fn check(
    schema: Option<&Value>,
    place: &str,
    field: &str,
    findings: &mut Vec<Diagnostic>,
) -> Option<Schema> {
    Schema::compile(schema?)
        .map_err(|error| {
            let comma = if place.is_empty() { "" } else { ", " };
            findings.push(Diagnostic::error(
                DiagnosticCode::InvalidSchema,
                format!("{place}{comma}{field}"),
                error.message(),
                "give a JSON Schema, as in {\"type\": \"object\", \"properties\": {…}}",
            ));
        })
        .ok()
}
