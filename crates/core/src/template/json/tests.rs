use serde_json::{Map, Value, json};

use super::JsonTemplate;

fn rendered(value: &Value) -> Value {
    let mut scope = Map::new();
    scope.insert("input".into(), json!({ "n": 1, "list": [true], "none": null }));
    JsonTemplate::parse(value).unwrap().render(&scope).unwrap()
}

#[test]
fn a_lone_variable_keeps_its_type_and_text_around_it_makes_text() {
    assert_eq!(rendered(&json!("{{input.n}}")), json!(1));
    assert_eq!(rendered(&json!("{{ input.none }}")), json!(null));
    assert_eq!(rendered(&json!(" {{input.n}}")), json!(" 1"));
    assert_eq!(rendered(&json!("{{input.n}}{{input.n}}")), json!("11"));
    assert_eq!(rendered(&json!(r"\{{input.n}}")), json!("{{input.n}}"));
    assert_eq!(
        rendered(&json!({ "a": [1, "{{input.list}}"], "{{b}}": {} })),
        json!({ "a": [1, [true]], "{{b}}": {} })
    );
}

#[test]
fn every_fault_is_told_and_every_template_found() {
    let error = JsonTemplate::parse(&json!({ "a": "{{", "b": ["{{}}", 1] })).unwrap_err();
    assert!(error.message().contains("never closed") && error.message().contains("has no name"), "{error}");
    let template = JsonTemplate::parse(&json!(["{{a}}", { "x": "{{b}}", "y": "c" }, "{{d}}"])).unwrap();
    let sources: Vec<_> = template.templates().map(|template| template.source().to_owned()).collect();
    assert_eq!(sources, ["{{a}}", "{{b}}", "{{d}}"]);
}

#[test]
fn a_missing_value_is_an_error() {
    let template = JsonTemplate::parse(&json!({ "a": "{{input.x}}" })).unwrap();
    assert!(template.render(&Map::new()).unwrap_err().message().contains("{{input.x}}"));
}
