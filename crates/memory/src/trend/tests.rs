use super::{Point, blocks, interval, lowest, median, middle, normal_quantile, slope};

fn series(bytes: impl IntoIterator<Item = f64>) -> Vec<Point> {
    bytes.into_iter().enumerate().map(|(second, bytes)| Point { seconds: second as f64, bytes }).collect()
}

#[test]
fn the_quantiles_match_the_tables() {
    for (confidence, expected) in [(0.9, 1.644_854), (0.95, 1.959_964), (0.99, 2.575_829), (0.999, 3.290_527)]
    {
        assert!((normal_quantile(confidence) - expected).abs() < 4.5e-4);
    }
}

#[test]
fn the_median_takes_the_middle_of_an_even_count() {
    assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
    assert!(median(vec![]).is_nan());
}

#[test]
fn the_slope_withstands_a_quarter_of_outliers() {
    let points = series((0..40).map(|i| if i % 4 == 0 { 1e9 } else { f64::from(i) * 5.0 }));
    assert!((slope(&points).unwrap() - 5.0).abs() < 1e-9);
}

#[test]
fn there_is_no_slope_without_time() {
    let still = [Point { seconds: 1.0, bytes: 0.0 }, Point { seconds: 1.0, bytes: 9.0 }];
    assert_eq!(slope(&still), None);
    assert_eq!(interval(&still, 0.99), None);
    assert_eq!(interval(&series([1.0, 2.0, 3.0]), 0.99), None);
}

/// Sen's own guarantee, checked: the interval holds the true slope about as often as it promises.
#[test]
fn the_interval_holds_the_true_slope() {
    let held = (0..1000)
        .filter(|seed| {
            let mut random = fastrand::Rng::with_seed(*seed);
            let points = series((0..24).map(|i| f64::from(i) * 2.0 + random.f64() * 40.0));
            interval(&points, 0.95).is_some_and(|trend| trend.low <= 2.0 && 2.0 <= trend.high)
        })
        .count();
    println!("interval at 95 % held the true slope in {held} of 1000 series");
    assert!(held >= 930);
}

#[test]
fn blocks_cover_every_point_once() {
    let points = series((0..10).map(f64::from));
    let picked = |count, pick| blocks(&points, count, pick).iter().map(|p| p.bytes).collect::<Vec<_>>();
    assert_eq!(picked(3, lowest), [0.0, 3.0, 6.0]);
    assert_eq!(picked(3, middle), [1.0, 4.0, 8.0]);
    assert_eq!(picked(20, lowest).len(), 10);
}
