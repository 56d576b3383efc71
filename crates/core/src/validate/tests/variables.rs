//! Whether something upstream provides what templates name.

use super::{joins, texts};
use crate::{Agent, Graph, Node};

/// `a → b → c` and `x`, with an agent `c` that names something.
fn naming(prompt: &str) -> Graph {
    let mut graph = joins(&["a", "b", "x", "y"], &[("a", "b"), ("x", "y")]);
    graph.add(Node::agent("c", prompt)).unwrap();
    graph.connect("b", "c").unwrap();
    graph
}

#[test]
fn the_input_and_everything_upstream_may_be_named() {
    assert_eq!(naming("{{input}} {{input.x.0}} {{b}} {{b.items.0}} {{a}} {{ a . x }}").validate(), []);
}

#[test]
fn unknown_names_suggest_the_nearest() {
    let mut graph = naming("\n{{imput.name}} {{nobody}}");
    graph.add(Node::join("Big boss").with_id("b2")).unwrap();
    graph.add(Node::new("d", Agent::new("{{Big boss.x}}").with_system_prompt("{{aa}}"))).unwrap();
    graph.connect("b2", "d").unwrap();
    assert_eq!(
        texts(&graph.validate()),
        [
            "node c, prompt, line 2: nothing provides {{imput.name}}: \"imput\" is neither a node nor input (did you mean {{input.name}}?)",
            "node c, prompt, line 2: nothing provides {{nobody}}: \"nobody\" is neither a node nor input (add a node \"nobody\" upstream, or take the value from {{input.nobody}})",
            "node d, prompt, line 1: nothing provides {{Big boss.x}}: \"Big boss\" is neither a node nor input (did you mean {{b2.x}}?)",
            "node d, system prompt, line 1: nothing provides {{aa}}: \"aa\" is neither a node nor input (did you mean {{a}}?)",
        ]
    );
}

#[test]
fn nodes_that_need_not_run_before_are_to_be_connected() {
    assert_eq!(
        texts(&naming("{{x.field}} {{c}}").validate()),
        [
            "node c, prompt, line 1: {{c}} is the node's own output, which does not exist yet (name a node that runs before this one, or the input)",
            "node c, prompt, line 1: {{x.field}} has no value here: \"x\" need not run before \"c\" (connect \"x\" to \"c\", directly or through other nodes)",
        ]
    );
}

#[test]
fn a_node_downstream_is_not_upstream() {
    let mut graph = joins(&["b"], &[]);
    graph.add(Node::agent("a", "{{b}}")).unwrap();
    graph.connect("a", "b").unwrap();
    assert_eq!(graph.validate().len(), 1);
}

#[test]
fn nodes_of_a_cycle_count_as_upstream_of_each_other() {
    let mut graph = joins(&["b", "c"], &[("b", "c")]);
    graph.add(Node::agent("a", "{{b}} {{c}}")).unwrap();
    graph.connect("a", "b").unwrap();
    graph.connect("c", "a").unwrap();
    assert_eq!(graph.validate().len(), 1, "the cycle, and nothing else");
}

#[test]
fn the_search_stays_right_beyond_the_names_that_one_pass_takes() {
    // n0 → n1 → … → n199, and an agent behind the middle that names every one of them.
    let ids: Vec<String> = (0..200).map(|n| format!("n{n}")).collect();
    let mut graph = Graph::new("g");
    for id in &ids {
        graph.add(Node::join(id.as_str())).unwrap();
    }
    for (from, to) in ids.iter().zip(ids.iter().skip(1)) {
        graph.connect(from, to).unwrap();
    }
    let all: String = ids.iter().rev().map(|id| format!("{{{{{id}}}}}")).collect();
    graph.add(Node::agent("agent", all)).unwrap();
    graph.connect("n99", "agent").unwrap();
    let wrong: Vec<String> = graph.validate().into_iter().map(|finding| finding.message).collect();
    let expected: Vec<String> = (100..200)
        .rev()
        .map(|n| format!("{{{{n{n}}}}} has no value here: \"n{n}\" need not run before \"agent\""))
        .collect();
    assert_eq!(wrong, expected);
}

#[test]
fn the_passes_do_not_mix_behind_a_cycle_either() {
    // 64 roots lead through a cycle to an agent that names them all, and another node that leads nowhere.
    let mut graph = joins(&["r", "s"], &[("r", "s"), ("s", "r")]);
    for number in 0..64 {
        graph.add(Node::join(format!("n{number}"))).unwrap();
        graph.connect(&format!("n{number}"), "r").unwrap();
    }
    graph.add(Node::join("aside")).unwrap();
    let names: String = (0..64).map(|number| format!("{{{{n{number}}}}}")).collect();
    graph.add(Node::agent("agent", names + "{{aside}}")).unwrap();
    graph.connect("s", "agent").unwrap();
    let wrong = |text: &String| text.contains("has no value here");
    assert_eq!(texts(&graph.validate()).iter().filter(|text| wrong(text)).count(), 1);
}
