//! Maps: a body for each item.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use graphbit_core::{Error, ErrorCode, Graph, ItemError, Map, Node, Result};
use graphbit_executor::{RunOptions, RunResult, Workflow};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{Told, alone, body, graph, same};

fn limit(items: u32) -> NonZeroU32 {
    NonZeroU32::new(items).unwrap()
}

fn each(map: Map) -> Workflow {
    graph([Node::new("each", map)], &[])
}

fn one() -> Graph {
    body([Node::transform("one")], &[])
}

async fn run(workflow: Workflow, input: Value) -> RunResult {
    alone().execute(&Arc::new(workflow), RunOptions::default().input(input)).await.unwrap()
}

#[tokio::test]
async fn outputs_are_in_the_order_of_the_items_whichever_ends_first() {
    let backwards = |input: Value| async move {
        let item = input["item"].as_u64().unwrap();
        sleep(Duration::from_millis(20 - item)).await;
        Ok::<_, Error>(json!([input["index"], item * 10]))
    };
    let workflow = each(Map::new(one())).function("each/one", backwards).unwrap();
    let result = run(workflow, (0..20).collect()).await;
    let expected: Value = (0..20).map(|item| json!([item, item * 10])).collect();
    assert_eq!(*result.final_output().unwrap(), expected);
    assert_eq!(result.stats().total_nodes, 1, "the nodes of bodies are not the run's");
}

