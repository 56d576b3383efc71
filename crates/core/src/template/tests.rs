use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::Template;
use crate::ErrorCode;

fn scope() -> Map<String, Value> {
    let scope = json!({
        "input": { "name": "Ann", "age": 41, "tags": ["a", "b"], "none": null, "first name": "A." },
        "research": "facts with {{input.name}}",
        "draft-1": { "items": [{ "title": "T" }], "empty": {} },
    });
    scope.as_object().cloned().unwrap()
}

fn rendered(source: &str) -> String {
    Template::parse(source).unwrap().render(&scope()).unwrap()
}

fn unreadable(source: &str) -> String {
    let error = Template::parse(source).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    error.message().to_owned()
}

fn missing(source: &str) -> String {
    let error = Template::parse(source).unwrap().render(&scope()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    error.message().to_owned()
}

#[test]
fn variables_take_their_values() {
    assert_eq!(rendered("Hi {{input.name}}!"), "Hi Ann!");
    assert_eq!(rendered("{{ input . name }}{{\n\tinput.age\n}}"), "Ann41");
    assert_eq!(rendered("{{draft-1.items.0.title}}"), "T");
    assert_eq!(rendered("{{input.first name}}"), "A.");
}

#[test]
fn text_is_inserted_raw_null_as_nothing_and_the_rest_as_compact_json() {
    assert_eq!(rendered("<{{input.none}}>"), "<>");
    assert_eq!(rendered("{{input.tags}}"), r#"["a","b"]"#);
    assert_eq!(rendered("{{draft-1}}"), r#"{"empty":{},"items":[{"title":"T"}]}"#);
}

#[test]
fn inserted_text_is_not_read_again() {
    assert_eq!(rendered("{{research}}"), "facts with {{input.name}}");
}

#[test]
fn everything_else_is_plain_text() {
    for text in ["", "no variables", "{ \"a\": { \"b\": 1 } }", "a } b }} c", "{", "\\", "\\n {x}", "ünï 🚀"]
    {
        assert_eq!(rendered(text), text);
        assert!(!Template::parse(text).unwrap().has_variables());
    }
    assert_eq!(
        rendered("{\"name\":\"{{input.name}}\",\"tags\":{{input.tags}}}"),
        r#"{"name":"Ann","tags":["a","b"]}"#
    );
}

#[test]
fn a_backslash_escapes_and_a_second_one_escapes_it() {
    assert_eq!(rendered(r"\{{input.name}}"), "{{input.name}}");
    assert_eq!(rendered(r"\\{{input.name}}"), r"\Ann");
    assert_eq!(rendered(r"a \{{ b {{input.name}} \{{"), "a {{ b Ann {{");
    assert_eq!(rendered(r"\{{\{{"), "{{{{");
    assert_eq!(rendered(r"\{{{input}"), "{{{input}");
}

#[test]
fn variables_say_what_they_name_and_where() {
    let template = Template::parse("é {{a}} {{ input.x.0 }} {{a}}").unwrap();
    let found: Vec<_> =
        template.variables().map(|v| (v.name(), v.root(), v.path().count(), v.offset())).collect();
    assert_eq!(found, [("a", "a", 0, 5), ("input.x.0", "input", 2, 12), ("a", "a", 0, 27)]);
    assert_eq!(template.source(), "é {{a}} {{ input.x.0 }} {{a}}");
}

#[test]
fn a_fault_names_its_line_and_byte() {
    assert!(unreadable("one\ntwo {{input").contains("line 2, byte 8: {{ is never closed"));
    assert!(unreadable("{{}}").contains("line 1, byte 0: a variable has no name"));
    assert!(unreadable("{{  \n}}").contains("a variable has no name"));
    assert!(unreadable("{{{input.x}}}").contains("the variable \"{input.x\" holds a brace"));
    assert!(unreadable("{{input..x}}").contains("\"input..x\" has an empty part"));
    assert!(unreadable("{{.x}}").contains("has an empty part"));
    assert!(unreadable("{{x.}}").contains("has an empty part"));
}

#[test]
fn every_fault_is_reported() {
    let faults = Template::read("{{a {{b}} {{}}\n{{c..d}} {{e".into()).unwrap_err();
    let found: Vec<_> = faults.iter().map(|fault| (fault.line, fault.offset)).collect();
    assert_eq!(found, [(1, 0), (1, 10), (2, 15), (2, 24)]);
}

#[test]
fn a_missing_value_says_what_there_is_instead() {
    assert_eq!(
        missing("x\n{{input.nmae}}"),
        "{{input.nmae}} (line 2) has no value: {{input}} has no field \"nmae\"; \
         there is age, first name, name, none, tags; did you mean {{input.name}}?"
    );
    assert_eq!(
        missing("{{resaerch}}"),
        "{{resaerch}} (line 1) has no value: there is no \"resaerch\"; \
         there is draft-1, input, research; did you mean {{research}}?"
    );
    for (source, why) in [
        ("{{research.title}}", "{{research}} is text, without a field \"title\""),
        ("{{input.age.x}}", "{{input.age}} is a number, without a field \"x\""),
        ("{{input.none.x}}", "{{input.none}} is null, without a field \"x\""),
        ("{{draft-1.empty.x}}", "{{draft-1.empty}} is an empty object, without a field \"x\""),
        ("{{input.tags.2}}", "{{input.tags}} is a list of 2, counted from 0, without a position \"2\""),
        ("{{input.tags.first}}", "without a position \"first\""),
    ] {
        assert!(missing(source).contains(why), "{}", missing(source));
    }
}

#[test]
fn a_long_list_of_names_is_cut() {
    let fields: Map<String, Value> = (0..100).map(|n| (format!("f{n:03}"), Value::Null)).collect();
    let mut scope = Map::new();
    scope.insert("input".into(), Value::Object(fields));
    let error = Template::parse("{{input.zzzzz}}").unwrap().render(&scope).unwrap_err();
    assert!(error.message().ends_with("f010, f011 and 88 more"), "{error}");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in r"[{}\\ .a-cé\n]{0,40}") {
        if let Ok(template) = Template::parse(&*text) {
            for variable in template.variables() {
                prop_assert!(text[variable.offset()..].starts_with(variable.name()));
                prop_assert!(!variable.root().is_empty());
            }
        }
    }

    #[test]
    fn escaped_text_comes_back_as_it_was(text in r"[{}a-c .é\n]{0,40}") {
        // A brace run is escaped from its start, pair by pair.
        let escaped = text.replace("{{", r"\{{");
        let template = Template::parse(&*escaped).unwrap();
        prop_assert_eq!(template.render(&Map::new()).unwrap(), text);
    }

    #[test]
    fn values_stand_where_their_variables_stood(pieces in prop::collection::vec("[a-z {}]{0,6}", 1..8)) {
        let pieces: Vec<String> = pieces.iter().map(|piece| piece.replace(['{', '}'], "")).collect();
        let mut scope = Map::new();
        scope.insert("x".into(), json!("{{x}}"));
        let template = Template::parse(pieces.join("{{ x }}")).unwrap();
        prop_assert_eq!(template.variables().count(), pieces.len() - 1);
        prop_assert_eq!(template.render(&scope).unwrap(), pieces.join("{{x}}"));
    }
}
