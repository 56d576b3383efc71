use std::process::Command;
use std::time::Instant;

use super::roots::{client_config, roots};
use crate::config::Trust;

#[test]
fn the_platforms_roots_are_trusted_and_there_are_always_some() {
    let start = Instant::now();
    let store = roots(&Trust::default()).unwrap();
    println!("{} roots in {:?}", store.len(), start.elapsed());
    assert!(!store.is_empty());
}

#[test]
fn without_https_nobody_is_trusted_and_no_file_is_read() {
    let trust = Trust { roots_file: Some("/no/such/file".into()), ..Trust::default() };
    assert!(client_config(&trust, false).is_ok());
    assert!(client_config(&trust, true).is_err());
}

/// Runs only within [`roots_are_built_in_where_the_machine_has_none`].
#[test]
fn bundled_roots_alone() {
    if std::env::var_os("GRAPHBIT_TEST_NO_ROOTS").is_some() {
        let store = roots(&Trust::default()).unwrap();
        assert_eq!(store.len(), webpki_roots::TLS_SERVER_ROOTS.len());
    }
}

#[test]
fn roots_are_built_in_where_the_machine_has_none() {
    let hide = "for place in /etc/ssl /etc/pki /var/lib/ca-certificates; do \
                if [ -d $place ]; then mount -t tmpfs none $place || exit 77; fi; done; mkdir -p /etc/ssl/certs; \
                exec \"$0\" --exact transport::tests::bundled_roots_alone";
    let this = std::env::current_exe().unwrap();
    let run = Command::new("unshare")
        .env("GRAPHBIT_TEST_NO_ROOTS", "1")
        .args(["--mount", "sh", "-c", hide])
        .arg(this)
        .output();
    match run {
        Ok(run) if run.status.success() => {
            let out = String::from_utf8_lossy(&run.stdout);
            assert!(out.contains("1 passed"), "{out}");
        }
        Ok(run) if run.status.code() == Some(101) => panic!("{}", String::from_utf8_lossy(&run.stdout)),
        _ => println!("skipped: needs unshare and the right to mount"),
    }
}
