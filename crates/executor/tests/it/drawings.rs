//! Drawings of runs: how far every node has come, in bodies too.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use graphbit_core::{
    Error, ErrorCode, Graph, ItemError, Loop, Map, Node, Operator, Predicate, Repeat, RetryPolicy, Subgraph,
};
use graphbit_executor::{Control, Promised, RunOptions, Workflow};
use serde_json::{Value, json};

use crate::support::{Thread, alone, body, same, until};

/// The labels of the nodes in a drawing of the run, without times, and the class of each.
fn drawn(control: &Control, graph: &Graph) -> Vec<(String, String)> {
    let drawing = control.to_mermaid(graph);
    let class = |number: &str| {
        let prefix = format!("    class {number} ");
        drawing.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap_or_default().to_owned()
    };
    let node = |line: &str| {
        let line = line.trim_start().trim_start_matches("subgraph ");
        let (number, label) = (line.split(['[', '(', '{']).next()?, line.split('"').nth(1)?);
        let told = label.replace("#44;", ",");
        let words = told.split(", ").filter(|word| {
            !word.trim_end_matches(" each").ends_with('s')
                || word.contains("attempts")
                || word.contains("turns")
        });
        Some((words.collect::<Vec<_>>().join(", "), class(number)))
    };
    drawing.lines().filter(|line| !line.contains("-->") && !line.contains("class")).filter_map(node).collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(label, class)| ((*label).to_owned(), (*class).to_owned())).collect()
}

fn single(id: &str) -> Graph {
    body([Node::transform(id)], &[])
}

fn of(node: Node) -> Graph {
    body([node], &[])
}

/// Starts a run on a host that keeps the promises of all calls.
fn held(graph: &Graph, input: Value) -> (Control, Arc<Mutex<Vec<Promised>>>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&kept);
    let host = Thread::new(move |visit, call| keep.lock().unwrap().push(visit.promise(&call)));
    let options = RunOptions::default().input(input).host(host);
    let run = alone().start(&Arc::new(Workflow::new(graph.compile().unwrap())), options).unwrap();
    (run.control(), kept)
}

#[tokio::test]
async fn the_nodes_of_a_subgraph_are_drawn_as_any_other() {
    let inner = body([Node::transform("a"), Node::transform("b")], &[("a", "b")]);
    let graph = of(Node::new("sub", Subgraph::new(inner)));
    let (control, kept) = held(&graph, json!(1));
    until("a is called", || kept.lock().unwrap().len() == 1).await;
    assert_eq!(
        drawn(&control, &graph),
        pairs(&[("sub<br/>running", "running"), ("a<br/>running", "running"), ("b", "")])
    );
    kept.lock().unwrap().pop().unwrap().settle(Ok(json!(1)));
    until("b is called", || kept.lock().unwrap().len() == 1).await;
    assert_eq!(
        drawn(&control, &graph)[1..],
        pairs(&[("a<br/>succeeded", "succeeded"), ("b<br/>running", "running")])
    );
    kept.lock().unwrap().pop().unwrap().settle(Err(Error::new(ErrorCode::Tool, "broken")));
    control.ended().await;
    let ended = [("sub<br/>failed", "failed"), ("a<br/>succeeded", "succeeded"), ("b<br/>failed", "failed")];
    assert_eq!(drawn(&control, &graph), pairs(&ended), "it can be drawn when the run is over");
}

#[tokio::test]
async fn a_map_says_how_many_items_are_done_and_its_nodes_carry_counts() {
    let map =
        Map::new(single("t")).with_concurrency(NonZeroU32::new(3).unwrap()).with_on_error(ItemError::Collect);
    let graph = of(Node::new("each", map));
    let (control, kept) = held(&graph, json!((0..10).collect::<Vec<_>>()));
    for item in 0..7 {
        until("the next is called", || kept.lock().unwrap().len() >= 3).await;
        let outcome = if item == 2 { Err(Error::new(ErrorCode::Tool, "broken")) } else { Ok(json!(item)) };
        kept.lock().unwrap().remove(0).settle(outcome);
    }
    until("three more are called", || kept.lock().unwrap().len() == 3).await;
    until("seven are done", || control.bodies()[0].ended == 7).await;
    assert_eq!(
        drawn(&control, &graph),
        pairs(&[
            ("each<br/>running, 7 of 10 done", "running"),
            ("t<br/>3 running, 1 failed, 6 succeeded", "running")
        ])
    );
    control.cancel("enough");
    control.ended().await;
    assert_eq!((control.bodies()[0].begun, control.bodies()[0].ended), (10, 7), "three were stopped");
    assert_eq!(
        drawn(&control, &graph),
        pairs(&[
            ("each<br/>cancelled, 7 of 10 done", "cancelled"),
            ("t<br/>1 failed, 6 succeeded, 3 cancelled", "failed")
        ])
    );
}

