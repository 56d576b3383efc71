//! Questions to somebody outside.

use std::sync::Arc;
use std::time::Duration;

use graphbit_core::{ErrorCode, Map, Node, Pause};
use graphbit_executor::{Control, NodeStatus, Run, RunOptions, Workflow};
use serde_json::{Value, json};

use crate::support::{alone, body, graph, same, until};

fn approval() -> Node {
    let schema =
        json!({ "type": "object", "properties": { "ok": { "type": "boolean" } }, "required": ["ok"] });
    Node::new("ask", Pause::new("Send {{input.count}} mails?").with_answer(schema))
}

fn workflow(ask: Node) -> Arc<Workflow> {
    Arc::new(graph([ask, Node::transform("send")], &[("ask", "send")]).function("send", same).unwrap())
}

fn start(workflow: &Arc<Workflow>) -> Run {
    alone().start(workflow, RunOptions::default().input(json!({ "count": 3 }))).unwrap()
}

async fn asks(control: &Control, questions: usize) {
    until("the run asks", || control.questions().len() == questions).await;
}

#[tokio::test]
async fn a_run_goes_on_with_the_answer() {
    let run = start(&workflow(approval()));
    let control = run.control();
    asks(&control, 1).await;
    assert_eq!(control.questions(), [("ask".to_owned(), json!("Send 3 mails?"))]);
    control.answer("ask", json!({ "ok": true })).unwrap();
    assert!(control.questions().is_empty());
    let result = run.result().await.unwrap();
    assert_eq!(**result.output("send").unwrap(), json!({ "ok": true }));
}

#[tokio::test]
async fn a_question_that_is_one_variable_keeps_its_type() {
    let run = start(&workflow(Node::new("ask", Pause::new("{{input}}"))));
    let control = run.control();
    asks(&control, 1).await;
    assert_eq!(control.questions()[0].1, json!({ "count": 3 }));
    control.answer("ask", Value::Null).unwrap();
    assert_eq!(*run.result().await.unwrap().final_output().unwrap(), Value::Null);
}

#[tokio::test]
async fn what_is_no_answer_is_refused_and_the_node_goes_on_waiting() {
    let run = start(&workflow(approval()));
    let control = run.control();
    asks(&control, 1).await;
    let refused = |node: &str, answer: Value| {
        let error = control.answer(node, answer).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidInput);
        error.message().to_owned()
    };
    let unfit = refused("ask", json!({ "ok": "yes" }));
    assert!(unfit.starts_with("the answer does not fit what node \"ask\" asks for: "), "{unfit}");
    assert_eq!(refused("send", json!(1)), "node \"send\" asks nothing now; these wait for an answer: ask");
    assert_eq!(control.questions().len(), 1);
    control.answer("ask", json!({ "ok": false })).unwrap();
    let again = refused("ask", json!({ "ok": true }));
    assert_eq!(again, "node \"ask\" asks nothing now; these wait for an answer: none does");
    assert!(run.result().await.unwrap().is_success());
}

#[tokio::test]
async fn a_timeout_takes_the_question_back() {
    let run = start(&workflow(
        approval().with_timeout(Duration::from_millis(20)).with_fallback(json!({ "ok": false })),
    ));
    let control = run.control();
    asks(&control, 1).await;
    let result = run.result().await.unwrap();
    assert_eq!(result.node("ask").unwrap().error.unwrap().context().clock, Some("node"));
    assert_eq!(**result.output("send").unwrap(), json!({ "ok": false }), "the fallback stands in");
    assert!(control.questions().is_empty());
    assert!(control.answer("ask", json!({ "ok": true })).is_err());
}

#[tokio::test]
async fn a_cancelled_run_asks_nothing_any_more() {
    let run = start(&workflow(approval()));
    let control = run.control();
    asks(&control, 1).await;
    let receipt = run.cancel("nobody is there").await;
    assert_eq!((receipt.dropped, receipt.never_started), (vec!["ask".to_owned()], vec!["send".to_owned()]));
    assert!(control.questions().is_empty() && control.answer("ask", json!({ "ok": true })).is_err());
    assert_eq!(run.result().await.err().unwrap().code(), ErrorCode::Cancelled);
}

#[tokio::test]
async fn questions_of_bodies_are_told_apart_by_their_place() {
    let map = Map::over("{{input}}", body([Node::new("ask", Pause::new("{{input.item}}?"))], &[]));
    let workflow = Arc::new(graph([Node::new("each", map)], &[]));
    let run = alone().start(&workflow, RunOptions::default().input(json!(["a", "b"]))).unwrap();
    let control = run.control();
    asks(&control, 2).await;
    for (node, question) in control.questions() {
        let question = question.as_str().unwrap().to_owned();
        assert_eq!(question, if node == "each/0/ask" { "a?" } else { "b?" });
        control.answer(&node, format!("{question} {node}")).unwrap();
    }
    let result = run.result().await.unwrap();
    assert_eq!(*result.final_output().unwrap(), json!(["a? each/0/ask", "b? each/1/ask"]));
    assert_eq!(result.node("each").unwrap().status, NodeStatus::Succeeded);
}
