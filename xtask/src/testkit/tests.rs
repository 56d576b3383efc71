//! What is read from the testkit's first line.

use super::base_url;

#[test]
fn the_base_url_or_a_clear_error() {
    assert_eq!(base_url("{\"baseUrl\":\"http://127.0.0.1:1/v1\"}\n").unwrap(), "http://127.0.0.1:1/v1");
    assert_eq!(base_url("hello\n").unwrap_err(), "the testkit's first line has no baseUrl: `hello`");
    assert!(base_url("").is_err());
}
