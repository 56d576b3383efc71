use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use fastrand::Rng;
use graphbit_core::Result;
use graphbit_llm::framing::{EventStream, Frame, Framing, NdJson};
use graphbit_llm::{Event, FinishReason, PartKind};

use crate::check::{check, silence_panics};
use crate::cuts::Cuts;
use crate::event_stream;
use crate::finding::{class, hash, shrink};
use crate::json::{Kind, spans};
use crate::memory::Gauge;
use crate::mutate::{Form, MOST_BYTES, mutate};
use crate::options::Options;
use crate::order::Order;
use crate::seeds::Seeds;
use crate::target::{Reader, Target, targets};

/// The tests that hold much, or look at how much is held, wait for each other.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A framing of lines that goes wrong in one way.
struct Broken {
    lines: NdJson,
    fault: Fault,
    kept: Vec<Bytes>,
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Panics,
    ForgetsAtCuts,
    KeepsAll,
}

impl Framing for Broken {
    fn push(&mut self, bytes: Bytes) {
        match self.fault {
            Fault::Panics => assert!(!bytes.contains(&b'!'), "an exclamation mark"),
            Fault::ForgetsAtCuts => _ = self.lines.finish(),
            Fault::KeepsAll => self.kept.push(Bytes::from(vec![0; 100 * bytes.len()])),
        }
        self.lines.push(bytes);
    }

    fn next(&mut self) -> Result<Option<Frame>> {
        self.lines.next()
    }

    fn finish(&mut self) -> Option<Frame> {
        self.lines.finish()
    }
}

fn broken<const FAULT: u8>(limit: usize) -> Box<dyn Framing> {
    let fault = [Fault::Panics, Fault::ForgetsAtCuts, Fault::KeepsAll][usize::from(FAULT)];
    Box::new(Broken { lines: NdJson::new(limit), fault, kept: Vec::new() })
}

/// What is found in one of some inputs.
fn found(framing: fn(usize) -> Box<dyn Framing>, body: impl Fn(usize) -> String) -> String {
    let target =
        Target { name: "broken".to_owned(), form: Form::Lines, reader: Reader::Framing(framing, &[]) };
    let mut gauge = Gauge::default();
    (0..50).find_map(|at| check(&target, body(at).as_bytes(), &mut gauge).err()).expect("nothing is found")
}

#[test]
fn readers_that_go_wrong_are_found_out() {
    let _alone = alone();
    silence_panics();
    let panicked = found(broken::<0>, |at| format!("{{}}\n!{at}\n"));
    drop(std::panic::take_hook());
    assert!(panicked.contains("tests.rs:"), "{panicked}");
    assert!(panicked.ends_with(", an exclamation mark"), "{panicked}");
    assert!(found(broken::<1>, |at| format!("{{}}\n[{at}]\n")).starts_with("cuts: "));
    assert!(found(broken::<2>, |at| format!("{}\n{at}\n", "x".repeat(40_000))).starts_with("memory: "));
}

#[test]
fn events_out_of_order_are_found_out() {
    let text = |part| Event::PartStarted { part, kind: PartKind::Text };
    let call = |part| Event::PartStarted {
        part,
        kind: PartKind::ToolCall { id: None, name: String::new(), provider_executed: false },
    };
    let delta = |part, text: &str| Event::Delta { part, text: text.to_owned() };
    let ends = |part| Event::PartFinished { part };
    let end = || Event::Finished { reason: FinishReason::Stop, raw: "".into() };
    let started = || Event::Started { id: Some("1".to_owned()), model: None };
    let verdict = |events: &[Event]| {
        let mut order = Order::default();
        events.iter().try_for_each(|event| order.add(event)).map(|()| order.is_finished())
    };
    let good = [
        started(),
        call(0),
        call(1),
        delta(0, "{"),
        delta(1, "{"),
        ends(0),
        ends(1),
        text(2),
        ends(2),
        end(),
    ];
    assert_eq!(verdict(&good), Ok(true));
    assert_eq!(verdict(&good[..5]), Ok(false));
    for bad in [
        vec![started(), started()],
        vec![text(1)],
        vec![text(0), text(1)],
        vec![text(0), call(1)],
        vec![delta(0, "a")],
        vec![text(0), delta(0, "")],
        vec![text(0), ends(0), ends(0)],
        vec![text(0), end()],
        vec![end(), ends(0)],
    ] {
        assert!(verdict(&bad).is_err(), "{bad:?}");
    }
}

