//! The loopback server: started with a script, asked about what it saw, stopped when dropped.
//!
//! `accept` takes connections in; `read` and `outgoing` speak HTTP/1.1 over a `wire` that notices the client leaving; `connection` serves one client and `books` are kept of it;
//! `answer` and `stream` send replies; `control` serves other processes.

mod accept;
mod answer;
mod books;
mod connection;
mod control;
mod outgoing;
mod read;
mod shared;
mod stream;
mod wire;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpSocket;
use tokio::sync::oneshot;

use self::accept::Acceptor;
use self::shared::Shared;
use crate::journal::Exchange;
use crate::script::Script;
use crate::stats::Stats;
#[cfg(feature = "tls")]
use crate::tls::Authority;

/// Connections the kernel may hold for us: benches open thousands at once.
const BACKLOG: u32 = 16 * 1024;
const JOURNAL_LIMIT: usize = 10_000;

/// A running server on 127.0.0.1. Dropping it closes its connections and frees its port.
pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    /// Dropped with the server, which the accepting task takes as the end.
    _stop: oneshot::Sender<()>,
}

impl Server {
    /// Starts a plain HTTP server on a free port, on the current tokio runtime.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(script: Script) -> io::Result<Self> {
        Self::builder(script).start().await
    }

    /// Starts a server that speaks TLS with a certificate of this authority for `localhost` and `127.0.0.1`.
    ///
    /// # Errors
    /// When no port can be had or the certificate cannot be made.
    #[cfg(feature = "tls")]
    pub async fn start_tls(script: Script, authority: &Authority) -> io::Result<Self> {
        Self::builder(script).tls(authority).start().await
    }

    /// For a server with other than the usual settings.
    pub fn builder(script: Script) -> Builder {
        Builder { script, port: 0, journal_limit: JOURNAL_LIMIT, tls: None }
    }

    /// `http://127.0.0.1:PORT/v1`, or with `https` where TLS was asked for.
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.origin())
    }

    /// A base URL whose requests behave as these keys say: `"latency_ms=50,times=2"`.
    pub fn base_url_with(&self, keys: &str) -> String {
        format!("{}/with/{keys}/v1", self.origin())
    }

    /// The address without a path: `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// The address to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was asked so far, oldest first.
    pub fn journal(&self) -> Vec<Exchange> {
        self.shared.journal.read()
    }

    /// What was counted so far.
    pub fn stats(&self) -> Stats {
        self.shared.counters.read()
    }

    /// Forgets journal, counts and used-up `times`; request numbers start at 1 again.
    pub fn clear(&self) {
        self.shared.clear();
    }

    /// Answers by another script from the next request on.
    pub fn set_script(&self, script: Script) {
        self.shared.set_script(script);
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("base_url", &self.base_url()).field("stats", &self.stats()).finish()
    }
}

/// Settings of a server that is yet to start.
#[must_use]
pub struct Builder {
    script: Script,
    port: u16,
    journal_limit: usize,
    tls: Option<Acceptor>,
}

impl Builder {
    /// Listens on this port instead of a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Keeps this many exchanges instead of 10,000; with 0 none, for benches.
    pub fn journal_limit(mut self, limit: usize) -> Self {
        self.journal_limit = limit;
        self
    }

    /// Speaks TLS, see [`Server::start_tls`].
    #[cfg(feature = "tls")]
    pub fn tls(mut self, authority: &Authority) -> Self {
        self.tls = Some(authority.acceptor().clone());
        self
    }

    /// Starts on the current tokio runtime.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub async fn start(self) -> io::Result<Server> {
        let (server, serving) = self.listen()?;
        tokio::spawn(serving);
        Ok(server)
    }

    /// Starts on a thread and a runtime of its own: for synchronous tests, for benches, and beside paused clocks.
    ///
    /// # Errors
    /// When the port, the thread or the runtime cannot be had.
    pub fn start_in_thread(self) -> io::Result<Server> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        std::thread::Builder::new().name("testkit".into()).spawn(move || {
            runtime.block_on(async move {
                let serving = self.listen().map(|(server, serving)| {
                    let _ = tell.send(Ok(server));
                    serving
                });
                match serving {
                    Ok(serving) => serving.await,
                    Err(error) => drop(tell.send(Err(error))),
                }
            });
        })?;
        told.recv().map_err(io::Error::other)?
    }

    /// Binds the port. The future serves until the server is dropped.
    fn listen(self) -> io::Result<(Server, impl Future<Output = ()> + Send + use<>)> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind((Ipv4Addr::LOCALHOST, self.port).into())?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let shared = Arc::new(Shared::new(self.script, self.journal_limit));
        let (stop, stopped) = oneshot::channel();
        let serving = accept::accept(listener, self.tls, Arc::clone(&shared), stopped);
        Ok((Server { address, scheme, shared, _stop: stop }, serving))
    }
}
