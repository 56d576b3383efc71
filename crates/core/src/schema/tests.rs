use serde_json::json;

use super::*;

fn person() -> Schema {
    Schema::compile(&json!({
        "type": "object",
        "properties": { "name": { "type": "string" }, "tags": { "type": "array", "items": { "$ref": "#/$defs/tag" } } },
        "required": ["name"],
        "$defs": { "tag": { "enum": ["a", "b"] } },
    }))
    .unwrap()
}

#[test]
fn a_value_that_fits_has_no_faults() {
    assert!(person().faults(&json!({ "name": "Ada", "tags": ["a"] })).is_empty());
}

#[test]
fn every_fault_is_told_with_its_place_and_without_the_value() {
    let faults = person().faults(&json!({ "name": "s3cret".repeat(2).len(), "tags": ["a", "s3cret"] }));
    assert_eq!(faults.len(), 2, "{faults:?}");
    let all = faults.join("\n");
    assert!(all.contains("/name: ") && all.contains("/tags/1: ") && !all.contains("s3cret"), "{all}");
    assert_eq!(person().faults(&json!({})), ["the value: \"name\" is a required property"]);
}

#[test]
fn a_value_full_of_faults_is_told_in_few_words() {
    let schema = Schema::compile(&json!({ "items": { "type": "string" } })).unwrap();
    assert_eq!(schema.faults(&json!(vec![0; 1000])).len(), FAULTS);
}

#[test]
fn what_is_no_schema_is_refused_and_nothing_is_fetched() {
    let said = Schema::compile(&json!({ "type": "strng" })).unwrap_err().to_string();
    assert!(said.contains("no JSON Schema at /type"), "{said}");
    assert!(Schema::compile(&json!({ "$ref": "https://example.com/person.json" })).is_err());
    assert!(Schema::compile(&json!({ "$ref": "file:///etc/passwd" })).is_err());
}
