use super::*;

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap())).collect()
}

fn code(status: u16, code: &str, message: &str) -> &'static str {
    let complaint = Complaint { code: code.into(), message: message.into() };
    classify(StatusCode::from_u16(status).ok(), &HeaderMap::new(), &complaint).code().as_str()
}

#[test]
fn every_spelling_of_retry_after_is_read() {
    let wait = |pairs: &[_]| retry_after(&headers(pairs)).map(|wait| wait.as_millis());
    assert_eq!(wait(&[("retry-after", "20")]), Some(20_000));
    assert_eq!(wait(&[("retry-after", "1"), ("retry-after-ms", "250")]), Some(250));
    assert_eq!(
        wait(&[("retry-after", "1"), ("retry-after-ms", "0")]),
        Some(0),
        "the finer one, as Azure sends it"
    );
    assert_eq!(
        wait(&[("date", "Sun, 06 Nov 1994 08:49:00 GMT"), ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")]),
        Some(37_000)
    );
    assert_eq!(
        wait(&[("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "6m0.5s")]),
        Some(360_500)
    );
    assert_eq!(wait(&[("x-ratelimit-remaining-tokens", "9"), ("x-ratelimit-reset-tokens", "6m0s")]), None);
    assert_eq!(wait(&[("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "0")]), None);
    assert_eq!(wait(&[("retry-after", "soon")]), None);
    let endless =
        [("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "18000000000000000000")];
    assert_eq!(wait(&endless), Some(86_400_000), "a day at most");
    assert_eq!(wait(&[("retry-after", "-1")]), None);
    assert_eq!(wait(&[("retry-after", "1m30.5s")]), Some(90_500));
    assert_eq!(wait(&[("retry-after", " ")]), None);
    assert_eq!(
        wait(&[("retry-after", "604800")]),
        Some(86_400_000),
        "a week is no reason to come back at once"
    );
}

#[test]
fn advice_that_only_the_sentence_gives_is_heeded() {
    let wait = |code: &str, message: &str| {
        let complaint = Complaint { code: code.into(), message: message.into() };
        classify(None, &HeaderMap::new(), &complaint).retry_after().map(|wait| wait.as_millis())
    };
    let limit = "rate_limit_exceeded";
    assert_eq!(wait(limit, "Limit 3, Used 3. Please try again in 1.242s. Visit https://x"), Some(1242));
    assert_eq!(wait(limit, "Please try again in 6m0.5s."), Some(360_500));
    assert_eq!(wait(limit, "try again in 20 seconds"), Some(20_000));
    assert_eq!(wait(limit, "Try again in 2 minutes"), None);
    assert_eq!(wait(limit, "try again in a while"), None);
    assert_eq!(wait(limit, "Try again in "), None);
    assert_eq!(wait("server_error", "try again in 5s"), None);
    let headers = headers(&[("retry-after", "7")]);
    let complaint = Complaint { code: limit.into(), message: "Please try again in 6.9s".into() };
    let error = classify(Some(StatusCode::TOO_MANY_REQUESTS), &headers, &complaint);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)), "the header says it to all");
}

#[test]
fn a_429_that_will_never_succeed_is_told_from_one_that_will() {
    assert_eq!(code(429, "rate_limit_exceeded", "Rate limit reached"), "RATE_LIMITED");
    assert_eq!(
        code(429, "rate_limit_exceeded", "Request too large for x on tokens per min"),
        "CONTEXT_LENGTH"
    );
    assert_eq!(code(429, "insufficient_quota", "You exceeded your current quota"), "QUOTA");
    assert_eq!(code(429, "429 RESOURCE_EXHAUSTED", "You exceeded your current quota"), "RATE_LIMITED");
    assert_eq!(code(402, "", "Insufficient Balance"), "QUOTA");
    assert_eq!(code(429, "exceeded_current_quota_error", "Your account is suspended"), "QUOTA");
    assert_eq!(code(429, "1113", "Insufficient balance or no resource package. Please recharge."), "QUOTA");
    assert_eq!(code(429, "billing_not_active", "Your account is not active"), "QUOTA");
    assert_eq!(
        code(403, "", "Your team has used all available credits or reached its spending limit"),
        "QUOTA"
    );
    assert_eq!(code(400, "Arrearage", "Access denied, is your account in good standing?"), "QUOTA");
}

#[test]
fn statuses_and_words_give_the_documented_codes() {
    assert_eq!(code(401, "", ""), "AUTH");
    assert_eq!(code(403, "", "no"), "AUTH");
    assert_eq!(code(404, "model_not_found", "no such model"), "REJECTED");
    assert_eq!(code(400, "context_length_exceeded", "too long"), "CONTEXT_LENGTH");
    assert_eq!(code(400, "too_many_prompt_tokens", "All messages are too long"), "CONTEXT_LENGTH");
    assert_eq!(code(400, "", "prompt too long; exceeded max context length by 9 tokens"), "CONTEXT_LENGTH");
    for too_long in [
        "This model's maximum prompt length is 9 but the request contains 10 tokens",
        "Prompt exceeds max length",
        "Your request exceeded model token limit: 9",
        "Range of input length should be [1, 9]",
        "`inputs` must have less than 9 tokens. Given: 10",
        "`inputs` tokens + `max_new_tokens` must be <= 9",
    ] {
        assert_eq!(code(400, "", too_long), "CONTEXT_LENGTH", "{too_long}");
    }
    assert_eq!(code(400, "data_inspection_failed", "Output may contain inappropriate content"), "REFUSED");
    assert_eq!(code(500, "", "try again, increasing context size"), "UNAVAILABLE");
    assert_eq!(code(400, "content_filter", "filtered"), "REFUSED");
    assert_eq!(code(500, "", ""), "UNAVAILABLE");
    assert_eq!(code(529, "overloaded_error", "Overloaded"), "RATE_LIMITED");
}

#[test]
fn the_servers_word_on_retrying_is_final() {
    let never = classify(
        Some(StatusCode::TOO_MANY_REQUESTS),
        &headers(&[("x-should-retry", "false"), ("retry-after", "5")]),
        &Complaint::default(),
    );
    assert!(!never.is_retryable());
}

#[test]
fn an_error_within_a_success_is_known_by_its_words() {
    let code = |word: &str| {
        let complaint = Complaint { code: word.into(), message: String::new() };
        classify(None, &HeaderMap::new(), &complaint).code().as_str()
    };
    assert_eq!(code("invalid_api_key"), "AUTH");
    assert_eq!(code("authentication_error"), "AUTH");
    assert_eq!(code("model_not_found"), "REJECTED");
    assert_eq!(code("rate_limit_exceeded"), "RATE_LIMITED");
    assert_eq!(code("server_error"), "UNAVAILABLE");
}

#[test]
fn a_long_sentence_is_quoted_in_part() {
    let complaint = Complaint { code: String::new(), message: "é".repeat(50_000) };
    assert!(classify(None, &HeaderMap::new(), &complaint).message().chars().count() < 1100);
}
