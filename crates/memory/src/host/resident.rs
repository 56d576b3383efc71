//! The resident size, cheaply: a few microseconds, without an allocation.
//!
//! Format: <https://docs.kernel.org/filesystems/proc.html> (`/proc/self/statm`, in pages).

use std::fs::File;
use std::io::Read;

/// Bytes of physical memory that the process occupies; `None` where the system does not say, as anywhere but on Linux. The
/// kernel adds up per-processor counters late: it may be off by some pages for each processor.
pub fn resident_bytes() -> Option<u64> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let mut text = [0_u8; 128];
    let read = File::open("/proc/self/statm").ok()?.read(&mut text).ok()?;
    let text = std::str::from_utf8(text.get(..read)?).ok()?;
    text.split(' ').nth(1)?.parse::<u64>().ok()?.checked_mul(page_bytes()?)
}

/// The size of a page, as the kernel handed it to the process (`AT_PAGESZ` of the auxiliary vector).
fn page_bytes() -> Option<u64> {
    const AT_PAGESZ: usize = 6;
    static PAGE: std::sync::OnceLock<Option<u64>> = std::sync::OnceLock::new();
    *PAGE.get_or_init(|| {
        const WORD: usize = size_of::<usize>();
        let vector = std::fs::read("/proc/self/auxv").ok()?;
        let mut words =
            vector.chunks_exact(WORD).filter_map(|word| Some(usize::from_ne_bytes(word.try_into().ok()?)));
        loop {
            let (key, value) = (words.next()?, words.next()?);
            if key == AT_PAGESZ {
                return u64::try_from(value).ok();
            }
        }
    })
}
