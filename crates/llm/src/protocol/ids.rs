//! Ids of calls that came by another wire than the one they go back by.

use std::borrow::Cow;

/// An id of letters, digits, `_` and `-`, at most `most` of them: others become `_`, and of a long one the end is kept, which
/// tells it apart. The same id always becomes the same.
pub(crate) fn plain(id: Option<&str>, most: usize) -> Cow<'_, str> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let id = id.unwrap_or_default();
    if id.len() <= most && id.chars().all(known) {
        return Cow::Borrowed(id);
    }
    let kept: Vec<char> = id.chars().map(|c| if known(c) { c } else { '_' }).collect();
    Cow::Owned(kept.iter().skip(kept.len().saturating_sub(most)).collect())
}
