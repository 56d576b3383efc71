//! Seeds: OpenAI chat completions and the variations of compatible servers.

use super::Written;

pub(super) const SEEDS: Written = Written {
    replies: &[
        r#"{"id":"c1","object":"chat.completion","model":"m-1","choices":[{"index":0,"message":{"role":"assistant","content":"Hé 😀","refusal":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"add","arguments":"{\"a\":1,\"b\":[2]}"}},{"id":"call_2","type":"custom","custom":{"name":"run","input":"ls\n"}}]},"logprobs":{"content":[{"token":"H","logprob":-0.1,"bytes":[72],"top_logprobs":[{"token":"h","logprob":-2.5}]}]},"finish_reason":"tool_calls"},{"index":1,"message":{"content":"b"}}],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":3}}}"#,
        r#"{"id":7,"model":"m","choices":[{"message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"so"},{"type":"refusal","refusal":"no"}],"reasoning_content":"first","reasoning":"second","reasoning_details":[{"type":"reasoning.text","text":"third"},{"summary":"s"}],"function_call":{"name":"f","arguments":{"x":true}}},"finish_reason":"eos"}],"usage":null,"error":null}"#,
        r#"{"error":{"code":502,"message":"Upstream failed","metadata":{"raw":"{\"x\":1}","provider_name":"p"}},"choices":[]}"#,
        r#"{"object":"error","message":"no such model","type":"invalid_request_error","code":"1500"}"#,
    ],
    streams: &[
        concat!(
            ": hello\n\n",
            "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
            "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"let me\"}}]}\n\n",
            "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hé\"},\"logprobs\":{\"content\":[{\"token\":\"H\",\"logprob\":-0.5,\"top_logprobs\":[]}]}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"function\":{\"name\":\"add\",\"arguments\":\"\"}}]}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"call_2\",\"function\":{\"name\":\"sub\",\"arguments\":\"{}\"}},{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":\"}}]}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1}\"}}]},\"finish_reason\":\"tool_calls\"}]}\n\n",
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":12},\"x_groq\":{\"usage\":{\"prompt_tokens\":9}}}\n\n",
            "data: [DONE]\n\n",
        ),
        "data: {\"choices\":[{\"delta\":{\"refusal\":\"I can't\"},\"message\":{\"content\":\"all\"}}]}\r\n\r\ndata: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\nevent: error\ndata: {\"error\":{\"message\":\"busy\",\"type\":\"server_error\",\"code\":503}}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\nerror: {\"code\":500,\"message\":\"broken\"}\n\n",
    ],
    errors: &[
        r#"{"error":{"message":"Rate limit reached","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#,
        r#"[{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT","innererror":{"code":"ResponsibleAIPolicyViolation"}}}]"#,
        r#"{"code":"words","error":"more words"}"#,
        r#"{"detail":[{"loc":["body"],"msg":"field required"}]}"#,
        "<html><h1>502 Bad Gateway</h1></html>",
    ],
};
