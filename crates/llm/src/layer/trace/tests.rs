use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Mutex;

use futures_util::{FutureExt, StreamExt};
use graphbit_core::{Error, ErrorCode};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

use super::*;
use crate::complete;
use crate::layer::scripted::{answer, broken, model, named};

/// Keeps what spans say.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    spans: Vec<Kept1>,
    entered: Vec<u64>,
}

#[derive(Clone, Default)]
struct Kept1 {
    name: &'static str,
    parent: Option<u64>,
    fields: BTreeMap<&'static str, String>,
    /// How many handles there are.
    handles: u32,
}

impl Visit for Kept1 {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

impl Spans {
    fn with<T>(&self, id: &Id, change: impl FnOnce(&mut Kept1) -> T) -> T {
        change(&mut self.0.lock().unwrap().spans[id.into_u64() as usize - 1])
    }

    fn get(&self, index: usize) -> Kept1 {
        self.0.lock().unwrap().spans[index].clone()
    }
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("graphbit_llm::layer::trace")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut kept = self.0.lock().unwrap();
        let parent = kept.entered.last().copied();
        let mut span = Kept1 { name: attributes.metadata().name(), parent, handles: 1, ..Kept1::default() };
        attributes.record(&mut span);
        kept.spans.push(span);
        Id::from_u64(kept.spans.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        self.with(id, |span| values.record(span));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &tracing::Event<'_>) {}

    fn enter(&self, id: &Id) {
        self.0.lock().unwrap().entered.push(id.into_u64());
    }

    fn exit(&self, _: &Id) {
        self.0.lock().unwrap().entered.pop();
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.with(id, |span| span.handles += 1);
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        self.with(&id, |span| {
            span.handles -= 1;
            span.handles == 0
        })
    }
}

/// What a call's spans say; the call must not wait.
fn spans<T>(call: impl Future<Output = T>) -> (Spans, T) {
    let spans = Spans::default();
    let result = tracing::subscriber::with_default(spans.clone(), || call.now_or_never().unwrap());
    (spans, result)
}

fn request() -> Request {
    let mut request = Request::prompt("a secret question");
    (request.settings.max_tokens, request.settings.temperature) = (Some(9), Some(0.5));
    request.settings.stop = vec!["END".into()];
    request
}

#[test]
fn a_call_is_a_span_with_the_conventions_names_and_without_its_content() {
    let (model, _) = model(vec![Ok(answer("a secret answer"))]);
    let model = Trace::new(model).server("unit.test", 8443);
    let (spans, reply) = spans(complete(&model, request()));
    reply.unwrap();
    let span = spans.get(0);
    assert_eq!((span.name, span.handles), ("chat", 0), "closed");
    let wanted = [
        ("error.type", None),
        ("gen_ai.input.messages", None),
        ("gen_ai.operation.name", Some("chat")),
        ("gen_ai.output.messages", None),
        ("gen_ai.provider.name", Some("test")),
        ("gen_ai.request.max_tokens", Some("9")),
        ("gen_ai.request.model", Some("unit")),
        ("gen_ai.request.stop_sequences", Some("[\"END\"]")),
        ("gen_ai.request.temperature", Some("0.5")),
        ("gen_ai.request.top_p", None),
        ("gen_ai.response.finish_reasons", Some("[\"stop\"]")),
        ("gen_ai.response.id", Some("r1")),
        ("gen_ai.response.model", Some("unit-1")),
        ("gen_ai.usage.input_tokens", Some("20")),
        ("gen_ai.usage.output_tokens", Some("10")),
        ("otel.name", Some("chat unit")),
        ("server.address", Some("unit.test")),
        ("server.port", Some("8443")),
    ];
    for (name, value) in wanted {
        assert_eq!(span.fields.get(name).map(String::as_str), value, "{name}");
    }
    assert!(!span.fields.values().any(|value| value.contains("secret")), "{:?}", span.fields);
}

#[test]
fn content_is_told_where_it_is_asked_for() {
    let (model, _) = model(vec![Ok(answer("an answer"))]);
    let (spans, _) = spans(complete(&Trace::new(model).content(true), request()));
    let fields = spans.get(0).fields;
    let read = |name: &str| serde_json::from_str::<serde_json::Value>(&fields[name]).unwrap();
    assert_eq!(
        read("gen_ai.input.messages"),
        serde_json::json!([{"role": "user", "parts": [{"type": "text", "content": "a secret question"}]}])
    );
    assert_eq!(
        read("gen_ai.output.messages"),
        serde_json::json!([{
            "role": "assistant", "parts": [{"type": "text", "content": "an answer"}], "finish_reason": "stop"
        }])
    );
}

#[test]
fn a_failure_is_told_by_its_code_before_and_amid_the_reply() {
    let error = || Error::new(ErrorCode::RateLimited, "a secret reason");
    for outcome in [Err(error()), Ok(broken(error()))] {
        let (model, _) = model(vec![outcome]);
        let (spans, reply) = spans(complete(&Trace::new(model), Request::prompt("x")));
        assert!(reply.is_err());
        let span = spans.get(0);
        assert_eq!((span.fields["error.type"].as_str(), span.handles), ("RATE_LIMITED", 0));
        assert_eq!(span.fields["otel.status_code"], "ERROR");
        assert!(!span.fields.values().any(|value| value.contains("secret")));
    }
}

#[test]
fn the_span_is_current_within_and_closes_when_the_reply_is_dropped() {
    let (inner, _) = named("unit", |_| {
        drop(tracing::info_span!("within"));
        let events = futures_util::stream::iter(answer("a b c"));
        Ok(Box::pin(events.inspect(|_| drop(tracing::info_span!("amid")))))
    });
    let model = Trace::new(inner);
    let prepared = model.prepare(Request::prompt("x")).unwrap();
    let (spans, ()) = spans(async {
        let mut events = model.send(&prepared).await.unwrap();
        events.next().await.unwrap().unwrap();
    });
    let within: Vec<_> = (1..3).map(|index| (spans.get(index).name, spans.get(index).parent)).collect();
    assert_eq!(within, [("within", Some(1)), ("amid", Some(1))]);
    assert_eq!(spans.get(0).handles, 0, "closed though the reply had not ended");
}

#[test]
fn without_a_subscriber_the_reply_goes_by_as_it_is() {
    let (inner, calls) = model(vec![Ok(answer("a"))]);
    let reply = complete(&Trace::new(inner), request()).now_or_never().unwrap();
    assert_eq!((reply.unwrap().text.as_str(), calls.count()), ("a", 1));
}
