//! The names of fields that vendors and those before them send with each reply. A name that is no standard one costs a block of its
//! own each time it is read, unless it is one of these.

use http::HeaderName;
use http::header::InvalidHeaderName;

/// By their length, and then in the order of the alphabet. Taken from public API references and from replies.
static KNOWN: [HeaderName; 46] = [
    HeaderName::from_static("cf-ray"),
    HeaderName::from_static("request-id"),
    HeaderName::from_static("x-ms-region"),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("server-timing"),
    HeaderName::from_static("x-groq-region"),
    HeaderName::from_static("openai-project"),
    HeaderName::from_static("openai-version"),
    HeaderName::from_static("x-should-retry"),
    HeaderName::from_static("apim-request-id"),
    HeaderName::from_static("cf-cache-status"),
    HeaderName::from_static("x-generation-id"),
    HeaderName::from_static("x-amzn-requestid"),
    HeaderName::from_static("x-ms-rai-invoked"),
    HeaderName::from_static("openai-organization"),
    HeaderName::from_static("openai-processing-ms"),
    HeaderName::from_static("mistral-correlation-id"),
    HeaderName::from_static("x-ratelimit-limit-tokens"),
    HeaderName::from_static("x-ratelimit-reset-tokens"),
    HeaderName::from_static("anthropic-organization-id"),
    HeaderName::from_static("x-ratelimit-limit-requests"),
    HeaderName::from_static("x-ratelimit-reset-requests"),
    HeaderName::from_static("x-ratelimit-limit-req-minute"),
    HeaderName::from_static("x-ratelimit-remaining-tokens"),
    HeaderName::from_static("x-envoy-upstream-service-time"),
    HeaderName::from_static("x-ratelimit-tokens-query-cost"),
    HeaderName::from_static("x-ratelimit-limit-requests-day"),
    HeaderName::from_static("x-ratelimit-remaining-requests"),
    HeaderName::from_static("x-ratelimit-reset-requests-day"),
    HeaderName::from_static("x-ratelimit-limit-tokens-minute"),
    HeaderName::from_static("x-ratelimit-reset-tokens-minute"),
    HeaderName::from_static("anthropic-ratelimit-tokens-limit"),
    HeaderName::from_static("anthropic-ratelimit-tokens-reset"),
    HeaderName::from_static("x-ratelimit-remaining-req-minute"),
    HeaderName::from_static("anthropic-ratelimit-requests-limit"),
    HeaderName::from_static("anthropic-ratelimit-requests-reset"),
    HeaderName::from_static("x-ratelimit-remaining-requests-day"),
    HeaderName::from_static("x-ratelimit-remaining-tokens-minute"),
    HeaderName::from_static("anthropic-ratelimit-tokens-remaining"),
    HeaderName::from_static("anthropic-ratelimit-input-tokens-limit"),
    HeaderName::from_static("anthropic-ratelimit-input-tokens-reset"),
    HeaderName::from_static("anthropic-ratelimit-requests-remaining"),
    HeaderName::from_static("anthropic-ratelimit-output-tokens-limit"),
    HeaderName::from_static("anthropic-ratelimit-output-tokens-reset"),
    HeaderName::from_static("anthropic-ratelimit-input-tokens-remaining"),
    HeaderName::from_static("anthropic-ratelimit-output-tokens-remaining"),
];

/// A name as it was read.
pub(super) fn read(name: &[u8]) -> Result<HeaderName, InvalidHeaderName> {
    let length = |known: &HeaderName| known.as_str().len();
    let first = KNOWN.partition_point(|known| length(known) < name.len());
    KNOWN
        .iter()
        .skip(first)
        .take_while(|known| length(known) == name.len())
        .find(|known| name.eq_ignore_ascii_case(known.as_str().as_bytes()))
        .map_or_else(|| HeaderName::from_bytes(name), |known| Ok(known.clone()))
}

#[cfg(test)]
mod tests {
    use super::{HeaderName, KNOWN, read};

    #[test]
    fn names_are_read_as_if_none_was_known() {
        assert!(KNOWN.is_sorted_by_key(|known| (known.as_str().len(), known.as_str().to_owned())));
        for known in &KNOWN {
            let shouted = known.as_str().to_ascii_uppercase();
            assert_eq!(
                read(shouted.as_bytes()).unwrap(),
                HeaderName::from_bytes(shouted.as_bytes()).unwrap()
            );
        }
        for other in [
            "content-type",
            "X-Other",
            "cf-rax",
            "x",
            "x-a-name-that-is-longer-than-all-that-are-in-the-list",
        ] {
            assert_eq!(read(other.as_bytes()).unwrap(), HeaderName::from_bytes(other.as_bytes()).unwrap());
        }
        for bad in ["", "a b", "cf\u{2d}ray\u{e9}", "request\nid"] {
            assert!(read(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }
}
