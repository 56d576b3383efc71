//! The pools of one runtime: one for each distinct way to connect, opened when first asked for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use graphbit_core::Result;
use rustls::ClientConfig;

use super::dial::needs_roots;
use super::{HttpTransport, roots};
use crate::config::{Config, Trust, is_https};

/// The pools. Certificates are read once for each [`Trust`], a few milliseconds at the first `https` call.
#[derive(Debug, Default)]
pub struct Connections(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    pools: Vec<(Key, Arc<HttpTransport>)>,
    /// Shared by pools: clones of one share its roots and its sessions to resume.
    tls: Vec<(Arc<Trust>, ClientConfig)>,
}

#[derive(Debug, PartialEq, Eq)]
struct Key {
    trust: Arc<Trust>,
    connect: Duration,
    https: bool,
}

impl Connections {
    /// The pool for a configuration.
    ///
    /// # Errors
    /// `CONFIG` when a certificate file or a proxy cannot be used.
    pub fn get(&self, config: &Config) -> Result<Arc<HttpTransport>> {
        let https = is_https(config.url());
        let key = Key { trust: Arc::clone(&config.trust), connect: config.timeouts.connect, https };
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pool)) = open.pools.iter().find(|(known, _)| *known == key) {
            return Ok(Arc::clone(pool));
        }
        let tls = match needs_roots(&key.trust, https) {
            true => open.tls(&key.trust)?,
            false => roots::client_config(&key.trust, false)?,
        };
        let pool = Arc::new(HttpTransport::with_tls(tls, &key.trust, key.connect, https)?);
        open.pools.push((key, Arc::clone(&pool)));
        Ok(pool)
    }

    /// Whether a pool had more than `most` calls at once: so many connections may be open still.
    pub fn has_more_than(&self, most: usize) -> bool {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.pools.iter().any(|(_, pool)| pool.most_calls() > most)
    }

    /// Gives up the pools that had more than `most` calls at once; their connections close when nobody uses the pool any
    /// more. The next call opens a pool anew, with the certificates that were read before. Says whether there were any.
    pub fn close_more_than(&self, most: usize) -> bool {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let crowded: Vec<_> = open.pools.extract_if(.., |(_, pool)| pool.most_calls() > most).collect();
        drop(open); // nobody should have to wait until they are closed
        !crowded.is_empty()
    }
}

impl Open {
    fn tls(&mut self, trust: &Arc<Trust>) -> Result<ClientConfig> {
        let same = |known: &Trust| {
            known.roots_file == trust.roots_file && known.extra_roots_file == trust.extra_roots_file
        };
        if let Some((_, tls)) = self.tls.iter().find(|(known, _)| same(known)) {
            return Ok(tls.clone());
        }
        let tls = roots::client_config(trust, true)?;
        self.tls.push((Arc::clone(trust), tls.clone()));
        Ok(tls)
    }
}
