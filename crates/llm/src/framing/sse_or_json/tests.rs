use bytes::Bytes;
use proptest::prelude::*;

use super::*;

fn frames(pieces: &[&[u8]]) -> Vec<(String, bool)> {
    let mut framing = SseOrJson::new(1 << 20);
    let mut found = Vec::new();
    for piece in pieces {
        framing.push(Bytes::copy_from_slice(piece));
        while let Some(frame) = framing.next().unwrap() {
            found.push(frame);
        }
    }
    found.extend(framing.finish());
    found
        .into_iter()
        .map(|frame| (String::from_utf8_lossy(&frame.data).into_owned(), frame.terminated))
        .collect()
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
        let refused = (0..30).any(|_| {
            framing.push(Bytes::from(vec![b'x'; 50]));
            framing.next().is_err()
        });
        assert!(refused, "{begin:?}");
    }
}

proptest! {
    #[test]
    fn cut_points_never_change_the_frames(
        text in r"(\u{feff})?((data|event|:|)(: ?[a-z\{✓]{0,6})?(\n|\r\n|\r)){0,12}([ \t]{0,2}[\[\{][\[\]\{\},1a \r\n]{0,30})?",
        cuts in prop::collection::vec(0usize..200, 0..6),
    ) {
        let bytes = text.as_bytes();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        prop_assert_eq!(frames(&pieces), frames(&[bytes]));
    }

    #[test]
    fn events_alone_are_what_the_standard_says(
        text in r"((data|event|id|:|)(: ?[a-zé✓]{0,6})?(\n|\r\n|\r)){0,24}(data: [a-z]{0,4})?",
    ) {
        let mut sse = Sse::new(1 << 20);
        sse.push(Bytes::from(text.clone()));
        let mut wanted = Vec::new();
        while let Some(frame) = sse.next().unwrap() {
            wanted.push(frame);
        }
        wanted.extend(sse.finish());
        let wanted: Vec<(String, bool)> = wanted
            .into_iter()
            .map(|frame| (String::from_utf8_lossy(&frame.data).into_owned(), frame.terminated))
            .collect();
        prop_assert_eq!(frames(&[text.as_bytes()]), wanted);
    }
}
