//! One completion queue for each JavaScript environment: any thread posts jobs, the environment's thread runs them all at the
//! next turn of its event loop. One threadsafe function serves everything, and keeps the loop alive only while work is pending.

mod leftovers;
mod pending;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use graphbit_executor::RunResult;
use napi::bindgen_prelude::retain_current_module_for_unload_safety;
use napi::{check_status, sys};

use crate::garbage::{self, Garbage};
use crate::js::{Kept, Scope, Value};

use leftovers::Leftovers;
use pending::Pending;
pub(crate) use pending::Stop;

/// Something to do on the JavaScript thread.
pub(crate) type Job = Box<dyn FnOnce(Scope) + Send>;

/// The way to the thread of one environment, for all others. When the environment is gone, jobs are dropped.
pub(crate) struct Queue {
    state: Mutex<State>,
    pub(crate) garbage: Garbage,
}

struct State {
    jobs: Vec<Job>,
    /// The threadsafe function; null once the environment is gone.
    function: sys::napi_threadsafe_function,
    /// A wake-up is under way: more jobs need no other.
    woken: bool,
}

// SAFETY: N-API lets every thread call a threadsafe function; the mutex keeps that from racing with its end.
unsafe impl Send for State {}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a job over; gives it back when the environment is gone.
    pub(crate) fn post(&self, job: Job) -> Result<(), Job> {
        let mut state = self.state();
        if state.function.is_null() {
            return Err(job);
        }
        {
            let _shared = graphbit_memory::Scope::shared(); // the list outlives the run whose job makes it grow
            state.jobs.push(job);
        }
        if !state.woken {
            state.woken = true;
            // SAFETY: the function is alive: the clean-up hook nulls it under this lock before N-API frees it.
            let _ = unsafe {
                sys::napi_call_threadsafe_function(
                    state.function,
                    ptr::null_mut(),
                    sys::ThreadsafeFunctionCallMode::nonblocking,
                )
            };
        }
        Ok(())
    }
}

/// What an environment's thread has of it.
pub(crate) struct EventLoop {
    pub(crate) scope: Scope,
    queue: Arc<Queue>,
    function: sys::napi_threadsafe_function,
    pub(crate) pending: Pending,
    leftovers: Leftovers,
    /// Jobs that were taken from the queue and have not run.
    backlog: RefCell<VecDeque<Job>>,
    /// The turn of the loop is over for us: the backlog waits for the next one.
    resting: Cell<bool>,
    /// When the current turn's time is used up.
    deadline: Cell<Option<Instant>>,
    /// Numbers the runs that call JavaScript functions, for all facades of the thread.
    runs: Cell<u32>,
    /// The facades that were loaded in this environment; more than one where a test runner loads modules anew.
    hooks: RefCell<Vec<Hooks>>,
}

/// A facade's functions that native code calls.
pub(crate) struct Hooks {
    /// From an error as JSON to an error object.
    pub(crate) error: Kept,
    /// From a native result, whether it is a success, and what weighs as much, to the facade's.
    pub(crate) result: Kept,
    /// Calls a function of a run: `(run, node's index, input as JSON)`, or `(run, place, input as JSON, name)` in a body.
    pub(crate) dispatch: Kept,
    /// Tells functions that nobody waits for them: `(run, name)`, of a node, or with a slash at its end of a body.
    pub(crate) give_up: Kept,
    /// Calls [`EventLoop::resume`] at the next turn of the event loop.
    pub(crate) next_turn: Kept,
    /// Takes spans that have closed: `(a JSON array, how many were dropped before)`.
    pub(crate) trace: Kept,
    /// Has V8 collect its garbage where that is worth it: `(bytes that were handed over, those collected, is memory short)`.
    pub(crate) collect: Kept,
}

/// How long our jobs may keep the thread before timers and IO get their turn.
const SLICE: Duration = Duration::from_millis(8);

thread_local! {
    static CURRENT: RefCell<Option<Rc<EventLoop>>> = const { RefCell::new(None) };
}

