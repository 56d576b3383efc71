//! Graphs of all kinds, for properties that hold for every one.

use std::num::NonZeroU32;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::Value;

use crate::predicate::tests::predicates;
use crate::{
    Agent, Branch, Choice, Condition, Delay, Graph, Join, JoinRule, Loop, Map, Node, NodeKind, Pause,
    Reducer, Repeat, RetryPolicy, StateVariable, Subgraph, Tool, When, Write,
};

fn ids() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-e]", 1 => "[a-z0-9_-]{0,8}", 1 => "\\PC{0,6}"]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn agents() -> impl Strategy<Value = Agent> {
    let options = (
        prop::option::of(".{0,10}"),
        prop::option::of((0_u8..=200).prop_map(|hundredths| f64::from(hundredths) / 100.0)),
        prop::option::of(any::<u32>()),
        prop::option::of("[a-z/-]{1,8}"),
    );
    (".{0,20}", options).prop_map(|(prompt, (system_prompt, temperature, max_tokens, model))| Agent {
        system_prompt: system_prompt.map(Into::into),
        temperature,
        max_tokens,
        model,
        ..Agent::new(prompt)
    })
}

fn conditions() -> impl Strategy<Value = Condition> {
    let branches = prop::collection::vec((ids(), predicates()), 0..3);
    prop_oneof![
        predicates().prop_map(Condition::Predicate),
        branches.prop_map(|branches| {
            let branches = branches.into_iter().map(|(name, when)| Branch::new(name, when));
            Condition::Branches(branches.collect())
        }),
        Just(Condition::Function),
        (".{0,9}", prop::collection::vec(ids(), 0..3))
            .prop_map(|(prompt, names)| Condition::model(prompt, names.into_iter().map(Choice::new))),
    ]
}

fn rules() -> impl Strategy<Value = JoinRule> {
    let quorum = (1_u32..4).prop_filter_map("above zero", NonZeroU32::new).prop_map(JoinRule::Quorum);
    prop_oneof![2 => Just(JoinRule::All), 1 => Just(JoinRule::Any), 1 => quorum]
}

fn kinds(body: Option<BoxedStrategy<Graph>>) -> BoxedStrategy<NodeKind> {
    let flat = prop_oneof![
        3 => agents().prop_map(NodeKind::Agent),
        2 => Just(NodeKind::Transform),
        2 => rules().prop_map(|rule| Join::default().with_rule(rule).into()),
        2 => conditions().prop_map(NodeKind::Condition),
        1 => prop::option::of(values()).prop_map(|arguments| Tool { arguments, ..Tool::new("t") }.into()),
        1 => Just(Delay::new(Duration::from_millis(3)).into()),
        1 => (".{0,9}", prop::option::of(values())).prop_map(|(question, answer)| {
            Pause { answer, ..Pause::new(question) }.into()
        }),
    ];
    let Some(body) = body else { return flat.boxed() };
    let inside =
        (body, prop::option::of(".{0,9}"), 0_u8..3, predicates()).prop_map(|(body, items, kind, until)| {
            match kind {
                0 => Map { items: items.map(Into::into), ..Map::new(body) }.into(),
                1 => Subgraph::new(body).into(),
                _ => Loop::new(body, Repeat::Until(until), NonZeroU32::MIN).into(),
            }
        });
    prop_oneof![9 => flat, 1 => inside].boxed()
}

fn whens() -> impl Strategy<Value = When> {
    prop_oneof![
        6 => Just(When::Always),
        2 => predicates().prop_map(When::Matches),
        1 => Just(When::Function),
        1 => Just(When::Otherwise),
        1 => Just(When::Failed),
    ]
}

fn nodes(body: Option<BoxedStrategy<Graph>>) -> impl Strategy<Value = Node> {
    let millis = || (0_u64..100_000).prop_map(Duration::from_millis);
    let retries = (0_u32..9, millis(), millis())
        .prop_map(|(max_retries, initial, max)| RetryPolicy::new(max_retries).with_delays(initial, max));
    let limits = (prop::option::of(millis()), prop::option::of(millis()), prop::option::of(retries));
    let policies =
        (prop::option::of(values()), prop::option::of(".{0,9}"), prop::collection::vec(ids(), 0..2));
    (ids(), "\\PC{0,8}", kinds(body), limits, policies, any::<bool>()).prop_map(
        |(id, name, kind, (timeout, idle_timeout, retry), (fallback, cache, writes), made)| {
            let mut node = Node { timeout, idle_timeout, retry, fallback, ..Node::new(name, kind) };
            node.cache = cache.map(Into::into);
            node.writes = writes.into_iter().map(Write::new).collect();
            if made { node } else { node.with_id(id) }
        },
    )
}

/// Graphs of any kind, most of them faulty: edges and nodes come in any order, and ends and ids as they please.
pub(super) fn graphs() -> impl Strategy<Value = Graph> {
    let innermost = graphs_of(None, 3).boxed();
    let inner = graphs_of(Some(innermost), 5).boxed();
    graphs_of(Some(inner), 20)
}

fn graphs_of(body: Option<BoxedStrategy<Graph>>, most: usize) -> impl Strategy<Value = Graph> {
    type Step = Result<Node, (String, String, When)>;
    let steps = prop::collection::vec(
        prop_oneof![nodes(body).prop_map(Ok), (ids(), ids(), whens()).prop_map(Step::Err)],
        0..most,
    );
    let state = prop::collection::btree_map(ids(), values(), 0..2);
    (".{0,8}", prop::option::of(".{0,8}"), values(), prop::option::of(values()), state, steps).prop_map(
        |(name, description, metadata, input, state, steps)| {
            let mut graph = Graph::new(name).with_metadata("m", metadata);
            (graph.description, graph.input) = (description, input);
            for (name, initial) in state {
                graph = graph.with_state(name, StateVariable::new(Reducer::Sum).with_initial(initial));
            }
            for step in steps {
                match step {
                    Ok(node) => drop(graph.add(node).unwrap()),
                    Err((from, to, when)) => graph.connect_when(&from, &to, when).unwrap(),
                }
            }
            graph
        },
    )
}
