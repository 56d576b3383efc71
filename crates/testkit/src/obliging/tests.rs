use super::*;

#[test]
fn a_sample_fits_the_usual_words() {
    let schema = json!({
        "type": "object",
        "properties": {
            "name": { "type": "string" },
            "age": { "type": "integer", "minimum": 3 },
            "kind": { "enum": ["a", "b"] },
            "tags": { "type": "array", "items": { "type": ["string", "null"] }, "minItems": 2 },
            "either": { "anyOf": [{ "type": "boolean" }, { "type": "null" }] },
        },
    });
    let want = json!({ "name": "text", "age": 3, "kind": "a", "tags": ["text", "text"], "either": true });
    assert_eq!(sample(&schema, 0), want);
    assert_eq!(sample(&json!({}), 0), json!({}));
}
