//! The runtimes: one for each distinct shape, started by the first lease, shared by everybody who has the same shape, and
//! stopped in the background when nobody has held a lease for a while. Each owns its HTTP connections, which end with it.
//! When all are unused after a burst, the memory that is free goes back to the system.

mod keeper;
mod options;
mod release;

use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use graphbit_core::{Error, Result};
use graphbit_llm::Connections;
use serde::Serialize;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

pub use options::{RuntimeOptions, configure, options};
pub(crate) use release::WhenDropped;
pub use release::{aside, handed_over};

/// What makes two runtimes the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    /// How many threads drive requests.
    pub(crate) workers: NonZeroUsize,
}

/// A runtime that is up.
pub(crate) struct Running {
    shape: Shape,
    handle: tokio::runtime::Handle,
    connections: Connections,
    leases: AtomicUsize,
    released: Notify,
}

/// The runtimes that are up. A runtime leaves the list, under its lock, before it stops: nobody can lease a stopping one.
static RUNNING: Mutex<Vec<Arc<Running>>> = Mutex::new(Vec::new());

fn running() -> MutexGuard<'static, Vec<Arc<Running>>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The right to use a runtime; it does not stop while one is held.
pub struct Lease(Arc<Running>);

impl Lease {
    /// Leases the runtime of a shape and starts it when it is not up.
    pub(crate) fn take(shape: Shape) -> Result<Self> {
        let shape = match options().max_workers {
            Some(most) => Shape { workers: shape.workers.min(most) },
            None => shape,
        };
        let mut list = running();
        let found = list.iter().find(|runtime| runtime.shape == shape).cloned();
        let runtime = match found {
            Some(runtime) => runtime,
            None => {
                let runtime = keeper::start(shape).map_err(|error| {
                    Error::internal("no thread could be started for a runtime").caused_by(error)
                })?;
                list.push(Arc::clone(&runtime));
                runtime
            }
        };
        runtime.leases.fetch_add(1, Ordering::Relaxed); // under the lock, as the keeper's last look is
        release::taken();
        Ok(Self(runtime))
    }

    /// Runs a future on the runtime.
    pub fn spawn<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.0.handle.spawn(work)
    }

    /// Makes the runtime the current one for as long as the guard lives.
    pub(crate) fn enter(&self) -> tokio::runtime::EnterGuard<'_> {
        self.0.handle.enter()
    }

    pub(crate) fn connections(&self) -> &Connections {
        &self.0.connections
    }
}

impl Clone for Lease {
    fn clone(&self) -> Self {
        self.0.leases.fetch_add(1, Ordering::Relaxed); // this lease keeps the count above zero
        Self(Arc::clone(&self.0))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.0.leases.fetch_sub(1, Ordering::Release) == 1 {
            self.0.released.notify_one();
            release::soon();
        }
    }
}

/// A runtime that is up, for whoever wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RuntimeStatus {
    /// Its threads.
    pub workers: usize,
    /// Runs, calls and streams that use it now.
    pub leases: usize,
}

/// The runtimes that are up.
pub fn status() -> Vec<RuntimeStatus> {
    let describe = |runtime: &Arc<Running>| RuntimeStatus {
        workers: runtime.shape.workers.get(),
        leases: runtime.leases.load(Ordering::Relaxed),
    };
    running().iter().map(describe).collect()
}
