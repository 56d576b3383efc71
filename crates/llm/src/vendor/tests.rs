use std::collections::HashSet;

use super::*;

#[test]
fn rows_are_distinct_and_well_formed() {
    let mut names = HashSet::new();
    for row in VENDORS {
        assert!(names.insert(row.name), "{} twice", row.name);
        let url: http::Uri = row.base_url.parse().unwrap();
        assert!(url.host().is_some() && !row.base_url.ends_with('/'), "{}", row.base_url);
    }
}

#[test]
fn an_unknown_vendor_suggests_the_nearest() {
    let error = vendor("opena1").unwrap_err();
    assert_eq!(error.code().as_str(), "CONFIG");
    assert!(error.message().contains("did you mean \"openai\""), "{error}");
}
