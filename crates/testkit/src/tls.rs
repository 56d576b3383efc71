//! A certificate authority of one's own, made at run time: nothing secret is ever stored.
//!
//! Only the root's PEM leaves it, for clients to trust. Which clients do is theirs to say.

use std::fmt;
use std::io;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// A private root, and a server certificate it signed for `localhost` and `127.0.0.1`.
#[derive(Clone)]
pub struct Authority {
    root_pem: String,
    acceptor: TlsAcceptor,
}

impl Authority {
    /// Makes new keys and certificates.
    ///
    /// # Errors
    /// When the system has no randomness or a certificate cannot be made.
    pub fn new() -> io::Result<Self> {
        let mut root = CertificateParams::default();
        root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        root.distinguished_name.push(DnType::CommonName, "graphbit-testkit root");
        let root = CertifiedIssuer::self_signed(root, KeyPair::generate().map_err(io::Error::other)?)
            .map_err(io::Error::other)?;

        let key = KeyPair::generate().map_err(io::Error::other)?;
        let mut server = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()])
            .map_err(io::Error::other)?;
        server.distinguished_name.push(DnType::CommonName, "localhost");
        let certificate = server.signed_by(&key, &root).map_err(io::Error::other)?;

        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { root_pem: root.pem(), acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    /// The root certificate to trust, as PEM.
    pub fn root_pem(&self) -> &str {
        &self.root_pem
    }

    pub(crate) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}
