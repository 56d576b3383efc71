use super::*;

#[test]
fn models_that_reason_sample_as_they_like() {
    use crate::ReasoningEffort::{Low, None as Not};
    assert!(
        samples("gpt-4.1", None) && samples("gpt-5-chat-latest", None) && samples("gpt-6-luna", Some(Not))
    );
    assert!(!samples("gpt-5-mini", None) && !samples("o3", Some(Low)));
}

#[test]
fn models_that_reason_are_known_by_their_generation() {
    for name in ["o1", "o3-mini", "gpt-5-nano", "gpt-5.6-luna", "gpt-6-luna", "gpt-10"] {
        assert!(is_reasoning_family(name), "{name}");
    }
    for name in
        ["gpt-4o", "gpt-4.1-mini", "gpt-35-turbo-16k", "gpt-oss-120b", "omni-moderation", "chatgpt-4o-latest"]
    {
        assert!(!is_reasoning_family(name), "{name}");
    }
}
