use super::*;

fn model(provider: &str, model: &str) -> ModelInfo {
    ModelInfo { provider: provider.into(), model: model.into() }
}

fn price(input: f64) -> Price {
    Price { input, output: 10.0, ..Price::default() }
}

fn found(table: &[(&str, f64)], of: &ModelInfo) -> Option<f64> {
    let pricing = Pricing::new(table.iter().map(|(name, input)| (*name, price(*input)))).unwrap();
    pricing.price(of).map(|price| price.input)
}

#[test]
fn an_exact_name_wins_then_the_longest_beginning_then_the_vendor() {
    let table = [
        ("gpt-4*", 1.0),
        ("gpt-4o*", 2.0),
        ("gpt-4o-mini", 3.0),
        ("azure-openai/gpt-4o*", 4.0),
        ("groq/*", 5.0),
    ];
    assert_eq!(found(&table, &model("openai", "gpt-4.1")), Some(1.0));
    assert_eq!(found(&table, &model("openai", "gpt-4o-2024-08-06")), Some(2.0));
    assert_eq!(found(&table, &model("azure-openai", "gpt-4o-2024-08-06")), Some(4.0));
    assert_eq!(found(&table, &model("azure-openai", "gpt-4o-mini")), Some(3.0));
    assert_eq!(found(&table, &model("groq", "llama")), Some(5.0));
    assert_eq!(found(&table, &model("openai", "o3")), None);
    assert_eq!(found(&[("anthropic/claude", 1.0)], &model("openrouter", "anthropic/claude")), Some(1.0));
}

#[test]
fn each_kind_of_token_has_its_price_and_is_counted_once() {
    let price = Price { cached_input: Some(0.1), cache_write: Some(1.25), request: Some(0.01), ..price(1.0) };
    let mut usage = Usage::default();
    (usage.input, usage.output, usage.reasoning) = (Some(1_000_000), Some(100_000), Some(90_000));
    (usage.cached, usage.cache_write) = (Some(600_000), Some(200_000));
    let cost = |price| Pricing::new([("m", price)]).unwrap().cost(&model("v", "m"), &usage).unwrap();
    assert!((cost(price) - (0.2 + 0.06 + 0.25 + 1.0 + 0.01)).abs() < 1e-9);
    let plain = Price { cached_input: None, cache_write: None, request: None, ..price };
    assert!((cost(plain) - 2.0).abs() < 1e-9, "without prices of their own they are tokens read");
}

#[test]
fn what_is_not_known_costs_nothing_known() {
    let pricing = Pricing::new([("m", price(1.0))]).unwrap();
    let mut usage = Usage::new(Some(1), None);
    assert_eq!(pricing.cost(&model("v", "m"), &usage), None, "output was not counted");
    usage.output = Some(1);
    assert!(pricing.cost(&model("v", "m"), &usage).is_some());
    assert_eq!(pricing.cost(&model("v", "other"), &usage), None);
}

#[test]
fn a_table_with_mistakes_is_refused_by_name() {
    for (name, input) in [("m", -1.0), ("m", f64::NAN), ("m", f64::INFINITY), ("gpt-*-mini", 1.0)] {
        let error = Pricing::new([(name, price(input))]).unwrap_err();
        assert!(error.code().as_str() == "CONFIG" && error.message().contains(name), "{error}");
    }
    let read: Price = serde_json::from_str(r#"{"input": 1, "output": 2, "cachedInput": 0.5}"#).unwrap();
    assert_eq!((read.output, read.cached_input, read.request), (2.0, Some(0.5), None));
}

#[test]
fn a_table_of_options_is_read_and_its_mistakes_are_placed() {
    let read = |table: serde_json::Value| Pricing::from_options(table.as_object().unwrap());
    let table = serde_json::json!({ "m": { "input": 1, "output": 2, "cacheWrite": 3, "request": null } });
    let price = Price { input: 1.0, output: 2.0, cache_write: Some(3.0), ..Price::default() };
    assert_eq!(read(table).unwrap(), Pricing::new([("m", price)]).unwrap());
    let mistakes = [
        (serde_json::json!({ "m": 5 }), "prices[\"m\"] must be an object"),
        (serde_json::json!({ "m": { "output": 1 } }), "prices[\"m\"].input is missing"),
        (serde_json::json!({ "m": { "input": "1", "output": 1 } }), "prices[\"m\"].input must be a number"),
        (serde_json::json!({ "m": { "input": 1, "output": -1 } }), "prices[\"m\"].output must be an amount"),
        (
            serde_json::json!({ "m": { "input": 1, "output": 1, "cachedinput": 1 } }),
            "prices[\"m\"].cachedinput: did you mean \"cachedInput\"?",
        ),
    ];
    for (table, message) in mistakes {
        let error = read(table).unwrap_err();
        assert!(error.code().as_str() == "CONFIG" && error.message().contains(message), "{error}");
    }
}
