//! The JSON form. What is no predicate is a value to equal; what looks like one and is none is refused, so that a
//! misspelt operator does not become a comparison with an object.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value, json};

use super::{Operator, Predicate};
use crate::{Path, nearest};

const OPERATORS: [&str; 9] =
    ["equals", "notEquals", "greater", "greaterOrEqual", "less", "lessOrEqual", "in", "contains", "exists"];
const COMBINATIONS: [&str; 3] = ["all", "any", "not"];
const PATH: &str = "path";

impl Serialize for Predicate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Predicate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

fn write(predicate: &Predicate) -> Value {
    let list = |all: &[Predicate]| Value::Array(all.iter().map(write).collect());
    match predicate {
        Predicate::All(all) => json!({ "all": list(all) }),
        Predicate::Any(any) => json!({ "any": list(any) }),
        Predicate::Not(not) => json!({ "not": write(not) }),
        Predicate::Test { path, operator } => {
            let (name, value) = match operator.clone() {
                Operator::Equals(value) => ("equals", value),
                Operator::NotEquals(value) => ("notEquals", value),
                Operator::Greater(value) => ("greater", value),
                Operator::GreaterOrEqual(value) => ("greaterOrEqual", value),
                Operator::Less(value) => ("less", value),
                Operator::LessOrEqual(value) => ("lessOrEqual", value),
                Operator::In(values) => ("in", Value::Array(values)),
                Operator::Contains(value) => ("contains", value),
                Operator::Exists(wanted) => ("exists", Value::Bool(wanted)),
            };
            let mut fields = Map::new();
            if let Some(path) = path {
                fields.insert(PATH.to_owned(), Value::from(path.as_str()));
            }
            fields.insert(name.to_owned(), value);
            Value::Object(fields)
        }
    }
}

fn read(value: Value) -> Result<Predicate, String> {
    match value {
        Value::Object(fields) if is_test(&fields) => read_test(fields),
        value => Ok(Predicate::equals(value)),
    }
}

/// Whether an object is meant as a predicate.
fn is_test(fields: &Map<String, Value>) -> bool {
    let known = |name: &&str| fields.contains_key(*name);
    OPERATORS.iter().chain(&COMBINATIONS).any(known) || known(&PATH)
}

fn read_test(mut fields: Map<String, Value>) -> Result<Predicate, String> {
    let path = match fields.remove(PATH) {
        None => None,
        Some(Value::String(path)) => Some(Path::parse(path).map_err(|error| error.message().to_owned())?),
        Some(_) => return Err("a predicate's \"path\" is a text, as in \"customer.name\"".to_owned()),
    };
    let mut fields = fields.into_iter();
    let (name, value) = match (fields.next(), fields.next()) {
        (Some(only), None) => only,
        (None, _) => return Err("a predicate with a path needs an operator, as in \"equals\"".to_owned()),
        (Some((a, _)), Some((b, _))) => {
            return Err(format!(
                "a predicate has one operator, and this one has \"{a}\" and \"{b}\"; combine two with \
                 {{\"all\": [{{…}}, {{…}}]}}, or compare with an object by {{\"equals\": {{…}}}}"
            ));
        }
    };
    if COMBINATIONS.contains(&name.as_str()) && path.is_some() {
        return Err(format!("\"{name}\" takes no path; put it into the predicates inside"));
    }
    let list = |value: Value| match value {
        Value::Array(items) => Ok(items),
        _ => Err(format!("a predicate's \"{name}\" is a list")),
    };
    let all = |value: Value| list(value)?.into_iter().map(read).collect::<Result<Vec<_>, _>>();
    let operator = match name.as_str() {
        "all" => return all(value).map(Predicate::All),
        "any" => return all(value).map(Predicate::Any),
        "not" => return read(value).map(Predicate::not),
        "equals" => Operator::Equals(value),
        "notEquals" => Operator::NotEquals(value),
        "greater" => Operator::Greater(value),
        "greaterOrEqual" => Operator::GreaterOrEqual(value),
        "less" => Operator::Less(value),
        "lessOrEqual" => Operator::LessOrEqual(value),
        "in" => Operator::In(list(value)?),
        "contains" => Operator::Contains(value),
        "exists" => match value {
            Value::Bool(wanted) => Operator::Exists(wanted),
            _ => return Err("a predicate's \"exists\" is true or false".to_owned()),
        },
        unknown => {
            let known = OPERATORS.join(", ");
            let near = nearest(unknown, OPERATORS);
            let near = near.map_or_else(String::new, |near| format!("did you mean \"{near}\"? "));
            return Err(format!("a predicate has no operator \"{unknown}\"; {near}there is {known}"));
        }
    };
    Ok(Predicate::Test { path, operator })
}
