//! Edges that functions decide, ours or a host's.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use graphbit_core::{Error, ErrorCode, Graph, Map, Node, Result, Subgraph, When};
use graphbit_executor::{NodeStatus, RunEvent, RunOptions, RunResult, Workflow};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{Thread, alone, same, until, watched};

/// A graph of transforms with edges that functions decide and, after them, others.
fn deciding(functions: &[(&str, &str)], others: &[(&str, &str, When)]) -> Graph {
    let mut graph = Graph::new("test");
    let decided = functions.iter().map(|(from, to)| (*from, *to, When::Function));
    let edges: Vec<_> = decided.chain(others.iter().cloned()).collect();
    for id in edges.iter().flat_map(|(from, to, _)| [*from, *to]) {
        if !graph.contains(id) {
            graph.add(Node::transform(id)).unwrap();
        }
    }
    for (from, to, when) in edges {
        graph.connect_when(from, to, when).unwrap();
    }
    graph
}

/// The graph with its transforms bound to a function that gives what it gets.
fn bound(graph: &Graph) -> Workflow {
    let ids = graph.nodes().map(|node| node.id.to_string());
    ids.fold(Workflow::new(graph.compile().unwrap()), |workflow, id| workflow.function(&id, same).unwrap())
}

fn above(limit: u64) -> impl Fn(Value) -> std::future::Ready<Result<Value>> + Send + Sync {
    move |value| std::future::ready(Ok(json!(value.as_u64() > Some(limit))))
}

/// What a function says, or how it fails.
type Answer = fn() -> Result<Value>;

fn statuses(result: &RunResult) -> Vec<(String, NodeStatus)> {
    result.nodes().map(|node| (node.id.to_owned(), node.status)).collect()
}

fn ran(result: &RunResult) -> Vec<String> {
    let ran = statuses(result).into_iter().filter(|(_, status)| *status == NodeStatus::Succeeded);
    ran.map(|(id, _)| id).collect()
}

async fn run(workflow: Workflow, input: impl Into<Value>) -> RunResult {
    alone().execute(&Arc::new(workflow), RunOptions::default().input(input)).await.unwrap()
}

#[tokio::test]
async fn a_function_decides_an_edge_by_what_its_source_gave() {
    let graph = deciding(
        &[("a", "big"), ("a", "huge")],
        &[("a", "rest", When::Otherwise), ("rest", "last", When::Always)],
    );
    let workflow =
        || bound(&graph).edge("a", "big", above(10)).unwrap().edge("a", "huge", above(100)).unwrap();
    for (input, ways) in
        [(500, vec!["a", "big", "huge"]), (50, vec!["a", "big"]), (5, vec!["a", "rest", "last"])]
    {
        let result = run(workflow(), input).await;
        assert!(result.is_success(), "{:?}", result.error());
        assert_eq!(ran(&result), ways);
        let status = |id| result.node(id).unwrap().status;
        assert_eq!(status("huge") == NodeStatus::NotTaken, input < 100, "what is not taken is told");
        if input == 50 {
            assert_eq!(
                result.output("big").map(|output| output.as_u64()),
                Some(Some(50)),
                "it gets the source's output"
            );
        }
    }
}

#[tokio::test]
async fn functions_of_edges_are_asked_one_by_one_in_order_before_anything_starts() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let graph = deciding(&[("a", "one"), ("a", "two"), ("a", "three")], &[]);
    let mut workflow = Workflow::new(graph.compile().unwrap());
    for id in ["a", "one", "two", "three"] {
        let log = Arc::clone(&log);
        let note = move |value| {
            log.lock().unwrap().push(id.to_owned());
            same(value)
        };
        workflow = workflow.function(id, note).unwrap();
    }
    for (to, wait) in [("one", 30), ("two", 0), ("three", 10)] {
        let log = Arc::clone(&log);
        let decide = move |_| {
            let log = Arc::clone(&log);
            async move {
                sleep(Duration::from_millis(wait)).await;
                log.lock().unwrap().push(format!("a->{to}"));
                Ok::<_, Error>(json!(true))
            }
        };
        workflow = workflow.edge("a", to, decide).unwrap();
    }
    assert!(run(workflow, 1).await.is_success());
    assert_eq!(*log.lock().unwrap(), ["a", "a->one", "a->two", "a->three", "one", "two", "three"]);
}

