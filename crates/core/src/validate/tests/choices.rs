//! Branches, edges with conditions, quorums.

use std::num::NonZeroU32;

use serde_json::json;

use super::texts;
use crate::{Branch, Choice, Condition, Graph, Join, JoinRule, Node, Operator, Predicate, When};

/// A condition `c` with edges to nodes of their own.
fn choosing(condition: Condition, edges: impl IntoIterator<Item = When>) -> Vec<String> {
    let mut graph = Graph::new("g");
    graph.add(Node::new("c", condition)).unwrap();
    for (number, when) in edges.into_iter().enumerate() {
        let id = format!("n{number}");
        graph.add(Node::transform(id.as_str())).unwrap();
        graph.connect_when("c", &id, when).unwrap();
    }
    texts(&graph.validate())
}

fn two() -> Condition {
    let branch = |name| Branch::new(name, Predicate::equals(name));
    Condition::Branches(vec![branch("urgent"), branch("spam")])
}

#[test]
fn every_branch_should_lead_somewhere() {
    assert_eq!(choosing(two(), [When::equals("urgent"), When::Otherwise]), [""; 0]);
    assert_eq!(
        choosing(
            two(),
            [When::Matches(Predicate::whole(Operator::In(vec!["urgent".into(), "spam".into()])))]
        ),
        [""; 0]
    );
    assert_eq!(choosing(two(), []), [""; 0], "a choice may be the output of the graph");
    assert_eq!(
        choosing(two(), [When::equals("urgent"), When::equals("otherwise")]),
        [
            "node c: no edge is taken for the branch \"spam\" (connect a node for it, or one for all that is left with \"otherwise\")"
        ]
    );
    assert_eq!(
        choosing(Condition::Predicate(Predicate::equals(1)), [When::equals(true), When::Failed]),
        [
            "node c: no edge is taken for the branch false (connect a node for it, or one for all that is left with \"otherwise\")"
        ]
    );
}

#[test]
fn edges_name_branches_that_there_are() {
    let model = Condition::model("p", [Choice::new("yes"), Choice::new("no")]);
    assert_eq!(
        choosing(two(), [When::equals("urgnt"), When::equals(true), When::Otherwise]),
        [
            "edge c → n0: the condition \"c\" has no branch \"urgnt\" (did you mean \"urgent\"?)",
            "edge c → n1: the condition \"c\" has no branch true (name one of its branches: \"urgent\", \"spam\")",
        ]
    );
    assert_eq!(
        choosing(model, [When::equals("yes"), When::equals("otherwise"), When::equals("no")]),
        [
            "edge c → n1: the condition \"c\" has no branch \"otherwise\" (name one of its branches: \"yes\", \"no\")"
        ]
    );
    assert_eq!(choosing(Condition::Function, [When::equals("anything")]), [""; 0]);
    let general = When::Matches(Predicate::not(Predicate::equals("x")));
    assert_eq!(choosing(two(), [general]), [""; 0], "a general predicate names no branch");
}

#[test]
fn what_is_left_has_one_edge_beside_others() {
    assert_eq!(
        choosing(Condition::Function, [When::Otherwise, When::Always]),
        [
            "edge c → n0: no other edge of the node has a condition, so that this one is always taken (add an edge with a condition, or leave \"otherwise\" out)"
        ]
    );
    assert_eq!(choosing(two(), [When::Function, When::Otherwise]), [""; 0]);
    assert_eq!(choosing(two(), [When::Function]), [""; 0], "nobody knows what a function says");
    assert_eq!(
        choosing(Condition::Function, [When::equals(1), When::Otherwise, When::Otherwise]),
        [
            "edge c → n2: the node has another edge for what is left, to \"n1\" (keep one of them; it may lead to a join or a transform that others follow)"
        ]
    );
}

#[test]
fn branches_have_names_of_their_own() {
    let names = |names: [&str; 4]| Condition::model("p", names.map(Choice::new));
    assert_eq!(
        choosing(names(["a", "a", "", "otherwise"]), []),
        [
            "node c: two branches have the name \"a\" (give each branch a name of its own)",
            "node c: the name of a branch is empty (name every branch)",
        ]
    );
    assert_eq!(
        choosing(Condition::Branches(vec![Branch::new("otherwise", Predicate::equals(1))]), []),
        ["node c: a branch has the name \"otherwise\", which stands for none of them (give it another name)"]
    );
    assert_eq!(
        choosing(Condition::model(" ", []), []),
        [
            "node c: the condition has no branches (name at least one)",
            "node c: the prompt is empty (say what the model is to decide)"
        ]
    );
}

#[test]
fn two_edges_with_different_conditions_are_no_duplicates() {
    let mut graph = Graph::new("g");
    graph.add(Node::transform("a")).unwrap();
    graph.add(Node::transform("b")).unwrap();
    let score = || When::Matches(Predicate::at("x", Operator::Less(json!(1))).unwrap());
    for when in [When::Failed, When::Always, score()] {
        graph.connect_when("a", "b", when).unwrap();
    }
    assert_eq!(graph.validate(), []);
    graph.connect_when("a", "b", score()).unwrap();
    graph.connect_when("a", "b", When::Failed).unwrap();
    assert_eq!(
        texts(&graph.validate()),
        [
            "edge a → b: the same two nodes are connected more than once (connect them once; the further edges change nothing)"
        ]
    );
}

#[test]
fn edges_from_the_start_and_to_the_end_are_not_needed() {
    let mut graph = Graph::new("g");
    graph.add(Node::transform("a")).unwrap();
    graph.connect("__start__", "a").unwrap();
    graph.connect("a", "END").unwrap();
    for text in texts(&graph.validate()) {
        assert!(
            text.contains("leave the edge out: a run begins with the nodes to which no edge leads"),
            "{text}"
        );
    }
}

#[test]
fn a_quorum_is_at_most_the_nodes_that_lead_to_it() {
    let quorum = |of: u32| {
        let mut graph = Graph::new("g");
        let rule = JoinRule::Quorum(NonZeroU32::new(of).unwrap());
        graph.add(Node::new("j", Join::default().with_rule(rule))).unwrap();
        for id in ["a", "b"] {
            graph.add(Node::transform(id)).unwrap();
            graph.connect(id, "j").unwrap();
        }
        graph.connect_when("a", "j", When::Failed).unwrap();
        texts(&graph.validate())
    };
    assert_eq!(quorum(2), [""; 0]);
    assert_eq!(
        quorum(3),
        [
            "node j: the join waits for 3 nodes, and 2 lead to it (lower the quorum, or connect more nodes to it)"
        ]
    );
}
