//! Starts runs on a profile's runtime.

use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt;
use graphbit_core::{Error, Result};
use graphbit_memory::Budget;
use serde::Serialize;
use tokio::sync::oneshot;

use crate::cache::Outputs;
use crate::drive::drive;
use crate::event::RunEvent;
use crate::handler::{Context, panicked};
use crate::machine::Machine;
use crate::memory::{Bounded, Gate, limits, process_budget};
use crate::root::Root;
use crate::run::{Control, Run, RunOptions};
use crate::runtime::Lease;
use crate::state::RunState;
use crate::{Caller, End, MemoryUse, Profile, RunMemory, RunResult, Source, Workflow};

/// Runs workflows. It is a handle: making one starts nothing, clones share their counters.
#[derive(Clone)]
pub struct Executor {
    source: Option<Source>,
    profile: Profile,
    counters: Arc<Counters>,
    /// Outputs of nodes that are cached by key.
    cache: Arc<Outputs>,
    /// Over the memory of all its runs.
    budget: Budget,
    gate: Arc<Gate>,
}

#[derive(Debug, Default)]
struct Counters {
    started: AtomicU64,
    succeeded: AtomicU64,
    failed: AtomicU64,
    cancelled: AtomicU64,
    micros: AtomicU64,
}

/// What an executor has run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ExecutorStats {
    /// Runs started.
    pub total_executions: u64,
    /// Runs that ended with every node succeeded.
    pub successful_executions: u64,
    /// Runs that ended otherwise, without being cancelled.
    pub failed_executions: u64,
    /// Runs that were cancelled.
    pub cancelled_executions: u64,
    /// Mean time of the runs that ended, in milliseconds.
    pub average_duration_ms: f64,
}

impl Executor {
    /// An executor whose agents ask this model.
    pub fn new(source: impl Into<Source>, profile: Profile) -> Self {
        Self::of(Some(source.into()), profile)
    }

    /// An executor without a model, for graphs whose agents bring their own or that have none.
    pub fn without_model(profile: Profile) -> Self {
        Self::of(None, profile)
    }

    fn of(source: Option<Source>, profile: Profile) -> Self {
        let budget = process_budget().group(limits(profile.memory_limit));
        let (counters, cache, gate) = (Arc::default(), Arc::default(), Gate::of_runs());
        Self { source, profile, counters, cache, budget, gate }
    }

    /// How it uses the machine.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The right to the runtime that its runs use.
    ///
    /// # Errors
    /// `INTERNAL` when no thread can be started.
    pub fn lease(&self) -> Result<Lease> {
        Lease::take(self.profile.shape())
    }

    /// Direct calls to the same model on the same runtime.
    pub fn caller(&self) -> Option<Caller> {
        self.source.clone().map(|source| Caller::within(source, self.profile.clone(), &self.budget))
    }

    /// Opens the memory of a run that is still to be started, so that what is made for it is charged to it:
    /// [`RunOptions::memory`].
    pub fn open(&self) -> RunMemory {
        RunMemory::open(&self.budget, new_id(), None)
    }

    /// What all its runs hold. `peak_bytes` is absent: it is that of each run.
    pub fn memory(&self) -> MemoryUse {
        MemoryUse::of(&self.budget)
    }

    /// How many of its runs are under way.
    pub fn active_runs(&self) -> usize {
        self.gate.active()
    }

    /// Gives back what it keeps for later runs.
    pub fn shrink(&self) {
        self.cache.clear();
    }

    /// Starts a run.
    ///
    /// # Errors
    /// `INVALID_INPUT` when a node that calls a function has none, or the input does not fit the graph's schema.
    pub fn start(&self, workflow: &Arc<Workflow>, options: RunOptions) -> Result<Run> {
        let (sender, outcome) = oneshot::channel();
        let started = self.start_then(workflow, options, move |result| {
            let _ = sender.send(result); // nobody may be waiting any more
        });
        match started {
            Ok(control) => Ok(Run { control, outcome }),
            Err((error, _)) => Err(error),
        }
    }

    /// Starts a run and hands its outcome to a function, on the runtime's thread.
    ///
    /// # Errors
    /// As [`start`](Self::start); the function comes back with it.
    pub fn start_then<T>(
        &self,
        workflow: &Arc<Workflow>,
        options: RunOptions,
        then: T,
    ) -> Result<Control, (Error, T)>
    where
        T: FnOnce(Result<RunResult>) + Send + 'static,
    {
        match self.begin(workflow, options) {
            Ok((control, lease, work)) => {
                // Outside of the account: when the outcome is handed over, the run holds what that retains, and nothing else.
                lease.spawn(async move { then(work.await) });
                Ok(control)
            }
            Err(error) => Err((error, then)),
        }
    }

