//! Seeds: OpenAI Responses.

use super::Written;

pub(super) const SEEDS: Written = Written {
    replies: &[
        r#"{"id":"r1","object":"response","status":"completed","model":"m","error":null,"incomplete_details":null,"output":[{"type":"reasoning","id":"rs1","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"xyz=="},{"type":"message","id":"m1","role":"assistant","content":[{"type":"output_text","text":"Hé","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"no"}]},{"type":"function_call","id":"f1","call_id":"call_1","name":"add","arguments":"{\"a\":1}"},{"type":"custom_tool_call","id":"f2","call_id":"call_2","name":"run","input":"ls"},{"type":"web_search_call","id":"w1","status":"completed"}],"usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":1},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":2}}}"#,
        r#"{"id":"r2","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[{"type":"message","content":"half"}]}"#,
        r#"{"id":"r3","status":"failed","error":{"code":"server_error","message":"broken"},"output":[]}"#,
    ],
    streams: &[
        concat!(
            "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r1\",\"model\":\"m\",\"status\":\"in_progress\",\"output\":[]}}\n\n",
            "event: response.output_item.added\ndata: {\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"type\":\"reasoning\",\"id\":\"rs1\",\"summary\":[]}}\n\n",
            "event: response.reasoning_summary_text.delta\ndata: {\"type\":\"response.reasoning_summary_text.delta\",\"output_index\":0,\"summary_index\":0,\"delta\":\"hm\"}\n\n",
            "event: response.reasoning_text.delta\ndata: {\"type\":\"response.reasoning_text.delta\",\"output_index\":0,\"content_index\":1,\"delta\":\"hm\"}\n\n",
            "event: response.output_item.done\ndata: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"type\":\"reasoning\",\"id\":\"rs1\",\"encrypted_content\":\"x\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"hm\"}]}}\n\n",
            "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"output_index\":1,\"content_index\":0,\"delta\":\"Hé\",\"logprobs\":[]}\n\n",
            "event: response.refusal.delta\ndata: {\"type\":\"response.refusal.delta\",\"output_index\":1,\"content_index\":1,\"delta\":\"no\"}\n\n",
            "event: response.output_item.added\ndata: {\"type\":\"response.output_item.added\",\"output_index\":2,\"item\":{\"type\":\"function_call\",\"call_id\":\"call_1\",\"name\":\"add\",\"arguments\":\"\"}}\n\n",
            "event: response.function_call_arguments.delta\ndata: {\"type\":\"response.function_call_arguments.delta\",\"output_index\":2,\"delta\":\"{\\\"a\\\":1}\"}\n\n",
            "event: response.output_item.done\ndata: {\"type\":\"response.output_item.done\",\"output_index\":2,\"item\":{\"type\":\"function_call\",\"call_id\":\"call_1\",\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}\n\n",
            "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":\"r1\",\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hé\"}]},{\"type\":\"function_call\",\"call_id\":\"call_1\",\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}],\"usage\":{\"input_tokens\":9,\"output_tokens\":7}}}\n\n",
        ),
        "data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"broken\"}\n\n",
        "data: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"slow down\"}}}\n\ndata: [DONE]\n\n",
        "data: {\"type\":\"response.incomplete\",\"response\":{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"content_filter\"},\"output\":[{\"type\":\"message\",\"content\":\"half\"}]}}\n\n",
    ],
    errors: &[
        r#"{"error":{"message":"No such model","type":"invalid_request_error","param":"model","code":"model_not_found"}}"#,
        r#"{"code":"words","error":"more words"}"#,
        r#"{"detail":"Unauthorized"}"#,
    ],
};
