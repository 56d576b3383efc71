//! What is said about a timeline.

use serde::Serialize;

use crate::timeline::Series;

/// Whether memory grows without end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "camelCase")]
#[non_exhaustive]
pub enum Verdict {
    /// Nothing can be said yet.
    TooFewSamples {
        /// Samples that have a figure.
        have: usize,
        /// Samples it takes.
        need: usize,
    },
    /// The samples do not show that memory grows. A very slow or very noisy leak may need more of them.
    Steady,
    /// Memory grew, and goes on growing, by more than chance or the collector's rhythm explain.
    Growing(Growth),
}

/// The growth of one series. It is measured on the low points, to which memory falls back after a collection.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Growth {
    /// The series that grows; of several the one that surely grows fastest.
    pub series: Series,
    /// The slope.
    pub bytes_per_second: f64,
    /// Lower end of the slope's confidence interval, in bytes per second; always above 0.
    pub low: f64,
    /// Upper end of the slope's confidence interval, in bytes per second.
    pub high: f64,
    /// What the slope adds up to over the samples that were judged.
    pub growth_bytes: f64,
    /// Whether the resident size grew at half that pace or more; `None` without figures for it. `Some(false)` is no
    /// all-clear: the growth may have fitted into pages that the process had already.
    pub rss_agrees: Option<bool>,
}
