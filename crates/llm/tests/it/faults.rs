//! Everything a server can do wrong, over real sockets: a typed error each, in time.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use graphbit_llm::{Limits, Model, Request};
use graphbit_testkit::Reply;

use crate::support::{ask, client, code, config, serve, stream, timed, until};

const SHORT: Duration = Duration::from_millis(60);

#[tokio::test]
async fn nobody_there_is_a_network_error_that_asks_the_right_question() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let error = ask(&client(config(url))).await.unwrap_err();
    assert_eq!((code(&error), error.is_retryable()), ("NETWORK", true));
    assert!(
        error.message().contains("refused") && error.message().contains("is the server running"),
        "{error}"
    );

    let error = ask(&client(config("http://no-such-host.invalid/v1"))).await.unwrap_err();
    assert_eq!(code(&error), "NETWORK");
    assert!(error.message().contains("baseUrl"), "{error}");
}

#[tokio::test]
async fn a_connection_that_cannot_be_opened_in_time_names_its_clock() {
    // A listener whose queue is full answers nobody.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut held = Vec::new();
    while let Ok(Ok(socket)) = tokio::time::timeout(SHORT, tokio::net::TcpStream::connect(address)).await {
        held.push(socket);
    }
    let model = client(timed(format!("http://{address}/v1"), |timeouts| timeouts.connect = SHORT));
    let error = ask(&model).await.unwrap_err();
    assert_eq!((code(&error), error.context().clock), ("TIMEOUT", Some("connect")), "{error}");
    assert!(error.message().contains("timeouts.connect"), "{error}");
}

#[tokio::test]
async fn a_server_that_never_answers_meets_the_clock_that_is_set() {
    let server = serve(Reply::echo().never()).await;
    for clock in ["headers", "firstEvent", "total"] {
        let model = client(timed(server.base_url(), |timeouts| match clock {
            "headers" => timeouts.headers = SHORT,
            "firstEvent" => timeouts.first_event = SHORT,
            _ => timeouts.total = Some(SHORT),
        }));
        for error in [ask(&model).await.unwrap_err(), stream(&model).await.2.unwrap()] {
            assert_eq!((code(&error), error.context().clock), ("TIMEOUT", Some(clock)));
            assert!(error.message().contains(&format!("timeouts.{clock}")), "{error}");
        }
    }
    until(&server, |stats| stats.connections_open == 0).await;
}

#[tokio::test]
async fn slow_headers_meet_the_clock_of_headers() {
    let server = serve(Reply::echo().slow_headers(Duration::from_secs(30))).await;
    let model = client(timed(server.base_url(), |timeouts| timeouts.headers = SHORT));
    assert_eq!(ask(&model).await.unwrap_err().context().clock, Some("headers"));
}

#[tokio::test]
async fn a_stream_that_stalls_meets_the_idle_clock_after_its_events() {
    let server = serve(Reply::text("one two").pieces(2).piece_delay(Duration::from_secs(30))).await;
    let (text, _, error) = stream(&client(timed(server.base_url(), |timeouts| timeouts.idle = SHORT))).await;
    let error = error.unwrap();
    assert_eq!((text.as_str(), code(&error), error.context().clock), ("one", "TIMEOUT", Some("idle")));
    assert_eq!(error.partial().unwrap().text_bytes, 3);
    until(&server, |stats| stats.closed_early == 1 && stats.connections_open == 0).await;
}

#[tokio::test]
async fn blanks_that_keep_a_connection_alive_are_no_event() {
    let server = serve(Reply::echo().drip_forever(Duration::from_millis(5))).await;
    let model = client(timed(server.base_url(), |timeouts| {
        (timeouts.first_event, timeouts.idle) = (SHORT, Duration::from_secs(30));
    }));
    assert_eq!(ask(&model).await.unwrap_err().context().clock, Some("firstEvent"));
    let model = client(timed(server.base_url(), |timeouts| timeouts.total = Some(SHORT)));
    let (text, _, error) = stream(&model).await;
    assert!(text.starts_with("piece 0 "), "{text}");
    assert_eq!(error.unwrap().context().clock, Some("total"));
}

