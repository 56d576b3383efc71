//! What a node's policy adds: outputs kept by key, a limit of silence; and the state under many writers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use graphbit_core::{
    Agent, Error, ErrorCode, Graph, Join, Map, Node, Reduce, Reducer, RetryPolicy, StateVariable, Write,
};
use graphbit_executor::{Executor, Profile, RunOptions, Workflow};
use graphbit_testkit::{Reply, Script, Server};
use serde_json::{Value, json};

use crate::support::{Thread, Told, alone, body, executor, graph, same};

/// A function that counts its calls.
fn counted() -> (Arc<AtomicU32>, impl graphbit_executor::Function + Clone) {
    let calls = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&calls);
    let function = move |input: Value| {
        let nth = count.fetch_add(1, Ordering::SeqCst) + 1;
        async move { Ok::<_, Error>(json!([input, nth])) }
    };
    (calls, function)
}

fn cached() -> Node {
    Node::transform("work").with_cache("{{input.key}}")
}

async fn work(executor: &Executor, workflow: &Arc<Workflow>, key: &str) -> Value {
    let options = RunOptions::default().input(json!({ "key": key }));
    let result = executor.execute(workflow, options).await.unwrap();
    result.final_output().unwrap()[1].clone()
}

#[tokio::test]
async fn an_output_is_kept_by_its_key_across_the_runs_of_an_executor_and_its_clones() {
    let (calls, function) = counted();
    let workflow = || Arc::new(graph([cached()], &[]).function("work", function.clone()).unwrap());
    let (executor, one) = (alone(), workflow());
    assert_eq!(work(&executor, &one, "a").await, json!(1));
    assert_eq!(work(&executor.clone(), &one, "a").await, json!(1), "kept");
    assert_eq!(work(&executor, &one, "b").await, json!(2), "another key");
    assert_eq!(work(&alone(), &one, "a").await, json!(3), "another executor");
    let other = work(&executor, &workflow(), "a").await;
    assert_eq!(other, json!(4), "another workflow, whose function may be another one");
    assert_eq!(calls.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn what_an_agent_is_asked_is_part_of_the_key_and_a_kept_answer_costs_nothing() {
    let model = Told::new(|prompt| async move { Ok(prompt) });
    let executor = model.executor();
    let asking = |prompt: &str| Arc::new(graph([Node::agent("ask", prompt).with_cache("k")], &[]));
    let ask = async |workflow: &Arc<Workflow>| {
        let result = executor.execute(workflow, RunOptions::default()).await.unwrap();
        (result.final_text().unwrap().to_owned(), result.stats().input_tokens)
    };
    let (one, two) = (asking("one"), asking("two"));
    assert_eq!(ask(&one).await, ("one".to_owned(), 3));
    assert_eq!(ask(&one).await, ("one".to_owned(), 0));
    assert_eq!(ask(&two).await, ("two".to_owned(), 3), "another prompt is asked anew");
}

#[tokio::test]
async fn outputs_of_hosted_functions_and_of_bodies_are_kept_too_and_failures_are_not() {
    let calls = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&calls);
    let host = Thread::calling(move |input| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Err(Error::new(ErrorCode::Tool, "not yet")),
        _ => Ok(input.clone()),
    });
    let item = Node::transform("work").with_cache("{{input.item}}");
    let map = Map::over("{{input}}", body([item], &[])).with_concurrency(1.try_into().unwrap());
    let workflow = Arc::new(graph([Node::new("each", map)], &[]));
    let executor = alone();
    let run = async || {
        let options = RunOptions::default().input(json!(["a", "a", "b"])).host(host.clone());
        executor.execute(&workflow, options).await.unwrap()
    };
    assert!(!run().await.is_success());
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    let result = run().await;
    let items = result.final_output().unwrap();
    assert_eq!(
        [&items[0]["index"], &items[1]["index"], &items[2]["index"]],
        [0, 0, 2],
        "the second is the first"
    );
    assert_eq!(calls.load(Ordering::SeqCst), 3);
    assert!(run().await.is_success());
    assert_eq!(calls.load(Ordering::SeqCst), 3, "all are kept");
}

