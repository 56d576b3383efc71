//! Variables, schemas, and the templates beside prompts.

use serde_json::json;

use super::texts;
use crate::{Agent, Condition, Graph, Map, Node, Pause, Reducer, StateVariable, Tool, Write};

fn with_state() -> Graph {
    Graph::new("g").with_state("total", StateVariable::new(Reducer::Sum))
}

#[test]
fn only_declared_variables_are_written_and_read() {
    let mut graph = with_state();
    let agent = Agent::new("{{state}} {{state.total}} {{state.totl}} {{state.x.y}}");
    let node = Node::new("a", agent).with_write(Write::new("total")).with_write(Write::new("totals"));
    graph.add(node.with_write(Write::new("other"))).unwrap();
    assert_eq!(
        texts(&graph.validate()),
        [
            "node a, writes: the state has no variable \"totals\" (did you mean \"total\"?)",
            "node a, writes: the state has no variable \"other\" (declare \"other\" in the graph's state)",
            "node a, prompt, line 1: nothing provides {{state.totl}}: the state has no \"totl\" (did you mean {{state.total}}?)",
            "node a, prompt, line 1: nothing provides {{state.x.y}}: the state has no \"x\" (declare \"x\" in the graph's state)",
        ]
    );
}

#[test]
fn state_is_a_node_where_the_graph_has_no_state() {
    let nodes = |mut graph: Graph| {
        graph.add(Node::transform("state")).unwrap();
        graph.add(Node::agent("a", "{{state.x}}")).unwrap();
        graph.connect("state", "a").unwrap();
        texts(&graph.validate())
    };
    assert_eq!(nodes(Graph::new("g")), [""; 0]);
    assert_eq!(
        nodes(with_state())[0],
        "node state: the id \"state\" stands for the graph's state in templates (choose another id)"
    );
}

#[test]
fn variables_have_names_and_initial_values_that_fit() {
    let sum = |initial| StateVariable::new(Reducer::Sum).with_initial(initial);
    let mut graph = Graph::new("g").with_state("a.b", sum(json!(1))).with_state("c", sum(json!("1")));
    graph.add(Node::transform("t")).unwrap();
    let found = texts(&graph.validate());
    assert!(
        found[0].starts_with("state a.b: no template could name a variable that is empty, or has a dot"),
        "{found:?}"
    );
    assert_eq!(
        found[1],
        "state c: the reducer sum takes a number, and the variable is text (choose another initial value, or none)"
    );
}

#[test]
fn schemas_are_json_schemas() {
    let bad = json!({ "type": "objekt" });
    let mut graph = Graph::new("g").with_input(bad.clone()).with_output(json!(3));
    graph.add(Node::new("a", Agent::new("p").with_output(bad.clone()))).unwrap();
    graph.add(Node::new("p", Pause::new("?").with_answer(bad))).unwrap();
    let found = texts(&graph.validate());
    let places: Vec<_> = found.iter().map(|text| text.split(": ").next().unwrap()).collect();
    assert_eq!(places, ["input", "output", "node a, output", "node p, answer"]);
    assert!(found.iter().all(|text| text.contains("this is no JSON Schema")), "{found:?}");
}

#[test]
fn every_template_is_checked_for_syntax_and_variables() {
    let mut graph = Graph::new("g");
    let arguments = json!({ "a": ["{{b}}", "{{"], "n": 1 });
    graph.add(Node::new("t", Tool::new(" ").with_arguments(arguments))).unwrap();
    graph
        .add(Node::transform("f").with_fallback(json!({ "x": "{{nobody}}" })).with_cache("{{t.k}}"))
        .unwrap();
    graph.add(Node::new("p", Pause::new(""))).unwrap();
    graph.add(Node::new("m", Condition::model("{{x}}", [crate::Choice::new("y")]))).unwrap();
    let mut body = Graph::new("b");
    body.add(Node::transform("inner")).unwrap();
    graph.add(Node::new("e", Map::over("all of {{input}}", body.clone()))).unwrap();
    graph.add(Node::new("u", Map::over("{{u.list}}", body))).unwrap();
    assert_eq!(
        texts(&graph.validate()),
        [
            "node t: the tool's name is empty (name a tool that the executor knows)",
            "node t, arguments, line 1, byte 0: {{ is never closed (close the variable with }}, or write \\{{ for a literal {{)",
            "node p: the question is empty (say what is to be answered)",
            "node e, items: the items are text, not a list (name one variable and nothing else, as in {{input.list}})",
            "node f, fallback, line 1: nothing provides {{nobody}}: \"nobody\" is neither a node nor input (add a node \"nobody\" upstream, or take the value from {{input.nobody}})",
            "node m, prompt, line 1: nothing provides {{x}}: \"x\" is neither a node nor input (add a node \"x\" upstream, or take the value from {{input.x}})",
            "node u, items, line 1: {{u.list}} is the node's own output, which does not exist yet (name a node that runs before this one, or the input)",
            "node f, cache, line 1: {{t.k}} has no value here: \"t\" need not run before \"f\" (connect \"t\" to \"f\", directly or through other nodes)",
        ]
    );
}
