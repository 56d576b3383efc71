//! A streamed reply, pulled: each call crosses into native code once and brings back all that has arrived.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use graphbit_core::{Error, Result};
use graphbit_executor::{Caller, Pull, Pulled};
use graphbit_llm::{Event, FinishReason, PartKind, Request, Usage};
use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use serde_json::{Value as Json, json};
use tokio::task::AbortHandle;

use crate::event_loop::{EventLoop, Stop};
use crate::js::{Scope, Value};
use crate::promise::{IntoJs, Settler, arm, promise};

/// A reply under way.
#[napi]
pub struct NativeStream {
    shared: Arc<Shared>,
    /// The number by which the environment knows it, once it is begun.
    begun: Option<u32>,
}

pub(crate) struct Shared {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    place: Place,
    kinds: Vec<PartKind>,
    ending: Ending,
}

#[derive(Default)]
enum Place {
    Unopened(Box<Caller>, Box<Request>),
    Open(Box<Pull>),
    /// A pull is under way; the handle drops it.
    Pulling(Option<AbortHandle>),
    #[default]
    Closed,
}

/// What is known when the reply has ended.
#[derive(Clone, Debug, Default)]
struct Ending {
    id: Option<String>,
    model: Option<String>,
    usage: Option<Usage>,
    finish: Option<(FinishReason, Cow<'static, str>)>,
}

/// What one pull brings: texts, or events as one JSON array; nothing at the end.
pub(crate) enum Brought {
    Texts(Vec<String>),
    Events(String),
    End,
}

impl IntoJs for Brought {
    fn into_js(self, scope: Scope) -> napi::Result<Value> {
        match self {
            Self::Texts(texts) => scope.strings(&texts),
            Self::Events(events) => scope.string(&events),
            Self::End => scope.null(),
        }
    }
}

#[napi]
impl NativeStream {
    /// What has arrived since the last pull, waiting for at least one piece; `null` at the end. With `events`, a JSON array.
    #[napi(catch_unwind)]
    pub fn next<'env>(&mut self, env: &'env Env, events: bool) -> napi::Result<Unknown<'env>> {
        let (promise, settler) = promise::<Brought>(env)?;
        let number = settler.number();
        if self.begun.is_none() {
            let current = EventLoop::current(Scope(env.raw()))?;
            self.begun = Some(current.begin_stream(Arc::downgrade(&self.shared)));
        }
        let taken = std::mem::replace(&mut self.shared.lock().place, Place::Pulling(None));
        let shared = Arc::clone(&self.shared);
        let task = match taken {
            Place::Unopened(caller, request) => match caller.line() {
                Ok(line) => line.spawn(move |line| async move {
                    let outcome = match line.stream(request).await {
                        Ok(pull) => shared.pull(pull, events).await,
                        Err(error) => Err(error),
                    };
                    shared.settle(outcome, settler);
                }),
                Err(error) => {
                    shared.settle(Err(error), settler);
                    return Ok(promise);
                }
            },
            Place::Open(pull) => {
                let lease = pull.lease().clone();
                let work = async move {
                    let outcome = shared.pull(*pull, events).await;
                    shared.settle(outcome, settler);
                };
                lease.spawn(work).abort_handle()
            }
            before @ Place::Pulling(_) => {
                shared.lock().place = before;
                settler.settle(Err(Error::invalid_input(
                    "the stream is being read already: wait for the last pull",
                )));
                return Ok(promise);
            }
            Place::Closed => {
                shared.settle(Ok(Brought::End), settler);
                return Ok(promise);
            }
        };
        if let Place::Pulling(handle) = &mut self.shared.lock().place {
            *handle = Some(task.clone());
        }
        arm(env, number, Stop::Task(task))?;
        Ok(promise)
    }

    /// Closes the connection. A pull under way rejects with `CANCELLED`.
    #[napi(catch_unwind)]
    pub fn close(&mut self, env: &Env) -> napi::Result<()> {
        self.shared.close();
        if let Some(number) = self.begun.take() {
            EventLoop::current(Scope(env.raw()))?.end_stream(number);
        }
        Ok(())
    }

    /// What is known of the reply so far, as JSON: `id`, `model`, `usage`, `finishReason`, `finishRaw`.
    #[napi(catch_unwind)]
    pub fn summary(&self) -> String {
        let ending = self.shared.lock().ending.clone();
        json!({
            "id": ending.id,
            "model": ending.model,
            "usage": ending.usage,
            "finishReason": ending.finish.as_ref().map(|(reason, _)| reason.as_str()),
            "finishRaw": ending.finish.as_ref().map(|(_, raw)| raw),
        })
        .to_string()
    }
}

