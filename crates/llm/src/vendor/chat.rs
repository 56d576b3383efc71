//! What servers of chat completions do differently, as data: each vendor's public reference says it, or its recorded traffic.

/// Differences between servers of chat completions in what a conversation may hold and how its settings are called.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Chat {
    /// How the form of an answer is asked for.
    pub output: OutputMember,
    /// Whether that may be asked for beside tools; else the model is told in words.
    pub output_beside_tools: bool,
    /// How thinking is set.
    pub thinking: ThinkingMember,
    /// What of the model's earlier thinking is sent back.
    pub echo: Echo,
    /// Which ids of calls are taken.
    pub tool_ids: ToolIds,
    /// The word for a choice that requires any tool.
    pub any_tool: &'static str,
    /// How files that are no images are sent.
    pub files: Files,
    /// Whether a refusal has a part of its own; else it is text.
    pub refusals: bool,
    /// Whether `top_k` is known.
    pub top_k: bool,
    /// Whether `logprobs` and `top_logprobs` are known.
    pub logprobs: bool,
    /// Whether `presence_penalty` and `frequency_penalty` are known.
    pub penalties: bool,
    /// Whether `prompt_cache_key` is known.
    pub cache_key: bool,
    /// Whether `cache_control` marks on parts are known; the others cache by themselves or not at all.
    pub cache_marks: bool,
}

impl Chat {
    /// A server that does as most do.
    pub const PLAIN: Self = Self {
        output: OutputMember::Schema,
        output_beside_tools: true,
        thinking: ThinkingMember::Effort,
        echo: Echo::None,
        tool_ids: ToolIds::Any,
        any_tool: "required",
        files: Files::Parts,
        refusals: false,
        top_k: false,
        logprobs: true,
        penalties: true,
        cache_key: false,
        cache_marks: false,
    };
}

/// How the form of an answer is asked for. What a server does not take as a schema, the model is told in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutputMember {
    /// `response_format` takes a JSON Schema.
    Schema,
    /// It does for models whose names begin so; for the others any JSON object.
    SchemaFor(&'static [&'static str]),
    /// `response_format` takes any JSON object.
    Object,
    /// There is none.
    None,
}

/// How thinking is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ThinkingMember {
    /// `reasoning_effort` is the effort's word.
    Effort,
    /// `reasoning_effort` is `none` or `high`.
    NoneOrHigh,
    /// `thinking` is `{"type": "enabled"}` or `{"type": "disabled"}`.
    Switch,
    /// The switch, and the effort's word beside it; there is none below `low`.
    SwitchAndEffort,
    /// `enable_thinking` and `thinking_budget`, in tokens.
    Budget,
    /// `reasoning` is `{"effort": …}` or `{"max_tokens": …}`.
    Object,
    /// Not at all.
    None,
}

/// What of the model's earlier thinking a server wants to have back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Echo {
    /// Nothing.
    None,
    /// Beside calls of tools, its text as `reasoning_content`, which must be there even if it is empty.
    ReasoningContent,
    /// `reasoning_details`, as they came.
    ReasoningDetails,
    /// Its text as parts of type `thinking`, before the text.
    ThinkingParts,
    /// Of calls of tools, their `extra_content`, as it came.
    ExtraContent,
}

/// Which ids of calls a server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolIds {
    /// Any.
    Any,
    /// Of at most 40 characters.
    Short,
    /// Of nine letters and digits.
    Nine,
}

/// How files that are no images are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Files {
    /// As parts of type `file`, their bytes or an id.
    Parts,
    /// The same, or an address.
    PartsOrUrls,
    /// As parts of type `document_url`.
    Documents,
}
