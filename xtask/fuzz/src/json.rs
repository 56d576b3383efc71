//! Where values begin and end in bytes that hold JSON somewhere: one pass that never fails, so that text which is damaged
//! already, or lines with something before their JSON, can be changed value by value, too.

use std::ops::Range;

/// What a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The name of a member, with its quotes.
    Name,
    /// A name and its value.
    Member,
    /// A value.
    Value,
}

/// Every name, member and value of the text, inner ones first.
pub(crate) fn spans(text: &[u8]) -> Vec<(Kind, Range<usize>)> {
    let mut spans = Vec::new();
    // Where each open bracket stands, and where the member began whose value it is.
    let mut open: Vec<(usize, Option<usize>)> = Vec::new();
    let mut member = None;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let mut start = at;
        at += 1;
        match byte {
            b'{' | b'[' => {
                open.push((start, member.take()));
                continue;
            }
            b'}' | b']' => {
                let Some(outer) = open.pop() else { continue };
                (start, member) = outer;
            }
            b'"' => {
                at = end_of_text(text, at);
                if is_name(text, at) {
                    spans.push((Kind::Name, start..at));
                    member = Some(start);
                    continue;
                }
            }
            b',' => {
                member = None;
                continue;
            }
            byte if is_word(byte) => at += run(text, at, is_word),
            _ => continue,
        }
        spans.push((Kind::Value, start..at));
        if let Some(start) = member.take() {
            spans.push((Kind::Member, start..at));
        }
    }
    spans
}

/// Behind the quote that ends the text; a line's end does, too, as JSON has none within texts.
fn end_of_text(text: &[u8], mut at: usize) -> usize {
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\n' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

fn is_name(text: &[u8], end: usize) -> bool {
    let blanks = run(text, end, |byte| byte.is_ascii_whitespace());
    text.get(end + blanks) == Some(&b':')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}

/// How many of the bytes from here on are such.
fn run(text: &[u8], from: usize, is: impl Fn(u8) -> bool) -> usize {
    text.get(from..).unwrap_or_default().iter().take_while(|byte| is(**byte)).count()
}
