//! Clients of a test server, and what came of a call.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use graphbit_core::Error;
use graphbit_llm::{Client, Config, Connections, Environment, Event, Model, Request, Timeouts, complete};
use graphbit_testkit::{Reply, Script, Server, Stats};

pub(crate) async fn serve(reply: Reply) -> Server {
    Server::start(Script::default().otherwise(reply)).await.unwrap()
}

pub(crate) fn config(url: impl Into<String>) -> Config {
    Config::new("openai").unwrap().base_url(url)
}

/// A configuration whose every clock is longer than a test, but for what `set` shortens.
pub(crate) fn timed(url: impl Into<String>, set: impl FnOnce(&mut Timeouts)) -> Config {
    let mut timeouts = Timeouts::default();
    set(&mut timeouts);
    config(url).timeouts(timeouts)
}

pub(crate) fn client(config: Config) -> Client {
    let config = Arc::new(config);
    let pool = Connections::default().get(&config).unwrap();
    Client::new(config, pool)
}

pub(crate) fn environment(pairs: &[(&str, &str)]) -> Environment {
    Environment::from_pairs(pairs.iter().copied())
}

pub(crate) async fn ask(model: &dyn Model) -> Result<String, Error> {
    complete(model, Request::prompt("x")).await?.into_text()
}

/// Streams a reply: its text, the number of events, and how it ended.
pub(crate) async fn stream(model: &dyn Model) -> (String, usize, Option<Error>) {
    let (mut text, mut count) = (String::new(), 0);
    let mut events = match model.stream(Request::prompt("x").streamed()).await {
        Ok(events) => events,
        Err(error) => return (text, count, Some(error)),
    };
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => {
                count += 1;
                if let Event::Delta { text: more, .. } = event {
                    text.push_str(&more);
                }
            }
            Err(error) => {
                assert!(events.next().await.is_none(), "an error is the last item");
                return (text, count, Some(error));
            }
        }
    }
    (text, count, None)
}

/// Waits until the server's figures are so; gives how long it took.
pub(crate) async fn until(server: &Server, what: impl Fn(&Stats) -> bool) -> Duration {
    let start = Instant::now();
    while !what(&server.stats()) {
        assert!(start.elapsed() < Duration::from_secs(10), "never: {:?}", server.stats());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    start.elapsed()
}

pub(crate) fn code(error: &Error) -> &'static str {
    error.code().as_str()
}
