use proptest::prelude::*;

use super::Extent;

/// Reads a body in the given pieces: its data, and how many bytes were left behind its end.
fn take(mut extent: Extent, pieces: &[&[u8]]) -> std::io::Result<(Vec<u8>, usize, Extent)> {
    let (mut data, mut left) = (Vec::new(), 0);
    for piece in pieces {
        left += piece.len() - extent.take(piece, &mut data)?;
    }
    Ok((data, left, extent))
}

fn chunks(text: &str) -> std::io::Result<(Vec<u8>, usize, Extent)> {
    take(Extent::chunked(), &[text.as_bytes()])
}

#[test]
fn a_length_is_taken_and_no_more() {
    let (data, left, extent) = take(Extent::Bytes(5), &[b"ab", b"cdeXY"]).unwrap();
    assert_eq!((data.as_slice(), left, extent.is_over()), (&b"abcde"[..], 2, true));
    let (_, _, extent) = take(Extent::Bytes(5), &[b"ab"]).unwrap();
    assert!(!extent.may_end());
    let (data, left, extent) = take(Extent::ToTheEnd, &[b"ab", b"c"]).unwrap();
    assert_eq!((data.as_slice(), left, extent.is_over(), extent.may_end()), (&b"abc"[..], 0, false, true));
}

#[test]
fn chunks_are_put_together_without_what_else_is_said() {
    let (data, left, extent) =
        chunks("4;a=\"b\"\r\nWiki\r\n0A \r\npedia in\r\n\r\n000\r\nx: y\r\nz:\r\n\r\nHTTP").unwrap();
    assert_eq!((data.as_slice(), left, extent.is_over()), (&b"Wikipedia in\r\n"[..], 4, true));
    for cut in ["4", "4\r\nWi", "4\r\nWiki\r\n", "4\r\nWiki\r\n0\r\n", "4\r\nWiki\r\n0\r\n\r"] {
        assert!(!chunks(cut).unwrap().2.may_end(), "{cut}");
    }
}

#[test]
fn broken_chunks_are_refused() {
    for text in [
        "\r\n",
        "x\r\n",
        "-1\r\n",
        "4\nWiki",
        "4\r\nWikiX",
        "4\r\nWiki\r4",
        "fffffffffffffffff\r\n",
        "4;a\nWiki",
    ] {
        assert!(chunks(text).is_err(), "{text}");
    }
    assert!(chunks(&"0".repeat(17)).is_err(), "zeros without end are no length");
    assert!(chunks(&format!("4;{}", "x".repeat(20_000))).is_err());
    assert!(chunks(&format!("0\r\n{}", "x: y\r\n".repeat(4_000))).is_err());
}

/// The wire's bytes, cut there.
fn pieces<'w>(wire: &'w [u8], cuts: &[prop::sample::Index]) -> Vec<&'w [u8]> {
    let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(wire.len())).chain([0, wire.len()]).collect();
    at.sort_unstable();
    at.windows(2).map(|pair| &wire[pair[0]..pair[1]]).collect()
}

/// A byte that may mean something among chunks, or any.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![prop::sample::select(&b"\r\n;: 0af"[..]), any::<u8>()]
}

proptest! {
    #[test]
    fn it_does_not_matter_where_chunks_are_cut(
        parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..8),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
    ) {
        let mut wire = Vec::new();
        for part in &parts {
            wire.extend(format!("{:x}\r\n", part.len()).into_bytes());
            wire.extend_from_slice(part);
            wire.extend(b"\r\n");
        }
        wire.extend(b"0\r\n\r\n");
        let (data, left, extent) = take(Extent::chunked(), &pieces(&wire, &cuts)).unwrap();
        prop_assert_eq!((data, left, extent.is_over()), (parts.concat(), 0, true));
    }

    #[test]
    fn damaged_chunks_are_read_the_same_wherever_they_are_cut(
        damage in prop::collection::vec((any::<prop::sample::Index>(), byte(), any::<bool>()), 0..4),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
    ) {
        let mut wire = b"4;a=\"b\"\r\nWiki\r\n0A \r\npedia in\r\n\r\n000\r\nx: y\r\nz:\r\n\r\nHTTP".to_vec();
        for (at, byte, is_added) in damage {
            let at = at.index(wire.len());
            if is_added { wire.insert(at, byte) } else { wire[at] = byte }
        }
        let said = |read: std::io::Result<_>| read.map_err(|error| error.to_string());
        let at_once = said(take(Extent::chunked(), &[&wire]));
        prop_assert_eq!(&said(take(Extent::chunked(), &pieces(&wire, &cuts))), &at_once);
        if let Ok((data, left, _)) = at_once {
            prop_assert!(data.len() + left <= wire.len());
        }
    }

    #[test]
    fn whatever_arrives_nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = take(Extent::chunked(), &[&bytes]);
        let _ = super::super::head::read(&mut bytes.clone(), 0);
    }
}
