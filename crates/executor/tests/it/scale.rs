//! Big graphs: time per node must not depend on their size.

use std::sync::Arc;
use std::time::{Duration, Instant};

use graphbit_core::{Graph, Node};
use graphbit_executor::{Executor, Profile, RunOptions, Workflow};
use serde_json::Value;

use crate::support::{Thread, add_one, plus_one};

fn deep(nodes: usize) -> Graph {
    let mut graph = wide(nodes);
    for index in 1..nodes {
        graph.connect(&format!("t{}", index - 1), &format!("t{index}")).unwrap();
    }
    graph
}

fn wide(nodes: usize) -> Graph {
    let mut graph = Graph::new("wide");
    for index in 0..nodes {
        graph.add(Node::transform("t").with_id(format!("t{index}"))).unwrap();
    }
    graph
}

fn bound(graph: &Graph) -> Arc<Workflow> {
    let ids: Vec<_> = graph.nodes().map(|node| Arc::clone(&node.id)).collect();
    let workflow = Workflow::new(graph.compile().unwrap());
    Arc::new(ids.iter().fold(workflow, |workflow, id| workflow.function(id, add_one).unwrap()))
}

/// The best of three, per node.
async fn time(workflow: &Arc<Workflow>, options: impl Fn() -> RunOptions) -> Duration {
    let executor = Executor::without_model(Profile::low_latency());
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let began = Instant::now();
        let result = executor.execute(workflow, options().input(0)).await.unwrap();
        best = best.min(began.elapsed());
        assert!(result.is_success());
    }
    best / u32::try_from(workflow.plan().len()).unwrap()
}

#[tokio::test]
async fn time_is_linear_in_nodes() {
    const SMALL: usize = 1_000;
    const BIG: usize = 10_000;
    let four = || RunOptions::default().max_parallel(4.try_into().unwrap());
    type Shape = (&'static str, fn(usize) -> Graph, fn() -> RunOptions);
    let shapes: [Shape; 3] = [
        ("deep", deep, RunOptions::default),
        ("wide", wide, RunOptions::default),
        ("wide by fours", wide, four),
    ];
    for (name, graph, options) in shapes {
        let (small, big) = (bound(&graph(SMALL)), bound(&graph(BIG)));
        let (small, big) = (time(&small, options).await, time(&big, options).await);
        println!("{name}: {:.2} µs a node of {SMALL}, {:.2} of {BIG}", micros(small), micros(big));
        assert!(big < 4 * small + Duration::from_micros(5), "{name}: {small:?} a node, then {big:?}");
    }
    for (name, graph, options) in shapes {
        let host = Thread::calling(plus_one);
        let hosted = || options().host(host.clone());
        let (small, big) = (graph(SMALL), graph(BIG));
        let [small, big] = [small, big].map(|graph| Arc::new(Workflow::new(graph.compile().unwrap())));
        let (small, big) = (time(&small, hosted).await, time(&big, hosted).await);
        println!("{name}, hosted: {:.2} µs a node of {SMALL}, {:.2} of {BIG}", micros(small), micros(big));
        assert!(big < 4 * small + Duration::from_micros(5), "{name}: {small:?} a node, then {big:?}");
    }
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

#[tokio::test]
async fn a_failure_at_the_root_skips_ten_thousand_nodes() {
    let mut workflow = Workflow::new(deep(10_000).compile().unwrap());
    for index in 0..10_000 {
        workflow = workflow
            .function(&format!("t{index}"), async |_: Value| Err::<Value, _>("the first one fails"))
            .unwrap();
    }
    let executor = Executor::without_model(Profile::low_latency());
    let result = executor.execute(&Arc::new(workflow), RunOptions::default()).await.unwrap();
    let stats = result.stats();
    assert_eq!((stats.failed_nodes, stats.skipped_nodes), (1, 9_999));
}