#[tokio::test]
async fn a_reply_that_is_cut_is_truncated() {
    for bytes in [5, 300, 800] {
        let server = serve(Reply::filled(3000).pieces(30).cut_after(bytes)).await;
        let model = client(config(server.base_url()));
        let (_, events, streamed) = stream(&model).await;
        // As long as nothing of it was handed on, it can be asked for again.
        for (error, again) in [(ask(&model).await.unwrap_err(), true), (streamed.unwrap(), events == 0)] {
            assert_eq!((code(&error), error.is_retryable()), ("TRUNCATED", again), "{bytes}: {error:?}");
        }
    }
}

#[tokio::test]
async fn a_reset_is_a_network_error_before_the_first_event_and_truncates_after_it() {
    let server = serve(Reply::filled(3000).pieces(30).reset_after(5)).await;
    let model = client(config(server.base_url()));
    for error in [ask(&model).await.unwrap_err(), stream(&model).await.2.unwrap()] {
        assert_eq!((code(&error), error.is_retryable()), ("NETWORK", true), "{error:?}");
        assert!(error.message().contains("reset"), "{error}");
    }
    let server = serve(Reply::filled(3000).pieces(30).reset_after(3000)).await;
    let (text, events, error) = stream(&client(config(server.base_url()))).await;
    assert!(events > 3 && !text.is_empty());
    assert_eq!(code(&error.unwrap()), "TRUNCATED");
}

#[tokio::test]
async fn a_server_that_hangs_up_before_its_reply_is_a_network_error() {
    let server = serve(Reply::echo().hang_up()).await;
    let error = ask(&client(config(server.base_url()))).await.unwrap_err();
    assert_eq!((code(&error), error.is_retryable()), ("NETWORK", true), "{error}");
}

#[tokio::test]
async fn a_stream_without_its_end_is_truncated_whatever_the_text() {
    let server = serve(Reply::text("half an answer").without_end()).await;
    let (text, _, error) = stream(&client(config(server.base_url()))).await;
    assert_eq!((text.as_str(), code(&error.unwrap())), ("half an answer", "TRUNCATED"));
}

#[tokio::test]
async fn a_line_without_end_and_a_body_without_end_stop_at_their_limits() {
    let mut limits = Limits::default();
    (limits.event_bytes, limits.body_bytes) = (100_000, 100_000);
    let server = serve(Reply::echo().endless_line()).await;
    let model = client(config(server.base_url()).limits(limits));
    for error in [ask(&model).await.unwrap_err(), stream(&model).await.2.unwrap()] {
        assert_eq!(code(&error), "PROTOCOL");
        assert!(error.message().contains("100000 bytes"), "{error}");
    }
    until(&server, |stats| stats.connections_open == 0).await;
}

#[tokio::test]
async fn a_body_that_announces_more_than_the_limit_is_refused_unread() {
    let mut limits = Limits::default();
    limits.body_bytes = 1000;
    let server = serve(Reply::filled(50_000_000)).await;
    let error = ask(&client(config(server.base_url()).limits(limits))).await.unwrap_err();
    assert!(code(&error) == "PROTOCOL" && error.message().contains("limits.bodyBytes"), "{error}");
    until(&server, |stats| stats.connections_open == 0).await;
    assert!(server.stats().bytes_written < 20_000_000, "{:?}", server.stats());
}

#[tokio::test]
async fn dropping_a_stream_closes_its_socket_at_once() {
    for reply in [Reply::echo().endless(), Reply::echo().drip_forever(Duration::from_secs(30))] {
        let server = serve(reply).await;
        let model = client(config(server.base_url()));
        let mut events = model.stream(Request::prompt("x").streamed()).await.unwrap();
        for _ in 0..3 {
            events.next().await.unwrap().unwrap();
        }
        assert_eq!(server.stats().in_flight, 1);
        drop(events);
        let took = until(&server, |stats| stats.closed_early == 1 && stats.connections_open == 0).await;
        assert!(took < Duration::from_millis(100), "{took:?}");
    }
}

#[tokio::test]
async fn dropping_a_call_that_waits_closes_its_socket_at_once() {
    let server = serve(Reply::echo().never()).await;
    let model = client(config(server.base_url()));
    let call = tokio::spawn(async move { ask(&model).await });
    until(&server, |stats| stats.in_flight == 1).await;
    call.abort();
    let start = Instant::now();
    until(&server, |stats| stats.connections_open == 0).await;
    assert!(start.elapsed() < Duration::from_millis(100), "{:?}", start.elapsed());
}
