//! Simulated programs. Sizes are in bytes, one sample stands for 30 seconds; every seed gives the same series.

use serde_json::json;

use super::{Growth, LeakOptions, Verdict, judge, judge_series};
use crate::{Sample, Series, Timeline};

const KB: f64 = 1024.0;
const MB: f64 = 1024.0 * 1024.0;
const SECONDS: f64 = 30.0;

fn heap(figures: impl IntoIterator<Item = f64>) -> Timeline {
    let mut timeline = Timeline::with_capacity(2000).unwrap();
    for (index, bytes) in figures.into_iter().enumerate() {
        let timestamp_ms = index as f64 * SECONDS * 1000.0;
        timeline.push(Sample { timestamp_ms, heap_used: Some(bytes), ..Sample::default() });
    }
    timeline
}

fn verdict(figures: impl IntoIterator<Item = f64>) -> Verdict {
    judge(&heap(figures), &LeakOptions::default())
}

fn growth(figures: impl IntoIterator<Item = f64>) -> Growth {
    match verdict(figures) {
        Verdict::Growing(growth) => growth,
        other => panic!("{other:?}"),
    }
}

/// How many of `seeds` series are called growing.
fn alarms(seeds: u64, series: impl Fn(&mut fastrand::Rng) -> Vec<f64>) -> usize {
    (0..seeds)
        .filter(|seed| matches!(verdict(series(&mut fastrand::Rng::with_seed(*seed))), Verdict::Growing(_)))
        .count()
}

/// A heap whose collector runs when 5 MB of garbage have gathered; each run keeps `kept` bytes for good and makes
/// about 250 KB of garbage. A sample is taken after every `runs` runs.
fn collected_heap(random: &mut fastrand::Rng, samples: usize, runs: usize, kept: f64) -> Vec<f64> {
    let (mut live, mut garbage) = (40.0 * MB, random.f64() * 5.0 * MB);
    let mut run = || {
        live += kept;
        garbage += (0.5 + random.f64()) * 250.0 * KB;
        if garbage > 5.0 * MB {
            garbage = random.f64() * 100.0 * KB;
        }
        live + garbage
    };
    (0..samples).map(|_| (0..runs).map(|_| run()).last().unwrap()).collect()
}

/// Roughly normal, by the sum of twelve.
fn normal(random: &mut fastrand::Rng) -> f64 {
    (0..12).map(|_| random.f64()).sum::<f64>() - 6.0
}

#[test]
fn a_steady_leak_is_found_with_its_slope() {
    let mut random = fastrand::Rng::with_seed(1);
    let found = growth((0..100).map(|i| 50.0 * MB + f64::from(i) * 300.0 * KB + random.f64() * MB));
    let truth = 300.0 * KB / SECONDS;
    assert_eq!(found.series, Series::HeapUsed);
    assert!(found.low > 0.0 && found.low <= truth && truth <= found.high, "{found:?}");
    assert!((found.growth_bytes / (79.0 * 300.0 * KB) - 1.0).abs() < 0.1, "{found:?}");
    assert_eq!(found.rss_agrees, None);
}

#[test]
fn a_collector_s_sawtooth_is_no_leak() {
    for runs in [1, 3, 7, 20, 50] {
        for samples in [60, 100, 400] {
            let false_alarms = alarms(300, |random| collected_heap(random, samples, runs, 0.0));
            println!("sawtooth, {samples} samples of {runs} runs: {false_alarms} of 300 called growing");
            assert!(false_alarms <= 6);
        }
    }
}

#[test]
fn a_slow_leak_under_a_sawtooth_is_found() {
    for (samples, runs, at_least) in [(100, 50, 285), (400, 10, 285), (1000, 2, 285), (2000, 1, 285)] {
        let found = alarms(300, |random| collected_heap(random, samples, runs, KB));
        println!("1 KB per run under 5 MB, {samples} samples of {runs} runs: {found} of 300 found");
        assert!(found >= at_least);
    }
}

#[test]
fn a_leak_that_outgrows_a_slow_collector_is_found() {
    let figures = (0..100).map(|i| 40.0 * MB + f64::from(i) * 2.0 * MB + f64::from(i % 27) * MB);
    assert!(growth(figures).bytes_per_second > 0.5 * MB / SECONDS);
}

