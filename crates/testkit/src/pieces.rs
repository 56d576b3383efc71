//! Cuts a text into the pieces of a stream, never inside a character.

use std::borrow::Cow;

/// The words of a text, each with the blank that follows it; or exactly `n` pieces.
pub(crate) fn pieces(text: &str, n: Option<usize>) -> impl Iterator<Item = Cow<'_, str>> {
    let (words, parts) = match n {
        None => (Some(text.split_inclusive(char::is_whitespace).map(Cow::Borrowed)), None),
        Some(n) => (None, Some(exactly(text, n))),
    };
    words.into_iter().flatten().chain(parts.into_iter().flatten())
}

/// `n` pieces of about the same number of characters. Where there are fewer characters than that, the rest are
/// numbered fillers.
fn exactly(text: &str, n: usize) -> impl Iterator<Item = Cow<'_, str>> {
    let chars = text.chars().count();
    let mut rest = text;
    (0..n).map(move |index| {
        let take = if chars < n { 1 } else { share(chars, n, index + 1) - share(chars, n, index) };
        if rest.is_empty() {
            return Cow::Owned(filler(index));
        }
        let end = rest.char_indices().nth(take).map_or(rest.len(), |(end, _)| end);
        let (piece, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        rest = after;
        Cow::Borrowed(piece)
    })
}

/// At most `n` pieces, none empty.
pub(crate) fn at_most(text: &str, n: usize) -> impl Iterator<Item = Cow<'_, str>> {
    exactly(text, n.min(text.chars().count()))
}

/// Piece `index` where the text has run out.
pub(crate) fn filler(index: usize) -> String {
    format!("piece {index} ")
}

fn share(chars: usize, n: usize, index: usize) -> usize {
    // In 128 bits, for the product may exceed usize.
    usize::try_from(chars as u128 * index as u128 / n.max(1) as u128).unwrap_or(chars)
}

#[cfg(test)]
mod tests;
