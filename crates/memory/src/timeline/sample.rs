//! One row of the timeline and the names of its columns.

use serde::Serialize;

use crate::snapshot::Snapshot;

/// The figures of one moment, in bytes. What is not known stays `None`: a Rust program has no V8 heap, a Node
/// program without the tracking allocator has no native figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// Milliseconds on any clock that does not run backwards; the Unix epoch in samples made from a [`Snapshot`].
    pub timestamp_ms: f64,
    /// V8: objects on the JavaScript heap, dead ones that were not collected yet included.
    pub heap_used: Option<f64>,
    /// V8: what the JavaScript heap occupies.
    pub heap_total: Option<f64>,
    /// V8: memory outside the heap that JavaScript objects keep alive.
    pub external: Option<f64>,
    /// V8: the part of `external` in array buffers.
    pub array_buffers: Option<f64>,
    /// Physical memory of the process.
    pub rss: Option<f64>,
    /// Live bytes of the tracking allocator.
    pub native_live: Option<f64>,
    /// Whether V8 has collected all its garbage since the sample before, and not only that of its nursery; `None` where
    /// nobody tells.
    pub collected: Option<bool>,
}

/// A column of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Series {
    /// [`Sample::heap_used`]
    HeapUsed,
    /// [`Sample::heap_total`]
    HeapTotal,
    /// [`Sample::external`]
    External,
    /// [`Sample::array_buffers`]
    ArrayBuffers,
    /// [`Sample::rss`]
    Rss,
    /// [`Sample::native_live`]
    NativeLive,
}

impl Series {
    /// Every series, in the order of the fields of [`Sample`].
    pub const ALL: [Self; 6] =
        [Self::HeapUsed, Self::HeapTotal, Self::External, Self::ArrayBuffers, Self::Rss, Self::NativeLive];

    /// The name used in JSON and in JavaScript.
    pub fn name(self) -> &'static str {
        match self {
            Self::HeapUsed => "heapUsed",
            Self::HeapTotal => "heapTotal",
            Self::External => "external",
            Self::ArrayBuffers => "arrayBuffers",
            Self::Rss => "rss",
            Self::NativeLive => "nativeLive",
        }
    }
}

impl Sample {
    /// The figure of one series, in bytes; `None` when it is absent or not finite.
    pub fn get(&self, series: Series) -> Option<f64> {
        let value = match series {
            Series::HeapUsed => self.heap_used,
            Series::HeapTotal => self.heap_total,
            Series::External => self.external,
            Series::ArrayBuffers => self.array_buffers,
            Series::Rss => self.rss,
            Series::NativeLive => self.native_live,
        };
        value.filter(|bytes| bytes.is_finite())
    }
}

impl From<&Snapshot> for Sample {
    /// The native figures; V8's are left out.
    fn from(snapshot: &Snapshot) -> Self {
        Self {
            timestamp_ms: snapshot.timestamp_ms,
            rss: snapshot.rss_bytes.map(|bytes| bytes as f64),
            native_live: snapshot.native.map(|native| native.live_bytes as f64),
            ..Self::default()
        }
    }
}
