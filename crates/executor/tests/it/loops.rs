//! Loops and subgraphs.

use std::num::NonZeroU32;
use std::sync::Arc;

use graphbit_core::{
    Error, ErrorCode, Graph, Loop, Node, Operator, Predicate, Reducer, Repeat, StateVariable, Subgraph, When,
    Write,
};
use graphbit_executor::{NodeStatus, RunOptions, RunResult, Workflow};
use serde_json::{Value, json};

use crate::support::{Told, alone, body, graph, same};

/// Counts up from the input: the output of each turn is one more than the one before.
async fn count(turn: Value) -> Result<Value, Error> {
    let last = turn["last"].as_u64().or(turn["input"].as_u64()).unwrap();
    Ok((last + 1).into())
}

fn turns(repeat: Repeat, limit: u32) -> Workflow {
    let turns = Loop::new(body([Node::transform("count")], &[]), repeat, NonZeroU32::new(limit).unwrap());
    graph([Node::new("again", turns)], &[]).function("again/count", count).unwrap()
}

async fn run(workflow: Workflow, input: impl Into<Value>) -> RunResult {
    alone().execute(&Arc::new(workflow), RunOptions::default().input(input)).await.unwrap()
}

fn operator(operator: Operator) -> Predicate {
    Predicate::whole(operator)
}

#[tokio::test]
async fn a_loop_runs_until_its_predicate_holds_or_while_it_does() {
    let until = Repeat::Until(operator(Operator::GreaterOrEqual(json!(5))));
    assert_eq!(run(turns(until.clone(), 5), 0).await.output("again").unwrap().as_u64(), Some(5));
    assert_eq!(
        run(turns(until.clone(), 5), 9).await.output("again").unwrap().as_u64(),
        Some(10),
        "once at least"
    );
    let within = Repeat::While(operator(Operator::Less(json!(5))));
    assert_eq!(run(turns(within.clone(), 5), 0).await.output("again").unwrap().as_u64(), Some(5));
    assert_eq!(
        run(turns(within.clone(), 5), 9).await.output("again").unwrap().as_u64(),
        Some(10),
        "once at least"
    );

    for repeat in [until, within] {
        let result = run(turns(repeat, 4), 0).await;
        let error = result.error().unwrap();
        assert_eq!((error.code(), error.context().node.as_deref()), (ErrorCode::Limit, Some("again")));
        assert!(error.message().contains("limit of 4 turns"), "{error}");
    }
}

#[tokio::test]
async fn a_function_may_end_a_loop() {
    let until = async |value: Value| Ok::<_, Error>((value == json!(3)).into());
    let workflow = turns(Repeat::UntilFunction, 10).function("again/until", until).unwrap();
    assert_eq!(run(workflow, 0).await.output("again").unwrap().as_u64(), Some(3));

    let unbound =
        alone().start(&Arc::new(turns(Repeat::UntilFunction, 10)), RunOptions::default()).err().unwrap();
    assert_eq!(unbound.context().node.as_deref(), Some("again/until"));

    let wrong = turns(Repeat::UntilFunction, 10).function("again/until", same).unwrap();
    let result = run(wrong, 0).await;
    assert_eq!(result.error().unwrap().code(), ErrorCode::Tool, "a number is no answer");
    let fails =
        turns(Repeat::UntilFunction, 10).function("again/until", async |_: Value| Err::<Value, _>("no"));
    let result = run(fails.unwrap(), 0).await;
    assert_eq!(result.error().unwrap().to_string(), "TOOL: no (node again/0/until)");
}

#[tokio::test]
async fn a_turn_sees_the_last_output_its_number_and_the_input_and_tokens_are_summed() {
    let draft = Node::agent("draft", "{{input.iteration}}:{{input.input.topic}}<{{input.last}}>");
    let until = Repeat::Until(operator(Operator::Contains(json!("2:"))));
    let turns = Loop::new(body([draft], &[]), until, NonZeroU32::new(9).unwrap());
    let workflow = Arc::new(graph([Node::new("again", turns)], &[]));
    let model = Told::new(|prompt| async move { Ok(prompt) });
    let options = RunOptions::default().input(json!({ "topic": "t" }));
    let result = model.executor().execute(&workflow, options).await.unwrap();
    assert_eq!(result.final_text(), Some("2:t<1:t<0:t<>>>"));
    assert_eq!(result.node("again").unwrap().usage.unwrap().input, Some(9));
    assert_eq!(result.stats().output_tokens, 6);
}

