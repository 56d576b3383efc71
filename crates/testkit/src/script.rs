//! Which reply a request gets: rules in order, then a default.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use serde::Deserialize;

use crate::form::{BadForm, Form};
use crate::reply::Reply;
use crate::request::Request;

/// An ordered list of rules and a default reply. The first rule that fits answers.
///
/// ```
/// use graphbit_testkit::{Reply, Rule, Script};
///
/// let script = Script::default()
///     .when_contains("weather", Reply::tool_call("forecast", r#"{"city":"Graz"}"#))
///     .when_nth(3, Reply::status(429).header("retry-after", "1"))
///     .rule(Rule::new(Reply::status(503)).times(2))
///     .otherwise(Reply::text("Done."));
/// # let _ = script;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Script {
    rules: Vec<Rule>,
    default: Reply,
}

impl Script {
    /// Adds a rule after those there are.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Answers requests whose last user message contains this text.
    pub fn when_contains(self, text: impl Into<String>, reply: Reply) -> Self {
        self.rule(Rule::new(reply).contains(text))
    }

    /// Answers the n-th request, counted from 1 since the start or the last `clear`.
    pub fn when_nth(self, n: u64, reply: Reply) -> Self {
        self.rule(Rule::new(reply).nth(n))
    }

    /// Answers requests for which `test` holds.
    pub fn when(self, test: impl Fn(&Request<'_>) -> bool + Send + Sync + 'static, reply: Reply) -> Self {
        self.rule(Rule::new(reply).when(test))
    }

    /// Answers what no rule fits. Without it: [`Reply::echo`].
    pub fn otherwise(mut self, reply: Reply) -> Self {
        self.default = reply;
        self
    }

    /// Waits this long before every reply that has no latency of its own.
    pub fn latency(mut self, latency: Duration) -> Self {
        for reply in self.rules.iter_mut().map(|rule| &mut rule.reply).chain([&mut self.default]) {
            if reply.latency.is_zero() {
                reply.latency = latency;
            }
        }
        self
    }

    /// Reads the JSON form:
    /// `{"rules": [{"contains": "…", "nth": 1, "last_role": "tool", "times": 2, "reply": {…}}], "default": {…}}`,
    /// where every condition may be absent and a reply is an object of the keys listed in the crate's documentation.
    ///
    /// # Errors
    /// When it is no JSON, or a key is unknown, or a value has the wrong type.
    pub fn from_json(text: &str) -> Result<Self, BadForm> {
        let form: ScriptForm = serde_json::from_str(text).map_err(|error| BadForm::new(&error))?;
        let reply = |form: Form| form.reply();
        let rules = form
            .rules
            .into_iter()
            .map(|rule| {
                Ok(Rule {
                    contains: rule.contains,
                    nth: rule.nth,
                    last_role: rule.last_role,
                    ..Rule::new(reply(rule.reply)?)
                }
                .limited(rule.times))
            })
            .collect::<Result<_, BadForm>>()?;
        Ok(Self { rules, default: reply(form.default)? })
    }

    /// The script of the demo: three agents that build on each other (`Research:`, `Write:`, `Edit:`), and
    /// one-liners for `Summarise:`.
    ///
    /// # Errors
    /// None as long as the data in the crate is well-formed, which a test checks.
    pub fn demo() -> Result<Self, BadForm> {
        Self::from_json(include_str!("../scripts/demo.json"))
    }

    /// The reply to this request; uses up one of the rule's `times`.
    pub(crate) fn reply(&self, request: &Request<'_>) -> &Reply {
        self.rules.iter().find(|rule| rule.answers(request)).map_or(&self.default, |rule| &rule.reply)
    }

    pub(crate) fn rewind(&self) {
        for rule in &self.rules {
            rule.used.store(0, Relaxed);
        }
    }
}

type Test = dyn Fn(&Request<'_>) -> bool + Send + Sync;

/// A reply and the conditions for it, all of which must hold.
#[derive(Clone)]
pub struct Rule {
    reply: Reply,
    contains: Option<String>,
    nth: Option<u64>,
    last_role: Option<String>,
    test: Option<Arc<Test>>,
    times: Option<u64>,
    used: Arc<AtomicU64>,
}

impl Rule {
    /// Always answers, until conditions are added.
    pub fn new(reply: Reply) -> Self {
        Self {
            reply,
            contains: None,
            nth: None,
            last_role: None,
            test: None,
            times: None,
            used: Arc::default(),
        }
    }

    /// Only where the last user message contains this text.
    pub fn contains(mut self, text: impl Into<String>) -> Self {
        self.contains = Some(text.into());
        self
    }

    /// Only the n-th request, counted from 1 since the start or the last `clear`.
    pub fn nth(mut self, n: u64) -> Self {
        self.nth = Some(n);
        self
    }

    /// Only where the last message has this role: `"tool"` after a tool call was answered.
    pub fn last_role(mut self, role: impl Into<String>) -> Self {
        self.last_role = Some(role.into());
        self
    }

    /// Only where `test` holds.
    pub fn when(mut self, test: impl Fn(&Request<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.test = Some(Arc::new(test));
        self
    }

    /// Only the first `n` requests that fit otherwise.
    pub fn times(self, n: u64) -> Self {
        self.limited(Some(n))
    }

    fn limited(mut self, times: Option<u64>) -> Self {
        self.times = times;
        self
    }

    fn answers(&self, request: &Request<'_>) -> bool {
        self.nth.is_none_or(|n| n == request.number())
            && self.contains.as_deref().is_none_or(|text| request.prompt().contains(text))
            && self.last_role.as_deref().is_none_or(|role| request.last_role() == role)
            && self.test.as_deref().is_none_or(|test| test(request))
            && self.times.is_none_or(|times| take(&self.used, times))
    }
}

/// Uses up one of `times`, if one is left.
pub(crate) fn take(used: &AtomicU64, times: u64) -> bool {
    used.fetch_update(Relaxed, Relaxed, |used| (used < times).then_some(used + 1)).is_ok()
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule")
            .field("contains", &self.contains)
            .field("nth", &self.nth)
            .field("last_role", &self.last_role)
            .field("test", &self.test.is_some())
            .field("times", &self.times)
            .field("reply", &self.reply)
            .finish()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptForm {
    #[serde(default)]
    rules: Vec<RuleForm>,
    #[serde(default)]
    default: Form,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleForm {
    contains: Option<String>,
    nth: Option<u64>,
    last_role: Option<String>,
    times: Option<u64>,
    reply: Form,
}

#[cfg(test)]
mod tests;
