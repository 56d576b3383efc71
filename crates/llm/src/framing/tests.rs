use bytes::Bytes;
use proptest::prelude::*;

use super::fed::{cut_at, refuses};
use super::{Frame, Framing, Sse};

fn frames(pieces: &[&[u8]]) -> Vec<(String, String, bool)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = |frame: Frame| (text(&frame.name.unwrap_or_default()), text(&frame.data), frame.terminated);
    super::frames(Sse::new(1 << 20), pieces).into_iter().map(said).collect()
}

fn data(text: &str) -> Vec<String> {
    frames(&[text.as_bytes()]).into_iter().map(|(_, data, _)| data).collect()
}

#[test]
fn all_three_line_ends_and_a_byte_order_mark_are_understood() {
    assert_eq!(data("\u{feff}data: a\n\ndata: b\r\n\r\ndata: c\r\rdata:d\n\n"), ["a", "b", "c", "d"]);
}

#[test]
fn comments_unknown_fields_and_events_without_data_are_dropped() {
    assert_eq!(data(": ping\n\nid: 1\nretry: 5\n\nevent: x\n\ndata: a\n: in between\nnonsense\n\n"), ["a"]);
}

#[test]
fn a_field_named_error_is_an_event_of_that_name() {
    let found = frames(&[b"data: a\n\nerror: {}\n\n"]);
    assert_eq!(found[1], ("error".into(), "{}".into(), true));
}

#[test]
fn several_data_lines_join_with_a_line_feed_and_a_name_goes_with_its_event_only() {
    let found = frames(&[b"event: e\ndata: a\ndata\ndata:  b\n\ndata: c\n\n"]);
    assert_eq!(found, [("e".into(), "a\n\n b".into(), true), (String::new(), "c".into(), true)]);
}

#[test]
fn a_last_event_without_its_blank_line_is_marked() {
    assert_eq!(frames(&[b"data: a\n\ndata: b"])[1], (String::new(), "b".into(), false));
    assert_eq!(frames(&[b"data: a\n\ndata: b\n"])[1], (String::new(), "b".into(), false));
}

#[test]
fn an_event_over_the_limit_is_refused_long_before_it_ends() {
    let mut sse = Sse::new(1000);
    let mut fed = 0;
    let error = loop {
        sse.push(Bytes::from_static(b"data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
        fed += 1;
        assert!(fed < 30, "never refused");
        if let Err(error) = sse.next() {
            break error;
        }
    };
    assert_eq!(error.code().as_str(), "PROTOCOL");
    assert!(error.message().contains("1000"));
}

#[test]
fn many_short_data_lines_of_one_event_count_together() {
    assert!(refuses(&mut Sse::new(1000), b"data: 0123456789\n", 200));
}

#[test]
fn a_byte_order_mark_counts_at_the_start_only_and_may_be_cut() {
    assert_eq!(frames(&[b"\xEF", b"\xBB", b"\xBFdata: a\n\n"]), frames(&[b"data: a\n\n"]));
    assert!(data("\n\u{feff}data: a\n\n").is_empty());
}

proptest! {
    #[test]
    fn cut_points_never_change_the_frames(
        text in r"((data|event|id|:|)(: ?[a-zé✓]{0,6})?(\n|\r\n|\r)){0,24}(data: [a-z]{0,4})?",
        cuts in prop::collection::vec(0usize..400, 0..6),
    ) {
        let bytes = text.as_bytes();
        prop_assert_eq!(frames(&cut_at(bytes, cuts)), frames(&[bytes]));
    }
}
