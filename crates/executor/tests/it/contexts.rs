//! What functions are told besides their input: where they are called, and the state.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use graphbit_core::{Error, Graph, Loop, Map, Node, Reducer, Repeat, StateVariable, When, Write};
use graphbit_executor::{CallContext, RunEvent, RunOptions, Workflow, with_context};
use serde_json::{Value, json};

use crate::support::{Thread, alone, same, watched};

/// Counts in a variable of the state, one by one.
fn counting(graph: Graph) -> Graph {
    graph.with_state("count", StateVariable::new(Reducer::Sum).with_initial(0))
}

fn adds(id: &str) -> Node {
    Node::transform(id).with_write(Write::new("count"))
}

/// Gives what the state is.
async fn state(_input: Value, context: CallContext) -> Result<Value, Error> {
    Ok((*context.state()).clone())
}

async fn one(_input: Value) -> Result<Value, Error> {
    Ok(json!(1))
}

#[tokio::test]
async fn functions_read_the_state_that_nodes_before_them_wrote() {
    let mut graph = counting(Graph::new("test"));
    for node in [adds("a"), adds("b"), Node::transform("c"), Node::transform("d")] {
        graph.add(node).unwrap();
    }
    graph.connect("a", "c").unwrap();
    graph.connect("b", "c").unwrap();
    graph.connect_when("c", "d", When::Function).unwrap();
    let twice = |_, context: CallContext| async move { Ok::<_, Error>(json!(context.state()["count"] == 2)) };
    let workflow = Workflow::new(graph.compile().unwrap()).function("a", one).unwrap();
    let workflow = workflow.function("b", one).unwrap().function("c", with_context(state)).unwrap();
    let workflow = workflow.function("d", same).unwrap().edge("c", "d", with_context(twice)).unwrap();
    let result = alone().execute(&Arc::new(workflow), RunOptions::default()).await.unwrap();
    assert!(result.is_success(), "{:?}", result.error());
    assert_eq!(*result.final_output().unwrap(), json!({ "count": 2 }), "the edge was taken, too");
}

#[tokio::test]
async fn a_body_has_a_state_of_its_own_and_a_loops_function_that_of_its_graph() {
    let mut body = counting(Graph::new("body"));
    body.add(adds("add")).unwrap();
    body.add(Node::transform("read")).unwrap();
    body.connect("add", "read").unwrap();
    let mut turn = Graph::new("turn");
    turn.add(Node::transform("t")).unwrap();
    let count = StateVariable::new(Reducer::Count).with_initial(40);
    let mut graph = Graph::new("test").with_state("count", count);
    graph.add(adds("before")).unwrap();
    graph.add(Node::new("each", Map::new(body))).unwrap();
    graph
        .add(Node::new("again", Loop::new(turn, Repeat::UntilFunction, NonZeroU32::new(3).unwrap())))
        .unwrap();
    graph.connect("before", "each").unwrap();
    graph.connect("each", "again").unwrap();
    let seen = Arc::new(Mutex::new(Value::Null));
    let (see, list) = (Arc::clone(&seen), |_| async { Ok::<_, Error>(json!([1, 2])) });
    let until = move |_, context: CallContext| {
        *see.lock().unwrap() = (*context.state()).clone();
        async { Ok::<_, Error>(json!(true)) }
    };
    let workflow = Workflow::new(graph.compile().unwrap()).function("before", list).unwrap();
    let workflow =
        workflow.function("each/add", one).unwrap().function("each/read", with_context(state)).unwrap();
    let workflow = workflow.function("again/t", with_context(state)).unwrap();
    let workflow = workflow.function("again/until", with_context(until)).unwrap();
    let result = alone().execute(&Arc::new(workflow), RunOptions::default()).await.unwrap();
    assert!(result.is_success(), "{:?}", result.error());
    assert_eq!(*result.output("each").unwrap().as_ref(), json!([{ "count": 1 }, { "count": 1 }]));
    assert_eq!(*result.output("again").unwrap().as_ref(), json!(null), "the body declares none");
    assert_eq!(*seen.lock().unwrap(), json!({ "count": 41 }));
}

#[tokio::test]
async fn a_function_is_told_its_node_and_its_run_and_sends_events() {
    let mut body = Graph::new("body");
    body.add(Node::transform("t")).unwrap();
    let mut graph = Graph::new("test");
    graph.add(Node::new("each", Map::new(body))).unwrap();
    let told = |input: Value, context: CallContext| async move {
        context.emit("seen", input["item"].clone());
        assert!(!context.is_cancelled());
        Ok::<_, Error>(json!([context.node(), context.run_id()]))
    };
    let workflow = Workflow::new(graph.compile().unwrap()).function("each/t", with_context(told)).unwrap();
    let (options, events) = watched(RunOptions::default().input(json!(["x"])));
    let result = alone().execute(&Arc::new(workflow), options).await.unwrap();
    assert_eq!(*result.final_output().unwrap(), json!([["each/0/t", result.run_id()]]));
    let custom = events.recv().unwrap().arrived().into_iter().find_map(|event| match event {
        RunEvent::Custom { node, name, data } => Some((node.to_string(), name.to_string(), data)),
        _ => None,
    });
    assert_eq!(custom, Some(("each/0/t".to_owned(), "seen".to_owned(), json!("x"))));
}

#[tokio::test]
async fn a_host_reads_the_state_of_a_call_now_and_after_its_promise() {
    let mut graph = counting(Graph::new("test"));
    for node in [adds("a"), Node::transform("b")] {
        graph.add(node).unwrap();
    }
    graph.connect("a", "b").unwrap();
    let host = Thread::new(|visit, call| {
        let state = (*visit.context(&call).state()).clone();
        if call.node.get() == 0 {
            return visit.settle(&call, Ok(json!(5)));
        }
        let promised = visit.promise(&call);
        let later = (*promised.context().state()).clone();
        promised.settle(Ok(json!([state, later])));
    });
    let workflow = Arc::new(Workflow::new(graph.compile().unwrap()));
    let result = alone().execute(&workflow, RunOptions::default().host(host)).await.unwrap();
    assert_eq!(*result.final_output().unwrap(), json!([{ "count": 5 }, { "count": 5 }]));
}
