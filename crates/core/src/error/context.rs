//! Where an error happened, and what had arrived by then.

use std::fmt;

use serde::Serialize;

/// The place of a failure; whatever is known is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Context {
    /// The vendor, as in `openai`.
    pub provider: Option<String>,
    /// The model that was asked.
    pub model: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The id that the vendor gave the request.
    pub request_id: Option<String>,
    /// The node of the graph.
    pub node: Option<String>,
    /// The run.
    pub run: Option<String>,
    /// Which clock a `TIMEOUT` is about.
    pub clock: Option<&'static str>,
    /// How many attempts were made.
    pub attempts: Option<u32>,
}

impl fmt::Display for Context {
    /// ` (provider openai, status 429)`, or nothing where nothing is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = " (";
        let mut item = |name: &str, value: Option<&dyn fmt::Display>| -> fmt::Result {
            let Some(value) = value else { return Ok(()) };
            write!(f, "{separator}{name} {value}")?;
            separator = ", ";
            Ok(())
        };
        fn shown<T: fmt::Display>(value: &Option<T>) -> Option<&dyn fmt::Display> {
            value.as_ref().map(|value| value as &dyn fmt::Display)
        }
        item("node", shown(&self.node))?;
        item("provider", shown(&self.provider))?;
        item("model", shown(&self.model))?;
        item("status", shown(&self.status))?;
        item("request", shown(&self.request_id))?;
        item("clock", shown(&self.clock))?;
        item("attempts", shown(&self.attempts))?;
        if separator == ", " { f.write_str(")") } else { Ok(()) }
    }
}

/// What a call had received before it failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Partial {
    /// The text so far, only where the call was collecting it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Events received.
    pub events: u64,
    /// Bytes of text received.
    pub text_bytes: u64,
    /// Tokens the vendor had reported as read by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<u64>,
    /// Tokens the vendor had reported as written by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
}