#[test]
fn noise_is_no_leak() {
    let white = alarms(5000, |random| (0..100).map(|_| 100.0 * MB + normal(random) * 20.0 * MB).collect());
    println!("white noise: {white} of 5000 called growing");
    assert!(white <= 25);

    let drifting = alarms(5000, |random| {
        let mut level = 0.0;
        let mut next = || {
            level = 0.8 * level + normal(random) * 10.0 * MB;
            200.0 * MB + level
        };
        (0..100).map(|_| next()).collect()
    });
    println!("noise that drifts (correlation 0.8): {drifting} of 5000 called growing");
    assert!(drifting <= 75);
}

#[test]
fn a_day_s_rhythm_is_no_leak() {
    for period in [40.0, 60.0, 80.0, 120.0] {
        let found = alarms(200, |random| {
            let phase = random.f64();
            let load = |i: u32| (std::f64::consts::TAU * (f64::from(i) / period + phase)).sin();
            (0..240).map(|i| 100.0 * MB + 30.0 * MB * load(i) + random.f64() * MB).collect()
        });
        println!("rhythm of {period} samples in 240: {found} of 200 called growing");
        assert!(found <= 10);
    }
}

#[test]
fn a_step_that_stays_flat_is_warm_up() {
    for at in [10, 30, 45, 60, 75, 90] {
        let found = alarms(200, |random| {
            (0..100).map(|i| if i < at { 50.0 * MB } else { 90.0 * MB } + random.f64() * 3.0 * MB).collect()
        });
        println!("step at {at} of 100: {found} of 200 called growing");
        assert!(found <= 2);
    }
}

#[test]
fn a_warm_up_that_fades_out_is_no_leak() {
    for tau in [5.0, 10.0, 20.0] {
        let found = alarms(200, |random| {
            let filled = |i: u32| 1.0 - (-f64::from(i) / tau).exp();
            (0..100).map(|i| 50.0 * MB + 40.0 * MB * filled(i) + random.f64() * MB).collect()
        });
        println!("cache filling within {tau} of 100 samples: {found} of 200 called growing");
        assert!(found <= 4);
    }
}

#[test]
fn a_leak_behind_a_step_is_found() {
    let found = alarms(200, |random| {
        let level = |i: u32| if i < 40 { 50.0 * MB } else { 90.0 * MB + f64::from(i - 40) * 300.0 * KB };
        (0..100).map(|i| level(i) + random.f64() * MB).collect()
    });
    println!("leak behind a step: {found} of 200 found");
    assert!(found >= 190);
}

#[test]
fn growth_below_the_minimum_is_of_no_concern() {
    let figures = || (0..100).map(|i| f64::from(i) * KB);
    assert_eq!(verdict(figures()), Verdict::Steady);
    let options = LeakOptions::default().min_growth_bytes(50.0 * KB);
    assert!(matches!(judge(&heap(figures()), &options), Verdict::Growing(_)));
}

#[test]
fn shrinking_memory_is_steady() {
    assert_eq!(verdict((0..100).map(|i| 500.0 * MB - f64::from(i) * MB)), Verdict::Steady);
    assert_eq!(verdict((0..100).map(|_| 5.0)), Verdict::Steady);
}

#[test]
fn too_few_samples_say_how_many_it_takes() {
    assert_eq!(verdict([]), Verdict::TooFewSamples { have: 0, need: 20 });
    assert_eq!(verdict((0..19).map(f64::from)), Verdict::TooFewSamples { have: 19, need: 20 });
    assert!(matches!(verdict((0..20).map(|i| f64::from(i) * MB)), Verdict::Growing(_)));
    let options = LeakOptions::default().min_samples(0).warm_up_share(0.5);
    assert_eq!(judge(&heap([]), &options), Verdict::TooFewSamples { have: 0, need: 32 });
}

#[test]
fn options_out_of_range_are_brought_back() {
    let options =
        LeakOptions::default().confidence(7.0).warm_up_share(f64::NAN).min_growth_bytes(-1.0).in_range();
    assert_eq!(options, LeakOptions::default().confidence(0.9999).min_growth_bytes(0.0));
}

