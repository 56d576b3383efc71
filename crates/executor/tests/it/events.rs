//! What the readers of a run's events see.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use graphbit_core::{
    Error, ErrorCode, ItemError, Join, Map, Node, OnError, Operator, Predicate, RetryPolicy, When,
};
use graphbit_executor::{
    DeltaKind, End, Events, Executor, NodeStatus, Profile, RunEvent, RunOptions, Workflow,
};
use graphbit_testkit::{Reply, Script, Server};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{SOON, Thread, Told, alone, body, executor, graph, same, watched};

/// The rest of a run's events.
async fn rest(events: Events) -> Vec<RunEvent> {
    timeout(SOON, events.collect()).await.unwrap()
}

/// Every event in a few words, and that they are a whole: a beginning, an end, and every node that has started has ended once
/// before it starts again, within its body's node.
fn checked(events: &[RunEvent]) -> Vec<String> {
    let mut open: HashMap<String, bool> = HashMap::new();
    let (first, last) = (events.first().unwrap(), events.last().unwrap());
    assert!(matches!(first, RunEvent::RunStarted { .. }), "{first:?}");
    assert!(matches!(last, RunEvent::RunFinished { .. }), "{last:?}");
    assert!(!events.iter().any(|event| matches!(event, RunEvent::Lagged { .. })), "some are missing");
    let is_open = |open: &HashMap<String, bool>, node: &str| open.get(node).copied().unwrap_or_default();
    let line = |event: &RunEvent| {
        let name = event.name();
        match event {
            RunEvent::NodeStarted { node } => {
                assert!(!open.insert(node.to_string(), true).unwrap_or_default(), "{node} started twice");
                if let Some((outer, _)) = node.split_once('/') {
                    assert!(is_open(&open, outer), "{node} started outside of {outer}");
                }
                format!("{name} {node}")
            }
            RunEvent::NodeFinished { node, status, .. } => {
                assert!(
                    open.insert(node.to_string(), false).unwrap_or_default(),
                    "{node} ended, not started"
                );
                let inner = format!("{node}/");
                let within = open.iter().find(|(other, open)| **open && other.starts_with(&inner));
                assert!(within.is_none(), "{node} ended before {within:?}");
                format!("{name} {node} {status:?}")
            }
            RunEvent::NodeSkipped { node, status } => {
                assert!(!open.contains_key(&**node), "{node} started and was skipped");
                format!("{name} {node} {status:?}")
            }
            RunEvent::NodeRetried { node, attempt, .. } => {
                assert!(is_open(&open, node));
                format!("{name} {node} {attempt}")
            }
            RunEvent::NodeDelta { node, text, .. } => {
                assert!(is_open(&open, node));
                format!("{name} {node} {text}")
            }
            RunEvent::NodePaused { node, question } => format!("{name} {node} {question}"),
            RunEvent::Custom { node, name, data } => format!("{node} says {name} {data}"),
            RunEvent::RunFinished { end, .. } => format!("{name} {end:?}"),
            _ => name.to_owned(),
        }
    };
    let lines = events.iter().map(line).collect();
    let left: Vec<_> = open.iter().filter(|(_, open)| **open).collect();
    assert!(left.is_empty(), "never ended: {left:?}");
    lines
}

