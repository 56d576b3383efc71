//! A hash that is the same everywhere and for ever: 64-bit FNV-1a (Fowler, Noll, Vo). It tells apart
//! what differs by accident, not what was made to collide.

use super::adjacency::Adjacency;

const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

pub(super) fn of<'a>(ids: impl Iterator<Item = &'a str>, successors: &Adjacency) -> u64 {
    let mut hash = BASIS;
    for id in ids {
        hash = bytes(hash, &(id.len() as u64).to_le_bytes());
        hash = bytes(hash, id.as_bytes());
    }
    let (starts, neighbours) = successors.arrays();
    for start in starts {
        hash = bytes(hash, &start.to_le_bytes());
    }
    for neighbour in neighbours {
        hash = bytes(hash, &neighbour.as_u32().to_le_bytes());
    }
    hash
}

fn bytes(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}