#[tokio::test]
async fn an_edges_function_that_fails_fails_its_source_and_keeps_what_that_gave() {
    let fails: [(&str, Answer); 3] = [
        ("broken", || Err(Error::new(ErrorCode::Tool, "broken"))),
        ("it must give true or false, not a text (by a name a condition node chooses)", || Ok(json!("yes"))),
        ("a panic: out of hand", || panic!("out of hand")),
    ];
    for (message, answer) in fails {
        let graph = deciding(&[("a", "b")], &[("a", "c", When::Always), ("b", "d", When::Always)]);
        let workflow = bound(&graph).edge("a", "b", move |_| async move { answer() }).unwrap();
        let result = run(workflow, 7).await;
        let error = result.error().unwrap();
        assert_eq!(error.message(), format!("the function of the edge to \"b\": {message}"));
        assert_eq!(error.context().node.as_deref(), Some("a"));
        let states: Vec<_> = statuses(&result).into_iter().map(|(_, status)| status).collect();
        use NodeStatus::{Failed, Skipped};
        assert_eq!(states, [Failed, Skipped, Skipped, Skipped], "a, b, c, d");
        assert_eq!(result.output("a").map(|output| output.as_u64()), Some(Some(7)));
    }
}

#[tokio::test]
async fn an_edge_for_failures_handles_a_function_that_fails_and_sees_its_error() {
    let graph = deciding(&[("a", "b")], &[("a", "rescue", When::Failed)]);
    let broken = |_| async { Err::<Value, _>(Error::new(ErrorCode::Tool, "broken")) };
    let result = run(bound(&graph).edge("a", "b", broken).unwrap(), 7).await;
    assert!(result.is_success(), "{:?}", result.error());
    let message = "the function of the edge to \"b\": broken";
    assert_eq!(
        *result.final_output().unwrap(),
        json!({ "rescue": { "error": { "code": "TOOL", "message": message } } })
    );
}

#[tokio::test]
async fn a_fallback_is_what_the_functions_of_edges_are_asked_about() {
    let mut graph = Graph::new("test");
    graph.add(Node::transform("a").with_fallback(20)).unwrap();
    graph.add(Node::transform("b")).unwrap();
    graph.connect_when("a", "b", When::Function).unwrap();
    let broken = |_| async { Err::<Value, _>(Error::new(ErrorCode::Tool, "broken")) };
    let workflow = Workflow::new(graph.compile().unwrap()).function("a", broken).unwrap();
    let result = run(workflow.function("b", same).unwrap().edge("a", "b", above(10)).unwrap(), 7).await;
    assert_eq!((result.is_success(), ran(&result)), (true, vec!["a".to_owned(), "b".to_owned()]));
}

#[tokio::test]
async fn functions_decide_edges_inside_of_bodies() {
    let body = deciding(&[("a", "big")], &[("a", "small", When::Otherwise)]);
    let mut graph = Graph::new("test");
    graph.add(Node::new("each", Map::new(body.clone()))).unwrap();
    graph.add(Node::new("sub", Subgraph::new(body))).unwrap();
    let mut workflow = Workflow::new(graph.compile().unwrap());
    for place in ["each", "sub"] {
        let item = move |value: Value| async move {
            Ok::<_, Error>(if place == "each" { value["item"].clone() } else { value[0].clone() })
        };
        workflow = workflow.function(&format!("{place}/a"), item).unwrap();
        for id in ["big", "small"] {
            workflow = workflow.function(&format!("{place}/{id}"), same).unwrap();
        }
        workflow = workflow.edge(&format!("{place}/a"), "big", above(10)).unwrap();
    }
    let result = run(workflow, json!([5, 50])).await;
    assert!(result.is_success(), "{:?}", result.error());
    assert_eq!(*result.output("each").unwrap().as_ref(), json!([{ "small": 5 }, { "big": 50 }]));
    assert_eq!(*result.output("sub").unwrap().as_ref(), json!({ "small": 5 }));
}

#[tokio::test]
async fn an_edge_without_a_function_is_told_before_anything_runs() {
    let graph = deciding(&[("a", "b")], &[]);
    let error = alone().execute(&Arc::new(bound(&graph)), RunOptions::default()).await.err().unwrap();
    assert_eq!(
        error.to_string(),
        "INVALID_INPUT: the edge from \"a\" to \"b\" has no function; bind one to it (node a)"
    );
    let error = bound(&graph).edge("b", "a", same).err().unwrap();
    assert_eq!(error.message(), "no edge from \"b\" to \"a\" is decided by a function");
}