#[test]
fn values_are_found_wherever_they_stand() {
    let text = br#"data: {"a": [1, "b,\"}"], "c": null} {"#;
    let found = spans(text);
    let said = |kind: Kind| -> Vec<&str> {
        let places = found.iter().filter(|(found, _)| *found == kind);
        places.map(|(_, place)| std::str::from_utf8(&text[place.clone()]).unwrap()).collect()
    };
    assert_eq!(said(Kind::Name), ["\"a\"", "\"c\""]);
    assert_eq!(said(Kind::Member), [r#""a": [1, "b,\"}"]"#, "\"c\": null"]);
    let object = r#"{"a": [1, "b,\"}"], "c": null}"#;
    assert_eq!(said(Kind::Value), ["data", "1", r#""b,\"}""#, r#"[1, "b,\"}"]"#, "null", object]);
}

#[test]
fn the_seed_alone_decides_what_is_made_and_nothing_grows_without_end() {
    let _alone = alone();
    let seed = event_stream::event("x", "{\"a\":[1,\"b\"]}\n\ndata: {}\n\n");
    for form in [Form::Json, Form::Lines, Form::Messages] {
        let made = |number: u64| -> Vec<u64> {
            let mut rng = Rng::with_seed(number);
            let mut inputs = vec![seed.clone()];
            for _ in 0..200 {
                let mut input = rng.choice(&inputs).unwrap().clone();
                mutate(&mut input, &seed, form, &mut rng);
                assert!(input.len() <= MOST_BYTES);
                inputs.push(input);
            }
            inputs.iter().map(|input| hash(input)).collect()
        };
        assert_eq!(made(7), made(7));
        assert_ne!(made(7), made(8));
    }
}

#[test]
fn event_streams_are_written_as_they_are_read() {
    assert_eq!(event_stream::crc32(b"123456789"), 0xCBF4_3926);
    let body = [event_stream::event("one", "{}"), event_stream::event("two", "[1]")].concat();
    assert_eq!(event_stream::split(&body).concat(), body);
    assert_eq!(event_stream::split(&body).len(), 2);
    let mut framing = EventStream::new(1000);
    framing.push(body.into());
    let names = [framing.next().unwrap(), framing.next().unwrap()].map(|frame| frame.unwrap().name.unwrap());
    assert_eq!(names, ["one", "two"]);
}

#[test]
fn pieces_are_the_body_however_it_is_cut() {
    let body: Vec<u8> = (0..200).collect();
    let mut rng = Rng::with_seed(1);
    for _ in 0..200 {
        for cuts in Cuts::two(body.len(), &mut rng) {
            let pieces: Vec<&[u8]> = cuts.of(&body).collect();
            assert_eq!(pieces.concat(), body);
            assert!(pieces.iter().all(|piece| piece.len() <= cuts.longest(body.len())), "{cuts:?}");
        }
    }
    assert_eq!(Cuts::Bytewise.of(b"").count(), 0);
}

#[test]
fn findings_shrink_and_the_same_ones_are_known() {
    let input: Vec<u8> = (0..=255).collect();
    let least = shrink(input.clone(), 1 << 20, |bytes| bytes.contains(&7) && bytes.contains(&200));
    assert_eq!(least, [7, 200]);
    assert_eq!(shrink(input.clone(), 100, |_| true), input, "there is an end to trying");
    assert_eq!(class("memory: 12 bytes at once, 9 would do"), class("memory: 409 bytes at once, 1 would do"));
    assert_eq!(class("panicked at a.rs:1:2, index 7"), class("panicked at a.rs:1:2, index 8"));
    assert_ne!(class("panicked at a.rs:1:2, index 7"), class("panicked at a.rs:3:2, index 7"));
}

#[test]
fn a_gauge_tells_the_most_that_was_held_at_once() {
    let _alone = alone();
    let mut gauge = Gauge::default();
    let hold = |bytes: usize| move || drop((vec![0_u8; bytes], vec![0_u8; bytes]));
    // To the 96 KiB that the allocator may miss: the threads of the test harness allocate and free, too.
    let held = |bytes: usize, most: u64| {
        (2 * bytes as u64 - (96 << 10)..3 * bytes as u64 + (1 << 20)).contains(&most)
    };
    assert_eq!(gauge.measure(1 << 30, hold(4 << 20)).1, None);
    assert!(held(4 << 20, gauge.most()), "{}", gauge.most());
    let most = gauge.measure(1 << 20, hold(2 << 20)).1.expect("more than it may");
    assert!(held(2 << 20, most), "less than the record, and seen all the same: {most}");
}

#[test]
fn targets_are_named_by_what_they_begin_with() {
    let names = |words: &[&str]| -> Result<Vec<String>, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Ok(targets(&words)?.into_iter().map(|target| target.name).collect())
    };
    assert_eq!(names(&[]).unwrap().len(), 26);
    assert_eq!(names(&["sse"]).unwrap(), ["sse"]);
    assert_eq!(
        names(&["gemini", "sse-or"]).unwrap(),
        ["sse-or-json", "gemini-reply", "gemini-stream", "gemini-error"]
    );
    assert!(names(&["telepathy"]).unwrap_err().contains("openai-chat-stream"));
    let seeds = Seeds::written();
    for target in targets(&[]).unwrap() {
        assert!(seeds.of(target.reader).count() > 1, "{}", target.name);
    }
}

#[test]
fn options_are_read_and_what_is_none_is_named() {
    let read = |line: &str| Options::read(line.split_whitespace().map(str::to_owned));
    let options = read("sse --seconds 0.5 --seed 7 --seeds dir ndjson").unwrap();
    assert_eq!((options.time.as_millis(), options.seed), (500, 7));
    assert_eq!(
        (options.targets, options.seeds),
        (vec!["sse".to_owned(), "ndjson".to_owned()], Some("dir".into()))
    );
    assert_eq!(read("--minutes 2").unwrap().time.as_secs(), 120);
    for (line, why) in [
        ("--seed x", "whole number"),
        ("--minutes -1", "length of time"),
        ("--fast", "--fast"),
        ("--seed", "needs a value"),
    ] {
        assert!(read(line).unwrap_err().contains(why), "{line}");
    }
}
