//! `WorkflowResult`: outputs stay native until they are read, and V8 is told what they weigh.

use graphbit_executor::{NodeResult, RunResult};
use napi::Env;
use napi::bindgen_prelude::{Buffer, JavaScriptClassExt, ObjectFinalize, ToNapiValue};
use napi_derive::napi;
use serde_json::{Map, Value as Json, json};

use crate::error::fields;
use crate::event_loop::EventLoop;
use crate::executor::with;
use crate::js::{Scope, Value};
use crate::promise::IntoJs;
use crate::weight::weight;

/// The outcome of a run.
#[napi(custom_finalize)]
pub struct NativeResult {
    result: RunResult,
    bytes: i64,
    /// Of these, what V8 was told; the rest it sees by itself.
    told: i64,
}

impl ObjectFinalize for NativeResult {
    fn finalize(self, env: Env) -> napi::Result<()> {
        Scope(env.raw()).adjust_external_memory(-self.told);
        if let Some(current) = EventLoop::present() {
            current.queue().garbage.collected(self.bytes.unsigned_abs());
            current.let_go(self.result);
        }
        Ok(())
    }
}

/// A result on its way to JavaScript.
pub(crate) struct Finished {
    result: RunResult,
    bytes: i64,
    /// The facade that started the run.
    facade: u32,
}

impl Finished {
    /// Weighs the result here, off the JavaScript thread.
    pub(crate) fn new(result: RunResult, facade: u32) -> Self {
        let bytes = i64::try_from(result.retained_bytes()).unwrap_or(i64::MAX);
        Self { result, bytes, facade }
    }
}

impl IntoJs for Finished {
    fn into_js(self, scope: Scope) -> napi::Result<Value> {
        let (env, bytes) = (Env::from_raw(scope.0), self.bytes);
        let weight = weight(scope, usize::try_from(bytes).unwrap_or_default());
        let told = if weight.is_some() { 0 } else { bytes };
        let success = scope.boolean(self.result.is_success())?;
        let instance = NativeResult { result: self.result, bytes, told }.into_instance(&env)?;
        scope.adjust_external_memory(told);
        // SAFETY: the instance is of this environment.
        let native = unsafe { ToNapiValue::to_napi_value(scope.0, instance) }?;
        let current = EventLoop::current(scope)?;
        current.queue().garbage.handed_over(bytes.unsigned_abs());
        let hook = current.hook(Some(self.facade), |hooks| &hooks.result)?;
        let weight = weight.map_or_else(|| scope.undefined(), Ok)?;
        scope.call(hook, &[native, success, weight])
    }
}

#[napi]
impl NativeResult {
    #[napi(catch_unwind)]
    pub fn run_id(&self) -> String {
        self.result.run_id().to_owned()
    }

    #[napi(catch_unwind)]
    pub fn workflow_name(&self) -> String {
        self.result.workflow_name().to_owned()
    }

    /// The error that came first, as JSON.
    #[napi(catch_unwind)]
    pub fn error(&self) -> Option<String> {
        self.result.error().map(|error| fields(error).to_string())
    }

    /// An output as JSON text; without an id, the graph's.
    #[napi(catch_unwind)]
    pub fn output(&self, id: Option<String>) -> Option<String> {
        match id {
            Some(id) => self.result.output(&id).map(|output| output.to_string()),
            None => self.result.final_output().map(|output| output.to_string()),
        }
    }

    /// A text output as it is, without a detour through JSON.
    #[napi(catch_unwind)]
    pub fn text(&self, id: Option<String>) -> Option<&str> {
        match id {
            Some(id) => self.result.output(&id)?.as_str(),
            None => self.result.final_text(),
        }
    }

    /// An output as bytes: a text as UTF-8, anything else as JSON.
    #[napi(catch_unwind)]
    pub fn output_buffer(&self, id: String) -> Option<Buffer> {
        let output = self.result.output(&id)?;
        let bytes = output.as_str().map_or_else(|| output.to_string(), str::to_owned);
        Some(bytes.into_bytes().into())
    }

    /// All outputs by node id, as JSON.
    #[napi(catch_unwind)]
    pub fn outputs(&self) -> String {
        let outputs =
            self.result.nodes().filter_map(|node| Some((node.id.to_owned(), Json::clone(node.output?))));
        Json::Object(outputs.collect::<Map<_, _>>()).to_string()
    }

    /// What every node did, as JSON.
    #[napi(catch_unwind)]
    pub fn nodes(&self) -> String {
        Json::Array(self.result.nodes().map(|node| describe(&node)).collect()).to_string()
    }

    /// What a node did, by id or name, as JSON.
    #[napi(catch_unwind)]
    pub fn node(&self, id: String) -> Option<String> {
        self.result.node(&id).map(|node| describe(&node).to_string())
    }

    /// The variables of the graph's state at the end, as JSON; `null` where it has none.
    #[napi(catch_unwind)]
    pub fn state(&self) -> String {
        self.result.state().to_string()
    }

    /// Sums over the nodes, as JSON.
    #[napi(catch_unwind)]
    pub fn stats(&self) -> String {
        json!(self.result.stats()).to_string()
    }

    /// What this object keeps and what the run took, as JSON.
    #[napi(catch_unwind)]
    pub fn memory(&self) -> String {
        let nodes = self.result.nodes().map(|node| (node.id.to_owned(), json!(node.memory)));
        let nodes = Json::Object(nodes.collect());
        with(json!(self.result.memory()), [("retainedBytes", self.bytes.into()), ("byNode", nodes)])
            .to_string()
    }
}

fn describe(node: &NodeResult<'_>) -> Json {
    json!({
        "id": node.id,
        "status": node.status,
        "startedMs": node.started.map(|at| at.as_secs_f64() * 1e3),
        "durationMs": node.duration.as_secs_f64() * 1e3,
        "attempts": node.attempts,
        "usage": node.usage,
        "finishReason": node.finish_reason.map(|reason| reason.as_str()),
        "error": node.error.map(fields),
    })
}
