//! A JSON Schema that values are held to, at the borders of a workflow and of a model's answers.

#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::Value;

use crate::{Error, Result, apart};

/// A schema, compiled once: all drafts from 4 to 2020-12. References lead nowhere but into the schema itself.
pub struct Schema {
    validator: jsonschema::Validator,
}

/// How many faults of a value are told.
const FAULTS: usize = 8;

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// `INVALID_INPUT` when it is no JSON Schema, with the place.
    pub fn compile(schema: &Value) -> Result<Self> {
        // The validator's own tables are made at the first use, and kept.
        match apart(|| jsonschema::options().build(schema)) {
            Ok(validator) => Ok(Self { validator }),
            Err(error) => {
                let place = error.instance_path().to_string();
                let place = if place.is_empty() { String::new() } else { format!(" at {place}") };
                Err(Error::invalid_input(format!("this is no JSON Schema{place}: {}", error.masked())))
            }
        }
    }

    /// What of a value the schema does not allow, a line each: the place (RFC 6901) and why. Empty when it fits. Values
    /// are not repeated: they may be long, or nobody's business.
    pub fn faults(&self, value: &Value) -> Vec<String> {
        apart(|| self.tell(value)) // regular expressions keep what they searched with
    }

    fn tell(&self, value: &Value) -> Vec<String> {
        let told = self.validator.iter_errors(value).take(FAULTS).map(|error| {
            let place = error.instance_path().to_string();
            let place = if place.is_empty() { "the value".to_owned() } else { place };
            format!("{place}: {}", error.masked_with("it"))
        });
        told.collect()
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Schema")
    }
}
