//! Runtimes are global to the process, so their tests have a process of their own and take turns.

#![expect(clippy::unwrap_used, reason = "tests fail loudly, their helpers too")]

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use graphbit_core::{Graph, Node};
use graphbit_executor::runtime::{self, RuntimeOptions};
use graphbit_executor::{Caller, Executor, Profile, RunOptions, Workflow};
use graphbit_llm::{Config, Request};
use graphbit_testkit::{Reply, Script, Server};

const IDLE: Duration = Duration::from_millis(50);

static TURN: Mutex<()> = Mutex::new(());

/// Waits for the turn and for the runtimes of the one before to stop.
fn turn() -> MutexGuard<'static, ()> {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut options = RuntimeOptions::default();
    options.idle = IDLE;
    runtime::configure(options);
    wait("the runtimes stop", || {
        runtime::status().is_empty() && threads().is_none_or(|threads| threads == 0)
    });
    turn
}

fn wait(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(10), "never happened: {what}; {:?}", runtime::status());
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// How many threads of ours the process has, where the system tells.
fn threads() -> Option<usize> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let name =
        |task: &std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
    Some(tasks.flatten().filter(|task| name(task).trim() == "graphbit").count())
}

fn server(reply: Reply) -> Server {
    Server::builder(Script::default().otherwise(reply)).start_in_thread().unwrap()
}

