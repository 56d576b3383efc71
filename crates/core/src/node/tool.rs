//! The call of a tool, without a model in between.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::present;

/// Which tool to call, and with what.
///
/// ```
/// use graphbit_core::{Node, Tool};
/// use serde_json::json;
///
/// let weather = Tool::new("get_weather").with_arguments(json!({ "city": "{{input.city}}", "days": 3 }));
/// let node = Node::new("Weather", weather);
/// # assert_eq!(node.kind.name(), "tool");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Tool {
    /// The name under which the executor knows the tool.
    pub tool: String,
    /// The arguments, a [`JsonTemplate`](crate::JsonTemplate); `None` passes the node's input.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Value>,
    /// The JSON Schema of its arguments, which are held to it before each call; `None` passes any.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Value>,
}

impl Tool {
    /// A call with the node's input.
    pub fn new(tool: impl Into<String>) -> Self {
        Self { tool: tool.into(), arguments: None, parameters: None }
    }

    /// Sets the arguments; their strings are templates.
    #[must_use]
    pub fn with_arguments(mut self, arguments: impl Into<Value>) -> Self {
        self.arguments = Some(arguments.into());
        self
    }

    /// Sets the JSON Schema of its arguments.
    #[must_use]
    pub fn with_parameters(mut self, schema: impl Into<Value>) -> Self {
        self.parameters = Some(schema.into());
        self
    }
}
