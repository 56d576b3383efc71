//! Which lists of versions are understood.

use super::parse;

#[test]
fn majors_and_exact_versions_but_no_other_words() {
    assert_eq!(parse("18,v22, 24.1.0").unwrap(), ["18", "22", "24.1.0"]);
    for bad in ["", "18,", "latest", "18;rm"] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}
