//! A reply that comes whole: events in order; a success ends with the end.

use graphbit_llm::protocol::decode_reply;
use graphbit_llm::vendor::Wire;

use super::error::explains;
use super::way::Way;
use super::{Checked, constant, too_much, trees};
use crate::memory::Gauge;
use crate::order::Order;

/// What a body may take: the texts in it and their events, in buffers that double.
const PER_BYTE: u64 = 8;

pub(super) fn check(wire: Wire, input: &[u8], gauge: &mut Gauge) -> Checked {
    let allowed = PER_BYTE * input.len() as u64 + trees(input.len(), 2) + constant(wire);
    let ((events, end), most) = gauge.measure(allowed, || decode_reply(wire.protocol(), input));
    let (mut way, mut order) = (Way::default(), Order::default());
    for event in &events {
        way.event(event);
        order.add(event).map_err(|what| format!("order: {what}"))?;
    }
    match (&end, most) {
        (_, Some(most)) => return Err(too_much(most, allowed)),
        (Ok(()), None) if !order.is_finished() => return Err("order: a success without its end".to_owned()),
        (Err(error), None) => explains(error)?,
        (Ok(()), None) => {}
    }
    Ok(way.end(end.err().as_ref()))
}
