//! Limits: of a run, of an executor, and what happens to those who wait.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use graphbit_core::{ErrorCode, Graph, Node};
use graphbit_executor::{BoxError, Executor, Profile, RunOptions, Workflow, limit_process, process_budget};
use graphbit_llm::Config;
use graphbit_memory::Limits;
use graphbit_testkit::{Reply, Script, Server};
use serde_json::{Value, json};

use crate::{turn, wait};

const MIB: u64 = 1 << 20;

fn driver() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

/// Two nodes: one that holds so many bytes for a while, and one behind it.
fn holding(bytes: usize, at_once: &Arc<AtomicUsize>, most: &Arc<AtomicUsize>) -> Arc<Workflow> {
    let mut graph = Graph::new("holding");
    graph.add(Node::transform("hold")).unwrap();
    let (at_once, most) = (Arc::clone(at_once), Arc::clone(most));
    let hold = move |_: Value| {
        let (at_once, most) = (Arc::clone(&at_once), Arc::clone(&most));
        async move {
            let held = "x".repeat(bytes);
            most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
            at_once.fetch_sub(1, Ordering::SeqCst);
            Ok::<_, BoxError>(json!(held.len()))
        }
    };
    Arc::new(Workflow::new(graph.compile().unwrap()).function("hold", hold).unwrap())
}

#[test]
fn above_the_soft_limit_of_an_executor_runs_wait_for_each_other_and_none_fails() {
    let _turn = turn();
    let (at_once, most) = (Arc::default(), Arc::default());
    let workflow = holding(MIB as usize, &at_once, &most);
    let executor = Executor::without_model(Profile::low_latency().memory_limit(8 * MIB));
    // The first tells what one takes.
    driver().block_on(executor.execute(&workflow, RunOptions::default())).unwrap();
    for _ in 0..20 {
        driver().block_on(executor.execute(&workflow, RunOptions::default())).unwrap();
    }
    most.store(0, Ordering::SeqCst);
    let runs = (0..60).map(|_| executor.execute(&workflow, RunOptions::default()));
    let results = driver().block_on(join_all(runs));
    for result in results {
        let result = result.unwrap();
        assert!(result.is_success(), "{:?}", result.error());
    }
    let most = most.load(Ordering::SeqCst);
    assert!((2..=7).contains(&most), "{most} at once");
}

#[test]
fn a_run_that_waits_for_room_can_be_cancelled_drained_and_run_out_of_time() {
    let _turn = turn();
    let (at_once, most) = (Arc::default(), Arc::default());
    let executor = Executor::without_model(Profile::low_latency().memory_limit(MIB));
    let mut graph = Graph::new("full");
    graph.add(Node::transform("full")).unwrap();
    let full = |_: Value| async {
        let held = "x".repeat(900_000);
        tokio::time::sleep(Duration::from_secs(30)).await;
        Ok::<_, BoxError>(json!(held.len()))
    };
    let full = Arc::new(Workflow::new(graph.compile().unwrap()).function("full", full).unwrap());
    let blocking = executor.start(&full, RunOptions::default()).unwrap();
    wait(|| executor.memory().live_bytes > Some(900_000));

    let small = holding(10, &at_once, &most);
    let start = || executor.start(&small, RunOptions::default()).unwrap();
    let (give, take) = std::sync::mpsc::channel();
    let watched = RunOptions::default().watch(move |events| give.send(events).unwrap());
    let (cancelled, drained) = (executor.start(&small, watched).unwrap(), start());
    let mut events = take.recv().unwrap();
    let late = executor.start(&small, RunOptions::default().timeout(Duration::from_millis(30))).unwrap();
    let code = |result: graphbit_core::Result<graphbit_executor::RunResult>| match result {
        Ok(result) => result.error().map(|error| error.code()),
        Err(error) => Some(error.code()),
    };
    driver().block_on(async {
        assert_eq!(code(late.result().await), Some(ErrorCode::Timeout));
        let receipt = cancelled.cancel("no more").await;
        let mut told = Vec::new();
        while let Some(event) = events.next().await {
            told.push(event.name());
        }
        assert_eq!(told, ["run.started", "run.waiting", "run.finished"]);
        assert_eq!(receipt.never_started, ["hold"]);
        assert_eq!(code(cancelled.result().await), Some(ErrorCode::Cancelled));
        drained.control().drain(Duration::from_secs(5));
        assert_eq!(code(drained.result().await), Some(ErrorCode::Cancelled));
        // Room again: whoever waits goes on.
        let last = start();
        blocking.cancel("").await;
        assert!(last.result().await.unwrap().is_success());
    });
    assert_eq!(most.load(Ordering::SeqCst), 1, "the others never began");
}