impl NativeStream {
    pub(crate) fn new(caller: Caller, request: Box<Request>) -> Self {
        let place = Place::Unopened(Box::new(caller), request);
        let state = Mutex::new(State { place, ..State::default() });
        Self { shared: Arc::new(Shared { state }), begun: None }
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it waits for its next pull, with its connection open.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.lock().place, Place::Open(_))
    }

    pub(crate) fn close(&self) {
        let place = std::mem::take(&mut self.lock().place);
        if let Place::Pulling(Some(task)) = place {
            task.abort();
        }
    }

    /// Pulls until there is something to bring, and puts the stream back for the next pull.
    async fn pull(&self, mut pull: Pull, events: bool) -> Result<Brought> {
        loop {
            let Some(pulled) = pull.next().await? else {
                return Ok(Brought::End);
            };
            let mut state = self.lock();
            let brought = state.convert(pulled, events);
            if let Some(brought) = brought {
                if matches!(state.place, Place::Pulling(_)) {
                    state.place = Place::Open(Box::new(pull));
                }
                return Ok(brought);
            }
        }
    }

    /// The state must be final before JavaScript hears of it: its next pull may come at once.
    fn settle(&self, outcome: Result<Brought>, settler: Settler<Brought>) {
        if !matches!(outcome, Ok(Brought::Texts(_) | Brought::Events(_))) {
            self.lock().place = Place::Closed;
        }
        settler.settle(outcome);
    }
}

impl State {
    /// Notes what the reply says of itself; `None` when nothing of it is for the reader.
    fn convert(&mut self, pulled: Pulled, events: bool) -> Option<Brought> {
        let (mut texts, mut list) = (Vec::new(), Vec::new());
        for event in pulled.events {
            if events {
                list.push(describe(&event));
            }
            match event {
                Event::Started { id, model } => (self.ending.id, self.ending.model) = (id, model),
                Event::PartStarted { kind, .. } => self.kinds.push(kind),
                Event::Delta { part, text } if self.kinds.get(part as usize) == Some(&PartKind::Text) => {
                    texts.push(text);
                }
                Event::Usage(usage) => self.ending.usage = Some(usage),
                Event::Finished { reason, raw } => self.ending.finish = Some((reason, raw)),
                _ => {}
            }
        }
        match events {
            true => Some(Brought::Events(Json::Array(list).to_string())),
            false => (!texts.is_empty()).then_some(Brought::Texts(texts)),
        }
    }
}

fn describe(event: &Event) -> Json {
    match event {
        Event::Started { id, model } => json!({ "type": "started", "id": id, "model": model }),
        Event::PartStarted { part, kind } => match kind {
            PartKind::ToolCall { id, name, provider_executed: false } => {
                json!({ "type": "part.started", "part": part, "kind": "tool_call", "id": id, "name": name })
            }
            PartKind::ToolCall { id, name, .. } => {
                json!({ "type": "part.started", "part": part, "kind": "tool_call", "id": id, "name": name, "providerExecuted": true })
            }
            PartKind::Reasoning => json!({ "type": "part.started", "part": part, "kind": "reasoning" }),
            PartKind::Refusal => json!({ "type": "part.started", "part": part, "kind": "refusal" }),
            _ => json!({ "type": "part.started", "part": part, "kind": "text" }),
        },
        Event::Delta { part, text } => json!({ "type": "delta", "part": part, "text": text }),
        Event::Signature { part, signature } => {
            json!({ "type": "signature", "part": part, "signature": signature })
        }
        Event::Logprobs(tokens) => json!({ "type": "logprobs", "tokens": tokens }),
        Event::PartFinished { part } => json!({ "type": "part.finished", "part": part }),
        Event::Usage(usage) => json!({ "type": "usage", "usage": usage }),
        Event::Finished { reason, raw } => json!({ "type": "finished", "reason": reason, "raw": raw }),
        Event::Unknown(frame) => json!({ "type": "unknown", "frame": frame }),
        _ => json!({ "type": "unknown" }),
    }
}
