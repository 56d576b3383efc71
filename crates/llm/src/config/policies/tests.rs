use serde_json::json;

use super::*;

fn read(options: &Value) -> Result<Policies> {
    Policies::from_options(options.as_object().unwrap())
}

#[test]
fn what_is_not_set_is_not_in_force() {
    let policies = read(&json!({ "cache": null, "trace": false })).unwrap();
    assert!(policies.concurrency.is_none() && policies.rate_limits.is_none() && policies.circuit.is_none());
    assert!(policies.replies.is_none() && policies.total_timeout.is_none() && policies.trace.is_none());
}

#[test]
fn groups_fill_in_what_they_leave_out_and_clones_share_their_state() {
    let policies = read(&json!({
        "maxConcurrency": 1e1, "rateLimit": {}, "circuitBreaker": {}, "cache": {}, "trace": true, "retryBudgetMs": 1.5,
    }))
    .unwrap();
    assert!(policies.rate_limits.is_some() && policies.circuit.is_some() && policies.replies.is_some());
    assert_eq!(policies.trace, Some(TraceOptions { content: false }));
    assert_eq!(policies.retry_budget, Some(Duration::from_micros(1500)));
    assert_eq!(policies.concurrency.unwrap().free(), 10);
    assert!(read(&json!({ "trace": { "content": true } })).unwrap().trace.unwrap().content);
    assert!(read(&json!({ "rateLimit": { "maxWaitMs": 0 } })).is_ok());
}

#[test]
fn every_complaint_names_its_option() {
    for (options, name) in [
        (json!({ "maxConcurrency": 0 }), "maxConcurrency must be a whole number of at least 1, not 0"),
        (json!({ "maxConcurrency": -3 }), "maxConcurrency"),
        (json!({ "maxConcurrency": 1.5 }), "maxConcurrency"),
        (json!({ "maxConcurrency": "4" }), "maxConcurrency"),
        (json!({ "rateLimit": 60 }), "rateLimit must be an object"),
        (json!({ "rateLimit": { "requestsPerMinute": -1 } }), "rateLimit.requestsPerMinute"),
        (json!({ "rateLimit": { "requestsPerMinute": 1e12 } }), "rateLimit.requestsPerMinute"),
        (json!({ "rateLimit": { "tokensPerMinute": 0 } }), "rateLimit.tokensPerMinute"),
        (json!({ "rateLimit": { "maxWaitMs": -1 } }), "rateLimit.maxWaitMs"),
        (json!({ "circuitBreaker": { "failures": 0 } }), "circuitBreaker.failures"),
        (json!({ "circuitBreaker": { "cooldownMs": 0 } }), "circuitBreaker.cooldownMs"),
        (json!({ "cache": { "tll": 5 } }), "unknown option cache.tll: known are maxBytes"),
        (json!({ "cache": { "ttlMS": 5 } }), "unknown option cache.ttlMS: did you mean \"ttlMs\"?"),
        (json!({ "cache": { "maxBytes": 0 } }), "cache.maxBytes"),
        (json!({ "totalTimeoutMs": 0 }), "totalTimeoutMs"),
        (json!({ "retryBudgetMs": -5 }), "retryBudgetMs"),
        (json!({ "trace": "yes" }), "trace must be true, false or an object"),
        (json!({ "trace": { "content": 1 } }), "trace.content"),
        (json!({ "maxConcurency": 4 }), "did you mean \"maxConcurrency\"?"),
    ] {
        let error = read(&options).unwrap_err();
        assert!(error.code().as_str() == "CONFIG" && error.message().contains(name), "{name}: {error}");
    }
    let error = serde_json::from_value::<Policies>(json!({ "maxConcurrency": 0 })).unwrap_err();
    assert!(error.to_string().contains("maxConcurrency"), "{error}");
}
