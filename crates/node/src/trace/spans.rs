//! The subscriber: it keeps what our spans say until they close, and makes each one JSON then.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use graphbit_memory::Scope;
use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

/// The module of the layer whose spans these are.
const TARGET: &str = "graphbit_llm::layer::trace";

/// The spans that are open.
#[derive(Default)]
pub(super) struct Spans {
    last: AtomicU64,
    open: Mutex<HashMap<u64, Open>>,
}

struct Open {
    began: Instant,
    /// Milliseconds since 1970.
    since: f64,
    said: Said,
    handles: usize,
}

/// The fields of a span.
#[derive(Default)]
struct Said {
    name: Option<String>,
    attributes: Map<String, Value>,
}

impl Spans {
    fn open(&self) -> MutexGuard<'_, HashMap<u64, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscriber for Spans {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target().starts_with(TARGET) && super::is_wanted()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(if super::is_wanted() { LevelFilter::INFO } else { LevelFilter::OFF })
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let _shared = Scope::shared(); // the list of spans outlives the run, and what is told its end
        let mut said = Said::default();
        attributes.record(&mut said);
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let open = Open { began: Instant::now(), since: since.as_secs_f64() * 1e3, said, handles: 1 };
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1; // an id is never 0
        self.open().insert(id, open);
        Id::from_u64(id)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let _shared = Scope::shared();
        if let Some(open) = self.open().get_mut(&id.into_u64()) {
            values.record(&mut open.said);
        }
    }

    fn clone_span(&self, id: &Id) -> Id {
        if let Some(open) = self.open().get_mut(&id.into_u64()) {
            open.handles += 1;
        }
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let closed = {
            let mut all = self.open();
            let Some(open) = all.get_mut(&id.into_u64()) else { return false };
            open.handles -= 1;
            if open.handles > 0 {
                return false;
            }
            all.remove(&id.into_u64())
        };
        if let Some(open) = closed {
            let _shared = Scope::shared();
            super::tell(&Arc::from(open.close().to_string()));
        }
        true
    }

    // Spans stand by themselves, and what happens within them is not told.
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
}

impl Open {
    fn close(self) -> Value {
        let Said { name, attributes } = self.said;
        let error = attributes.get("error.type").cloned();
        let mut span = Map::from_iter([
            ("name".to_owned(), json!(name)),
            ("startTimeMs".to_owned(), json!(self.since)),
            ("durationMs".to_owned(), json!(self.began.elapsed().as_secs_f64() * 1e3)),
            ("attributes".to_owned(), Value::Object(attributes)),
        ]);
        span.extend(error.map(|error| ("error".to_owned(), error)));
        Value::Object(span)
    }
}

impl Said {
    fn put(&mut self, field: &Field, value: Value) {
        match field.name() {
            // For the bridge to OpenTelemetry: what it reads here, a span of ours has as such.
            "otel.name" => self.name = value.as_str().map(str::to_owned),
            name if name.starts_with("otel.") => {}
            name => _ = self.attributes.insert(name.to_owned(), value),
        }
    }
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    /// Lists of texts can only come so.
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        let list = serde_json::from_str::<Vec<String>>(&text);
        self.put(field, list.map_or_else(|_| text.into(), Value::from));
    }
}
