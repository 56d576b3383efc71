//! How replies end that do not end as they should: after the turn's own end, and amid it.

use graphbit_core::ErrorCode;

use super::*;
use crate::FinishReason;

const STOP: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const USAGE: &str = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n";

/// Everything that a reply gave.
async fn read(client: &Client) -> (Response, Option<Error>) {
    let mut events = client.stream(Request::prompt("hi").streamed()).await.unwrap();
    let mut reply = Response::default();
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => reply.add(event),
            Err(error) => return (reply, Some(error)),
        }
    }
    (reply, None)
}

/// A client whose server sends these pieces, then breaks off.
fn breaking(pieces: Vec<String>) -> Client {
    let pieces = Mutex::new(Some(pieces));
    let mut transport = MockTransport::new();
    transport.expect_send().returning(move |_| {
        let pieces = pieces.lock().unwrap().take().unwrap_or_default();
        let body = stream::iter(pieces.into_iter().map(|piece| Ok(Bytes::from(piece))));
        let body: Body = Box::pin(body.chain(stream::iter([Err(Error::new(ErrorCode::Network, "reset"))])));
        Ok(Reply_::builder().header("x-request-id", "req-1").body(body).unwrap())
    });
    Client::new(Arc::new(config()), Arc::new(transport))
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_has_ended_is_complete_whatever_becomes_of_the_connection() {
    for client in
        [streaming(vec![delta("all"), STOP.into()], false), breaking(vec![delta("all"), STOP.into()])]
    {
        let start = Instant::now();
        let (reply, error) = read(&client).await;
        assert!(error.is_none());
        assert_eq!((reply.text.as_str(), reply.finish_reason), ("all", Some(FinishReason::Stop)));
        assert!(start.elapsed() <= Duration::from_secs(10), "the tokens are not waited for forever");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_its_reason_too_early_is_heard_out() {
    let early = |text: &str| json!({"choices": [{"delta": {"content": text}, "finish_reason": "stop"}]});
    let mut transport = MockTransport::new();
    transport.expect_send().returning(move |_| {
        let pieces = stream::iter(["a", "b", "c"]).then(move |text| async move {
            tokio::time::sleep(Duration::from_secs(7)).await;
            Ok(Bytes::from(format!("data: {}\n\n", early(text))))
        });
        let body: Body = Box::pin(pieces);
        Ok(Reply_::new(body))
    });
    let (reply, error) = read(&Client::new(Arc::new(config()), Arc::new(transport))).await;
    assert!(error.is_none());
    assert_eq!(reply.text, "abc");
}

#[tokio::test(start_paused = true)]
async fn what_breaks_off_leaves_its_calls_and_its_tokens_behind() {
    let call =
        json!({"choices": [{"delta": {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f"}}]}}]});
    let (reply, error) = read(&breaking(vec![USAGE.into(), format!("data: {call}\n\n")])).await;
    let error = error.unwrap();
    assert_eq!((error.code().as_str(), error.context().request_id.as_deref()), ("TRUNCATED", Some("req-1")));
    assert_eq!((reply.tool_calls.len(), reply.usage.unwrap().input, reply.finish_reason), (1, Some(3), None));
}

#[tokio::test]
async fn a_reply_of_which_nothing_came_may_be_asked_for_again() {
    for (pieces, again) in [(vec![], true), (vec![": hold on\n\n".into()], true), (vec![delta("x")], false)] {
        let (_, error) = read(&streaming(pieces, true)).await;
        let error = error.unwrap();
        assert_eq!((error.code().as_str(), error.is_retryable()), ("TRUNCATED", again));
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_comes_with_the_tokens_that_are_counted_behind_it_but_no_end() {
    let failure = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"error\"}],\"error\":{\"code\":502,\"message\":\"no\"}}\n\n";
    let pieces = |more: &str| vec![delta("half"), failure.into(), more.to_owned()];
    for ends in [true, false] {
        let start = Instant::now();
        let (reply, error) = read(&streaming(pieces(USAGE), ends)).await;
        assert_eq!((error.unwrap().context().status, reply.text.as_str()), (Some(502), "half"));
        assert_eq!((reply.usage.unwrap().output, reply.finish_reason), (Some(2), None));
        assert!(start.elapsed() < Duration::from_secs(1), "nobody waits long for what may not come");
    }
    let endless = std::iter::repeat_n(delta("late"), 100).collect::<String>();
    let (reply, error) = read(&streaming(pieces(&endless), false)).await;
    assert_eq!((error.unwrap().code().as_str(), reply.text.as_str()), ("UNAVAILABLE", "half"));
}
