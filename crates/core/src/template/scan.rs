//! Text to pieces, in one pass that reports every fault and goes on behind it.

use std::fmt;
use std::ops::Range;

use super::Piece;

/// A place where a template cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// The byte offset of the `{{`.
    pub(crate) offset: usize,
    /// The 1-based line it is on.
    pub(crate) line: usize,
    pub(crate) message: String,
    pub(crate) help: &'static str,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, line, message, help } = self;
        write!(f, "line {line}, byte {offset}: {message} ({help})")
    }
}

/// The pieces of a template, or all its faults.
pub(super) fn scan(source: &str) -> Result<Vec<Piece>, Vec<SyntaxError>> {
    if u32::try_from(source.len()).is_err() {
        return Err(vec![fault(source, 0, "it is longer than 4 GiB".to_owned(), "shorten it")]);
    }
    let mut pieces = Vec::new();
    let mut faults = Vec::new();
    let mut literal = 0; // where the literal that is being read starts
    let mut at = 0; // where the search goes on
    while let Some(open) = find(source, at, "{{") {
        let before = source.get(literal..open).unwrap_or_default();
        if before.ends_with('\\') {
            push(&mut pieces, Piece::Literal, literal..open - 1);
            literal = open;
            if !before.ends_with("\\\\") {
                at = open + 2;
                continue;
            }
        } else {
            push(&mut pieces, Piece::Literal, literal..open);
        }
        let inner = open + 2;
        let close = find(source, inner, "}}");
        let again = find(source, inner, "{{");
        match (close, again) {
            (Some(close), again) if again.is_none_or(|again| again >= close) => {
                match variable(source, inner..close) {
                    Ok(name) => push(&mut pieces, Piece::Variable, name),
                    Err((message, help)) => faults.push(fault(source, open, message, help)),
                }
                at = close + 2;
            }
            (_, again) => {
                faults.push(fault(
                    source,
                    open,
                    "{{ is never closed".to_owned(),
                    "close the variable with }}, or write \\{{ for a literal {{",
                ));
                at = again.unwrap_or(source.len());
            }
        }
        literal = at;
    }
    push(&mut pieces, Piece::Literal, literal..source.len());
    if faults.is_empty() { Ok(pieces) } else { Err(faults) }
}

/// The 1-based line of a byte offset.
pub(super) fn line(source: &str, offset: usize) -> usize {
    source.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
}

/// The range of the name within `inside`, or what is wrong with it.
fn variable(source: &str, inside: Range<usize>) -> Result<Range<usize>, (String, &'static str)> {
    let text = source.get(inside.clone()).unwrap_or_default();
    let name = text.trim();
    if name.is_empty() {
        return Err((
            "a variable has no name".to_owned(),
            "name a node or input between the braces, or write \\{{ for a literal {{",
        ));
    }
    if name.contains(['{', '}']) {
        return Err((
            format!("the variable \"{name}\" holds a brace"),
            "write exactly two braces on each side, as in {{name}}",
        ));
    }
    if name.split('.').any(|segment| segment.trim().is_empty()) {
        return Err((
            format!("the variable \"{name}\" has an empty part"),
            "put one name between two dots, as in {{input.customer.name}}",
        ));
    }
    let start = inside.start + (text.len() - text.trim_start().len());
    Ok(start..start + name.len())
}

fn find(source: &str, from: usize, what: &str) -> Option<usize> {
    Some(from + source.get(from..)?.find(what)?)
}

fn fault(source: &str, offset: usize, message: String, help: &'static str) -> SyntaxError {
    SyntaxError { offset, line: line(source, offset), message, help }
}

fn push(pieces: &mut Vec<Piece>, piece: fn(Range<u32>) -> Piece, range: Range<usize>) {
    // Both fit: the source is checked to be shorter than 4 GiB.
    if let (Ok(start), Ok(end)) = (u32::try_from(range.start), u32::try_from(range.end))
        && start < end
    {
        pieces.push(piece(start..end));
    }
}
