//! Conditions of edges, joins of every rule, what takes the place of a failure, and the state.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use graphbit_core::{
    Error, ErrorCode, Graph, Join, JoinRule, Node, OnError, Operator, Predicate, Reducer, Result,
    StateVariable, When, Write,
};
use graphbit_executor::{NodeStatus, RunOptions, RunResult, Workflow};
use serde_json::{Value, json};

use crate::support::Told;

/// Runs a graph whose transforms call one function with their id, after giving it the run's input.
async fn run(
    nodes: impl IntoIterator<Item = Node>,
    edges: impl IntoIterator<Item = (&'static str, &'static str, When)>,
    call: impl Fn(&str, Value) -> Result<Value> + Clone + Send + Sync + 'static,
) -> RunResult {
    let mut graph = Graph::new("test")
        .with_state("log", StateVariable::new(Reducer::Append))
        .with_state("total", StateVariable::new(Reducer::Sum).with_initial(1));
    for node in nodes {
        graph.add(node).unwrap();
    }
    for (from, to, when) in edges {
        graph.connect_when(from, to, when).unwrap();
    }
    let ids: Vec<String> = graph.nodes().map(|node| node.id.to_string()).collect();
    let mut workflow = Workflow::new(graph.compile().unwrap());
    for id in ids {
        let (call, name) = (call.clone(), id.clone());
        let function = move |value| {
            let outcome = call(&name, value);
            // Those whose name says so end after the others.
            let late = if name.starts_with("late") { 50 } else { 0 };
            async move {
                tokio::time::sleep(Duration::from_millis(late)).await;
                outcome
            }
        };
        workflow = match workflow.plan().node(workflow.plan().index_of(&id).unwrap()).unwrap().node.kind {
            graphbit_core::NodeKind::Transform => workflow.function(&id, function).unwrap(),
            _ => workflow,
        };
    }
    let model = Told::new(|prompt| async move { Ok(prompt) });
    let workflow = Arc::new(workflow);
    model.executor().execute(&workflow, RunOptions::default().input(json!({ "score": 8 }))).await.unwrap()
}

fn statuses(result: &RunResult) -> Vec<NodeStatus> {
    result.nodes().map(|node| node.status).collect()
}

