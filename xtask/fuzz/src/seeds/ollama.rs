//! Seeds: Ollama's chat.

use super::Written;

pub(super) const SEEDS: Written = Written {
    replies: &[
        r#"{"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"Hé","thinking":"hm","tool_calls":[{"id":"1","function":{"index":0,"name":"add","arguments":{"a":1}}},{"function":{"name":"sub","arguments":"{}"}}]},"logprobs":[{"token":"H","logprob":-0.1,"bytes":[72],"top_logprobs":[]}],"done":true,"done_reason":"stop","total_duration":9000,"load_duration":1,"prompt_eval_count":9,"prompt_eval_duration":1,"eval_count":7,"eval_duration":1}"#,
        r#"{"model":"m","response":"a","done":true}"#,
        r#"{"error":"model not found"}"#,
    ],
    streams: &[
        concat!(
            "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"hm\"},\"done\":false}\n",
            "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"Hé\"},\"done\":false}\n",
            "{\"model\":\"m\",\"message\":{\"content\":\"\",\"tool_calls\":[{\"function\":{\"name\":\"add\",\"arguments\":{\"a\":1}}}]},\"done\":false}\n",
            "{\"model\":\"m\",\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":9,\"eval_count\":7}\n",
        ),
        "{\"model\":\"m\",\"response\":\"a\",\"done\":false}\r\n{\"error\":\"the runner failed\"}\r\n",
    ],
    errors: &[r#"{"error":"model 'm' not found"}"#, r#"{"error":{"message":"no","type":"api_error"}}"#],
};
