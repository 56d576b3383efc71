//! Every byte of every run is the run's, and is given back: ten thousand random runs on three runtimes' threads, that succeed,
//! fail, are cancelled, run out of time or are dropped. A program of its own: no other test's runs are among the accounts.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail loudly, their helpers too")]

mod budgets;

use std::alloc::System;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use fastrand::Rng;
use futures_util::future::join_all;
use graphbit_core::{Agent, Delay, Graph, Map, Node, RetryPolicy, Subgraph};
use graphbit_executor::{BoxError, Caller, Executor, Profile, RunMemory, RunOptions, RunResult, Workflow};
use graphbit_llm::{Config, Request, Secret};
use graphbit_memory::{Account, Tracking, accounts, allocator_stats};
use graphbit_testkit::{Reply, Script, Server};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: Tracking<System> = Tracking::new(System);

/// One test at a time: the figures are the process's.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait(holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "it never happened");
        std::thread::sleep(Duration::from_millis(2));
    }
}

const RUNS: usize = 10_000;
/// Between two looks at the accounts.
const WAVE: usize = 250;

fn server() -> Server {
    let script = Script::default()
        .when_contains("refused", Reply::status(400))
        .when_contains("late", Reply::echo().latency(Duration::from_millis(5)))
        .when_contains("hang up", Reply::echo().hang_up())
        .when_contains("pieces", Reply::text("a b c d").piece_delay(Duration::from_millis(1)));
    Server::builder(script).journal_limit(0).start_in_thread().unwrap()
}

async fn doubled(value: Value) -> Result<Value, BoxError> {
    tokio::task::yield_now().await;
    Ok(json!([value, value]))
}

async fn fails(_: Value) -> Result<Value, BoxError> {
    Err("it does not work".into())
}

/// Nodes of every kind that keeps something, in a row, side by side or one in another.
fn workflow(random: &mut Rng) -> Arc<Workflow> {
    let mut inner = Graph::new("inner");
    inner.add(Node::transform("t")).unwrap();
    let prompts = ["{{input}}", "refused", "late", "hang up", "in pieces", "again {{input.text}}"];
    let mut graph = Graph::new("random");
    let (mut ids, mut calling) = (Vec::<String>::new(), Vec::new());
    for index in 0..random.usize(1..6) {
        let id = format!("n{index}");
        let prompt = *random.choice(&prompts).unwrap();
        let kind = random.u8(..8);
        match kind {
            5 | 6 => calling.push(format!("{id}/t")),
            7 => calling.push(id.clone()),
            _ => {}
        }
        let node = match kind {
            0..4 => Node::agent(&id, prompt),
            4 => Node::new(&id, Delay::new(Duration::from_millis(random.u64(..4)))),
            5 => Node::new(&id, Map::over("{{input.items}}", inner.clone())),
            6 => Node::new(&id, Subgraph::new(inner.clone())),
            _ => Node::transform(&id),
        };
        let retry = RetryPolicy::new(1).with_delays(Duration::ZERO, Duration::from_millis(1));
        graph.add(if random.bool() { node.with_retry(retry) } else { node }).unwrap();
        if index > 0 && random.u8(..3) > 0 {
            graph.connect(random.choice(&ids).unwrap().as_str(), id.as_str()).unwrap();
        }
        ids.push(id);
    }
    let mut workflow = Workflow::new(graph.compile().unwrap());
    for name in calling {
        workflow = match random.u8(..5) {
            0 => workflow.function(&name, fails).unwrap(),
            _ => workflow.function(&name, doubled).unwrap(),
        };
    }
    Arc::new(workflow)
}

/// What becomes of a run.
async fn one(executor: Executor, workflow: Arc<Workflow>, mut random: Rng) -> Option<RunResult> {
    let memory = executor.open();
    let input = {
        let _scope = memory.enter();
        json!({ "text": "x".repeat(random.usize(..4000)), "items": [1, 2, 3] })
    };
    let mut options = RunOptions::default().input(input).memory(memory);
    if random.u8(..4) == 0 {
        options = options.timeout(Duration::from_millis(random.u64(1..8)));
    }
    if random.u8(..4) == 0 {
        options = options.memory_limit(random.u64(1_000..60_000));
    }
    let run = executor.start(&workflow, options).unwrap();
    let events = (random.u8(..4) == 0).then(|| run.control().events());
    match random.u8(..6) {
        0 => {
            tokio::time::sleep(Duration::from_micros(random.u64(..4_000))).await;
            run.cancel("no more").await;
        }
        1 => drop(run),
        _ => return run.result().await.ok(),
    }
    drop(events);
    None
}

/// Accounts of runs that hold something.
fn holding() -> Vec<(Arc<str>, u64)> {
    let runs = accounts().unwrap().into_iter().filter(|account| account.name.starts_with("run_"));
    runs.filter(|account| account.live_bytes > 0).map(|account| (account.name, account.live_bytes)).collect()
}

