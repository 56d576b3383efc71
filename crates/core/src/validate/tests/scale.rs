//! Graphs of 10,000 nodes. The bounds are loose: they only tell linear from quadratic. `--nocapture` shows the figures.

use std::time::{Duration, Instant};

use crate::{Graph, Node};

const NODES: usize = 10_000;

fn id(number: usize) -> String {
    format!("n{number}")
}

/// Builds, validates and compiles, and prints how long each took.
fn timed(name: &str, build: impl Fn() -> Graph) -> Graph {
    let began = Instant::now();
    let graph = build();
    let built = began.elapsed();
    let findings = graph.validate();
    let validated = began.elapsed() - built;
    let plan = graph.compile();
    let compiled = began.elapsed() - built - validated;
    println!(
        "{name}: {} nodes, built in {built:?}, validated in {validated:?} ({} findings), compiled in {compiled:?} ({})",
        graph.len(),
        findings.len(),
        if plan.is_ok() { "a plan" } else { "refused" },
    );
    assert!(began.elapsed() < Duration::from_secs(10), "{name}");
    graph
}

fn chain(prompt: impl Fn(usize) -> String) -> Graph {
    let mut graph = Graph::new("g");
    for number in 0..NODES {
        graph.add(Node::agent("n", prompt(number)).with_id(id(number))).unwrap();
        if number > 0 {
            graph.connect(&id(number - 1), &id(number)).unwrap();
        }
    }
    graph
}

fn back(number: usize, by: usize) -> String {
    format!("p {{{{n{}}}}}", number.saturating_sub(by)).replace(&format!("{{{{n{number}}}}}"), "")
}

#[test]
fn wide() {
    let graph = timed("wide", || {
        let mut graph = Graph::new("g");
        graph.add(Node::agent("first", "p")).unwrap();
        graph.add(Node::join("last")).unwrap();
        for _ in 0..NODES {
            let id = graph.add(Node::agent("Worker", "{{first}}")).unwrap();
            graph.connect("first", &id).unwrap();
            graph.connect(&id, "last").unwrap();
        }
        graph
    });
    assert_eq!(graph.validate(), []);
}

#[test]
fn deep() {
    assert_eq!(timed("deep, without variables", || chain(|_| "p".into())).validate(), []);
    assert_eq!(timed("deep, each names its predecessor", || chain(|n| back(n, 1))).validate(), []);
    assert_eq!(timed("deep, each names the one 100 back", || chain(|n| back(n, 100))).validate(), []);
    assert_eq!(timed("deep, each names the first", || chain(|n| back(n, NODES))).validate(), []);
}

#[test]
fn faulty() {
    let ring = timed("one ring", || {
        let mut graph = chain(|_| "p".into());
        graph.connect(&id(NODES - 1), "n0").unwrap();
        graph
    });
    assert_eq!(ring.validate()[0].message.matches(" → ").count(), NODES);
    let pairs = timed("5,000 cycles of two", || {
        let mut graph = Graph::new("g");
        for number in 0..NODES {
            graph.add(Node::join(id(number))).unwrap();
        }
        for number in (0..NODES).step_by(2) {
            graph.connect(&id(number), &id(number + 1)).unwrap();
            graph.connect(&id(number + 1), &id(number)).unwrap();
        }
        graph
    });
    assert_eq!(pairs.validate().len(), NODES / 2);
    let unknown = timed("each names and follows what does not exist", || {
        let mut graph = Graph::new("g");
        for number in 0..NODES {
            graph.add(Node::agent("n", format!("{{{{x{number}}}}}")).with_id(id(number))).unwrap();
            graph.connect(&format!("y{number}"), &id(number)).unwrap();
        }
        graph
    });
    assert_eq!(unknown.validate().len(), 2 * NODES);
    let reversed = timed("edges before their nodes", || {
        let mut graph = Graph::new("g");
        for number in 1..NODES {
            graph.connect(&id(number - 1), &id(number)).unwrap();
        }
        for number in (0..NODES).rev() {
            graph.add(Node::join(id(number))).unwrap();
        }
        graph
    });
    assert_eq!(reversed.validate(), []);
}
