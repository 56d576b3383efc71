use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
struct Members<'a> {
    #[serde(borrow, default)]
    word: Scalar<'a>,
    #[serde(borrow, default)]
    inner: Object<Inner<'a>>,
    #[serde(borrow, default)]
    list: List<Scalar<'a>, 3>,
}

#[derive(Debug, Deserialize)]
struct Inner<'a> {
    #[serde(borrow, default)]
    word: Scalar<'a>,
}

const VALUES: [&str; 10] =
    ["null", "true", "-1", "7", "1.5", "\"a\"", "\"\\n\"", "[1,[2]]", "{\"word\":\"b\"}", "{}"];

#[test]
fn every_type_is_read_or_passed_over_in_every_place() {
    for value in VALUES {
        let body = format!("{{\"word\":{value},\"inner\":{value},\"list\":{value}}}");
        let read: Members<'_> =
            serde_json::from_str(&body).unwrap_or_else(|error| panic!("{value}: {error}"));
        assert_eq!(read.word.number(), (value == "7").then_some(7), "{value}");
        assert_eq!(read.word.text().is_some(), value.starts_with('"'), "{value}");
        assert_eq!(read.inner.0.is_some(), value.starts_with('{'), "{value}");
        assert_eq!(read.list.0.len(), if value.starts_with('[') { 2 } else { 0 }, "{value}");
    }
    let none: Object<Inner<'_>> = serde_json::from_str("[{\"word\":\"b\"}]").unwrap();
    assert!(none.0.is_none(), "a list is no object");
}

#[test]
fn strings_without_escapes_are_borrowed_at_every_depth() {
    let body = r#"{"word":"plain","inner":{"word":"deep"},"list":["a\n","b"]}"#;
    let read: Members<'_> = serde_json::from_str(body).unwrap();
    assert!(matches!(read.word, Scalar::Text(Cow::Borrowed("plain"))));
    assert!(matches!(read.inner.0.unwrap().word, Scalar::Text(Cow::Borrowed("deep"))));
    assert!(matches!(&read.list.0[..], [Scalar::Text(Cow::Owned(_)), Scalar::Text(Cow::Borrowed("b"))]));
}

#[test]
fn a_list_is_bounded_and_broken_json_is_still_an_error() {
    assert!(serde_json::from_str::<List<Scalar<'_>, 3>>("[1,2,3]").is_ok());
    assert!(serde_json::from_str::<List<Scalar<'_>, 3>>("[1,2,3,4]").is_err());
    assert!(serde_json::from_str::<Members<'_>>("{\"word\":[1,}").is_err());
}
