//! The codes, which are the contract with callers, and the advice on retrying that each one carries.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal, $retry:ident;)+) => {
        /// What kind of failure it was. The strings of [`as_str`](ErrorCode::as_str) never change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $variant,)+
        }

        impl ErrorCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable string.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The advice an error of this code starts with.
            pub const fn usual_retry(self) -> Retry {
                match self { $(Self::$variant => Retry::$retry),+ }
            }
        }
    };
}

codes! {
    /// Validation failed; all diagnostics are attached.
    InvalidGraph = "INVALID_GRAPH", Never;
    /// An argument, or a value that does not fit its schema.
    InvalidInput = "INVALID_INPUT", Never;
    /// Unknown vendor, missing key, contradictory options.
    Config = "CONFIG", Never;
    /// The vendor refused the credentials (401, 403).
    Auth = "AUTH", Never;
    /// 429 or overloaded; try again when the server says so.
    RateLimited = "RATE_LIMITED", Now;
    /// Credit or quota exhausted: waiting does not help.
    Quota = "QUOTA", Never;
    /// The prompt is too long for the model.
    ContextLength = "CONTEXT_LENGTH", Never;
    /// Safety stop or content filter.
    Refused = "REFUSED", Never;
    /// Any other 4xx.
    Rejected = "REJECTED", Never;
    /// 5xx.
    Unavailable = "UNAVAILABLE", Now;
    /// The circuit breaker of the endpoint is open.
    CircuitOpen = "CIRCUIT_OPEN", Now;
    /// Connect, TLS, or a reset before the first event.
    Network = "NETWORK", Now;
    /// The stream ended without its end.
    Truncated = "TRUNCATED", Never;
    /// Bytes that cannot be decoded.
    Protocol = "PROTOCOL", Never;
    /// A clock ran out; the context says which.
    Timeout = "TIMEOUT", Now;
    /// Cancelled by the caller.
    Cancelled = "CANCELLED", Never;
    /// A tool or a function of the user's failed; its error is the cause.
    Tool = "TOOL", Never;
    /// The model's output does not match its schema after repair.
    Output = "OUTPUT", Never;
    /// A budget of turns, tokens, cost or fan-out is spent.
    Limit = "LIMIT", Never;
    /// The hard memory budget is reached.
    Memory = "MEMORY", Never;
    /// A checkpoint could not be written or read.
    Store = "STORE", Now;
    /// A bug in GraphBit.
    Internal = "INTERNAL", Never;
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether the same call may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It would fail the same way.
    Never,
    /// Yes, after the caller's own back-off.
    Now,
    /// Yes, but not before this much time has passed.
    After(Duration),
}
