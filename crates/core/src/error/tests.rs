use super::*;

#[test]
fn an_error_is_one_pointer_wide() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

#[test]
fn every_code_has_a_distinct_stable_string_that_serialises_as_itself() {
    let mut seen = std::collections::HashSet::new();
    for code in ErrorCode::ALL {
        assert!(seen.insert(code.as_str()));
        assert_eq!(serde_json::to_value(code).unwrap(), serde_json::json!(code.as_str()));
    }
    assert_eq!(seen.len(), 22);
}

#[test]
fn a_spent_error_is_not_retryable_but_keeps_its_advice() {
    let error =
        Error::new(ErrorCode::RateLimited, "slow down").retry(Retry::After(Duration::from_secs(2))).spent();
    assert!(!error.is_retryable());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
}

#[test]
fn a_node_of_a_body_has_its_place() {
    let error = Error::internal("x").node("n").within("each/3").within("outer").node("outer");
    assert_eq!(error.context().node.as_deref(), Some("outer/each/3/n"));
    assert_eq!(Error::internal("x").within("sub").context().node.as_deref(), Some("sub"));
}

#[test]
fn the_innermost_node_and_run_are_kept() {
    let error = Error::internal("x").node("inner").node("outer").run("r1").run("r2");
    assert_eq!(error.context().node.as_deref(), Some("inner"));
    assert_eq!(error.context().run.as_deref(), Some("r1"));
}

#[test]
fn a_duplicate_says_the_same_and_keeps_the_text_of_its_cause() {
    let error = Error::new(ErrorCode::Tool, "boom").node("n").caused_by("inner cause");
    let twin = error.duplicate();
    assert_eq!(twin.to_string(), error.to_string());
    assert_eq!(StdError::source(&twin).unwrap().to_string(), "inner cause");
}

#[test]
fn an_error_without_context_prints_no_brackets() {
    assert_eq!(Error::internal("oops").to_string(), "INTERNAL: oops");
}

#[test]
fn a_node_of_a_body_is_named_behind_the_node_that_has_it() {
    let error = Error::internal("x").node("summary").within("each/3").within("outer");
    assert_eq!(error.context().node.as_deref(), Some("outer/each/3/summary"));
}