#[tokio::test]
async fn a_loop_says_which_turn_it_is() {
    let until_done = Repeat::Until(Predicate::whole(Operator::Equals(json!("done"))));
    let graph = of(Node::new("again", Loop::new(single("t"), until_done, NonZeroU32::new(5).unwrap())));
    let (control, kept) = held(&graph, json!(null));
    for turn in 1..=3 {
        until("the turn begins", || kept.lock().unwrap().len() == 1).await;
        let (again, inner) = (&drawn(&control, &graph)[0], &drawn(&control, &graph)[1]);
        assert_eq!(again.0, format!("again<br/>running, turn {turn} of at most 5"));
        let before = if turn == 1 {
            "t<br/>running".to_owned()
        } else {
            format!("t<br/>1 running, {} succeeded", turn - 1)
        };
        assert_eq!(inner.0, before);
        kept.lock().unwrap().pop().unwrap().settle(Ok(json!(if turn == 3 { "done" } else { "more" })));
    }
    control.ended().await;
    let ended =
        [("again<br/>succeeded, turn 3 of at most 5", "succeeded"), ("t<br/>3 succeeded", "succeeded")];
    assert_eq!(drawn(&control, &graph), pairs(&ended));
}

#[tokio::test]
async fn bodies_inside_of_bodies_are_summed_up_by_their_place() {
    let looping = Loop::new(single("t"), Repeat::Until(Predicate::equals(1)), NonZeroU32::new(4).unwrap());
    let inner = body([Node::transform("list"), Node::new("again", looping)], &[("list", "again")]);
    let graph = of(Node::new("each", Map::new(inner)));
    let mut workflow = Workflow::new(graph.compile().unwrap());
    workflow = workflow.function("each/list", same).unwrap();
    let turns = |turn: Value| async move {
        let (last, item) = (turn["last"].as_u64().unwrap_or(0), turn["input"]["item"].as_u64().unwrap_or(0));
        Ok::<_, Error>(json!(if last + 1 >= item { 1 } else { last + 2 }))
    };
    workflow = workflow.function("each/again/t", turns).unwrap();
    let run = alone().start(&Arc::new(workflow), RunOptions::default().input(json!([1, 3]))).unwrap();
    let control = run.control();
    assert!(run.result().await.unwrap().is_success());
    assert_eq!(
        drawn(&control, &graph),
        pairs(&[
            ("each<br/>succeeded, 2 of 2 done", "succeeded"),
            ("list<br/>2 succeeded", "succeeded"),
            ("again<br/>2 succeeded, 3 turns", "succeeded"),
            ("t<br/>3 succeeded", "succeeded"),
        ])
    );
}

#[tokio::test]
async fn the_drawing_of_a_large_map_is_no_larger_than_that_of_a_small_one() {
    let graph = of(Node::new("each", Map::new(single("t"))));
    let mut lengths = Vec::new();
    for items in [10, 10_000] {
        let workflow = Workflow::new(graph.compile().unwrap()).function("each/t", same).unwrap();
        let input = json!((0..items).collect::<Vec<_>>());
        let run = alone().start(&Arc::new(workflow), RunOptions::default().input(input)).unwrap();
        let control = run.control();
        assert!(run.result().await.unwrap().is_success());
        let bodies = control.bodies();
        assert_eq!((bodies.len(), bodies[0].nodes.len(), bodies[0].ended), (1, 1, items));
        lengths.push(control.to_mermaid(&graph).len());
    }
    assert!(lengths[1] < lengths[0] + 40, "{lengths:?}");
}

#[tokio::test]
async fn a_node_that_is_tried_again_begins_its_bodies_anew() {
    let retry = RetryPolicy::new(2).with_delays(Duration::ZERO, Duration::ZERO);
    let graph = of(Node::new("each", Map::new(single("t"))).with_retry(retry));
    let calls = AtomicU32::new(0);
    let flaky = move |value: Value| {
        let call = calls.fetch_add(1, Ordering::Relaxed);
        async move { if call == 1 { Err(Error::new(ErrorCode::Tool, "once")) } else { Ok(value) } }
    };
    let workflow = Workflow::new(graph.compile().unwrap()).function("each/t", flaky).unwrap();
    let run = alone().start(&Arc::new(workflow), RunOptions::default().input(json!([1, 2]))).unwrap();
    let control = run.control();
    assert!(run.result().await.unwrap().is_success());
    assert_eq!(drawn(&control, &graph)[0].0, "each<br/>succeeded, 2 attempts, 2 of 2 done");
    assert_eq!(drawn(&control, &graph)[1].0, "t<br/>2 succeeded");
}