fn fails_at(failing: &'static str) -> impl Fn(&str, Value) -> Result<Value> + Clone + Send + Sync + 'static {
    move |id, value| {
        if id.ends_with(failing) { Err(Error::new(ErrorCode::Tool, "broken")) } else { Ok(value) }
    }
}

use NodeStatus::{Failed, NotTaken, Skipped, Succeeded};

#[tokio::test]
async fn only_edges_whose_condition_holds_are_taken() {
    let good = Predicate::at("score", Operator::GreaterOrEqual(json!(8))).unwrap();
    let nodes = ["a", "good", "bad", "always", "after"].map(Node::transform).into_iter();
    let edges = [
        ("a", "good", When::Matches(good)),
        ("a", "bad", When::Otherwise),
        ("a", "always", When::Always),
        ("bad", "after", When::Always),
        ("good", "all", When::Always),
        ("bad", "all", When::Always),
        ("a", "all", When::equals("something else")),
    ];
    let show = Node::agent("show", "{{all.good.score}}{{bad}}!");
    let edges = edges.into_iter().chain([("all", "show", When::Always)]);
    let result = run(nodes.chain([Node::join("all"), show]), edges, |_, value| Ok(value)).await;
    assert_eq!(
        statuses(&result),
        [Succeeded, Succeeded, NotTaken, Succeeded, NotTaken, Succeeded, Succeeded]
    );
    assert!(result.is_success());
    assert_eq!(
        **result.output("all").unwrap(),
        json!({ "good": { "score": 8 } }),
        "only what led to the join"
    );
    assert_eq!(
        result.output("show").unwrap().as_str(),
        Some("8!"),
        "what was not taken is null in templates"
    );
    assert_eq!(*result.final_output().unwrap(), json!({ "always": { "score": 8 }, "show": "8!" }));
    assert_eq!((result.stats().not_taken_nodes, result.stats().skipped_nodes), (2, 0));
}

#[tokio::test]
async fn an_edge_for_failures_handles_them() {
    let nodes = ["a", "next", "rescue"].map(Node::transform).into_iter().chain([Node::join("end")]);
    let edges = [
        ("a", "next", When::Always),
        ("a", "rescue", When::Failed),
        ("next", "end", When::Always),
        ("rescue", "end", When::Always),
    ];
    let result = run(nodes, edges, fails_at("a")).await;
    assert_eq!(statuses(&result), [Failed, NotTaken, Succeeded, Succeeded]);
    assert!(result.is_success() && result.error().is_none());
    assert_eq!(result.node("a").unwrap().error.unwrap().code(), ErrorCode::Tool);
    let told = json!({ "error": { "code": "TOOL", "message": "broken" } });
    assert_eq!(**result.output("end").unwrap(), json!({ "rescue": told }));
}

#[tokio::test]
async fn a_failure_that_nothing_handles_fails_the_run() {
    let nodes = ["a", "b", "c", "d"].map(Node::transform);
    let edges = [("a", "b", When::Always), ("b", "d", When::Always), ("c", "d", When::Always)];
    let result = run(nodes, edges, fails_at("a")).await;
    assert_eq!(statuses(&result), [Failed, Skipped, Succeeded, Skipped]);
    assert!(!result.is_success());
    assert_eq!(result.error().unwrap().context().node.as_deref(), Some("a"));
}

#[tokio::test]
async fn a_policy_or_a_fallback_takes_the_place_of_a_failure() {
    let edges = || [("a", "b", When::Always), ("b", "c", When::Always), ("a", "c", When::Always)];
    let nodes = |b: Node| [Node::transform("a"), b, Node::join("c")];
    let call = fails_at("b");

    let skipped = run(nodes(Node::transform("b").with_on_error(OnError::Skip)), edges(), call.clone()).await;
    assert_eq!(statuses(&skipped), [Succeeded, NotTaken, Succeeded]);
    assert!(skipped.is_success() && skipped.node("b").unwrap().error.is_some());
    assert_eq!(**skipped.output("c").unwrap(), json!({ "a": { "score": 8 } }));

    let goes_on =
        run(nodes(Node::transform("b").with_on_error(OnError::Continue)), edges(), call.clone()).await;
    assert!(goes_on.is_success() && goes_on.node("b").unwrap().error.is_some());
    assert_eq!(**goes_on.output("c").unwrap(), json!({ "a": { "score": 8 }, "b": null }));

    let fallback =
        Node::transform("b").with_fallback(json!({ "was": "{{a.score}}", "of": "{{state.total}}!" }));
    let fallen = run(nodes(fallback), edges(), call.clone()).await;
    assert!(fallen.is_success());
    assert_eq!(**fallen.output("b").unwrap(), json!({ "was": 8, "of": "1!" }));
    assert_eq!(fallen.node("b").unwrap().error.unwrap().message(), "broken");

    let broken = run(nodes(Node::transform("b").with_fallback("{{a.missing}}")), edges(), call).await;
    let error = broken.error().unwrap();
    assert_eq!((error.code(), error.context().node.as_deref()), (ErrorCode::InvalidInput, Some("b")));
    assert!(std::error::Error::source(error).unwrap().to_string().contains("broken"));
}

#[tokio::test]
async fn a_join_starts_with_as_many_as_it_waits_for() {
    let join = |rule| Node::new("j", Join::default().with_rule(rule));
    let edges = || ["a", "b", "late"].map(|from| (from, "j", When::Always));
    let nodes = |rule| ["a", "b", "late"].map(Node::transform).into_iter().chain([join(rule)]);
    let of = |result: &RunResult| result.output("j").unwrap().as_object().unwrap().len();
    let quorum = |edges| JoinRule::Quorum(NonZeroU32::new(edges).unwrap());

    let any = run(nodes(JoinRule::Any), edges(), fails_at("b")).await;
    assert_eq!(statuses(&any), [Succeeded, Failed, Succeeded, Succeeded]);
    assert_eq!((of(&any), any.is_success()), (1, false), "the failure of the other is still one");
    assert_eq!(of(&run(nodes(quorum(2)), edges(), |_, value| Ok(value)).await), 2);
    let too_few = run(nodes(quorum(3)), edges(), fails_at("b")).await;
    assert_eq!(statuses(&too_few), [Succeeded, Failed, Succeeded, Skipped]);
}

#[tokio::test]
async fn outputs_are_folded_into_the_state_and_templates_read_it() {
    let log = || Write::new("log");
    let total = || Write::new("total").with_path("score").unwrap();
    let nodes = [
        Node::transform("a").with_write(log()).with_write(total()),
        Node::transform("b").with_write(total()),
        Node::agent("show", "{{state.total}} {{state.log}}"),
        Node::transform("wrong").with_write(log()).with_write(Write::new("total").with_path("x").unwrap()),
        Node::transform("text").with_write(Write::new("total")).with_fallback(json!(100)),
        Node::agent("end", "{{state.total}} {{state.log.1}}"),
    ];
    let edges = ["a", "b", "show", "wrong", "text", "end"];
    let pairs: Vec<_> = edges.windows(2).map(|pair| (pair[0], pair[1], When::Always)).collect();
    let edges = pairs.into_iter().chain([("wrong", "text", When::Failed), ("b", "wrong", When::Always)]);
    let result = run(nodes, edges, |_, _| Ok(json!({ "score": 5 }))).await;
    assert_eq!(result.output("show").unwrap().as_str(), Some(r#"11 [{"score":5}]"#));
    let wrong = result.node("wrong").unwrap();
    assert_eq!(
        wrong.error.unwrap().message(),
        "the node writes \"x\" of its output to the state's \"total\", and the output has no \"x\""
    );
    assert_eq!(
        result.node("text").unwrap().error.unwrap().message(),
        "the state's \"total\" cannot be written: the reducer sum takes a number, and what is written is an object"
    );
    assert_eq!(result.node("end").unwrap().status, Failed, "the failed node wrote nothing, not even the log");
    assert!(result.error().unwrap().message().contains("{{state.log}} is a list of 1"));
}
