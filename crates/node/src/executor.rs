//! `Executor`: starts runs and hands their results to promises.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use graphbit_core::{Error, Result, nearest};
use graphbit_executor::{Executor, Host, Profile, RunOptions, RunResult};
use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::NativeConfig;
use crate::error::thrown;
use crate::event_loop::{EventLoop, Stop};
use crate::host::JsHost;
use crate::js::Scope;
use crate::promise::{arm, promise};
use crate::result::Finished;
use crate::run::NativeRun;
use crate::runs::Runs;
use crate::workflow::NativeWorkflow;

/// Runs workflows.
#[napi]
pub struct NativeExecutor {
    executor: Executor,
    /// The facade that made it.
    facade: u32,
    runs: Arc<Runs>,
}

/// The options of an executor as the facade writes them.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct ExecutorOptions {
    timeout_ms: Option<f64>,
    max_parallel: Option<NonZeroUsize>,
    memory_limit_bytes: Option<u64>,
}

/// The options of a run as the facade writes them.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct WireRun {
    input: Value,
    timeout_ms: Option<f64>,
    max_parallel: Option<NonZeroUsize>,
    memory_limit_bytes: Option<u64>,
}

#[napi]
impl NativeExecutor {
    #[napi(constructor, catch_unwind)]
    pub fn new(
        env: &Env,
        config: Option<&NativeConfig>,
        profile_name: String,
        options: String,
        facade: u32,
    ) -> napi::Result<Self> {
        let profile = profile(&profile_name)
            .and_then(|profile| configured(profile, &options))
            .map_err(|error| thrown(env, &error))?;
        let executor = match config {
            Some(config) => Executor::new(Arc::clone(&config.config), profile),
            None => Executor::without_model(profile),
        };
        Ok(Self { executor, facade, runs: Arc::default() })
    }

    /// Starts a run. `functions` is the facade's number for the run's JavaScript functions, where it has any.
    #[napi(catch_unwind)]
    pub fn start<'env>(
        &self,
        env: &'env Env,
        workflow: &mut NativeWorkflow,
        options: String,
        functions: Option<u32>,
        run: Option<&mut NativeRun>,
    ) -> napi::Result<Unknown<'env>> {
        let (promise, settler) = promise::<Finished>(env)?;
        let number = settler.number();
        let memory = self.executor.open();
        let options = {
            let _scope = memory.enter();
            read(&options)
        };
        let prepared = options.and_then(|options| Ok((workflow.freeze()?, options.memory(memory))));
        let (workflow, mut options) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                settler.settle(Err(error));
                return Ok(promise);
            }
        };
        if let Some(events) = run.as_ref().and_then(|run| run.events()) {
            options = events.watched_by(options);
        }
        if let Some(run) = functions {
            let queue = Arc::clone(EventLoop::current(Scope(env.raw()))?.queue());
            options = options.host(Arc::new(JsHost { queue, run, facade: self.facade }) as Arc<dyn Host>);
        }
        let (listed, facade) = (self.runs.begin(number), self.facade);
        let settle = move |outcome: Result<RunResult>| {
            drop(listed);
            settler.settle(outcome.map(|result| Finished::new(result, facade)));
        };
        match self.executor.start_then(&workflow, options, settle) {
            Ok(control) => {
                self.runs.started(number, &control);
                arm(env, number, Stop::Run(Arc::clone(&self.runs)))?;
                if let Some(run) = run {
                    run.begin(control, self.executor.clone());
                }
            }
            Err((error, settle)) => settle(Err(error)),
        }
        Ok(promise)
    }

    /// Has its runs start nothing new, and stops those whose nodes under way take longer than the limit. Resolves to their
    /// receipts when all have ended, as a JSON array.
    #[napi(catch_unwind)]
    pub fn drain<'env>(&self, env: &'env Env, limit_ms: f64) -> napi::Result<Unknown<'env>> {
        let (promise, settler) = promise::<String>(env)?;
        let controls = self.runs.controls();
        match limit(limit_ms).and_then(|limit| Ok((limit, self.executor.lease()?))) {
            Err(error) => settler.settle(Err(error)),
            Ok((limit, lease)) => {
                controls.iter().for_each(|control| control.drain(limit));
                lease.spawn(async move {
                    let mut receipts = Vec::with_capacity(controls.len());
                    for control in controls {
                        let receipt = json!(control.ended().await);
                        receipts.push(with(receipt, [("runId", control.id().into())]));
                    }
                    settler.settle(Ok(Value::Array(receipts).to_string()));
                });
            }
        }
        Ok(promise)
    }

    /// Stops its runs, forgets the outputs it keeps, and resolves when all have ended.
    #[napi(catch_unwind)]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<Unknown<'env>> {
        let (promise, settler) = promise::<()>(env)?;
        let controls = self.runs.controls();
        controls.iter().for_each(|control| control.cancel("the executor was closed"));
        self.executor.shrink();
        match self.executor.lease() {
            Err(error) => settler.settle(Err(error)),
            Ok(lease) => {
                lease.spawn(async move {
                    for control in controls {
                        control.ended().await;
                    }
                    settler.settle(Ok(()));
                });
            }
        }
        Ok(promise)
    }

    /// What its runs hold, as JSON.
    #[napi(catch_unwind)]
    pub fn memory(&self) -> String {
        with(json!(self.executor.memory()), [("activeRuns", json!(self.executor.active_runs()))]).to_string()
    }

    /// The counters as JSON.
    #[napi(catch_unwind)]
    pub fn stats(&self) -> String {
        json!(self.executor.stats()).to_string()
    }

    #[napi(catch_unwind)]
    pub fn reset_stats(&self) {
        self.executor.reset_stats();
    }

    #[napi(catch_unwind)]
    pub fn profile(&self) -> String {
        self.executor.profile().name.to_owned()
    }
}

