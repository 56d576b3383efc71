//! Summary of a timeline, series by series.

use serde::Serialize;

use super::{Series, Timeline};
use crate::trend::{self, Point};

/// Blocks whose medians make the slope: enough to be steady, few enough to compare each with each.
const SLOPE_BLOCKS: usize = 64;

/// What a timeline holds, summed up.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TimelineStats {
    /// Samples kept.
    pub count: usize,
    /// Time of the oldest sample, in milliseconds.
    pub start_ms: f64,
    /// Time of the newest sample, in milliseconds.
    pub end_ms: f64,
    /// Milliseconds from the oldest to the newest sample.
    pub span_ms: f64,
    /// One entry for each series that at least one sample has, in the order of [`Series::ALL`].
    pub series: Vec<SeriesStats>,
}

/// One series of a timeline, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SeriesStats {
    /// Which one.
    pub series: Series,
    /// Samples that have a figure for it.
    pub count: usize,
    /// The lowest figure.
    pub min: f64,
    /// The highest figure.
    pub max: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The oldest figure.
    pub first: f64,
    /// The newest figure.
    pub last: f64,
    /// `last - first`; may be negative.
    pub growth: f64,
    /// The median of the slopes between all pairs (Theil and Sen), which a few outliers cannot turn. `None` while no
    /// time passed.
    pub bytes_per_second: Option<f64>,
}

impl TimelineStats {
    /// The entry of one series; `None` when no sample has a figure for it.
    pub fn get(&self, series: Series) -> Option<&SeriesStats> {
        self.series.iter().find(|entry| entry.series == series)
    }

    pub(super) fn of(timeline: &Timeline) -> Option<Self> {
        let (start_ms, end_ms) = (timeline.first()?.timestamp_ms, timeline.last()?.timestamp_ms);
        Some(Self {
            count: timeline.len(),
            start_ms,
            end_ms,
            span_ms: end_ms - start_ms,
            series: Series::ALL.into_iter().filter_map(|series| SeriesStats::of(timeline, series)).collect(),
        })
    }
}

impl SeriesStats {
    fn of(timeline: &Timeline, series: Series) -> Option<Self> {
        let points = trend::points(timeline, series);
        let (first, last) = (points.first()?.bytes, points.last()?.bytes);
        let bytes = || points.iter().map(|point| point.bytes);
        Some(Self {
            series,
            count: points.len(),
            min: bytes().fold(f64::INFINITY, f64::min),
            max: bytes().fold(f64::NEG_INFINITY, f64::max),
            mean: bytes().sum::<f64>() / points.len() as f64,
            first,
            last,
            growth: last - first,
            bytes_per_second: slope(&points),
        })
    }
}

fn slope(points: &[Point]) -> Option<f64> {
    if points.len() <= SLOPE_BLOCKS {
        return trend::slope(points);
    }
    trend::slope(&trend::blocks(points, SLOPE_BLOCKS, trend::middle))
}
