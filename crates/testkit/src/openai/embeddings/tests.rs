use serde_json::json;

use super::{base64, embeddings, vector};

#[test]
fn equal_texts_have_equal_vectors_of_length_one() {
    let (a, b) = (vector("a", 16), vector("b", 16));
    assert_eq!(a, vector("a", 16));
    assert_ne!(a, b);
    assert!((a.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-5);
}

#[test]
fn every_form_of_input_is_counted_right() {
    for (input, n) in [
        (json!("a"), 1),
        (json!(["a", "b"]), 2),
        (json!([1, 2, 3]), 1),
        (json!([[1], [2]]), 2),
        (json!([]), 0),
    ] {
        let body = embeddings(&json!({"model": "e", "input": input, "dimensions": 3})).unwrap();
        assert_eq!(body["data"].as_array().unwrap().len(), n);
        assert!(
            body["data"]
                .as_array()
                .unwrap()
                .iter()
                .all(|item| item["embedding"].as_array().unwrap().len() == 3)
        );
    }
    assert!(embeddings(&json!({})).is_err());
    assert!(embeddings(&json!({"input": "a", "dimensions": 0})).is_err());
}

#[test]
fn base64_is_padded_little_endian_floats() {
    // Worked out by hand from RFC 4648.
    assert_eq!(base64(&[1.0]), "AACAPw==");
    assert_eq!(base64(&[1.0, -2.0]), "AACAPwAAAMA=");
    assert_eq!(base64(&[1.0, 1.0, 1.0]), "AACAPwAAgD8AAIA/");
    let body = embeddings(&json!({"input": "a", "encoding_format": "base64"})).unwrap();
    assert_eq!(body["data"][0]["embedding"].as_str().unwrap().len(), 44);
}
