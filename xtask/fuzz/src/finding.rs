//! What was found: the input in a file, and a line that names it.

use std::path::PathBuf;
use std::{fs, io};

/// Writes the input to a file and prints what is wrong with it, where it lies, and how to try it again.
pub(crate) fn report(target: &str, what: &str, input: &[u8]) {
    match save(target, input) {
        Ok(path) => {
            println!("finding in {target}: {what}");
            println!("  {} bytes; again: cargo xtask fuzz {target} --input {}", input.len(), path.display());
        }
        Err(error) => println!("finding in {target}: {what}\n  whose input cannot be written: {error}"),
    }
}

fn save(target: &str, input: &[u8]) -> io::Result<PathBuf> {
    let build = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let dir = build.join("findings");
    fs::create_dir_all(&dir)?;
    let path = dir.join(format!("{target}-{:016x}", hash(input)));
    fs::write(&path, input)?;
    Ok(path)
}

/// What is the same of findings that are the same: where it panicked, or what is wrong, without numbers.
pub(crate) fn class(what: &str) -> String {
    let beginning = what.split([',', '(']).next().unwrap_or_default();
    let is_panic = what.starts_with("panic");
    beginning.chars().filter(|letter| is_panic || !letter.is_ascii_digit()).collect()
}

/// FNV-1a, 64 bits.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

/// A smaller input of which the same is wrong: piece after piece is left out, as long as `is_found` says so. It looks at so
/// many bytes at most.
pub(crate) fn shrink(
    mut input: Vec<u8>,
    mut most_bytes: usize,
    mut is_found: impl FnMut(&[u8]) -> bool,
) -> Vec<u8> {
    let mut length = input.len() / 2;
    while length > 0 {
        let mut at = 0;
        while at < input.len() {
            let mut less = input.clone();
            less.drain(at..(at + length).min(input.len()));
            let Some(left) = most_bytes.checked_sub(less.len()) else { return input };
            most_bytes = left;
            if is_found(&less) {
                input = less;
            } else {
                at += length;
            }
        }
        length /= 2;
    }
    input
}
