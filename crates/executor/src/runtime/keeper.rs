//! Starts a runtime and stops it: the keeper is a task of the runtime itself, so that no thread exists only to wait.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use graphbit_llm::Connections;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::{Running, RuntimeOptions, Shape, options, release, running};

pub(super) fn start(shape: Shape) -> io::Result<Arc<Running>> {
    graphbit_memory::tune_allocator();
    let options = options();
    match shape.workers.get() {
        1 => start_on_one_thread(shape, &options),
        workers => start_on_many(shape, workers, &options),
    }
}

fn build(builder: &mut Builder, options: &RuntimeOptions) -> io::Result<Runtime> {
    if let Some(bytes) = options.stack_bytes {
        builder.thread_stack_size(bytes);
    }
    builder
        .enable_io()
        .enable_time()
        .thread_name("graphbit")
        .on_thread_stop(leave)
        .max_blocking_threads(options.max_blocking.get())
        .thread_keep_alive(Duration::from_secs(2));
    // tokio panics where the system has no thread left; that is an error like any other.
    catch_unwind(AssertUnwindSafe(|| builder.build()))
        .unwrap_or_else(|_| Err(io::Error::other("no thread could be started")))
}

/// The last that a thread of ours does; with the last of them went the runtime's connections.
fn leave() {
    release::ended();
    graphbit_memory::leave_thread();
}

/// The thread that drives the runtime is also the one that ends it.
fn start_on_one_thread(shape: Shape, options: &RuntimeOptions) -> io::Result<Arc<Running>> {
    let mut runtime = Ending(Some(build(&mut Builder::new_current_thread(), options)?));
    let state = Arc::new(Running::new(shape, runtime.handle()?));
    let (kept, idle) = (Arc::clone(&state), options.idle);
    let mut thread = std::thread::Builder::new().name("graphbit".to_owned());
    if let Some(bytes) = options.stack_bytes {
        thread = thread.stack_size(bytes);
    }
    thread.spawn(move || {
        if let Some(runtime) = &mut runtime.0 {
            runtime.block_on(until_unused(kept, idle));
        }
        drop(runtime);
        leave();
    })?;
    Ok(state)
}

/// The runtime belongs to a task of its own, which ends it from within.
fn start_on_many(shape: Shape, workers: usize, options: &RuntimeOptions) -> io::Result<Arc<Running>> {
    let runtime = Ending(Some(build(Builder::new_multi_thread().worker_threads(workers), options)?));
    let handle = runtime.handle()?;
    let state = Arc::new(Running::new(shape, handle.clone()));
    let (kept, idle) = (Arc::clone(&state), options.idle);
    handle.spawn(async move {
        until_unused(kept, idle).await;
        drop(runtime);
    });
    Ok(state)
}

/// A runtime that ends without waiting for its threads, wherever it is dropped: tokio's own drop waits, and panics within a task.
struct Ending(Option<Runtime>);

impl Ending {
    fn handle(&self) -> io::Result<Handle> {
        self.0.as_ref().map(|runtime| runtime.handle().clone()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Running {
    fn new(shape: Shape, handle: tokio::runtime::Handle) -> Self {
        let (leases, released) = (AtomicUsize::new(0), Notify::new());
        Self { shape, handle, connections: Connections::default(), leases, released }
    }
}

/// Waits until nobody has held a lease for `idle`, and takes the runtime off the list.
async fn until_unused(state: Arc<Running>, idle: Duration) {
    loop {
        state.released.notified().await;
        while timeout(idle, state.released.notified()).await.is_ok() {} // somebody was here meanwhile: wait anew
        let mut list = running();
        if state.leases.load(Ordering::Acquire) == 0 {
            list.retain(|other| !Arc::ptr_eq(other, &state));
            return;
        }
    }
}