#[tokio::test]
async fn a_host_is_asked_about_edges_in_the_same_visit() {
    let graph = deciding(&[("a", "b"), ("a", "c")], &[]);
    let workflow = Workflow::new(graph.compile().unwrap());
    let calls = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&calls);
    let host = Thread::new(move |visit, call| {
        let edge = call.edge.map(|to| visit.id_of(to).to_owned());
        let answer = match &edge {
            Some(to) => json!(to == "c"),
            None => json!(1),
        };
        seen.lock().unwrap().push((visit.id_of(call.node).to_owned(), edge));
        visit.settle(&call, Ok(answer));
    });
    let options = RunOptions::default().host(host.clone());
    let result = alone().execute(&Arc::new(workflow), options).await.unwrap();
    assert_eq!((ran(&result), host.visits()), (vec!["a".to_owned(), "c".to_owned()], 1));
    let to = |id: &str| Some(id.to_owned());
    let calls = calls.lock().unwrap();
    assert_eq!(
        *calls,
        [("a".into(), None), ("a".into(), to("b")), ("a".into(), to("c")), ("c".into(), None)]
    );
}

#[tokio::test]
async fn what_a_function_says_too_late_is_no_answer_of_its_edge() {
    let mut graph = Graph::new("test");
    let late = Node::transform("a").with_timeout(Duration::from_millis(20)).with_fallback("in place");
    graph.add(late).unwrap();
    graph.add(Node::transform("b")).unwrap();
    graph.connect_when("a", "b", When::Function).unwrap();
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&kept);
    let host = Thread::new(move |visit, call| match call.node.get() {
        0 => keep.lock().unwrap().push((visit.promise(&call), call)),
        _ => visit.settle(&call, Ok(Value::Null)),
    });
    let options = RunOptions::default().host(host);
    let run = alone().start(&Arc::new(Workflow::new(graph.compile().unwrap())), options).unwrap();
    until("the edge is asked about", || kept.lock().unwrap().len() == 2).await;
    let (edge, asked) = kept.lock().unwrap().pop().unwrap();
    assert_eq!(asked.input.as_str(), Some("in place"));
    let (own, _) = kept.lock().unwrap().pop().unwrap();
    own.settle(Ok(json!(true)));
    sleep(Duration::from_millis(20)).await;
    edge.settle(Ok(json!(false)));
    let result = run.result().await.unwrap();
    assert_eq!(result.node("b").unwrap().status, NodeStatus::NotTaken);
}

#[tokio::test]
async fn a_run_that_is_cancelled_or_drained_while_an_edge_is_asked_about() {
    for drained in [false, true] {
        let graph = deciding(&[("a", "b")], &[]);
        let asked = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&asked);
        let decide = move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            async {
                sleep(Duration::from_millis(50)).await;
                Ok::<_, Error>(json!(true))
            }
        };
        let workflow = bound(&graph).edge("a", "b", decide).unwrap();
        let run = alone().start(&Arc::new(workflow), RunOptions::default()).unwrap();
        until("the edge is asked about", || asked.load(Ordering::Relaxed) == 1).await;
        let control = run.control();
        if drained {
            control.drain(Duration::from_secs(5));
        } else {
            control.cancel("enough");
        }
        let receipt = control.ended().await;
        assert_eq!(run.result().await.err().unwrap().code(), ErrorCode::Cancelled);
        let (finished, dropped) = if drained { (vec!["a"], vec![]) } else { (vec![], vec!["a"]) };
        assert_eq!((receipt.finished, receipt.dropped), (strings(&finished), strings(&dropped)));
        assert_eq!(receipt.never_started, ["b"]);
    }
}

fn strings(all: &[&str]) -> Vec<String> {
    all.iter().map(|text| (*text).to_owned()).collect()
}

#[tokio::test]
async fn events_tell_the_end_of_a_node_when_its_edges_are_decided() {
    let graph = deciding(&[("a", "b")], &[("b", "c", When::Always)]);
    let (options, events) = watched(RunOptions::default().input(1));
    let workflow = Arc::new(bound(&graph).edge("a", "b", above(10)).unwrap());
    let result = alone().execute(&workflow, options).await.unwrap();
    assert!(result.is_success());
    let mut told = Vec::new();
    for event in events.recv().unwrap().arrived() {
        match event {
            RunEvent::NodeFinished { node, status, .. } | RunEvent::NodeSkipped { node, status } => {
                told.push((node.to_string(), status));
            }
            _ => {}
        }
    }
    use NodeStatus::{NotTaken, Succeeded};
    assert_eq!(told, [("a".into(), Succeeded), ("b".into(), NotTaken), ("c".into(), NotTaken)]);
}
