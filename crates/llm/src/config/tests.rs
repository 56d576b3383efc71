use super::*;

fn environment(pairs: &[(&str, &str)]) -> Environment {
    Environment::from_pairs(pairs.iter().copied())
}

#[test]
fn a_missing_key_is_found_at_the_first_request_and_names_its_variable() {
    let config = Config::new("groq").unwrap().environment(&environment(&[]));
    let error = config.check(None).unwrap_err();
    assert_eq!(error.code().as_str(), "CONFIG");
    assert!(error.message().contains("GROQ_API_KEY"), "{error}");
}

#[test]
fn no_key_is_needed_at_another_base_url() {
    Config::new("openai").unwrap().base_url("http://127.0.0.1:1/v1/").check(None).unwrap();
    let named = Config::new("openai").unwrap().base_url("https://api.openai.com/v1");
    assert!(named.check(None).is_err(), "the vendor's own URL needs a key however it is spelt");
}

#[test]
fn what_is_set_in_code_wins_over_the_environment() {
    let found = environment(&[("OPENAI_API_KEY", "from-env"), ("OPENAI_BASE_URL", "http://env/v1")]);
    let config = Config::new("openai")
        .unwrap()
        .api_key(Secret::new("mine"))
        .base_url("http://code/v1")
        .environment(&found);
    assert_eq!((config.url(), config.key.as_ref().unwrap().secret.expose()), ("http://code/v1", "mine"));
    let config = Config::new("openai").unwrap().environment(&found);
    assert_eq!((config.url(), config.key.as_ref().unwrap().secret.expose()), ("http://env/v1", "from-env"));
}

#[test]
fn a_bare_ollama_host_becomes_a_url() {
    let url = |host: &str| {
        let config = Config::new("ollama").unwrap().environment(&environment(&[("OLLAMA_HOST", host)]));
        config.url().to_owned()
    };
    assert_eq!(url("10.0.0.5:8080"), "http://10.0.0.5:8080");
    assert_eq!(url("models.lan"), "http://models.lan:11434");
    assert_eq!(url("0.0.0.0"), "http://127.0.0.1:11434", "a server's way to say everywhere");
    assert_eq!(url("http://0.0.0.0:9"), "http://127.0.0.1:9");
    assert_eq!(url("https://ollama.example/"), "https://ollama.example");
    assert_eq!(url("http://gateway/custom"), "http://gateway/custom");
}

#[test]
fn a_missing_model_and_a_broken_url_say_what_to_change() {
    let error = Config::new("together").unwrap().check(None).unwrap_err();
    assert!(error.message().contains("set `model`"), "{error}");
    for url in ["localhost:8080", "ftp://x/y", "http://", "nonsense"] {
        let error = Config::new("openai").unwrap().base_url(url).check(None).unwrap_err();
        assert!(error.message().contains("baseUrl"), "{url}: {error}");
    }
}

#[test]
fn a_vendor_whose_customers_have_their_own_url_asks_for_it_and_for_a_key() {
    let azure = || Config::new("azure").unwrap().model("gpt-4o");
    let error = azure().check(None).unwrap_err();
    for word in ["`baseUrl`", "AZURE_OPENAI_ENDPOINT", "https://RESOURCE.openai.azure.com"] {
        assert!(error.message().contains(word), "{error}");
    }
    let error = azure().base_url("https://unit.openai.azure.com").check(None).unwrap_err();
    assert!(error.message().contains("AZURE_OPENAI_API_KEY"), "{error}");
    let found = environment(&[
        ("AZURE_OPENAI_ENDPOINT", "https://unit.openai.azure.com/"),
        ("AZURE_OPENAI_API_KEY", "k"),
    ]);
    azure().environment(&found).check(None).unwrap();
    let entra =
        azure().base_url("https://unit.openai.azure.com").header("Authorization", "Bearer e").unwrap();
    entra.check(None).unwrap();
}

#[test]
fn keys_and_headers_print_as_nothing() {
    let config = Config::new("openai").unwrap().api_key(Secret::new("sk-very-secret"));
    let config = config.header("x-api-token", "tok-very-secret").unwrap();
    let printed = format!("{config:?} {:?}", environment(&[("OPENAI_API_KEY", "sk-very-secret")]));
    assert!(!printed.contains("very-secret"), "{printed}");
}

#[test]
fn timeouts_are_milliseconds_and_must_be_positive() {
    let timeouts: Timeouts = serde_json::from_str(r#"{"idle": 1500, "firstEvent": 20}"#).unwrap();
    assert_eq!((timeouts.idle.as_millis(), timeouts.first_event.as_millis()), (1500, 20));
    assert_eq!(timeouts.connect, Timeouts::default().connect);
    for bad in [r#"{"idle": 0}"#, r#"{"idle": -1}"#, r#"{"idel": 5}"#] {
        assert!(serde_json::from_str::<Timeouts>(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_name_is_vendor_slash_model() {
    assert_eq!(Config::from_name("openrouter/anthropic/claude").unwrap().info().model, "anthropic/claude");
    assert!(Config::from_name("openai").is_err() && Config::from_name("openai/").is_err());
}

#[test]
fn a_url_is_printed_without_what_it_may_hold() {
    let url = "https://user:very-secret@models.lan/v1?token=very-secret";
    let config = Config::new("openai").unwrap().base_url(url);
    let error = config.check(None).unwrap_err();
    assert!(error.message().contains("apiKey") && error.message().contains("models.lan/v1"), "{error}");
    assert!(!format!("{config:?} {error:?}").contains("very-secret"));
    let broken =
        Config::new("openai").unwrap().base_url("htp://user:very-secret@x/v1").check(None).unwrap_err();
    assert!(!format!("{broken:?}").contains("very-secret"), "{broken}");
    Config::new("openai").unwrap().base_url("https://gateway/v1?version=2").check(None).unwrap();
}

#[test]
fn a_variable_with_blanks_around_it_is_read_without_them() {
    let found = environment(&[("OPENAI_BASE_URL", " http://env/v1 "), ("OPENAI_API_KEY", "  ")]);
    let config = Config::new("openai").unwrap().environment(&found);
    assert_eq!(config.url(), "http://env/v1");
    assert!(config.key.is_none());
}

#[test]
fn another_api_of_the_vendor_is_asked_by_its_name() {
    let config = Config::new("openai").unwrap();
    assert_eq!(config.wire, Wire::OpenAiChat);
    assert_eq!(config.clone().api("responses").unwrap().wire, Wire::OpenAiResponses);
    assert_eq!(config.clone().wire(Wire::OpenAiResponses).unwrap().wire, Wire::OpenAiResponses);
    let error = config.api("response").unwrap_err();
    assert_eq!(error.code().as_str(), "CONFIG");
    assert!(error.message().contains("\"responses\""), "{error}");
    assert!(Config::new("cohere").unwrap().wire(Wire::OpenAiResponses).is_err());
}
