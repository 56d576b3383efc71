//! The server behind TLS.

use std::sync::Arc;

use graphbit_testkit::{Authority, Reply, Script, Server};
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::client::{CHAT, Client, ask, ask_stream, post, wait_for};

async fn connect(
    server: &Server,
    authority: &Authority,
    name: &'static str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.root_pem().as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let socket = TcpStream::connect(server.address()).await.unwrap();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name).unwrap(), socket).await
}

#[tokio::test]
async fn a_client_that_trusts_the_root_is_served_under_both_names() {
    let authority = Authority::new().unwrap();
    let server = Server::start_tls(Script::default(), &authority).await.unwrap();
    assert!(server.base_url().starts_with("https://127.0.0.1:"));
    for name in ["localhost", "127.0.0.1"] {
        let mut client = Client::over(connect(&server, &authority, name).await.unwrap());
        assert_eq!(client.chat(CHAT, &ask("x")).await.unwrap().content(), "echo: x");
        let events = client.chat(CHAT, &ask_stream("x")).await.unwrap().events();
        assert_eq!(events.last().unwrap(), "[DONE]");
    }
}

#[tokio::test]
async fn a_client_that_trusts_another_root_is_not() {
    let (ours, theirs) = (Authority::new().unwrap(), Authority::new().unwrap());
    let server = Server::start_tls(Script::default(), &ours).await.unwrap();
    assert!(connect(&server, &theirs, "localhost").await.is_err());
    assert!(connect(&server, &ours, "example.org").await.is_err());
    assert_eq!(server.stats().requests, 0);
}

#[tokio::test]
async fn faults_and_early_closes_work_through_tls() {
    let authority = Authority::new().unwrap();
    let script = Script::default()
        .when_contains("cut", Reply::echo().cut_after(5))
        .when_contains("reset", Reply::echo().reset_after(5))
        .otherwise(Reply::echo().never());
    let server = Server::start_tls(script, &authority).await.unwrap();
    for prompt in ["cut", "reset"] {
        let mut client = Client::over(connect(&server, &authority, "localhost").await.unwrap());
        assert!(client.chat(CHAT, &ask(prompt)).await.is_err());
    }
    let mut client = Client::over(connect(&server, &authority, "localhost").await.unwrap());
    client.send(&post(CHAT, &ask("x"))).await;
    wait_for(&server, |stats, _| stats.in_flight == 1).await;
    drop(client);
    wait_for(&server, |stats, journal| stats.closed_early == 1 && journal[2].closed_early()).await;
}
