use serde_json::{Value, json};

use super::*;
use crate::Purpose;
use crate::vendor::vendor;

/// What a vendor is asked for these texts: the URL and the body.
fn encoded(name: &str, model: &str, request: &EmbedRequest) -> (String, Value) {
    with(name, model, request, |protocol, part| {
        let encoded = protocol.encode_texts(part).unwrap();
        assert_eq!(encoded.headers()["content-type"], "application/json");
        (encoded.uri().to_string(), serde_json::from_slice(encoded.body()).unwrap())
    })
}

/// What a vendor's reply to two texts says.
fn decoded(name: &str, reply: &Value) -> Result<Embeddings> {
    with(name, "m", &EmbedRequest::new(["a", "b"]), |protocol, part| {
        protocol.decode_vectors(reply.to_string().as_bytes(), part)
    })
}

fn with<T>(
    name: &str,
    model: &str,
    request: &EmbedRequest,
    work: impl FnOnce(&dyn EmbedProtocol, &Part<'_>) -> T,
) -> T {
    let row = vendor(name).unwrap();
    let base_url = if row.base_url.is_empty() { row.url_form } else { row.base_url };
    let target = Target::new(base_url, model, &row.quirks, &request.extra);
    let part = Part { target, row: row.embedding.as_ref().unwrap(), request, texts: &request.texts };
    work(row.wire.embed_protocol().unwrap(), &part)
}

/// Two texts with everything that can be asked.
fn full() -> EmbedRequest {
    let mut request = EmbedRequest::new(["a", "b"]).dimensions(2).purpose(Purpose::Query);
    request.extra.insert("truncate".into(), json!(false));
    request
}

#[test]
fn openai_is_asked_for_base64_and_told_no_purpose() {
    let (url, body) = encoded("openai", "text-embedding-3-small", &EmbedRequest::new(["a", "b"]));
    assert_eq!(url, "https://api.openai.com/v1/embeddings");
    assert_eq!(
        body,
        json!({"model": "text-embedding-3-small", "input": ["a", "b"], "encoding_format": "base64"})
    );
    let want = json!({"model": "m", "input": ["a", "b"], "encoding_format": "base64", "dimensions": 2, "truncate": false});
    assert_eq!(encoded("openai", "m", &full()).1, want);
}

#[test]
fn azure_has_a_path_for_the_deployment() {
    let (url, _) = encoded("azure-openai", "my embedder", &EmbedRequest::new(["a"]));
    let path = "/openai/deployments/my%20embedder/embeddings?api-version=2024-10-21";
    assert!(url.ends_with(path), "{url}");
}

#[test]
fn compatible_vendors_are_asked_in_their_own_words() {
    let body = |name: &str| encoded(name, "m", &full()).1;
    let texts = json!(["a", "b"]);
    assert_eq!(
        body("mistral"),
        json!({"model": "m", "input": texts, "output_dimension": 2, "truncate": false})
    );
    let voyage = json!({
        "model": "m", "input": texts, "encoding_format": "base64", "output_dimension": 2, "input_type": "query", "truncate": false,
    });
    assert_eq!(body("voyage"), voyage);
    let jina =
        json!({"model": "m", "input": texts, "dimensions": 2, "task": "retrieval.query", "truncate": false});
    assert_eq!(body("jina"), jina);
}

#[test]
fn gemini_is_asked_once_a_text() {
    let (url, body) = encoded("gemini", "gemini-embedding-001", &full());
    assert_eq!(
        url,
        "https://generativelanguage.googleapis.com/v1beta/models/gemini-embedding-001:batchEmbedContents"
    );
    let one = |text: &str| {
        json!({
            "model": "models/gemini-embedding-001", "content": {"parts": [{"text": text}]},
            "taskType": "RETRIEVAL_QUERY", "outputDimensionality": 2, "truncate": false,
        })
    };
    assert_eq!(body, json!({"requests": [one("a"), one("b")]}));
    let (_, plain) = encoded("gemini", "m", &EmbedRequest::new(["a"]));
    assert_eq!(plain, json!({"requests": [{"model": "models/m", "content": {"parts": [{"text": "a"}]}}]}));
}

#[test]
fn cohere_is_always_told_a_purpose() {
    let (url, body) = encoded("cohere", "embed-v4.0", &full());
    assert_eq!(url, "https://api.cohere.com/v2/embed");
    let want = json!({
        "model": "embed-v4.0", "texts": ["a", "b"], "input_type": "search_query", "embedding_types": ["float"],
        "output_dimension": 2, "truncate": false,
    });
    assert_eq!(body, want);
    assert_eq!(encoded("cohere", "m", &EmbedRequest::new(["a"])).1["input_type"], "search_document");
}

#[test]
fn ollama_is_asked_at_its_own_address() {
    let (url, body) = encoded("ollama", "nomic-embed-text", &full());
    assert_eq!(url, "http://127.0.0.1:11434/api/embed");
    let want = json!({"model": "nomic-embed-text", "input": ["a", "b"], "dimensions": 2, "truncate": false});
    assert_eq!(body, want);
}

#[test]
fn every_wires_vectors_are_read_with_their_usage() {
    let replies = [
        (
            "openai",
            json!({
                "object": "list", "model": "m-1", "usage": {"prompt_tokens": 7, "total_tokens": 7},
                "data": [
                    {"object": "embedding", "index": 1, "embedding": "AABAQAAAgEA="},
                    {"object": "embedding", "embedding": [1, 2.0], "index": 0},
                ],
            }),
        ),
        (
            "voyage",
            json!({"data": [{"embedding": [1, 2]}, {"embedding": [3, 4]}], "model": "m-1", "usage": {"total_tokens": 7}}),
        ),
        (
            "gemini",
            json!({"embeddings": [{"values": [1, 2]}, {"values": [3, 4]}], "usageMetadata": {"promptTokenCount": 7}}),
        ),
        (
            "cohere",
            json!({
                "id": "x", "texts": ["a", "b"], "embeddings": {"float": [[1, 2], [3, 4]]},
                "meta": {"billed_units": {"input_tokens": 7.0}},
            }),
        ),
        ("ollama", json!({"model": "m-1", "embeddings": [[1, 2], [3, 4]], "prompt_eval_count": 7})),
    ];
    for (name, reply) in replies {
        let embeddings = decoded(name, &reply).unwrap();
        assert_eq!((embeddings.dimensions, &*embeddings.values), (2, &[1.0, 2.0, 3.0, 4.0][..]), "{name}");
        assert_eq!(embeddings.usage.unwrap().input, Some(7), "{name}");
        assert_eq!(embeddings.model.as_deref(), reply["model"].as_str(), "{name}");
    }
}

#[test]
fn what_is_no_reply_says_how_it_begins() {
    for name in ["openai", "gemini", "cohere", "ollama"] {
        for reply in [json!({"odd": 1}), json!([]), json!("text"), json!({"embeddings": {"int8": []}})] {
            assert_eq!(decoded(name, &reply).unwrap_err().code(), ErrorCode::Protocol, "{name}: {reply}");
        }
        let error = decoded(name, &json!({"odd": 1})).unwrap_err();
        assert!(error.message().contains(r#"{"odd":1}"#), "{error}");
    }
}

#[test]
fn an_error_inside_a_success_is_the_vendors() {
    let inside = |name: &str, reply: Value| decoded(name, &reply).unwrap_err().code().as_str();
    assert_eq!(inside("openai", json!({"error": {"message": "slow down", "code": 429}})), "RATE_LIMITED");
    assert_eq!(inside("gemini", json!({"error": {"code": 503, "message": "overloaded"}})), "UNAVAILABLE");
    assert_eq!(inside("cohere", json!({"message": "too many tokens"})), "CONTEXT_LENGTH");
    assert_eq!(inside("ollama", json!({"error": "the input exceeds the context length"})), "CONTEXT_LENGTH");
}
