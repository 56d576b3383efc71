//! The JSON form: there and back, and what is refused with which words.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Agent, ErrorCode, Graph, Node, NodeKind, RetryPolicy};

#[test]
fn the_form_is_stable() {
    let mut graph = Graph::new("g").with_metadata("k", 1);
    graph.add(Node::new("A", Agent::new("p").with_model("m"))).unwrap();
    graph.add(Node::transform("T")).unwrap();
    graph.connect("a", "t").unwrap();
    assert_eq!(
        graph.to_json().unwrap(),
        concat!(
            r#"{"version":1,"name":"g","metadata":{"k":1},"nodes":["#,
            r#"{"id":"a","name":"A","kind":{"agent":{"prompt":"p","model":"m"}}},"#,
            r#"{"id":"t","name":"T","kind":"transform"}],"edges":[{"from":"a","to":"t"}]}"#
        )
    );
}

fn refused(json: &Value) -> String {
    let error = Graph::from_json(&json.to_string()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    error.message().to_owned()
}

#[test]
fn other_forms_are_refused_with_what_to_change() {
    let node = json!({ "id": "a", "name": "A", "kind": "join" });
    let with = |node: Value| json!({ "version": 1, "name": "g", "nodes": [node], "edges": [] });
    for (json, says) in [
        (json!({ "version": 2, "name": "g" }), "has version 2, and this GraphBit reads version 1"),
        (json!({ "version": "1", "name": "g" }), "has version \"1\""),
        (json!({ "name": "g", "nodes": [], "edges": [] }), "add \"version\": 1"),
        (json!("graph"), "expected a graph, which is an object"),
        (json!({ "version": 1, "nodes": [], "edges": [] }), "missing field `name`"),
        (
            json!({ "version": 1, "name": "g", "nodes": [], "edges": [], "node": [] }),
            "unknown field `node`, expected one of",
        ),
        (
            json!({ "version": 1, "name": "g", "nodes": [node], "edges": [{ "from": "a" }] }),
            "missing field `to`",
        ),
        (
            json!({ "version": 1, "name": "g", "nodes": {}, "edges": [] }),
            "invalid type: map, expected a sequence",
        ),
        (
            with(json!({ "id": "a", "name": "A", "kind": "agnet" })),
            "unknown variant `agnet`, expected one of",
        ),
        (
            with(json!({ "id": "a", "name": "A", "kind": { "agent": { "promt": "p" } } })),
            "unknown field `promt`",
        ),
        (with(json!({ "id": "a", "name": "A", "kind": "join", "timeout": 3 })), "unknown field `timeout`"),
        (
            with(json!({ "id": "a", "name": "A", "kind": "join", "timeoutMs": -3 })),
            "invalid value: integer `-3`",
        ),
        (
            with(json!({ "id": 1, "name": "A", "kind": "join" })),
            "invalid type: integer `1`, expected a string",
        ),
    ] {
        let message = refused(&json);
        assert!(message.contains(says), "{message}");
    }
    let error = Graph::from_json("{\n  \"version\": 1,\n  oops").unwrap_err();
    assert!(error.message().starts_with("the text is not JSON: key must be a string at line 3"), "{error}");
}

fn ids() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-e]", 1 => "[a-z0-9_-]{0,8}", 1 => "\\PC{0,6}"]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn agents() -> impl Strategy<Value = Agent> {
    let options = (
        prop::option::of(".{0,10}"),
        prop::option::of((0_u8..=200).prop_map(|hundredths| f64::from(hundredths) / 100.0)),
        prop::option::of(any::<u32>()),
        prop::option::of("[a-z/-]{1,8}"),
    );
    (".{0,20}", options).prop_map(|(prompt, (system_prompt, temperature, max_tokens, model))| Agent {
        system_prompt: system_prompt.map(Into::into),
        temperature,
        max_tokens,
        model,
        ..Agent::new(prompt)
    })
}

fn nodes() -> impl Strategy<Value = Node> {
    let kinds =
        prop_oneof![agents().prop_map(NodeKind::Agent), Just(NodeKind::Transform), Just(NodeKind::Join),];
    let millis = || (0_u64..100_000).prop_map(Duration::from_millis);
    let retries = (0_u32..9, millis(), millis())
        .prop_map(|(max_retries, initial, max)| RetryPolicy::new(max_retries).with_delays(initial, max));
    (ids(), "\\PC{0,8}", kinds, prop::option::of(millis()), prop::option::of(retries), any::<bool>())
        .prop_map(|(id, name, kind, timeout, retry, made)| {
            let node = Node { timeout, retry, ..Node::new(name, kind) };
            if made { node } else { node.with_id(id) }
        })
}

/// Graphs of any kind, most of them faulty: edges and nodes come in any order, and ends and ids as they please.
fn graphs() -> impl Strategy<Value = Graph> {
    let steps = prop::collection::vec(
        prop_oneof![nodes().prop_map(Ok), (ids(), ids()).prop_map(Err::<Node, (String, String)>)],
        0..20,
    );
    (".{0,8}", prop::option::of(".{0,8}"), values(), steps).prop_map(
        |(name, description, metadata, steps)| {
            let mut graph = Graph::new(name).with_metadata("m", metadata);
            graph.description = description;
            for step in steps {
                match step {
                    Ok(node) => drop(graph.add(node).unwrap()),
                    Err((from, to)) => graph.connect(&from, &to).unwrap(),
                }
            }
            graph
        },
    )
}

proptest! {
    #[test]
    fn a_graph_comes_back_with_all_its_faults(graph in graphs()) {
        let json = graph.to_json().unwrap();
        let back = Graph::from_json(&json).unwrap();
        prop_assert_eq!(&back, &graph);
        prop_assert_eq!(back.to_json().unwrap(), json);
        prop_assert_eq!(back.validate(), graph.validate());
    }

    #[test]
    fn any_graph_validates_draws_and_compiles_or_is_refused_without_a_panic(graph in graphs()) {
        let findings = graph.validate();
        let faulty = findings.iter().any(crate::Diagnostic::is_error);
        prop_assert!(findings.iter().all(|finding| !finding.message.is_empty() && !finding.help.is_empty()));
        match graph.compile() {
            Ok(plan) => prop_assert!(!faulty && plan.len() == graph.len()),
            Err(error) => {
                prop_assert!(faulty);
                prop_assert_eq!(error.diagnostics(), findings.as_slice());
            }
        }
        prop_assert_eq!(graph.to_mermaid().lines().count(), 1 + graph.len() + graph.edges().count());
        prop_assert_eq!(graph.to_dot().lines().count(), 2 + graph.len() + graph.edges().count());
    }
}
