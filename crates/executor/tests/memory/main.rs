//! What runs keep in memory, counted by the allocator. The figures are the process's, so the tests take turns.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests fail loudly, their helpers too"
)]

mod given_back;
mod storm;

use std::alloc::System;
use std::io::Write;
use std::net::TcpStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use graphbit_core::{Graph, Node, Result};
use graphbit_executor::runtime::{self, RuntimeOptions};
use graphbit_executor::{Caller, Executor, Host, Profile, RunOptions, Visit, Workflow, under_way};
use graphbit_llm::{Config, EventStream, Model, ModelInfo, Request};
use graphbit_memory::{Tracking, allocator_stats};
use graphbit_testkit::{Reply, Script, Server};
use tokio::task::AbortHandle;

#[global_allocator]
static ALLOCATOR: Tracking<System> = Tracking::new(System);

static TURN: Mutex<()> = Mutex::new(());

/// Waits for the turn and for the runtimes of the one before to stop.
fn turn() -> MutexGuard<'static, ()> {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut options = RuntimeOptions::default();
    options.idle = Duration::from_millis(50);
    runtime::configure(options);
    wait(|| runtime::status().is_empty());
    turn
}

/// Never answers.
struct Silent(ModelInfo);

#[async_trait]
impl Model for Silent {
    fn info(&self) -> &ModelInfo {
        &self.0
    }

    async fn stream(&self, request: Request) -> Result<EventStream> {
        drop(request); // as a model does that has sent it
        std::future::pending().await
    }
}

/// Promises and never settles.
struct Forgetful;

impl Host for Forgetful {
    fn visit(&self, mut visit: Visit) {
        while let Some(call) = visit.next_call() {
            std::mem::forget(visit.promise(&call));
        }
    }
}

fn live() -> u64 {
    std::thread::sleep(Duration::from_millis(50)); // other threads finish what they are at
    allocator_stats().expect("the allocator is installed").live_bytes
}

fn workflow(nodes: impl IntoIterator<Item = Node>) -> Arc<Workflow> {
    let mut graph = Graph::new("waits");
    for node in nodes {
        graph.add(node).unwrap();
    }
    Arc::new(Workflow::new(graph.compile().unwrap()))
}

/// Bytes for each of so many runs that wait, and bytes that are left when all were cancelled and dropped.
fn waiting(
    runs: u64,
    executor: &Executor,
    workflow: &Arc<Workflow>,
    options: &RunOptions,
    all_wait: impl Fn(u64) -> bool,
) -> (u64, u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // The first few open what is shared.
    let mut warm: Vec<_> = (0..16).map(|_| executor.start(workflow, options.clone()).unwrap()).collect();
    wait(|| all_wait(16));
    let before = live();
    let started: Vec<_> = (0..runs).map(|_| executor.start(workflow, options.clone()).unwrap()).collect();
    wait(|| all_wait(16 + runs));
    let each = live().saturating_sub(before) / runs;
    for run in started {
        runtime.block_on(run.cancel(""));
        assert!(runtime.block_on(run.result()).is_err());
    }
    let left = live().saturating_sub(before);
    for run in warm.drain(..) {
        runtime.block_on(run.cancel(""));
    }
    (each, left)
}

fn wait(holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "it never happened");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Bytes for each of so many connections with a request that is never answered, made without our client.
fn connections(server: &Server, count: usize) -> u64 {
    wait(|| server.stats().in_flight == 0);
    let before = live();
    let body = r#"{"model":"m","messages":[{"role":"user","content":"wait"}]}"#;
    let length = body.len();
    let request = format!("POST /v1/chat/completions HTTP/1.1\r\ncontent-length: {length}\r\n\r\n{body}");
    let open = || {
        let mut socket = TcpStream::connect(server.address()).unwrap();
        socket.write_all(request.as_bytes()).unwrap();
        socket
    };
    let sockets: Vec<_> = (0..count).map(|_| open()).collect();
    wait(|| server.stats().in_flight == count as u64);
    let bytes = live().saturating_sub(before);
    drop(sockets);
    bytes / count as u64
}

#[test]
fn a_waiting_call_is_small_and_holds_nothing_of_its_request() {
    const CALLS: u64 = 2_000;
    let _turn = turn();
    let silent: Arc<dyn Model> = Arc::new(Silent(ModelInfo { provider: "p".into(), model: "m".into() }));
    let caller = Caller::new(silent, Profile::low_latency());
    let calls = |count: u64, prompt: &str, streamed: bool| -> Vec<_> {
        let call = || {
            let (line, request) = (caller.line().unwrap(), Box::new(Request::prompt(prompt)));
            match streamed {
                false => line.spawn(|line| async move { drop(line.complete(request).await) }),
                true => line.spawn(|line| async move { drop(line.stream(request).await) }),
            }
        };
        (0..count).map(|_| call()).collect()
    };
    let end = |calls: Vec<AbortHandle>| {
        calls.into_iter().for_each(|call| call.abort());
        wait(|| under_way().calls == 0);
    };
    end(calls(16, "", false)); // the first few open what is shared
    let each = |prompt: &str, streamed: bool| {
        let before = live();
        let waiting = calls(CALLS, prompt, streamed);
        wait(|| under_way().calls == usize::try_from(CALLS).unwrap());
        let bytes = live().saturating_sub(before) / CALLS;
        end(waiting);
        bytes
    };
    for streamed in [false, true] {
        let (short, long) = (each("wait", streamed), each(&"words ".repeat(1000), streamed));
        println!("bytes a waiting call, streamed {streamed}: {short}, with a prompt of 6,000 bytes {long}");
        assert!(short < 1_500 && long < short + 50, "{short} {long}");
    }
}

#[test]
fn a_waiting_run_is_small_and_leaves_nothing() {
    let _turn = turn();
    let one_agent = workflow([Node::agent("a", "wait")]);
    let hundred = workflow((0..100).map(|index| Node::agent(format!("a{index}"), "wait")));
    let function = workflow([Node::transform("t")]);
    let plain = RunOptions::default();
    let silent: Arc<dyn Model> = Arc::new(Silent(ModelInfo { provider: "p".into(), model: "m".into() }));
    let ours = Executor::new(silent, Profile::low_latency());
    let any = |_| true;

    let (agent, agent_left) = waiting(2_000, &ours, &one_agent, &plain, any);
    let (wide, wide_left) = waiting(100, &ours, &hundred, &plain, any);
    let hosted = RunOptions::default().host(Arc::new(Forgetful));
    let (promised, _) = waiting(2_000, &ours, &function, &hosted, any);

    let server =
        Server::builder(Script::default().otherwise(Reply::echo().never())).start_in_thread().unwrap();
    let config = Config::new("openai").unwrap().base_url(server.base_url());
    let networked = Executor::new(config, Profile::low_latency());
    let in_flight = |runs| server.stats().in_flight == runs;
    let (over_http, http_left) = waiting(400, &networked, &one_agent, &plain, in_flight);

    let server_share = connections(&server, 400);

    println!("bytes a waiting run: one agent {agent}, a hundred agents {wide} ({} a node)", wide / 100);
    println!(
        "bytes a waiting run: one hosted promise {promised}, one agent over HTTP {over_http}, of which the test's server {server_share}"
    );
    println!("bytes left of all runs: {agent_left}, {wide_left}, over HTTP {http_left}");
    assert!(agent < 6_000 && wide < 300_000 && promised < 4_000, "{agent} {wide} {promised}");
    assert!(over_http < 64_000 + server_share, "{over_http} with {server_share}");
    assert!(agent_left < 200_000 && wide_left < 200_000, "{agent_left} {wide_left}");
}
