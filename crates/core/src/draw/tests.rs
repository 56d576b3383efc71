use crate::{Graph, Node};

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
