//! Whom to trust: `SSL_CERT_FILE` or the platform's roots or, where there are none (slim containers), Mozilla's, which are
//! built in; and `NODE_EXTRA_CA_CERTS` besides.

use std::path::Path;
use std::sync::Arc;

use graphbit_core::{Error, Result};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::config::Trust;

/// The TLS side of a client. Without `https` nothing is read and nobody trusted.
pub(super) fn client_config(trust: &Trust, https: bool) -> Result<ClientConfig> {
    let roots = if https { roots(trust)? } else { RootCertStore::empty() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::internal("TLS could not be set up").caused_by(error))?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

fn roots(trust: &Trust) -> Result<RootCertStore> {
    let mut store = RootCertStore::empty();
    match &trust.roots_file {
        Some(file) => add(&mut store, "SSL_CERT_FILE", file)?,
        None => {
            // A broken certificate among the platform's must not keep the others out.
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if store.is_empty() {
                store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            }
        }
    }
    if let Some(file) = &trust.extra_roots_file {
        add(&mut store, "NODE_EXTRA_CA_CERTS", file)?;
    }
    Ok(store)
}

fn add(store: &mut RootCertStore, variable: &str, file: &str) -> Result<()> {
    let broken = |why: &dyn std::fmt::Display| Error::config(format!("{variable} names {file:?}, which cannot be used: {why}"));
    let certificates = CertificateDer::pem_file_iter(Path::new(file)).map_err(|error| broken(&error))?;
    let mut found = 0;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| broken(&error))?;
        store.add(certificate).map_err(|error| broken(&error))?;
        found += 1;
    }
    if found == 0 { Err(broken(&"it holds no certificate in PEM form")) } else { Ok(()) }
}
