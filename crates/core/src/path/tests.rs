use serde_json::{Value, json};

use super::Path;

#[test]
fn a_path_leads_through_fields_and_positions_or_nowhere() {
    let value = json!({ "a": { "b c": [1, { "d": null }] } });
    let find = |path: &str| Path::parse(path).unwrap().find(&value).cloned();
    assert_eq!(find("a.b c.0"), Some(json!(1)));
    assert_eq!(find(" a . b c . 1 . d "), Some(Value::Null));
    for nowhere in ["b", "a.b c.2", "a.b c.-1", "a.b c.0.x", "a.b c.1.d.e"] {
        assert_eq!(find(nowhere), None, "{nowhere}");
    }
}

#[test]
fn empty_parts_are_refused() {
    for path in ["", " ", ".", "a.", ".a", "a..b"] {
        assert!(Path::parse(path).unwrap_err().message().contains("has an empty part"), "{path:?}");
    }
    assert!(serde_json::from_value::<Path>(json!("a..b")).is_err());
    assert_eq!(serde_json::to_value(Path::parse("a.0").unwrap()).unwrap(), json!("a.0"));
}