#[tokio::test]
async fn a_model_that_falls_silent_is_given_up_and_one_that_is_slow_is_not() {
    let limit = Duration::from_millis(150);
    let slow = Reply::text("one two three four five six").pieces(6).piece_delay(limit / 3);
    let form = Reply::text(r#"{"n": 12345678}"#).pieces(6).piece_delay(limit / 3);
    let script = Script::default()
        .when_contains("slow", slow)
        .when_contains("form", form)
        .otherwise(Reply::echo().never());
    let server = Server::start(script).await.unwrap();
    let ask = async |node: Node| {
        let workflow = Arc::new(graph([node.with_id("ask").with_idle_timeout(limit)], &[]));
        let began = Instant::now();
        (executor(&server).execute(&workflow, RunOptions::default()).await.unwrap(), began.elapsed())
    };
    let (result, took) = ask(Node::agent("ask", "silence")).await;
    let error = result.error().unwrap();
    assert_eq!((error.code(), error.context().clock), (ErrorCode::Timeout, Some("idle")));
    assert!(took >= limit);
    let (result, took) = ask(Node::agent("ask", "slow")).await;
    assert_eq!(result.final_text(), Some("one two three four five six"), "{:?}", result.error());
    assert!(took > limit, "{took:?}");
    let schema = json!({ "type": "object", "properties": { "n": { "type": "integer" } } });
    let (result, took) = ask(Node::new("ask", Agent::new("form").with_output(schema))).await;
    assert_eq!(result.final_output().as_deref(), Some(&json!({ "n": 12345678 })), "{:?}", result.error());
    assert!(took > limit, "{took:?}");
}

#[tokio::test]
async fn a_retry_on_a_map_runs_its_items_again() {
    let calls = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&calls);
    let fails_once = move |input: Value| {
        let nth = count.fetch_add(1, Ordering::SeqCst);
        async move { if nth == 0 { Err("not yet") } else { Ok(input["item"].clone()) } }
    };
    let retry = RetryPolicy::new(1).with_delays(Duration::from_millis(1), Duration::from_millis(1));
    let map = Map::new(body([Node::transform("work")], &[])).with_concurrency(1.try_into().unwrap());
    let workflow = graph([Node::new("each", map).with_retry(retry)], &[]).function("each/work", fails_once);
    let options = RunOptions::default().input(json!([1, 2]));
    let result = alone().execute(&Arc::new(workflow.unwrap()), options).await.unwrap();
    assert_eq!(*result.final_output().unwrap(), json!([1, 2]));
    assert_eq!((calls.load(Ordering::SeqCst), result.node("each").unwrap().attempts), (3, 2));
}

#[tokio::test]
async fn a_thousand_increments_side_by_side_lose_none() {
    let mut graph = Graph::new("counts")
        .with_state("sum", StateVariable::new(Reducer::Sum))
        .with_state("all", StateVariable::new(Reducer::Append))
        .with_state("most", StateVariable::new(Reducer::Max))
        .with_state("count", StateVariable::new(Reducer::Count));
    graph.add(Node::new("end", Join::default().with_reduce(Reduce::Count))).unwrap();
    let ids: Vec<String> = (0..1_000).map(|number| format!("n{number}")).collect();
    for id in &ids {
        let writes = ["sum", "all", "most", "count"].map(Write::new);
        graph.add(writes.into_iter().fold(Node::transform(id), Node::with_write)).unwrap();
        graph.connect(id, "end").unwrap();
    }
    let plan = Arc::new(graph.compile().unwrap());
    let number = |id: &str| id[1..].parse::<u64>().unwrap();
    let bound = ids.iter().fold(Workflow::new(Arc::clone(&plan)), |workflow, id| {
        let number = number(id);
        let function = move |_| async move {
            tokio::task::yield_now().await;
            Ok::<_, Error>(json!(number))
        };
        workflow.function(id, function).unwrap()
    });
    let ours = Executor::without_model(Profile::high_throughput());
    let host = Thread::new(move |visit, call| {
        let promised = visit.promise(&call);
        let number = u64::try_from(call.node.get()).unwrap() - 1; // the join is the first
        std::thread::spawn(move || promised.settle(Ok(json!(number))));
    });
    for (workflow, options) in
        [(bound, RunOptions::default()), (Workflow::new(plan), RunOptions::default().host(host))]
    {
        let result = ours.execute(&Arc::new(workflow), options).await.unwrap();
        let state = result.state();
        assert_eq!([&state["sum"], &state["most"], &state["count"]], [499_500, 999, 1_000]);
        let mut all: Vec<u64> = state["all"].as_array().unwrap().iter().filter_map(Value::as_u64).collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..1_000));
        assert_eq!(result.final_output().unwrap().as_u64(), Some(1_000));
    }
    assert!(
        alone()
            .execute(
                &Arc::new(crate::support::graph([Node::transform("t")], &[]).function("t", same).unwrap()),
                RunOptions::default()
            )
            .await
            .unwrap()
            .state()
            .is_null()
    );
}