#[tokio::test]
async fn the_events_of_a_run_with_skips_and_retries_are_whole_and_in_order() {
    let retry = RetryPolicy::new(2).with_delays(Duration::from_millis(1), Duration::from_millis(1));
    let mut graph = body(
        [
            Node::transform("flaky").with_retry(retry),
            Node::transform("yes"),
            Node::transform("no"),
            Node::transform("after-no"),
            Node::transform("passed").with_on_error(OnError::Skip),
            Node::transform("broken"),
            Node::transform("never"),
        ],
        &[
            ("no", "after-no"),
            ("yes", "passed"),
            ("passed", "broken"),
            ("yes", "broken"),
            ("broken", "never"),
        ],
    );
    graph.connect_when("flaky", "yes", When::equals(3)).unwrap();
    graph.connect_when("flaky", "no", When::Otherwise).unwrap();
    let calls = std::sync::atomic::AtomicU32::new(0);
    let flaky = move |_| {
        let nth = calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        async move { if nth < 3 { Err("not yet") } else { Ok(json!(nth)) } }
    };
    let fails = async |_: Value| Err::<Value, _>("broken");
    let workflow = ["yes", "no", "after-no", "never"]
        .into_iter()
        .fold(Workflow::new(graph.compile().unwrap()), |workflow, id| workflow.function(id, same).unwrap())
        .function("flaky", flaky)
        .and_then(|workflow| workflow.function("passed", fails))
        .and_then(|workflow| workflow.function("broken", fails))
        .unwrap();
    let (options, events) = watched(RunOptions::default());
    let result = alone().execute(&Arc::new(workflow), options).await.unwrap();
    let events = rest(events.recv().unwrap()).await;
    let expected = [
        "run.started",
        "node.started flaky",
        "node.retried flaky 1",
        "node.retried flaky 2",
        "node.finished flaky Succeeded",
        "node.skipped no NotTaken",
        "node.skipped after-no NotTaken",
        "node.started yes",
        "node.finished yes Succeeded",
        "node.started passed",
        "node.finished passed NotTaken",
        "node.started broken",
        "node.finished broken Failed",
        "node.skipped never Skipped",
        "run.finished Failed",
    ];
    assert_eq!(checked(&events), expected);
    let RunEvent::RunFinished { run, error, .. } = events.last().unwrap() else { panic!() };
    assert_eq!(
        (&**run, error.as_ref().unwrap().context().node.as_deref()),
        (result.run_id(), Some("broken"))
    );
    let finished = events.iter().find_map(|event| match event {
        RunEvent::NodeFinished { node, output, attempts, .. } if &**node == "flaky" => {
            Some((output, attempts))
        }
        _ => None,
    });
    let (output, attempts) = finished.unwrap();
    assert!(Arc::ptr_eq(output.as_ref().unwrap(), result.output("flaky").unwrap()), "shared, not copied");
    assert_eq!(*attempts, 3);
}

#[tokio::test]
async fn the_nodes_of_bodies_are_named_by_their_place_and_end_before_their_node() {
    let fails_at_one =
        async |input: Value| if input["index"] == 1 { Err("one") } else { Ok(input["item"].clone()) };
    let inner = body([Node::transform("a"), Node::transform("b")], &[("a", "b")]);
    let map = Map::new(inner).with_on_error(ItemError::Collect).with_concurrency(1.try_into().unwrap());
    let workflow = graph([Node::new("each", map)], &[]).function("each/a", fails_at_one);
    let workflow = Arc::new(workflow.and_then(|workflow| workflow.function("each/b", same)).unwrap());
    let (options, events) = watched(RunOptions::default().input(json!(["x", "y"])));
    alone().execute(&workflow, options).await.unwrap();
    let expected = [
        "run.started",
        "node.started each",
        "node.started each/0/a",
        "node.finished each/0/a Succeeded",
        "node.started each/0/b",
        "node.finished each/0/b Succeeded",
        "node.started each/1/a",
        "node.finished each/1/a Failed",
        "node.skipped each/1/b Skipped",
        "node.finished each Succeeded",
        "run.finished Succeeded",
    ];
    assert_eq!(checked(&rest(events.recv().unwrap()).await), expected);
}

/// A map of five items that never end, beside a node that does.
fn endless() -> Arc<Workflow> {
    let map = Map::over("{{input}}", body([Node::transform("step")], &[]));
    let workflow = graph([Node::new("each", map), Node::transform("quick")], &[]);
    let workflow = workflow.function("each/step", |_| std::future::pending::<Result<Value, Error>>());
    Arc::new(workflow.and_then(|workflow| workflow.function("quick", same)).unwrap())
}

#[tokio::test]
async fn what_a_cancelled_or_late_run_gives_up_is_told() {
    let input = || RunOptions::default().input((0..5).collect::<Value>());
    for cancelled in [true, false] {
        let (options, events) = watched(input());
        let options = if cancelled { options } else { options.timeout(Duration::from_millis(50)) };
        let run = alone().start(&endless(), options).unwrap();
        let mut reader = events.recv().unwrap();
        let mut seen = Vec::new();
        while seen.iter().filter(|event| matches!(event, RunEvent::NodeStarted { .. })).count() < 7 {
            seen.push(timeout(SOON, reader.next()).await.unwrap().unwrap());
        }
        if cancelled {
            run.cancel("enough").await;
        }
        seen.extend(rest(reader).await);
        let lines = checked(&seen);
        assert_eq!(
            lines.iter().filter(|line| line.ends_with(" Cancelled") && line.contains("/step")).count(),
            5
        );
        let end = if cancelled { "run.finished Cancelled" } else { "run.finished Failed" };
        assert_eq!(lines[lines.len() - 2..], ["node.finished each Cancelled", end]);
    }
}