#[tokio::test]
async fn a_subgraph_has_its_own_input_output_and_state() {
    let counted = StateVariable::new(Reducer::Sum).with_initial(1);
    let mut inner = Graph::new("inner").with_state("total", counted.clone());
    for node in [
        Node::transform("add").with_write(Write::new("total")),
        Node::agent("show", "{{input}} {{add}} {{state.total}}"),
    ] {
        inner.add(node).unwrap();
    }
    inner.connect("add", "show").unwrap();
    let mut outer = Graph::new("outer").with_state("total", counted);
    outer.add(Node::transform("first").with_write(Write::new("total"))).unwrap();
    outer.add(Node::new("sub", Subgraph::new(inner))).unwrap();
    outer.connect("first", "sub").unwrap();
    let ten = async |_: Value| Ok::<_, Error>(json!(10));
    let workflow = Workflow::new(outer.compile().unwrap()).function("first", ten).unwrap();
    let workflow = Arc::new(
        workflow
            .function("sub/add", async |value: Value| {
                value.as_u64().map(|value| json!(value * 10)).ok_or("not the node's input")
            })
            .unwrap(),
    );
    let model = Told::new(|prompt| async move { Ok(prompt) });
    let result = model.executor().execute(&workflow, RunOptions::default()).await.unwrap();
    assert_eq!(result.final_text(), Some("10 100 101"));
    assert_eq!(**result.state(), json!({ "total": 11 }));
}

#[tokio::test]
async fn several_leaves_give_an_object_of_those_that_succeeded() {
    let mut inner = body(["a", "b", "c"].map(Node::transform), &[]);
    inner.add(Node::transform("d")).unwrap();
    inner.connect_when("a", "d", When::equals("never")).unwrap();
    let mut workflow = graph([Node::new("sub", Subgraph::new(inner))], &[]);
    for id in ["sub/a", "sub/b", "sub/c", "sub/d"] {
        workflow = workflow.function(id, same).unwrap();
    }
    let result = run(workflow, 1).await;
    assert_eq!(*result.final_output().unwrap(), json!({ "b": 1, "c": 1 }));
    assert_eq!(result.node("sub").unwrap().status, NodeStatus::Succeeded);
}

#[tokio::test]
async fn schemas_hold_at_the_borders_of_a_run_and_of_a_subgraph() {
    let typed = |nodes: &mut dyn Iterator<Item = Node>| {
        let mut graph = Graph::new("typed")
            .with_input(json!({ "type": "number" }))
            .with_output(json!({ "type": "string" }));
        nodes.for_each(|node| drop(graph.add(node).unwrap()));
        graph
    };
    let text = async |value: Value| Ok::<_, Error>(if value == json!(1) { json!("one") } else { value });

    let plain = || Workflow::new(typed(&mut [Node::transform("t")].into_iter()).compile().unwrap());
    let workflow = Arc::new(plain().function("t", text).unwrap());
    let executor = alone();
    let refused = executor.start(&workflow, RunOptions::default().input("x")).err().unwrap();
    assert_eq!(refused.code(), ErrorCode::InvalidInput);
    assert!(refused.message().starts_with("the input does not fit the workflow's schema: "), "{refused}");
    assert_eq!(executor.stats().total_executions, 0);
    let fits = executor.execute(&workflow, RunOptions::default().input(1)).await.unwrap();
    assert!(fits.is_success());
    let unfit = executor.execute(&workflow, RunOptions::default().input(2)).await.unwrap();
    assert_eq!((unfit.is_success(), unfit.error().unwrap().code()), (false, ErrorCode::Output));
    assert_eq!(executor.stats().failed_executions, 1);

    let sub = || Node::new("sub", Subgraph::new(typed(&mut [Node::transform("t")].into_iter())));
    let nested = || graph([sub()], &[]).function("sub/t", text).unwrap();
    assert_eq!(run(nested(), 1).await.final_text(), Some("one"));
    for (input, code) in [(json!("x"), ErrorCode::InvalidInput), (json!(2), ErrorCode::Output)] {
        let result = run(nested(), input).await;
        let error = result.error().unwrap();
        assert_eq!((error.code(), error.context().node.as_deref()), (code, Some("sub")));
    }
}
