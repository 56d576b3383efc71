use serde_json::{Value, json};

use super::Wire;

#[test]
fn a_wire_is_known_by_its_path() {
    for (path, wire) in [
        ("/v1/embeddings", Some(Wire::OpenAi)),
        ("/v1beta/models/m:batchEmbedContents", Some(Wire::Gemini)),
        ("/v2/embed", Some(Wire::Cohere)),
        ("/api/embed", Some(Wire::Ollama)),
        ("/v1/embed", None),
    ] {
        assert_eq!(Wire::of(path), wire, "{path}");
    }
}

#[test]
fn every_wire_gives_a_text_the_same_vector() {
    let first =
        |wire: Wire, request: Value, at: &str| wire.body(&request).unwrap().pointer(at).unwrap().clone();
    let want = first(Wire::OpenAi, json!({"input": ["a", "b"], "dimensions": 3}), "/data/1/embedding");
    let one = |text: &str| json!({"content": {"parts": [{"text": text}]}, "outputDimensionality": 3});
    assert_eq!(first(Wire::Gemini, json!({"requests": [one("a"), one("b")]}), "/embeddings/1/values"), want);
    let cohere = json!({"texts": ["a", "b"], "input_type": "search_query", "output_dimension": 3});
    assert_eq!(first(Wire::Cohere, cohere, "/embeddings/float/1"), want);
    assert_eq!(first(Wire::Ollama, json!({"input": ["a", "b"], "dimensions": 3}), "/embeddings/1"), want);
}

#[test]
fn requests_that_the_vendors_refuse_are_refused() {
    assert!(Wire::Cohere.body(&json!({"texts": ["a"]})).is_err());
    assert!(Wire::Gemini.body(&json!({"requests": [{}]})).is_err());
    assert!(Wire::Ollama.body(&json!({"input": [1]})).is_err());
    assert!(Wire::Ollama.body(&json!({"input": "a", "dimensions": 0})).is_err());
}
