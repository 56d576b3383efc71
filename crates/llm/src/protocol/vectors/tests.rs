use graphbit_core::Error;
use serde_json::Map;

use super::*;
use crate::EmbedRequest;
use crate::protocol::Target;
use crate::vendor::vendor;

/// Reads a list that answers so many texts.
fn read_for(texts: usize, dimensions: Option<u32>, list: &str) -> Result<Embeddings, Error> {
    let mut request = EmbedRequest::new(vec!["x"; texts]);
    request.dimensions = dimensions;
    let (row, extra) = (vendor("openai").unwrap(), Map::new());
    let target = Target::new("", "", &row.quirks, &extra);
    let part =
        Part { target, row: row.embedding.as_ref().unwrap(), request: &request, texts: &request.texts };
    read(serde_json::from_str(list).unwrap(), &part)
}

fn values(texts: usize, list: &str) -> Vec<f32> {
    read_for(texts, None, list).unwrap().values
}

fn refusal(texts: usize, list: &str) -> String {
    let error = read_for(texts, None, list).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Protocol);
    error.message().to_owned()
}

#[test]
fn every_shape_of_a_vector_is_read() {
    assert_eq!(values(2, "[[1,-2.5],[3e-2,4]]"), [1.0, -2.5, 0.03, 4.0]);
    assert_eq!(values(2, r#"["AACAPw==", "AAAAwA=="]"#), [1.0, -2.0]);
    assert_eq!(values(2, r#"[{"values":[1]},{"embedding":"AAAAwA==","more":{"a":[]}}]"#), [1.0, -2.0]);
    assert_eq!(values(1, r#"["\u0041ACAPw=="]"#), [1.0], "a string with escapes");
    assert_eq!(values(1, r#"[{"em\u0062edding":[1]}]"#), [1.0], "a name with escapes");
}

#[test]
fn numbers_are_the_nearest_floats() {
    // Between two floats a detour over a double would round twice.
    assert_eq!(values(1, "[[1.000000059604644775390626]]"), [1.000_000_1]);
    assert_eq!(values(1, "[[0.1]]"), [0.1_f32]);
}

#[test]
fn an_index_orders_wherever_it_stands() {
    let list =
        r#"[{"index":2,"embedding":[3,3]},{"embedding":[1,1],"index":0},{"index":1,"embedding":[2,2]}]"#;
    assert_eq!(values(3, list), [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]);
}

#[test]
fn vectors_that_do_not_fit_the_texts_are_refused_with_the_reason() {
    for (texts, list, why) in [
        (2, "[[1]]", "1 vectors for 2 texts"),
        (1, "[[1],[2]]", "more vectors than the 1 texts"),
        (2, "[]", "0 vectors for 2 texts"),
        (2, "[[1,2],[3]]", "vector 1 has 1 dimensions, the first has 2"),
        (1, "[[]]", "vector 0 is empty"),
        (1, "[{}]", "item 0 has no vector"),
        (2, r#"[{"index":1,"embedding":[1]},{"index":1,"embedding":[2]}]"#, "two vectors for text 1"),
        (1, r#"[{"index":1,"embedding":[1]}]"#, "for no text that was sent"),
        (1, "[[null]]", "null"),
        (1, r#"[["1"]]"#, "string"),
        (1, r#"[[[1]]]"#, "sequence"),
        (1, r#"[{"embedding":{"embedding":[1]}}]"#, "an object in place of a vector"),
        (1, r#"["AACAPw"]"#, "padding"),
        (1, r#"["AACAPwA="]"#, "does not end with a float"),
        (1, "[1]", "integer"),
        (1, "{}", "a list of vectors"),
    ] {
        let message = refusal(texts, list);
        assert!(message.contains(why), "{list}: {message}");
    }
}

#[test]
fn other_dimensions_than_asked_are_refused() {
    assert!(read_for(1, Some(2), "[[1,2]]").is_ok());
    let error = read_for(1, Some(3), "[[1,2]]").unwrap_err();
    assert!(error.message().contains("2 dimensions where 3 were asked for"), "{error}");
}

#[test]
fn no_more_is_reserved_than_the_list_can_hold() {
    let list = format!("[[{}1]]", "1,".repeat(999));
    let mut flat = Flat::new(usize::MAX, list.len());
    List(&mut flat).deserialize(&mut serde_json::Deserializer::from_str(&list)).unwrap();
    assert!(flat.values.capacity() < 3000, "{}", flat.values.capacity());
}

#[test]
fn a_list_is_one_allocation_of_its_size() {
    let list = format!("[{}[1,2,3]]", "[1,2,3],".repeat(99));
    let read = values(100, &list);
    assert_eq!((read.len(), read.capacity()), (300, 300));
}
