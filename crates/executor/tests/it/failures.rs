//! Agents that fail: what it costs the rest of the run, and who tries again.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use graphbit_core::{Error, ErrorCode, Node, RetryPolicy};
use graphbit_executor::{NodeStatus, RunOptions};
use graphbit_testkit::{Reply, Rule, Script, Server};
use serde_json::json;

use crate::support::{Told, config, executor, graph};

#[tokio::test]
async fn a_failed_branch_skips_what_depends_on_it_and_nothing_else() {
    let script =
        Script::default().when_contains("bad", Reply::status(400)).latency(Duration::from_millis(10));
    let server = Server::start(script).await.unwrap();
    let nodes = [
        Node::agent("bad", "bad"),
        Node::agent("after", "{{bad}}"),
        Node::agent("good", "good"),
        Node::agent("better", "{{good}}"),
        Node::join("end"),
    ];
    let edges = [("bad", "after"), ("good", "better"), ("after", "end"), ("better", "end")];
    let executor = executor(&server);
    let result = executor.execute(&Arc::new(graph(nodes, &edges)), RunOptions::default()).await.unwrap();

    assert!(!result.is_success());
    let statuses: Vec<_> = result.nodes().map(|node| node.status).collect();
    use NodeStatus::{Failed, Skipped, Succeeded};
    assert_eq!(statuses, [Failed, Skipped, Succeeded, Succeeded, Skipped]);
    assert_eq!(result.output("better").unwrap().as_str(), Some("echo: echo: good"));
    let error = result.error().unwrap();
    assert_eq!((error.code(), error.context().node.as_deref()), (ErrorCode::Rejected, Some("bad")));
    assert_eq!(error.context().run.as_deref(), Some(result.run_id()));
    assert_eq!(error.context().provider.as_deref(), Some("openai"));
    assert!(result.final_output().is_none(), "the only leaf was skipped");
    let stats = result.stats();
    assert_eq!((stats.successful_nodes, stats.failed_nodes, stats.skipped_nodes), (2, 1, 2));
    assert_eq!(executor.stats().failed_executions, 1);
}

#[tokio::test]
async fn what_the_model_layer_gave_up_no_policy_tries_again() {
    let server = Server::start(Script::default().otherwise(Reply::status(503).header("retry-after-ms", "1")))
        .await
        .unwrap();
    let node =
        Node::agent("a", "p").with_retry(RetryPolicy::new(5).with_delays(Duration::ZERO, Duration::ZERO));
    let workflow = Arc::new(graph([node], &[]));
    let executor = graphbit_executor::Executor::new(
        config(&server).max_retries(1),
        graphbit_executor::Profile::low_latency(),
    );
    let result = executor.execute(&workflow, RunOptions::default()).await.unwrap();
    let error = result.error().unwrap();
    assert_eq!((error.code(), error.is_retryable()), (ErrorCode::Unavailable, false));
    assert_eq!(error.context().attempts, Some(2), "of the model layer");
    assert_eq!(result.node("a").unwrap().attempts, 1);
    assert_eq!(server.stats().requests, 2);
}

#[tokio::test]
async fn without_retries_below_the_nodes_policy_tries_again() {
    let script = Script::default().rule(Rule::new(Reply::status(503)).times(2));
    let server = Server::start(script).await.unwrap();
    let node =
        Node::agent("a", "p").with_retry(RetryPolicy::new(2).with_delays(Duration::ZERO, Duration::ZERO));
    let workflow = Arc::new(graph([node], &[]));
    let executor = graphbit_executor::Executor::new(
        config(&server).max_retries(0),
        graphbit_executor::Profile::low_latency(),
    );
    let result = executor.execute(&workflow, RunOptions::default()).await.unwrap();
    assert!(result.is_success(), "{:?}", result.error());
    assert_eq!((result.node("a").unwrap().attempts, server.stats().requests), (3, 3));
}

#[tokio::test]
async fn an_agent_out_of_time_closes_its_connection() {
    let server = Server::start(Script::default().otherwise(Reply::echo().never())).await.unwrap();
    let node = Node::agent("a", "p").with_timeout(Duration::from_millis(50));
    let result =
        executor(&server).execute(&Arc::new(graph([node], &[])), RunOptions::default()).await.unwrap();
    assert_eq!(result.error().unwrap().context().clock, Some("node"));
    crate::support::until("the connection closes", || server.stats().closed_early == 1).await;
}

#[tokio::test]
async fn a_run_out_of_time_keeps_what_is_done() {
    let script = Script::default().when_contains("slow", Reply::echo().never());
    let server = Server::start(script).await.unwrap();
    let nodes = [
        Node::agent("quick", "quick"),
        Node::agent("slow", "slow {{quick}}"),
        Node::agent("last", "{{slow}}"),
    ];
    let workflow = Arc::new(graph(nodes, &[("quick", "slow"), ("slow", "last")]));
    let options = RunOptions::default().timeout(Duration::from_millis(300));
    let executor = executor(&server);
    let result = executor.execute(&workflow, options).await.unwrap();
    assert_eq!(result.error().unwrap().context().clock, Some("run"));
    assert_eq!(result.output("quick").unwrap().as_str(), Some("echo: quick"));
    let statuses: Vec<_> = result.nodes().map(|node| node.status).collect();
    assert_eq!(statuses, [NodeStatus::Succeeded, NodeStatus::Cancelled, NodeStatus::Cancelled]);
    assert!(result.node("slow").unwrap().duration >= Duration::from_millis(50));
    assert_eq!((executor.stats().failed_executions, executor.stats().cancelled_executions), (1, 0));
    crate::support::until("the connection closes", || server.stats().closed_early == 1).await;
}

#[tokio::test]
async fn a_panicking_model_is_an_error() {
    let model = Told::new(|_| async { panic!("the model") });
    let workflow = Arc::new(graph([Node::agent("a", "p")], &[]));
    let result = model.executor().execute(&workflow, RunOptions::default()).await.unwrap();
    assert_eq!(result.error().unwrap().to_string(), "INTERNAL: a panic: the model (node a)");
}

#[tokio::test]
async fn a_prompt_whose_value_is_missing_is_not_sent() {
    let model = Told::new(|prompt| async { Ok(prompt) });
    let workflow = Arc::new(graph([Node::agent("a", "{{input.name}}")], &[]));
    let options = RunOptions::default().input(json!({ "nmae": "Ada" }));
    let result = model.executor().execute(&workflow, options).await.unwrap();
    let error: &Error = result.error().unwrap();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    assert!(error.message().contains("did you mean {{input.nmae}}?"), "{error}");
    assert_eq!(model.asked.load(Ordering::Relaxed), 0);
}
