//! Seeds: Amazon Bedrock Converse.

use super::Written;
use crate::event_stream::{event, header, message};

pub(super) const SEEDS: Written = Written {
    replies: &[
        r#"{"output":{"message":{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"hm","signature":"c2ln"}}},{"reasoningContent":{"redactedContent":"eA=="}},{"text":"Hé"},{"toolUse":{"toolUseId":"t1","name":"add","input":{"a":1}}},{"toolUse":{"toolUseId":"t2","name":"web","type":"server_tool_use","input":{}}},{"citationsContent":{"content":[{"text":"cited"}],"citations":[]}}]}},"stopReason":"tool_use","usage":{"inputTokens":9,"outputTokens":7,"totalTokens":16,"cacheReadInputTokens":1,"cacheWriteInputTokens":2},"metrics":{"latencyMs":5}}"#,
        r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#,
    ],
    streams: &[],
    errors: &[
        r#"{"message":"Input is too long for requested model."}"#,
        r#"{"__type":"com.amazon.coral#ThrottlingException","Message":"Too many requests","originalStatusCode":429,"originalMessage":"x"}"#,
    ],
};

/// Streams, which are no text.
pub(super) fn streams() -> [Vec<u8>; 3] {
    let exception = [header(":exception-type", "throttlingException"), header(":message-type", "exception")];
    let error = [
        header(":message-type", "error"),
        header(":error-code", "InternalFailure"),
        header(":error-message", "broken"),
    ];
    let text = event("contentBlockDelta", r#"{"contentBlockIndex":1,"delta":{"text":"Hé"},"p":"abcd"}"#);
    [
        [
            event("messageStart", r#"{"role":"assistant"}"#),
            event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}}"#),
            event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"c2ln"}}}"#),
            event("contentBlockStop", r#"{"contentBlockIndex":0}"#),
            text.clone(),
            event("contentBlockStart", r#"{"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"t1","name":"add"}}}"#),
            event("contentBlockDelta", r#"{"contentBlockIndex":2,"delta":{"toolUse":{"input":"{\"a\":1}"}}}"#),
            event("contentBlockStop", r#"{"contentBlockIndex":2}"#),
            event(
                "contentBlockStart",
                r#"{"contentBlockIndex":3,"start":{"toolUse":{"toolUseId":"t2","name":"web","type":"server_tool_use"}}}"#,
            ),
            event("contentBlockDelta", r#"{"contentBlockIndex":3,"delta":{"toolUse":{"input":"{}"}}}"#),
            event("messageStop", r#"{"stopReason":"tool_use"}"#),
            event("metadata", r#"{"usage":{"inputTokens":9,"outputTokens":7},"metrics":{"latencyMs":5}}"#),
        ]
        .concat(),
        [text.clone(), message(&exception.concat(), br#"{"message":"slow down"}"#)].concat(),
        [text, message(&error.concat(), b"")].concat(),
    ]
}
