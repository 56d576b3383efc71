//! Conditions, tools and joins.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use graphbit_core::{
    Branch, Choice, Condition, Error, ErrorCode, Graph, Join, JoinRule, Node, NodeKind, OTHERWISE, Operator,
    Predicate, Reduce, Tool, When,
};
use graphbit_executor::{NodeStatus, RunOptions, RunResult, Workflow};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{Thread, Told, alone, graph, same};

/// A condition with one transform behind it for each branch, named as the branch.
fn choice(condition: Condition, branches: &[(&str, When)]) -> Workflow {
    let mut graph = Graph::new("choice");
    graph.add(Node::new("choose", condition)).unwrap();
    for (name, when) in branches {
        graph.add(Node::transform(*name)).unwrap();
        graph.connect_when("choose", name, when.clone()).unwrap();
    }
    let workflow = Workflow::new(graph.compile().unwrap());
    branches.iter().fold(workflow, |workflow, (name, _)| workflow.function(name, same).unwrap())
}

async fn run(workflow: Workflow, input: Value) -> RunResult {
    alone().execute(&Arc::new(workflow), RunOptions::default().input(input)).await.unwrap()
}

/// The output of the condition and the branches that ran.
fn taken(result: &RunResult) -> (Value, Vec<&str>) {
    let ran = result.nodes().skip(1).filter(|node| node.status == NodeStatus::Succeeded).map(|node| node.id);
    ((**result.output("choose").unwrap()).clone(), ran.collect())
}

#[tokio::test]
async fn a_predicate_gives_true_or_false() {
    let adult = || Condition::Predicate(Predicate::at("age", Operator::GreaterOrEqual(json!(18))).unwrap());
    let branches = [("enter", When::equals(true)), ("leave", When::equals(false))];
    assert_eq!(
        taken(&run(choice(adult(), &branches), json!({ "age": 20 })).await),
        (json!(true), vec!["enter"])
    );
    assert_eq!(
        taken(&run(choice(adult(), &branches), json!({ "age": 9 })).await),
        (json!(false), vec!["leave"])
    );
    let no_age = run(choice(adult(), &branches), json!("x")).await;
    assert_eq!(taken(&no_age), (json!(false), vec!["leave"]), "what is not there is not greater");
}

#[tokio::test]
async fn the_first_branch_whose_predicate_holds_is_taken_or_the_other_one() {
    let size = || {
        let above = |limit: u32| Predicate::whole(Operator::Greater(json!(limit)));
        Condition::Branches(vec![Branch::new("big", above(100)), Branch::new("middle", above(10))])
    };
    let branches =
        [("big", When::equals("big")), ("middle", When::equals("middle")), ("rest", When::Otherwise)];
    for (input, output, ran) in [(500, "big", "big"), (50, "middle", "middle"), (5, OTHERWISE, "rest")] {
        assert_eq!(taken(&run(choice(size(), &branches), json!(input)).await), (json!(output), vec![ran]));
    }
}

#[tokio::test]
async fn a_function_chooses_a_branch_and_what_is_none_is_a_tool_error() {
    let branches = [("a", When::equals("a")), ("b", When::equals(true))];
    let chooses =
        |branches: &[(&str, When)]| choice(Condition::Function, branches).function("choose", same).unwrap();
    assert_eq!(taken(&run(chooses(&branches), json!("a")).await), (json!("a"), vec!["a"]));
    assert_eq!(taken(&run(chooses(&branches), json!(true)).await), (json!(true), vec!["b"]));
    assert_eq!(
        taken(&run(chooses(&branches), json!(false)).await),
        (json!(false), vec![]),
        "nothing follows"
    );
    for (wrong, says) in
        [(json!("c"), "chose \"c\", and no edge"), (json!(7), "must give the name of a branch")]
    {
        let result = run(chooses(&branches), wrong.clone()).await;
        let error = result.error().unwrap();
        assert_eq!((error.code(), error.context().node.as_deref()), (ErrorCode::Tool, Some("choose")));
        assert!(error.message().contains(says), "{error}");

        let workflow = Arc::new(choice(Condition::Function, &branches));
        let host = Thread::calling(|input| Ok(input.clone()));
        let hosted = alone().execute(&workflow, RunOptions::default().input(wrong).host(host)).await.unwrap();
        assert_eq!(hosted.error().unwrap().to_string(), error.to_string(), "on a host as well");
    }
    let rest = [("a", When::equals("a")), ("rest", When::Otherwise)];
    assert_eq!(taken(&run(chooses(&rest), json!("c")).await), (json!("c"), vec!["rest"]));
}

