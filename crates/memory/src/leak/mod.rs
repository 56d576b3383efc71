//! Leak verdicts: does a timeline show memory that grows and goes on growing?
//!
//! A verdict comes from the trend of many samples, never from one threshold, and says how sure it is. It does not
//! find out who holds the memory.
//!
//! Each series is judged by itself: V8's heap, V8's external memory, the allocator's live bytes. The resident size
//! only seconds a verdict, since allocators and kernels give memory back when they please. After the warm-up,
//! the lowest figure of each window is kept (garbage that waits for its collector is no leak), and all of this must
//! hold for a series to count as growing:
//!
//! 1. a line explains them about as well as one step; behind a clear step, only what followed is judged;
//! 2. the confidence interval of the slope lies above 0, and the slope adds up to the minimal growth;
//! 3. the second half still rises by a third of the slope, else it is a warm-up that fades out;
//! 4. the last third does not fall back to where the first third was;
//! 5. of V8's series, where it is told when V8 collects all its garbage: what such collections leave grows, too. Between
//!    them, which may be minutes, garbage that has left the nursery piles up in a straight line.

mod options;
#[cfg(test)]
mod tests;
mod verdict;

use crate::timeline::{Series, Timeline};
use crate::trend::{self, Point, Trend};

pub use options::LeakOptions;
pub use verdict::{Growth, Verdict};

/// Series that can leak by themselves. Array buffers are part of external memory, the heap's total follows its use.
const JUDGED: [Series; 3] = [Series::HeapUsed, Series::External, Series::NativeLive];

const MIN_WINDOWS: usize = 8;
const MAX_WINDOWS: usize = 24;
/// Samples a window should hold, so that its lowest one means something.
const WINDOW_SAMPLES: usize = 4;
/// Fewer than two samples in each of the fewest windows are not judged.
const MIN_JUDGED: usize = 2 * MIN_WINDOWS;
/// Two levels have a place to choose where a line has none, so they must leave this much less unexplained than it.
/// Anything from 0.6 to 0.8 gives the same rates in the tests, 0.9 takes slow rhythms and noise for steps.
const CLEAR_STEP: f64 = 0.7;
/// Share of the whole slope that the second half must still have.
const STILL_RISING: f64 = 1.0 / 3.0;
/// Share of the growth that must be left between the low points of the first and of the last third.
const KEPT: f64 = 0.25;
/// Share of the growth's pace at which the resident size counts as agreeing.
const RSS_AGREES: f64 = 0.5;

/// Judges all series that can leak: growing if one of them grows, steady if one could be judged and none grows.
///
/// Give it a timeline long enough for several collections, best some tens of them: while the collector has not run,
/// garbage looks like growth. A longer timeline costs little: what is compared pair by pair are 24 windows at most.
pub fn judge(timeline: &Timeline, options: &LeakOptions) -> Verdict {
    JUDGED.into_iter().map(|series| judge_series(timeline, series, options)).fold(nothing(options), worse)
}

/// Judges one series, whichever it is.
pub fn judge_series(timeline: &Timeline, series: Series, options: &LeakOptions) -> Verdict {
    let options = options.in_range();
    let points = trend::points(timeline, series);
    let need = needed(&options);
    if points.len() < need {
        return Verdict::TooFewSamples { have: points.len(), need };
    }
    let Some((judged, growing)) = growth(after_warm_up(&points, &options), &options) else {
        return Verdict::Steady;
    };
    if series != Series::NativeLive && !is_left(timeline, series, judged, growing.slope) {
        return Verdict::Steady;
    }
    Verdict::Growing(Growth {
        series,
        bytes_per_second: growing.slope,
        low: growing.low,
        high: growing.high,
        growth_bytes: trend::rise(judged, growing.slope),
        rss_agrees: rss_slope(timeline, judged).map(|rss| rss >= growing.slope * RSS_AGREES),
    })
}

fn nothing(options: &LeakOptions) -> Verdict {
    Verdict::TooFewSamples { have: 0, need: needed(&options.in_range()) }
}