#[test]
fn a_server_that_sends_without_end_costs_a_run_its_limit_and_no_other_run_anything() {
    let _turn = turn();
    let script = Script::default().when_contains("flood", Reply::text("x").endless());
    let server = Server::builder(script).journal_limit(0).start_in_thread().unwrap();
    let agent = |prompt: &str| {
        let mut graph = Graph::new("agent");
        graph.add(Node::agent("a", prompt).with_id("a")).unwrap();
        Arc::new(Workflow::new(graph.compile().unwrap()))
    };
    let mut two = Profile::high_throughput();
    two.workers = NonZeroUsize::new(2).unwrap();
    let config = Config::new("openai").unwrap().base_url(server.base_url()).max_retries(2);
    let executor = Executor::new(config, two);
    let (flood, calm) = (agent("flood"), agent("calm"));
    let (flooded, others) = driver().block_on(async {
        let flooded = executor.execute(&flood, RunOptions::default().memory_limit(2 * MIB));
        let others = (0..20).map(|_| executor.execute(&calm, RunOptions::default().memory_limit(2 * MIB)));
        tokio::join!(flooded, join_all(others))
    });
    let flooded = flooded.unwrap();
    let error = flooded.error().unwrap();
    assert_eq!((error.code(), error.context().node.as_deref()), (ErrorCode::Memory, Some("a")));
    assert!(error.message().contains("2097152 bytes"), "{error}");
    assert!(flooded.memory().peak_bytes.unwrap() < 8 * MIB, "{:?}", flooded.memory());
    assert_eq!(flooded.node("a").unwrap().attempts, 1);
    assert!(others.into_iter().all(|result| result.unwrap().is_success()));
}

#[test]
fn where_the_process_is_short_caches_shrink_before_anybody_waits() {
    let _turn = turn();
    let mut graph = Graph::new("cached");
    graph.add(Node::transform("big").with_cache("{{input}}")).unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let big = move |_: Value| {
        counter.fetch_add(1, Ordering::SeqCst);
        async { Ok::<_, BoxError>(json!("x".repeat(MIB as usize))) }
    };
    let workflow = Arc::new(Workflow::new(graph.compile().unwrap()).function("big", big).unwrap());
    let executor = Executor::without_model(Profile::low_latency());
    let all = || {
        for input in 0..16 {
            let run = executor.execute(&workflow, RunOptions::default().input(json!(input)));
            assert!(driver().block_on(run).unwrap().is_success());
        }
        calls.swap(0, Ordering::SeqCst)
    };
    let shared = || graphbit_memory::Account::shared().live_bytes().unwrap();
    assert_eq!((all(), all()), (16, 0), "the second time all are there");

    let held = shared();
    assert!(held > 16 * MIB, "{held}");
    let used = process_budget().used_bytes().max(graphbit_memory::resident_bytes().unwrap());
    limit_process(Limits::default().soft(used - 4 * MIB).hard(used * 4));
    let began = std::time::Instant::now();
    while shared() > held - 6 * MIB && began.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(25));
        let run = executor.execute(&workflow, RunOptions::default().input(json!(15)));
        assert!(driver().block_on(run).unwrap().is_success());
    }
    limit_process(Limits::default());
    assert!(shared() < held - 6 * MIB, "{} of {held} bytes are left", shared());
    calls.store(0, Ordering::SeqCst);
    assert!((6..=16).contains(&all()), "what was given up is made anew");
}
