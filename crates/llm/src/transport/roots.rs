//! Whom to trust: `SSL_CERT_FILE` or the platform's roots or, where there are none (slim containers), Mozilla's, which are
//! built in; and `NODE_EXTRA_CA_CERTS` besides. The process's environment is not read here: its host does, on its own thread.

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

/// The roots for `https` URLs; never empty.
pub(super) fn roots(trust: &Trust) -> Result<RootCertStore> {
    let mut store = RootCertStore::empty();
    match &trust.roots_file {
        Some(file) => add(&mut store, "SSL_CERT_FILE", file)?,
        None => {
            // A broken certificate among the platform's must not keep the others out.
            store.add_parsable_certificates(platform());
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
    let broken = |why: &dyn std::fmt::Display| {
        Error::config(format!("{variable} names {file:?}, which cannot be used: {why}"))
    };
    let certificates = CertificateDer::pem_file_iter(Path::new(file)).map_err(|error| broken(&error))?;
    let mut found = 0;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| broken(&error))?;
        store.add(certificate).map_err(|error| broken(&error))?;
        found += 1;
    }
    if found == 0 { Err(broken(&"it holds no certificate in PEM form")) } else { Ok(()) }
}

/// Where the distributions keep their roots, as one file (Go's `crypto/x509/root_linux.go` has the list).
#[cfg(target_os = "linux")]
const BUNDLES: [&str; 7] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/var/lib/ca-certificates/ca-bundle.pem",
];

/// The same as folders, read only where no file is found: on most machines they hold each certificate a second time.
#[cfg(target_os = "linux")]
const FOLDERS: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

/// The platform's roots. Not by `load_native_certs`, which reads the environment by itself.
#[cfg(target_os = "linux")]
fn platform() -> Vec<CertificateDer<'static>> {
    use rustls_native_certs::load_certs_from_paths as load;
    let files = BUNDLES.iter().map(|file| load(Some(Path::new(file)), None));
    let folders = FOLDERS.iter().map(|folder| load(None, Some(Path::new(folder))));
    files.chain(folders).map(|found| found.certs).find(|found| !found.is_empty()).unwrap_or_default()
}

/// The platform's roots: a key chain or a store, not files.
#[cfg(not(target_os = "linux"))]
fn platform() -> Vec<CertificateDer<'static>> {
    rustls_native_certs::load_native_certs().certs
}
