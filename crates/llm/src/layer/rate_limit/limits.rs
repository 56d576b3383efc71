//! The limits that calls share, and the queue before them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use graphbit_core::{Error, ErrorCode, Result, Retry as Advice};
use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use super::bucket::Bucket;
use crate::driver::after;
use crate::protocol::RateState;

/// How much is allowed. What is not set is not limited, but for what the server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimitOptions {
    /// Calls a minute. As many may go at once after a pause.
    pub requests_per_minute: Option<u32>,
    /// Tokens a minute, read and written.
    pub tokens_per_minute: Option<u64>,
    /// How long a call may wait for its turn; ten minutes unless told otherwise. One that would have to wait longer fails at once.
    pub max_wait: Duration,
}

impl Default for RateLimitOptions {
    fn default() -> Self {
        Self { requests_per_minute: None, tokens_per_minute: None, max_wait: Duration::from_secs(600) }
    }
}

/// The limits of one account. Clones share them; share them only where the vendor counts together.
#[derive(Clone)]
pub struct RateLimits(Arc<Shared>);

struct Shared {
    max_wait: Duration,
    /// Held by the call whose turn is next.
    turn: Semaphore,
    /// Rung when that call may find more than it knew of.
    changed: Notify,
    state: Mutex<State>,
}

struct State {
    requests: Counted,
    tokens: Counted,
    /// The server has asked to wait until then.
    closed: Option<Instant>,
    /// What those who wait will take.
    waiting: Cost,
}

#[derive(Default)]
struct Counted {
    allowed: Option<Bucket>,
    told: Option<Bucket>,
}

#[derive(Clone, Copy, Default)]
struct Cost {
    requests: f64,
    tokens: f64,
}

impl RateLimits {
    /// Full buckets.
    ///
    /// # Errors
    /// `CONFIG` for a limit of 0.
    pub fn new(options: RateLimitOptions) -> Result<Self> {
        let positive = |name: &str, value: Option<u64>| match value {
            Some(0) => Err(Error::config(format!(
                "rateLimit.{name} must be at least 1, not 0; leave it out for no limit"
            ))),
            value => Ok(Counted { allowed: value.map(|value| Bucket::per_minute(value as f64)), told: None }),
        };
        let state = State {
            requests: positive("requestsPerMinute", options.requests_per_minute.map(u64::from))?,
            tokens: positive("tokensPerMinute", options.tokens_per_minute)?,
            closed: None,
            waiting: Cost::default(),
        };
        Ok(Self(Arc::new(Shared {
            max_wait: options.max_wait,
            turn: Semaphore::new(1),
            changed: Notify::new(),
            state: Mutex::new(state),
        })))
    }

    /// Takes over what a server says it has left.
    pub fn learn(&self, told: &RateState) {
        let mut state = self.state();
        // A server that does not speak of one of the two has nothing new to say of it.
        if let Some(window) = &told.requests {
            state.requests.told = Bucket::told(window);
        }
        if let Some(window) = &told.tokens {
            state.tokens.told = Bucket::told(window);
        }
        drop(state);
        self.0.changed.notify_one();
    }

    /// Waits for the turn of a call and takes what it costs.
    pub(super) async fn admit(&self, tokens: f64) -> Result<()> {
        let cost = Cost { requests: 1.0, tokens };
        let deadline = after(Instant::now(), self.0.max_wait);
        let queued = self.enqueue(cost)?;
        let turn = timeout_at(deadline, self.0.turn.acquire()).await;
        let turn = turn.map_err(|_| self.late(self.state().wait(Instant::now())))?;
        let _turn = turn.map_err(|error| Error::internal("the rate limit was closed").caused_by(error))?;
        loop {
            let now = Instant::now();
            let wait = self.state().take(now, cost);
            if wait.is_zero() {
                drop(queued);
                return Ok(());
            }
            if after(now, wait) > deadline {
                return Err(self.late(wait));
            }
            let _ = timeout(wait, self.0.changed.notified()).await;
        }
    }

