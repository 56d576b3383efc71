use serde_json::json;

use super::*;

#[derive(Debug, Deserialize)]
struct Probe<'a> {
    #[serde(borrow, default)]
    text: Text<'a>,
    #[serde(default)]
    number: Number,
    #[serde(default)]
    flag: Flag,
    #[serde(default)]
    object: Object<Item>,
    #[serde(default)]
    list: List<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    #[serde(default)]
    at: Number,
}

const ODD: [&str; 9] =
    ["null", "true", "-5", "5", "1.5", "\"t\"", "[[1],{\"x\":[]}]", "{\"at\":\"no\"}", "[]"];

#[test]
fn every_shape_in_every_place_is_read_or_passed_over() {
    for odd in ODD {
        let body =
            format!("{{\"text\":{odd},\"number\":{odd},\"flag\":{odd},\"object\":{odd},\"list\":{odd}}}");
        let probe: Probe<'_> = serde_json::from_str(&body).unwrap();
        assert_eq!(probe.text.get(), (odd == "\"t\"").then_some("t"), "{odd}");
        assert_eq!(probe.number.0, (odd == "5").then_some(5), "{odd}");
        assert_eq!(probe.flag.0, odd == "true", "{odd}");
        assert_eq!(probe.object.0.is_some(), odd.starts_with('{'), "{odd}");
        assert_eq!(probe.list.0.len(), usize::from(odd.contains('{')), "{odd}");
    }
    let none: Probe<'_> = serde_json::from_str("{}").unwrap();
    assert!(none.text.get().is_none() && none.object.0.is_none());
}

#[test]
fn text_is_borrowed_where_it_has_no_escapes() {
    let Text(plain) = serde_json::from_str("\"plain\"").unwrap();
    assert!(matches!(plain, Some(Cow::Borrowed("plain"))));
    let Text(escaped) = serde_json::from_str("\"\\u00e9\"").unwrap();
    assert_eq!(escaped.as_deref(), Some("\u{e9}"));
}

#[test]
fn objects_within_lists_are_read_and_other_items_passed_over() {
    let List(items) = serde_json::from_str::<List<Item>>("[{\"at\":1},null,[],\"x\",{\"at\":2}]").unwrap();
    assert_eq!(items.iter().filter_map(|item| item.at.0).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn an_endless_list_is_refused() {
    let body = json!(vec![json!({}); MOST_CALLS + 1]).to_string();
    assert!(serde_json::from_str::<List<Item>>(&body).unwrap_err().to_string().contains("1024"));
}

#[test]
fn json_text_comes_in_a_string_or_as_itself() {
    let text = |body: &str| json_text(Some(&RawValue::from_string(body.to_owned()).unwrap())).into_owned();
    assert_eq!(text(r#""{\"a\":1}""#), r#"{"a":1}"#);
    assert_eq!(text(r#"{"a": 1}"#), r#"{"a": 1}"#);
    assert_eq!(text("null"), "");
    assert_eq!(json_text(None), "");
}
