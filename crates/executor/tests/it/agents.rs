//! Graphs of agents, against a server.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use graphbit_core::{Agent, Node};
use graphbit_executor::{NodeStatus, Profile, RunOptions};
use graphbit_llm::FinishReason;
use graphbit_testkit::{Reply, Script, Server};
use serde_json::json;

use crate::support::{config, executor, graph, prompts};

#[tokio::test]
async fn three_agents_build_on_each_other() {
    let script = Script::default()
        .when_contains(
            "List facts",
            Reply::text("bees dance").usage(10, 4).latency(Duration::from_millis(30)),
        )
        .when_contains("Write about", Reply::text("a report").usage(20, 5).latency(Duration::from_millis(30)))
        .otherwise(Reply::text("well done").usage(30, 6));
    let server = Server::start(script).await.unwrap();
    let nodes = [
        Node::agent("Research", "List facts about {{input.topic}}."),
        Node::new(
            "Write",
            Agent::new("Write about: {{research}}").with_system_prompt("Be brief about {{input.topic}}."),
        ),
        Node::agent("Review", "Review this."),
    ];
    let workflow = Arc::new(graph(nodes, &[("research", "write"), ("write", "review")]));
    let executor = executor(&server);
    let options = RunOptions::default().input(json!({ "topic": "bees" }));
    let result = executor.execute(&workflow, options).await.unwrap();

    assert!(result.is_success() && result.error().is_none());
    let expected = [
        "List facts about bees.",
        "Write about: bees dance",
        "Review this.\n\nContext from write:\na report",
    ];
    assert_eq!(prompts(&server), expected);
    let system = &server.journal()[1].body["messages"][0];
    assert_eq!(*system, json!({ "role": "system", "content": "Be brief about bees." }));

    let outputs: Vec<_> =
        result.nodes().map(|node| (node.id, node.output.unwrap().as_str().unwrap())).collect();
    assert_eq!(outputs, [("research", "bees dance"), ("write", "a report"), ("review", "well done")]);
    assert_eq!(result.final_output().unwrap().as_str(), Some("well done"));
    assert_eq!(
        result.output("Review").unwrap().as_str(),
        Some("well done"),
        "names work where no id is meant"
    );
    assert!(result.nodes().all(|node| node.finish_reason == Some(FinishReason::Stop) && node.attempts == 1));

    let started: Vec<_> = result.nodes().map(|node| node.started.unwrap()).collect();
    let took: Vec<_> = result.nodes().map(|node| node.duration).collect();
    assert!(started[1] >= started[0] + took[0] && started[2] >= started[1] + took[1], "{started:?} {took:?}");
    assert!(took[0] >= Duration::from_millis(30) && took[1] >= Duration::from_millis(30), "{took:?}");

    let stats = result.stats();
    assert_eq!(
        (stats.total_nodes, stats.successful_nodes, stats.failed_nodes, stats.skipped_nodes),
        (3, 3, 0, 0)
    );
    assert_eq!((stats.input_tokens, stats.output_tokens, stats.attempts), (60, 15, 3));
    assert_eq!(stats.max_concurrent_nodes, 1);
    assert!(stats.total_execution_time_ms >= 60.0 && stats.avg_execution_time_ms >= 20.0, "{stats:?}");

    let total = executor.stats();
    assert_eq!((total.total_executions, total.successful_executions, total.failed_executions), (1, 1, 0));
    assert!(total.average_duration_ms >= 60.0);
    executor.reset_stats();
    assert_eq!(executor.stats().total_executions, 0);
}

#[tokio::test]
async fn branches_overlap_and_a_limit_holds() {
    let server = Server::start(Script::default().latency(Duration::from_millis(80))).await.unwrap();
    let nodes = (0..8).map(|index| Node::agent(format!("a{index}"), format!("{index}")));
    let workflow = Arc::new(graph(nodes, &[]));
    let executor = executor(&server);

    let result = executor.execute(&workflow, RunOptions::default()).await.unwrap();
    assert!(result.is_success());
    assert_eq!(result.stats().max_concurrent_nodes, 8);
    assert_eq!(server.stats().peak_in_flight, 8);
    assert!(result.duration() < Duration::from_millis(8 * 80), "{:?}", result.duration());

    server.clear();
    let three = NonZeroUsize::new(3).unwrap();
    let result = executor.execute(&workflow, RunOptions::default().max_parallel(three)).await.unwrap();
    assert!(result.is_success());
    assert_eq!((result.stats().max_concurrent_nodes, server.stats().peak_in_flight), (3, 3));
    assert!(result.duration() >= Duration::from_millis(3 * 80), "eight by threes are three rounds");
}

#[tokio::test]
async fn the_profile_limits_a_run_too() {
    let server = Server::start(Script::default().latency(Duration::from_millis(20))).await.unwrap();
    let workflow = Arc::new(graph((0..12).map(|index| Node::agent(format!("a{index}"), "p")), &[]));
    let executor = graphbit_executor::Executor::new(config(&server), Profile::memory_optimized());
    assert!(executor.execute(&workflow, RunOptions::default()).await.unwrap().is_success());
    assert_eq!(server.stats().peak_in_flight, 4);
}

#[tokio::test]
async fn an_agent_may_have_a_model_of_its_own() {
    let (ours, other) =
        (Server::start(Script::default()).await.unwrap(), Server::start(Script::default()).await.unwrap());
    let workflow =
        graph([Node::agent("a", "one"), Node::agent("b", "two")], &[]).model("b", config(&other)).unwrap();
    let result = executor(&ours).execute(&Arc::new(workflow), RunOptions::default()).await.unwrap();
    assert!(result.is_success());
    assert_eq!((prompts(&ours), prompts(&other)), (vec!["one".to_owned()], vec!["two".to_owned()]));
}

#[tokio::test]
async fn without_a_model_an_agent_fails_and_says_why() {
    let workflow = Arc::new(graph([Node::agent("a", "p")], &[]));
    let executor = graphbit_executor::Executor::without_model(Profile::low_latency());
    let result = executor.execute(&workflow, RunOptions::default()).await.unwrap();
    let error = result.error().unwrap();
    assert_eq!((error.code().as_str(), error.context().node.as_deref()), ("CONFIG", Some("a")));
    assert_eq!(result.node("a").unwrap().status, NodeStatus::Failed);
}

#[tokio::test]
async fn a_missing_key_is_found_at_the_first_request() {
    let workflow = Arc::new(graph([Node::agent("a", "p")], &[]));
    let config = graphbit_llm::Config::new("openai").unwrap();
    let result = graphbit_executor::Executor::new(config, Profile::low_latency())
        .execute(&workflow, RunOptions::default())
        .await
        .unwrap();
    let error = result.error().unwrap();
    assert_eq!(error.code().as_str(), "CONFIG");
    assert!(error.message().contains("OPENAI_API_KEY"), "{error}");
}
