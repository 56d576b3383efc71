//! What this machine can run: the ready-made server asks for a processor and a C library of a certain age.

use crate::{Result, sh};

/// The ready-made server was linked against this glibc.
const GLIBC: (u32, u32) = (2, 35);

/// Why the ready-made server does not run here; `None` where it does.
pub(crate) fn obstacle() -> Option<String> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Some("this is not Linux on x86-64".to_owned());
    }
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let libc = sh::ask(sh::command("getconf").arg("GNU_LIBC_VERSION")).unwrap_or_default();
    judge(&cpu, &libc)
}

fn judge(cpu: &str, libc: &str) -> Option<String> {
    if !cpu.split_whitespace().any(|flag| flag == "avx512f") {
        return Some("this processor has no AVX-512".to_owned());
    }
    match glibc(libc) {
        Some(version) if version >= GLIBC => None,
        Some((major, minor)) => Some(format!("glibc is {major}.{minor}, older than {}.{}", GLIBC.0, GLIBC.1)),
        None => Some("the C library is not glibc".to_owned()),
    }
}

/// From `glibc 2.36`.
fn glibc(said: &str) -> Option<(u32, u32)> {
    let (major, minor) = said.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.split('.').next()?.parse().ok()?))
}

/// Fails where neither the ready-made server nor one built here can be run.
pub(crate) fn require_unix() -> Result {
    if cfg!(unix) { Ok(()) } else { Err("the live test needs Linux or macOS".to_owned()) }
}

#[cfg(test)]
mod tests {
    //! Which machines are told why.

    use super::judge;

    #[test]
    fn a_machine_that_runs_it_and_three_that_do_not() {
        assert_eq!(judge("flags : fpu avx2 avx512f", "glibc 2.36\n"), None);
        assert_eq!(judge("flags : fpu avx2", "glibc 2.36").unwrap(), "this processor has no AVX-512");
        assert_eq!(judge("avx512f", "glibc 2.31").unwrap(), "glibc is 2.31, older than 2.35");
        assert_eq!(judge("avx512f", "").unwrap(), "the C library is not glibc");
    }
}