    /// A run that has begun, and what is to be driven for it.
    fn begin(
        &self,
        workflow: &Arc<Workflow>,
        options: RunOptions,
    ) -> Result<(Control, Lease, impl Future<Output = Result<RunResult>> + Send + use<>)> {
        workflow.check(options.host.is_some())?;
        workflow.accept(&options.input)?;
        let lease = Lease::take(self.profile.shape())?;
        let model = match &self.source {
            Some(source) => source.connect(&lease),
            None => {
                Err(Error::config("the executor has no model: give it a configuration, or the agent one"))
            }
        };
        let memory = options.memory.unwrap_or_else(|| self.open());
        if options.memory_limit.is_some() {
            memory.limit(options.memory_limit);
        }
        let charged = memory.clone();
        let scope = charged.enter();
        let model = model.map(|model| Bounded::within(model, memory.budget()));
        let max_parallel = options.max_parallel.or(self.profile.max_parallel);
        let machine = Machine::new(workflow.plan(), max_parallel);
        let hosted = options.host.is_some();
        let root = Arc::new(Root::new(memory, Arc::clone(&self.cache)));
        let run = Arc::new(RunState::new(root, Arc::clone(workflow), options.input, machine, hosted));
        let limit = options.timeout.or(self.profile.timeout);
        let (spawner, counters) = (lease.clone(), Arc::clone(&self.counters));
        let control = Control(Arc::clone(&run));
        if let Some(watch) = options.watch {
            watch(run.root.feed.read());
        }
        counters.started.fetch_add(1, Ordering::Relaxed);
        // Here, not on the runtime: what the program sends through the control comes after it.
        run.root.feed.send(|| RunEvent::RunStarted {
            run: Arc::clone(run.root.memory.shared_id()),
            workflow: run.workflow.plan().name().into(),
        });
        let gate = Some(Arc::clone(&self.gate));
        let work = charged.wrap(async move {
            let context =
                Context { run: Arc::clone(&run), lease, model, host: options.host, max_parallel, gate };
            let driven = AssertUnwindSafe(drive(context, limit)).catch_unwind().await;
            let outcome = driven.unwrap_or_else(|panic| Err(panicked(&*panic))).map(RunResult::fitting);
            if !run.has_ended() {
                run.end(run.stop(false, None)); // after a panic
            }
            counters.count(&run, &outcome);
            finish(&run, &outcome);
            outcome
        });
        drop(scope);
        Ok((control, spawner, work))
    }

    /// Starts a run and waits for its result.
    ///
    /// # Errors
    /// As [`start`](Self::start) and [`Run::result`].
    pub async fn execute(&self, workflow: &Arc<Workflow>, options: RunOptions) -> Result<RunResult> {
        self.start(workflow, options)?.result().await
    }

    /// What it has run since it was made or reset.
    pub fn stats(&self) -> ExecutorStats {
        let counters = &*self.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let ended = read(&counters.succeeded) + read(&counters.failed) + read(&counters.cancelled);
        ExecutorStats {
            total_executions: read(&counters.started),
            successful_executions: read(&counters.succeeded),
            failed_executions: read(&counters.failed),
            cancelled_executions: read(&counters.cancelled),
            average_duration_ms: if ended == 0 {
                0.0
            } else {
                read(&counters.micros) as f64 / ended as f64 / 1e3
            },
        }
    }

    /// Sets the counters to zero.
    pub fn reset_stats(&self) {
        let counters = &*self.counters;
        for counter in
            [&counters.started, &counters.succeeded, &counters.failed, &counters.cancelled, &counters.micros]
        {
            counter.store(0, Ordering::Relaxed);
        }
    }
}

impl Counters {
    fn count(&self, run: &RunState, outcome: &Result<RunResult>) {
        let counter = match outcome {
            Ok(result) if result.is_success() => &self.succeeded,
            Err(_) if run.is_cancelled() => &self.cancelled,
            _ => &self.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(run.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }
}

/// Tells the readers of the run's events how it ended.
fn finish(run: &RunState, outcome: &Result<RunResult>) {
    run.root.feed.end(|| {
        let (end, error) = match outcome {
            Ok(result) if result.is_success() => (End::Succeeded, None),
            Ok(result) => (End::Failed, result.error()),
            Err(error) if run.is_cancelled() => (End::Cancelled, Some(error)),
            Err(error) => (End::Failed, Some(error)),
        };
        RunEvent::RunFinished {
            run: Arc::clone(run.root.memory.shared_id()),
            end,
            error: error.map(|error| Arc::new(error.duplicate())),
            duration_ms: run.began.elapsed().as_secs_f64() * 1e3,
            memory: run.root.memory.usage(),
        }
    });
}

/// Sixteen hexadecimal digits: unique enough to find a run in a log.
fn new_id() -> Arc<str> {
    let mut id = [b'0'; "run_".len() + 16];
    let _ = write!(id.as_mut_slice(), "run_{:016x}", fastrand::u64(..)); // there is room for it
    std::str::from_utf8(&id).unwrap_or_default().into()
}
