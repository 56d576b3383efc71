//! Time and memory of big graphs and long lists, counted by the allocator: both must grow as the number of nodes does. One
//! test: the figures are the process's.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail loudly, their helpers too")]

use std::alloc::System;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use graphbit_core::{Error, Graph, Map, Node};
use graphbit_executor::{Executor, Profile, RunOptions, Workflow};
use graphbit_memory::{Tracking, allocator_stats};
use serde_json::Value;

#[global_allocator]
static ALLOCATOR: Tracking<System> = Tracking::new(System);

const SMALL: usize = 1_000;
const BIG: usize = 10_000;

fn live() -> usize {
    std::thread::sleep(Duration::from_millis(20)); // other threads finish what they are at
    usize::try_from(allocator_stats().expect("the allocator is installed").live_bytes).unwrap()
}

fn bound(graph: &Graph) -> Workflow {
    let ids: Vec<_> = graph.nodes().map(|node| Arc::clone(&node.id)).collect();
    let workflow = Workflow::new(graph.compile().unwrap());
    ids.iter().fold(workflow, |workflow, id| workflow.function(id, nothing).unwrap())
}

/// The most bytes that were live when a function was called; every 64th looks.
static MOST: AtomicUsize = AtomicUsize::new(0);
static CALLS: AtomicUsize = AtomicUsize::new(0);

/// Gives nothing, whatever it gets: what is measured is not the values.
async fn nothing(_: Value) -> Result<Value, Error> {
    if CALLS.fetch_add(1, Ordering::Relaxed).is_multiple_of(64) {
        let live = allocator_stats().expect("the allocator is installed").live_bytes;
        MOST.fetch_max(usize::try_from(live).unwrap(), Ordering::Relaxed);
    }
    Ok(Value::Null)
}

fn transforms(count: usize) -> Graph {
    let mut graph = Graph::new("growth");
    for index in 0..count {
        graph.add(Node::transform("t").with_id(format!("t{index}"))).unwrap();
    }
    graph
}

/// One after the other.
fn deep(count: usize) -> (Workflow, Value) {
    let mut graph = transforms(count);
    for index in 1..count {
        graph.connect(&format!("t{}", index - 1), &format!("t{index}")).unwrap();
    }
    (bound(&graph), Value::Null)
}

/// One, all others behind it, and one behind all of them.
fn wide(count: usize) -> (Workflow, Value) {
    let mut graph = transforms(count);
    graph.add(Node::transform("first")).unwrap();
    graph.add(Node::transform("last")).unwrap();
    for index in 0..count {
        graph.connect("first", &format!("t{index}")).unwrap();
        graph.connect(&format!("t{index}"), "last").unwrap();
    }
    (bound(&graph), Value::Null)
}

/// A list through a body of one.
fn map(count: usize) -> (Workflow, Value) {
    let mut graph = Graph::new("growth");
    graph.add(Node::new("each", Map::new(transforms(1)))).unwrap();
    let workflow = Workflow::new(graph.compile().unwrap()).function("each/t0", nothing).unwrap();
    (workflow, (0..count).collect())
}

/// What a node or an item costs.
#[derive(Debug)]
struct Cost {
    micros: f64,
    /// The workflow, bound.
    plan: usize,
    /// The result.
    kept: usize,
    /// The most that functions found during the run, over the workflow and the input.
    peak: usize,
}

fn cost(shape: fn(usize) -> (Workflow, Value), count: usize) -> Cost {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let executor = Executor::without_model(Profile::low_latency());
    let before = live();
    let (workflow, input) = shape(count);
    let workflow = Arc::new(workflow);
    let plan = live() - before;
    let (mut best, mut kept, mut peak) = (Duration::MAX, 0, 0);
    for _ in 0..3 {
        let options = RunOptions::default().input(input.clone());
        let before = live();
        MOST.store(0, Ordering::Relaxed);
        let began = Instant::now();
        let result = runtime.block_on(executor.execute(&workflow, options)).unwrap();
        best = best.min(began.elapsed());
        assert!(result.is_success());
        peak = MOST.load(Ordering::Relaxed).saturating_sub(before);
        kept = live().saturating_sub(before);
    }
    let micros = best.as_secs_f64() * 1e6 / count as f64;
    Cost { micros, plan: plan / count, kept: kept / count, peak: peak / count }
}

#[test]
fn time_and_memory_grow_as_the_number_of_nodes_does() {
    for (name, shape) in [("deep", deep as fn(usize) -> (Workflow, Value)), ("wide", wide), ("map", map)] {
        let (small, big) = (cost(shape, SMALL), cost(shape, BIG));
        for (count, cost) in [(SMALL, &small), (BIG, &big)] {
            println!(
                "{name} of {count}: {:.2} µs each, {} bytes of the workflow, {} of the result, {} at most",
                cost.micros, cost.plan, cost.kept, cost.peak
            );
        }
        assert!(big.micros < 4.0 * small.micros + 5.0, "{name}: {small:?} {big:?}");
        for (small, big) in [(small.plan, big.plan), (small.kept, big.kept), (small.peak, big.peak)] {
            assert!(big < 2 * small + 64, "{name}: {small} bytes each, then {big}");
        }
    }
}