#[test]
fn the_accounts_of_runs_that_are_gone_are_zero_and_all_together_are_what_is_live() {
    let _turn = turn();
    let server = server();
    let mut random = Rng::with_seed(11);
    let mut two = Profile::high_throughput();
    two.workers = NonZeroUsize::new(2).unwrap();
    let config = || {
        let config = Config::new("openai").unwrap().base_url(server.base_url()).max_retries(0);
        config.api_key(Secret::new("sk-of-all")).header("x-of", "all").unwrap()
    };
    let executors = [Profile::low_latency(), two].map(|profile| Executor::new(config(), profile));
    let caller = Caller::new(config(), Profile::low_latency());
    let workflows: Vec<_> = (0..60).map(|_| workflow(&mut random)).collect();
    let driver = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();

    let (mut succeeded, mut failed, mut gone, mut short) = (0, 0, 0, 0);
    for _ in 0..RUNS / WAVE {
        let runs: Vec<_> = (0..WAVE)
            .map(|_| {
                let executor = random.choice(&executors).unwrap().clone();
                one(executor, Arc::clone(random.choice(&workflows).unwrap()), random.fork())
            })
            .collect();
        let results: Vec<_> = driver.block_on(join_all(runs)).into_iter().flatten().collect();
        driver.block_on(async {
            drop(caller.complete(Request::prompt("in pieces")).await);
            drop(caller.complete(Request::prompt("refused")).await);
        });
        gone += WAVE - results.len();
        succeeded += results.iter().filter(|result| result.is_success()).count();
        failed += results.iter().filter(|result| !result.is_success()).count();
        short += results.iter().filter(|result| code(result) == Some("MEMORY")).count();
        wait(|| executors.iter().all(|executor| executor.active_runs() == 0));
        // Results are still held: what is live of their runs is what they retain.
        for result in &results {
            let memory = result.memory();
            assert!(memory.live_bytes.unwrap() >= result.retained_bytes() as u64, "{memory:?}");
            assert!(memory.peak_bytes >= memory.live_bytes);
        }
        let held: BTreeSet<_> = results.iter().map(|result| result.run_id().to_owned()).collect();
        wait(|| holding().iter().all(|(name, _)| held.contains(&**name)));
        drop(results);
        gone_to_zero();
        for executor in &executors {
            assert_eq!(
                (executor.memory().live_bytes, executor.memory().by_category.total_bytes()),
                (Some(0), 0)
            );
        }
        assert_eq!(caller.memory().by_category.total_bytes(), 0);
        add_up(&executors, &caller);
    }
    println!(
        "{RUNS} runs: {succeeded} succeeded, {failed} failed ({short} for want of memory), {gone} cancelled or dropped"
    );
    assert!(succeeded > RUNS / 10 && failed > RUNS / 10 && gone > RUNS / 10 && short > 20);
}

/// Waits until the runs that are gone hold nothing.
fn gone_to_zero() {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(10) {
        if holding().is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("these hold what nobody gives back: {:?}", holding());
}

fn code(result: &RunResult) -> Option<&'static str> {
    result.error().map(|error| error.code().as_str())
}

/// The accounts add up to what the allocator has handed out, to the byte, at a moment at which nobody allocates.
fn add_up(executors: &[Executor], caller: &Caller) {
    let all = || {
        let runs = executors.iter().map(|executor| executor.memory().live_bytes.unwrap()).sum::<u64>();
        runs + caller.memory().live_bytes.unwrap() + Account::shared().live_bytes().unwrap()
    };
    wait(|| {
        let before = allocator_stats().unwrap();
        let sum = all();
        before == allocator_stats().unwrap() && sum == before.live_bytes
    });
}

/// What a run of one agent takes for each figure, so that it stays explainable.
#[test]
fn a_result_says_what_each_node_took_and_for_what_it_is_kept() {
    let _turn = turn();
    let server = server();
    let mut graph = Graph::new("told");
    graph.add(Node::new("a", Agent::new("say {{input.text}}"))).unwrap();
    graph.add(Node::transform("t")).unwrap();
    graph.connect("a", "t").unwrap();
    let workflow = Workflow::new(graph.compile().unwrap()).function("t", doubled).unwrap();
    let executor =
        Executor::new(Config::new("openai").unwrap().base_url(server.base_url()), Profile::low_latency());
    let driver = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let options = RunOptions::default().input(json!({ "text": "x".repeat(10_000) }));
    let result = driver.block_on(executor.execute(&Arc::new(workflow), options)).unwrap();
    assert!(result.is_success(), "{:?}", result.error());
    // The task of a run ends a moment after its result is handed over.
    wait(|| result.memory().live_bytes.unwrap() < result.memory().by_category.total_bytes() + 4_000);

    let [agent, transform] = ["a", "t"].map(|id| result.node(id).unwrap().memory);
    assert!(agent.allocated_bytes.unwrap() > 30_000 && transform.allocated_bytes.unwrap() > 20_000);
    assert!((10_000..13_000).contains(&agent.retained_bytes), "{agent:?}");
    assert!((20_000..23_000).contains(&transform.retained_bytes), "{transform:?}");
    let memory = result.memory();
    let kept = memory.by_category;
    assert!((10_000..10_200).contains(&kept.response) && (20_000..20_300).contains(&kept.state), "{kept:?}");
    assert_eq!((kept.prompt, kept.history), (0, 0));
    let live = memory.live_bytes.unwrap();
    assert!((kept.total_bytes()..kept.total_bytes() + 4_000).contains(&live), "{memory:?}");
    assert!(memory.peak_bytes.unwrap() > live && memory.allocations.unwrap() > 20, "{memory:?}");
    assert_eq!(executor.memory().live_bytes, Some(live));
    drop(result);
    wait(|| executor.memory().live_bytes == Some(0));
}

#[test]
fn memory_that_was_opened_and_never_used_is_nothing() {
    let _turn = turn();
    let executor = Executor::without_model(Profile::low_latency());
    let memory: RunMemory = executor.open();
    let id = memory.id().to_owned();
    assert_eq!(memory.usage().live_bytes, Some(0));
    drop(memory);
    assert!(accounts().unwrap().iter().all(|account| *account.name != *id));
}
