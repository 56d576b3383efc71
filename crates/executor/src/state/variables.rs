//! The variables of a graph's state during a run: one object, changed when a node succeeds.

use std::sync::Arc;

use graphbit_core::{Error, Plan, Result, Write};
use serde_json::{Map, Value};

use super::nothing;

/// The object at the start of a run; null for a graph without variables.
pub(super) fn initial(plan: &Plan) -> Arc<Value> {
    if plan.state().is_empty() {
        return nothing();
    }
    let initial = plan.state().iter().map(|(name, variable)| (name.to_string(), variable.initial.clone()));
    Arc::new(Value::Object(initial.collect::<Map<_, _>>()))
}

/// Folds an output into the variables that a node writes: all of them, or, on an error, none.
///
/// # Errors
/// `INVALID_INPUT` where a path leads nowhere in the output, or a reducer does not take what it leads to.
pub(super) fn write(plan: &Plan, writes: &[Write], variables: &mut Value, output: &Value) -> Result<()> {
    for write in writes {
        let Some(variable) = plan.state().get(&write.variable) else { continue };
        let update = update(write, output)?;
        let current = variables.get(&*write.variable).unwrap_or(&Value::Null);
        variable.reducer.check(current, update).map_err(|error| explained(write, &error))?;
    }
    for write in writes {
        let reducer = plan.state().get(&write.variable).map(|variable| variable.reducer);
        if let (Some(reducer), Some(current)) = (reducer, variables.get_mut(&*write.variable)) {
            reducer.fold(current, update(write, output)?).map_err(|error| explained(write, &error))?;
        }
    }
    Ok(())
}

fn update<'a>(write: &Write, output: &'a Value) -> Result<&'a Value> {
    let Some(path) = &write.path else { return Ok(output) };
    path.find(output).ok_or_else(|| {
        let name = &write.variable;
        Error::invalid_input(format!(
            "the node writes \"{path}\" of its output to the state's \"{name}\", and the output has no \"{path}\""
        ))
    })
}

fn explained(write: &Write, error: &Error) -> Error {
    Error::invalid_input(format!("the state's \"{}\" cannot be written: {}", write.variable, error.message()))
}
