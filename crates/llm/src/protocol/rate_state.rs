//! What a server says of its rate limits, read from the headers of any vendor. The spellings are those of public API references
//! and of recorded replies:
//!
//! * `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`; `req` for `requests`; with `-minute`, `-hour` or `-day` at the end;
//!   with a kind of tokens, as in `-tokens-prompt`; bare, for requests, or as `ratelimit-…`;
//! * `anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset}`;
//! * a reset is Go's duration (`6m0s`), seconds, milliseconds or seconds since 1970, or a moment as RFC 3339 writes it.

mod moment;

use std::time::Duration;

use http::HeaderMap;

use super::classify::go_duration;
use moment::{since_epoch, unix_time};

/// What is left of a server's limits, as it says with a reply. Of several windows this is the one that has least left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateState {
    /// Calls.
    pub requests: Option<Window>,
    /// Tokens; those of all kinds together, where the server counts so.
    pub tokens: Option<Window>,
}

/// One window of a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Window {
    /// What fits into it.
    pub limit: Option<u64>,
    /// What still fits.
    pub remaining: Option<u64>,
    /// How long until all of it fits again, counted from the reply. A window named after its length lasts that long at most.
    pub reset: Option<Duration>,
}

/// What a header is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Subject {
    tokens: bool,
    /// Of tokens: only those read, only those written, …
    kind: Option<&'static str>,
    period: Option<Duration>,
    /// Whether the name says neither requests nor tokens.
    bare: bool,
}

#[derive(Clone, Copy)]
enum Member {
    Limit,
    Remaining,
    Reset,
}

impl RateState {
    /// Reads a reply's headers; `None` where they say nothing of limits. A moment is measured from the reply's own `date`.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let date = || unix_time(httpdate::parse_http_date(headers.get("date")?.to_str().ok()?.trim()).ok()?);
        let mut windows: Vec<(Subject, Window)> = Vec::new();
        for (name, value) in headers {
            let Some((subject, member)) = subject(name.as_str()) else { continue };
            let Ok(text) = value.to_str() else { continue };
            let at = windows.iter().position(|(known, _)| *known == subject).unwrap_or_else(|| {
                windows.push((subject, Window::default()));
                windows.len() - 1
            });
            let Some((_, window)) = windows.get_mut(at) else { continue };
            match member {
                Member::Limit => window.limit = count(text),
                Member::Remaining => window.remaining = count(text),
                Member::Reset => window.reset = reset(text.trim(), date),
            }
        }
        let tightest = |tokens: bool| {
            let told = windows
                .iter()
                .filter(|(subject, window)| subject.tokens == tokens && window.remaining.is_some());
            let (subject, window) =
                told.min_by_key(|(subject, window)| (subject.kind.is_some(), window.remaining))?;
            Some(Window { reset: window.reset.or(subject.period), ..*window })
        };
        let state = Self { requests: tightest(false), tokens: tightest(true) };
        (state != Self::default()).then_some(state)
    }
}

/// What a header's name says; `None` where any word of it is unknown.
fn subject(name: &str) -> Option<(Subject, Member)> {
    let words = ["x-ratelimit-", "anthropic-ratelimit-", "ratelimit-"];
    let words = words.iter().find_map(|prefix| name.strip_prefix(prefix))?;
    let mut subject = Subject { tokens: false, kind: None, period: None, bare: true };
    let mut member = None;
    for word in words.split('-') {
        match word {
            "limit" => member = Some(Member::Limit),
            "remaining" => member = Some(Member::Remaining),
            "reset" | "resets" => member = Some(Member::Reset),
            "requests" | "req" => subject.bare = false,
            "tokens" => (subject.tokens, subject.bare) = (true, false),
            "input" => subject.kind = Some("input"),
            "output" => subject.kind = Some("output"),
            "prompt" => subject.kind = Some("prompt"),
            "generated" => subject.kind = Some("generated"),
            "minute" => subject.period = Some(Duration::from_secs(60)),
            "hour" => subject.period = Some(Duration::from_secs(3600)),
            "day" => subject.period = Some(Duration::from_secs(86_400)),
            _ => return None,
        }
    }
    Some((subject, member?))
}

/// A number that a server counts with; some say -1 for "none".
fn count(text: &str) -> Option<u64> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let number = text.parse::<f64>().ok().filter(|number| *number >= 0.0)?;
        Some(number as u64) // saturates
    })
}

fn reset(text: &str, date: impl Fn() -> Option<f64>) -> Option<Duration> {
    /// Numbers from here on are moments: as seconds 30 years, as milliseconds the year 2001.
    const SECONDS: f64 = 1e9;
    const MILLISECONDS: f64 = 1e12;
    if text.is_empty() {
        return None;
    }
    let moment = match text.parse::<f64>() {
        Ok(number) if number >= MILLISECONDS => number / 1000.0,
        Ok(number) if number >= SECONDS => number,
        Ok(_) => return go_duration(text),
        Err(_) => match since_epoch(text) {
            Some(moment) => moment,
            None => return go_duration(text),
        },
    };
    Duration::try_from_secs_f64((moment - date()?).max(0.0)).ok()
}

#[cfg(test)]
mod tests;
