mod ends;

use std::sync::Mutex;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, Response as Reply_};
use serde_json::json;

use super::*;
use crate::config::Timeouts;
use crate::transport::MockTransport;
use crate::{Event, Limits, Response, Secret, complete};

const DONE: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

fn delta(text: &str) -> String {
    format!("data: {}\n\n", json!({"choices": [{"delta": {"content": text}}]}))
}

/// A client whose server sends these pieces and then, unless told to end, nothing more.
fn client_with(config: Config, kind: &'static str, status: u16, pieces: Vec<String>, ends: bool) -> Client {
    let pieces = Mutex::new(Some(pieces));
    let mut transport = MockTransport::new();
    transport.expect_send().returning(move |_| {
        let pieces = pieces.lock().unwrap().take().unwrap_or_default();
        let body = stream::iter(pieces.into_iter().map(|piece| Ok(Bytes::from(piece))));
        let body: Body = if ends { Box::pin(body) } else { Box::pin(body.chain(stream::pending())) };
        Ok(Reply_::builder().status(status).header("content-type", kind).body(body).unwrap())
    });
    Client::new(Arc::new(config), Arc::new(transport))
}

fn config() -> Config {
    Config::new("openai").unwrap().base_url("http://unit.test/v1").api_key(Secret::new("sk-unit-test-key"))
}

fn streaming(pieces: Vec<String>, ends: bool) -> Client {
    client_with(config(), "text/event-stream", 200, pieces, ends)
}

async fn outcome(client: &Client) -> (String, Option<Error>) {
    let mut text = String::new();
    let mut events = match client.stream(Request::prompt("hi").streamed()).await {
        Ok(events) => events,
        Err(error) => return (text, Some(error)),
    };
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::Delta { text: more, .. }) => text.push_str(&more),
            Ok(_) => {}
            Err(error) => {
                assert!(events.next().await.is_none(), "an error is the last item");
                return (text, Some(error));
            }
        }
    }
    (text, None)
}

#[tokio::test]
async fn a_body_that_ends_without_the_wires_end_is_truncated_after_its_text() {
    let (text, error) = outcome(&streaming(vec![delta("half"), delta(" an answer")], true)).await;
    assert_eq!(text, "half an answer");
    let error = error.unwrap();
    assert_eq!(error.code().as_str(), "TRUNCATED");
    assert!(!error.is_retryable());
    assert_eq!(error.partial().unwrap().text_bytes, 14);
}

#[tokio::test(start_paused = true)]
async fn the_wires_end_is_handed_out_even_when_the_connection_stays_open() {
    let (text, error) = outcome(&streaming(vec![delta("all"), DONE.into()], false)).await;
    assert_eq!(text, "all");
    assert!(error.is_none());
}

#[tokio::test(start_paused = true)]
async fn every_clock_names_itself() {
    let mut timeouts = Timeouts::default();
    (timeouts.first_event, timeouts.idle) = (Duration::from_secs(3), Duration::from_secs(2));
    let clocked = |timeouts: Timeouts, pieces: Vec<String>| {
        client_with(config().timeouts(timeouts), "text/event-stream", 200, pieces, false)
    };
    let clock = |error: Option<Error>| {
        let error = error.unwrap();
        assert_eq!(error.code().as_str(), "TIMEOUT");
        error.context().clock.unwrap()
    };
    assert_eq!(clock(outcome(&clocked(timeouts, vec![])).await.1), "firstEvent");
    assert_eq!(clock(outcome(&clocked(timeouts, vec![delta("x")])).await.1), "idle");
    timeouts.total = Some(Duration::from_secs(1));
    assert_eq!(clock(outcome(&clocked(timeouts, vec![delta("x")])).await.1), "total");

    /// A server that takes the request and never answers.
    struct Silent;
    #[async_trait]
    impl Transport for Silent {
        async fn send(&self, _: http::Request<Bytes>) -> Result<Reply_<Body>> {
            std::future::pending().await
        }
    }
    timeouts.total = None;
    timeouts.headers = Duration::from_secs(1);
    let client = Client::new(Arc::new(config().timeouts(timeouts)), Arc::new(Silent));
    assert_eq!(clock(outcome(&client).await.1), "headers");
}

