//! Behaviour chosen through the base URL.

use std::time::{Duration, Instant};

use graphbit_testkit::{Reply, Script, Server};

use crate::client::{CHAT, Client, ask, ask_stream, get, once, post};

async fn serve() -> Server {
    Server::start(Script::default()).await.unwrap()
}

#[tokio::test]
async fn each_client_gets_what_its_base_url_asks_for() {
    let server = serve().await;
    assert!(server.base_url_with("pieces=5").ends_with("/with/pieces=5/v1"));
    let start = Instant::now();
    let path = "/with/latency_ms=20,pieces=50,piece_delay_ms=1/v1/chat/completions";
    assert_eq!(once(&server, path, &ask_stream("x")).await.unwrap().events().len(), 53);
    assert!(start.elapsed() >= Duration::from_millis(69));
    let reply = once(&server, "/with/status=429,retry_after=1/v1/chat/completions", &ask("x")).await.unwrap();
    assert_eq!((reply.status, reply.headers["retry-after"].as_str()), (429, "1"));
    let reply = once(&server, "/with/text=a%20b%2Cc/v1/chat/completions", &ask("x")).await.unwrap();
    assert_eq!(reply.content(), "a b,c");
    assert_eq!(
        once(&server, "/with/bytes=99/v1/chat/completions", &ask("x")).await.unwrap().content().len(),
        99
    );
    assert_eq!(once(&server, CHAT, &ask("x")).await.unwrap().content(), "echo: x");
}

#[tokio::test]
async fn the_prefix_holds_for_every_endpoint_and_lies_over_the_script() {
    let server = Server::start(Script::default().when_contains("x", Reply::text("scripted"))).await.unwrap();
    let mut client = Client::connect(&server).await;
    client.send(&get("/with/status=401/v1/models")).await;
    assert_eq!(client.reply().await.unwrap().json()["error"]["code"], "invalid_api_key");
    let reply = client.chat("/with/finish_reason=length/v1/chat/completions", &ask("x")).await.unwrap();
    assert_eq!(
        (reply.content().as_str(), &reply.json()["choices"][0]["finish_reason"]),
        ("scripted", &"length".into())
    );
}

#[tokio::test]
async fn times_limits_a_behaviour_to_the_first_requests() {
    let server = serve().await;
    let path = "/with/status=503,times=2/v1/chat/completions";
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(once(&server, path, &ask("x")).await.unwrap().status);
    }
    assert_eq!(statuses, [503, 503, 200, 200]);
    assert_eq!(
        once(&server, "/with/status=503,times=2,id=b/v1/chat/completions", &ask("x")).await.unwrap().status,
        503
    );
    server.clear();
    assert_eq!(once(&server, path, &ask("x")).await.unwrap().status, 503);
}

#[tokio::test]
async fn a_fault_can_be_asked_for() {
    let server = serve().await;
    let mut client = Client::connect(&server).await;
    client.send(&post("/with/fault=never/v1/chat/completions", &ask("x"))).await;
    assert!(tokio::time::timeout(Duration::from_millis(50), client.reply()).await.is_err());
    let mut client = Client::connect(&server).await;
    client.send(&post("/with/cut_after=3/v1/chat/completions", &ask("x"))).await;
    assert!(client.rest().await.unwrap().ends_with(b"\r\n\r\n{\"i"));
}

#[tokio::test]
async fn a_key_that_is_unknown_is_refused_by_name() {
    let server = serve().await;
    let reply = once(&server, "/with/latenzy_ms=5/v1/chat/completions", &ask("x")).await.unwrap();
    assert_eq!(reply.status, 400);
    assert!(reply.json()["error"]["message"].as_str().unwrap().contains("latenzy_ms"));
}
