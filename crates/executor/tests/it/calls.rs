//! Calls without a graph.

use std::time::Duration;

use graphbit_core::ErrorCode;
use graphbit_executor::{BatchOptions, Caller, Profile};
use graphbit_llm::{Config, Model, Request};
use graphbit_testkit::{Reply, Script, Server};

use crate::support::{Told, config, until};

fn caller(server: &Server) -> Caller {
    Caller::new(config(server).max_retries(0), Profile::low_latency())
}

#[tokio::test]
async fn a_call_is_answered_and_counted() {
    let script = Script::default()
        .when_contains("bad", Reply::status(400))
        .otherwise(Reply::echo().usage(7, 3).latency(Duration::from_millis(10)));
    let server = Server::start(script).await.unwrap();
    let caller = caller(&server);
    assert_eq!(caller.complete(Request::prompt("hello")).await.unwrap().text, "echo: hello");
    let error = caller.clone().complete(Request::prompt("bad")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Rejected);
    let stats = caller.stats();
    assert_eq!((stats.total_requests, stats.successful_requests, stats.failed_requests), (2, 1, 1));
    assert_eq!(stats.total_tokens, 10);
    assert!(stats.average_response_time_ms >= 5.0, "{stats:?}");
    caller.reset_stats();
    assert_eq!(caller.stats(), graphbit_executor::CallStats::default());
}

#[tokio::test]
async fn dropping_a_call_closes_its_connection() {
    let server = Server::start(Script::default().otherwise(Reply::echo().never())).await.unwrap();
    let caller = caller(&server);
    let call = tokio::spawn({
        let caller = caller.clone();
        async move { caller.complete(Request::prompt("hello")).await }
    });
    until("the request arrives", || server.stats().in_flight == 1).await;
    call.abort();
    until("the connection closes", || server.stats().closed_early == 1).await;
    until("the call is counted", || caller.stats().failed_requests == 1).await;
}

#[tokio::test]
async fn a_missing_key_is_an_error_of_the_call() {
    let caller = Caller::new(Config::new("openai").unwrap(), Profile::low_latency());
    assert_eq!(caller.complete(Request::prompt("p")).await.unwrap_err().code(), ErrorCode::Config);
    assert_eq!(caller.stream(Request::prompt("p")).await.unwrap_err().code(), ErrorCode::Config);
    let results = caller.batch(vec![Request::prompt("p")], BatchOptions::default()).await;
    assert_eq!(results.unwrap()[0].as_ref().unwrap_err().code(), ErrorCode::Config);
}

#[tokio::test]
async fn a_panicking_model_is_an_error_and_the_next_call_works() {
    let model = Told::new(|prompt| async move {
        assert_ne!(prompt, "panic", "as asked");
        Ok(prompt)
    });
    let caller = Caller::new(model as std::sync::Arc<dyn Model>, Profile::low_latency());
    let error = caller.complete(Request::prompt("panic")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Internal);
    assert!(error.message().contains("as asked"), "{error}");
    assert_eq!(caller.complete(Request::prompt("hello")).await.unwrap().text, "hello");
    assert_eq!(caller.stats().failed_requests, 1);
}

#[test]
fn calls_work_without_a_runtime_of_the_callers() {
    let server = Server::builder(Script::default()).start_in_thread().unwrap();
    let caller = caller(&server);
    futures_executor(async {
        assert_eq!(caller.complete(Request::prompt("a")).await.unwrap().text, "echo: a");
        let mut pull = caller.stream(Request::prompt("b c d")).await.unwrap();
        while pull.next().await.unwrap().is_some() {}
    });
    assert_eq!(caller.stats().successful_requests, 2);
}

/// Any executor that is not tokio.
fn futures_executor<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(output) => return output,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}
