//! Functions that are called on a thread of their own.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use graphbit_core::{Error, ErrorCode, Node};
use graphbit_executor::{Executor, Host, NodeStatus, Profile, RunOptions, Visit, Workflow};
use serde_json::{Value, json};

use crate::support::{SOON, Thread, Told, add_one, graph, plus_one, until};

fn chain(length: usize) -> Workflow {
    let ids: Vec<String> = (0..length).map(|index| format!("t{index}")).collect();
    let edges: Vec<_> = ids.windows(2).map(|pair| (pair[0].as_str(), pair[1].as_str())).collect();
    graph(ids.iter().map(Node::transform), &edges)
}

fn transforms() -> Executor {
    Executor::without_model(Profile::low_latency())
}

#[tokio::test]
async fn a_chain_of_a_thousand_takes_one_visit_on_one_thread() {
    let threads = Arc::new(Mutex::new(Vec::<ThreadId>::new()));
    let seen = Arc::clone(&threads);
    let host = Thread::calling(move |value| {
        let mut seen = seen.lock().unwrap();
        let here = std::thread::current().id();
        if !seen.contains(&here) {
            seen.push(here);
        }
        plus_one(value)
    });
    let workflow = Arc::new(chain(1_000));
    let began = Instant::now();
    let options = RunOptions::default().input(0).host(host.clone());
    let result = transforms().execute(&workflow, options).await.unwrap();
    println!("1,000 hosted transforms in {:?}, {} visit", began.elapsed(), host.visits());
    assert_eq!(result.final_output().unwrap().as_u64(), Some(1_000));
    assert_eq!(host.visits(), 1);
    assert_eq!(threads.lock().unwrap().len(), 1);
    assert_eq!(result.stats().max_concurrent_nodes, 1);
}

#[tokio::test]
async fn agents_and_hosted_functions_alternate() {
    let nodes = [
        Node::transform("t0"),
        Node::agent("a0", "{{t0}}"),
        Node::transform("t1"),
        Node::agent("a1", "{{t1}}"),
        Node::transform("t2"),
    ];
    let workflow = graph(nodes, &[("t0", "a0"), ("a0", "t1"), ("t1", "a1"), ("a1", "t2")]);
    let host = Thread::calling(|value| Ok(json!(format!("({})", value.as_str().unwrap()))));
    let model = Told::new(|prompt| async move { Ok(format!("[{prompt}]")) });
    let options = RunOptions::default().input("x").host(host.clone());
    let result = model.executor().execute(&Arc::new(workflow), options).await.unwrap();
    assert_eq!(result.final_output().unwrap().as_str(), Some("([([(x)])])"));
    assert!(
        host.visits() <= 3,
        "{}: one each, or fewer where the agent answers before the visit is over",
        host.visits()
    );
}

#[tokio::test]
async fn an_agent_starts_while_the_visit_that_made_it_ready_goes_on() {
    let nodes = [Node::transform("t0"), Node::agent("a", "{{t0}}"), Node::transform("t1")];
    let workflow = graph(nodes, &[("t0", "a"), ("t0", "t1")]);
    let asked = Arc::new(AtomicBool::new(false));
    let (ask, wait) = (Arc::clone(&asked), Arc::clone(&asked));
    let calls = AtomicU32::new(0);
    let host = Thread::calling(move |_| {
        if calls.fetch_add(1, Ordering::Relaxed) == 1 {
            let began = Instant::now();
            while !wait.load(Ordering::Relaxed) {
                assert!(began.elapsed() < SOON, "the agent waits for the visit to end");
                std::thread::yield_now();
            }
        }
        Ok(json!("v"))
    });
    let model = Told::new(move |prompt| {
        ask.store(true, Ordering::Relaxed);
        async { Ok(prompt) }
    });
    let result =
        model.executor().execute(&Arc::new(workflow), RunOptions::default().host(host)).await.unwrap();
    assert!(result.is_success(), "{:?}", result.error());
}

#[tokio::test]
async fn a_bound_function_is_called_by_us_and_the_rest_by_the_host() {
    let workflow = chain(3).function("t1", add_one).unwrap();
    let host = Thread::calling(|value| Ok(json!(value.as_u64().unwrap() * 10)));
    let options = RunOptions::default().input(1).host(host.clone());
    let result = transforms().execute(&Arc::new(workflow), options).await.unwrap();
    assert_eq!(result.final_output().unwrap().as_u64(), Some(110));
    assert!(host.visits() <= 2);
}

#[tokio::test]
async fn an_error_of_a_hosted_function_fails_its_node() {
    let host = Thread::calling(|_| Err(Error::new(ErrorCode::Tool, "thrown")));
    let result = transforms().execute(&Arc::new(chain(2)), RunOptions::default().host(host)).await.unwrap();
    assert_eq!(result.error().unwrap().to_string(), "TOOL: thrown (node t0)");
    assert_eq!(result.node("t1").unwrap().status, NodeStatus::Skipped);
}

