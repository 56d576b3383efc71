//! The JSON form: there and back, and what is refused with which words.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::arbitrary::graphs;
use crate::{Agent, ErrorCode, Graph, Node};

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
        prop_assert_eq!(graph.to_mermaid().lines().count(), 1 + mermaid_lines(&graph));
        prop_assert_eq!(graph.to_dot().lines().count(), 2 + dot_lines(&graph));
    }
}

/// A node or an edge a line, and two for the frame around a body.
fn mermaid_lines(graph: &Graph) -> usize {
    let inside = |node: &Node| node.kind.body().map_or(1, |body| 2 + mermaid_lines(body));
    graph.nodes().map(inside).sum::<usize>() + graph.edges().count()
}

/// The same with the node on top of its body, and an edge to each node of the body that waits for none.
fn dot_lines(graph: &Graph) -> usize {
    let roots = |body: &Graph| body.nodes.externals(petgraph::Direction::Incoming).count();
    let inside = |node: &Node| node.kind.body().map_or(1, |body| 3 + roots(body) + dot_lines(body));
    graph.nodes().map(inside).sum::<usize>() + graph.edges().count()
}

#[test]
fn every_member_has_its_place() {
    let json = json!({
        "version": 1, "name": "g",
        "input": { "type": "object" }, "output": true,
        "state": { "total": { "initial": 1, "reducer": "sum" } },
        "nodes": [
            { "id": "a", "name": "A", "kind": { "agent": { "prompt": "p", "output": { "type": "object" } } },
              "timeoutMs": 1, "idleTimeoutMs": 2, "onError": "skip", "fallback": null, "cache": "k",
              "writes": [{ "variable": "total", "path": "n" }, { "variable": "total" }] },
            { "id": "c", "name": "C", "kind": { "condition": { "branches": [{ "name": "b", "when": { "equals": 1 } }] } } },
            { "id": "d", "name": "D", "kind": { "condition": "function" } },
            { "id": "m", "name": "M", "kind": { "condition": { "model":
              { "prompt": "p", "branches": [{ "name": "x", "description": "d" }, { "name": "y" }] } } } },
            { "id": "t", "name": "T", "kind": { "tool": { "tool": "t", "arguments": null } } },
            { "id": "e", "name": "E", "kind": { "map": { "items": "{{input}}", "concurrency": 2, "onError": "collect",
              "body": { "name": "b", "nodes": [{ "id": "j", "name": "J", "kind": "join" }], "edges": [] } } } },
            { "id": "q", "name": "Q", "kind": { "join": { "rule": { "quorum": 2 }, "reduce": "list" } } },
            { "id": "w", "name": "W", "kind": { "delay": { "durationMs": 5 } } },
            { "id": "s", "name": "S", "kind": { "subgraph": { "body": { "name": "", "nodes": [], "edges": [] } } } },
            { "id": "p", "name": "P", "kind": { "pause": { "question": "?", "answer": {} } } },
            { "id": "l", "name": "L", "kind": { "loop": { "body": { "name": "", "nodes": [], "edges": [] },
              "repeat": { "until": { "path": "ok", "equals": true } }, "limit": 3 } } },
        ],
        "edges": [
            { "from": "c", "to": "a", "when": { "matches": { "equals": "b" } } },
            { "from": "c", "to": "t", "when": "otherwise" },
            { "from": "a", "to": "t", "when": "failed" },
            { "from": "a", "to": "q" },
        ],
    });
    let graph = Graph::from_json(&json.to_string()).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&graph.to_json().unwrap()).unwrap(), json);
}

#[test]
fn kinds_and_bodies_are_refused_with_what_to_change() {
    let with = |kind: Value| json!({ "version": 1, "name": "g", "edges": [], "nodes": [{ "id": "a", "name": "A", "kind": kind }] });
    let body = json!({ "name": "b", "nodes": [], "edges": [] });
    for (kind, says) in [
        (json!("agent"), "the kind \"agent\" has settings; write {\"agent\": {…}}"),
        (json!({}), "a node's kind is empty"),
        (json!({ "join": null, "transform": null }), "a node has one kind, not \"join\" and \"transform\""),
        (json!({ "jion": null }), "unknown variant `jion`, expected one of"),
        (json!(3), "expected a kind of node"),
        (json!({ "loop": { "body": body, "repeat": "untilFunction", "limit": 0 } }), "nonzero"),
        (json!({ "loop": { "body": body, "repeat": "untilFunction" } }), "missing field `limit`"),
        (json!({ "subgraph": { "body": { "name": "b", "nodes": [] } } }), "missing field `edges`"),
        (
            json!({ "subgraph": { "body": { "version": 9, "name": "b", "nodes": [], "edges": [] } } }),
            "a graph inside has version 9",
        ),
        (json!({ "condition": { "predicate": { "path": "a" } } }), "needs an operator"),
    ] {
        let message = refused(&with(kind));
        assert!(message.contains(says), "{message}");
    }
}
