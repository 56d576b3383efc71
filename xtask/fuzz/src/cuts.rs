//! Where the network cuts a body.

use fastrand::Rng;

/// A larger input is never cut byte by byte: it would take all the time.
const MOST_BYTEWISE: usize = 64 << 10;

/// A way to cut.
#[derive(Clone, Debug)]
pub(crate) enum Cuts {
    Whole,
    Bytewise,
    Once(usize),
    /// Pieces of random lengths up to this, some of them empty.
    Random(Rng, usize),
}

impl Cuts {
    /// Two different ways to cut so many bytes.
    pub(crate) fn two(length: usize, rng: &mut Rng) -> [Self; 2] {
        let first = if rng.bool() { Self::Whole } else { Self::some(length, rng) };
        [first, Self::some(length, rng)]
    }

    fn some(length: usize, rng: &mut Rng) -> Self {
        match rng.u8(0..3) {
            0 if length <= MOST_BYTEWISE => Self::Bytewise,
            1 => Self::Once(rng.usize(0..=length)),
            _ => {
                let least = (length / MOST_BYTEWISE).max(1);
                Self::Random(rng.fork(), least << rng.u32(0..10))
            }
        }
    }

    /// The longest piece of so many bytes.
    pub(crate) fn longest(&self, length: usize) -> usize {
        match self {
            Self::Whole => length,
            Self::Bytewise => length.min(1),
            Self::Once(at) => length.saturating_sub(*at).max(*at),
            Self::Random(_, most) => length.min(*most),
        }
    }

    /// The pieces.
    pub(crate) fn of<'a>(&self, mut body: &'a [u8]) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let (mut cuts, mut ended) = (self.clone(), body.is_empty());
        std::iter::from_fn(move || {
            if ended {
                return None;
            }
            let length = match &mut cuts {
                Self::Whole => body.len(),
                Self::Bytewise => 1,
                Self::Once(at) => std::mem::replace(at, usize::MAX),
                Self::Random(rng, most) => rng.usize(0..=*most),
            };
            let (piece, rest) = body.split_at_checked(length).unwrap_or((body, &[]));
            body = rest;
            ended = body.is_empty();
            Some(piece)
        })
    }
}
