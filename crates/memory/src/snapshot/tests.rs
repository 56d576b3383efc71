use serde_json::json;

use super::{Snapshot, resident};

#[test]
fn resident_size_and_its_peak_come_from_the_status_file() {
    assert_eq!(resident("VmHWM:\t 20 kB\nVmRSS:\t 10 kB\n"), (Some(10 * 1024), Some(20 * 1024)));
    assert_eq!(resident("VmRSS:\t 10 kB\n"), (Some(10 * 1024), None));
}

#[test]
fn a_snapshot_of_this_process_is_plausible() {
    let seen = Snapshot::take();
    assert!(seen.timestamp_ms > 1.7e12);
    assert_eq!(seen.native, None);
    assert_eq!(seen.rss_bytes.is_some(), cfg!(target_os = "linux"));
}

#[test]
fn json_uses_camel_case_and_null_for_what_is_absent() {
    let seen = Snapshot { timestamp_ms: 1.5, rss_bytes: Some(4096), peak_rss_bytes: None, native: None };
    let expected = json!({ "timestampMs": 1.5, "rssBytes": 4096, "peakRssBytes": null, "native": null });
    assert_eq!(serde_json::to_value(seen).unwrap(), expected);
}
