use std::num::NonZeroU32;
use std::time::Duration;

use serde_json::json;

use crate::{
    Condition, Delay, Graph, Loop, Map, Node, Operator, Pause, Predicate, Repeat, Subgraph, Tool, When,
};

fn sample(name: &str, id: &str) -> Graph {
    let mut graph = Graph::new("a \"graph\"");
    graph.add(Node::agent(name, "p").with_id(id)).unwrap();
    graph
}

fn mermaid_label(name: &str) -> String {
    let text = sample(name, "x").to_mermaid();
    let line = text.lines().nth(1).unwrap();
    line.trim().strip_prefix("n0(\"").unwrap().strip_suffix("<br/>x\")").unwrap().to_owned()
}

fn dot_label(name: &str) -> String {
    let text = sample(name, "x").to_dot();
    let line = text.lines().nth(1).unwrap();
    line.trim()
        .strip_prefix("n0 [label=\"")
        .unwrap()
        .strip_suffix("\\nx\", shape=ellipse];")
        .unwrap()
        .to_owned()
}

#[test]
fn ids_that_are_keywords_are_only_labels() {
    for id in ["end", "graph", "subgraph", "style", "click", "node"] {
        assert_eq!(sample(id, id).to_mermaid(), format!("flowchart TD\n    n0(\"{id}\")\n"));
        assert_eq!(
            sample(id, id).to_dot(),
            format!("digraph \"a \\\"graph\\\"\" {{\n    n0 [label=\"{id}\", shape=ellipse];\n}}\n")
        );
    }
}

#[test]
fn labels_cannot_leave_their_quotes() {
    assert_eq!(mermaid_label("say \"hi\""), "say #34;hi#34;");
    assert_eq!(mermaid_label("a[b](c){d}<e>"), "a#91;b#93;#40;c#41;#123;d#125;#60;e#62;");
    assert_eq!(
        mermaid_label("#quot; `code` a\\nb; style:x"),
        "#35;quot#59; #96;code#96; a#92;nb#59; style#58;x"
    );
    assert_eq!(mermaid_label("one\ntwo\rthree"), "one<br/>two three");
    assert_eq!(dot_label("say \"hi\""), "say \\\"hi\\\"");
    assert_eq!(dot_label("a\\"), "a\\\\");
    assert_eq!(dot_label("a\\\"b"), "a\\\\\\\"b");
    assert_eq!(dot_label("one\ntwo\rthree"), "one\\ntwo three");
    assert_eq!(dot_label("R&amp;D <b>"), "R&amp;amp;D <b>");
}

#[test]
fn labels_are_not_read_as_markdown() {
    assert_eq!(mermaid_label(" 1. one"), "1#46; one");
    assert_eq!(mermaid_label("- one _two_ **three**"), "#45; one #95;two#95; #42;#42;three#42;#42;");
    assert_eq!(mermaid_label("draft-writer v1.2 in snake_case"), "draft-writer v1.2 in snake_case");
}

#[test]
fn letters_of_any_script_stay() {
    assert_eq!(mermaid_label("Übersicht 概要 🚀"), "Übersicht 概要 🚀");
    assert_eq!(dot_label("Übersicht 概要 🚀"), "Übersicht 概要 🚀");
}

#[test]
fn kinds_have_shapes_and_edges_arrows() {
    let mut graph = Graph::new("g");
    for node in [Node::agent("a", "p"), Node::transform("t"), Node::join("j")] {
        graph.add(node).unwrap();
    }
    graph.connect("a", "t").unwrap();
    graph.connect("t", "j").unwrap();
    graph.connect("t", "missing").unwrap();
    assert_eq!(
        graph.to_mermaid(),
        "flowchart TD\n    n0(\"a\")\n    n1[\"t\"]\n    n2{{\"j\"}}\n    n0 --> n1\n    n1 --> n2\n"
    );
    assert_eq!(
        graph.to_dot(),
        "digraph \"g\" {\n    n0 [label=\"a\", shape=ellipse];\n    n1 [label=\"t\", shape=box];\n    \
         n2 [label=\"j\", shape=hexagon];\n    n0 -> n1;\n    n1 -> n2;\n}\n"
    );
}

