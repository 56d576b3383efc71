//! Random graphs against the obvious, slow way to check them.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::{DiagnosticCode, Graph, Node};

const NODES: usize = 9;

#[derive(Clone, Debug)]
struct Sketch {
    edges: BTreeSet<(usize, usize)>,
    /// Which nodes each node's prompt names.
    names: Vec<BTreeSet<usize>>,
}

fn sketches() -> impl Strategy<Value = Sketch> {
    let edges = prop::collection::btree_set((0..NODES, 0..NODES), 0..14);
    let names = prop::collection::vec(prop::collection::btree_set(0..NODES, 0..4), NODES);
    (edges, names).prop_map(|(edges, names)| Sketch { edges, names })
}

impl Sketch {
    fn graph(&self) -> Graph {
        let mut graph = Graph::new("g");
        for (node, names) in self.names.iter().enumerate() {
            let prompt: String = names.iter().map(|name| format!("{{{{n{name}}}}}")).collect();
            graph.add(Node::agent(format!("n{node}"), format!("p {prompt}"))).unwrap();
        }
        for (from, to) in &self.edges {
            graph.connect(&format!("n{from}"), &format!("n{to}")).unwrap();
        }
        graph
    }

    /// `reach[a][b]`: a path of at least one edge leads from `a` to `b`.
    fn reach(&self) -> [[bool; NODES]; NODES] {
        let mut reach = [[false; NODES]; NODES];
        for &(from, to) in &self.edges {
            reach[from][to] = true;
        }
        for via in 0..NODES {
            for from in 0..NODES {
                for to in 0..NODES {
                    reach[from][to] |= reach[from][via] && reach[via][to];
                }
            }
        }
        reach
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn findings_are_those_of_the_slow_way(sketch in sketches()) {
        let reach = sketch.reach();
        let findings = sketch.graph().validate();
        let count = |code| findings.iter().filter(|finding| finding.code == code).count();

        let on_cycle: Vec<bool> = (0..NODES).map(|node| reach[node][node]).collect();
        let groups: BTreeSet<BTreeSet<usize>> = (0..NODES)
            .map(|node| (0..NODES).filter(|&other| reach[node][other] && reach[other][node]).collect())
            .filter(|group: &BTreeSet<usize>| group.len() > 1)
            .collect();
        prop_assert_eq!(count(DiagnosticCode::Cycle), groups.len());
        prop_assert_eq!(
            count(DiagnosticCode::SelfEdge),
            sketch.edges.iter().filter(|(from, to)| from == to).count()
        );
        let behind = |node: &usize| !on_cycle[*node] && (0..NODES).any(|from| on_cycle[from] && reach[from][*node]);
        prop_assert_eq!(count(DiagnosticCode::Unreachable), (0..NODES).filter(behind).count());

        let missing = (0..NODES)
            .flat_map(|node| sketch.names[node].iter().map(move |&name| (name, node)))
            .filter(|&(name, node)| name == node || !reach[name][node])
            .count();
        prop_assert_eq!(count(DiagnosticCode::NotUpstream), missing);
    }

    #[test]
    fn a_cycle_is_a_path_of_the_graph_that_closes(sketch in sketches()) {
        for finding in sketch.graph().validate() {
            if finding.code != DiagnosticCode::Cycle {
                continue;
            }
            let path = finding.message.split(": ").nth(1).unwrap().split(';').next().unwrap();
            let path: Vec<usize> = path.split(" → ").map(|id| id[1..].parse().unwrap()).collect();
            prop_assert!(path.len() > 2);
            prop_assert_eq!(path.first(), path.last());
            prop_assert!(path.windows(2).all(|edge| sketch.edges.contains(&(edge[0], edge[1]))));
            prop_assert_eq!(path[1..].iter().collect::<BTreeSet<_>>().len(), path.len() - 1);
        }
    }

    #[test]
    fn a_plan_has_the_edges_of_its_graph(sketch in sketches()) {
        let graph = Sketch { names: vec![BTreeSet::new(); NODES], ..sketch.clone() }.graph();
        let acyclic = (0..NODES).all(|node| !sketch.reach()[node][node]);
        let plan = graph.compile();
        prop_assert_eq!(plan.is_ok(), acyclic);
        if let Ok(plan) = plan {
            let pairs = |forward: bool| -> BTreeSet<(usize, usize)> {
                plan.nodes()
                    .flat_map(|(node, _)| {
                        let near = if forward { plan.successors(node) } else { plan.predecessors(node) };
                        near.iter().map(move |near| if forward { (node.get(), near.get()) } else { (near.get(), node.get()) })
                    })
                    .collect()
            };
            prop_assert_eq!(&pairs(true), &sketch.edges);
            prop_assert_eq!(&pairs(false), &sketch.edges);
        }
    }
}
