//! Proxies of the environment.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use graphbit_llm::Connections;
use graphbit_testkit::{Authority, Reply, Script, Server};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{ask, client, code, config, environment, serve};

/// A proxy: forwards `http` requests in absolute form, tunnels for CONNECT, and notes what it was sent.
struct Proxy {
    address: String,
    used: Arc<AtomicUsize>,
    heads: Arc<std::sync::Mutex<String>>,
}

async fn proxy() -> Proxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (used, heads) = (Arc::new(AtomicUsize::new(0)), Arc::new(std::sync::Mutex::new(String::new())));
    let (counter, noted) = (Arc::clone(&used), Arc::clone(&heads));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(forward(socket, Arc::clone(&noted)));
        }
    });
    Proxy { address, used, heads }
}

async fn forward(socket: TcpStream, noted: Arc<std::sync::Mutex<String>>) {
    let mut socket = BufReader::new(socket);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if socket.read_line(&mut head).await.unwrap() == 0 {
            return;
        }
    }
    noted.lock().unwrap().push_str(&head);
    let target = head.split(' ').nth(1).unwrap().to_owned();
    if head.starts_with("CONNECT ") {
        let mut server = TcpStream::connect(&target).await.unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut socket, &mut server).await;
        return;
    }
    let (host, path) = target.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut server = TcpStream::connect(host).await.unwrap();
    let head =
        head.replacen(&target, &format!("/{path}"), 1).replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
    server.write_all(head.as_bytes()).await.unwrap();
    let _ = tokio::io::copy_bidirectional(&mut socket, &mut server).await;
}