#[tokio::test]
async fn a_unary_body_over_its_limit_is_refused() {
    let limits = Limits { body_bytes: 1000, ..Limits::default() };
    let pieces = vec!["x".repeat(600); 3];
    let client = client_with(config().limits(limits), "application/json", 200, pieces, false);
    let error = complete(&client, Request::prompt("hi")).await.unwrap_err();
    assert_eq!(error.code().as_str(), "PROTOCOL");
    assert!(error.message().contains("1000 bytes"), "{error}");
}

#[tokio::test]
async fn html_and_plain_text_instead_of_json_are_protocol_errors_that_show_their_beginning() {
    for (kind, streamed) in [("text/html; charset=utf-8", true), ("text/html", false), ("text/plain", false)]
    {
        let client = client_with(config(), kind, 200, vec!["<html><h1>Sign in</h1>".into()], true);
        let mut request = Request::prompt("hi");
        request.streamed = streamed;
        let error = complete(&client, request).await.unwrap_err();
        assert_eq!(error.code().as_str(), "PROTOCOL", "{kind}");
        assert!(error.message().contains("Sign in") && error.message().contains("baseUrl"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_ignores_streaming_and_sends_json_is_read_all_the_same() {
    let whole = json!({"choices": [{"message": {"content": "whole"}, "finish_reason": "stop"}]}).to_string();
    let client = client_with(config(), "application/json", 200, vec![whole], true);
    assert_eq!(outcome(&client).await.0, "whole");
}

#[tokio::test]
async fn a_key_that_the_server_echoes_is_taken_out_and_the_vendor_is_named() {
    let body =
        json!({"error": {"message": "bad key sk-unit-test-key!", "code": "invalid_api_key"}}).to_string();
    let client = client_with(config().model("m1"), "application/json", 401, vec![body], true);
    let error = complete(&client, Request::prompt("hi")).await.unwrap_err();
    assert_eq!(error.code().as_str(), "AUTH");
    assert!(error.message().contains("bad key [key]!"), "{error}");
    assert_eq!(
        (error.context().provider.as_deref(), error.context().model.as_deref()),
        (Some("openai"), Some("m1"))
    );
}

#[tokio::test]
async fn the_key_is_sent_as_a_bearer_and_users_headers_win() {
    let mut transport = MockTransport::new();
    transport.expect_send().returning(|request| {
        assert_eq!(request.headers()["authorization"], "Bearer sk-unit-test-key");
        assert!(request.headers()["authorization"].is_sensitive());
        assert_eq!(request.headers()["accept"], "text/mine");
        let body: Body = Box::pin(stream::iter([Ok(Bytes::from(
            json!({"choices": [{"message": {"content": "ok"}, "finish_reason": "stop"}]}).to_string(),
        ))]));
        Ok(Reply_::new(body))
    });
    let config = config().header("accept", "text/mine").unwrap();
    let client = Client::new(Arc::new(config), Arc::new(transport));
    assert_eq!(complete(&client, Request::prompt("hi")).await.unwrap().text, "ok");
}

#[tokio::test]
async fn the_key_travels_as_the_vendors_row_says() {
    let carried: [(Auth, &[&str]); 3] = [
        (Auth::Bearer, &["authorization: Bearer sk-unit-test-key"]),
        (Auth::Header("x-api-key"), &["x-api-key: sk-unit-test-key"]),
        (Auth::None, &[]),
    ];
    for (auth, wanted) in carried {
        let mut config = config();
        config.vendor = Box::leak(Box::new(crate::vendor::Vendor { auth, ..*config.vendor }));
        let config = config.api_key(Secret::new("sk-unit-test-key"));
        let client = Client::new(Arc::new(config), Arc::new(MockTransport::new()));
        let mut request = http::Request::new(Bytes::new());
        client.sign(&mut request).unwrap();
        let headers = request.headers();
        assert!(headers.values().all(HeaderValue::is_sensitive), "{auth:?}");
        let pairs = headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
        assert_eq!(pairs.collect::<Vec<_>>(), wanted, "{auth:?}");
    }
}

#[tokio::test]
async fn a_missing_key_fails_before_anything_is_sent() {
    let client = Client::new(Arc::new(Config::new("openai").unwrap()), Arc::new(MockTransport::new()));
    let error = complete(&client, Request::prompt("hi")).await.unwrap_err();
    assert!(error.message().contains("OPENAI_API_KEY"), "{error}");
}

#[tokio::test]
async fn a_refusal_is_no_empty_answer() {
    let body =
        json!({"choices": [{"message": {"content": null, "refusal": "I can't"}, "finish_reason": "stop"}]});
    let client = client_with(config(), "application/json", 200, vec![body.to_string()], true);
    let reply: Response = complete(&client, Request::prompt("hi")).await.unwrap();
    assert_eq!(reply.refusal, "I can't");
    assert_eq!(reply.into_text().unwrap_err().code().as_str(), "REFUSED");
}

#[tokio::test(start_paused = true)]
async fn blanks_do_not_move_the_clock_of_the_first_event_and_silence_after_them_is_idle() {
    let timeouts =
        Timeouts { first_event: Duration::from_secs(3), idle: Duration::from_secs(2), ..Timeouts::default() };
    let client =
        client_with(config().timeouts(timeouts), "text/event-stream", 200, vec![": hold on\n".into()], false);
    assert_eq!(outcome(&client).await.1.unwrap().context().clock, Some("idle"));
    let timeouts = Timeouts { idle: Duration::from_secs(5), ..timeouts };
    let client =
        client_with(config().timeouts(timeouts), "text/event-stream", 200, vec![": hold on\n".into()], false);
    assert_eq!(outcome(&client).await.1.unwrap().context().clock, Some("firstEvent"));
}

#[tokio::test(start_paused = true)]
async fn a_wait_without_end_is_no_panic() {
    let long = Duration::MAX;
    let timeouts =
        Timeouts { headers: long, first_event: long, idle: long, total: Some(long), ..Timeouts::default() };
    let client = client_with(
        config().timeouts(timeouts),
        "text/event-stream",
        200,
        vec![delta("a"), DONE.into()],
        true,
    );
    assert_eq!(outcome(&client).await.0, "a");
}

#[tokio::test]
async fn a_prepared_request_is_sent_as_often_as_wanted_with_the_key_of_its_client() {
    let mut transport = MockTransport::new();
    transport.expect_send().times(3).returning(|request| {
        assert_eq!(request.headers()["authorization"], "Bearer sk-unit-test-key");
        assert!(request.body().starts_with(b"{\"model\":\"other\""));
        let answer =
            json!({"choices": [{"message": {"content": "ok"}, "finish_reason": "stop"}]}).to_string();
        Ok(Reply_::new(Box::pin(stream::iter([Ok(Bytes::from(answer))]))))
    });
    let client = Client::new(Arc::new(config()), Arc::new(transport));
    let mut request = Request::prompt("hi");
    request.model = Some("other".into());
    let prepared = client.prepare(request).unwrap();
    assert!(!format!("{prepared:?}").contains("sk-unit"));
    for _ in 0..3 {
        let reply = Response::collect(client.send(&prepared).await.unwrap()).await.unwrap();
        assert_eq!(reply.text, "ok");
    }
    let other = Client::new(Arc::new(config()), Arc::new(MockTransport::new()));
    assert!(other.send(&prepared).await.is_err(), "another client's key must not go there");
}

#[test]
fn a_whole_body_grows_to_its_limit_and_no_further() {
    let mut whole = whole::Whole::new(10, None).unwrap();
    for chunk in ["abc", "", "def", "ghij"] {
        whole.add(Bytes::from(chunk)).unwrap();
    }
    assert_eq!(whole.bytes(), b"abcdefghij");
    assert!(whole.add(Bytes::from("k")).is_err());
    assert!(whole::Whole::new(10, Some(11)).is_err());
}

#[tokio::test]
async fn the_api_that_is_configured_is_the_wire_that_is_spoken() {
    let body = json!({"status": "completed", "output": [{"type": "message", "content": [{"type": "output_text", "text": "hi"}]}]});
    let config = config().api("responses").unwrap();
    let client = client_with(config, "application/json", 200, vec![body.to_string()], true);
    let prepared = client.prepare(Request::prompt("x")).unwrap();
    let encoded = prepared.as_encoded().ok().unwrap();
    assert_eq!(encoded.request.uri(), "http://unit.test/v1/responses");
    assert_eq!(Response::collect(client.send(&prepared).await.unwrap()).await.unwrap().text, "hi");
}
