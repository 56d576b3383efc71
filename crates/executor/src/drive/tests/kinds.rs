//! Kinds that wait.

use std::num::NonZeroU32;

use graphbit_core::{Delay, Loop, Map, Pause, Repeat, Subgraph};

use super::*;

fn body(node: Node) -> Graph {
    let mut graph = Graph::new("body");
    graph.add(node).unwrap();
    graph
}

#[tokio::test(start_paused = true)]
async fn a_delay_gives_what_it_got_exactly_so_much_later() {
    let nodes = [Node::new("a", Delay::new(MINUTE)), Node::new("b", Delay::new(2 * MINUTE)), Node::join("c")];
    let began = Instant::now();
    let result = run(workflow(nodes, &[("a", "b"), ("b", "c"), ("a", "c")])).await;
    assert_eq!(began.elapsed().as_secs(), 180);
    assert_eq!(*result.final_output().unwrap(), json!({ "a": "input", "b": "input" }));
}

#[tokio::test(start_paused = true)]
async fn delays_of_the_items_of_a_map_pass_side_by_side_and_those_of_turns_one_after_the_other() {
    let wait = || body(Node::new("wait", Delay::new(MINUTE)));
    let items = Node::new("each", Map::over("{{input}}", wait()));
    let began = Instant::now();
    let plan = workflow([items], &[]);
    let machine = Machine::new(plan.plan(), None);
    let mut context = context(plan, None);
    let root = root();
    let list = (0..64).collect();
    context.run = Arc::new(RunState::new(root, Arc::clone(&context.run.workflow), list, machine, false));
    assert!(drive(context, None).await.unwrap().is_success());
    assert_eq!(began.elapsed().as_secs(), 60);

    let turns = Loop::new(wait(), Repeat::UntilFunction, NonZeroU32::new(3).unwrap());
    let workflow = workflow([Node::new("again", turns)], &[]);
    let third = |turn: Value| async move { Ok::<_, Error>((turn["iteration"] == 2).into()) };
    let began = Instant::now();
    let result = run(workflow.function("again/until", third).unwrap()).await;
    assert!(result.is_success(), "{:?}", result.error());
    assert_eq!(began.elapsed().as_secs(), 180);
}

#[tokio::test(start_paused = true)]
async fn a_question_waits_as_long_as_its_node_may_take_and_is_then_taken_back() {
    let ask = Node::new("ask", Pause::new("well?")).with_timeout(MINUTE);
    let context = context(workflow([Node::new("sub", Subgraph::new(body(ask)))], &[]), None);
    let root = Arc::clone(&context.run.root);
    let began = Instant::now();
    let (result, ()) = tokio::join!(drive(context, None), async {
        sleep(MINUTE / 2).await;
        assert_eq!(root.asked(), [("sub/ask".to_owned(), json!("well?"))]);
    });
    let result = result.unwrap();
    let error = result.error().unwrap();
    assert_eq!((error.context().clock, error.context().node.as_deref()), (Some("node"), Some("sub/ask")));
    assert_eq!(began.elapsed().as_secs(), 60);
    assert!(root.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_drained_ends_with_what_is_under_way_or_at_its_deadline() {
    for (minutes, message) in
        [(3, "drained: nothing new was started"), (1, "drained: what was under way took too long")]
    {
        let nodes = [Node::new("a", Delay::new(2 * MINUTE)), Node::new("b", Delay::new(MINUTE))];
        let context = context(workflow(nodes, &[("a", "b")]), None);
        let state = Arc::clone(&context.run);
        let began = Instant::now();
        let (result, ()) = tokio::join!(drive(context, None), async {
            sleep(Duration::from_millis(1)).await;
            state.root.drain(Instant::now() + minutes * MINUTE);
            state.wake();
        });
        assert_eq!(result.err().unwrap().message(), message);
        assert_eq!(began.elapsed().as_secs(), 60 * minutes.min(2) as u64);
    }
}
