//! The arguments of a call where a wire holds them as the object they are, not as text.

use graphbit_core::{Error, Result};
use serde_json::value::RawValue;

use crate::ToolCall;

/// The arguments, borrowed; of a call without any, an empty object.
///
/// # Errors
/// `INVALID_INPUT` when they are no object, as of a call that the limit of tokens has cut.
pub(crate) fn object(call: &ToolCall) -> Result<&RawValue> {
    let text = if call.arguments.trim().is_empty() { "{}" } else { call.arguments.trim() };
    match serde_json::from_str::<&RawValue>(text) {
        Ok(arguments) if text.starts_with('{') => Ok(arguments),
        _ => Err(Error::invalid_input(format!(
            "the arguments of a call of tool {:?} in the conversation are not a JSON object, and this vendor takes nothing else: leave that call and its result out, or ask the model again with a higher maxTokens",
            call.name
        ))),
    }
}
