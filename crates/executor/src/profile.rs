//! How an executor uses the machine: plain data, no runtime is started by making one.

use std::num::NonZeroUsize;
use std::time::Duration;

use crate::runtime::Shape;

/// Worker threads and per-run limits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Profile {
    /// Its name, as in `low_latency`.
    pub name: &'static str,
    /// The threads that drive requests.
    pub workers: NonZeroUsize,
    /// How many nodes of one run may be under way at once; no limit unless set.
    pub max_parallel: Option<NonZeroUsize>,
    /// How long a run may take; no limit unless set.
    pub timeout: Option<Duration>,
    /// How many bytes its runs may hold together; no limit unless set. From 80 % of it on, nothing new is begun while
    /// something is under way, and replies are read slowly; beyond it, a run that asks for more fails with `MEMORY`.
    pub memory_limit: Option<u64>,
}

impl Profile {
    fn new(name: &'static str, workers: usize) -> Self {
        let workers = NonZeroUsize::new(workers).unwrap_or(NonZeroUsize::MIN);
        Self { name, workers, max_parallel: None, timeout: None, memory_limit: None }
    }

    /// One thread: no hand-over between threads, the least memory that still runs branches side by side.
    pub fn low_latency() -> Self {
        Self::new("low_latency", 1)
    }

    /// Half the cores, at least one: the host program keeps the others.
    pub fn balanced() -> Self {
        Self::new("balanced", cores() / 2)
    }

    /// Every core that the container grants.
    pub fn high_throughput() -> Self {
        Self::new("high_throughput", cores())
    }

    /// One thread and at most four nodes of a run at once, so that a wide graph holds few replies at a time.
    pub fn memory_optimized() -> Self {
        Self { max_parallel: NonZeroUsize::new(4), ..Self::new("memory_optimized", 1) }
    }

    /// Sets the limit of nodes at once.
    #[must_use]
    pub fn max_parallel(mut self, limit: NonZeroUsize) -> Self {
        self.max_parallel = Some(limit);
        self
    }

    /// Sets the limit of time.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Sets the limit of memory, in bytes.
    #[must_use]
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.memory_limit = Some(bytes);
        self
    }

    pub(crate) fn shape(&self) -> Shape {
        Shape { workers: self.workers }
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::balanced()
    }
}

/// The cores granted to this process, which may be fewer than the machine's.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}
