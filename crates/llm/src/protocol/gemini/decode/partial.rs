//! Arguments of a tool call that arrive value by value, each with its place as an RFC 9535 path, as in `$.a.b[0]`: Vertex AI
//! sends them where `streamFunctionCallArguments` was asked for.

use graphbit_core::{Error, ErrorCode, Result};
use serde_json::{Map, Value};

use crate::protocol::gemini::wire::PartialArg;

/// The most that the arguments of one call may hold.
const MOST_BYTES: usize = 4 << 20;
/// What a value costs beside its text.
const VALUE_BYTES: usize = 96;
/// How deep a value may lie.
const MOST_STEPS: usize = 64;

/// The arguments so far.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    root: Value,
    held: usize,
}

/// One step of a path.
enum Step {
    Member(String),
    Item(usize),
}

impl Arguments {
    /// Adds a piece: text to the text that is there already, anything else as it is.
    ///
    /// # Errors
    /// `PROTOCOL` for a place that does not exist, and when all of it is too much.
    pub(super) fn add(&mut self, piece: &PartialArg<'_>) -> Result<()> {
        let path = piece.json_path.as_str();
        let steps = steps(path).ok_or_else(|| misplaced(path))?;
        let text = piece.string_value.get();
        let number = piece.number_value.map_or("", serde_json::value::RawValue::get);
        self.held += VALUE_BYTES * (steps.len() + 1) + path.len() + text.map_or(0, str::len) + number.len();
        if self.held > MOST_BYTES {
            let message = format!("the arguments of a tool call are larger than {MOST_BYTES} bytes");
            return Err(Error::new(ErrorCode::Protocol, message));
        }
        let place = steps.into_iter().try_fold(&mut self.root, enter).ok_or_else(|| misplaced(path))?;
        if let Some(text) = text {
            match place {
                Value::String(so_far) => so_far.push_str(text),
                place => *place = text.into(),
            }
        } else if let Some(value) = piece.bool_value.0 {
            *place = value.into();
        } else if let Ok(number) = serde_json::from_str(number) {
            *place = Value::Number(number);
        }
        Ok(())
    }

    /// The JSON text of all of it.
    pub(super) fn into_text(self) -> String {
        match self.root {
            Value::Null => Value::Object(Map::new()).to_string(),
            root => root.to_string(),
        }
    }
}

/// The value one step deeper. It is made where it is missing; a list grows at its end only.
fn enter(value: &mut Value, step: Step) -> Option<&mut Value> {
    match step {
        Step::Member(name) => {
            if !value.is_object() {
                *value = Value::Object(Map::new());
            }
            Some(value.as_object_mut()?.entry(name).or_insert(Value::Null))
        }
        Step::Item(index) => {
            if !value.is_array() {
                *value = Value::Array(Vec::new());
            }
            let list = value.as_array_mut()?;
            if index == list.len() {
                list.push(Value::Null);
            }
            list.get_mut(index)
        }
    }
}

/// The steps of `$.name`, `[0]` and `['name']`; a path that begins with a name begins at the root. `None` for any other path.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$').unwrap_or(path);
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if steps.len() >= MOST_STEPS {
            return None;
        }
        if let Some(inner) = rest.strip_prefix('[') {
            let quote = inner.chars().next().filter(|first| matches!(first, '\'' | '"'));
            if let Some(quote) = quote {
                let (name, after) = quoted(inner.get(1..)?, quote)?;
                steps.push(Step::Member(name));
                rest = after.strip_prefix(']')?;
            } else {
                let (index, after) = inner.split_once(']')?;
                steps.push(Step::Item(index.trim().parse().ok()?));
                rest = after;
            }
        } else {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, after) = rest.split_at_checked(end).filter(|(name, _)| !name.is_empty())?;
            steps.push(Step::Member(name.to_owned()));
            rest = after;
        }
    }
    (!steps.is_empty()).then_some(steps)
}

/// A name up to its closing quote, and what follows.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => name.push(letters.next()?.1),
            letter if letter == quote => return Some((name, text.get(at + 1..)?)),
            letter => name.push(letter),
        }
    }
    None
}

fn misplaced(path: &str) -> Error {
    let path: String = path.chars().take(100).collect();
    Error::new(
        ErrorCode::Protocol,
        format!("a tool call has an argument at {path:?}, which is no place in it"),
    )
}
