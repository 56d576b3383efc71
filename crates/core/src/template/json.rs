//! JSON whose strings are templates.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::{Scope, SyntaxError, Template};
use crate::{Error, Result};

/// A JSON value with templates in its strings. A string that is one variable and nothing else becomes the variable's
/// value, of whatever type; every other string becomes text. Field names are taken as they are.
///
/// ```
/// use graphbit_core::JsonTemplate;
/// use serde_json::json;
///
/// let arguments = JsonTemplate::parse(&json!({ "cities": "{{input}}", "title": "for {{input.0}}", "days": 3 }))?;
/// let mut scope = serde_json::Map::new();
/// scope.insert("input".into(), json!(["Rome", "Oslo"]));
/// assert_eq!(
///     arguments.render(&scope)?,
///     json!({ "cities": ["Rome", "Oslo"], "title": "for Rome", "days": 3 }),
/// );
/// # Ok::<(), graphbit_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct JsonTemplate {
    root: Part,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    /// Nothing in it is a template.
    Literal(Value),
    Text(Template),
    List(Vec<Part>),
    Object(Vec<(String, Part)>),
}

impl JsonTemplate {
    /// Reads a value.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a string that is no template, with every fault.
    pub fn parse(value: &Value) -> Result<Self> {
        Self::read(value).map_err(|faults| {
            let list: Vec<String> = faults.iter().map(SyntaxError::to_string).collect();
            Error::invalid_input(format!("the template cannot be read: {}", list.join("; ")))
        })
    }

    /// Like [`parse`](JsonTemplate::parse), with the faults one by one.
    pub(crate) fn read(value: &Value) -> Result<Self, Vec<SyntaxError>> {
        let mut faults = Vec::new();
        let root = read(value, &mut faults);
        if faults.is_empty() { Ok(Self { root }) } else { Err(faults) }
    }

    /// The value with those of `scope` in place of the variables.
    ///
    /// # Errors
    /// `INVALID_INPUT` where a variable has no value, as [`Template::render`].
    pub fn render<S: Scope + ?Sized>(&self, scope: &S) -> Result<Value> {
        self.root.render(scope)
    }

    /// The templates in it, in the order of the text.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let mut left = vec![&self.root];
        std::iter::from_fn(move || {
            loop {
                match left.pop()? {
                    Part::Literal(_) => {}
                    Part::Text(template) => return Some(template),
                    Part::List(parts) => left.extend(parts.iter().rev()),
                    Part::Object(fields) => left.extend(fields.iter().rev().map(|(_, part)| part)),
                }
            }
        })
    }
}

fn read(value: &Value, faults: &mut Vec<SyntaxError>) -> Part {
    let parts = match value {
        Value::String(text) if text.contains("{{") => match Template::read(text.as_str().into()) {
            Ok(template) => return Part::Text(template),
            Err(more) => {
                faults.extend(more);
                return Part::Literal(Value::Null);
            }
        },
        Value::Array(items) => Part::List(items.iter().map(|item| read(item, faults)).collect()),
        Value::Object(fields) => {
            Part::Object(fields.iter().map(|(name, field)| (name.clone(), read(field, faults))).collect())
        }
        _ => return Part::Literal(value.clone()),
    };
    let literal = |part: &Part| matches!(part, Part::Literal(_));
    let plain = match &parts {
        Part::List(parts) => parts.iter().all(literal),
        Part::Object(fields) => fields.iter().all(|(_, part)| literal(part)),
        Part::Literal(_) | Part::Text(_) => false,
    };
    if plain { Part::Literal(value.clone()) } else { parts }
}

impl Part {
    fn render<S: Scope + ?Sized>(&self, scope: &S) -> Result<Value> {
        Ok(match self {
            Self::Literal(value) => value.clone(),
            Self::Text(template) => template.evaluate(scope)?,
            Self::List(parts) => {
                Value::Array(parts.iter().map(|part| part.render(scope)).collect::<Result<_>>()?)
            }
            Self::Object(fields) => {
                let render = |(name, part): &(String, Self)| Ok((name.clone(), part.render(scope)?));
                Value::Object(fields.iter().map(render).collect::<Result<Map<_, _>>>()?)
            }
        })
    }
}
