//! What the network's failures mean, and what to change.

use std::error::Error as StdError;
use std::{fmt, io};

use graphbit_core::{Error, ErrorCode};

use super::dial::Why;
use crate::protocol::truncated;

/// Explains the failures of one pool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failures {
    /// The variable that names the proxy in use.
    pub(super) proxy: Option<&'static str>,
}

impl Failures {
    /// No connection: `NETWORK`, or [`late`] where that was why.
    pub(super) fn connecting(self, error: Why) -> Error {
        let is_late = |cause: &(dyn StdError + 'static)| {
            cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
        };
        if chain(&*error).any(is_late) {
            return late().caused_by(Connecting(error));
        }
        let why = causes(&*error);
        let help = match self.proxy {
            _ if why.contains("UnknownIssuer") => {
                "; nobody trusted signed the server's certificate: for a private root, name its file in NODE_EXTRA_CA_CERTS or SSL_CERT_FILE"
            }
            _ if why.contains("certificate") => {
                "; the server's certificate does not hold for this address or time, or its root is not trusted (NODE_EXTRA_CA_CERTS)"
            }
            Some("HTTPS_PROXY") => {
                "; HTTPS_PROXY is set: is that proxy running, or should NO_PROXY name the host of baseUrl?"
            }
            Some(_) => {
                "; HTTP_PROXY is set: is that proxy running, or should NO_PROXY name the host of baseUrl?"
            }
            None => "; is the server running, and baseUrl right?",
        };
        Error::new(ErrorCode::Network, format!("could not connect: {why}{help}")).caused_by(Connecting(error))
    }

    /// Before a reply: `NETWORK`.
    pub(super) fn sending(self, error: io::Error) -> Error {
        let why = causes(&error);
        Error::new(ErrorCode::Network, format!("the connection broke before the reply: {why}"))
            .caused_by(error)
    }

    /// Within a reply: `TRUNCATED` where the server closed the connection before the end it had announced, else `NETWORK`.
    pub(super) fn reading(self, error: io::Error) -> Error {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return truncated().caused_by(error);
        }
        let why = causes(&error);
        Error::new(ErrorCode::Network, format!("the connection broke within the reply: {why}"))
            .caused_by(error)
    }
}

/// No connection in time: `TIMEOUT` with the clock `connect`.
pub(super) fn late() -> Error {
    let message = "the connection could not be opened in time; raise timeouts.connect if that is expected";
    Error::new(ErrorCode::Timeout, message).clock("connect")
}

fn chain<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&cause| cause.source())
}

/// What a dialer says, as the cause of an error.
#[derive(Debug)]
struct Connecting(Why);

impl fmt::Display for Connecting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Connecting {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

/// The inner causes say most: "connection refused", "invalid peer certificate".
fn causes(error: &(dyn StdError + 'static)) -> String {
    let mut causes: Vec<String> = Vec::new();
    for cause in chain(error) {
        let text = cause.to_string();
        // Some repeat their own causes in their text.
        if !causes.iter().any(|known| known.contains(&text)) {
            causes.push(text);
        }
    }
    causes.join(": ")
}
