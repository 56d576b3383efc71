//! What this library is, what it uses, and how it is shaped.

use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use graphbit_core::Error;
use graphbit_executor::runtime::{self, RuntimeOptions};
use graphbit_memory::{Snapshot, memory_limit_bytes, system_memory};
use napi::Env;
use napi::JsValue;
use napi::bindgen_prelude::{JsObjectValue, Object, Unknown};
use napi_derive::napi;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::error::thrown;
use crate::event_loop::{EventLoop, Hooks};
use crate::executor::with;
use crate::js::{Kept, Scope};
use crate::memory;

static LOADED: OnceLock<Instant> = OnceLock::new();

/// Takes a facade's functions that native code calls; gives the number that names the facade.
#[napi(catch_unwind)]
pub fn register(env: &Env, functions: Object<'_>) -> napi::Result<u32> {
    LOADED.get_or_init(Instant::now);
    let scope = Scope(env.raw());
    let keep = |name: &str| Kept::new(scope, functions.get_named_property::<Unknown<'_>>(name)?.raw());
    let hooks = Hooks {
        error: keep("error")?,
        result: keep("result")?,
        dispatch: keep("dispatch")?,
        give_up: keep("giveUp")?,
        next_turn: keep("nextTurn")?,
        trace: keep("trace")?,
        collect: keep("collect")?,
    };
    Ok(EventLoop::current(scope)?.register(hooks))
}

/// Goes on with what was left when a turn of the event loop was used up.
#[napi(catch_unwind)]
pub fn resume(env: &Env) -> napi::Result<()> {
    EventLoop::current(Scope(env.raw()))?.resume();
    Ok(())
}

/// A number for a run that calls JavaScript functions.
#[napi(catch_unwind)]
pub fn run_number(env: &Env) -> napi::Result<u32> {
    Ok(EventLoop::current(Scope(env.raw()))?.run_number())
}

/// The version of the library.
#[napi(catch_unwind)]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// What the library is and how the machine looks to it, as JSON.
#[napi(catch_unwind)]
pub fn system_info() -> String {
    let memory = system_memory();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "os": std::env::consts::OS,
        "arch": std::env::consts::ARCH,
        "cpuCount": std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
        "totalMemoryBytes": memory.map(|memory| memory.total_bytes),
        "availableMemoryBytes": memory.map(|memory| memory.available_bytes),
        "memoryLimitBytes": memory_limit_bytes(),
        "memoryAllocator": if graphbit_memory::allocator_stats().is_some() { "system, tracked" } else { "system" },
        "buildProfile": if cfg!(debug_assertions) { "debug" } else { "release" },
        "uptimeMs": LOADED.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e3,
        "runtimes": runtime::status(),
    })
    .to_string()
}

/// The process's memory now, as JSON.
#[napi(catch_unwind)]
pub fn memory_snapshot() -> String {
    with(json!(Snapshot::take()), [("accounts", memory::accounts())]).to_string()
}

/// What is under way, as JSON: runs and calls of the process, streams of this environment.
#[napi(catch_unwind)]
pub fn under_way(env: &Env) -> napi::Result<String> {
    let streams = EventLoop::current(Scope(env.raw()))?.pending.streams();
    let active = graphbit_executor::under_way();
    Ok(json!({ "runs": active.runs, "calls": active.calls, "streams": streams }).to_string())
}

/// Promises of this environment that have not settled.
#[napi(catch_unwind)]
pub fn pending_calls(env: &Env) -> napi::Result<u32> {
    Ok(u32::try_from(EventLoop::current(Scope(env.raw()))?.pending.calls()).unwrap_or(u32::MAX))
}

/// Resolves when no promise of this environment is pending.
#[napi(catch_unwind)]
pub fn when_idle(env: &Env) -> napi::Result<Unknown<'_>> {
    let scope = Scope(env.raw());
    let promise = EventLoop::current(scope)?.when_idle()?;
    // SAFETY: the promise is a value of this scope.
    Ok(unsafe { Unknown::from_raw_unchecked(scope.0, promise) })
}

/// Stops every call and run of this environment; gives how many.
#[napi(catch_unwind)]
pub fn stop_all(env: &Env) -> napi::Result<u32> {
    Ok(u32::try_from(EventLoop::current(Scope(env.raw()))?.pending.stop_all()).unwrap_or(u32::MAX))
}

/// The options of `configureRuntime`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct WireOptions {
    worker_threads: Option<NonZeroUsize>,
    max_blocking_threads: Option<NonZeroUsize>,
    thread_stack_size_mb: Option<f64>,
    idle_timeout_ms: Option<f64>,
    /// A number of megabytes, `"container"` or `"none"`.
    memory_limit_mb: Option<Json>,
}

/// Sets what holds for runtimes that start from now on; gives what took effect, as JSON.
#[napi(catch_unwind)]
pub fn configure_runtime(env: &Env, options: String) -> napi::Result<String> {
    let invalid = |message: String| thrown(env, &Error::config(message));
    let wire: WireOptions = serde_json::from_str(&options)
        .map_err(|error| invalid(format!("a runtime option cannot be used: {error}")))?;
    let mut options: RuntimeOptions = runtime::options();
    options.max_workers = wire.worker_threads.or(options.max_workers);
    options.max_blocking = wire.max_blocking_threads.unwrap_or(options.max_blocking);
    if let Some(size) = wire.thread_stack_size_mb {
        if !(0.125..=64.0).contains(&size) {
            return Err(invalid(format!("threadStackSizeMb must be between 0.125 and 64, not {size}")));
        }
        options.stack_bytes = Some((size * 1024.0 * 1024.0) as usize);
    }
    if let Some(idle) = wire.idle_timeout_ms {
        options.idle = Duration::try_from_secs_f64(idle / 1e3)
            .map_err(|_| invalid(format!("idleTimeoutMs must not be negative, as {idle} is")))?;
    }
    if let Some(limit) = &wire.memory_limit_mb {
        memory::limit(limit).map_err(invalid)?;
    }
    let running = runtime::configure(options.clone());
    Ok(json!({
        "workerThreads": options.max_workers,
        "maxBlockingThreads": options.max_blocking,
        "threadStackSizeMb": options.stack_bytes.map(|bytes| bytes as f64 / 1024.0 / 1024.0),
        "idleTimeoutMs": options.idle.as_secs_f64() * 1e3,
        "memoryLimitMb": memory::limit_mb(),
        "runtimesThatKeepTheirShape": running,
    })
    .to_string())
}