impl EventLoop {
    /// The current thread's, unless there was none yet, or its environment has ended.
    pub(crate) fn present() -> Option<Rc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// The current thread's, made at its first use.
    pub(crate) fn current(scope: Scope) -> napi::Result<Rc<Self>> {
        if let Some(current) = Self::present() {
            return Ok(current);
        }
        // Our threads outlive an environment by some seconds: the library must not be unloaded with it.
        retain_current_module_for_unload_safety();
        let state = State { jobs: Vec::new(), function: ptr::null_mut(), woken: false };
        let queue = Arc::new(Queue { state: Mutex::new(state), garbage: Garbage::default() });
        let name = scope.string("graphbit")?;
        let mut function = ptr::null_mut();
        let context = Arc::into_raw(Arc::clone(&queue)).cast_mut().cast();
        // SAFETY: the context is an Arc that `finalize` takes back; without a JavaScript function, `drain` is called instead.
        check_status!(unsafe {
            sys::napi_create_threadsafe_function(
                scope.0,
                ptr::null_mut(),
                ptr::null_mut(),
                name,
                0,
                1,
                context,
                Some(finalize),
                context,
                Some(drain),
                &mut function,
            )
        })?;
        // SAFETY: just made, on this thread. Until work is pending it must not keep the program alive.
        check_status!(unsafe { sys::napi_unref_threadsafe_function(scope.0, function) })?;
        queue.state().function = function;
        garbage::watch(&queue);
        let current = Rc::new(Self {
            scope,
            queue,
            function,
            pending: Pending::default(),
            leftovers: Leftovers::default(),
            backlog: RefCell::default(),
            resting: Cell::new(false),
            deadline: Cell::new(None),
            runs: Cell::new(0),
            hooks: RefCell::default(),
        });
        CURRENT.set(Some(Rc::clone(&current)));
        // SAFETY: hooks run in reverse order, so this one comes before N-API's own for the function made above.
        check_status!(unsafe { sys::napi_add_env_cleanup_hook(scope.0, Some(clean_up), ptr::null_mut()) })?;
        Ok(current)
    }

    pub(crate) fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    /// Adds a facade, and gives the number that names it.
    pub(crate) fn register(&self, hooks: Hooks) -> u32 {
        let mut all = self.hooks.borrow_mut();
        all.push(hooks);
        u32::try_from(all.len() - 1).unwrap_or(u32::MAX)
    }

    /// A function of a facade, or of the one loaded last.
    pub(crate) fn hook(&self, facade: Option<u32>, which: impl Fn(&Hooks) -> &Kept) -> napi::Result<Value> {
        let hooks = self.hooks.borrow();
        let found = match facade {
            Some(number) => hooks.get(number as usize),
            None => hooks.last(),
        };
        which(found.ok_or_else(|| napi::Error::from_reason("the facade is not loaded"))?).get(self.scope)
    }

    /// A number that no other run of this thread has.
    pub(crate) fn run_number(&self) -> u32 {
        self.runs.set(self.runs.get().wrapping_add(1));
        self.runs.get()
    }

    /// The program must stay alive, or need not any more.
    pub(crate) fn keep_alive(&self, alive: bool) {
        // SAFETY: on the environment's thread, and the function is alive as long as the environment.
        let _ = unsafe {
            match alive {
                true => sys::napi_ref_threadsafe_function(self.scope.0, self.function),
                false => sys::napi_unref_threadsafe_function(self.scope.0, self.function),
            }
        };
    }

    /// Whether this turn's time is used up.
    pub(crate) fn is_late(&self) -> bool {
        self.deadline.get().is_some_and(|deadline| Instant::now() > deadline)
    }

    /// Frees a result that nobody has any more: at the next turn, with all others that V8 finds now.
    pub(crate) fn let_go(&self, result: RunResult) {
        if self.leftovers.push(result) {
            let free = |_| {
                if let Some(current) = Self::present() {
                    current.leftovers.free();
                }
            };
            let _ = self.queue.post(Box::new(free)); // when the environment ends, so do they
        }
    }

