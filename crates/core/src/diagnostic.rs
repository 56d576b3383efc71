//! One finding of validation: what is wrong with a graph, where, and what to change.

mod code;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use code::DiagnosticCode;

/// A finding about a graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The stable code, as in `CYCLE`.
    pub code: DiagnosticCode,
    /// Whether it stops the graph from running.
    pub severity: Severity,
    /// The node or edge it is about, as in `node a`, `edge a → b` or `node a, prompt, line 2`; `node a/b` for
    /// node `b` of the graph inside node `a`; empty for the graph as a whole.
    pub location: String,
    /// What is wrong.
    pub message: String,
    /// What to change.
    pub help: String,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The graph cannot run.
    Error,
    /// The graph runs, but probably not as meant.
    Warning,
}

impl Diagnostic {
    /// A finding that stops the graph from running.
    pub fn error(
        code: DiagnosticCode,
        location: impl Into<String>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity: Severity::Error,
            location: location.into(),
            message: message.into(),
            help: help.into(),
        }
    }

    /// A finding about a graph that runs, but probably not as meant.
    pub fn warning(
        code: DiagnosticCode,
        location: impl Into<String>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, location, message, help) }
    }

    /// Whether it stops the graph from running.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.location.is_empty() {
            write!(f, "{}: ", self.location)?;
        }
        write!(f, "{} ({})", self.message, self.help)
    }
}
