use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::framing::fed::{cut_at, refuses, texts};

fn frames(pieces: &[&[u8]]) -> Vec<(String, bool)> {
    texts(SseOrJson::new(1 << 20), pieces)
}

fn data(text: &str) -> Vec<String> {
    frames(&[text.as_bytes()]).into_iter().map(|(data, _)| data).collect()
}

#[test]
fn the_form_is_told_by_the_first_character() {
    assert_eq!(data("data: {\"a\":\ndata: 1}\n\ndata: [\n\n"), ["{\"a\":\n1}", "["]);
    assert_eq!(data("[{\"a\":1}\r\n,\n{}]"), ["{\"a\":1}", "{}"]);
    assert_eq!(data("\u{feff}\r\n  [1,2]"), ["1", "2"]);
    assert_eq!(data("{\n \"error\": {}\n}\n"), ["{\n \"error\": {}\n}"]);
}

#[test]
fn bare_json_after_events_is_a_frame_of_its_own() {
    let error = "{\n  \"error\": [\n  ]\n}";
    for end in ["\n\n", "\r\n\r\n", "\r\r"] {
        assert_eq!(data(&format!(": hi{end}data: a{end}{error}\n")), ["a", error]);
    }
    assert_eq!(frames(&[b"data: a\n{}"]), [("a".into(), false), ("{}".into(), true)]);
    assert_eq!(frames(&[b"data: a\n\n{\"err"]), [("a".into(), true), ("{\"err".into(), false)]);
}

#[test]
fn both_forms_are_bounded() {
    for begin in ["", "data: ", "[\""] {
        let mut framing = SseOrJson::new(1000);
        framing.push(Bytes::from_static(begin.as_bytes()));
        assert!(framing.next().unwrap().is_none());
        assert!(refuses(&mut framing, &[b'x'; 50], 30), "{begin:?}");
    }
}

proptest! {
    #[test]
    fn cut_points_never_change_the_frames(
        text in r"(\u{feff})?((data|event|:|)(: ?[a-z\{✓]{0,6})?(\n|\r\n|\r)){0,12}([ \t]{0,2}[\[\{][\[\]\{\},1a \r\n]{0,30})?",
        cuts in prop::collection::vec(0usize..200, 0..6),
    ) {
        let bytes = text.as_bytes();
        prop_assert_eq!(frames(&cut_at(bytes, cuts)), frames(&[bytes]));
    }

    #[test]
    fn events_alone_are_what_the_standard_says(
        text in r"((data|event|id|:|)(: ?[a-zé✓]{0,6})?(\n|\r\n|\r)){0,24}(data: [a-z]{0,4})?",
    ) {
        let wanted = texts(Sse::new(1 << 20), &[text.as_bytes()]);
        prop_assert_eq!(frames(&[text.as_bytes()]), wanted);
    }
}
