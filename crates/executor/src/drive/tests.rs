//! The driver under a paused clock: minutes pass at once, and exactly.

mod kinds;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use graphbit_core::{Graph, Node, RetryPolicy};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::*;
use crate::machine::Machine;
use crate::root::Root;
use crate::runtime::Lease;
use crate::{Host, NodeStatus, Profile, RunMemory, Workflow, process_budget};

const MINUTE: Duration = Duration::from_secs(60);

fn workflow(nodes: impl IntoIterator<Item = Node>, edges: &[(&str, &str)]) -> Workflow {
    let mut graph = Graph::new("test");
    for node in nodes {
        graph.add(node).unwrap();
    }
    for (from, to) in edges {
        graph.connect(from, to).unwrap();
    }
    Workflow::new(graph.compile().unwrap())
}

fn root() -> Arc<Root> {
    Arc::new(Root::new(RunMemory::open(process_budget(), "run_test".into(), None), Arc::default()))
}

fn context(workflow: Workflow, host: Option<Arc<dyn Host>>) -> Context {
    let machine = Machine::new(workflow.plan(), None);
    let root = root();
    let run = RunState::new(root, Arc::new(workflow), json!("input"), machine, host.is_some());
    let lease = Lease::take(Profile::low_latency().shape()).unwrap();
    let model = Err(Error::config("no model"));
    Context { run: Arc::new(run), lease, model, host, max_parallel: None, gate: None }
}

async fn run(workflow: Workflow) -> RunResult {
    drive(context(workflow, None), None).await.unwrap()
}

async fn run_on(workflow: Workflow, host: Arc<dyn Host>) -> RunResult {
    drive(context(workflow, Some(host)), None).await.unwrap()
}

/// Fails so often, then succeeds.
fn fails(times: u32, error: fn() -> Error) -> (Arc<AtomicU32>, impl crate::Function) {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let function = move |_| {
        let call = counted.fetch_add(1, Ordering::Relaxed);
        async move { if call < times { Err(error()) } else { Ok(json!("done")) } }
    };
    (calls, function)
}

fn unavailable() -> Error {
    Error::new(ErrorCode::Unavailable, "try later")
}

#[tokio::test(start_paused = true)]
async fn a_node_out_of_time_fails_with_the_clock_node_while_others_go_on() {
    let nodes =
        [Node::transform("slow").with_timeout(MINUTE), Node::transform("after"), Node::transform("other")];
    let workflow = workflow(nodes, &[("slow", "after")])
        .function("slow", |_| std::future::pending::<Result<Value>>())
        .and_then(|workflow| workflow.function("after", async |value| Ok::<_, Error>(value)))
        .and_then(|workflow| {
            workflow.function("other", |value| async {
                sleep(2 * MINUTE).await;
                Ok::<_, Error>(value)
            })
        })
        .unwrap();
    let began = Instant::now();
    let result = run(workflow).await;
    assert_eq!(began.elapsed().as_secs(), 120);
    let error = result.node("slow").unwrap().error.unwrap();
    assert_eq!((error.code(), error.context().clock), (ErrorCode::Timeout, Some("node")));
    assert_eq!(error.message(), "the node took longer than its timeout of 60000 ms");
    assert_eq!(result.node("after").unwrap().status, NodeStatus::Skipped);
    assert_eq!(result.node("other").unwrap().status, NodeStatus::Succeeded);
    assert!(!result.is_success());
    assert_eq!(result.error().unwrap().context().node.as_deref(), Some("slow"));
}

#[tokio::test(start_paused = true)]
async fn a_run_out_of_time_is_a_result_with_what_there_is() {
    let workflow = workflow(
        [Node::transform("a"), Node::transform("b"), Node::transform("c")],
        &[("a", "b"), ("b", "c")],
    )
    .function("a", async |value| Ok::<_, Error>(value))
    .and_then(|workflow| workflow.function("b", |_| std::future::pending::<Result<Value>>()))
    .and_then(|workflow| workflow.function("c", async |value| Ok::<_, Error>(value)))
    .unwrap();
    let began = Instant::now();
    let context = context(workflow, None);
    let state = Arc::clone(&context.run);
    let result = drive(context, Some(MINUTE)).await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 60);
    let error = result.error().unwrap();
    assert_eq!((error.code(), error.context().clock), (ErrorCode::Timeout, Some("run")));
    assert_eq!(error.context().run.as_deref(), Some("run_test"));
    assert_eq!(result.output("a").unwrap().as_str(), Some("input"));
    let statuses: Vec<_> = result.nodes().map(|node| (node.status, node.attempts)).collect();
    let expected = [(NodeStatus::Succeeded, 1), (NodeStatus::Cancelled, 1), (NodeStatus::Cancelled, 0)];
    assert_eq!(statuses, expected);
    let receipt = state.ended().await;
    assert!(!receipt.cancelled);
    assert_eq!([receipt.finished, receipt.dropped, receipt.never_started], [["a"], ["b"], ["c"]]);
}

