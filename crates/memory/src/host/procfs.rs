//! Reads the `Name:   123 kB` files of Linux' `/proc`.

/// The file's text; `None` on another system, or where a sandbox hides it.
pub(crate) fn read(path: &str) -> Option<String> {
    if cfg!(target_os = "linux") { std::fs::read_to_string(path).ok() } else { None }
}

/// The value of `key`, in bytes; `None` where the line is missing, is no number, or is in another unit.
pub(crate) fn kilobytes(text: &str, key: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    let (number, unit) = rest.trim().split_once(' ')?;
    if unit.trim() != "kB" {
        return None;
    }
    number.parse::<u64>().ok()?.checked_mul(1024)
}
