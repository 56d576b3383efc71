//! Takes connections in, one task each, until the server is dropped.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::connection;
use super::shared::Shared;

#[cfg(feature = "tls")]
pub(crate) type Acceptor = tokio_rustls::TlsAcceptor;
/// Without the feature there is none.
#[cfg(not(feature = "tls"))]
#[derive(Clone)]
pub(crate) enum Acceptor {}

/// How long to let be when the process has no file descriptor left.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(10);

pub(super) async fn accept(
    listener: TcpListener,
    tls: Option<Acceptor>,
    shared: Arc<Shared>,
    mut stopped: oneshot::Receiver<()>,
) {
    // Dropped with this task, which ends every connection.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => return,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => drop(connections.spawn(serve(socket, tls.clone(), Arc::clone(&shared)))),
                Err(_) => tokio::time::sleep(OUT_OF_DESCRIPTORS).await,
            },
        }
    }
}

async fn serve(socket: TcpStream, tls: Option<Acceptor>, shared: Arc<Shared>) {
    let _open = shared.counters.connection();
    let _ = socket.set_nodelay(true);
    match tls {
        None => connection::serve(socket, shared).await,
        #[cfg(feature = "tls")]
        Some(acceptor) => {
            if let Ok(socket) = acceptor.accept(socket).await {
                connection::serve(socket, shared).await;
            }
        }
        #[cfg(not(feature = "tls"))]
        Some(never) => match never {},
    }
}