#[tokio::test(start_paused = true)]
async fn a_node_is_tried_again_as_its_policy_says() {
    let policy = RetryPolicy::new(3).with_delays(MINUTE, 2 * MINUTE);
    let (calls, function) = fails(3, unavailable);
    let workflow = workflow([Node::transform("a").with_retry(policy)], &[]).function("a", function).unwrap();
    let began = Instant::now();
    let result = run(workflow).await;
    assert!(result.is_success());
    assert_eq!((calls.load(Ordering::Relaxed), result.node("a").unwrap().attempts), (4, 4));
    assert_eq!(result.stats().attempts, 4);
    assert!(began.elapsed() <= 5 * MINUTE, "waits are a share of 1 + 2 + 2 minutes: {:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn retries_end_with_the_policy_and_with_what_no_retry_can_help() {
    let nothing_helps: fn() -> Error = || Error::new(ErrorCode::Auth, "no");
    let spent: fn() -> Error = || unavailable().spent();
    let users: fn() -> Error = || Error::new(ErrorCode::Tool, "the function's");
    for (error, expected) in [(unavailable as fn() -> Error, 3), (users, 3), (nothing_helps, 1), (spent, 1)] {
        let (calls, function) = fails(9, error);
        let node = Node::transform("a").with_retry(RetryPolicy::new(2));
        let result = run(workflow([node], &[]).function("a", function).unwrap()).await;
        assert_eq!(result.error().unwrap().code(), error().code());
        assert_eq!(calls.load(Ordering::Relaxed), expected, "{}", error());
    }
}

#[tokio::test(start_paused = true)]
async fn the_pause_is_at_least_what_the_server_asked_for() {
    let (_, function) = fails(1, || unavailable().retry(graphbit_core::Retry::After(7 * MINUTE)));
    let node = Node::transform("a").with_retry(RetryPolicy::new(1).with_delays(MINUTE, MINUTE));
    let began = Instant::now();
    assert!(run(workflow([node], &[]).function("a", function).unwrap()).await.is_success());
    assert_eq!(began.elapsed().as_secs(), 420);
}

#[tokio::test(start_paused = true)]
async fn the_node_clock_runs_over_all_attempts() {
    let (_, function) = fails(u32::MAX, || unavailable().retry(graphbit_core::Retry::After(MINUTE)));
    let node = Node::transform("a").with_timeout(3 * MINUTE / 2).with_retry(RetryPolicy::new(100));
    let began = Instant::now();
    let result = run(workflow([node], &[]).function("a", function).unwrap()).await;
    assert_eq!(began.elapsed().as_secs(), 90);
    let node = result.node("a").unwrap();
    assert_eq!((node.error.unwrap().context().clock, node.attempts), (Some("node"), 2));
}

/// A host whose thread is the driver's own.
struct Inline<F>(F, AtomicU32);

impl<F: Fn(&mut Visit) + Send + Sync> Inline<F> {
    fn new(visit: F) -> Arc<Self> {
        Arc::new(Self(visit, AtomicU32::new(0)))
    }

    fn visits(&self) -> u32 {
        self.1.load(Ordering::Relaxed)
    }
}

impl<F: Fn(&mut Visit) + Send + Sync> Host for Inline<F> {
    fn visit(&self, mut visit: Visit) {
        self.1.fetch_add(1, Ordering::Relaxed);
        (self.0)(&mut visit);
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_that_refuses_visits_is_asked_again_later_and_then_given_up() {
    let gone = Inline::new(|_| {});
    let began = Instant::now();
    let result = run_on(workflow([Node::transform("a")], &[]), gone.clone()).await;
    assert_eq!(result.error().unwrap().code(), ErrorCode::Internal);
    assert_eq!(gone.visits(), 9);
    assert_eq!(began.elapsed().as_millis(), 255, "1 + 2 + … + 128 ms between nine visits");

    let busy = AtomicU32::new(0);
    let late = Inline::new(move |visit| {
        if busy.fetch_add(1, Ordering::Relaxed) >= 3 {
            let call = visit.next_call().unwrap();
            visit.settle(&call, Ok(json!(1)));
        }
    });
    assert!(run_on(workflow([Node::transform("a")], &[]), late.clone()).await.is_success());
    assert_eq!(late.visits(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_hosted_node_has_its_clock_and_what_it_says_later_is_dropped() {
    let promised = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&promised);
    let host = Inline::new(move |visit| {
        let call = visit.next_call().unwrap();
        *kept.lock().unwrap() = Some(visit.promise(&call));
    });
    let began = Instant::now();
    let result = run_on(workflow([Node::transform("a").with_timeout(MINUTE)], &[]), host).await;
    assert_eq!(began.elapsed().as_secs(), 60);
    assert_eq!(result.error().unwrap().context().clock, Some("node"));
    let promised = promised.lock().unwrap().take().unwrap();
    assert!(promised.is_cancelled());
    promised.settle(Ok(json!("too late")));
    assert!(result.output("a").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_hosted_node_is_tried_again_as_its_policy_says() {
    let calls = AtomicU32::new(0);
    let host = Inline::new(move |visit| {
        while let Some(call) = visit.next_call() {
            let nth = calls.fetch_add(1, Ordering::Relaxed);
            let outcome = if nth < 2 { Err(Error::new(ErrorCode::Tool, "not yet")) } else { Ok(json!(nth)) };
            if nth == 0 {
                visit.promise(&call).settle(outcome);
            } else {
                visit.settle(&call, outcome);
            }
        }
    });
    let result =
        run_on(workflow([Node::transform("a").with_retry(RetryPolicy::new(2))], &[]), host.clone()).await;
    assert_eq!(result.output("a").unwrap().as_u64(), Some(2));
    assert_eq!((result.node("a").unwrap().attempts, host.visits()), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn a_call_without_an_outcome_fails_its_node() {
    let forgets = Inline::new(|visit| drop(visit.next_call()));
    let result = run_on(workflow([Node::transform("a")], &[]), forgets).await;
    assert_eq!(result.error().unwrap().code(), ErrorCode::Internal);

    let breaks_its_word = Inline::new(|visit| {
        let call = visit.next_call().unwrap();
        drop(visit.promise(&call));
    });
    let result = run_on(workflow([Node::transform("a")], &[]), breaks_its_word).await;
    assert_eq!(result.error().unwrap().code(), ErrorCode::Tool);
}

#[tokio::test(start_paused = true)]
async fn only_the_first_outcome_of_a_call_counts() {
    let host = Inline::new(|visit| {
        while let Some(call) = visit.next_call() {
            visit.settle(&call, Ok(json!("first")));
            visit.settle(&call, Err(Error::internal("second")));
        }
    });
    let result = run_on(workflow([Node::transform("a")], &[]), host).await;
    assert!(result.is_success());
    assert_eq!(result.output("a").unwrap().as_str(), Some("first"));
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_nodes_are_always_ready_lets_others_have_the_thread() {
    let mut graph = Graph::new("busy");
    for index in 0..2_000 {
        graph.add(Node::transform("t").with_id(format!("t{index}"))).unwrap();
    }
    let plan = graph.compile().unwrap();
    let mut workflow = Workflow::new(plan);
    for index in 0..2_000 {
        workflow = workflow.function(&format!("t{index}"), async |value| Ok::<_, Error>(value)).unwrap();
    }
    let turns = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&turns);
    let other = tokio::spawn(async move {
        loop {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    assert!(run(workflow).await.is_success());
    other.abort();
    assert!(turns.load(Ordering::Relaxed) >= 10, "{turns:?}");
}

#[tokio::test]
async fn what_a_run_awaits_is_small() {
    let context = Arc::new(context(workflow([Node::transform("a")], &[]), None));
    let node = work(Arc::clone(&context), crate::state::Task::Node(graphbit_core::NodeIndex::new(0)));
    let node = size_of_val(&node);
    drop(context);
    let context = self::context(workflow([Node::transform("a")], &[]), None);
    let driven = size_of_val(&drive(context, None));
    let record = size_of::<crate::state::Record>();
    println!("bytes: driver {driven}, node under way {node}, record {record}");
    println!(
        "state {}, context {}, result {}",
        size_of::<RunState>(),
        size_of::<Context>(),
        size_of::<Result<RunResult>>()
    );
    assert!(node <= 2048 && driven <= 2048 && record <= 96);
}