#[test]
fn edges_carry_their_conditions() {
    let mut graph = Graph::new("g");
    let score = Predicate::at("score", Operator::Greater(json!(7))).unwrap();
    graph.add(Node::new("c", Condition::Predicate(score.clone()))).unwrap();
    for id in ["a", "b", "d"] {
        graph.add(Node::transform(id)).unwrap();
    }
    graph.connect_when("c", "a", When::equals("say \"yes\"")).unwrap();
    graph.connect_when("c", "b", When::Otherwise).unwrap();
    graph.connect_when("a", "b", When::Failed).unwrap();
    graph.connect_when("b", "d", When::Function).unwrap();
    graph.connect_when("a", "d", When::Matches(Predicate::All(vec![score; 9]))).unwrap();
    assert_eq!(
        graph.to_mermaid(),
        "flowchart TD\n    n0{\"c\"}\n    n1[\"a\"]\n    n2[\"b\"]\n    n3[\"d\"]\n    \
         n0 -->|\"say #34;yes#34;\"| n1\n    n0 -->|\"otherwise\"| n2\n    n1 -->|\"failed\"| n2\n    \
         n2 -->|\"function\"| n3\n    n1 -->|\"score #62; 7 and score #62; 7 and score #62; 7 and score #62; 7 and scor…\"| n3\n"
    );
    let dot = graph.to_dot();
    assert!(dot.contains("n0 [label=\"c\", shape=diamond];\n"), "{dot}");
    assert!(
        dot.contains("n0 -> n1 [label=\"say \\\"yes\\\"\"];\n    n0 -> n2 [label=\"otherwise\"];\n"),
        "{dot}"
    );
}

#[test]
fn a_graph_inside_is_drawn_in_a_frame() {
    let mut inner = Graph::new("inner");
    for node in [Node::new("wait", Delay::new(Duration::ZERO)), Node::new("ask", Pause::new("?"))] {
        inner.add(node).unwrap();
    }
    inner.connect("wait", "ask").unwrap();
    let mut body = Graph::new("body");
    body.add(Node::new("call", Tool::new("t"))).unwrap();
    body.add(Node::new("sub", Subgraph::new(inner))).unwrap();
    let mut graph = Graph::new("g");
    graph.add(Node::new("Each", Map::new(body)).with_id("e")).unwrap();
    graph.add(Node::new("l", Loop::new(Graph::new(""), Repeat::UntilFunction, NonZeroU32::MIN))).unwrap();
    graph.connect("e", "l").unwrap();
    assert_eq!(
        graph.to_mermaid(),
        r#"flowchart TD
    subgraph n0["Each<br/>e"]
        n0_0[["call"]]
        subgraph n0_1["sub"]
            n0_1_0(["wait"])
            n0_1_1[/"ask"/]
            n0_1_0 --> n0_1_1
        end
    end
    subgraph n1["l"]
    end
    n0 --> n1
"#
    );
    assert_eq!(
        graph.to_dot(),
        r#"digraph "g" {
    subgraph "cluster_n0" {
        n0 [label="Each\ne", shape=folder];
        n0_0 [label="call", shape=component];
        subgraph "cluster_n0_1" {
            n0_1 [label="sub", shape=box3d];
            n0_1_0 [label="wait", shape=octagon];
            n0_1_1 [label="ask", shape=parallelogram];
            n0_1_0 -> n0_1_1;
            n0_1 -> n0_1_0 [style=dashed];
        }
        n0 -> n0_0 [style=dashed];
        n0 -> n0_1 [style=dashed];
    }
    subgraph "cluster_n1" {
        n1 [label="l", shape=doublecircle];
    }
    n0 -> n1;
}
"#
    );
}
