//! Seeds: Cohere's chat, version 2.

use super::Written;

pub(super) const SEEDS: Written = Written {
    replies: &[
        r#"{"id":"c1","message":{"role":"assistant","tool_plan":"I will","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"Hé"}],"tool_calls":[{"id":"add_1","type":"function","function":{"name":"add","arguments":"{\"a\":1}"}}],"citations":[{"start":0,"end":1,"text":"H"}]},"finish_reason":"TOOL_CALL","usage":{"billed_units":{"input_tokens":3,"output_tokens":4},"tokens":{"input_tokens":9,"output_tokens":7},"cached_tokens":2},"logprobs":[{"token_ids":[1],"text":"H","logprobs":[-0.1]}]}"#,
        r#"{"id":"c1","message":"invalid request"}"#,
    ],
    streams: &[
        concat!(
            "event: message-start\ndata: {\"id\":\"c1\",\"type\":\"message-start\",\"delta\":{\"message\":{\"role\":\"assistant\",\"content\":[],\"tool_calls\":[]}}}\n\n",
            "event: tool-plan-delta\ndata: {\"type\":\"tool-plan-delta\",\"delta\":{\"message\":{\"tool_plan\":\"I will\"}}}\n\n",
            "event: content-start\ndata: {\"type\":\"content-start\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"type\":\"thinking\",\"thinking\":\"\"}}}}\n\n",
            "event: content-delta\ndata: {\"type\":\"content-delta\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"thinking\":\"hm\"}}}}\n\n",
            "event: content-end\ndata: {\"type\":\"content-end\",\"index\":0}\n\n",
            "event: content-delta\ndata: {\"type\":\"content-delta\",\"index\":1,\"delta\":{\"message\":{\"content\":{\"text\":\"Hé\"}}},\"logprobs\":{\"text\":\"H\",\"logprobs\":[-0.1]}}\n\n",
            "event: tool-call-start\ndata: {\"type\":\"tool-call-start\",\"index\":0,\"delta\":{\"message\":{\"tool_calls\":{\"id\":\"add_1\",\"type\":\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"\"}}}}}\n\n",
            "event: tool-call-delta\ndata: {\"type\":\"tool-call-delta\",\"index\":0,\"delta\":{\"message\":{\"tool_calls\":{\"function\":{\"arguments\":\"{\\\"a\\\":1}\"}}}}}\n\n",
            "event: tool-call-end\ndata: {\"type\":\"tool-call-end\",\"index\":0}\n\n",
            "event: citation-start\ndata: {\"type\":\"citation-start\",\"index\":0,\"delta\":{\"message\":{\"citations\":{\"start\":0}}}}\n\n",
            "event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"TOOL_CALL\",\"usage\":{\"tokens\":{\"input_tokens\":9,\"output_tokens\":7}}}}\n\n",
            "data: [DONE]\n\n",
        ),
        "event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"ERROR\",\"error\":\"broken\"}}\n\n",
    ],
    errors: &[
        r#"{"id":"c1","message":"too many tokens: size limit exceeded"}"#,
        r#"{"message":"invalid api token","error_type":"AUTH"}"#,
    ],
};