    /// A call has failed: what it would have written was not written, and the server's advice holds for all.
    pub(super) fn failed(&self, error: &Error, tokens: f64) {
        self.heed(error);
        self.correct(tokens, 0.0);
    }

    /// The server may have said when to come back.
    pub(super) fn heed(&self, error: &Error) {
        if error.code() == ErrorCode::RateLimited
            && let Some(wait) = error.retry_after()
        {
            let until = after(Instant::now(), wait);
            let mut state = self.state();
            state.closed = state.closed.max(Some(until));
        }
    }

    /// The vendor has counted other tokens than were taken.
    pub(super) fn correct(&self, taken: f64, counted: f64) {
        let mut state = self.state();
        // What the server told had its own count in it.
        if let Some(bucket) = &mut state.tokens.allowed {
            bucket.take(counted - taken);
        }
        drop(state);
        if counted < taken {
            self.0.changed.notify_one();
        }
    }

    /// Adds a call to those who wait, unless it can tell already that it would wait in vain.
    fn enqueue(&self, cost: Cost) -> Result<Queued<'_>> {
        let mut state = self.state();
        if let Some(most) =
            state.tokens.allowed.map(|bucket| bucket.capacity()).filter(|most| cost.tokens > *most)
        {
            let message = format!(
                "the request may take {} tokens, more than rateLimit.tokensPerMinute ({most}) ever lets through at once; \
                 raise it, shorten the prompt or lower maxTokens",
                cost.tokens
            );
            return Err(Error::new(ErrorCode::RateLimited, message).retry(Advice::Never));
        }
        state.waiting.add(cost, 1.0);
        let wait = state.wait(Instant::now());
        let queued = Queued { limits: self, cost };
        drop(state); // before the place, which is given up under the same lock
        if wait > self.0.max_wait { Err(self.late(wait)) } else { Ok(queued) }
    }

    fn late(&self, wait: Duration) -> Error {
        let message = format!(
            "the rate limit has room for this request in {:.1} s, longer than rateLimit.maxWaitMs ({}) lets it wait; \
             ask less often, or raise it or the limits",
            wait.as_secs_f64(),
            self.0.max_wait.as_millis()
        );
        Error::new(ErrorCode::RateLimited, message).retry(Advice::After(wait)).spent()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call among those who wait.
struct Queued<'a> {
    limits: &'a RateLimits,
    cost: Cost,
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.limits.state().waiting.add(self.cost, -1.0);
    }
}

impl State {
    /// How long the last of those who wait has to.
    fn wait(&mut self, now: Instant) -> Duration {
        self.wait_for(now, self.waiting)
    }

    fn wait_for(&mut self, now: Instant, cost: Cost) -> Duration {
        let closed = self.closed.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        closed.max(self.requests.wait(now, cost.requests)).max(self.tokens.wait(now, cost.tokens))
    }

    /// Takes what a call costs, or says how long that has to wait.
    fn take(&mut self, now: Instant, cost: Cost) -> Duration {
        let wait = self.wait_for(now, cost);
        if wait.is_zero() {
            self.requests.take(cost.requests);
            self.tokens.take(cost.tokens);
        }
        wait
    }
}

impl Counted {
    fn wait(&mut self, now: Instant, amount: f64) -> Duration {
        self.told = self.told.filter(|told| !told.has_expired(now));
        let buckets = [&mut self.allowed, &mut self.told].into_iter().flatten();
        buckets.map(|bucket| bucket.wait(now, amount)).max().unwrap_or_default()
    }

    fn take(&mut self, amount: f64) {
        for bucket in [&mut self.allowed, &mut self.told].into_iter().flatten() {
            bucket.take(amount);
        }
    }
}

impl Cost {
    fn add(&mut self, cost: Self, times: f64) {
        self.requests += cost.requests * times;
        self.tokens += cost.tokens * times;
    }
}

impl fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimits").field("max_wait", &self.0.max_wait).finish_non_exhaustive()
    }
}
