use super::{distance, folded, nearest};

fn far(a: &str, b: &str) -> Option<usize> {
    distance(&folded(a), &folded(b), 100)
}

#[test]
fn counts_insertions_deletions_replacements_and_swaps() {
    assert_eq!(far("", ""), Some(0));
    assert_eq!(far("", "abc"), Some(3));
    assert_eq!(far("kitten", "sitting"), Some(3));
    assert_eq!(far("abcd", "abdc"), Some(1));
    assert_eq!(far("ca", "abc"), Some(3));
    assert_eq!(far("größe", "grösse"), Some(2));
}

#[test]
fn stops_at_the_limit() {
    assert_eq!(distance(&folded("kitten"), &folded("sitting"), 2), None);
    assert_eq!(distance(&folded("kitten"), &folded("sitting"), 3), Some(3));
}

#[test]
fn prefers_the_nearest_then_the_first() {
    assert_eq!(nearest("modle", ["mode", "model"]), Some("mode"));
    assert_eq!(nearest("modell", ["mode", "model"]), Some("model"));
    assert_eq!(nearest("MODEL", ["mode", "model"]), Some("model"));
    assert_eq!(nearest("b", ["a", "c", "b"]), Some("b"));
}

#[test]
fn says_nothing_rather_than_nonsense() {
    assert_eq!(nearest("writer", ["research", "summary"]), None);
    assert_eq!(nearest("anything", []), None);
    assert_eq!(nearest("", ["something", "x"]), None);
    assert_eq!(nearest("y", ["x"]), None);
    assert_eq!(nearest("xy", ["x"]), Some("x"));
}
