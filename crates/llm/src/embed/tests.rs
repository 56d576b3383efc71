use graphbit_core::ErrorCode;
use serde_json::json;

use super::*;

fn embeddings(values: &[f32], dimensions: usize, input: Option<u64>) -> Embeddings {
    let usage = input.map(|input| Usage::new(Some(input), None).with_raw(json!({ "n": input })));
    Embeddings { values: values.to_vec(), dimensions, model: None, usage }
}

#[test]
fn what_cannot_be_embedded_is_named_by_its_index() {
    let why = |request: EmbedRequest| {
        let error = request.check().unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidInput);
        error.message().to_owned()
    };
    assert!(why(EmbedRequest::default()).contains("the list is empty"));
    assert!(why(EmbedRequest::new(["a", "b", "", "d"])).contains("text 2 is empty"));
    assert!(why(EmbedRequest::new(["a"]).dimensions(0)).contains("dimensions"));
    assert!(EmbedRequest::new(["a", " "]).check().is_ok());
}

#[test]
fn vectors_are_slices_of_the_one_list() {
    let two = embeddings(&[1.0, 2.0, 3.0, 4.0], 2, None);
    assert_eq!((two.len(), two.is_empty()), (2, false));
    assert_eq!(two.vectors().collect::<Vec<_>>(), [[1.0, 2.0], [3.0, 4.0]]);
    assert_eq!((two.get(1), two.get(2), two.get(usize::MAX)), (Some(&[3.0, 4.0][..]), None, None));
    let none = Embeddings::default();
    assert_eq!((none.len(), none.get(0), none.is_empty()), (0, None, true));
}

#[test]
fn parts_are_joined_in_one_allocation_and_their_tokens_added() {
    let mut all = Embeddings::default();
    for (at, tokens) in [(0.0, Some(3)), (1.0, None), (2.0, Some(4)), (3.0, Some(5))] {
        all.append(embeddings(&[at, at], 2, tokens), 4).unwrap();
        assert_eq!(all.values.capacity(), 8);
    }
    assert_eq!(all.values, [0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0]);
    let usage = all.usage.unwrap();
    assert_eq!((usage.input, usage.output), (Some(12), None));
    assert_eq!(usage.raw, json!([{"n": 3}, {"n": 4}, {"n": 5}]));
}

#[test]
fn parts_of_other_dimensions_and_more_than_memory_holds_are_errors() {
    let mut all = embeddings(&[1.0, 2.0], 2, None);
    let error = all.append(embeddings(&[1.0], 1, None), 3).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Protocol);
    let error = Embeddings::default().append(embeddings(&[1.0], 1, None), usize::MAX).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Memory);
}
