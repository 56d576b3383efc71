//! The server as a client sees it: raw bytes over TCP, so that nothing between hides a behaviour.

#[cfg(test)]
mod books;
#[cfg(test)]
mod client;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod http;
#[cfg(test)]
mod prefix;
#[cfg(test)]
mod process;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod stream;
#[cfg(test)]
#[cfg(feature = "tls")]
mod tls;
