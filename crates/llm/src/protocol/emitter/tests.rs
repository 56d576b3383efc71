use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::Response;

/// What a decoder may do, in any order.
#[derive(Clone, Debug)]
enum Call {
    Start(Option<&'static str>, Option<&'static str>),
    Text(&'static str),
    Reasoning(&'static str),
    Refusal(&'static str),
    Tool(Option<u64>, Option<&'static str>, Option<&'static str>, &'static str),
    Served(Option<u64>, Option<&'static str>),
    EndTool(Option<u64>),
    Fail,
    Sign(u8),
    Logprobs,
    Usage,
    Finish,
    Unknown,
    Close,
    Pop,
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let text = || prop::sample::select(vec!["", "a", "bc", "é"]);
    let name = || prop::option::of(prop::sample::select(vec!["", "f", "g"]));
    let id = || prop::option::of(prop::sample::select(vec!["", "1", "2"]));
    let call = prop_oneof![
        2 => (id(), name()).prop_map(|(id, model)| Call::Start(id, model)),
        6 => text().prop_map(Call::Text),
        3 => text().prop_map(Call::Reasoning),
        1 => text().prop_map(Call::Refusal),
        8 => (prop::option::of(0_u64..3), id(), name(), text())
            .prop_map(|(slot, id, name, arguments)| Call::Tool(slot, id, name, arguments)),
        1 => (prop::option::of(0_u64..3), name()).prop_map(|(slot, name)| Call::Served(slot, name)),
        2 => prop::option::of(0_u64..3).prop_map(Call::EndTool),
        1 => Just(Call::Fail),
        2 => (0_u8..3).prop_map(Call::Sign),
        1 => Just(Call::Logprobs),
        1 => Just(Call::Usage),
        1 => Just(Call::Finish),
        1 => Just(Call::Unknown),
        1 => Just(Call::Close),
        4 => Just(Call::Pop),
    ];
    prop::collection::vec(call, 0..40)
}

fn events(calls: &[Call]) -> (Vec<Event>, bool) {
    let (mut out, mut events) = (Emitter::default(), Vec::new());
    for call in calls {
        match *call {
            Call::Start(id, model) => out.start(id, model),
            Call::Text(text) => out.text(text),
            Call::Reasoning(text) => out.reasoning(text),
            Call::Refusal(text) => out.refusal(text),
            Call::Tool(slot, id, name, arguments) => out.tool_call(slot, id, name, arguments),
            Call::Served(slot, name) => out.provider_call(slot, None, name, ""),
            Call::EndTool(slot) => out.end_tool_call(slot),
            Call::Fail => out.fail(),
            Call::Sign(0) => out.sign_text(Signature::new("w", "v")),
            Call::Sign(1) => out.sign_reasoning(Signature::new("w", "v")),
            Call::Sign(_) => out.sign_tool_call(Signature::new("w", "v")),
            Call::Logprobs => out.logprobs(vec![TokenLogprob::default()]),
            Call::Usage => out.usage(Usage::default()),
            Call::Finish => out.finish(FinishReason::Stop, "stop"),
            Call::Unknown => out.unknown(b"?"),
            Call::Close => out.close(),
            Call::Pop => events.extend(out.pop()),
        }
    }
    let ended = out.is_closed() || out.is_finished();
    out.admit();
    events.extend(out.drain());
    assert_eq!(out.counted().events, events.len() as u64);
    (events, ended)
}

proptest! {
    #[test]
    fn no_order_of_calls_makes_nonsense(calls in calls()) {
        let (events, closed) = events(&calls);
        let mut open: BTreeMap<u32, PartKind> = BTreeMap::new();
        let (mut parts, mut started, mut usage) = (0, 0, 0);
        for (at, event) in events.iter().enumerate() {
            match event {
                Event::Started { id, model } => {
                    started += 1;
                    prop_assert!(id.is_some() || model.is_some());
                }
                Event::PartStarted { part, kind } => {
                    prop_assert_eq!(*part, parts, "numbered from 0, in order");
                    parts += 1;
                    let prose = |kind: &PartKind| !matches!(kind, PartKind::ToolCall { .. });
                    prop_assert!(!open.values().any(prose), "running text ends before another part begins");
                    open.insert(*part, kind.clone());
                }
                Event::Delta { part, text } => prop_assert!(open.contains_key(part) && !text.is_empty()),
                Event::Signature { part, .. } => prop_assert!(open.contains_key(part)),
                Event::PartFinished { part } => prop_assert!(open.remove(part).is_some(), "closed once"),
                Event::Usage(_) => usage += 1,
                Event::Finished { .. } => {
                    prop_assert!(open.is_empty(), "the parts end before the reply");
                    prop_assert_eq!(at, events.len() - 1, "nothing comes after the end");
                }
                Event::Unknown(_) | Event::Logprobs(_) => {}
            }
        }
        prop_assert!(started <= 1 && usage <= calls.len());
        prop_assert_eq!(closed, matches!(events.last(), Some(Event::Finished { .. })));
        prop_assert!(!closed || calls.iter().any(|call| matches!(call, Call::Finish)));
    }

    #[test]
    fn no_text_is_lost_or_invented(calls in calls()) {
        let calls: Vec<Call> = calls.into_iter().filter(|call| !matches!(call, Call::Close | Call::Fail | Call::EndTool(_))).collect();
        let wanted = |pick: fn(&Call) -> Option<&'static str>| calls.iter().filter_map(pick).collect::<String>();
        let mut reply = Response::default();
        events(&calls).0.into_iter().for_each(|event| reply.add(event));
        let message = reply.message();
        prop_assert_eq!(message.texts().collect::<String>(), reply.text.clone());
        prop_assert_eq!(
            message.tool_calls().map(|call| (&call.name, &call.arguments)).collect::<Vec<_>>(),
            reply.tool_calls.iter().map(|call| (&call.name, &call.arguments)).collect::<Vec<_>>()
        );
        prop_assert_eq!(reply.text, wanted(|call| match call { Call::Text(text) => Some(text), _ => None }));
        prop_assert_eq!(reply.reasoning, wanted(|call| match call { Call::Reasoning(text) => Some(text), _ => None }));
        let given = wanted(|call| match call { Call::Tool(_, _, _, text) => Some(text), _ => None }).len();
        prop_assert_eq!(reply.tool_calls.iter().map(|call| call.arguments.len()).sum::<usize>(), given);
    }
}

fn folded(out: &mut Emitter) -> (Response, Vec<Event>) {
    let (mut reply, events) = (Response::default(), out.drain().collect::<Vec<_>>());
    events.iter().cloned().for_each(|event| reply.add(event));
    (reply, events)
}

#[test]
fn behind_a_failure_only_the_tokens_are_taken() {
    let mut out = Emitter::default();
    out.text("a");
    out.tool_call(Some(0), Some("i"), Some("f"), "");
    out.finish(FinishReason::Length, "length");
    out.fail();
    out.text("b");
    out.tool_call(Some(1), Some("j"), Some("g"), "{}");
    out.finish(FinishReason::Stop, "stop");
    out.unknown(b"?");
    out.usage(Usage::new(Some(1), Some(2)));
    out.close();
    assert!(!out.is_closed());
    out.abandon();
    let (reply, events) = folded(&mut out);
    assert_eq!((reply.text.as_str(), reply.tool_calls.len(), reply.usage.unwrap().input), ("a", 1, Some(1)));
    assert!(!events.iter().any(|event| matches!(event, Event::Finished { .. } | Event::Unknown(_))));
}

#[test]
fn a_call_ends_where_the_wire_says_so_and_takes_no_more() {
    let mut out = Emitter::default();
    out.tool_call(Some(0), Some("i"), Some("f"), "");
    out.tool_call(Some(1), Some("j"), Some("g"), "{}");
    out.end_tool_call(Some(1));
    out.tool_call(Some(1), None, None, "more");
    out.end_tool_call(Some(1));
    out.tool_call(Some(0), None, None, "{\"x\"");
    let (reply, events) = folded(&mut out);
    let calls: Vec<_> = reply.tool_calls.iter().map(|call| (&*call.name, &*call.arguments)).collect();
    assert_eq!(calls, [("f", "{\"x\""), ("g", "{}")]);
    let ended = events.iter().filter(|event| matches!(event, Event::PartFinished { part: 1 }));
    assert_eq!((ended.count(), events.contains(&Event::PartFinished { part: 0 })), (1, false));
}