    /// Goes on with the backlog, at a new turn of the event loop.
    pub(crate) fn resume(&self) {
        self.resting.set(false);
        self.work();
    }

    /// Runs jobs until there are no more, or the turn's time is used up.
    fn work(&self) {
        if self.resting.get() {
            return;
        }
        self.deadline.set(Some(Instant::now() + SLICE));
        while let Some(job) = self.next_job() {
            self.run(job);
            if self.is_late() && self.rest() {
                break;
            }
        }
        self.deadline.set(None);
    }

    fn next_job(&self) -> Option<Job> {
        let mut backlog = self.backlog.borrow_mut();
        if backlog.is_empty() {
            let mut state = self.queue.state();
            backlog.extend(state.jobs.drain(..));
            state.woken = !backlog.is_empty(); // while there is a backlog, nobody needs to wake us
        }
        backlog.pop_front()
    }

    /// Asks for another turn. A threadsafe function would be called again within this one, before any timer.
    fn rest(&self) -> bool {
        let asked =
            self.hook(None, |hooks| &hooks.next_turn).and_then(|hook| self.scope.call(hook, &[])).is_ok();
        self.resting.set(asked);
        asked
    }

    /// Runs a job in a handle scope of its own.
    fn run(&self, job: Job) {
        let (env, mut handles) = (self.scope.0, ptr::null_mut());
        // SAFETY: on the environment's thread; the scope is closed below.
        let opened = unsafe { sys::napi_open_handle_scope(env, &mut handles) };
        // A panic must not unwind into C; what it was to settle says so when it is dropped.
        let _ = catch_unwind(AssertUnwindSafe(|| job(self.scope)));
        if let Some(exception) = self.scope.take_exception() {
            // SAFETY: the exception was taken just now. It has no promise to go to: it is the program's.
            let _ = unsafe { sys::napi_fatal_exception(env, exception) };
        }
        if opened == sys::Status::napi_ok {
            // SAFETY: opened above.
            let _ = unsafe { sys::napi_close_handle_scope(env, handles) };
        }
    }
}

/// The event loop has come round after a wake-up.
unsafe extern "C" fn drain(
    env: sys::napi_env,
    _function: sys::napi_value,
    _context: *mut std::ffi::c_void,
    _data: *mut std::ffi::c_void,
) {
    // Without an environment it is ending, and the context is freed already: it must not be looked at.
    if !env.is_null()
        && let Some(current) = EventLoop::present()
    {
        current.work();
    }
}

/// N-API frees the threadsafe function: `drain` gets no environment any more, and must not look at the context.
unsafe extern "C" fn finalize(
    _env: sys::napi_env,
    context: *mut std::ffi::c_void,
    _hint: *mut std::ffi::c_void,
) {
    // SAFETY: made by `Arc::into_raw` when the function was, and taken back only here.
    drop(unsafe { Arc::<Queue>::from_raw(context.cast_const().cast()) });
}

/// The environment ends: nobody may wake it any more.
unsafe extern "C" fn clean_up(_: *mut std::ffi::c_void) {
    let Some(current) = CURRENT.take() else { return };
    crate::trace::forget(&current.queue);
    let jobs = {
        let mut state = current.queue.state();
        state.function = ptr::null_mut();
        std::mem::take(&mut state.jobs)
    };
    // SAFETY: nobody calls the function any more: the queue has forgotten it.
    let _ = unsafe {
        sys::napi_release_threadsafe_function(current.function, sys::ThreadsafeFunctionReleaseMode::abort)
    };
    for hooks in current.hooks.take() {
        let Hooks { error, result, dispatch, give_up, next_turn, trace, collect } = hooks;
        for kept in [error, result, dispatch, give_up, next_turn, trace, collect] {
            kept.delete(current.scope);
        }
    }
    drop(current.backlog.take());
    current.leftovers.free();
    current.pending.stop_all();
    drop(jobs); // what they hold may post again, and finds the queue closed
    graphbit_memory::leave_thread(); // a worker's thread ends with its environment
}