#[tokio::test]
async fn no_more_items_are_under_way_than_the_limit() {
    let (now, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    for (concurrency, expected) in [(Some(limit(3)), 3), (Some(limit(1)), 1), (None, 10)] {
        most.store(0, Ordering::SeqCst);
        let (now, peak) = (Arc::clone(&now), Arc::clone(&most));
        let counts = move |input: Value| {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let now = Arc::clone(&now);
            async move {
                sleep(Duration::from_millis(3)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, Error>(input)
            }
        };
        let mut map = Map::new(one());
        map.concurrency = concurrency;
        let result = run(each(map).function("each/one", counts).unwrap(), (0..10).collect()).await;
        assert!(result.is_success());
        assert_eq!(most.load(Ordering::SeqCst), expected);
    }
}

/// Fails for 3 and 5, the latter at once.
async fn odd(input: Value) -> Result<Value> {
    let item = input["item"].as_u64().unwrap();
    match item {
        5 => Err(Error::new(ErrorCode::Tool, "five")),
        3 => {
            sleep(Duration::from_millis(20)).await;
            Err(Error::invalid_input("three"))
        }
        _ => Ok(item.into()),
    }
}

#[tokio::test]
async fn the_first_item_that_fails_fails_the_map_and_its_place_is_told() {
    let workflow = each(Map::new(one())).function("each/one", odd).unwrap();
    let result = run(workflow, (0..8).collect()).await;
    let error = result.error().unwrap();
    assert_eq!((error.code(), error.message()), (ErrorCode::Tool, "five"));
    assert_eq!(error.context().node.as_deref(), Some("each/5/one"));
    assert_eq!(error.context().run.as_deref(), Some(result.run_id()));

    let one_at_a_time = Map::new(one()).with_concurrency(limit(1));
    let result = run(each(one_at_a_time).function("each/one", odd).unwrap(), (0..8).collect()).await;
    assert_eq!(result.error().unwrap().context().node.as_deref(), Some("each/3/one"));
}

#[tokio::test]
async fn a_map_that_collects_has_errors_in_the_places_of_their_items() {
    let map = Map::new(one()).with_on_error(ItemError::Collect);
    let result = run(each(map).function("each/one", odd).unwrap(), (2..7).collect()).await;
    assert!(result.is_success());
    let error = |code: &str, message: &str| json!({ "error": { "code": code, "message": message } });
    let expected = json!([2, error("INVALID_INPUT", "three"), 4, error("TOOL", "five"), 6]);
    assert_eq!(*result.final_output().unwrap(), expected);
}

#[tokio::test]
async fn a_body_sees_what_else_the_node_got_without_the_list() {
    let show = |template: &str| body([Node::agent("show", template)], &[]);
    let text = "{{input.index}} {{input.item.name}} {{input.input}}";
    let model = Told::new(|prompt| async move { Ok(prompt) });
    let run = async |workflow: Workflow| {
        let input = json!({ "list": [{ "name": "a" }, { "name": "b" }], "topic": "x" });
        let options = RunOptions::default().input(input);
        let result = model.executor().execute(&Arc::new(workflow), options).await.unwrap();
        assert!(result.is_success(), "{:?}", result.error());
        result.output("each").unwrap().to_string().replace("\\\"", "'")
    };
    let named = run(each(Map::over("{{input.list}}", show(text)))).await;
    assert_eq!(named, r#"["0 a {'list':null,'topic':'x'}","1 b {'list':null,'topic':'x'}"]"#);

    let list = async |input: Value| Ok::<_, Error>(input["list"].clone());
    let nodes = |map| [Node::transform("list"), Node::transform("other"), Node::new("each", map)];
    let bind = |workflow: Workflow| {
        workflow
            .function("list", list)
            .and_then(|workflow| workflow.function("other", async |_: Value| Ok::<_, Error>(json!(7))))
    };
    let whole = graph(nodes(Map::new(show(text))), &[("list", "each")]);
    assert_eq!(run(bind(whole).unwrap()).await, r#"["0 a ","1 b "]"#, "the list was all there was");
    let one_of_two = graph(nodes(Map::over("{{list}}", show(text))), &[("list", "each"), ("other", "each")]);
    let expected = r#"["0 a {'list':null,'other':7}","1 b {'list':null,'other':7}"]"#;
    assert_eq!(run(bind(one_of_two).unwrap()).await, expected);
    let of_the_run = graph(nodes(Map::over("{{input.list}}", show(text))), &[("other", "each")]);
    assert_eq!(run(bind(of_the_run).unwrap()).await, r#"["0 a 7","1 b 7"]"#);
}

#[tokio::test]
async fn the_tokens_of_all_items_are_summed_those_of_failed_ones_too() {
    let nodes = [Node::agent("ask", "{{input.item}}"), Node::transform("check")];
    let map = Map::new(body(nodes, &[("ask", "check")])).with_on_error(ItemError::Collect);
    let check = async |value: Value| if value == "2" { Err("two") } else { Ok(value) };
    let workflow = Arc::new(each(map).function("each/check", check).unwrap());
    let model = Told::new(|prompt| async move { Ok(prompt) });
    let options = RunOptions::default().input((0..5).collect::<Value>());
    let result = model.executor().execute(&workflow, options).await.unwrap();
    assert!(result.is_success());
    let usage = result.node("each").unwrap().usage.unwrap();
    assert_eq!((usage.input, usage.output), (Some(12), Some(8)), "of the four that led to an output");
    let stats = result.stats();
    assert_eq!((stats.input_tokens, stats.output_tokens), (15, 10), "of all");
}

#[tokio::test]
async fn what_is_no_list_is_an_error_and_an_empty_one_an_empty_output() {
    let workflow = || each(Map::new(one())).function("each/one", same).unwrap();
    assert_eq!(*run(workflow(), json!([])).await.final_output().unwrap(), json!([]));
    let result = run(workflow(), json!({ "list": [] })).await;
    let error = result.error().unwrap();
    assert_eq!((error.code(), error.context().node.as_deref()), (ErrorCode::InvalidInput, Some("each")));
    assert_eq!(
        error.message(),
        "a map goes through a list, and its items are an object: name the list in `items`"
    );
}

#[tokio::test]
async fn functions_of_bodies_are_missed_before_the_run_and_named_by_their_place() {
    let deep = Map::new(body([Node::new("inner", Map::new(one()))], &[]));
    let error = alone().start(&Arc::new(each(deep.clone())), RunOptions::default()).err().unwrap();
    assert_eq!(error.context().node.as_deref(), Some("each/inner/one"));
    assert!(each(deep.clone()).function("each/inner/one", same).is_ok());
    let message = |id: &str| each(deep.clone()).function(id, same).err().unwrap().message().to_owned();
    assert_eq!(message("each/inner/two"), "there is no node \"each/inner/two\"");
    assert!(message("each/inner").contains("calls no function"));
}
