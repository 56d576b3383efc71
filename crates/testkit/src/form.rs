//! A reply written down: the keys of a script's JSON and of the `/with/…` path prefix, which are the same.
//!
//! Keys that are absent leave a reply as it is, so that a form can be laid over any other reply.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::reply::{Content, Reply};

/// A script or path prefix that could not be read, with the reason.
#[derive(Clone, Debug)]
pub struct BadForm(String);

impl BadForm {
    pub(crate) fn new(why: &impl fmt::Display) -> Self {
        Self(why.to_string())
    }
}

impl fmt::Display for BadForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadForm {}

/// See the crate's documentation for what each key means.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    text: Option<String>,
    echo: Option<bool>,
    one_of: Option<Vec<String>>,
    bytes: Option<usize>,
    tool: Option<String>,
    arguments: Option<Value>,
    tool_calls: Option<Vec<Call>>,
    status: Option<u16>,
    json: Option<Value>,
    html: Option<String>,
    body: Option<String>,
    content_type: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    retry_after: Option<Value>,
    retry_after_ms: Option<u64>,
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    cached_tokens: Option<u64>,
    finish_reason: Option<String>,
    latency_ms: Option<f64>,
    slow_headers_ms: Option<f64>,
    pieces: Option<usize>,
    piece_delay_ms: Option<f64>,
    chunked: Option<bool>,
    fault: Option<FaultName>,
    drip_ms: Option<f64>,
    cut_after: Option<u64>,
    reset_after: Option<u64>,
    error: Option<Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    name: String,
    #[serde(default)]
    arguments: Value,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FaultName {
    Never,
    HangUp,
    Drip,
    Endless,
    EndlessLine,
    WithoutEnd,
}

impl Form {
    /// The keys whose values are text. In a path everything else is read as JSON.
    pub(crate) const TEXTS: &[&str] =
        &["text", "tool", "html", "body", "content_type", "finish_reason", "fault", "retry_after"];

    /// The reply this form alone describes.
    pub(crate) fn reply(&self) -> Result<Reply, BadForm> {
        self.over(Reply::echo())
    }

    /// The reply this form makes of another.
    pub(crate) fn over(&self, reply: Reply) -> Result<Reply, BadForm> {
        let reply = self.content(reply)?;
        let reply = self.metadata(reply);
        let reply = self.timing(reply)?;
        self.faults(reply)
    }

    fn content(&self, mut reply: Reply) -> Result<Reply, BadForm> {
        let content = [
            self.text.clone().map(Reply::text),
            self.echo.filter(|echo| *echo).map(|_| Reply::echo()),
            self.one_of.clone().map(Reply::one_of),
            self.bytes.map(Reply::filled),
            self.json.clone().map(|json| Reply::echo().json(json)),
            self.html.clone().map(|html| Reply::echo().html(html)),
            self.body.clone().map(|body| {
                Reply::echo()
                    .body(body, self.content_type.as_deref().unwrap_or("text/event-stream; charset=utf-8"))
            }),
        ];
        let mut given = content.into_iter().flatten();
        let first = given.next();
        if given.next().is_some() {
            return Err(BadForm::new(&"more than one of text, echo, one_of, bytes, json, html, body"));
        }
        let calls = self.calls()?;
        if let Some(first) = first {
            reply.content = first.content;
        } else if !calls.is_empty() {
            reply.content = Content::Text("".into());
        } else if self.status.is_some_and(|status| status >= 400) {
            reply.content = Content::Status;
        }
        for (name, arguments) in calls {
            reply = reply.and_tool_call(name, arguments);
        }
        Ok(reply)
    }

    fn calls(&self) -> Result<Vec<(String, String)>, BadForm> {
        let text = |arguments: &Value| match arguments {
            Value::Null => "{}".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if self.tool.is_none() && self.arguments.is_some() {
            return Err(BadForm::new(&"arguments without tool"));
        }
        let one = self
            .tool
            .iter()
            .map(|name| (name.clone(), text(self.arguments.as_ref().unwrap_or(&Value::Null))));
        let more = self.tool_calls.iter().flatten().map(|call| (call.name.clone(), text(&call.arguments)));
        Ok(one.chain(more).collect())
    }

    fn metadata(&self, mut reply: Reply) -> Reply {
        reply.status = self.status.unwrap_or(reply.status);
        reply.usage.prompt = self.prompt_tokens.or(reply.usage.prompt);
        reply.usage.completion = self.completion_tokens.or(reply.usage.completion);
        reply.usage.cached = self.cached_tokens.or(reply.usage.cached);
        if let Some(reason) = &self.finish_reason {
            reply = reply.finish_reason(reason.as_str());
        }
        for (name, value) in self.headers.iter().flatten() {
            reply = reply.header(name.as_str(), value.as_str());
        }
        match &self.retry_after {
            Some(Value::String(value)) => reply = reply.header("retry-after", value.as_str()),
            Some(value) => reply = reply.header("retry-after", value.to_string()),
            None => {}
        }
        if let Some(ms) = self.retry_after_ms {
            reply = reply.header("retry-after-ms", ms.to_string());
        }
        reply
    }

    fn timing(&self, mut reply: Reply) -> Result<Reply, BadForm> {
        if let Some(ms) = self.latency_ms {
            reply.latency = millis(ms)?;
        }
        if let Some(ms) = self.slow_headers_ms {
            reply.slow_headers = millis(ms)?;
        }
        if let Some(ms) = self.piece_delay_ms {
            reply.piece_delay = millis(ms)?;
        }
        reply.pieces = self.pieces.or(reply.pieces);
        reply.chunked = self.chunked.unwrap_or(reply.chunked);
        Ok(reply)
    }

    fn faults(&self, mut reply: Reply) -> Result<Reply, BadForm> {
        if let Some(n) = self.cut_after {
            reply = reply.cut_after(n);
        }
        if let Some(n) = self.reset_after {
            reply = reply.reset_after(n);
        }
        if let Some(event) = &self.error {
            reply = reply.error_in_stream(event.clone());
        }
        if self.drip_ms.is_some() && !matches!(self.fault, Some(FaultName::Drip)) {
            return Err(BadForm::new(&"drip_ms without fault=drip"));
        }
        Ok(match self.fault {
            None => reply,
            Some(FaultName::Never) => reply.never(),
            Some(FaultName::HangUp) => reply.hang_up(),
            Some(FaultName::Drip) => reply.drip_forever(millis(self.drip_ms.unwrap_or(10.0))?),
            Some(FaultName::Endless) => reply.endless(),
            Some(FaultName::EndlessLine) => reply.endless_line(),
            Some(FaultName::WithoutEnd) => reply.without_end(),
        })
    }
}

fn millis(ms: f64) -> Result<Duration, BadForm> {
    Duration::try_from_secs_f64(ms / 1e3).map_err(|error| BadForm::new(&format_args!("{ms} ms: {error}")))
}

#[cfg(test)]
mod tests;