fn caller(server: &Server, profile: Profile) -> Caller {
    Caller::new(Config::new("openai").unwrap().base_url(server.base_url()), profile)
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn ask(caller: &Caller) {
    assert_eq!(block_on(caller.complete(Request::prompt("hello"))).unwrap().text, "echo: hello");
}

#[test]
fn nothing_runs_until_it_is_used_and_then_one_thread() {
    let _turn = turn();
    let server = server(Reply::echo());
    let caller = caller(&server, Profile::low_latency());
    let executor = Executor::without_model(Profile::high_throughput());
    assert_eq!((caller.stats().total_requests, executor.stats().total_executions), (0, 0));
    assert!(threads().is_none_or(|threads| threads == 0));
    assert!(runtime::status().is_empty());
    ask(&caller);
    ask(&caller);
    let status = runtime::status();
    assert_eq!((status.len(), status[0].workers), (1, 1));
    assert!(threads().is_none_or(|threads| threads == 1), "{:?}", threads());
    assert_eq!(server.stats().connections_opened, 1, "a connection is used again");
}

#[test]
fn profiles_of_one_shape_share_a_runtime_and_its_connections() {
    let _turn = turn();
    let server = server(Reply::echo());
    ask(&caller(&server, Profile::low_latency()));
    ask(&caller(&server, Profile::memory_optimized()));
    assert_eq!(runtime::status().len(), 1);
    assert_eq!(server.stats().connections_opened, 1);

    let mut three = Profile::high_throughput();
    three.workers = NonZeroUsize::new(3).unwrap();
    ask(&caller(&server, three));
    let mut workers: Vec<_> = runtime::status().iter().map(|runtime| runtime.workers).collect();
    workers.sort_unstable();
    assert_eq!(workers, [1, 3]);
    wait("all threads have started", || threads().is_none_or(|threads| threads == 4));
}

#[test]
fn an_idle_runtime_stops_and_starts_again_on_demand() {
    let _turn = turn();
    let server = server(Reply::echo());
    for workers in [1, 2] {
        let mut profile = Profile::low_latency();
        profile.workers = NonZeroUsize::new(workers).unwrap();
        let caller = caller(&server, profile);
        for round in 1..=3 {
            ask(&caller);
            let asked = Instant::now();
            assert_eq!(runtime::status().len(), 1);
            wait("the runtime stops", || {
                runtime::status().is_empty() && threads().is_none_or(|threads| threads == 0)
            });
            assert!(asked.elapsed() >= IDLE - Duration::from_millis(10), "{:?}", asked.elapsed());
            assert_eq!(server.stats().connections_opened, round, "its connections ended with it");
            wait("its connections close", || server.stats().connections_open == 0);
        }
        server.clear();
    }
}

#[test]
fn a_runtime_in_use_stays() {
    let _turn = turn();
    let server = server(Reply::text("drip ").drip_forever(Duration::from_millis(5)));
    let caller = caller(&server, Profile::low_latency());
    let mut pull = block_on(caller.stream(Request::prompt("hello"))).unwrap();
    std::thread::sleep(3 * IDLE);
    assert_eq!((runtime::status().len(), runtime::status()[0].leases), (1, 1));
    assert!(block_on(pull.next()).unwrap().is_some());
    drop(pull);
    wait("the runtime stops", || runtime::status().is_empty());
}

#[test]
fn every_use_starts_the_idle_time_anew() {
    let _turn = turn();
    let server = server(Reply::echo());
    let caller = caller(&server, Profile::low_latency());
    for _ in 0..12 {
        ask(&caller);
        std::thread::sleep(IDLE / 4);
    }
    assert!(
        server.stats().connections_opened <= 2,
        "{:?}: three times the idle time, never idle for long",
        server.stats()
    );
}

#[test]
fn runs_start_and_stop_runtimes_too() {
    let _turn = turn();
    let server = server(Reply::echo().never());
    let mut graph = Graph::new("test");
    graph.add(Node::agent("a", "p")).unwrap();
    let workflow = Arc::new(Workflow::new(graph.compile().unwrap()));
    let executor =
        Executor::new(Config::new("openai").unwrap().base_url(server.base_url()), Profile::low_latency());
    let run = executor.start(&workflow, RunOptions::default()).unwrap();
    std::thread::sleep(2 * IDLE);
    assert_eq!(runtime::status().len(), 1);
    block_on(run.cancel("enough"));
    wait("the runtime stops", || runtime::status().is_empty());
    assert!(block_on(run.result()).is_err());
    wait("the connection closes", || server.stats().closed_early == 1);
}

#[test]
fn options_hold_for_the_runtimes_that_start_from_then_on() {
    let _turn = turn();
    let server = server(Reply::echo());
    ask(&caller(&server, Profile::low_latency()));
    let mut options = RuntimeOptions::default();
    options.idle = IDLE;
    options.max_workers = NonZeroUsize::new(2);
    options.stack_bytes = Some(1 << 20);
    assert_eq!(runtime::configure(options.clone()), 1, "one is up and keeps what it has");
    assert_eq!(runtime::options(), options);
    wait("the runtime stops", || {
        runtime::status().is_empty() && threads().is_none_or(|threads| threads == 0)
    });
    let mut many = Profile::high_throughput();
    many.workers = NonZeroUsize::new(16).unwrap();
    ask(&caller(&server, many));
    wait("all threads have started", || threads().is_none_or(|threads| threads == 2));
    assert_eq!(runtime::status()[0].workers, 2);
}

#[test]
fn many_threads_start_one_runtime() {
    let _turn = turn();
    let server = server(Reply::echo());
    for _ in 0..5 {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| ask(&caller(&server, Profile::low_latency())));
            }
        });
        assert_eq!(runtime::status().len(), 1);
        // About when the runtime stops: a lease comes just before or just after.
        std::thread::sleep(IDLE);
    }
}

#[test]
fn connections_of_a_burst_close_soon_after_it() {
    let _turn = turn();
    let mut options = RuntimeOptions::default();
    options.idle = Duration::from_secs(3);
    runtime::configure(options);
    let server = server(Reply::echo().latency(Duration::from_millis(200)));
    let caller = caller(&server, Profile::low_latency());
    let burst = |calls| {
        let all = (0..calls).map(|_| caller.complete(Request::prompt("hello")));
        assert!(block_on(futures_util::future::join_all(all)).iter().all(Result::is_ok));
    };
    burst(100);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(server.stats().connections_open, 100, "not many: they stay");
    burst(300);
    assert_eq!(server.stats().connections_open, 300);
    wait("they close", || server.stats().connections_open == 0);
    assert_eq!(runtime::status().len(), 1, "before the runtime stops");
    ask(&caller);
}
