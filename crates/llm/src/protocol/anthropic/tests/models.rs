//! What is asked differently of different models and clouds: thinking, and answers of a form.

use serde_json::{Value, json};

use super::encode::{ask, body, body_for, refused};
use crate::{OutputSchema, ReasoningEffort, Request, Settings, Tool};

/// What the body says of thinking: `thinking`, the effort and the limit.
fn thinks(model: &str, effort: Option<ReasoningEffort>, budget: Option<u32>, most: Option<u32>) -> Value {
    let mut request = Request::prompt("hi");
    let settings = &mut request.settings;
    (settings.reasoning_effort, settings.reasoning_budget, settings.max_tokens) = (effort, budget, most);
    let body = body_for(model, &request);
    json!([body["thinking"], body["output_config"]["effort"], body["max_tokens"]])
}

#[test]
fn a_model_that_thinks_is_told_no_sampling_that_it_would_refuse() {
    let sampled_by = |model: &str, effort, temperature: f64, top_p: f64| {
        let mut request = Request::prompt("hi");
        let settings = &mut request.settings;
        (settings.reasoning_effort, settings.temperature) = (effort, Some(temperature));
        (settings.top_p, settings.top_k) = (Some(top_p), Some(7));
        let body = body_for(model, &request);
        json!([body["temperature"], body["top_p"], body["top_k"]])
    };
    let sampled = |effort, temperature, top_p| sampled_by("claude-haiku-4-5", effort, temperature, top_p);
    assert_eq!(sampled(None, 0.5, 0.5), json!([0.5, 0.5, 7]));
    assert_eq!(sampled(Some(ReasoningEffort::None), 0.5, 0.5), json!([0.5, 0.5, 7]));
    assert_eq!(sampled(Some(ReasoningEffort::Low), 0.5, 0.5), json!([null, null, null]));
    assert_eq!(sampled(Some(ReasoningEffort::Low), 1.0, 0.95), json!([1.0, 0.95, null]));
    for never in ["claude-opus-4-7", "claude-sonnet-5", "claude-haiku-5-5", "claude-mythos-preview"] {
        assert_eq!(sampled_by(never, None, 0.5, 0.97), json!([null, null, null]), "{never}");
        assert_eq!(sampled_by(never, None, 1.0, 1.0), json!([1.0, null, null]), "{never}");
    }
    for free in ["claude-opus-4-6", "MiniMax-M2.5"] {
        assert_eq!(sampled_by(free, None, 0.5, 0.97), json!([0.5, 0.97, 7]), "{free}");
    }
}

#[test]
fn thinking_is_asked_for_as_the_model_takes_it() {
    use ReasoningEffort::{High, Low, Minimal, None as Not, XHigh};
    let budget = |tokens: u32| json!({"type": "enabled", "budget_tokens": tokens});
    let (adaptive, disabled) = (json!({"type": "adaptive"}), json!({"type": "disabled"}));
    for old in [
        "claude-3-7-sonnet-20250219",
        "claude-sonnet-4-20250514",
        "anthropic/claude-sonnet-4.5",
        "MiniMax-M2",
    ] {
        assert_eq!(thinks(old, Some(Low), None, None), json!([budget(2_048), null, 6_144]), "{old}");
        assert_eq!(thinks(old, Some(Not), None, Some(9)), json!([disabled, null, 9]), "{old}");
    }
    let opus = "claude-opus-4-1@20250805";
    assert_eq!(thinks(opus, Some(XHigh), None, None), json!([budget(27_904), null, 32_000]));
    assert_eq!(thinks(opus, Some(XHigh), None, Some(10_000)), json!([budget(5_000), null, 10_000]));
    assert_eq!(thinks(opus, Some(High), None, Some(1_100)), json!([budget(1_024), null, 1_100]));
    assert_eq!(thinks(opus, Some(High), Some(3_000), None), json!([budget(3_000), null, 7_096]));
    let both = "claude-sonnet-4-6";
    assert_eq!(thinks(both, Some(XHigh), None, None), json!([adaptive, "max", 36_864]));
    assert_eq!(thinks(both, Some(Low), Some(2_000), None), json!([budget(2_000), "low", 6_096]));
    let adaptive = json!({"type": "adaptive", "display": "summarized"});
    for new in [
        "claude-opus-4-7",
        "claude-opus-4-8",
        "claude-sonnet-5",
        "claude-opus-5@20270101",
        "claude-haiku-5-5",
    ] {
        assert_eq!(thinks(new, Some(XHigh), None, Some(500)), json!([adaptive, "xhigh", 500]), "{new}");
        assert_eq!(thinks(new, Some(Minimal), None, None), json!([adaptive, "low", 5_120]), "{new}");
        assert_eq!(thinks(new, None, Some(2_000), None), json!([adaptive, null, 6_096]), "{new}");
        assert_eq!(thinks(new, Some(High), Some(0), None), json!([disabled, null, 4_096]), "{new}");
    }
    for always in ["claude-mythos-preview", "claude-fable-5-1", "claude-opus-5-5"] {
        assert_eq!(thinks(always, Some(Not), None, None), json!([null, "low", 5_120]), "{always}");
    }
    for (model, most) in
        [("claude-haiku-4-5", 4_096), ("claude-opus-4-8", 4_096), ("claude-sonnet-5", 16_384)]
    {
        assert_eq!(thinks(model, None, None, None), json!([null, null, most]), "{model}");
        assert_eq!(thinks(model, None, None, Some(7)), json!([null, null, 7]), "{model}");
    }
    let between = json!({"type": "between_tools"});
    assert_eq!(thinks("claude-sonnet-5-5", Some(Not), None, None), json!([between, null, 4_096]));
    assert_eq!(thinks("claude-sonnet-5-5", Some(High), None, None)[0], adaptive);
}

