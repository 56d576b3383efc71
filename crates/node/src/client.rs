//! `LlmClient`: direct calls.

use std::num::NonZeroUsize;

use graphbit_core::{Error, Result};
use graphbit_executor::{BatchOptions, Caller, Line, Profile, Source};
use graphbit_llm::layer::Replies;
use graphbit_llm::{Message, OutputSchema, Request, Response, Settings, Tool, ToolChoice};
use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Unknown};
use napi_derive::napi;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::cancel::NativeCancel;
use crate::config::NativeConfig;
use crate::embed;
use crate::error::{fields, thrown};
use crate::event_loop::Stop;
use crate::executor::profile;
use crate::promise::{IntoJs, Settler, arm, promise};
use crate::stream::NativeStream;

/// Calls one model.
#[napi]
pub struct NativeClient {
    caller: Caller,
}

/// A request as the facade writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireRequest {
    messages: Vec<Message>,
    #[serde(default)]
    settings: Settings,
    #[serde(default)]
    tools: Vec<Tool>,
    tool_choice: Option<ToolChoice>,
    parallel_tool_calls: Option<bool>,
    output: Option<OutputSchema>,
    #[serde(default)]
    extra: Map<String, Value>,
}

/// A batch as the facade writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireBatch {
    prompts: Vec<String>,
    #[serde(default)]
    settings: Settings,
    max_concurrency: Option<NonZeroUsize>,
    memory_limit: Option<usize>,
}

#[napi]
impl NativeClient {
    #[napi(constructor, catch_unwind)]
    pub fn new(
        env: &Env,
        config: &NativeConfig,
        profile_name: String,
        memory_limit: Option<f64>,
    ) -> napi::Result<Self> {
        let mut profile: Profile = profile(&profile_name).map_err(|error| thrown(env, &error))?;
        profile.memory_limit = memory_limit.map(|bytes| bytes as u64);
        Ok(Self { caller: Caller::new(std::sync::Arc::clone(&config.config), profile) })
    }

    /// The answer as text.
    #[napi(catch_unwind)]
    pub fn complete<'env>(
        &self,
        env: &'env Env,
        request: String,
        cancel: Option<ClassInstance<'_, NativeCancel>>,
    ) -> napi::Result<Unknown<'env>> {
        self.complete_as(env, &request, cancel, Response::into_text)
    }

    /// The whole reply as JSON.
    #[napi(catch_unwind)]
    pub fn complete_full<'env>(
        &self,
        env: &'env Env,
        request: String,
        cancel: Option<ClassInstance<'_, NativeCancel>>,
    ) -> napi::Result<Unknown<'env>> {
        self.complete_as(env, &request, cancel, |response| Ok(whole(&response).to_string()))
    }

    /// Vectors for texts: one `Float32Array` with all of them, and as JSON what else is known.
    #[napi(catch_unwind)]
    pub fn embed<'env>(
        &self,
        env: &'env Env,
        request: String,
        cancel: Option<ClassInstance<'_, NativeCancel>>,
    ) -> napi::Result<Unknown<'env>> {
        self.call(env, self.charged(|| embed::read(&request)), cancel, |line, request, settler| async move {
            let outcome = line.embed(request).await;
            drop(line);
            settler.settle(outcome);
        })
    }

    /// A reply to be pulled. Nothing is sent before the first pull.
    #[napi(catch_unwind)]
    pub fn stream(&self, env: &Env, request: String) -> napi::Result<NativeStream> {
        let request = self.charged(|| read(&request)).map_err(|error| thrown(env, &error))?;
        Ok(NativeStream::new(self.caller.clone(), request))
    }

    /// One result a prompt, as JSON: `{"text"}` or `{"error"}`, in the order of the prompts.
    #[napi(catch_unwind)]
    pub fn batch<'env>(
        &self,
        env: &'env Env,
        batch: String,
        cancel: Option<ClassInstance<'_, NativeCancel>>,
    ) -> napi::Result<Unknown<'env>> {
        self.call(
            env,
            self.charged(|| read_batch(&batch)),
            cancel,
            |line, (requests, options), settler| async move {
                let results = line.batch(requests, options).await;
                let results = results.into_iter().map(|result| match result.and_then(Response::into_text) {
                    Ok(text) => json!({ "text": text }),
                    Err(error) => json!({ "error": fields(&error) }),
                });
                drop(line); // the runtime is free before anybody hears of it
                settler.settle(Ok(Value::Array(results.collect()).to_string()));
            },
        )
    }

    /// The counters as JSON.
    #[napi(catch_unwind)]
    pub fn stats(&self) -> String {
        json!(self.caller.stats()).to_string()
    }

    /// What its calls hold, as JSON.
    #[napi(catch_unwind)]
    pub fn memory(&self) -> String {
        json!(self.caller.memory()).to_string()
    }

    #[napi(catch_unwind)]
    pub fn reset_stats(&self) {
        self.caller.reset_stats();
    }

    /// How many bytes and replies the configuration's cache holds; `null` where it has none.
    #[napi(catch_unwind)]
    pub fn cached(&self) -> Option<Vec<f64>> {
        self.replies().map(|replies| vec![replies.bytes() as f64, replies.len() as f64])
    }

    /// Forgets the replies of the configuration's cache.
    #[napi(catch_unwind)]
    pub fn clear_cache(&self) {
        if let Some(replies) = self.replies() {
            replies.clear();
        }
    }

    /// Starts the runtime, so that the first call finds it up. Sends nothing.
    #[napi(catch_unwind)]
    pub fn warmup<'env>(&self, env: &'env Env) -> napi::Result<Unknown<'env>> {
        let (promise, settler) = promise::<()>(env)?;
        match self.caller.line() {
            Ok(line) => {
                line.spawn(|_line| async move { settler.settle(Ok(())) });
            }
            Err(error) => settler.settle(Err(error)),
        }
        Ok(promise)
    }
}

