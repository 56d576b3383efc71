//! Bodies in bodies in bodies, with functions on a host's thread.

use std::num::NonZeroU32;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use graphbit_core::{Error, ErrorCode, Graph, Loop, Map, Node, Predicate, Repeat, Subgraph};
use graphbit_executor::{Host, RunOptions, Visit, Workflow};
use serde_json::{Value, json};

use crate::support::{SOON, Thread, alone, body, graph, until};

/// A map of loops of subgraphs of one function.
fn deep() -> Graph {
    let sub = body([Node::transform("work")], &[]);
    let turn = body([Node::new("sub", Subgraph::new(sub))], &[]);
    let done = Repeat::Until(Predicate::equals(2));
    let turns = Loop::new(turn, done, NonZeroU32::new(5).unwrap());
    body([Node::new("each", Map::new(body([Node::new("again", turns)], &[])))], &[])
}

fn compiled(graph: &Graph) -> Arc<Workflow> {
    Arc::new(Workflow::new(graph.compile().unwrap()))
}

#[tokio::test]
async fn a_hosted_function_three_bodies_deep_is_told_its_place() {
    let places = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&places);
    let host = Thread::new(move |visit, call| {
        seen.lock().unwrap().push(call.place.to_string());
        let turn = call.input["iteration"].as_u64().unwrap();
        visit.settle(&call, Ok(json!(turn)));
    });
    let options = RunOptions::default().input(json!(["a", "b"])).host(host);
    let result = alone().execute(&compiled(&deep()), options).await.unwrap();
    assert_eq!(*result.final_output().unwrap(), json!([2, 2]), "{:?}", result.error());
    let places = places.lock().unwrap();
    assert_eq!(places.len(), 6);
    assert!(places.iter().all(|place| place == "each/again/sub/"), "{places:?}");
}

#[tokio::test]
async fn the_function_that_ends_a_loop_has_a_place_of_its_own() {
    let turns = Loop::new(body([Node::transform("work")], &[]), Repeat::UntilFunction, NonZeroU32::MIN);
    let host = Thread::new(move |visit, call| {
        let outcome = match &*call.place {
            "again/" => json!("done"),
            "again/until/" => json!(call.input.as_str() == Some("done")),
            other => panic!("{other}"),
        };
        visit.settle(&call, Ok(outcome));
    });
    let workflow = Arc::new(graph([Node::new("again", turns)], &[]));
    let result = alone().execute(&workflow, RunOptions::default().host(host)).await.unwrap();
    assert_eq!(result.final_text(), Some("done"), "{:?}", result.error());
}

#[tokio::test]
async fn an_error_three_bodies_deep_has_the_whole_place() {
    let host = Thread::calling(|_| Err(Error::new(ErrorCode::Tool, "broken")));
    let options = RunOptions::default().input(json!(["a"])).host(host);
    let result = alone().execute(&compiled(&deep()), options).await.unwrap();
    assert_eq!(result.error().unwrap().to_string(), "TOOL: broken (node each/0/again/0/sub/work)");
}

#[tokio::test]
async fn a_function_that_runs_three_bodies_deep_hears_that_the_run_was_cancelled() {
    let (tell, told) = channel();
    let (go, gone) = channel::<()>();
    let host = Thread::new(move |visit, call| {
        tell.send(visit.is_cancelled()).unwrap();
        gone.recv_timeout(SOON).unwrap();
        tell.send(visit.is_cancelled()).unwrap();
        visit.settle(&call, Ok(Value::Null));
        tell.send(visit.next_call().is_some()).unwrap();
    });
    let options = RunOptions::default().input(json!(["a"])).host(host);
    let run = alone().start(&compiled(&deep()), options).unwrap();
    let hear = || told.recv_timeout(SOON).unwrap();
    assert!(!hear());
    let receipt = run.cancel("enough").await;
    assert_eq!(receipt.dropped, ["each"]);
    go.send(()).unwrap();
    assert!(hear(), "it is cancelled");
    assert!(!hear(), "and there is nothing more to call");
    assert_eq!(run.result().await.err().unwrap().message(), "enough");
}

#[tokio::test]
async fn a_promise_of_a_body_hears_of_the_cancellation_and_is_in_the_receipt() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&kept);
    let host = Thread::new(move |visit, call| keep.lock().unwrap().push(visit.promise(&call)));
    let options = RunOptions::default().input(json!(["a", "b"])).host(host);
    let run = alone().start(&compiled(&deep()), options).unwrap();
    until("both have promised", || kept.lock().unwrap().len() == 2).await;
    kept.lock().unwrap().remove(0).settle(Ok(json!(2)));
    let receipt = run.cancel("enough").await;
    assert_eq!(receipt.still_running, ["each/1/again/0/sub/work"]);
    let promised = kept.lock().unwrap().pop().unwrap();
    assert!(promised.is_cancelled());
    promised.settle(Ok(Value::Null));
}

#[tokio::test]
async fn the_clock_of_a_node_and_of_the_run_reach_what_its_body_does() {
    for of_node in [true, false] {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&kept);
        let host = Thread::new(move |visit, call| keep.lock().unwrap().push(visit.promise(&call)));
        let sub = body([Node::new("inner", Subgraph::new(body([Node::transform("work")], &[])))], &[]);
        let mut node = Node::new("sub", Subgraph::new(sub));
        let mut options = RunOptions::default().host(host);
        let limit = Duration::from_millis(30);
        if of_node {
            node.timeout = Some(limit);
        } else {
            options = options.timeout(limit);
        }
        let result = alone().execute(&Arc::new(graph([node], &[])), options).await.unwrap();
        let clock = if of_node { "node" } else { "run" };
        assert_eq!(result.error().unwrap().context().clock, Some(clock));
        assert!(kept.lock().unwrap()[0].is_cancelled(), "{clock}");
    }
}

#[tokio::test]
async fn siblings_of_an_item_that_failed_hear_that_nobody_waits_for_them() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&kept);
    let host = Thread::new(move |visit, call| {
        let promised = visit.promise(&call);
        let mut kept = keep.lock().unwrap();
        kept.push(promised);
        if kept.len() == 2 {
            kept.remove(0).settle(Err(Error::new(ErrorCode::Tool, "broken")));
        }
    });
    let map = Map::new(body([Node::transform("work")], &[]));
    let workflow = Arc::new(graph([Node::new("each", map)], &[]));
    let result =
        alone().execute(&workflow, RunOptions::default().input(json!([0, 1])).host(host)).await.unwrap();
    assert_eq!(result.error().unwrap().code(), ErrorCode::Tool);
    let kept = kept.lock().unwrap();
    assert_eq!((kept.len(), kept[0].is_cancelled()), (1, true));
}

#[tokio::test]
async fn a_host_that_panics_for_a_body_fails_its_node_and_nothing_else() {
    struct Panics;
    impl Host for Panics {
        fn visit(&self, _: Visit) {
            panic!("no thread");
        }
    }
    let workflow = compiled(&deep());
    let options = RunOptions::default().input(json!(["a"])).host(Arc::new(Panics));
    let result = alone().execute(&workflow, options).await.unwrap();
    let error = result.error().unwrap();
    assert_eq!((error.code(), error.message()), (ErrorCode::Internal, "a panic: no thread"));
}
