use bytes::Bytes;
use proptest::prelude::*;

use super::NdJson;
use crate::framing::Framing;
use crate::framing::fed::{cut_at, frames};

fn texts(text: &str) -> Vec<(String, bool)> {
    crate::framing::fed::texts(NdJson::new(1 << 20), &[text.as_bytes()])
}

#[test]
fn both_line_ends_and_blank_lines_are_understood() {
    let whole = |text: &str| (text.to_owned(), true);
    assert_eq!(texts("{}\n\n  \r\n[1]\r\n{\"a\":2}\n"), [whole("{}"), whole("[1]"), whole("{\"a\":2}")]);
}

#[test]
fn a_last_line_without_its_end_is_marked() {
    assert_eq!(texts("{}\n{\"a\":"), [("{}".to_owned(), true), ("{\"a\":".to_owned(), false)]);
    assert_eq!(texts("{}\n \r"), [("{}".to_owned(), true)]);
    assert!(texts("").is_empty());
}

#[test]
fn a_line_over_the_limit_is_refused_long_before_it_ends() {
    let mut lines = NdJson::new(1000);
    let mut fed = 0;
    let error = loop {
        lines.push(Bytes::from_static(b"{\"a\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
        fed += 1;
        assert!(fed < 30, "never refused");
        if let Err(error) = lines.next() {
            break error;
        }
    };
    assert_eq!(error.code().as_str(), "PROTOCOL");
    assert!(error.message().contains("1000"));
}

proptest! {
    #[test]
    fn cut_points_never_change_the_frames(
        text in r"([ {}a-z\u{e9}\u{2713}]{0,8}(\n|\r\n|\r)){0,24}[{}a-z ]{0,4}",
        cuts in prop::collection::vec(0usize..400, 0..6),
    ) {
        let bytes = text.as_bytes();
        let read = |pieces: &[&[u8]]| frames(NdJson::new(1 << 20), pieces);
        prop_assert_eq!(read(&cut_at(bytes, cuts)), read(&[bytes]));
    }
}
