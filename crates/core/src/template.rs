//! Prompt templates: text with `{{variables}}`, read once and rendered many times.
//! What a variable may name is decided by validation; where its value comes from, by the [`Scope`].

mod json;
mod render;
mod scan;
mod scope;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::str::Split;
use std::sync::Arc;

pub use json::JsonTemplate;
pub(crate) use scan::SyntaxError;
pub use scope::Scope;

use crate::{Error, Result};

/// A text with variables.
///
/// * `{{id}}` is the output of the node `id`, `{{input}}` the run's input; white space inside the braces is ignored.
/// * `{{id.items.0.title}}` goes into it: field names and array positions, separated by dots.
/// * `\{{` is a literal `{{`, and `\\{{x}}` a backslash before a variable, both as in Handlebars. Single braces, and a
///   `}}` without its `{{`, are plain text.
///
/// Strings are inserted as they are, `null` as nothing, everything else as compact JSON. Inserted text is not
/// read again: braces in a model's answer stay braces.
///
/// ```
/// use graphbit_core::Template;
/// use serde_json::json;
///
/// let template = Template::parse("Translate {{ input.text }} into {{input.languages}}.")?;
/// let mut scope = serde_json::Map::new();
/// scope.insert("input".into(), json!({ "text": "good day", "languages": ["de", "fr"] }));
/// assert_eq!(template.render(&scope)?, r#"Translate good day into ["de","fr"]."#);
/// # Ok::<(), graphbit_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    source: Arc<str>,
    pieces: Box<[Piece]>,
}

/// A part of a template, as a range of bytes of its source.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(Range<u32>),
    /// The name between the braces, without the white space around it.
    Variable(Range<u32>),
}

/// A variable of a template, as in `{{root.path.to.field}}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable<'a> {
    name: &'a str,
    offset: usize,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a `{{` that is never closed, and for a name that is empty or holds a brace; it names the
    /// line and the byte offset of each.
    pub fn parse(source: impl Into<Arc<str>>) -> Result<Self> {
        Self::read(source.into()).map_err(|faults| {
            let list: Vec<String> = faults.iter().map(SyntaxError::to_string).collect();
            Error::invalid_input(format!("the template cannot be read: {}", list.join("; ")))
        })
    }

    /// Like [`parse`](Template::parse), with the faults one by one.
    pub(crate) fn read(source: Arc<str>) -> Result<Self, Vec<SyntaxError>> {
        let pieces = scan::scan(&source)?;
        Ok(Self { source, pieces: pieces.into() })
    }

    /// The text it was read from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Its variables in the order of the text, each as often as it occurs.
    pub fn variables(&self) -> impl Iterator<Item = Variable<'_>> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(range) => Some(self.variable(range)),
            Piece::Literal(_) => None,
        })
    }

    fn variable(&self, range: &Range<u32>) -> Variable<'_> {
        Variable { name: slice(&self.source, range), offset: range.start as usize }
    }

    /// Whether it has variables at all.
    pub fn has_variables(&self) -> bool {
        self.variables().next().is_some()
    }

    /// The variable that is all of the template, as in `{{input.list}}`.
    pub fn as_variable(&self) -> Option<Variable<'_>> {
        match &*self.pieces {
            [Piece::Variable(_)] => self.variables().next(),
            _ => None,
        }
    }

    /// The bytes it holds beside its source, which it shares.
    #[cfg(test)]
    pub(crate) fn heap(&self) -> usize {
        size_of_val(&*self.pieces)
    }

    /// The 1-based line of a byte offset.
    pub(crate) fn line(&self, offset: usize) -> usize {
        scan::line(&self.source, offset)
    }
}

impl<'a> Variable<'a> {
    /// The whole name, as in `input.customer.name`.
    pub fn name(self) -> &'a str {
        self.name
    }

    /// What provides the value: a node's id, or `input`.
    pub fn root(self) -> &'a str {
        self.segments().next().unwrap_or_default()
    }

    /// The field names and positions after the root.
    pub fn path(self) -> impl Iterator<Item = &'a str> {
        self.segments().skip(1)
    }

    /// The byte offset of the name in the template.
    pub fn offset(self) -> usize {
        self.offset
    }

    fn segments(self) -> std::iter::Map<Split<'a, char>, fn(&str) -> &str> {
        self.name.split('.').map(str::trim)
    }
}

fn slice<'a>(source: &'a str, range: &Range<u32>) -> &'a str {
    source.get(range.start as usize..range.end as usize).unwrap_or_default()
}