#[tokio::test]
async fn promises_settle_from_any_thread_in_any_order() {
    let mut waiting = Vec::new();
    let host = Thread::new(move |visit, call| {
        waiting.push(visit.promise(&call));
        if waiting.len() == 50 {
            for promised in waiting.drain(..).rev() {
                std::thread::spawn(move || promised.settle(Ok(json!(1))));
            }
        }
    });
    let workflow = Arc::new(graph((0..50).map(|index| Node::transform(format!("t{index}"))), &[]));
    let result = transforms().execute(&workflow, RunOptions::default().host(host.clone())).await.unwrap();
    assert!(result.is_success());
    assert_eq!(host.visits(), 1);
    assert_eq!(result.stats().max_concurrent_nodes, 50);
}

#[tokio::test]
async fn a_limit_holds_for_hosted_functions_too() {
    let under_way = Arc::new(AtomicU32::new(0));
    let most = Arc::new(AtomicU32::new(0));
    let (now, peak) = (Arc::clone(&under_way), Arc::clone(&most));
    let host = Thread::new(move |visit, call| {
        peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let (promised, now) = (visit.promise(&call), Arc::clone(&now));
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(2));
            now.fetch_sub(1, Ordering::SeqCst);
            promised.settle(Ok(json!(1)));
        });
    });
    let workflow = Arc::new(graph((0..30).map(|index| Node::transform(format!("t{index}"))), &[]));
    let options = RunOptions::default().host(host).max_parallel(3.try_into().unwrap());
    let result = transforms().execute(&workflow, options).await.unwrap();
    assert!(result.is_success());
    assert_eq!((most.load(Ordering::SeqCst), result.stats().max_concurrent_nodes), (3, 3));
}

#[tokio::test]
async fn a_visit_may_end_early_and_is_followed_by_another() {
    struct OneEach(Mutex<std::sync::mpsc::Sender<Visit>>);
    impl Host for OneEach {
        fn visit(&self, visit: Visit) {
            let _ = self.0.lock().unwrap().send(visit);
        }
    }
    let (visits, arriving) = channel::<Visit>();
    let counting = std::thread::spawn(move || {
        let mut visits = 0;
        for mut visit in arriving {
            visits += 1;
            if let Some(call) = visit.next_call() {
                visit.settle(&call, plus_one(&call.input));
            }
        }
        visits
    });
    let options = RunOptions::default().input(0).host(Arc::new(OneEach(Mutex::new(visits))));
    let result = transforms().execute(&Arc::new(chain(100)), options).await.unwrap();
    assert_eq!(result.final_output().unwrap().as_u64(), Some(100));
    let visits = counting.join().unwrap(); // ends as the run has let go of its host
    assert!((100..=101).contains(&visits), "{visits}");
}

#[tokio::test]
async fn a_cancelled_run_does_not_wait_for_promises_nor_hear_of_them() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&kept);
    let host = Thread::new(move |visit, call| keep.lock().unwrap().push(visit.promise(&call)));
    let run = transforms().start(&Arc::new(chain(2)), RunOptions::default().host(host)).unwrap();
    until("the function has promised", || kept.lock().unwrap().len() == 1).await;
    let began = Instant::now();
    let receipt = run.cancel("enough").await;
    assert!(began.elapsed() < Duration::from_millis(100), "{:?}", began.elapsed());
    assert_eq!((receipt.dropped, receipt.never_started), (vec!["t0".to_owned()], vec!["t1".to_owned()]));
    assert_eq!(run.result().await.err().unwrap().code(), ErrorCode::Cancelled);
    let promised = kept.lock().unwrap().pop().unwrap();
    assert!(promised.is_cancelled());
    promised.settle(Ok(Value::Null));
}

#[tokio::test]
async fn a_visit_hears_that_the_run_was_cancelled() {
    let (tell, told) = channel();
    let (go, gone) = channel::<()>();
    let host = Thread::new(move |visit, call| {
        let _ = tell.send(visit.is_cancelled());
        let _ = gone.recv();
        let _ = tell.send(visit.is_cancelled());
        visit.settle(&call, Ok(Value::Null));
        let _ = tell.send(visit.next_call().is_some());
    });
    let run = transforms().start(&Arc::new(chain(2)), RunOptions::default().host(host)).unwrap();
    let hear = || told.recv_timeout(SOON).unwrap();
    assert!(!hear());
    run.cancel("enough").await;
    go.send(()).unwrap();
    assert!(hear(), "it is cancelled");
    assert!(!hear(), "and has no more calls");
}

#[tokio::test]
async fn a_cancelled_run_lets_go_of_its_host() {
    let host = Thread::new(|visit, call| std::mem::forget(visit.promise(&call)));
    let weak = Arc::downgrade(&host);
    let run = transforms().start(&Arc::new(chain(1)), RunOptions::default().host(host)).unwrap();
    run.cancel("enough").await;
    until("the host is free", || weak.strong_count() == 0).await;
    assert!(run.result().await.is_err());
}
