//! Images and files, by their bytes or by their address.

use graphbit_core::{Error, Result};
use serde::Serialize;

use super::messages::Payload;
use crate::{Media, Part, ToolResult};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Blob<'a> {
    mime_type: &'a str,
    data: &'a str,
}

/// An address: of a public file, of one in Cloud Storage, or of an upload.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<&'a str>,
    file_uri: &'a str,
}

pub(super) fn media(media: &Media) -> Payload<'_> {
    match media {
        Media::Base64 { media_type, data } => Payload::InlineData(Blob { mime_type: media_type, data }),
        Media::Url { url, media_type } => Payload::FileData(FileData {
            mime_type: media_type.as_deref().or_else(|| guessed(url)),
            file_uri: url,
        }),
        Media::Uploaded { file_id } => {
            Payload::FileData(FileData { mime_type: guessed(file_id), file_uri: file_id })
        }
    }
}

/// The images and files in what a tool gave.
///
/// # Errors
/// `INVALID_INPUT` where the model takes none, or only bytes.
pub(super) fn in_result(result: &ToolResult, taken: bool) -> Result<Vec<Payload<'_>>> {
    let refused = |kind: &str, why: &str| {
        Error::invalid_input(format!(
            "the result of tool {:?} holds a part of type {kind:?}: {why}",
            result.name
        ))
    };
    let held = result.content.iter().filter_map(|part| match part {
        Part::Image { media, .. } | Part::File { media, .. } => Some((part.kind(), media)),
        _ => None,
    });
    held.map(|(kind, of)| match media(of) {
        _ if !taken => Err(refused(
            kind,
            "Gemini takes them there from its third generation on; use such a model, or put the part into a user message after the results",
        )),
        bytes @ Payload::InlineData(_) => Ok(bytes),
        _ => Err(refused(kind, "Gemini takes only bytes there; give its bytes instead of an address")),
    })
    .collect()
}

/// What is at an address by how its path ends: Vertex AI wants to be told.
fn guessed(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next()?;
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    Some(match &*ending.to_ascii_lowercase() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "heic" => "image/heic",
        "heif" => "image/heif",
        "gif" => "image/gif",
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "mov" => "video/quicktime",
        _ => return None,
    })
}
