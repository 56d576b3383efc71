//! Transforms and joins: functions of the program's.

use std::sync::Arc;

use graphbit_core::{Error, ErrorCode, Node};
use graphbit_executor::{Executor, NodeStatus, Profile, RunOptions, RunResult, Workflow};
use serde_json::{Value, json};

use crate::support::{add_one, graph};

async fn run(workflow: Workflow, input: Value) -> RunResult {
    let executor = Executor::without_model(Profile::low_latency());
    executor.execute(&Arc::new(workflow), RunOptions::default().input(input)).await.unwrap()
}

#[tokio::test]
async fn inputs_are_the_runs_the_predecessors_or_an_object_of_them() {
    let nodes = ["root", "left", "right", "both"].map(Node::transform);
    let edges = [
        ("root", "left"),
        ("root", "right"),
        ("left", "both"),
        ("right", "both"),
        ("both", "all"),
        ("root", "all"),
    ];
    let workflow = graph(nodes.into_iter().chain([Node::join("all")]), &edges)
        .function("root", add_one)
        .and_then(|workflow| workflow.function("left", add_one))
        .and_then(|workflow| workflow.function("right", async |value: Value| Ok::<_, Error>(json!([value]))))
        .and_then(|workflow| workflow.function("both", async |value: Value| Ok::<_, Error>(value)))
        .unwrap();
    let result = run(workflow, json!(1)).await;
    assert!(result.is_success());
    assert_eq!(**result.output("both").unwrap(), json!({ "left": 3, "right": [2] }));
    assert_eq!(*result.final_output().unwrap(), json!({ "both": { "left": 3, "right": [2] }, "root": 2 }));
}

#[tokio::test]
async fn an_error_of_the_programs_own_is_the_cause_of_a_tool_error() {
    let parse = async |value: Value| value.as_str().unwrap_or_default().parse::<u64>().map(Value::from);
    let workflow = graph([Node::transform("parse")], &[]).function("parse", parse).unwrap();
    let result = run(workflow, json!("twelve")).await;
    let error = result.node("parse").unwrap().error.unwrap();
    assert_eq!((error.code(), error.message()), (ErrorCode::Tool, "invalid digit found in string"));
    let cause = std::error::Error::source(error).unwrap();
    assert!(cause.is::<std::num::ParseIntError>());
    assert_eq!(error.context().node.as_deref(), Some("parse"));
    assert_eq!(error.context().run.as_deref(), Some(result.run_id()));

    let says =
        graph([Node::transform("says")], &[]).function("says", async |_: Value| Err("no fuel")).unwrap();
    let result = run(says, Value::Null).await;
    assert_eq!(result.error().unwrap().to_string(), "TOOL: no fuel (node says)");
}

#[tokio::test]
async fn an_error_of_ours_keeps_its_code() {
    let limit = async |_: Value| Err(Error::new(ErrorCode::Limit, "enough"));
    let workflow = graph([Node::transform("a")], &[]).function("a", limit).unwrap();
    assert_eq!(run(workflow, Value::Null).await.error().unwrap().code(), ErrorCode::Limit);
}

#[tokio::test]
async fn a_panic_is_an_error_and_the_runtime_lives_on() {
    fn panics(_: Value) -> std::future::Ready<Result<Value, Error>> {
        panic!("before the future")
    }
    let workflow = graph([Node::transform("a"), Node::transform("b"), Node::transform("c")], &[("a", "c")])
        .function("a", async |value: Value| -> Result<Value, Error> { panic!("no {value} please") })
        .and_then(|workflow| workflow.function("b", panics))
        .and_then(|workflow| workflow.function("c", add_one))
        .unwrap();
    let result = run(workflow, json!(5)).await;
    let error =
        |id: &str| result.node(id).unwrap().error.map(|error| (error.code(), error.message().to_owned()));
    assert_eq!(error("a"), Some((ErrorCode::Internal, "a panic: no 5 please".to_owned())));
    assert_eq!(error("b"), Some((ErrorCode::Internal, "a panic: before the future".to_owned())));
    assert_eq!(result.node("c").unwrap().status, NodeStatus::Skipped);

    let fine = graph([Node::transform("a")], &[]).function("a", add_one).unwrap();
    assert!(run(fine, json!(1)).await.is_success());
}

#[tokio::test]
async fn a_transform_without_a_function_is_found_before_the_run() {
    let workflow = Arc::new(graph([Node::transform("a")], &[]));
    let executor = Executor::without_model(Profile::low_latency());
    let error = executor.execute(&workflow, RunOptions::default()).await.err().unwrap();
    assert_eq!((error.code(), error.context().node.as_deref()), (ErrorCode::InvalidInput, Some("a")));
    assert_eq!(executor.stats().total_executions, 0);
}

#[tokio::test]
async fn functions_and_models_are_bound_to_nodes_that_take_them() {
    let workflow = || graph([Node::transform("t"), Node::agent("a", "p")], &[]);
    let config = || graphbit_llm::Config::new("openai").unwrap();
    let message = |bound: Result<Workflow, Error>| bound.err().unwrap().message().to_owned();
    assert_eq!(
        message(workflow().function("a", add_one)),
        "node \"a\" calls no function: transforms and tools do, and conditions that say so"
    );
    assert_eq!(message(workflow().function("x", add_one)), "there is no node \"x\"");
    assert_eq!(
        message(workflow().model("t", config())),
        "node \"t\" asks no model: agents do, and conditions that say so"
    );
}
