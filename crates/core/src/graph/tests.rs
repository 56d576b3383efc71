mod arbitrary;
mod json;

use crate::{DiagnosticCode, Graph, Node};

#[test]
fn ids_made_from_names_are_kept_unique() {
    let mut graph = Graph::new("g");
    let mut add = |node| graph.add(node).unwrap().to_string();
    assert_eq!(add(Node::agent("Writer", "p")), "writer");
    assert_eq!(add(Node::agent("writer", "p")), "writer-2");
    assert_eq!(add(Node::agent("x", "p").with_id("writer-3")), "writer-3");
    assert_eq!(add(Node::agent("WRITER", "p")), "writer-4");
    assert_eq!(add(Node::agent("Input", "p")), "input-2");
    assert!(graph.validate().iter().all(|finding| !finding.is_error()));
}

#[test]
fn an_id_that_was_set_stays_and_is_reported_when_taken() {
    let mut graph = Graph::new("g");
    graph.add(Node::agent("first", "p").with_id("a")).unwrap();
    assert!(graph.contains("a"));
    assert_eq!(&*graph.add(Node::agent("second", "p").with_id("a")).unwrap(), "a");
    assert_eq!(graph.len(), 1);
    assert_eq!(graph.node("a").unwrap().name, "first");
    assert_eq!(graph.validate()[0].code, DiagnosticCode::DuplicateId);
}

#[test]
fn edges_may_come_before_their_nodes() {
    let mut graph = Graph::new("g");
    graph.connect("a", "b").unwrap();
    graph.connect("b", "c").unwrap();
    assert_eq!(graph.validate().len(), 5, "no nodes, and four unknown ends");
    for id in ["c", "b", "a"] {
        graph.add(Node::join(id)).unwrap();
    }
    assert_eq!(graph.edges().collect::<Vec<_>>(), [("b", "c"), ("a", "b")]);
    assert_eq!(graph.validate(), []);
}

#[test]
fn a_graph_knows_what_it_was_given() {
    let mut graph = Graph::new("g").with_description("d").with_metadata("team", "x");
    graph.metadata_mut().insert("n".into(), 1.into());
    graph.add(Node::join("a").with_description("joins")).unwrap();
    assert_eq!((graph.name(), graph.description()), ("g", Some("d")));
    assert_eq!(graph.metadata().keys().collect::<Vec<_>>(), ["n", "team"]);
    assert_eq!(graph.nodes().next().unwrap().description.as_deref(), Some("joins"));
    assert!(!graph.is_empty() && !graph.contains("b") && graph.node("b").is_none());
}
