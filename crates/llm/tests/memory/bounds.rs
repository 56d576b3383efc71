//! The size limits bound memory, whatever the server sends.

use std::fmt::Write;
use std::sync::Arc;

use bytes::Bytes;
use graphbit_core::Error;
use graphbit_llm::framing::{Framing, Sse};
use graphbit_llm::protocol::openai_chat::OpenAiChat;
use graphbit_llm::protocol::{decode_streamed, decode_whole};
use graphbit_llm::{Client, Config, Connections, Limits, Request, complete};
use graphbit_memory::allocator_stats;

use crate::server::Remote;
use crate::support::{alone, live, runtime};

pub(crate) const LIMIT: usize = 4 << 20;

/// The most bytes beyond those at the start, to the 96 KiB, sampled by the allocator as the work allocates.
pub(crate) fn peak<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = live();
    // The allocator's peak is that of the process: raise the floor to just under it, so that only this work can move it.
    let floor = allocator_stats().unwrap().peak_live_bytes;
    let ballast = vec![0_u8; usize::try_from(floor.saturating_sub(before)).unwrap()];
    let start = live();
    let done = work();
    let peak = allocator_stats().unwrap().peak_live_bytes;
    drop(ballast);
    (done, peak.saturating_sub(start))
}

fn fail(url: String, streamed: bool) -> Error {
    let mut limits = Limits::default();
    (limits.body_bytes, limits.event_bytes) = (LIMIT, LIMIT);
    runtime().block_on(async {
        let config = Arc::new(Config::new("openai").unwrap().base_url(url).limits(limits));
        let pool = Connections::default().get(&config).unwrap();
        let mut request = Request::prompt("x");
        request.streamed = streamed;
        complete(&Client::new(config, pool), request).await.unwrap_err()
    })
}

#[test]
fn a_body_and_a_line_without_end_cost_no_more_than_their_limits() {
    let _alone = alone();
    let remote = Remote::start();
    for (fault, streamed) in [("endless", false), ("endless_line", true)] {
        let (error, peak) = peak(|| fail(remote.url(&format!("fault={fault}")), streamed));
        assert_eq!(error.code().as_str(), "PROTOCOL", "{error}");
        println!("{fault}: at most {peak} bytes with a limit of {LIMIT}");
        assert!(peak < 2 * LIMIT as u64 + (2 << 20), "{fault}: {peak}");
    }
}

#[test]
fn many_tiny_data_lines_count_together() {
    let _alone = alone();
    let (refused, peak) = peak(|| {
        let mut sse = Sse::new(LIMIT);
        (0..10_000).any(|_| {
            sse.push(Bytes::from("data:\n".repeat(1000)));
            sse.next().is_err()
        })
    });
    println!("tiny data lines: at most {peak} bytes with a limit of {LIMIT}");
    assert!(refused && peak < 2 * LIMIT as u64 + (1 << 20), "{peak}");
}

/// `head`, as many of `item` as fit, `tail`.
pub(crate) fn stuffed(head: &str, item: &str, tail: &str) -> String {
    let mut body = String::with_capacity(LIMIT);
    body.push_str(head);
    while body.len() + item.len() + tail.len() < LIMIT {
        body.push_str(item);
    }
    body.pop();
    body + tail
}

#[test]
fn json_within_the_limit_does_not_become_many_times_its_size() {
    let _alone = alone();
    let delta = |inner: &str| (format!("{{\"choices\":[{{\"delta\":{{{inner}["), "]}}]}");
    for (name, head, item, tail) in [
        ("choices", "{\"choices\":[".to_owned(), "{\"index\":1},", "]}"),
        ("calls", delta("\"tool_calls\":").0, "{},", "]}}]}"),
        ("parts", delta("\"content\":").0, "{},", "]}}]}"),
        ("nested parts", delta("\"content\":").0, "[[[],[]]],", "]}}]}"),
        ("usage", "{\"choices\":[{}],\"usage\":{\"x\":[".to_owned(), "0,", "]}}"),
        ("error", "{\"error\":{\"message\":[".to_owned(), "0,", "]}}"),
        ("unknown", "{\"x\":[".to_owned(), "0,", "]}"),
    ] {
        let body = stuffed(&head, item, tail);
        let (_, whole) =
            peak(|| decode_whole(&OpenAiChat, body.as_bytes()).map(|events| events.len()).is_ok());
        let frame = format!("data: {body}\n\n");
        let (_, streamed) = peak(|| decode_streamed(&OpenAiChat, LIMIT * 2, [frame.as_bytes()]).0.len());
        println!("{} bytes of {name}: at most {whole} whole, {streamed} streamed", body.len());
        assert!(whole < 4 << 20 && streamed < 10 << 20, "{name}: {whole} {streamed}");
    }
}

#[test]
fn calls_that_never_end_are_refused() {
    let _alone = alone();
    for name in ["x".repeat(1000), String::new()] {
        let mut stream = String::new();
        for index in 0..if name.is_empty() { 5000 } else { 5 * LIMIT / 1000 } {
            let index = if name.is_empty() { index } else { 0 };
            let name = if name.is_empty() { name.clone() } else { format!("{name}{}", stream.len()) };
            let call = format!("{{\"index\":{index},\"function\":{{\"name\":\"{name}\"}}}}");
            writeln!(stream, "data: {{\"choices\":[{{\"delta\":{{\"tool_calls\":[{call}]}}}}]}}\n").unwrap();
        }
        let ((_, end), peak) = peak(|| decode_streamed(&OpenAiChat, LIMIT, stream.as_bytes().chunks(4096)));
        assert_eq!(end.unwrap_err().code().as_str(), "PROTOCOL");
        assert!(peak < 5 * LIMIT as u64, "{peak}");
    }
}

#[test]
fn ids_of_open_calls_are_bounded_together() {
    let _alone = alone();
    let mut stream = String::new();
    for index in 0..900 {
        let call = format!("{{\"index\":{index},\"id\":\"{}{index}\"}}", "x".repeat(8000));
        writeln!(stream, "data: {{\"choices\":[{{\"delta\":{{\"tool_calls\":[{call}]}}}}]}}\n").unwrap();
    }
    let ((_, end), peak) = peak(|| decode_streamed(&OpenAiChat, LIMIT, stream.as_bytes().chunks(4096)));
    assert_eq!(end.unwrap_err().code().as_str(), "PROTOCOL");
    assert!(peak < 3 * LIMIT as u64, "{peak}");
}
