use super::{at_most, pieces};

fn cut(text: &str, n: Option<usize>) -> Vec<String> {
    pieces(text, n).map(String::from).collect()
}

#[test]
fn by_default_a_piece_is_a_word_with_its_blank() {
    assert_eq!(cut("one two\nthree", None), ["one ", "two\n", "three"]);
    assert!(cut("", None).is_empty());
}

#[test]
fn n_pieces_are_exactly_n_and_give_the_text_back() {
    let text = "aé🦀 grüße, ∑ und so weiter";
    for n in 1..=text.chars().count() {
        let all = cut(text, Some(n));
        assert_eq!((all.len(), all.concat().as_str()), (n, text));
        assert!(all.iter().all(|piece| !piece.is_empty()));
    }
}

#[test]
fn a_text_too_short_is_filled_up() {
    assert_eq!(cut("é", Some(3)), ["é", "piece 1 ", "piece 2 "]);
    assert!(cut("abc", Some(0)).is_empty());
}

#[test]
fn at_most_n_never_fills_up() {
    assert_eq!(at_most("ab", 4).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(at_most("", 4).count(), 0);
}
