//! The cases that AWS publishes ("aws-sig-v4-test-suite", and the example of the user guide), with the keys of its examples.

use std::time::Duration;

use super::*;
use crate::Secret;

fn keys(session: Option<&str>) -> AccessKeys {
    AccessKeys {
        id: "AKIDEXAMPLE".into(),
        secret: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        session: session.map(Secret::new),
    }
}

/// 2015-08-30 12:36:00 UTC, the time of all of them.
fn then() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_440_938_160)
}

fn signed(
    request: http::request::Builder,
    body: &'static str,
    service: &str,
    keys: &AccessKeys,
) -> http::Request<Bytes> {
    let mut request = request.body(Bytes::from(body)).unwrap();
    sign(&mut request, keys, &Scope { region: "us-east-1", service }, then()).unwrap();
    request
}

fn authorization(request: &http::Request<Bytes>) -> &str {
    request.headers()[AUTHORIZATION].to_str().unwrap()
}

#[test]
fn the_published_cases_are_signed_as_published() {
    let get = |url: &str| http::Request::get(url.to_owned());
    let post = || http::Request::post("https://example.amazonaws.com/");
    let form = "application/x-www-form-urlencoded";
    for (name, request, body, headers, signature) in [
        (
            "get-vanilla",
            get("https://example.amazonaws.com/"),
            "",
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "get-vanilla-query-order-key-case",
            get("https://example.amazonaws.com/?Param2=value2&Param1=value1"),
            "",
            "host;x-amz-date",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            "post-vanilla",
            post(),
            "",
            "host;x-amz-date",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            "post-x-www-form-urlencoded",
            post().header("content-type", form),
            "Param1=value1",
            "content-type;host;x-amz-date",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ] {
        assert_eq!(
            authorization(&signed(request, body, "service", &keys(None))),
            format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={headers}, Signature={signature}"
            ),
            "{name}"
        );
    }
    let example = get("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let example = signed(example, "", "iam", &keys(None));
    assert!(
        authorization(&example).ends_with("5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
    );
}

#[test]
fn the_token_of_a_session_is_sent_and_signed() {
    let token = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
    let request = http::Request::post("https://example.amazonaws.com/");
    let request = signed(request, "", "service", &keys(Some(token)));
    assert_eq!(request.headers()[TOKEN], token);
    assert!(
        authorization(&request).contains("SignedHeaders=host;x-amz-date;x-amz-security-token")
            && authorization(&request)
                .ends_with("85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead")
    );
    let printed = format!("{request:?}");
    assert!(!printed.contains(token) && !printed.contains("wJalrXUtnFEMI") && !printed.contains("85d96828"));
}

#[test]
fn what_is_escaped_is_escaped_again_and_only_lasting_headers_are_signed() {
    let request = http::Request::post("http://127.0.0.1:8080/model/us.x-v1%3A0/converse")
        .header("content-type", "application/json")
        .header("x-amz-b", "  two   words ")
        .header("x-amz-a", "1")
        .header("x-amz-a", "2")
        .header("accept", "application/json")
        .body(Bytes::from("{}"))
        .unwrap();
    let (text, signed) = canonical(&request);
    assert_eq!(signed, "content-type;host;x-amz-a;x-amz-b");
    assert_eq!(
        text,
        "POST\n/model/us.x-v1%253A0/converse\n\ncontent-type:application/json\nhost:127.0.0.1:8080\nx-amz-a:1,2\n\
         x-amz-b:two words\n\ncontent-type;host;x-amz-a;x-amz-b\n\
         44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    );
    assert_eq!(host(&"https://a.b:443/x".parse().unwrap()), "a.b");
    assert_eq!((path("").as_str(), query("b&a=1&a=0").as_str()), ("/", "a=0&a=1&b="));
}

#[test]
fn times_are_days_of_the_calendar() {
    for (seconds, text) in [
        (0, "19700101T000000Z"),
        (951_782_399, "20000228T235959Z"),
        (951_782_400, "20000229T000000Z"),
        (1_440_938_160, "20150830T123600Z"),
        (1_709_164_800, "20240229T000000Z"),
        (1_735_689_599, "20241231T235959Z"),
        (4_107_542_400, "21000301T000000Z"),
    ] {
        assert_eq!(timestamp(UNIX_EPOCH + Duration::from_secs(seconds)), text);
    }
}

#[test]
fn keys_that_no_header_can_hold_are_refused_without_repeating_them() {
    let keys = AccessKeys { id: "AKID\nEXAMPLE".into(), ..keys(None) };
    let mut request = http::Request::get("https://example.amazonaws.com/").body(Bytes::new()).unwrap();
    let scope = Scope { region: "us-east-1", service: "service" };
    let error = sign(&mut request, &keys, &scope, then()).unwrap_err();
    assert!(error.code().as_str() == "CONFIG" && !error.message().contains("AKID"));
}

#[tokio::test]
async fn a_request_to_bedrock_is_signed_when_it_is_sent_unless_it_has_credentials() {
    use crate::transport::{Body, MockTransport};
    use crate::{Client, Config, Environment, Request, complete};
    use std::sync::{Arc, Mutex};

    let environment = Environment::from_pairs([
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "very-secret"),
        ("AWS_REGION", "eu-west-1"),
    ]);
    let config = || Config::new("bedrock").unwrap().model("m").environment(&environment);
    for (config, begins) in [
        (config(), "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"),
        (config().header("authorization", "Custom x").unwrap(), "Custom x"),
    ] {
        let sent = Arc::new(Mutex::new(None));
        let seen = Arc::clone(&sent);
        let mut transport = MockTransport::new();
        transport.expect_send().returning(move |request| {
            *seen.lock().unwrap() = Some(request);
            let reply = r#"{"output":{"message":{"content":[{"text":"hi"}]}},"stopReason":"end_turn"}"#;
            let body: Body = Box::pin(futures_util::stream::iter([Ok(Bytes::from(reply))]));
            Ok(http::Response::builder().header("content-type", "application/json").body(body).unwrap())
        });
        let client = Client::new(Arc::new(config), Arc::new(transport));
        assert_eq!(complete(&client, Request::prompt("hi")).await.unwrap().text, "hi");
        let request = sent.lock().unwrap().take().unwrap();
        assert!(authorization(&request).starts_with(begins));
        assert_eq!(
            authorization(&request).contains("/eu-west-1/bedrock/aws4_request"),
            begins.starts_with("AWS4")
        );
        assert!(!format!("{request:?}").contains("very-secret"));
    }
}
