use graphbit_testkit::recorded::{Recordings, fixtures_dir};

use super::*;

fn headers<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> HeaderMap {
    let pairs = pairs.into_iter().filter_map(|(name, value)| {
        Some((name.parse::<http::HeaderName>().ok()?, value.parse::<http::HeaderValue>().ok()?))
    });
    pairs.collect()
}

fn read(pairs: &[(&str, &str)]) -> RateState {
    RateState::from_headers(&headers(pairs.iter().copied())).unwrap()
}

fn window(limit: u64, remaining: u64, reset_ms: Option<u64>) -> Option<Window> {
    let reset = reset_ms.map(Duration::from_millis);
    Some(Window { limit: Some(limit), remaining: Some(remaining), reset })
}

const DATE: (&str, &str) = ("date", "Wed, 19 Nov 2025 01:51:25 GMT");

#[test]
fn durations_of_go_and_seconds_are_resets() {
    let state = read(&[
        ("x-ratelimit-limit-requests", "5000"),
        ("x-ratelimit-remaining-requests", "4999"),
        ("x-ratelimit-reset-requests", "21m36.001s"),
        ("x-ratelimit-limit-tokens", "100"),
        ("x-ratelimit-remaining-tokens", "40"),
        ("x-ratelimit-reset-tokens", "23.5"),
    ]);
    assert_eq!(state.requests, window(5000, 4999, Some(1_296_001)));
    assert_eq!(state.tokens, window(100, 40, Some(23_500)));
}

#[test]
fn moments_are_measured_from_the_replys_own_date() {
    let reset = |value| {
        let name = "anthropic-ratelimit-tokens-reset";
        read(&[DATE, ("anthropic-ratelimit-tokens-remaining", "7"), (name, value)]).tokens.unwrap().reset
    };
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(reset("2025-11-19T01:51:55Z"), seconds(30));
    assert_eq!(reset("2025-11-19T02:51:55.000+01:00"), seconds(30));
    assert_eq!(reset("2025-11-19T01:51:21Z"), seconds(0), "past");
    assert_eq!(reset("1763517095000"), seconds(10), "milliseconds since 1970");
    assert_eq!(reset("1763517095"), seconds(10), "seconds since 1970");
    for nonsense in ["soon", "2025-13-40T99:00:00Z", "2025-11-19", "-5", "NaN", "inf", ""] {
        assert_eq!(reset(nonsense), None, "{nonsense}");
    }
    let dateless = read(&[("ratelimit-remaining", "1"), ("ratelimit-reset", "1763517095000")]);
    assert_eq!(dateless.requests.unwrap().reset, None, "nothing to measure it from");
}

#[test]
fn of_several_windows_the_tightest_holds_and_one_named_after_its_length_lasts_that_long() {
    let state = read(&[
        ("x-ratelimit-limit-requests-day", "1440000"),
        ("x-ratelimit-remaining-requests-day", "1439972"),
        ("x-ratelimit-limit-req-minute", "100"),
        ("x-ratelimit-remaining-req-minute", "99"),
        ("x-ratelimit-remaining", "120"),
    ]);
    assert_eq!(state.requests, window(100, 99, Some(60_000)));
}

#[test]
fn tokens_of_all_kinds_win_over_those_of_one() {
    let state = read(&[
        DATE,
        ("anthropic-ratelimit-output-tokens-limit", "80"),
        ("anthropic-ratelimit-output-tokens-remaining", "70"),
        ("anthropic-ratelimit-tokens-limit", "480"),
        ("anthropic-ratelimit-tokens-remaining", "470"),
    ]);
    assert_eq!(state.tokens, window(480, 470, None));
    let kinds = read(&[
        ("x-ratelimit-remaining-tokens-prompt", "9"),
        ("x-ratelimit-remaining-tokens-generated", "8"),
    ]);
    assert_eq!(kinds.tokens.unwrap().remaining, Some(8));
}

#[test]
fn what_is_no_limit_is_not_read_as_one() {
    for (name, value) in [
        ("x-ratelimit-over-limit", "0"),
        ("x-ratelimit-remaining-input-images", "49999"),
        ("x-ratelimit-tokens-query-cost", "31"),
        ("x-ratelimit-remaining-tokens", "-1"),
        ("retry-after", "5"),
    ] {
        assert_eq!(RateState::from_headers(&headers([(name, value)])), None, "{name}");
    }
}

#[test]
fn every_vendor_that_was_recorded_with_limits_is_understood() {
    let Some(dir) = fixtures_dir() else { return };
    let mut understood = std::collections::BTreeMap::new();
    for case in Recordings::open(dir).unwrap().iter() {
        let case = case.unwrap();
        let told = case.headers.iter().any(|(name, value)| {
            name.contains("ratelimit")
                && name.contains("remaining")
                && count(value).is_some()
                && !name.contains("images")
        });
        let pairs = case.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let state = RateState::from_headers(&headers(pairs));
        assert_eq!(state.is_some(), told, "{}/{}: {:?}", case.provider, case.case, case.headers);
        let Some(state) = state else { continue };
        for window in [state.requests, state.tokens].into_iter().flatten() {
            let remaining = window.remaining.unwrap();
            // Some servers let a burst exceed what they call the limit.
            let roomy = window.limit.is_none_or(|limit| remaining <= limit.saturating_mul(2));
            assert!(
                roomy && window.reset.is_none_or(|reset| reset.as_secs() <= 86_400),
                "{}: {window:?}",
                case.case
            );
            let counts: &mut [u32; 2] = understood.entry(case.provider.clone()).or_default();
            counts[0] += 1;
            counts[1] += u32::from(window.reset.is_some());
        }
    }
    println!("windows understood, and those with a reset: {understood:?}");
    for vendor in
        ["anthropic", "azure-openai", "cerebras", "groq", "mistral", "openai-chat", "together", "venice"]
    {
        assert!(understood.get(vendor).is_some_and(|counts| counts[1] > 0), "{vendor}");
    }
}
