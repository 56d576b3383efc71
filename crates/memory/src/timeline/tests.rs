use serde_json::json;

use super::{CapacityTooSmall, Sample, Series, Timeline};

fn heap(second: u32, bytes: f64) -> Sample {
    Sample { timestamp_ms: f64::from(second) * 1000.0, heap_used: Some(bytes), ..Sample::default() }
}

#[test]
fn the_newest_samples_are_kept() {
    let mut timeline = Timeline::with_capacity(3).unwrap();
    let evicted: Vec<_> = (0..5).map(|second| timeline.push(heap(second, 0.0))).collect();
    assert_eq!(evicted, [None, None, None, Some(heap(0, 0.0)), Some(heap(1, 0.0))]);
    assert_eq!((timeline.len(), timeline.capacity()), (3, 3));
    assert_eq!((timeline.first(), timeline.last()), (Some(&heap(2, 0.0)), Some(&heap(4, 0.0))));
    assert_eq!(
        timeline.iter().map(|sample| sample.timestamp_ms).collect::<Vec<_>>(),
        [2000.0, 3000.0, 4000.0]
    );
}

#[test]
fn capacity_is_a_hundred_unless_asked_and_two_at_least() {
    assert_eq!(Timeline::default().capacity(), 100);
    assert!(Timeline::with_capacity(2).is_ok());
    for given in [0, 1] {
        let error = Timeline::with_capacity(given).unwrap_err();
        assert_eq!(error, CapacityTooSmall { given });
        assert!(error.to_string().contains("at least 2"), "{error}");
    }
}

#[test]
fn stats_of_nothing_are_none() {
    assert_eq!(Timeline::new().stats(), None);
}

#[test]
fn stats_sum_up_each_series_that_has_figures() {
    let mut timeline = Timeline::new();
    for (second, bytes) in [(0, 100.0), (1, 200.0), (2, 150.0), (4, 500.0)] {
        timeline.push(heap(second, bytes));
    }
    timeline.push(Sample { timestamp_ms: 5000.0, rss: Some(f64::NAN), ..Sample::default() });
    let stats = timeline.stats().unwrap();
    assert_eq!((stats.count, stats.span_ms), (5, 5000.0));
    assert_eq!(stats.get(Series::Rss), None);
    assert_eq!(stats.series.len(), 1);
    assert_eq!(
        serde_json::to_value(stats.get(Series::HeapUsed)).unwrap(),
        json!({
            "series": "heapUsed", "count": 4, "min": 100.0, "max": 500.0, "mean": 237.5,
            "first": 100.0, "last": 500.0, "growth": 400.0, "bytesPerSecond": 100.0,
        })
    );
}

#[test]
fn a_slope_needs_two_moments() {
    let mut timeline = Timeline::new();
    timeline.push(heap(1, 5.0));
    timeline.push(heap(1, 9.0));
    assert_eq!(timeline.stats().unwrap().get(Series::HeapUsed).unwrap().bytes_per_second, None);
}

#[test]
fn the_slope_of_a_long_timeline_ignores_outliers() {
    let mut timeline = Timeline::with_capacity(5000).unwrap();
    for second in 0..5000 {
        let spike = if second % 10 == 0 { 1e9 } else { 0.0 };
        timeline.push(heap(second, f64::from(second) * 7.0 + spike));
    }
    let slope = timeline.stats().unwrap().get(Series::HeapUsed).unwrap().bytes_per_second.unwrap();
    assert!((slope - 7.0).abs() < 0.1, "{slope}");
}

#[test]
fn series_names_match_their_json() {
    for series in Series::ALL {
        assert_eq!(serde_json::to_value(series).unwrap(), series.name());
    }
}
