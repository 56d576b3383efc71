//! Pieces and values to text, and the message about a value that is not there.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Piece, Scope, Template, Variable, slice};
use crate::path::member;
use crate::{Error, Result, nearest};

/// How many names a message lists.
const LISTED: usize = 12;

impl Template {
    /// The text with the values of `scope` in place of the variables.
    ///
    /// # Errors
    /// `INVALID_INPUT` where a variable has no value; it names the variable, what there is instead, and the nearest
    /// name.
    pub fn render<S: Scope + ?Sized>(&self, scope: &S) -> Result<String> {
        let value = |variable| find(scope, variable).map_err(|missing| self.missing(variable, &missing));
        // Most values are texts, whose length is known: then the text is one block from the beginning.
        let mut length = self.source.len();
        for variable in self.variables() {
            length += value(variable)?.as_str().map_or(0, str::len);
        }
        let mut text = String::with_capacity(length);
        for piece in &self.pieces {
            match piece {
                Piece::Literal(range) => text.push_str(slice(&self.source, range)),
                Piece::Variable(range) => insert(&mut text, value(self.variable(range))?),
            }
        }
        Ok(text)
    }

    /// The value of a template that is one variable and nothing else, of whatever type; the text of any other.
    ///
    /// # Errors
    /// As [`render`](Template::render).
    pub fn evaluate<S: Scope + ?Sized>(&self, scope: &S) -> Result<Value> {
        match self.as_variable() {
            Some(variable) => {
                find(scope, variable).cloned().map_err(|missing| self.missing(variable, &missing))
            }
            None => self.render(scope).map(Value::String),
        }
    }

    fn missing(&self, variable: Variable<'_>, missing: &str) -> Error {
        let line = self.line(variable.offset);
        Error::invalid_input(format!("{{{{{}}}}} (line {line}) has no value: {missing}", variable.name))
    }
}

fn insert(text: &mut String, value: &Value) {
    match value {
        Value::Null => {}
        Value::String(string) => text.push_str(string),
        // Writing into a string cannot fail.
        value => write!(text, "{value}").unwrap_or_default(),
    }
}

/// The value of a variable, or what is there in its place.
fn find<'a, S: Scope + ?Sized>(scope: &'a S, variable: Variable<'_>) -> Result<&'a Value, String> {
    let root = variable.root();
    let mut value = scope
        .get(root)
        .ok_or_else(|| format!("there is no \"{root}\"{}", instead("", root, &scope.names())))?;
    for (depth, segment) in (1..).zip(variable.path()) {
        value = member(value, segment).ok_or_else(|| {
            let level: Vec<&str> = std::iter::once(root).chain(variable.path()).take(depth).collect();
            lacks(value, &level.join("."), segment)
        })?;
    }
    Ok(value)
}

/// As in `{{input}} has no field "nmae"; there is age, name; did you mean {{input.name}}?`
fn lacks(value: &Value, level: &str, segment: &str) -> String {
    let what = match value {
        Value::Object(fields) if fields.is_empty() => "an empty object",
        Value::Object(fields) => {
            let names: Vec<&str> = fields.keys().map(String::as_str).collect();
            let instead = instead(&format!("{level}."), segment, &names);
            return format!("{{{{{level}}}}} has no field \"{segment}\"{instead}");
        }
        Value::Array(items) => {
            let length = items.len();
            return format!(
                "{{{{{level}}}}} is a list of {length}, counted from 0, without a position \"{segment}\""
            );
        }
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
    };
    format!("{{{{{level}}}}} is {what}, without a field \"{segment}\"")
}

/// What there is, and the nearest of it.
fn instead(prefix: &str, wrong: &str, names: &[&str]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let mut text =
        format!("; there is {}", names.iter().take(LISTED).copied().collect::<Vec<_>>().join(", "));
    if names.len() > LISTED {
        text.push_str(&format!(" and {} more", names.len() - LISTED));
    }
    if let Some(near) = nearest(wrong, names.iter().copied()) {
        text.push_str(&format!("; did you mean {{{{{prefix}{near}}}}}?"));
    }
    text
}
