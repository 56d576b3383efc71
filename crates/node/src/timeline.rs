//! Samples of memory over time, and the verdict on them; of native memory also by whose it is.

use graphbit_core::Error;
use graphbit_executor::process_budget;
use graphbit_memory::{LeakOptions, Sample, Series, Timeline, Verdict, judge, judge_series};
use napi::Env;
use napi_derive::napi;
use serde_json::{Value, json};

use crate::error::thrown;
use crate::executor::with;
use crate::memory::Whose;

/// A ring of samples.
#[napi]
pub struct NativeTimeline {
    timeline: Timeline,
    /// What native memory is made of, where that is wanted: by whose it is and by what it is for.
    parts: Option<Vec<Part>>,
}

/// One part of native memory over time.
struct Part {
    /// `account` or `category`.
    kind: &'static str,
    name: &'static str,
    timeline: Timeline,
}

#[napi]
impl NativeTimeline {
    /// `parts`: whether a verdict should name what grows.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: &Env, capacity: u32, parts: bool) -> napi::Result<Self> {
        let timeline = || {
            Timeline::with_capacity(capacity as usize)
                .map_err(|error| thrown(env, &Error::invalid_input(error.to_string())))
        };
        let named = measure()
            .into_iter()
            .map(|(kind, name, _)| napi::Result::Ok(Part { kind, name, timeline: timeline()? }));
        Ok(Self { timeline: timeline()?, parts: parts.then(|| named.collect()).transpose()? })
    }

    /// Adds a sample of V8's figures and the allocator's, and gives the allocator's live bytes, if they are tracked.
    /// `collected`: whether V8 has collected all its garbage since the last.
    #[allow(clippy::too_many_arguments, reason = "V8's figures as numbers: an object would cost more")]
    #[napi(catch_unwind)]
    pub fn push(
        &mut self,
        time_ms: f64,
        heap_used: f64,
        heap_total: f64,
        external: f64,
        array_buffers: f64,
        rss: f64,
        collected: bool,
    ) -> Option<f64> {
        let native_live = graphbit_memory::allocator_stats().map(|stats| stats.live_bytes as f64);
        self.timeline.push(Sample {
            timestamp_ms: time_ms,
            heap_used: Some(heap_used),
            heap_total: Some(heap_total),
            external: Some(external),
            array_buffers: Some(array_buffers),
            rss: Some(rss),
            native_live,
            collected: Some(collected),
        });
        if let Some(parts) = &mut self.parts {
            for (part, (_, _, bytes)) in parts.iter_mut().zip(measure()) {
                let sample = Sample { timestamp_ms: time_ms, native_live: bytes, ..Sample::default() };
                part.timeline.push(sample);
            }
        }
        native_live
    }

    /// How many samples there are.
    #[napi(catch_unwind)]
    pub fn len(&self) -> u32 {
        u32::try_from(self.timeline.len()).unwrap_or(u32::MAX)
    }

    /// Statistics as JSON; nothing without a sample.
    #[napi(catch_unwind)]
    pub fn stats(&self) -> Option<String> {
        self.timeline.stats().map(|stats| json!(stats).to_string())
    }

    /// Whether memory grows, as JSON.
    #[napi(catch_unwind)]
    pub fn judge(&self, min_samples: Option<u32>, min_growth_bytes: Option<f64>) -> String {
        let mut options = LeakOptions::default();
        if let Some(samples) = min_samples {
            options = options.min_samples(samples as usize);
        }
        if let Some(bytes) = min_growth_bytes {
            options = options.min_growth_bytes(bytes);
        }
        let verdict = judge(&self.timeline, &options);
        let grows = match &verdict {
            Verdict::Growing(growth) if growth.series != Series::HeapUsed => self.growing(&options),
            _ => Vec::new(),
        };
        with(json!(verdict), [("parts", json!(grows))]).to_string()
    }
}

impl NativeTimeline {
    /// The parts that grow, the fastest first.
    fn growing(&self, options: &LeakOptions) -> Vec<Value> {
        let judged = |part: &Part| match judge_series(&part.timeline, Series::NativeLive, options) {
            Verdict::Growing(growth) => Some((part.kind, part.name, growth)),
            _ => None,
        };
        let mut growing: Vec<_> = self.parts.iter().flatten().filter_map(judged).collect();
        growing.sort_by(|(_, _, a), (_, _, b)| b.bytes_per_second.total_cmp(&a.bytes_per_second));
        let named = growing.into_iter().map(|(kind, name, growth)| {
            json!({ kind: name, "bytesPerSecond": growth.bytes_per_second, "growthBytes": growth.growth_bytes })
        });
        named.collect()
    }
}

/// What native memory is made of now, always in the same order.
fn measure() -> [(&'static str, &'static str, Option<f64>); 9] {
    let whose = Whose::now();
    let account = |bytes: fn(&Whose) -> u64| whose.as_ref().map(|whose| bytes(whose) as f64);
    let held = process_budget().ledger().by_category();
    let category = |name, bytes: u64| ("category", name, Some(bytes as f64));
    [
        ("account", "runs", account(|whose| whose.runs)),
        ("account", "calls", account(|whose| whose.calls)),
        ("account", "shared", account(|whose| whose.shared)),
        category("prompt", held.prompt),
        category("response", held.response),
        category("state", held.state),
        category("history", held.history),
        category("trace", held.trace),
        category("buffer", held.buffer),
    ]
}
