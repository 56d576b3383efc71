//! Which roots are trusted, on a machine with certificates and on one without.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use futures_util::StreamExt;
use graphbit_core::Error;
use graphbit_llm::{Connections, Model, Request};
use graphbit_testkit::{Authority, Script, Server};

use crate::support::{ask, client, code, config, environment, stream, until};

/// A file that is removed with this value.
pub(crate) struct File(String);

impl File {
    fn new(content: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("graphbit-llm-{}-{number}.pem", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Self(path.to_str().unwrap().to_owned())
    }

    pub(crate) fn path(&self) -> &str {
        &self.0
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

pub(crate) fn root_file(authority: &Authority) -> File {
    File::new(authority.root_pem())
}

async fn call(server: &Server, pairs: &[(&str, &str)]) -> Result<String, Error> {
    ask(&client(config(server.base_url()).environment(&environment(pairs)))).await
}

async fn private() -> (Server, File) {
    let authority = Authority::new().unwrap();
    (Server::start_tls(Script::default(), &authority).await.unwrap(), root_file(&authority))
}

#[tokio::test]
async fn a_private_root_is_trusted_where_it_is_named_and_nowhere_else() {
    let (server, root) = private().await;
    assert_eq!(call(&server, &[("NODE_EXTRA_CA_CERTS", root.path())]).await.unwrap(), "echo: x");
    assert_eq!(call(&server, &[("SSL_CERT_FILE", root.path())]).await.unwrap(), "echo: x");

    let other = root_file(&Authority::new().unwrap());
    let before = server.stats().requests;
    for pairs in [&[][..], &[("NODE_EXTRA_CA_CERTS", other.path())], &[("SSL_CERT_FILE", other.path())]] {
        let error = call(&server, pairs).await.unwrap_err();
        assert_eq!(code(&error), "NETWORK", "{error}");
        assert!(error.message().contains("NODE_EXTRA_CA_CERTS"), "{error}");
    }
    assert_eq!(
        server.stats().requests,
        before,
        "no request, and no key, reached a server that is not trusted"
    );
}

#[tokio::test]
async fn streams_over_tls_share_a_connection_and_a_cut_one_is_truncated() {
    let authority = Authority::new().unwrap();
    let root = root_file(&authority);
    let server = Server::start_tls(Script::default(), &authority).await.unwrap();
    let trusting =
        |url: String| client(config(url).environment(&environment(&[("NODE_EXTRA_CA_CERTS", root.path())])));
    let model = trusting(server.base_url());
    for _ in 0..5 {
        assert_eq!(stream(&model).await.0, "echo: x");
        assert_eq!(ask(&model).await.unwrap(), "echo: x");
    }
    assert_eq!(server.stats().connections_opened, 1);
    for keys in ["cut_after=300", "cut_after=5"] {
        let error = stream(&trusting(server.base_url_with(keys))).await.2.unwrap();
        assert_eq!(code(&error), "TRUNCATED", "{keys}: {error:?}");
    }
    let mut events = trusting(server.base_url_with("fault=endless"))
        .stream(Request::prompt("x").streamed())
        .await
        .unwrap();
    events.next().await.unwrap().unwrap();
    drop(events);
    let took = until(&server, |stats| stats.in_flight == 0).await;
    assert!(took < std::time::Duration::from_millis(100), "{took:?}");
}

#[tokio::test]
async fn an_extra_root_adds_to_a_file_that_replaces_the_platforms() {
    let (server, root) = private().await;
    let other = root_file(&Authority::new().unwrap());
    let pairs = [("SSL_CERT_FILE", other.path()), ("NODE_EXTRA_CA_CERTS", root.path())];
    assert_eq!(call(&server, &pairs).await.unwrap(), "echo: x");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused_even_from_a_trusted_root() {
    let (server, root) = private().await;
    let url = server.base_url().replace("127.0.0.1", "0.0.0.0");
    let model = client(config(url).environment(&environment(&[("NODE_EXTRA_CA_CERTS", root.path())])));
    let error = ask(&model).await.unwrap_err();
    assert!(code(&error) == "NETWORK" && error.message().contains("certificate"), "{error}");
}

#[tokio::test]
async fn a_certificate_file_that_is_missing_or_garbage_is_named_with_its_variable() {
    let good = root_file(&Authority::new().unwrap());
    let torn = std::fs::read_to_string(good.path()).unwrap().replace("MII", "!!!");
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for file in [File::new("nothing here"), File::new(""), File::new(&torn), File::new(broken)] {
        refused(file.path());
    }
    refused("/no/such/file.pem");
    refused("/tmp");
}

fn refused(path: &str) {
    for variable in ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"] {
        let secure = config("https://localhost/v1").environment(&environment(&[(variable, path)]));
        let error = Connections::default().get(&secure).unwrap_err();
        assert_eq!(code(&error), "CONFIG", "{error}");
        assert!(error.message().contains(variable) && error.message().contains(path), "{error}");
        // Nothing of it is read for `http`.
        let plain = config("http://localhost/v1").environment(&environment(&[(variable, path)]));
        Connections::default().get(&plain).unwrap();
    }
}

#[tokio::test]
async fn certificates_are_read_once_for_all_pools_of_a_runtime() {
    let (server, root) = private().await;
    let connections = Connections::default();
    let trusting = |ms| {
        let url = server.base_url();
        let with =
            crate::support::timed(url, |timeouts| timeouts.connect = std::time::Duration::from_millis(ms));
        Arc::new(with.environment(&environment(&[("NODE_EXTRA_CA_CERTS", root.path())])))
    };
    let start = Instant::now();
    connections.get(&trusting(5000)).unwrap();
    println!("reading the certificates of this machine took {:?}", start.elapsed());
    std::fs::remove_file(root.path()).unwrap();
    let config = trusting(6000);
    let pool = connections.get(&config).unwrap();
    assert_eq!(ask(&graphbit_llm::Client::new(config, pool)).await.unwrap(), "echo: x");
}

/// The guide's `node:18-slim` has an empty certificate folder: hidden here in a mount namespace of its own.
#[test]
fn tls_works_where_the_machine_has_no_certificates() {
    let hide = "for place in /etc/ssl /etc/pki /usr/share/ca-certificates /usr/local/share/ca-certificates /etc/ca-certificates \
                /var/lib/ca-certificates; do if [ -d $place ]; then mount -t tmpfs none $place || exit 77; fi; done; \
                mkdir -p /etc/ssl/certs; exec \"$0\" --exact --nocapture tls::a_private_root_is_trusted_where_it_is_named_and_nowhere_else";
    let this = std::env::current_exe().unwrap();
    let run = Command::new("unshare").args(["--mount", "sh", "-c", hide]).arg(this).output();
    match run {
        Ok(run) if run.status.success() => {
            let out = String::from_utf8_lossy(&run.stdout);
            assert!(out.contains("1 passed"), "{out}");
        }
        Ok(run) if run.status.code() == Some(101) => panic!("{}", String::from_utf8_lossy(&run.stderr)),
        _ => println!("skipped: needs unshare and the right to mount"),
    }
}
