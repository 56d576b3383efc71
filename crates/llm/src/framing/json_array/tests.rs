use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::framing::fed::{cut_at, refuses, texts};

fn frames(pieces: &[&[u8]]) -> Vec<(String, bool)> {
    texts(JsonArray::new(1 << 20), pieces)
}

fn whole(text: &str) -> Vec<String> {
    let found = frames(&[text.as_bytes()]);
    assert!(found.iter().all(|(_, terminated)| *terminated), "{found:?}");
    found.into_iter().map(|(data, _)| data).collect()
}

#[test]
fn elements_come_as_they_complete_before_the_array_does() {
    let mut array = JsonArray::new(100);
    array.push(Bytes::from_static(b"[{\"a\":[1]}"));
    assert_eq!(array.next().unwrap().unwrap().data, "{\"a\":[1]}");
    assert!(array.next().unwrap().is_none() && array.finish().is_none());
}

#[test]
fn brackets_and_quotes_in_text_do_not_count() {
    assert_eq!(
        whole("[{\"a\":\"}]\\\\\\\"{\"}\n,\r\n{\"b\": \"\\\\\"}]"),
        ["{\"a\":\"}]\\\\\\\"{\"}", "{\"b\": \"\\\\\"}"]
    );
}

#[test]
fn elements_may_be_of_any_kind_and_values_may_stand_alone() {
    assert_eq!(whole(" [1, \"a,b\" ,null,[[2],[]], true]"), ["1", "\"a,b\"", "null", "[[2],[]]", "true"]);
    assert_eq!(whole("{\"a\":1}\n{\"b\":2}"), ["{\"a\":1}", "{\"b\":2}"]);
    assert!(whole(" [ ]\n").is_empty());
}

#[test]
fn what_is_cut_off_is_marked() {
    assert_eq!(frames(&[b"[{},{\"a\":"])[1], ("{\"a\":".into(), false));
    assert_eq!(frames(&[b"[12"]), [("12".into(), false)]);
    assert_eq!(frames(&[b"[\"\\"]), [("\"\\".into(), false)]);
}

#[test]
fn an_element_over_the_limit_is_refused_long_before_it_ends() {
    let mut array = JsonArray::new(1000);
    array.push(Bytes::from_static(b"[{\"a\":\""));
    assert!(array.next().unwrap().is_none());
    assert!(refuses(&mut array, &[b'x'; 50], 30));
    let mut array = JsonArray::new(10);
    array.push(Bytes::from("[1,".to_owned() + &" ".repeat(1000) + "2]"));
    assert_eq!(array.next().unwrap().unwrap().data, "1");
    assert_eq!(array.next().unwrap().unwrap().data, "2");
}

proptest! {
    #[test]
    fn cut_points_never_change_the_frames(
        text in r#"[\[\]{}",\\ :a1\r\n✓]{0,60}"#,
        cuts in prop::collection::vec(0usize..100, 0..6),
    ) {
        let bytes = text.as_bytes();
        prop_assert_eq!(frames(&cut_at(bytes, cuts)), frames(&[bytes]));
    }

    #[test]
    fn an_array_gives_back_its_elements(
        elements in prop::collection::vec(r#"\{("[a✓\{\}\[\],]{0,4}":(\[1,\{\}\]|"\\"")){0,1}\}|-?[0-9]{1,3}|"[a\]]{0,3}"|\[\]|null"#, 0..6),
        gap in "[ \r\n]{0,2}",
    ) {
        let text = format!("[{gap}{}{gap}]", elements.join(&format!("{gap},{gap}")));
        prop_assert_eq!(whole(&text), elements);
    }
}
