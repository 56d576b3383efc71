//! The codes of findings. The strings are the contract with callers, as those of [`ErrorCode`](crate::ErrorCode) are.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal;)+) => {
        /// What kind of finding it is. The strings of [`as_str`](DiagnosticCode::as_str) never change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum DiagnosticCode {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $variant,)+
        }

        impl DiagnosticCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable string.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

codes! {
    /// The graph has no nodes (a warning).
    EmptyGraph = "EMPTY_GRAPH";
    /// A node's id is empty.
    EmptyId = "EMPTY_ID";
    /// Two nodes have one id.
    DuplicateId = "DUPLICATE_ID";
    /// An id that no template could name: a dot, a brace, a control character or white space at an end.
    InvalidId = "INVALID_ID";
    /// An id that means something else in a template.
    ReservedId = "RESERVED_ID";
    /// An agent's prompt is empty or blank.
    EmptyPrompt = "EMPTY_PROMPT";
    /// A setting outside its range.
    InvalidSetting = "INVALID_SETTING";
    /// An edge starts or ends at a node that does not exist.
    UnknownNode = "UNKNOWN_NODE";
    /// An edge from a node to itself.
    SelfEdge = "SELF_EDGE";
    /// Two edges between the same nodes with the same condition (a warning; the plan keeps one).
    DuplicateEdge = "DUPLICATE_EDGE";
    /// Nodes that wait for each other.
    Cycle = "CYCLE";
    /// A node behind a cycle, which therefore never starts.
    Unreachable = "UNREACHABLE";
    /// A node without any edge in a graph that has some (a warning).
    IsolatedNode = "ISOLATED_NODE";
    /// A template that cannot be read.
    TemplateSyntax = "TEMPLATE_SYNTAX";
    /// A template variable, or a variable that a node writes, that is neither `input`, the state's nor a node.
    UnknownVariable = "UNKNOWN_VARIABLE";
    /// A template variable whose node does not run before the node that names it.
    NotUpstream = "NOT_UPSTREAM";
    /// A schema that is no JSON Schema.
    InvalidSchema = "INVALID_SCHEMA";
    /// An edge names a branch that its condition does not have.
    UnknownBranch = "UNKNOWN_BRANCH";
    /// No edge is taken for a branch of a condition (a warning).
    UnusedBranch = "UNUSED_BRANCH";
    /// An `otherwise` edge beside no `matches` edge of the same node (a warning).
    LoneOtherwise = "LONE_OTHERWISE";
    /// Several `otherwise` edges behind one node.
    SeveralOtherwise = "SEVERAL_OTHERWISE";
    /// A join waits for more edges than it has.
    QuorumTooLarge = "QUORUM_TOO_LARGE";
    /// Graphs inside graphs beyond the limit.
    TooDeep = "TOO_DEEP";
}

impl fmt::Display for DiagnosticCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
