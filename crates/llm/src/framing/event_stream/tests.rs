use bytes::Bytes;
use graphbit_core::Error;
use proptest::prelude::*;

use super::{EventStream, crc32};
use crate::framing::fed::{cut_at, fed};
use crate::framing::{Frame, Framing};

const LIMIT: usize = 1 << 20;

fn header(name: &str, kind: u8, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap().to_be_bytes();
    let length: &[u8] = if kind == 6 || kind == 7 { &length } else { &[] };
    [&[u8::try_from(name.len()).unwrap()], name.as_bytes(), &[kind], length, value].concat()
}

fn message(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let total = u32::try_from(headers.len() + payload.len() + 16).unwrap();
    let lengths = [total.to_be_bytes(), u32::try_from(headers.len()).unwrap().to_be_bytes()].concat();
    let prelude = crc32(&lengths).to_be_bytes();
    let start = [&lengths, &prelude[..], headers, payload].concat();
    let sum = crc32(&start).to_be_bytes();
    [start, sum.to_vec()].concat()
}

fn event(name: &str, payload: &[u8]) -> Vec<u8> {
    let headers = [header(":message-type", 7, b"event"), header(":event-type", 7, name.as_bytes())].concat();
    message(&headers, payload)
}

fn frames(pieces: &[&[u8]]) -> (Vec<Frame>, Option<Error>) {
    let (frames, end) = fed(EventStream::new(LIMIT), pieces);
    (frames.into_iter().map(|(_, frame)| frame).collect(), end.err())
}

fn refusal(bytes: &[u8]) -> String {
    let error = frames(&[bytes]).1.expect("refused");
    assert_eq!(error.code().as_str(), "PROTOCOL");
    error.message().to_owned()
}

fn frame(name: Option<&'static str>, data: &'static [u8]) -> Frame {
    let name = name.map(|name| Bytes::from_static(name.as_bytes()));
    Frame { name, data: Bytes::from_static(data), terminated: true }
}

#[test]
fn the_checksum_is_the_published_one() {
    assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    assert_eq!(crc32(b""), 0);
}

#[test]
fn headers_of_every_type_are_stepped_over() {
    let headers = [
        header("a", 0, b""),
        header("b", 1, b""),
        header("c", 2, &[1]),
        header("d", 3, &[1; 2]),
        header("e", 4, &[1; 4]),
        header("f", 5, &[1; 8]),
        header("g", 6, b"bytes"),
        header("h", 8, &[1; 8]),
        header("i", 9, &[1; 16]),
        header(":event-type", 7, b"named"),
    ]
    .concat();
    assert_eq!(frames(&[&message(&headers, b"{}")]).0, [frame(Some("named"), b"{}")]);
    assert_eq!(frames(&[&message(b"", b"")]).0, [frame(None, b"")]);
}

#[test]
fn exceptions_and_errors_have_their_names() {
    let exception =
        [header(":message-type", 7, b"exception"), header(":exception-type", 7, b"throttlingException")];
    let error = [
        header(":message-type", 7, b"error"),
        header(":error-code", 7, b"InternalFailure"),
        header(":error-message", 7, b"boom"),
    ];
    let bytes = [message(&exception.concat(), b"{}"), message(&error.concat(), b"")].concat();
    assert_eq!(
        frames(&[&bytes]).0,
        [frame(Some("throttlingException"), b"{}"), frame(Some("error"), b"InternalFailure: boom")]
    );
}

#[test]
fn any_flipped_bit_is_noticed() {
    let bytes = event("contentBlockDelta", b"{\"delta\":{\"text\":\"hi\"}}");
    for at in 0..bytes.len() * 8 {
        let mut broken = bytes.clone();
        broken[at / 8] ^= 1 << (at % 8);
        refusal(&broken);
    }
}

#[test]
fn lengths_and_headers_that_contradict_themselves_are_refused() {
    let prelude = |total: u32, headers: u32| {
        let lengths = [total.to_be_bytes(), headers.to_be_bytes()].concat();
        [&lengths[..], &crc32(&lengths).to_be_bytes(), &[0; 64]].concat()
    };
    for (total, headers) in [(0, 0), (15, 0), (16, 1), (40, 25), (40, u32::MAX)] {
        assert!(refusal(&prelude(total, headers)).contains("shorter"), "{total} {headers}");
    }
    for headers in
        [&b"\x05ab"[..], b"\x01a", b"\x01a\x07", b"\x01a\x07\x00\x09ab", b"\x01a\x0a", b"\x01a\x09123"]
    {
        assert!(refusal(&message(headers, b"{}")).contains("break off"), "{headers:?}");
    }
    assert!(refusal(b"{\"message\":\"not an event stream\"}").contains("checksum"));
}

#[test]
fn a_message_over_the_limit_is_refused_by_its_prelude_alone_and_reserves_nothing() {
    for total in [1001, 16 << 20, u32::MAX] {
        let lengths = [total.to_be_bytes(), 0_u32.to_be_bytes()].concat();
        let mut stream = EventStream::new(1000);
        stream.push(lengths.clone().into());
        assert!(stream.next().unwrap().is_none());
        stream.push(crc32(&lengths).to_be_bytes().to_vec().into());
        let error = stream.next().unwrap_err();
        assert_eq!(error.code().as_str(), "PROTOCOL");
        assert!(error.message().contains("1000"), "{error}");
        assert!(stream.carry.capacity() < 1000);
    }
}

#[test]
fn a_message_that_has_only_begun_is_no_frame() {
    let bytes = [event("a", b"{}"), event("b", b"{\"x\":1}")].concat();
    let first = event("a", b"{}").len();
    for cut in 0..bytes.len() {
        let (found, error) = frames(&[&bytes[..cut]]);
        assert!(error.is_none());
        assert_eq!(found.len(), usize::from(cut >= first), "at byte {cut}");
    }
}

proptest! {
    #[test]
    fn cut_points_never_change_the_frames(
        events in prop::collection::vec(("[a-zA-Z]{0,12}", prop::collection::vec(any::<u8>(), 0..60)), 0..8),
        cuts in prop::collection::vec(0usize..900, 0..8),
    ) {
        let bytes: Vec<u8> = events.iter().flat_map(|(name, payload)| event(name, payload)).collect();
        let (found, error) = frames(&cut_at(&bytes, cuts));
        prop_assert!(error.is_none());
        let bytewise: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(&found, &frames(&bytewise).0);
        let wanted: Vec<Frame> = events.into_iter().map(|(name, payload)| {
            Frame { name: Some(name.into()), data: payload.into(), terminated: true }
        }).collect();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), headers in prop::collection::vec(any::<u8>(), 0..40)) {
        frames(&[&bytes]);
        frames(&[&message(&headers, &bytes)]);
    }
}
