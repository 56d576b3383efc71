//! Images, documents, sounds and videos. Their formats have names of their own.
//! Source: Amazon Bedrock API reference, "ImageBlock", "DocumentBlock", "AudioBlock", "VideoBlock".

use std::collections::HashSet;

use graphbit_core::{Error, Result};
use serde::Serialize;

use super::messages::Block;
use crate::Media;

/// The longest name of a document.
const LONGEST_NAME: usize = 200;

/// An image, a document, a sound or a video.
#[derive(Serialize)]
pub(super) struct Medium<'a> {
    format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    source: Source<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Source<'a> {
    Bytes(&'a str),
    S3Location { uri: &'a str },
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Image,
    Document,
    Audio,
    Video,
}

/// Media types, the ends of file names that stand for them, and what Bedrock calls both.
const FORMATS: &[(Kind, &str, &[&str], &str)] = &[
    (Kind::Image, "image/png", &["png"], "png"),
    (Kind::Image, "image/jpeg", &["jpg", "jpeg"], "jpeg"),
    (Kind::Image, "image/jpg", &[], "jpeg"),
    (Kind::Image, "image/gif", &["gif"], "gif"),
    (Kind::Image, "image/webp", &["webp"], "webp"),
    (Kind::Document, "application/pdf", &["pdf"], "pdf"),
    (Kind::Document, "text/csv", &["csv"], "csv"),
    (Kind::Document, "application/msword", &["doc"], "doc"),
    (
        Kind::Document,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        &["docx"],
        "docx",
    ),
    (Kind::Document, "application/vnd.ms-excel", &["xls"], "xls"),
    (Kind::Document, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"], "xlsx"),
    (Kind::Document, "text/html", &["html", "htm"], "html"),
    (Kind::Document, "text/plain", &["txt"], "txt"),
    (Kind::Document, "text/markdown", &["md"], "md"),
    (Kind::Audio, "audio/mpeg", &["mp3"], "mp3"),
    (Kind::Audio, "audio/mp3", &[], "mp3"),
    (Kind::Audio, "audio/wav", &["wav"], "wav"),
    (Kind::Audio, "audio/x-wav", &[], "wav"),
    (Kind::Audio, "audio/flac", &["flac"], "flac"),
    (Kind::Audio, "audio/ogg", &["ogg"], "ogg"),
    (Kind::Audio, "audio/opus", &["opus"], "opus"),
    (Kind::Audio, "audio/aac", &["aac"], "aac"),
    (Kind::Audio, "audio/mp4", &["m4a"], "m4a"),
    (Kind::Audio, "audio/webm", &[], "webm"),
    (Kind::Video, "video/mp4", &["mp4"], "mp4"),
    (Kind::Video, "video/quicktime", &["mov"], "mov"),
    (Kind::Video, "video/x-matroska", &["mkv"], "mkv"),
    (Kind::Video, "video/webm", &["webm"], "webm"),
    (Kind::Video, "video/mpeg", &["mpeg", "mpg"], "mpeg"),
    (Kind::Video, "video/x-ms-wmv", &["wmv"], "wmv"),
    (Kind::Video, "video/x-flv", &["flv"], "flv"),
    (Kind::Video, "video/3gpp", &["3gp"], "three_gp"),
];

impl<'a> Medium<'a> {
    /// The block of an image.
    pub(super) fn image(media: &'a Media) -> Result<Block<'a>> {
        let source = Source::of(media, "an image")?;
        match format(media, None) {
            Some((Kind::Image, format)) => Ok(Block::Image(Self { format, name: None, source })),
            _ => Err(unknown("an image", media, "image/png, image/jpeg, image/gif or image/webp")),
        }
    }

    /// The block of a file, by what it is.
    pub(super) fn file(media: &'a Media, name: Option<&str>, names: &mut Names) -> Result<Block<'a>> {
        let source = Source::of(media, "a file")?;
        let Some((kind, format)) = format(media, name) else {
            return Err(unknown(
                "a file",
                media,
                "application/pdf, text/plain, text/csv, audio/wav or video/mp4",
            ));
        };
        let plain = |source| Self { format, name: None, source };
        Ok(match kind {
            Kind::Image => Block::Image(plain(source)),
            Kind::Audio => Block::Audio(plain(source)),
            Kind::Video => Block::Video(plain(source)),
            Kind::Document => Block::Document(Self { name: Some(names.next(name)), ..plain(source) }),
        })
    }
}

impl<'a> Source<'a> {
    fn of(media: &'a Media, what: &str) -> Result<Self> {
        match media {
            Media::Base64 { data, .. } => Ok(Self::Bytes(data)),
            Media::Url { url, .. } if url.starts_with("s3://") => Ok(Self::S3Location { uri: url }),
            Media::Url { .. } => Err(Error::invalid_input(format!(
                "Bedrock's Converse wire fetches {what} from s3:// addresses only: pass its bytes"
            ))),
            Media::Uploaded { .. } => Err(Error::invalid_input(format!(
                "Bedrock's Converse wire has no uploaded files: pass the bytes of {what}"
            ))),
        }
    }
}

/// What something is, by its media type, else by the end of its name or address.
fn format(media: &Media, name: Option<&str>) -> Option<(Kind, &'static str)> {
    let address = match media {
        Media::Url { url, .. } => Some(url.as_str()),
        _ => None,
    };
    let end = |name: &str| name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    let said =
        media.media_type().map(|kind| kind.split(';').next().unwrap_or(kind).trim().to_ascii_lowercase());
    let end = name.or(address).and_then(end);
    let by_type = FORMATS.iter().find(|(_, known, _, _)| said.as_deref() == Some(*known));
    let by_end =
        || FORMATS.iter().find(|(_, _, ends, _)| end.as_deref().is_some_and(|end| ends.contains(&end)));
    by_type.or_else(by_end).map(|(kind, _, _, format)| (*kind, *format))
}

fn unknown(what: &str, media: &Media, known: &str) -> Error {
    let kind = media.media_type().unwrap_or("unknown type");
    Error::invalid_input(format!(
        "Bedrock's Converse wire takes no {what} of {kind:?}: convert it, or set its mediaType, to one such as {known}",
        what = what.trim_start_matches("an ").trim_start_matches("a ")
    ))
}

/// The names of a request's documents: every one has another, and none holds what Bedrock refuses.
#[derive(Default)]
pub(super) struct Names(HashSet<String>);

impl Names {
    /// A name that no document before has, as near to this one as can be.
    fn next(&mut self, name: Option<&str>) -> String {
        let base = plain(name.unwrap_or_default());
        let mut name = base.clone();
        for number in 2.. {
            if self.0.insert(name.clone()) {
                break;
            }
            name = format!("{base} ({number})");
        }
        name
    }
}

/// Letters, digits, single spaces, hyphens, parentheses and brackets of a name, without the end that says its format.
fn plain(name: &str) -> String {
    let ends =
        |end: &str| FORMATS.iter().any(|(_, _, ends, _)| ends.contains(&end.to_ascii_lowercase().as_str()));
    let name = name.rsplit_once('.').filter(|(_, end)| ends(end)).map_or(name, |(name, _)| name);
    let kept: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-()[]".contains(c) { c } else { ' ' })
        .take(LONGEST_NAME - 8) // room for a number
        .collect();
    let words: Vec<&str> = kept.split_whitespace().collect();
    if words.is_empty() { "document".to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests;
