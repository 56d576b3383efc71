//! A streamed reply: wherever it is cut, the same events and the same end; events in order; a success ends with the end.

use fastrand::Rng;
use graphbit_core::Result;
use graphbit_llm::protocol::decode_each;
use graphbit_llm::vendor::Wire;

use super::error::explains;
use super::way::Way;
use super::{Checked, PIECES, constant, too_much, trees};
use crate::cuts::Cuts;
use crate::memory::Gauge;
use crate::order::Order;

/// What one frame may take: the texts in it, their events, and the names of calls, in buffers that double.
const PER_BYTE: u64 = 8;

pub(super) fn check(wire: Wire, limit: usize, input: &[u8], rng: &mut Rng, gauge: &mut Gauge) -> Checked {
    let cuts = Cuts::two(input.len(), rng);
    let [first, second] = &cuts;
    let (mut events, mut way, mut order, mut wrong) = (Vec::new(), Way::default(), Order::default(), Ok(()));
    let end = decode_each(wire.protocol(), limit, first.of(input), |event| {
        way.event(&event);
        if wrong.is_ok() {
            wrong = order.add(&event);
        }
        events.push(event);
    });
    wrong.map_err(|what| format!("order: {what}"))?;
    match &end {
        Ok(()) if !order.is_finished() => return Err("order: a success without its end".to_owned()),
        Err(error) => explains(error)?,
        Ok(()) => {}
    }

    let (piece, frame) = (second.longest(input.len()), input.len().min(limit));
    let allowed = PIECES * piece as u64 + PER_BYTE * frame as u64 + trees(frame, 2) + constant(wire);
    let (mut left, mut same) = (events.iter(), true);
    let (again, most) = gauge.measure(allowed, || {
        decode_each(wire.protocol(), limit, second.of(input), |event| same &= left.next() == Some(&event))
    });
    let words = |end: &Result<()>| end.as_ref().err().map(ToString::to_string);
    if !same || left.next().is_some() || words(&again) != words(&end) {
        return Err(format!("cuts: other events at {:?} than at {:?}, limit {limit}", cuts[1], cuts[0]));
    }
    match most {
        Some(most) => Err(format!("{} at {second:?}, limit {limit}", too_much(most, allowed))),
        None => Ok(way.end(end.err().as_ref())),
    }
}
