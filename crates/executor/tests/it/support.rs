//! What the tests share: short ways to graphs and configurations, a model and a host made by hand.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use graphbit_core::{Error, Graph, Node, Result};
use graphbit_executor::{BoxError, Events, Executor, Host, HostedCall, Profile, RunOptions, Visit, Workflow};
use graphbit_llm::{Config, Event, EventStream, FinishReason, Model, ModelInfo, PartKind, Request, Usage};
use graphbit_testkit::Server;
use serde_json::Value;

/// As long as a loaded machine may need for what takes no time.
pub(crate) const SOON: Duration = Duration::from_secs(10);

pub(crate) fn graph(nodes: impl IntoIterator<Item = Node>, edges: &[(&str, &str)]) -> Workflow {
    Workflow::new(body(nodes, edges).compile().unwrap())
}

pub(crate) fn body(nodes: impl IntoIterator<Item = Node>, edges: &[(&str, &str)]) -> Graph {
    let mut graph = Graph::new("test");
    for node in nodes {
        graph.add(node).unwrap();
    }
    for (from, to) in edges {
        graph.connect(from, to).unwrap();
    }
    graph
}

/// An executor that asks no model.
pub(crate) fn alone() -> Executor {
    Executor::without_model(Profile::low_latency())
}

/// Gives what it gets.
pub(crate) async fn same(value: Value) -> Result<Value> {
    Ok(value)
}

/// Options that hand over the reader of all events of the next run.
pub(crate) fn watched(options: RunOptions) -> (RunOptions, Receiver<Events>) {
    let (give, take) = channel();
    (options.watch(move |events| give.send(events).unwrap()), take)
}

pub(crate) fn config(server: &Server) -> Config {
    Config::new("openai").unwrap().model("m").base_url(server.base_url())
}

pub(crate) fn executor(server: &Server) -> Executor {
    Executor::new(config(server), Profile::low_latency())
}

/// Waits until something holds, and fails when it never does.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < SOON, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// The user messages that a server was sent, in the order of arrival.
pub(crate) fn prompts(server: &Server) -> Vec<String> {
    let content = |body: &Value| body["messages"].as_array()?.last()?["content"].as_str().map(str::to_owned);
    server.journal().iter().filter_map(|exchange| content(&exchange.body)).collect()
}

type Answer = Box<dyn Fn(String) -> BoxFuture<'static, Result<String>> + Send + Sync>;

/// A model that answers a prompt with the text of a function.
pub(crate) struct Told {
    info: ModelInfo,
    answer: Answer,
    pub(crate) asked: AtomicU32,
}

impl Told {
    pub(crate) fn new<F>(answer: impl Fn(String) -> F + Send + Sync + 'static) -> Arc<Self>
    where
        F: Future<Output = Result<String>> + Send + 'static,
    {
        let info = ModelInfo { provider: "told".into(), model: "m".into() };
        Arc::new(Self {
            info,
            answer: Box::new(move |prompt| answer(prompt).boxed()),
            asked: AtomicU32::new(0),
        })
    }

    pub(crate) fn executor(self: &Arc<Self>) -> Executor {
        Executor::new(Arc::clone(self) as Arc<dyn Model>, Profile::low_latency())
    }
}

#[async_trait]
impl Model for Told {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    async fn stream(&self, request: Request) -> Result<EventStream> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let prompt = request.messages.last().map(|message| message.texts().collect()).unwrap_or_default();
        let text = (self.answer)(prompt).await?;
        Ok(stream::iter(reply(&text)).map(Ok).boxed())
    }
}

/// The events of a reply that is one text, for three tokens read and two written.
pub(crate) fn reply(text: &str) -> Vec<Event> {
    vec![
        Event::Started { id: None, model: None },
        Event::PartStarted { part: 0, kind: PartKind::Text },
        Event::Delta { part: 0, text: text.to_owned() },
        Event::PartFinished { part: 0 },
        Event::Usage(Usage::new(Some(3), Some(2))),
        Event::Finished { reason: FinishReason::Stop, raw: "stop".into() },
    ]
}

/// A host with a thread of its own, which calls one function for all nodes.
pub(crate) struct Thread {
    visits: Mutex<Sender<Visit>>,
    pub(crate) counted: Arc<AtomicU32>,
}

impl Thread {
    pub(crate) fn new(mut step: impl FnMut(&mut Visit, HostedCall) + Send + 'static) -> Arc<Self> {
        let (visits, arriving) = channel::<Visit>();
        let counted = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&counted);
        std::thread::spawn(move || {
            for mut visit in arriving {
                count.fetch_add(1, Ordering::Relaxed);
                while let Some(call) = visit.next_call() {
                    step(&mut visit, call);
                }
            }
        });
        Arc::new(Self { visits: Mutex::new(visits), counted })
    }

    /// Calls a function and settles with what it gives.
    pub(crate) fn calling(function: impl Fn(&Value) -> Result<Value> + Send + 'static) -> Arc<Self> {
        Self::new(move |visit, call| visit.settle(&call, function(&call.input)))
    }

    pub(crate) fn visits(&self) -> u32 {
        self.counted.load(Ordering::Relaxed)
    }
}

impl Host for Thread {
    fn visit(&self, visit: Visit) {
        let _ = self.visits.lock().unwrap().send(visit);
    }
}

/// Adds one to a number.
pub(crate) async fn add_one(value: Value) -> Result<Value, BoxError> {
    plus_one(&value).map_err(Into::into)
}

pub(crate) fn plus_one(value: &Value) -> Result<Value> {
    value.as_u64().map(|number| (number + 1).into()).ok_or_else(|| Error::invalid_input("not a number"))
}
