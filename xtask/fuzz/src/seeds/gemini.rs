//! Seeds: Google's generateContent, as events, as an array, and alone.

use super::Written;

pub(super) const SEEDS: Written = Written {
    replies: &[
        r#"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"text":"Hé","thoughtSignature":"c2ln"},{"functionCall":{"id":"1","name":"add","args":{"a":1}},"thoughtSignature":"eA=="},{"inlineData":{"mimeType":"image/png","data":"AA=="}},{"executableCode":{"code":"1"}}],"role":"model"},"finishReason":"STOP","index":0,"avgLogprobs":-0.1,"logprobsResult":{"chosenCandidates":[{"token":"H","logProbability":-0.1}]}}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":7,"thoughtsTokenCount":3,"cachedContentTokenCount":2,"toolUsePromptTokenCount":1},"modelVersion":"m","responseId":"r1"}"#,
        r#"{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":9}}"#,
        r#"[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]},{"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":2}]}]"#,
        r#"[{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}]"#,
    ],
    streams: &[
        concat!(
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hm\",\"thought\":true}],\"role\":\"model\"},\"index\":0}],\"modelVersion\":\"m\",\"responseId\":\"r1\"}\r\n\r\n",
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hé\",\"thoughtSignature\":\"c2ln\"}]}}],\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":1}}\r\n\r\n",
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"add\",\"args\":{\"a\":1}}},{\"functionCall\":{\"name\":\"sub\",\"willContinue\":true}}]}}]}\r\n\r\n",
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"partialArgs\":[{\"jsonPath\":\"$.a1.b2[0]\",\"stringValue\":\"x\",\"willContinue\":true},{\"jsonPath\":\"$.c\",\"numberValue\":1.5},{\"jsonPath\":\"$['d']\",\"boolValue\":true},{\"jsonPath\":\"$.e\",\"nullValue\":null}],\"willContinue\":true}}]}}]}\r\n\r\n",
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"partialArgs\":[{\"jsonPath\":\"$.a1.b2[0]\",\"stringValue\":\"y\"}]}},{\"text\":\"\"}]},\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":7,\"thoughtsTokenCount\":3}}\r\n\r\n",
        ),
        "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]}\r\n,\r\n{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"b\"}]},\"finishReason\":\"MAX_TOKENS\"}]}\r\n]",
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]}\n\n{\n  \"error\": {\n    \"code\": 503,\n    \"message\": \"overloaded\",\n    \"status\": \"UNAVAILABLE\"\n  }\n}\n",
    ],
    errors: &[
        r#"{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"m","quotaId":"GenerateRequestsPerDayPerProject","quotaValue":"50"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"38.6s"}]}}"#,
        r#"[{"error":{"code":400,"message":"API key not valid","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}]"#,
    ],
};
