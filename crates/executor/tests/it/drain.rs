//! Runs that are to end soon: nothing new starts, what is under way may end.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use graphbit_core::{Error, ErrorCode, Map, Node, Subgraph};
use graphbit_executor::{Receipt, RunEvent, RunOptions, Workflow};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::support::{SOON, Thread, Told, alone, body, graph, same, until, watched};

/// A function that waits to be let go.
fn gated() -> (Arc<Semaphore>, impl graphbit_executor::Function + Clone) {
    let gate = Arc::new(Semaphore::new(0));
    let opens = Arc::clone(&gate);
    let function = move |input: Value| {
        let opens = Arc::clone(&opens);
        async move {
            opens.acquire().await.map_err(|_| "closed")?.forget();
            Ok::<_, &str>(input)
        }
    };
    (gate, function)
}

fn of(receipt: &Receipt) -> [Vec<&str>; 3] {
    [&receipt.finished, &receipt.dropped, &receipt.never_started]
        .map(|ids| ids.iter().map(String::as_str).collect())
}

#[tokio::test]
async fn what_is_under_way_ends_and_nothing_new_starts() {
    let (gate, function) = gated();
    let nodes = ["a", "b", "after"].map(Node::transform);
    let workflow = graph(nodes, &[("a", "after")]).function("a", function.clone());
    let workflow =
        workflow.and_then(|it| it.function("b", function)).and_then(|it| it.function("after", same));
    let run = alone().start(&Arc::new(workflow.unwrap()), RunOptions::default()).unwrap();
    let control = run.control();
    tokio::time::sleep(Duration::from_millis(20)).await;
    control.drain(SOON);
    gate.add_permits(2);
    let receipt = control.ended().await;
    assert_eq!(of(&receipt), [vec!["a", "b"], vec![], vec!["after"]]);
    let error = run.result().await.err().unwrap();
    assert_eq!((error.code(), error.message()), (ErrorCode::Cancelled, "drained: nothing new was started"));
}

#[tokio::test]
async fn a_run_with_nothing_left_to_start_has_a_result() {
    let (gate, function) = gated();
    let workflow = Arc::new(graph([Node::transform("a")], &[]).function("a", function).unwrap());
    let run = alone().start(&workflow, RunOptions::default()).unwrap();
    let control = run.control();
    tokio::time::sleep(Duration::from_millis(20)).await;
    control.drain(SOON);
    gate.add_permits(1);
    assert!(run.result().await.unwrap().is_success());
    assert!(!control.ended().await.cancelled);
}

#[tokio::test]
async fn the_deadline_cancels_what_takes_too_long() {
    let workflow = graph([Node::transform("a")], &[]);
    let workflow = workflow.function("a", |_| std::future::pending::<Result<Value, Error>>()).unwrap();
    let run = alone().start(&Arc::new(workflow), RunOptions::default()).unwrap();
    let control = run.control();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let began = Instant::now();
    control.drain(Duration::from_millis(40));
    control.drain(SOON); // only the first deadline counts
    let receipt = control.ended().await;
    assert!(began.elapsed() >= Duration::from_millis(40) && began.elapsed() < SOON);
    assert_eq!(of(&receipt), [vec![], vec!["a"], vec![]]);
    assert_eq!(run.result().await.err().unwrap().message(), "drained: what was under way took too long");
}

/// A map over three items of two steps, of which the first waits.
fn items(first: impl graphbit_executor::Function + 'static) -> Arc<Workflow> {
    let sub = Node::new("first", Subgraph::new(body([Node::transform("wait")], &[])));
    let inner = body([sub, Node::transform("second")], &[("first", "second")]);
    let map = Map::over("{{input}}", inner).with_concurrency(2.try_into().unwrap());
    let nodes = [Node::new("each", map).with_fallback("must not stand in"), Node::transform("after")];
    let workflow = graph(nodes, &[("each", "after")]).function("each/first/wait", first);
    let workflow = workflow.and_then(|it| it.function("each/second", same));
    Arc::new(workflow.and_then(|it| it.function("after", same)).unwrap())
}

#[tokio::test]
async fn bodies_are_drained_too_and_one_does_not_cut_the_others_off() {
    let (gate, function) = gated();
    let (options, events) = watched(RunOptions::default().input(json!([1, 2, 3])));
    let run = alone().start(&items(function), options).unwrap();
    let control = run.control();
    let mut events = events.recv().unwrap();
    let mut names = Vec::new();
    while names.iter().filter(|name: &&String| name.starts_with("node.started each/")).count() < 4 {
        names.push(described(&events.next().await.unwrap()));
    }
    control.drain(SOON);
    gate.add_permits(1);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(control.events().arrived().is_empty(), "the other one is waited for");
    gate.add_permits(1);
    let receipt = control.ended().await;
    names.extend(events.map(|event| described(&event)).collect::<Vec<_>>().await);
    assert_eq!(of(&receipt), [vec![], vec!["each"], vec!["after"]]);
    assert_eq!(
        names
            .iter()
            .filter(|name| name.starts_with("node.finished") && name.ends_with("wait Succeeded"))
            .count(),
        2
    );
    assert!(
        !names.iter().any(|name| name.contains("started each/2") || name.contains("started each/0/second")),
        "{names:?}"
    );
    assert_eq!(run.result().await.err().unwrap().message(), "drained: nothing new was started");
}

fn described(event: &RunEvent) -> String {
    match event {
        RunEvent::NodeStarted { node } => format!("{} {node}", event.name()),
        RunEvent::NodeFinished { node, status, .. } => format!("{} {node} {status:?}", event.name()),
        _ => event.name().to_owned(),
    }
}

#[tokio::test]
async fn a_host_gets_no_new_calls() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&kept);
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let host = Thread::new(move |visit, call| {
        keep.lock().unwrap().push(visit.promise(&call));
        gone.recv_timeout(SOON).unwrap();
    });
    let workflow = Arc::new(graph(["a", "b", "c"].map(Node::transform), &[]));
    let run = alone().start(&workflow, RunOptions::default().host(host)).unwrap();
    let control = run.control();
    until("one has promised", || kept.lock().unwrap().len() == 1).await;
    control.drain(SOON);
    go.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(kept.lock().unwrap().len(), 1);
    kept.lock().unwrap().remove(0).settle(Ok(json!(1)));
    let receipt = control.ended().await;
    assert_eq!(of(&receipt), [vec!["a"], vec![], vec!["b", "c"]]);
    assert!(receipt.still_running.is_empty() && receipt.cancelled);
    assert!(run.result().await.is_err());
}

#[tokio::test]
async fn a_receipt_counts_the_tokens_of_bodies_that_were_cut_off() {
    let inner = body([Node::agent("ask", "{{input.item}}"), Node::transform("wait")], &[("ask", "wait")]);
    let workflow = graph([Node::new("each", Map::over("{{input}}", inner))], &[]);
    let workflow =
        workflow.function("each/wait", |_| std::future::pending::<Result<Value, Error>>()).unwrap();
    let model = Told::new(|prompt| async move { Ok(prompt) });
    let (options, events) = watched(RunOptions::default().input(json!(["a", "b"])));
    let run = model.executor().start(&Arc::new(workflow), options).unwrap();
    let mut events = events.recv().unwrap();
    let mut waiting = 0;
    while waiting < 2 {
        waiting += u32::from(described(&events.next().await.unwrap()).ends_with("wait"));
    }
    let receipt = run.cancel("enough").await;
    assert_eq!((receipt.input_tokens, receipt.output_tokens), (6, 4));
    assert_eq!(receipt.dropped, ["each"]);
}
