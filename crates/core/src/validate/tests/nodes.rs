//! Ids, settings, prompts.

use std::time::Duration;

use super::{codes, texts};
use crate::{Agent, DiagnosticCode, Graph, Node, RetryPolicy};

fn findings(node: Node) -> Vec<String> {
    let mut graph = Graph::new("g");
    graph.add(node).unwrap();
    texts(&graph.validate())
}

#[test]
fn ids_that_templates_could_not_name_are_refused() {
    for id in ["a.b", "{a", "a}", " a", "a\n", "a\u{7}b"] {
        let mut graph = Graph::new("g");
        graph.add(Node::join("n").with_id(id)).unwrap();
        assert_eq!(codes(&graph.validate()), [DiagnosticCode::InvalidId], "{id:?}");
    }
    for id in ["a", "A-1_b", "two words", "日本", "a/b:c"] {
        assert_eq!(findings(Node::join("n").with_id(id)), [""; 0], "{id:?}");
    }
    assert_eq!(
        findings(Node::join("n").with_id("")),
        [
            "node named \"n\": the id is empty (set an id, or leave it out: the graph then makes one from the name)"
        ]
    );
    assert_eq!(
        findings(Node::join("n").with_id("input")),
        ["node input: the id \"input\" stands for the run's input in templates (choose another id)"]
    );
}

#[test]
fn settings_have_ranges() {
    let agent = || Agent::new("p");
    for temperature in [-0.1, 2.01, f64::NAN, f64::INFINITY] {
        let found = findings(Node::new("a", agent().with_temperature(temperature)));
        assert_eq!(
            found,
            [format!("node a: the temperature is {temperature} (temperature must be between 0.0 and 2.0)")]
        );
    }
    for temperature in [0.0, 1.0, 2.0] {
        assert_eq!(findings(Node::new("a", agent().with_temperature(temperature))), [""; 0]);
    }
    let all = agent().with_max_tokens(0).with_model(" ");
    let retry = RetryPolicy::new(1).with_delays(Duration::from_secs(2), Duration::from_secs(1));
    assert_eq!(
        findings(Node::new("a", all).with_timeout(Duration::ZERO).with_retry(retry)),
        [
            "node a: the timeout is 0 (give it time, or leave the timeout out)",
            "node a: the first retry waits 2s, longer than the longest pause of 1s (raise the longest pause or lower the first)",
            "node a: max_tokens is 0 (max_tokens must be greater than 0)",
            "node a: the model's name is empty (name a model, or leave it out to take the executor's)",
        ]
    );
}

#[test]
fn prompts_are_not_empty_and_can_be_read() {
    assert_eq!(
        findings(Node::agent("a", "\n ")),
        ["node a: the prompt is empty (say what the agent is to do)"]
    );
    let agent = Agent::new("one\n{{").with_system_prompt("{{}}{{a b");
    assert_eq!(
        findings(Node::new("a", agent)),
        [
            "node a, prompt, line 2, byte 4: {{ is never closed (close the variable with }}, or write \\{{ for a literal {{)",
            "node a, system prompt, line 1, byte 0: a variable has no name (name a node or input between the braces, or write \\{{ for a literal {{)",
            "node a, system prompt, line 1, byte 4: {{ is never closed (close the variable with }}, or write \\{{ for a literal {{)",
        ]
    );
}

#[test]
fn a_second_node_with_an_id_is_checked_too() {
    let mut graph = Graph::new("g");
    graph.add(Node::join("n").with_id("a")).unwrap();
    graph.add(Node::agent("m", "").with_id("a")).unwrap();
    assert_eq!(
        texts(&graph.validate()),
        [
            "node a: a second node, named \"m\", has the id \"a\" (give one of them another id, or none: the graph then makes one from its name)",
            "node a: the prompt is empty (say what the agent is to do)",
        ]
    );
}