#[tokio::test]
async fn http_urls_take_the_http_proxy_unless_no_proxy_names_the_host() {
    let (server, proxy) = (serve(Reply::echo()).await, proxy().await);
    let url = format!("http://user:pass%20word@{}", proxy.address);
    let https_only = [("HTTPS_PROXY", url.as_str())];
    assert_eq!(
        ask(&client(config(server.base_url()).environment(&environment(&https_only)))).await.unwrap(),
        "echo: x"
    );
    assert_eq!(proxy.used.load(Ordering::Relaxed), 0);

    let pairs = [("HTTP_PROXY", url.as_str())];
    assert_eq!(
        ask(&client(config(server.base_url()).environment(&environment(&pairs)))).await.unwrap(),
        "echo: x"
    );
    assert_eq!(proxy.used.load(Ordering::Relaxed), 1);
    assert!(
        proxy
            .heads
            .lock()
            .unwrap()
            .to_lowercase()
            .contains("proxy-authorization: basic dxnlcjpwyxnzihdvcmq=")
    );

    for except in ["127.0.0.1", "127.0.0.0/8", "*", "example.org, 127.0.0.1"] {
        let pairs = [("HTTP_PROXY", url.as_str()), ("NO_PROXY", except)];
        assert_eq!(
            ask(&client(config(server.base_url()).environment(&environment(&pairs)))).await.unwrap(),
            "echo: x"
        );
        assert_eq!(proxy.used.load(Ordering::Relaxed), 1, "{except}");
    }
    let pairs = [("http_proxy", url.as_str()), ("no_proxy", "example.org")];
    ask(&client(config(server.base_url()).environment(&environment(&pairs)))).await.unwrap();
    assert_eq!(proxy.used.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn https_goes_through_a_tunnel_and_is_checked_end_to_end() {
    let authority = Authority::new().unwrap();
    let server = Server::start_tls(Script::default(), &authority).await.unwrap();
    let proxy = proxy().await;
    let root = crate::tls::root_file(&authority);
    // Without a scheme, as many write it.
    let pairs = [("HTTPS_PROXY", proxy.address.as_str()), ("NODE_EXTRA_CA_CERTS", root.path())];
    assert_eq!(
        ask(&client(config(server.base_url()).environment(&environment(&pairs)))).await.unwrap(),
        "echo: x"
    );
    assert_eq!(proxy.used.load(Ordering::Relaxed), 1);
    let heads = proxy.heads.lock().unwrap();
    assert!(heads.starts_with("CONNECT ") && !heads.contains("POST"), "{heads}");
}

#[tokio::test]
async fn a_proxys_password_is_never_printed() {
    let printed = |error: &graphbit_core::Error| {
        let mut all = format!("{error} {error:?}");
        let mut cause = std::error::Error::source(error);
        while let Some(inner) = cause {
            all = format!("{all} {inner} {inner:?}");
            cause = inner.source();
        }
        all
    };
    for (proxy, wanted) in [
        ("http://user:very-secret@127.0.0.1:1", "NETWORK"),
        ("http://user:very-secret@no-such-host.invalid:1", "NETWORK"),
        ("http://user:very-secret@:bad:", "CONFIG"),
        ("socks5://user:very-secret@127.0.0.1:1", "CONFIG"),
    ] {
        for (scheme, variable) in [("http", "HTTP_PROXY"), ("https", "HTTPS_PROXY")] {
            let url = format!("{scheme}://127.0.0.1:9/v1");
            let config = Arc::new(config(url).environment(&environment(&[(variable, proxy)])));
            let connections = Connections::default();
            let error = match connections.get(&config) {
                Ok(pool) => {
                    assert!(!format!("{pool:?} {connections:?}").contains("very-secret"));
                    ask(&graphbit_llm::Client::new(Arc::clone(&config), pool)).await.unwrap_err()
                }
                Err(error) => error,
            };
            assert_eq!(code(&error), wanted, "{error}");
            assert!(error.message().contains(variable), "{error}");
            assert!(!printed(&error).contains("very-secret"), "{}", printed(&error));
            assert!(!format!("{config:?}").contains("very-secret"));
        }
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_is_a_network_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://user:very-secret@{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut head = [0; 1024];
            let _ = socket.read(&mut head).await;
            let _ = socket
                .write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
                .await;
        }
    });
    let pairs = [("HTTPS_PROXY", address.as_str())];
    let error =
        ask(&client(config("https://127.0.0.1:9/v1").environment(&environment(&pairs)))).await.unwrap_err();
    assert_eq!(code(&error), "NETWORK", "{error}");
    assert!(error.message().contains("HTTPS_PROXY") && !error.message().contains("very-secret"), "{error}");
}

#[tokio::test]
async fn a_proxy_that_speaks_https_is_trusted_like_a_server() {
    let authority = Authority::new().unwrap();
    // Any server that answers whatever it is sent will do: it is asked in place of the one that the URL names.
    let proxy = Server::start_tls(Script::default(), &authority).await.unwrap();
    let root = crate::tls::root_file(&authority);
    let url = proxy.base_url().to_string().replace("/v1", "");
    let pairs = [("HTTP_PROXY", url.as_str()), ("NODE_EXTRA_CA_CERTS", root.path())];
    let model = client(config("http://127.0.0.2:9/v1").environment(&environment(&pairs)));
    let _ = ask(&model).await;
    assert_eq!(proxy.stats().requests, 1, "its certificate was accepted, and it was asked");
}

#[tokio::test]
async fn a_proxys_password_may_be_given_as_it_is() {
    let (server, proxy) = (serve(Reply::echo()).await, proxy().await);
    let url = format!("http://user:p@ss w\u{f6}rd@{}", proxy.address);
    let pairs = [("HTTP_PROXY", url.as_str())];
    let model = client(config(server.base_url()).environment(&environment(&pairs)));
    assert_eq!(ask(&model).await.unwrap(), "echo: x");
    let wanted = "proxy-authorization: basic dxnlcjpwqhnzihfdtnjk"; // user:p@ss wörd, in lower case like the head
    let heads = proxy.heads.lock().unwrap().to_lowercase();
    assert!(heads.contains(wanted), "{heads}");
}