#[tokio::test]
async fn a_model_chooses_between_names() {
    let condition = || {
        let spam = Choice::new("spam").with_description("nobody asked for it");
        Condition::model("What is this mail? {{input.mail}}", [Choice::new("work"), spam])
    };
    let branches = [("work", When::equals("work")), ("spam", When::equals("spam"))];
    let model = Told::new(|prompt| async move {
        assert!(
            prompt.contains("{{") || prompt.ends_with("Choose one of:\n- work\n- spam: nobody asked for it")
        );
        let name = if prompt.contains("lottery") { "spam" } else { "work" };
        Ok(json!({ "choice": name }).to_string())
    });
    for (mail, name) in [("You won the lottery", "spam"), ("The report", "work")] {
        let workflow = Arc::new(choice(condition(), &branches));
        let options = RunOptions::default().input(json!({ "mail": mail }));
        let result = model.executor().execute(&workflow, options).await.unwrap();
        assert_eq!(taken(&result), (json!(name), vec![name]));
        assert_eq!(result.node("choose").unwrap().usage.unwrap().input, Some(3));
    }
    let stubborn = Told::new(|_| async { Ok(r#"{"choice":"both"}"#.to_owned()) });
    let options = RunOptions::default().input(json!({ "mail": "" }));
    let result =
        stubborn.executor().execute(&Arc::new(choice(condition(), &branches)), options).await.unwrap();
    assert_eq!(result.error().unwrap().code(), ErrorCode::Output);
    assert_eq!(
        stubborn.asked.load(std::sync::atomic::Ordering::Relaxed),
        2,
        "asked once more, then given up"
    );
}

#[tokio::test]
async fn a_tool_gets_its_arguments_with_the_values_of_templates() {
    let arguments =
        json!({ "city": "{{input.city}}", "days": "{{days}}", "text": "{{days}} days", "fixed": [1] });
    let nodes = [
        Node::transform("days"),
        Node::new("forecast", Tool::new("forecast").with_arguments(arguments)),
        Node::new("plain", Tool::new("plain")),
    ];
    let workflow = || graph(nodes.clone(), &[("days", "forecast"), ("days", "plain")]);
    let expected = json!({
        "forecast": { "city": "Graz", "days": 3, "text": "3 days", "fixed": [1] },
        "plain": 3,
    });
    let three = async |_: Value| Ok::<_, Error>(json!(3));
    let bound = workflow().function("days", three).and_then(|it| it.function("forecast", same));
    let bound = bound.and_then(|it| it.function("plain", same)).unwrap();
    let input = || RunOptions::default().input(json!({ "city": "Graz" }));
    let result = alone().execute(&Arc::new(bound), input()).await.unwrap();
    assert_eq!(*result.final_output().unwrap(), expected);

    let host = Thread::calling(|value| Ok(value.clone()));
    let hosted = Arc::new(workflow().function("days", three).unwrap());
    let result = alone().execute(&hosted, input().host(host.clone())).await.unwrap();
    assert_eq!(*result.final_output().unwrap(), expected);
    let result = alone().execute(&hosted, RunOptions::default().input(json!({})).host(host)).await.unwrap();
    let error = result.error().unwrap();
    assert_eq!((error.code(), error.context().node.as_deref()), (ErrorCode::InvalidInput, Some("forecast")));
}

/// A join of what so many nodes give: the first the first of these values, and so on.
async fn join(join: Join, outputs: &[Value]) -> RunResult {
    let ids: Vec<String> = (0..outputs.len()).map(|number| format!("n{number}")).collect();
    let edges: Vec<_> = ids.iter().map(|id| (id.as_str(), "join")).collect();
    let nodes = ids.iter().map(Node::transform).chain([Node::new("join", join)]);
    let bind = |workflow: Workflow, (id, output): (&String, &Value)| {
        let output = output.clone();
        workflow.function(id, move |_| std::future::ready(Ok::<_, Error>(output.clone()))).unwrap()
    };
    run(ids.iter().zip(outputs).fold(graph(nodes, &edges), bind), Value::Null).await
}

#[tokio::test]
async fn a_join_makes_one_value_of_several() {
    let (one, two) = (json!({ "a": 1, "b": 1 }), json!({ "b": 2 }));
    let cases = [
        (Reduce::Object, vec![json!(1), json!("x")], json!({ "n0": 1, "n1": "x" })),
        (Reduce::List, vec![json!(1), json!("x")], json!([1, "x"])),
        (Reduce::First, vec![json!(1), json!("x")], json!(1)),
        (Reduce::Merge, vec![one, two], json!({ "a": 1, "b": 2 })),
        (Reduce::Concat, vec![json!([1]), json!([]), json!([2, 3])], json!([1, 2, 3])),
        (Reduce::Concat, vec![json!("a"), json!("b")], json!("ab")),
        (Reduce::Sum, vec![json!(1), json!(2)], json!(3)),
        (Reduce::Sum, vec![json!(1), json!(0.5)], json!(1.5)),
        (Reduce::Sum, vec![json!(i64::MAX), json!(1)], json!(i64::MAX as f64 + 1.0)),
        (Reduce::Count, vec![json!(null), json!(2)], json!(2)),
    ];
    for (reduce, outputs, expected) in cases {
        let result = join(Join::default().with_reduce(reduce), &outputs).await;
        assert_eq!(*result.final_output().unwrap(), expected, "{reduce:?}");
    }
    for (reduce, says) in [
        (Reduce::Merge, "the output of \"n1\" must be an object, to merge it"),
        (Reduce::Concat, "the output of \"n1\" must be a list, or all of them texts, to join them"),
        (Reduce::Sum, "the output of \"n0\" must be a number, to add it"),
    ] {
        let first = if reduce == Reduce::Merge { json!({}) } else { json!([]) };
        let result = join(Join::default().with_reduce(reduce), &[first, json!("x")]).await;
        let error = result.error().unwrap();
        assert_eq!((error.code(), error.message()), (ErrorCode::InvalidInput, says));
    }
}

#[tokio::test]
async fn a_join_of_any_goes_on_at_once_and_the_run_ends_with_the_slower_branch() {
    let late = Duration::from_millis(80);
    let nodes = [
        Node::transform("quick"),
        Node::transform("slow"),
        Node::new("first", Join::default().with_rule(JoinRule::Any).with_reduce(Reduce::List)),
        Node::transform("after"),
    ];
    let began = Instant::now();
    let workflow = graph(nodes, &[("quick", "first"), ("slow", "first"), ("first", "after")])
        .function("quick", async |_: Value| Ok::<_, Error>(json!("quick")))
        .and_then(|workflow| {
            workflow.function("slow", move |_| async move {
                sleep(late).await;
                Ok::<_, Error>(json!("slow"))
            })
        })
        .and_then(|workflow| workflow.function("after", same))
        .unwrap();
    let result = run(workflow, Value::Null).await;
    assert!(began.elapsed() >= late);
    assert!(result.is_success());
    assert_eq!(**result.output("after").unwrap(), json!(["quick"]), "what came late is not in it");
    assert_eq!(result.output("slow").unwrap().as_str(), Some("slow"), "but it is in the result");
    let after = result.node("after").unwrap();
    assert!(after.started.unwrap() + after.duration < late, "the join did not wait");
}

#[tokio::test]
async fn a_quorum_of_hosted_functions_counts_those_that_came() {
    let rule = JoinRule::Quorum(NonZeroU32::new(2).unwrap());
    let nodes = ["a", "b", "c"].map(Node::transform).into_iter();
    let nodes = nodes.chain([Node::new("join", Join::default().with_rule(rule).with_reduce(Reduce::Count))]);
    let workflow = Arc::new(graph(nodes, &[("a", "join"), ("b", "join"), ("c", "join")]));
    assert!(matches!(
        workflow.plan().node(workflow.plan().leaves()[0]).unwrap().node.kind,
        NodeKind::Join(_)
    ));
    let host = Thread::calling(|_| Ok(json!(1)));
    let options = RunOptions::default().host(host).max_parallel(1.try_into().unwrap());
    let result = alone().execute(&workflow, options).await.unwrap();
    let count = result.final_output().unwrap().as_u64().unwrap();
    assert!(result.is_success() && (2..=3).contains(&count), "{count}");
}
