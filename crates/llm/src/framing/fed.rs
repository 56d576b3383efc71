//! For tests: a framing that is fed a body in pieces.

use bytes::Bytes;
use graphbit_core::Result;

use super::{Frame, Framing};

/// The frames, each with the number of bytes after which it was there, and how it ended.
pub(crate) fn fed(mut framing: impl Framing, pieces: &[&[u8]]) -> (Vec<(usize, Frame)>, Result<()>) {
    let (mut frames, mut length) = (Vec::new(), 0);
    for piece in pieces {
        length += piece.len();
        framing.push(Bytes::copy_from_slice(piece));
        loop {
            match framing.next() {
                Ok(Some(frame)) => frames.push((length, frame)),
                Ok(None) => break,
                Err(error) => return (frames, Err(error)),
            }
        }
    }
    frames.extend(framing.finish().map(|frame| (length, frame)));
    (frames, Ok(()))
}

/// The frames alone, of a body that nothing is wrong with.
pub(crate) fn frames(framing: impl Framing, pieces: &[&[u8]]) -> Vec<Frame> {
    let (frames, end) = fed(framing, pieces);
    end.unwrap();
    frames.into_iter().map(|(_, frame)| frame).collect()
}

/// What each frame holds, and whether its end was marked.
pub(super) fn texts(framing: impl Framing, pieces: &[&[u8]]) -> Vec<(String, bool)> {
    let text = |frame: Frame| (String::from_utf8_lossy(&frame.data).into_owned(), frame.terminated);
    frames(framing, pieces).into_iter().map(text).collect()
}

/// A body cut at these places, in any order.
pub(super) fn cut_at(bytes: &[u8], mut cuts: Vec<usize>) -> Vec<&[u8]> {
    cuts.iter_mut().for_each(|cut| *cut = (*cut).min(bytes.len()));
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

/// Whether a framing refuses one of so many equal pieces.
pub(super) fn refuses(framing: &mut impl Framing, piece: &'static [u8], times: usize) -> bool {
    (0..times).any(|_| {
        framing.push(Bytes::from_static(piece));
        framing.next().is_err()
    })
}
