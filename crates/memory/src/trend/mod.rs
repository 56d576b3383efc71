//! Trend of a series: robust slope, its confidence interval, and the thinning that comes before.
//!
//! Pure arithmetic on points; what a trend means for a program is decided in `leak`.
//!
//! Slope: P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63 (1968), with the
//! interval given there. Neighbouring figures resemble each other, which the interval takes into account with the
//! effective sample size of a first-order autoregressive series (Bayley and Hammersley, 1946), its correlation freed
//! of the bias described by Marriott and Pope (1954).

#[cfg(test)]
mod tests;

use crate::timeline::{Series, Timeline};

/// Correlation between neighbours is not believed to be higher: the interval would be infinite at 1.
const MAX_CORRELATION: f64 = 0.95;
/// A rise this many times larger than everything the line leaves unexplained cannot be a wiggle of it.
const CLEAR_RISE: f64 = 3.0;

/// One figure of one series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) seconds: f64,
    pub(crate) bytes: f64,
}

/// A slope and its confidence interval, in bytes per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Trend {
    pub(crate) slope: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// The figures of one series; samples without one, or without a usable time, are passed over.
pub(crate) fn points(timeline: &Timeline, series: Series) -> Vec<Point> {
    let point = |sample: &crate::Sample| {
        Some(Point { seconds: sample.timestamp_ms / 1000.0, bytes: sample.get(series)? })
    };
    timeline.iter().filter_map(point).filter(|point| point.seconds.is_finite()).collect()
}

/// Cuts `points` into `count` blocks of nearly equal length and keeps one point of each.
pub(crate) fn blocks(points: &[Point], count: usize, pick: fn(&[Point]) -> Option<Point>) -> Vec<Point> {
    let block = |index| points.get(edge(points, count, index)..edge(points, count, index + 1));
    (0..count).filter_map(|index| pick(block(index)?)).collect()
}

/// Where the block begins that is the given one of `count`.
pub(crate) fn edge(points: &[Point], count: usize, block: usize) -> usize {
    block * points.len() / count.max(1)
}

pub(crate) fn lowest(points: &[Point]) -> Option<Point> {
    points.iter().copied().min_by(|a, b| a.bytes.total_cmp(&b.bytes))
}

/// The point with the median figure.
pub(crate) fn middle(points: &[Point]) -> Option<Point> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.bytes.total_cmp(&b.bytes));
    sorted.get(sorted.len() / 2).copied()
}

/// The median of the slopes between all pairs, in bytes per second; `None` when no two points differ in time.
pub(crate) fn slope(points: &[Point]) -> Option<f64> {
    let slopes = pair_slopes(points);
    (!slopes.is_empty()).then(|| median_of_sorted(&slopes))
}

/// The slope with its interval at the given two-sided confidence; `None` when there are too few points for one.
pub(crate) fn interval(points: &[Point], confidence: f64) -> Option<Trend> {
    let slopes = pair_slopes(points);
    if slopes.is_empty() {
        return None;
    }
    let slope = median_of_sorted(&slopes);
    let (n, pairs) = (points.len() as f64, slopes.len() as f64);
    let kendall_variance = n * (n - 1.0) * (2.0 * n + 5.0) / 18.0 * variance_inflation(points, slope);
    let reach = normal_quantile(confidence) * kendall_variance.sqrt();
    let rank = ((pairs - reach) / 2.0).floor();
    if rank < 1.0 {
        return None;
    }
    let rank = rank as usize;
    let low = *slopes.get(rank - 1)?;
    let high = *slopes.get(slopes.len() - rank)?;
    Some(Trend { slope, low, high })
}

/// The median; NaN for none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    median_of_sorted(&values)
}

fn median_of_sorted(values: &[f64]) -> f64 {
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    let half = values.len() / 2;
    if values.len() % 2 == 1 { at(half) } else { f64::midpoint(at(half.wrapping_sub(1)), at(half)) }
}

fn pair_slopes(points: &[Point]) -> Vec<f64> {
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (index, a) in points.iter().enumerate() {
        for b in points.iter().skip(index + 1) {
            let seconds = b.seconds - a.seconds;
            if seconds > 0.0 {
                slopes.push((b.bytes - a.bytes) / seconds);
            }
        }
    }
    slopes.sort_by(f64::total_cmp);
    slopes
}

/// How many times fewer independent figures there are than points: `(1 + r) / (1 - r)`.
fn variance_inflation(points: &[Point], slope: f64) -> f64 {
    let residuals: Vec<f64> = points.iter().map(|point| point.bytes - slope * point.seconds).collect();
    let centre = median(residuals.clone());
    let (lowest, highest) = residuals
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), r| (low.min(*r), high.max(*r)));
    if rise(points, slope).abs() >= CLEAR_RISE * (highest - lowest) {
        return 1.0;
    }
    let squares: f64 = residuals.iter().map(|r| (r - centre).powi(2)).sum();
    let neighbours: f64 =
        residuals.iter().zip(residuals.iter().skip(1)).map(|(a, b)| (a - centre) * (b - centre)).sum();
    let n = points.len() as f64;
    let unbiased = (neighbours / squares * n + 1.0) / (n - 4.0).max(1.0);
    let r = if unbiased.is_finite() { unbiased.clamp(0.0, MAX_CORRELATION) } else { 0.0 };
    (1.0 + r) / (1.0 - r)
}

/// What the slope adds up to from the first to the last point, in bytes.
pub(crate) fn rise(points: &[Point], slope: f64) -> f64 {
    match (points.first(), points.last()) {
        (Some(first), Some(last)) => slope * (last.seconds - first.seconds),
        _ => 0.0,
    }
}

/// How many standard deviations hold the share `confidence` of a normal distribution around its centre.
///
/// Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.23; off by less than 0.00045.
fn normal_quantile(confidence: f64) -> f64 {
    let tail = (1.0 - confidence) / 2.0;
    let t = (-2.0 * tail.ln()).sqrt();
    let numerator = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let denominator = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    t - numerator / denominator
}
