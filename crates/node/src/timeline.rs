//! The bounded ring of samples behind `MemoryTracker` and `MemoryLeakDetector`: V8's figures come from the facade.

use graphbit_core::Error;
use graphbit_memory::{LeakOptions, Sample, Timeline, judge};
use napi::Env;
use napi_derive::napi;
use serde_json::json;

use crate::error::thrown;

/// Samples of memory over time.
#[napi]
pub struct NativeTimeline {
    timeline: Timeline,
}

#[napi]
impl NativeTimeline {
    #[napi(constructor, catch_unwind)]
    pub fn new(env: &Env, capacity: u32) -> napi::Result<Self> {
        let timeline = Timeline::with_capacity(capacity as usize)
            .map_err(|error| thrown(env, &Error::invalid_input(error.to_string())))?;
        Ok(Self { timeline })
    }

    /// Adds a sample of V8's figures, in bytes, and the native live bytes of this moment.
    #[napi(catch_unwind)]
    pub fn push(
        &mut self,
        time_ms: f64,
        heap_used: f64,
        heap_total: f64,
        external: f64,
        array_buffers: f64,
        rss: f64,
    ) -> Option<f64> {
        let native = graphbit_memory::allocator_stats().map(|stats| stats.live_bytes as f64);
        let (heap_used, heap_total, external) = (Some(heap_used), Some(heap_total), Some(external));
        let (array_buffers, rss, native_live) = (Some(array_buffers), Some(rss), native);
        let sample = Sample {
            timestamp_ms: time_ms,
            heap_used,
            heap_total,
            external,
            array_buffers,
            rss,
            native_live,
        };
        self.timeline.push(sample);
        native
    }

    #[napi(catch_unwind)]
    pub fn len(&self) -> u32 {
        u32::try_from(self.timeline.len()).unwrap_or(u32::MAX)
    }

    /// Statistics of every series as JSON; nothing before the first sample.
    #[napi(catch_unwind)]
    pub fn stats(&self) -> Option<String> {
        self.timeline.stats().map(|stats| json!(stats).to_string())
    }

    /// The verdict as JSON.
    #[napi(catch_unwind)]
    pub fn judge(&self, min_samples: Option<u32>, min_growth_bytes: Option<f64>) -> String {
        let mut options = LeakOptions::default();
        if let Some(samples) = min_samples {
            options = options.min_samples(samples as usize);
        }
        if let Some(bytes) = min_growth_bytes {
            options = options.min_growth_bytes(bytes);
        }
        json!(judge(&self.timeline, &options)).to_string()
    }
}
