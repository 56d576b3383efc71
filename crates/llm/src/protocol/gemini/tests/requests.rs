//! What is sent.

use super::*;

const BASE: &str = "https://generativelanguage.googleapis.com/v1beta";

fn plain(request: &Request) -> http::Request<Value> {
    encoded(BASE, "gemini-2.5-flash", &Map::new(), request)
}

/// Whether all of one value is found in another, which may say more.
fn within(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            ours.iter().all(|(name, value)| theirs.get(name).is_some_and(|other| within(value, other)))
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(one, other)| within(one, other))
        }
        (ours, theirs) => ours == theirs,
    }
}

#[test]
fn a_plain_request_says_no_more_than_it_must() {
    let request = plain(&Request::prompt("hi"));
    assert_eq!(*request.uri(), *format!("{BASE}/models/gemini-2.5-flash:generateContent"));
    assert_eq!(request.headers()["content-type"], "application/json");
    assert_eq!(request.body(), &json!({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}));
}

#[test]
fn settings_streaming_and_extras_are_said() {
    let settings = Settings {
        max_tokens: Some(100),
        temperature: Some(0.7),
        top_p: Some(0.5),
        stop: vec!["END".into()],
        seed: Some(7),
        ..Settings::default()
    };
    let mut request = Request::new(vec![Message::user("hi"), Message::assistant("ho"), Message::user("he")]);
    request = request.system("be brief").settings(settings).streamed();
    request.messages.insert(2, Message::system("and kind"));
    request.extra.insert("generationConfig".into(), json!({"candidateCount": 1, "seed": 8}));
    let extra = json!({"safetySettings": []}).as_object().cloned().unwrap();
    let encoded = encoded(&format!("{BASE}?key=1"), "gemini-2.5-flash", &extra, &request);
    let url = format!("{BASE}/models/gemini-2.5-flash:streamGenerateContent?key=1&alt=sse");
    assert_eq!(*encoded.uri(), *url);
    assert_eq!(encoded.headers()["accept"], "text/event-stream");
    assert_eq!(
        encoded.body(),
        &json!({
            "systemInstruction": {"parts": [{"text": "be brief"}, {"text": "and kind"}]},
            "contents": [
                {"role": "user", "parts": [{"text": "hi"}]},
                {"role": "model", "parts": [{"text": "ho"}]},
                {"role": "user", "parts": [{"text": "he"}]},
            ],
            "generationConfig": {"maxOutputTokens": 100, "temperature": 0.7, "topP": 0.5,
                                 "stopSequences": ["END"], "seed": 8, "candidateCount": 1},
            "safetySettings": [],
        })
    );
}

#[test]
fn recorded_requests_are_said_as_they_were() {
    let said = |max_tokens, temperature, top_p| Settings {
        max_tokens: Some(max_tokens),
        temperature: Some(temperature),
        top_p,
        ..Settings::default()
    };
    let hello = Request::prompt("Say hello in one short, imaginative sentence.")
        .system("You are a helpful, creative assistant.");
    let asked = [
        ("stream-length-reqllm-323bde", hello.clone().settings(said(100, 0.9, Some(0.8))).streamed()),
        ("stream-reasoning-reqllm-2abcc9", hello.settings(said(200, 0.9, Some(0.8))).streamed()),
        (
            "reasoning-reqllm-26dd99",
            Request::prompt("Write a very long story about dragons and adventures")
                .settings(said(100, 0.5, None)),
        ),
    ];
    let recorded = recorded();
    for (name, request) in asked {
        let Some(case) = recorded.iter().find(|case| case.case == name) else { continue };
        // The address as it was, without the key; the one who recorded the streams left out the query.
        let url = case.meta["url"].as_str().unwrap().split('?').next().unwrap();
        let model = url.rsplit('/').next().unwrap().split(':').next().unwrap();
        let ours = encoded(BASE, model, &Map::new(), &request);
        assert_eq!(ours.uri().to_string().split('?').next().unwrap(), url, "{name}");
        assert_eq!(ours.uri().query(), request.streamed.then_some("alt=sse"), "{name}");
        let theirs = &case.meta["request_headers"];
        assert_eq!(ours.headers()["content-type"], theirs["content-type"].as_str().unwrap(), "{name}");
        assert!(within(ours.body(), case.request.as_ref().unwrap()), "{name}: {}", ours.body());
    }
}

#[test]
fn models_may_be_resources_and_vertex_is_another_base() {
    let url =
        |base: &str, model: &str| encoded(base, model, &Map::new(), &Request::prompt("hi")).uri().to_string();
    assert_eq!(url(BASE, "tunedModels/mine"), format!("{BASE}/tunedModels/mine:generateContent"));
    assert_eq!(url(BASE, "models/a b?"), format!("{BASE}/models/a%20b%3F:generateContent"));
    let vertex = "https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google";
    assert_eq!(url(vertex, "gemini-2.5-pro"), format!("{vertex}/models/gemini-2.5-pro:generateContent"));
    for model in ["", "..", "models/../files"] {
        let (quirks, extra) = (&vendor("openai").unwrap().quirks, Map::new());
        let target = Target { base_url: BASE, model, quirks, extra: &extra };
        let error = Gemini.encode(&target, &Request::prompt("hi")).unwrap_err();
        assert_eq!(error.code().as_str(), "CONFIG", "{model}");
    }
}

#[test]
fn a_conversation_without_a_turn_is_refused() {
    let (quirks, extra) = (&vendor("openai").unwrap().quirks, Map::new());
    let target = Target { base_url: BASE, model: "gemini-2.5-flash", quirks, extra: &extra };
    for request in [Request::default(), Request::default().system("be brief")] {
        assert_eq!(Gemini.encode(&target, &request).unwrap_err().code().as_str(), "INVALID_INPUT");
    }
}
