//! Runs that are stopped from outside.

use std::sync::Arc;
use std::time::{Duration, Instant};

use graphbit_core::{ErrorCode, Node};
use graphbit_executor::{Executor, Profile, RunOptions, Workflow};
use graphbit_testkit::{Reply, Script, Server};
use serde_json::json;

use crate::support::{SOON, Told, add_one, executor, graph, until};

async fn silent() -> Server {
    Server::start(Script::default().when_contains("slow", Reply::echo().never())).await.unwrap()
}

fn chain() -> Arc<Workflow> {
    let nodes = [
        Node::agent("quick", "quick"),
        Node::agent("slow", "slow {{quick}}"),
        Node::agent("last", "{{slow}}"),
    ];
    Arc::new(graph(nodes, &[("quick", "slow"), ("slow", "last")]))
}

#[tokio::test]
async fn a_run_whose_server_never_answers_stops_at_once() {
    let server = silent().await;
    let executor = executor(&server);
    let run = executor.start(&chain(), RunOptions::default()).unwrap();
    until("the second agent asks", || server.stats().requests == 2).await;

    let began = Instant::now();
    let receipt = run.cancel("changed my mind").await;
    let error = run.result().await.err().unwrap();
    let took = began.elapsed();
    assert!(took < Duration::from_millis(100), "{took:?}");
    assert_eq!((error.code(), error.message()), (ErrorCode::Cancelled, "changed my mind"));
    assert!(error.context().run.is_some());
    assert!(receipt.cancelled);
    assert_eq!([receipt.finished, receipt.dropped, receipt.never_started], [["quick"], ["slow"], ["last"]]);
    until("the server sees the connection closed", || server.stats().closed_early == 1).await;
    println!("cancelled in {took:?}, the server knew after {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_eq!((executor.stats().cancelled_executions, executor.stats().failed_executions), (1, 0));
}

#[tokio::test]
async fn cancelling_after_the_end_changes_nothing() {
    let model = Told::new(|prompt| async { Ok(prompt) });
    let run = model.executor().start(&chain(), RunOptions::default()).unwrap();
    let control = run.control();
    let result = run.result().await.unwrap();
    control.cancel("too late");
    let receipt = control.ended().await;
    assert!(!receipt.cancelled);
    assert_eq!(receipt.finished, ["quick", "slow", "last"]);
    assert!(result.is_success());
}

#[tokio::test]
async fn the_first_reason_counts() {
    let server = silent().await;
    let run = executor(&server).start(&chain(), RunOptions::default()).unwrap();
    let control = run.control();
    control.cancel("first");
    control.cancel("second");
    let (receipt, again) = (run.cancel("third").await, control.ended().await);
    assert_eq!(receipt, again);
    assert_eq!(run.result().await.err().unwrap().message(), "first");
}

#[tokio::test]
async fn a_run_cancelled_at_once_sends_nothing_more() {
    let server = silent().await;
    let workflow = Arc::new(graph((0..100).map(|index| Node::agent(format!("a{index}"), "slow")), &[]));
    let run = executor(&server).start(&workflow, RunOptions::default()).unwrap();
    let receipt = run.cancel("").await;
    assert_eq!(receipt.finished.len() + receipt.dropped.len() + receipt.never_started.len(), 100);
    assert!(receipt.finished.is_empty());
    assert_eq!(run.result().await.err().unwrap().message(), "cancelled by the caller");
    until("every connection is closed", || server.stats().in_flight == 0).await;
}

#[tokio::test]
async fn a_dropped_run_goes_on() {
    let (tell, told) = tokio::sync::oneshot::channel();
    let tell = std::sync::Mutex::new(Some(tell));
    let end = move |value| {
        let tell = tell.lock().unwrap().take();
        async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            tell.unwrap().send(value).map_err(|_| "nobody waits").map(|()| json!(null))
        }
    };
    let workflow = graph([Node::transform("a"), Node::transform("b")], &[("a", "b")])
        .function("a", add_one)
        .and_then(|workflow| workflow.function("b", end))
        .unwrap();
    let executor = Executor::without_model(Profile::low_latency());
    drop(executor.start(&Arc::new(workflow), RunOptions::default().input(1)).unwrap());
    let heard = tokio::time::timeout(SOON, told).await.unwrap().unwrap();
    assert_eq!(heard, json!(2));
    until("the run is counted", || executor.stats().successful_executions == 1).await;
}

#[tokio::test]
async fn runs_do_not_cancel_each_other() {
    let script =
        Script::default().when_contains("slow", Reply::text("at last").latency(Duration::from_millis(150)));
    let server = Server::start(script).await.unwrap();
    let executor = executor(&server);
    let (one, other) = (
        executor.start(&chain(), RunOptions::default()).unwrap(),
        executor.start(&chain(), RunOptions::default()).unwrap(),
    );
    assert_ne!(one.id(), other.id());
    one.cancel("only this one").await;
    assert!(other.result().await.unwrap().is_success());
    assert_eq!(one.result().await.err().unwrap().code(), ErrorCode::Cancelled);
}