#[test]
fn a_limit_without_room_for_the_thinking_is_refused() {
    let with = |settings: Settings| refused(&Request::prompt("hi").settings(settings));
    let budget = Settings { reasoning_budget: Some(2_000), max_tokens: Some(2_000), ..Settings::default() };
    assert!(with(budget).contains("maxTokens (2000) must be greater than reasoningBudget (2000)"));
    let effort = Some(ReasoningEffort::Low);
    let effort = Settings { reasoning_effort: effort, max_tokens: Some(1_024), ..Settings::default() };
    assert!(with(effort).contains("must be greater than 1024"));
}

#[test]
fn a_schema_is_sent_without_what_the_vendor_refuses_or_else_told_in_words() {
    let ask = |name: &str, model: &str, schema: &Value, strict: Option<bool>| {
        let mut output = OutputSchema::new(schema.clone());
        output.strict = strict;
        let request = Request::prompt("hi").system("Be brief.").output(output);
        let request = ask(name, "http://h", model, &request).unwrap();
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        match &body["output_config"]["format"] {
            Value::Null => {
                assert!(body["system"][1]["text"].as_str().unwrap().contains("JSON Schema"));
                Value::Null
            }
            format => {
                assert_eq!((&format["type"], &body["system"]), (&json!("json_schema"), &json!("Be brief.")));
                format["schema"].clone()
            }
        }
    };
    let limited = json!({"type": "object", "properties": {
        "tags": {"type": ["array", "null"], "minItems": 1, "maxItems": 3, "items": {"oneOf": [
            {"type": "string", "pattern": "^a", "format": "uuid", "description": "A tag."}, {"const": 1},
        ]}},
    }});
    let sent = json!({"type": "object", "additionalProperties": false, "properties": {
        "tags": {"type": ["array", "null"], "minItems": 1, "description": "{\"maxItems\":3}", "items": {"anyOf": [
            {"type": "string", "format": "uuid", "description": "A tag.\n{\"pattern\":\"^a\"}"}, {"const": 1},
        ]}},
    }});
    let new = "claude-haiku-4-5";
    assert_eq!(ask("anthropic", new, &limited, None), sent);
    assert_eq!(ask("anthropic", new, &limited, Some(true)), sent);
    assert_eq!(ask("anthropic", new, &limited, Some(false)), Value::Null);
    assert_eq!(ask("anthropic", "claude-sonnet-4-20250514", &limited, None), Value::Null);
    for cloud in ["azure-anthropic", "vertex-anthropic"] {
        assert_eq!(ask(cloud, new, &limited, None), Value::Null);
        assert_eq!(ask(cloud, new, &limited, Some(true)), sent);
    }
    for open in [
        json!({"type": "object"}),
        json!({"type": "object", "properties": {}, "additionalProperties": {"type": "number"}}),
        json!({"type": "array", "items": {"$ref": "#"}}),
        json!({"description": "anything"}),
    ] {
        assert_eq!(ask("anthropic", new, &open, None), Value::Null, "{open}");
        assert_eq!(ask("anthropic", new, &open, Some(true)), open);
    }
}

#[test]
fn the_schema_of_a_strict_tool_is_sent_without_what_the_vendor_refuses() {
    let parameters = json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": 0}}});
    let schema = |strict| {
        let mut tool = Tool::new("f", "").parameters(parameters.clone());
        tool.strict = strict;
        body(&Request::prompt("hi").tools([tool]))["tools"][0]["input_schema"].clone()
    };
    assert_eq!((schema(None), schema(Some(false))), (parameters.clone(), parameters.clone()));
    assert_eq!(
        schema(Some(true)),
        json!({"type": "object", "additionalProperties": false,
               "properties": {"n": {"type": "integer", "description": "{\"minimum\":0}"}}})
    );
}
