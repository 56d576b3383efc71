use std::sync::Arc;

use super::{Prefix, Prefixes, decode, split};

#[test]
fn the_prefix_ends_at_the_next_slash() {
    assert_eq!(split("/with/a=1,b=2/v1/models?x=/"), (Some("a=1,b=2"), "/v1/models"));
    assert_eq!(split("/v1/models?with=/with/"), (None, "/v1/models"));
    assert_eq!(split("/with/a=1"), (Some("a=1"), ""));
}

#[test]
fn values_are_percent_decoded() {
    assert_eq!(decode("a%20b%2Cc%C3%A9%"), "a b,cé%");
    assert_eq!(decode("%zz%2"), "%zz%2");
    let prefix = Prefix::parse("text=42%2C%2043,error=%7B%22error%22%3A1%7D").unwrap();
    assert!(prefix.form().is_some());
}

#[test]
fn times_run_out_and_come_back() {
    let all = Prefixes::default();
    let uses = || (0..4).filter(|_| all.get("status=429,times=2").unwrap().form().is_some()).count();
    assert_eq!((uses(), uses()), (2, 0));
    all.rewind();
    assert_eq!(uses(), 2);
    assert!(all.get("status=429,times=2,id=other").unwrap().form().is_some());
    assert!(Arc::ptr_eq(&all.get("pieces=1").unwrap(), &all.get("pieces=1").unwrap()));
}

#[test]
fn a_bad_prefix_says_what_is_wrong() {
    for (keys, part) in [
        ("latency", "no = in"),
        ("latenzy_ms=1", "latenzy_ms"),
        ("pieces=x", "invalid type"),
        ("times=x", "times"),
    ] {
        let message = Prefix::parse(keys).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    }
}