/// An object with more members.
pub(crate) fn with<const N: usize>(mut object: Value, members: [(&str, Value); N]) -> Value {
    if let Value::Object(object) = &mut object {
        object.extend(members.map(|(name, value)| (name.to_owned(), value)));
    }
    object
}

/// A profile by its name.
pub(crate) fn profile(name: &str) -> Result<Profile> {
    let names = ["low_latency", "balanced", "high_throughput", "memory_optimized"];
    Ok(match name {
        "low_latency" => Profile::low_latency(),
        "balanced" => Profile::balanced(),
        "high_throughput" => Profile::high_throughput(),
        "memory_optimized" => Profile::memory_optimized(),
        other => {
            let hint =
                nearest(other, names).map(|near| format!("did you mean {near:?}? ")).unwrap_or_default();
            return Err(Error::config(format!(
                "unknown profile {other:?}: {hint}known are {}",
                names.join(", ")
            )));
        }
    })
}

fn configured(mut profile: Profile, options: &str) -> Result<Profile> {
    let options: ExecutorOptions = serde_json::from_str(options)
        .map_err(|error| Error::config(format!("an executor option cannot be used: {error}")))?;
    profile.max_parallel = options.max_parallel.or(profile.max_parallel);
    profile.memory_limit = options.memory_limit_bytes.or(profile.memory_limit);
    if let Some(limit) = options.timeout_ms {
        profile.timeout = Some(milliseconds("timeout", limit)?);
    }
    Ok(profile)
}

fn read(options: &str) -> Result<RunOptions> {
    let wire: WireRun = serde_json::from_str(options)
        .map_err(|error| Error::invalid_input(format!("a run option cannot be used: {error}")))?;
    let mut options = RunOptions::default().input(wire.input);
    options.max_parallel = wire.max_parallel;
    options.memory_limit = wire.memory_limit_bytes;
    if let Some(limit) = wire.timeout_ms {
        options.timeout = Some(milliseconds("timeout", limit)?);
    }
    Ok(options)
}

/// A length of time from JavaScript, which may be none.
pub(crate) fn limit(value: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(value / 1e3)
        .map_err(|_| Error::invalid_input(format!("timeoutMs must not be negative, as {value} is")))
}

/// A length of time from JavaScript.
pub(crate) fn milliseconds(name: &str, value: f64) -> Result<Duration> {
    match Duration::try_from_secs_f64(value / 1e3) {
        Ok(limit) if !limit.is_zero() => Ok(limit),
        _ => Err(Error::invalid_input(format!(
            "{name} must be a positive number of milliseconds, not {value}"
        ))),
    }
}
