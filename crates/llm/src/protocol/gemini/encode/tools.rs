//! The tools, and which of them to call.

use serde::Serialize;
use serde_json::Value;

use crate::{Request, Tool, ToolChoice};

/// All functions stand in one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Toolbox<'a> {
    function_declarations: Vec<Declaration<'a>>,
}

/// `parameters` would be a dialect of OpenAPI's schemas; this member takes JSON Schema as it is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Declaration<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    parameters_json_schema: &'a Value,
}

impl<'a> Toolbox<'a> {
    pub(super) fn of(tools: &'a [Tool]) -> Option<Self> {
        let declared = tools.iter().map(|tool| Declaration {
            name: &tool.name,
            description: &tool.description,
            parameters_json_schema: &tool.parameters,
        });
        (!tools.is_empty()).then(|| Self { function_declarations: declared.collect() })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolConfig<'a> {
    function_calling_config: FunctionCalling<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FunctionCalling<'a> {
    mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_function_names: Option<[&'a str; 1]>,
}

impl<'a> ToolConfig<'a> {
    /// `None` where the model decides by itself, and where there are no tools: this is refused without them.
    pub(super) fn of(request: &'a Request) -> Option<Self> {
        // A forced call is held to its schema anyway.
        let strict = request.tools.iter().any(|tool| tool.strict == Some(true));
        let (mode, only) = match &request.tool_choice {
            _ if request.tools.is_empty() => return None,
            Some(ToolChoice::None) => ("NONE", None),
            Some(ToolChoice::Required) => ("ANY", None),
            Some(ToolChoice::Tool(name)) => ("ANY", Some([name.as_str()])),
            _ if strict => ("VALIDATED", None),
            Some(ToolChoice::Auto) => ("AUTO", None),
            None => return None,
        };
        Some(Self { function_calling_config: FunctionCalling { mode, allowed_function_names: only } })
    }
}
