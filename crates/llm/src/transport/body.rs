//! How far a body goes on its connection (RFC 9112, sections 6 and 7), and what of the bytes that arrive is the body's.

#[cfg(test)]
mod tests;

use std::io;

use super::head::invalid;

/// The most bytes of one chunk's extensions, and of the trailers; nobody reads either.
const LONGEST_ASIDE: usize = 16 << 10;

/// The most digits of a chunk's length: as many as the longest there can be has.
const MOST_DIGITS: u8 = 16;

/// What of a body is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// So many bytes.
    Bytes(u64),
    /// Chunks, each after its length.
    Chunks(Chunk),
    /// All there is until the connection ends.
    ToTheEnd,
}

/// Where in a chunk the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunk {
    /// In its length, of which so many digits were read.
    Length { so_far: u64, digits: u8 },
    /// In what stands behind its length.
    Extension { length: u64, read: usize },
    /// Before the line's end behind its length.
    LineEnd { length: u64 },
    /// In its data.
    Data { left: u64 },
    /// Behind its data: before one of the line's two bytes.
    Behind { byte: u8 },
    /// Behind the last chunk: in a line of trailers, which is empty so far, or not.
    Trailers { is_empty: bool, read: usize },
    /// Behind it all.
    End,
}

impl Extent {
    pub(super) fn chunked() -> Self {
        Self::Chunks(Chunk::Length { so_far: 0, digits: 0 })
    }

    /// Whether nothing of the body is to come.
    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Bytes(0) | Self::Chunks(Chunk::End))
    }

    /// Whether the body may end where the connection does.
    pub(super) fn may_end(&self) -> bool {
        self.is_over() || *self == Self::ToTheEnd
    }

    /// Takes so many bytes, or as many of them as belong to a body without chunks, and gives their number; `None` where it has
    /// some.
    pub(super) fn take_plain(&mut self, bytes: usize) -> Option<usize> {
        match self {
            Self::ToTheEnd => Some(bytes),
            Self::Bytes(left) => Some(taken(left, bytes)),
            Self::Chunks(_) => None,
        }
    }

    /// Takes what belongs to the body from the beginning of `input`: its data is added to `out`. Gives how many bytes that were, all
    /// of them unless the body is over.
    ///
    /// # Errors
    /// `InvalidData` where the chunks are none.
    pub(super) fn take(&mut self, input: &[u8], out: &mut Vec<u8>) -> io::Result<usize> {
        match self {
            Self::ToTheEnd => {
                out.extend_from_slice(input);
                Ok(input.len())
            }
            Self::Bytes(left) => Ok(data(left, input, out)),
            Self::Chunks(chunk) => {
                let mut at = 0;
                while let (false, Some(rest @ [byte, ..])) = (*chunk == Chunk::End, input.get(at..)) {
                    if let Chunk::Data { left } = chunk {
                        at += data(left, rest, out);
                        if *left == 0 {
                            *chunk = Chunk::Behind { byte: b'\r' };
                        }
                    } else {
                        *chunk = chunk.after(*byte)?;
                        at += 1;
                    }
                }
                Ok(at)
            }
        }
    }
}

impl Chunk {
    /// Where the byte leads that comes next, outside of data.
    fn after(self, byte: u8) -> io::Result<Self> {
        Ok(match (self, byte) {
            (Self::Length { so_far, digits }, _) if byte.is_ascii_hexdigit() && digits < MOST_DIGITS => {
                let digit = char::from(byte).to_digit(16).map_or(0, u64::from);
                let so_far = so_far.checked_mul(16).and_then(|high| high.checked_add(digit));
                let so_far = so_far.ok_or_else(|| invalid("a chunk is longer than anything can be"))?;
                Self::Length { so_far, digits: digits + 1 }
            }
            (Self::Length { digits: 0, .. }, _) => return Err(invalid("a chunk has no length")),
            (Self::Length { so_far: length, .. }, b';' | b' ' | b'\t') => Self::Extension { length, read: 0 },
            (Self::Length { so_far: length, .. } | Self::Extension { length, .. }, b'\r') => {
                Self::LineEnd { length }
            }
            (Self::Extension { length, read }, _) if byte != b'\n' => {
                Self::Extension { length, read: aside(read)? }
            }
            (Self::LineEnd { length: 0 }, b'\n') => Self::Trailers { is_empty: true, read: 0 },
            (Self::LineEnd { length: left }, b'\n') => Self::Data { left },
            (Self::Behind { byte: b'\r' }, b'\r') => Self::Behind { byte: b'\n' },
            (Self::Behind { byte: b'\n' }, b'\n') => Self::Length { so_far: 0, digits: 0 },
            (Self::Trailers { is_empty: true, .. }, b'\n') => Self::End,
            (Self::Trailers { read, .. }, b'\n') => Self::Trailers { is_empty: true, read: aside(read)? },
            (Self::Trailers { is_empty, read }, b'\r') => Self::Trailers { is_empty, read: aside(read)? },
            (Self::Trailers { read, .. }, _) => Self::Trailers { is_empty: false, read: aside(read)? },
            _ => return Err(invalid("the reply's chunks are broken")),
        })
    }
}

/// Takes data of which so much is left.
fn data(left: &mut u64, input: &[u8], out: &mut Vec<u8>) -> usize {
    let most = taken(left, input.len());
    out.extend_from_slice(input.get(..most).unwrap_or_default());
    most
}

fn taken(left: &mut u64, bytes: usize) -> usize {
    let most = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes);
    *left -= most as u64;
    most
}

fn aside(read: usize) -> io::Result<usize> {
    if read < LONGEST_ASIDE {
        Ok(read + 1)
    } else {
        Err(invalid("the reply's chunks tell more than their data"))
    }
}