#[test]
fn a_clock_that_stands_still_or_runs_backwards_is_no_leak() {
    for step in [0.0, -1000.0, f64::NAN] {
        let mut timeline = Timeline::new();
        for i in 0..100 {
            let heap_used = Some(f64::from(i) * MB);
            timeline.push(Sample { timestamp_ms: f64::from(i) * step, heap_used, ..Sample::default() });
        }
        assert!(!matches!(judge(&timeline, &LeakOptions::default()), Verdict::Growing(_)));
    }
}

#[test]
fn the_series_that_grows_fastest_is_named_and_the_resident_size_only_seconds_it() {
    let mut timeline = Timeline::new();
    for i in 0..100 {
        let i = f64::from(i);
        timeline.push(Sample {
            timestamp_ms: i * 1000.0,
            heap_used: Some(i * MB),
            external: Some(i * 5.0 * MB),
            native_live: Some(3.0 * MB),
            rss: Some(500.0 * MB + i * 6.0 * MB),
            ..Sample::default()
        });
    }
    let options = LeakOptions::default();
    let Verdict::Growing(found) = judge(&timeline, &options) else { panic!("not found") };
    assert_eq!((found.series, found.rss_agrees), (Series::External, Some(true)));
    assert_eq!(judge_series(&timeline, Series::NativeLive, &options), Verdict::Steady);

    let mut resident_only = Timeline::new();
    for sample in timeline.iter() {
        resident_only.push(Sample { external: None, heap_used: None, ..*sample });
    }
    assert_eq!(judge(&resident_only, &options), Verdict::Steady);
}

/// A heap of which all garbage is collected after so many samples each time: `kept` and `garbage` bytes more at each.
fn rarely_collected(samples: usize, every: usize, kept: f64, garbage: f64) -> Timeline {
    let mut timeline = Timeline::new();
    for index in 0..samples {
        let (live, since) = (40.0 * MB + index as f64 * kept, index % every);
        timeline.push(Sample {
            timestamp_ms: index as f64 * SECONDS * 1000.0,
            heap_used: Some(live + since as f64 * garbage),
            collected: Some(index > 0 && since == 0),
            ..Sample::default()
        });
    }
    timeline
}

#[test]
fn garbage_that_nobody_has_collected_yet_is_no_leak() {
    let growing =
        |timeline: &Timeline| matches!(judge(timeline, &LeakOptions::default()), Verdict::Growing(_));
    for samples in 1..600 {
        assert!(!growing(&rarely_collected(samples, 150, 0.0, 0.3 * MB)), "{samples}");
    }
    // Where nobody tells of collections the same looks like a leak.
    let mut untold = Timeline::new();
    for sample in rarely_collected(100, 150, 0.0, 0.3 * MB).iter() {
        untold.push(Sample { collected: None, ..*sample });
    }
    assert!(growing(&untold));
}

#[test]
fn a_leak_under_rare_collections_is_found_when_the_second_of_them_has_left_it() {
    let found = |every, kept, garbage| {
        (1..1000).find(|samples| {
            let timeline = rarely_collected(*samples, every, kept, garbage);
            matches!(judge(&timeline, &LeakOptions::default()), Verdict::Growing(_))
        })
    };
    // Also where only one of the two is among the hundred samples that are kept.
    for (every, kept) in [(30, 0.1 * MB), (80, 0.1 * MB), (150, 0.2 * MB), (1, 0.05 * MB)] {
        let first = found(every, kept, 0.05 * MB).expect("found");
        assert!(first <= 2 * every + 60, "{every}: {first}");
    }
}

#[test]
fn verdicts_have_a_json_form() {
    assert_eq!(serde_json::to_value(Verdict::Steady).unwrap(), json!({ "verdict": "steady" }));
    assert_eq!(
        serde_json::to_value(Verdict::TooFewSamples { have: 1, need: 20 }).unwrap(),
        json!({ "verdict": "tooFewSamples", "have": 1, "need": 20 })
    );
    let growth = Growth {
        series: Series::HeapUsed,
        bytes_per_second: 2.0,
        low: 1.0,
        high: 3.0,
        growth_bytes: 9.0,
        rss_agrees: None,
    };
    assert_eq!(
        serde_json::to_value(Verdict::Growing(growth)).unwrap(),
        json!({
            "verdict": "growing", "series": "heapUsed", "bytesPerSecond": 2.0, "low": 1.0, "high": 3.0,
            "growthBytes": 9.0, "rssAgrees": null,
        })
    );
}