#[tokio::test]
async fn a_clock_of_a_node_and_a_failed_item_end_what_ran_below() {
    let limit = Duration::from_millis(30);
    let map = Map::over("{{input}}", body([Node::transform("step")], &[]));
    let work = async |input: Value| match input["index"].as_u64() {
        Some(1) if input["item"] == "fail" => Err(Error::new(ErrorCode::Tool, "broken")),
        _ => std::future::pending().await,
    };
    for items in [json!(["fail", "fail", "fail"]), json!(["wait", "wait", "wait"])] {
        let node = Node::new("each", map.clone()).with_timeout(limit);
        let workflow = Arc::new(graph([node], &[]).function("each/step", work).unwrap());
        let (options, events) = watched(RunOptions::default().input(items));
        assert!(!alone().execute(&workflow, options).await.unwrap().is_success());
        let lines = checked(&rest(events.recv().unwrap()).await);
        assert_eq!(lines[lines.len() - 2..], ["node.finished each Failed", "run.finished Failed"]);
    }
}

#[tokio::test]
async fn panics_end_what_they_began() {
    let panics = async |_: Value| -> Result<Value, Error> { panic!("a function") };
    let map = Map::over("{{input}}", body([Node::transform("step")], &[]));
    let nodes = [Node::new("each", map), Node::transform("top")];
    let workflow = graph(nodes, &[]).function("each/step", panics);
    let workflow = Arc::new(workflow.and_then(|workflow| workflow.function("top", panics)).unwrap());
    let (options, events) = watched(RunOptions::default().input(json!([1])));
    assert!(!alone().execute(&workflow, options).await.unwrap().is_success());
    checked(&rest(events.recv().unwrap()).await);

    struct Panics;
    impl graphbit_executor::Host for Panics {
        fn visit(&self, _: graphbit_executor::Visit) {
            panic!("the driver");
        }
    }
    let nodes = [Node::agent("slow", "x"), Node::transform("hosted")];
    let model = Told::new(|_| std::future::pending());
    let (options, events) = watched(RunOptions::default().host(Arc::new(Panics)));
    let error = model.executor().execute(&Arc::new(graph(nodes, &[])), options).await.err().unwrap();
    assert_eq!((error.code(), error.message()), (ErrorCode::Internal, "a panic: the driver"));
    let lines = checked(&rest(events.recv().unwrap()).await);
    let expected =
        ["run.started", "node.started slow", "node.finished slow Cancelled", "run.finished Failed"];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn deltas_come_in_order_between_the_beginning_and_the_end_of_their_node() {
    let text = "one two three four five six seven eight";
    let script =
        Script::default().otherwise(Reply::text(text).pieces(8).piece_delay(Duration::from_millis(2)));
    let server = Server::start(script).await.unwrap();
    let workflow = Arc::new(graph([Node::agent("a", "x"), Node::agent("b", "{{a}}")], &[("a", "b")]));
    let (options, events) = watched(RunOptions::default());
    let result = executor(&server).execute(&workflow, options).await.unwrap();
    let events = rest(events.recv().unwrap()).await;
    checked(&events);
    for id in ["a", "b"] {
        let deltas: Vec<&str> = events
            .iter()
            .filter_map(|event| match event {
                RunEvent::NodeDelta { node, kind: DeltaKind::Text, text } if &**node == id => Some(&**text),
                _ => None,
            })
            .collect();
        assert!(deltas.len() > 1);
        assert_eq!(deltas.concat(), text);
        assert_eq!(result.output(id).unwrap().as_str(), Some(text));
    }
    let usage = |event: &RunEvent| matches!(event, RunEvent::NodeFinished { usage: Some(usage), .. } if usage.output.is_some());
    assert_eq!(events.iter().filter(|event| usage(event)).count(), 2);
}

#[tokio::test]
async fn a_reader_that_lags_is_told_how_many_it_missed_and_still_sees_the_end() {
    let workflow = graph([Node::new("each", Map::over("{{input}}", body([Node::transform("t")], &[])))], &[]);
    let workflow = Arc::new(workflow.function("each/t", same).unwrap());
    let items = 3_000;
    let (options, events) = watched(RunOptions::default().input((0..items).collect::<Value>()));
    alone().execute(&workflow, options).await.unwrap();
    let events = rest(events.recv().unwrap()).await;
    let RunEvent::Lagged { missed } = events[0] else { panic!("{:?}", events[0]) };
    assert_eq!(missed as usize + events.len() - 1, 2 * items + 4);
    assert!(events.len() <= Events::MOST + 1);
    assert!(matches!(events.last(), Some(RunEvent::RunFinished { end: End::Succeeded, .. })));
}

#[tokio::test]
async fn the_program_sends_its_own_and_a_reader_that_comes_after_the_end_does_not_wait() {
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    let told = std::sync::Mutex::new(Some(told));
    let waits = move |input| {
        let told = told.lock().unwrap().take().unwrap();
        async move {
            told.await.unwrap();
            Ok::<_, Error>(input)
        }
    };
    let workflow = Arc::new(graph([Node::transform("t")], &[]).function("t", waits).unwrap());
    let (options, events) = watched(RunOptions::default());
    let run = alone().start(&workflow, options).unwrap();
    let control = run.control();
    control.emit("t", "progress", json!({ "done": 1 }));
    tell.send(()).unwrap();
    run.result().await.unwrap();
    control.emit("t", "progress", "too late");
    let lines = checked(&rest(events.recv().unwrap()).await);
    assert_eq!(lines.iter().filter(|line| *line == r#"t says progress {"done":1}"#).count(), 1);
    assert_eq!(lines.len(), 5);
    assert!(control.events().next().now_or_never().unwrap().is_none());
}

#[tokio::test]
async fn a_pause_and_an_abandoned_reader_are_no_trouble() {
    let nodes = [Node::new("ask", graphbit_core::Pause::new("go on?")), Node::new("end", Join::default())];
    let workflow = Arc::new(graph(nodes, &[("ask", "end")]));
    let (options, events) = watched(RunOptions::default());
    let run = alone().start(&workflow, options).unwrap();
    let control = run.control();
    drop(control.events());
    let mut reader = events.recv().unwrap();
    let mut seen = Vec::new();
    loop {
        let event = timeout(SOON, reader.next()).await.unwrap().unwrap();
        seen.push(event);
        if let Some(RunEvent::NodePaused { node, .. }) = seen.last() {
            control.answer(node, "yes").unwrap(); // a question can be answered as soon as it is told
            break;
        }
    }
    run.result().await.unwrap();
    seen.extend(rest(reader).await);
    assert_eq!(checked(&seen)[1..3], ["node.started ask", r#"node.paused ask "go on?""#]);
}

#[tokio::test]
async fn a_busy_run_on_many_threads_and_a_host_keeps_its_events_whole() {
    let odd = Predicate::whole(Operator::In(vec![json!(1), json!(3), json!(5)]));
    let mut inner = body(["a", "b", "c", "d"].map(Node::transform), &[("b", "d"), ("c", "d")]);
    inner.connect_when("a", "b", When::Matches(odd)).unwrap();
    inner.connect_when("a", "c", When::Otherwise).unwrap();
    let map = Map::over("{{input}}", inner).with_on_error(ItemError::Collect);
    let plan = graph([Node::new("each", map)], &[]);
    let workflow = plan.function("each/a", async |input: Value| Ok::<_, Error>(input["item"].clone()));
    let workflow = Arc::new(workflow.unwrap());
    let host = Thread::calling(|input| match input.as_u64() {
        Some(4) => Err(Error::new(ErrorCode::Tool, "four")),
        _ => Ok(input.clone()),
    });
    let executor = Executor::without_model(Profile::high_throughput());
    let (options, events) = watched(RunOptions::default().input((0..200).collect::<Value>()).host(host));
    let result = executor.execute(&workflow, options).await.unwrap();
    assert_eq!(result.node("each").unwrap().status, NodeStatus::Succeeded);
    let lines = checked(&rest(events.recv().unwrap()).await);
    let count = |end: &str| lines.iter().filter(|line| line.ends_with(end)).count();
    assert_eq!(count("/d Succeeded"), 199);
    assert_eq!((count("/c Failed"), count("/d Skipped"), count("NotTaken")), (1, 1, 200));
}