impl NativeClient {
    /// Charges what is read for a call to the client.
    fn charged<T>(&self, read: impl FnOnce() -> T) -> T {
        let _scope = self.caller.enter();
        read()
    }

    fn replies(&self) -> Option<&Replies> {
        match self.caller.source() {
            Source::Config(config) => config.policies_in_force().replies.as_ref(),
            _ => None,
        }
    }

    fn complete_as<'env, T: IntoJs>(
        &self,
        env: &'env Env,
        request: &str,
        cancel: Option<ClassInstance<'_, NativeCancel>>,
        convert: impl FnOnce(Response) -> Result<T> + Send + 'static,
    ) -> napi::Result<Unknown<'env>> {
        self.call(env, self.charged(|| read(request)), cancel, |line, request, settler| async move {
            let outcome = line.complete(request).await;
            drop(line); // the runtime is free before anybody hears of it
            settler.settle(outcome.and_then(convert));
        })
    }

    fn call<'env, R, T: IntoJs, F>(
        &self,
        env: &'env Env,
        request: Result<R>,
        cancel: Option<ClassInstance<'_, NativeCancel>>,
        work: impl FnOnce(Line, R, Settler<T>) -> F,
    ) -> napi::Result<Unknown<'env>>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (promise, settler) = promise::<T>(env)?;
        let number = settler.number();
        match request.and_then(|request| Ok((request, self.caller.line()?))) {
            Err(error) => settler.settle(Err(error)),
            Ok((request, line)) => {
                let task = line.spawn(|line| work(line, request, settler));
                armed(env, number, cancel, task)?;
            }
        }
        Ok(promise)
    }
}

/// Stopping a task drops its future, and with it the socket and the settler, which rejects.
fn armed(
    env: &Env,
    number: u32,
    cancel: Option<ClassInstance<'_, NativeCancel>>,
    task: tokio::task::AbortHandle,
) -> napi::Result<()> {
    if let Some(cancel) = cancel {
        let task = task.clone();
        cancel.arm(move || task.abort());
    }
    arm(env, number, Stop::Task(task))
}

fn read(request: &str) -> Result<Box<Request>> {
    let wire: WireRequest = serde_json::from_str(request).map_err(bad)?;
    wire.settings.check()?;
    let mut request = Request::new(wire.messages).settings(wire.settings).tools(wire.tools);
    request.tool_choice = wire.tool_choice;
    request.parallel_tool_calls = wire.parallel_tool_calls;
    request.output = wire.output;
    request.extra = wire.extra;
    Ok(Box::new(request))
}

fn read_batch(batch: &str) -> Result<(Vec<Request>, BatchOptions)> {
    let wire: WireBatch = serde_json::from_str(batch).map_err(bad)?;
    wire.settings.check()?;
    let mut options = BatchOptions::default();
    options.max_concurrency = wire.max_concurrency.unwrap_or(options.max_concurrency);
    options.memory_limit = wire.memory_limit;
    let requests =
        wire.prompts.into_iter().map(|prompt| Request::prompt(prompt).settings(wire.settings.clone()));
    Ok((requests.collect(), options))
}

/// A reply once: the facade takes its text and its calls from the message.
fn whole(response: &Response) -> Value {
    json!({
        "id": response.id,
        "model": response.model,
        "content": response.message().content,
        "finishReason": response.finish_reason,
        "finishRaw": response.finish_raw,
        "usage": response.usage,
        "cost": response.usage.as_ref().and_then(|usage| usage.cost),
        "logprobs": response.logprobs,
    })
}

pub(crate) fn bad(error: serde_json::Error) -> Error {
    Error::invalid_input(format!("an argument cannot be used: {error}"))
}
