//! A framing: wherever the body is cut, the same frames and the same end; none larger than the limit, and
//! in all no more bytes than came.

use bytes::Bytes;
use fastrand::Rng;
use graphbit_core::Result;
use graphbit_llm::framing::{Frame, Framing};

use super::way::Way;
use super::{Checked, PIECES, too_much};
use crate::cuts::Cuts;
use crate::memory::Gauge;

/// What a framing may hold: the bytes of one frame, in a buffer that doubles, and where it joins lines twice.
const PER_BYTE: u64 = 4;
const CONSTANT: u64 = 128 << 10;

pub(super) fn check(
    framing: fn(usize) -> Box<dyn Framing>,
    limit: usize,
    input: &[u8],
    rng: &mut Rng,
    gauge: &mut Gauge,
) -> Checked {
    let cuts = Cuts::two(input.len(), rng);
    let [first, second] = &cuts;
    let (mut frames, mut way, mut held, mut wrong) = (Vec::<Frame>::new(), Way::default(), 0, None);
    let end = read(framing(limit), first.of(input), |frame| {
        let size = frame.data.len() + frame.name.as_ref().map_or(0, Bytes::len);
        held += size;
        if size > limit {
            wrong = Some(format!("limit: a frame of {size} bytes, with a limit of {limit}"));
        }
        way.add(
            1 + usize::from(frame.terminated)
                + 2 * usize::from(frame.name.is_some())
                + 4 * usize::from(size == 0),
        );
        frames.push(frame);
    });
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    if held > input.len() {
        return Err(format!("order: {held} bytes in frames, of {} that came", input.len()));
    }

    let (piece, frame) = (second.longest(input.len()), input.len().min(limit));
    let allowed = PIECES * piece as u64 + PER_BYTE * frame as u64 + CONSTANT;
    let (mut left, mut same) = (frames.iter(), true);
    let (again, most) = gauge.measure(allowed, || {
        read(framing(limit), second.of(input), |frame| same &= left.next() == Some(&frame))
    });
    let words = |end: &Result<()>| end.as_ref().err().map(ToString::to_string);
    if !same || left.next().is_some() || words(&again) != words(&end) {
        return Err(format!("cuts: other frames at {:?} than at {:?}, limit {limit}", cuts[1], cuts[0]));
    }
    match most {
        Some(most) => Err(format!("{} at {second:?}, limit {limit}", too_much(most, allowed))),
        None => Ok(way.end(end.err().as_ref())),
    }
}

fn read<'a>(
    mut framing: Box<dyn Framing>,
    pieces: impl Iterator<Item = &'a [u8]>,
    mut hand_on: impl FnMut(Frame),
) -> Result<()> {
    for piece in pieces {
        framing.push(Bytes::copy_from_slice(piece));
        while let Some(frame) = framing.next()? {
            hand_on(frame);
        }
    }
    framing.finish().into_iter().for_each(hand_on);
    Ok(())
}
