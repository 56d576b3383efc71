use serde_json::json;
use serde_json::value::RawValue;

use super::*;
use crate::protocol::MOST_CALLS;

#[derive(Debug, serde::Deserialize)]
struct Probe<'a> {
    #[serde(borrow, default)]
    text: Text<'a>,
    #[serde(borrow, default)]
    word: Word<'a>,
    #[serde(default)]
    number: Number,
    #[serde(default)]
    flag: Flag,
    #[serde(borrow, default)]
    object: Object<Item<'a>>,
    #[serde(borrow, default)]
    list: List<Item<'a>, 3>,
    #[serde(borrow, default)]
    some: OneOrMany<Item<'a>>,
    #[serde(borrow, default)]
    first: First<Item<'a>>,
}

#[derive(Debug, serde::Deserialize)]
struct Item<'a> {
    #[serde(default)]
    at: Number,
    #[serde(borrow, default)]
    text: Text<'a>,
}

impl Indexed for Item<'_> {
    fn index(&self) -> Number {
        self.at
    }
}

const MEMBERS: [&str; 8] = ["text", "word", "number", "flag", "object", "list", "some", "first"];

const VALUES: [&str; 15] = [
    "null",
    "true",
    "false",
    "-5",
    "5",
    "5.0",
    "\"5\"",
    "1.5",
    "\"t\"",
    "\"\\n\"",
    "[1,[2]]",
    "[[1],{\"x\":[]}]",
    "{\"at\":\"no\"}",
    "{}",
    "[]",
];

#[test]
fn every_type_is_read_or_passed_over_in_every_place() {
    for value in VALUES {
        let members = MEMBERS.map(|name| format!("\"{name}\":{value}"));
        let body = format!("{{{}}}", members.join(","));
        let probe: Probe<'_> = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{value}: {error}"));
        let text = value.starts_with('"');
        assert_eq!(probe.text.get().is_some(), text, "{value}");
        assert_eq!(probe.text.get() == Some("t"), value == "\"t\"", "{value}");
        let digits = value.parse::<f64>().is_ok();
        assert_eq!(probe.word.get().is_some(), text || digits, "{value}");
        let number = value.trim_matches('"').strip_suffix(".0").unwrap_or(value.trim_matches('"')) == "5";
        assert_eq!(probe.number.0, number.then_some(5), "{value}");
        assert_eq!((probe.flag.is_set(), probe.flag.0.is_some()), (value == "true", value.ends_with('e')));
        assert_eq!(probe.object.0.is_some(), value.starts_with('{'), "{value}");
        let objects = usize::from(value.starts_with('[') && value.contains('{'));
        assert_eq!(probe.list.0.len(), objects, "{value}");
        assert_eq!(probe.some.0.len(), usize::from(value.contains('{')), "{value}");
        assert_eq!(probe.first.item.is_some(), objects > 0, "{value}");
        assert_eq!(probe.first.count.is_some(), value.starts_with('['), "{value}");
    }
    let none: Probe<'_> = serde_json::from_str("{}").unwrap();
    assert!(none.text.get().is_none() && none.object.0.is_none() && none.first.count.is_none());
    let none: Object<Item<'_>> = serde_json::from_str("[{\"text\":\"b\"}]").unwrap();
    assert!(none.0.is_none(), "a list is no object");
    assert!(object::<Item<'_>>(b"[]").is_err() && object::<Item<'_>>(b"{}").is_ok());
}

#[test]
fn strings_without_escapes_are_borrowed_at_every_depth() {
    let body =
        r#"{"text":"plain","object":{"text":"deep"},"list":[{"text":"a\n"},{"text":"b"}],"word":"\u00e9"}"#;
    let read: Probe<'_> = serde_json::from_str(body).unwrap();
    assert!(matches!(read.text, Text(Some(Cow::Borrowed("plain")))));
    assert!(matches!(read.object.0.unwrap().text, Text(Some(Cow::Borrowed("deep")))));
    let [Item { text: owned, .. }, Item { text: borrowed, .. }] = &read.list.0[..] else { panic!("two") };
    assert!(matches!((&owned.0, &borrowed.0), (Some(Cow::Owned(_)), Some(Cow::Borrowed("b")))));
    assert_eq!(read.word.get(), Some("\u{e9}"));
}

#[test]
fn objects_within_lists_are_read_and_other_items_passed_over() {
    let List(items) =
        serde_json::from_str::<List<Item<'_>>>("[{\"at\":1},null,[],\"x\",{\"at\":2}]").unwrap();
    assert_eq!(items.iter().filter_map(|item| item.at.0).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn the_first_of_several_is_that_without_a_number_or_with_the_number_zero() {
    let first = |body: &str| {
        let first: First<Item<'_>> = serde_json::from_str(body).unwrap();
        (first.item.map(|item| item.text.as_str().to_owned()), first.count)
    };
    assert_eq!(
        first("[{\"at\":1},5,{\"at\":0,\"text\":\"a\"},{\"text\":\"b\"}]"),
        (Some("a".into()), Some(4))
    );
    assert_eq!(first("[{\"text\":\"b\"}]"), (Some("b".into()), Some(1)));
    assert_eq!(first("[{\"at\":1}]"), (None, Some(1)));
}

#[test]
fn a_list_is_bounded_and_broken_json_is_still_an_error() {
    assert!(serde_json::from_str::<List<Item<'_>, 3>>("[{},{},{}]").is_ok());
    assert!(serde_json::from_str::<List<Item<'_>, 3>>("[{},{},{},{}]").is_err());
    assert!(serde_json::from_str::<Probe<'_>>("{\"text\":[1,}").is_err());
    let body = json!(vec![json!({}); MOST_CALLS + 1]).to_string();
    assert!(serde_json::from_str::<List<Item<'_>>>(&body).unwrap_err().to_string().contains("1024"));
    assert!(serde_json::from_str::<OneOrMany<Item<'_>>>(&body).is_err());
}

fn raw(body: &str) -> Box<RawValue> {
    RawValue::from_string(body.to_owned()).unwrap()
}

#[test]
fn json_text_comes_in_a_string_or_as_itself() {
    let text = |body: &str| json_text(Some(&raw(body))).into_owned();
    assert_eq!(text(r#""{\"a\":1}""#), r#"{"a":1}"#);
    assert_eq!(text(r#"{"a": 1}"#), r#"{"a": 1}"#);
    assert_eq!(text("null"), "");
    assert_eq!(json_text(None), "");
}

#[test]
fn counts_are_whole_numbers_of_an_object_of_sensible_size() {
    let told = raw(
        r#"{"a":9,"b":{"c":4.0,"d":-1,"e":"5","f":[{"g":1}]}, "h":{"c":{"i":1},"c":{"i":2},"j":6}, "a":3,"b.c":0}"#,
    );
    let counts = Counts::read(Some(&told)).unwrap();
    let at = |place: &[&str]| counts.at(place);
    assert_eq!(
        [at(&["a"]), at(&["b", "c"]), at(&["h", "c", "i"]), at(&["h", "j"])],
        [Some(3), Some(4), Some(2), Some(6)]
    );
    for none in [
        &["b"][..],
        &["b", "d"],
        &["b", "e"],
        &["b", "f"],
        &["b", "f", "g"],
        &["a", "c"],
        &["c"],
        &["b", "j"],
        &["x"],
        &[],
    ] {
        assert_eq!(at(none), None, "{none:?}");
    }
    assert_eq!(counts.raw().get(), told.get());
    let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 16));
    assert!(["5", "[]", &huge].iter().all(|body| Counts::read(Some(&raw(body))).is_none()));
}