fn needed(options: &LeakOptions) -> usize {
    let floor = (MIN_JUDGED as f64 / (1.0 - options.warm_up_share)).ceil() as usize;
    options.min_samples.max(floor)
}

fn worse(a: Verdict, b: Verdict) -> Verdict {
    use Verdict::{Growing, Steady, TooFewSamples};
    match (a, b) {
        (Growing(x), Growing(y)) => Growing(if y.low > x.low { y } else { x }),
        (Growing(x), _) | (_, Growing(x)) => Growing(x),
        (Steady, _) | (_, Steady) => Steady,
        (TooFewSamples { have: x, need }, TooFewSamples { have: y, .. }) => {
            TooFewSamples { have: x.max(y), need }
        }
    }
}

fn after_warm_up<'a>(points: &'a [Point], options: &LeakOptions) -> &'a [Point] {
    let skip = (points.len() as f64 * options.warm_up_share) as usize;
    points.get(skip..).unwrap_or_default()
}

/// The stretch that shows growth and its trend; `None` when it shows none.
fn growth<'a>(mut points: &'a [Point], options: &LeakOptions) -> Option<(&'a [Point], Trend)> {
    while points.len() >= MIN_JUDGED {
        let count = (points.len() / WINDOW_SAMPLES).clamp(MIN_WINDOWS, MAX_WINDOWS);
        let lows = trend::blocks(points, count, trend::lowest);
        if let Some(window) = step(&lows, trend::slope(&lows)?) {
            points = points.get(trend::edge(points, count, window)..)?;
            continue;
        }
        let trend = trend::interval(&lows, options.confidence)?;
        if trend.low <= 0.0 || trend::rise(points, trend.slope) < options.min_growth_bytes {
            return None;
        }
        return (still_rising(&lows, trend.slope) && kept(&lows, trend.slope)).then_some((points, trend));
    }
    None
}

/// The first window behind a single step, if two levels explain the points clearly better than a line.
fn step(lows: &[Point], slope: f64) -> Option<usize> {
    let line = spread(lows.iter().map(|point| point.bytes - slope * point.seconds));
    let mut best = line * CLEAR_STEP;
    let mut from = None;
    for split in 1..lows.len() {
        let (before, after) = lows.split_at(split);
        let cost = spread(before.iter().map(|p| p.bytes)) + spread(after.iter().map(|p| p.bytes));
        if cost < best {
            best = cost;
            from = Some(split);
        }
    }
    from
}

/// Sum of the distances from the median.
fn spread(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    let centre = trend::median(values.clone());
    values.iter().map(|value| (value - centre).abs()).sum()
}

fn still_rising(lows: &[Point], slope: f64) -> bool {
    let (_, late) = lows.split_at(lows.len() / 2);
    trend::slope(late).is_some_and(|late| late >= slope * STILL_RISING)
}

fn kept(lows: &[Point], slope: f64) -> bool {
    let third = lows.len() / 3;
    let early = lows.get(..third).and_then(trend::lowest);
    let late = lows.get(lows.len() - third..).and_then(trend::lowest);
    matches!((early, late), (Some(a), Some(b)) if b.bytes - a.bytes >= KEPT * trend::rise(lows, slope))
}

/// Whether a collection within the judged stretch has left what earlier ones had not.
fn is_left(timeline: &Timeline, series: Series, judged: &[Point], slope: f64) -> bool {
    let Some(floors) = timeline.floors(series) else { return true };
    match (floors.first(), floors.last(), judged.first()) {
        (Some((early, low)), Some((late, high)), Some(from)) => {
            late > early && *late >= from.seconds && high - low >= KEPT * slope * (late - early)
        }
        _ => false,
    }
}

/// The slope of the resident size's low points over the same stretch of time.
fn rss_slope(timeline: &Timeline, judged: &[Point]) -> Option<f64> {
    let from = judged.first()?.seconds;
    let rss = trend::points(timeline, Series::Rss);
    let rss: Vec<Point> = rss.into_iter().filter(|point| point.seconds >= from).collect();
    trend::slope(&trend::blocks(&rss, MAX_WINDOWS.min(rss.len()), trend::lowest))
}
