//! How far one connection reads ahead of a slow reader.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use graphbit_llm::{Client, Config, Connections, Model, Request};

use crate::server::Remote;
use crate::support::{alone, live, runtime};

#[test]
fn a_reader_that_stops_holds_its_connection_back() {
    let _alone = alone();
    let remote = Remote::start();
    runtime().block_on(async {
        let config = Arc::new(Config::new("openai").unwrap().base_url(remote.url("fault=endless")));
        let model = Client::new(Arc::clone(&config), Connections::default().get(&config).unwrap());
        let before = live();
        let mut events = model.stream(Request::prompt("x").streamed()).await.unwrap();
        let mut most = 0;
        // Reading fast for a while lets the connection's buffer grow to what it will.
        for round in 0..20 {
            for _ in 0..round * 500 {
                events.next().await.unwrap().unwrap();
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
            most = most.max(live() - before);
        }
        println!("a connection with a reader that stopped holds at most {most} bytes");
        assert!(most < 2 << 20, "{most}");
        drop(events);
        tokio::time::sleep(Duration::from_millis(50)).await;
        let left = live().saturating_sub(before);
        println!("and {left} bytes when its stream is dropped");
        assert!(left < 32_000, "{left}");
    });
}
