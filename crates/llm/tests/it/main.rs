//! Real sockets: the client against a loopback server that can do everything wrong.

#[cfg(test)]
mod calls;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod retries;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod wire;
