use futures_util::FutureExt;

use super::*;

fn delta(text: &str) -> RunEvent {
    RunEvent::NodeDelta { node: "n".into(), kind: DeltaKind::Text, text: text.into() }
}

fn texts(events: Vec<RunEvent>) -> Vec<String> {
    events
        .into_iter()
        .map(|event| match event {
            RunEvent::NodeDelta { text, .. } => text,
            RunEvent::Lagged { missed } => format!("missed {missed}"),
            other => other.name().to_owned(),
        })
        .collect()
}

#[test]
fn nothing_is_made_for_nobody() {
    let feed = Feed::default();
    feed.send(|| panic!("nobody reads"));
    drop(feed.read());
    feed.send(|| delta("the last one that is made")); // finds that the reader has gone
    feed.send(|| panic!("nobody reads"));
}

#[test]
fn every_reader_gets_what_is_sent_from_its_beginning_on() {
    let feed = Feed::default();
    let mut early = feed.read();
    feed.send(|| delta("a"));
    let mut late = feed.read();
    feed.send(|| delta("b"));
    assert_eq!(texts(early.arrived()), ["a", "b"]);
    assert_eq!(texts(late.arrived()), ["b"]);
    feed.end(|| delta("c"));
    feed.send(|| delta("too late"));
    assert_eq!(texts(early.arrived()), ["c"]);
    assert!(early.next().now_or_never().unwrap().is_none());
    assert!(feed.read().next().now_or_never().unwrap().is_none(), "a reader that comes later does not wait");
}

#[test]
fn a_slow_reader_is_told_what_it_missed_and_holds_no_more_than_its_bound() {
    let feed = Feed::default();
    let mut slow = feed.read();
    for number in 0..Events::MOST + 3 {
        feed.send(|| delta(&number.to_string()));
    }
    let read = texts(slow.arrived());
    assert_eq!((read.len(), &*read[0], &*read[1]), (Events::MOST + 1, "missed 3", "3"));
    for _ in 0..5 {
        feed.send(|| delta(&"x".repeat(Events::MOST_BYTES / 2)));
    }
    let read = texts(slow.arrived());
    assert_eq!((read.len(), &*read[0]), (2, "missed 4"));
}

#[tokio::test]
async fn a_reader_that_waits_is_woken() {
    let feed = Arc::new(Feed::default());
    let mut events = feed.read();
    let sender = Arc::clone(&feed);
    let reading = tokio::spawn(async move { events.next().await.map(|event| event.name()) });
    tokio::task::yield_now().await;
    sender.send(|| delta("a"));
    assert_eq!(reading.await.unwrap(), Some("node.delta"));
}
