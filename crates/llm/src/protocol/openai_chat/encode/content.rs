//! What a message holds: a text alone as a string, which every server takes; anything else as parts.

use std::borrow::Cow;

use graphbit_core::{Error, Result};
use serde::Serialize;

use crate::protocol::address::Address;
use crate::protocol::cache_marks::CacheControl;
use crate::vendor::{Chat, Files};
use crate::{Media, Part};

/// The content of a message.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Content<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<Marked<'a>>),
}

/// A part, and whether the conversation is worth keeping up to it.
#[derive(Serialize)]
pub(super) struct Marked<'a> {
    #[serde(flatten)]
    piece: Piece<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheControl>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Piece<'a> {
    Text {
        text: Cow<'a, str>,
    },
    ImageUrl {
        image_url: Image<'a>,
    },
    VideoUrl {
        video_url: Image<'a>,
    },
    InputAudio {
        input_audio: Audio<'a>,
    },
    File {
        file: File<'a>,
    },
    /// Of Mistral.
    DocumentUrl {
        document_url: Address<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        document_name: Option<&'a str>,
    },
    /// Of Mistral.
    #[serde(rename = "file")]
    Uploaded {
        file_id: &'a str,
    },
    /// Of Mistral.
    Thinking {
        thinking: [Box<Piece<'a>>; 1],
    },
    Refusal {
        refusal: &'a str,
    },
}

#[derive(Serialize)]
pub(super) struct Image<'a> {
    url: Address<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Audio<'a> {
    Clip {
        data: &'a str,
        format: &'a str,
    },
    /// Of Mistral: the bytes or an address.
    Bare(&'a str),
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum File<'a> {
    Data { filename: &'a str, file_data: Address<'a> },
    Id { file_id: &'a str },
}

impl<'a> Content<'a> {
    /// What a system or a user message says.
    pub(super) fn new(chat: &Chat, parts: &'a [Part]) -> Result<Self> {
        if let [Part::Text { text, .. }] = parts {
            return Ok(Self::Text(Cow::Borrowed(text)));
        }
        let pieces = parts.iter().map(|part| Piece::new(chat, part).map(Marked::from));
        pieces.collect::<Result<_>>().map(Self::Parts)
    }

    /// Marks its last part. What is empty has none.
    pub(super) fn mark(&mut self) {
        if let Self::Text(text) = self
            && !text.is_empty()
        {
            *self = Self::Parts(vec![Piece::Text { text: std::mem::take(text) }.into()]);
        }
        if let Self::Parts(parts) = self
            && let Some(last) = parts.last_mut()
        {
            last.cache_control = Some(CacheControl::Ephemeral);
        }
    }

    /// Adds a paragraph.
    pub(super) fn also(&mut self, paragraph: String) {
        match self {
            Self::Text(text) if text.is_empty() => *text = Cow::Owned(paragraph),
            Self::Text(text) => *text = Cow::Owned(format!("{text}\n\n{paragraph}")),
            Self::Parts(parts) => parts.push(Piece::Text { text: Cow::Owned(paragraph) }.into()),
        }
    }
}

impl<'a> From<Piece<'a>> for Marked<'a> {
    fn from(piece: Piece<'a>) -> Self {
        Self { piece, cache_control: None }
    }
}

impl<'a> Image<'a> {
    fn new(media: &'a Media, detail: Option<&'a str>, what: &str) -> Result<Self> {
        let refused = || unsaid(&format!("{what} by its fileId"), "give its bytes as data, or its url");
        Ok(Self { url: Address::of(media).ok_or_else(refused)?, detail })
    }
}

impl<'a> Piece<'a> {
    fn image(image_url: Image<'a>) -> Self {
        Self::ImageUrl { image_url }
    }

    fn new(chat: &Chat, part: &'a Part) -> Result<Self> {
        match part {
            Part::Text { text, .. } => Ok(Self::Text { text: Cow::Borrowed(text) }),
            Part::Image { media, detail } => {
                Image::new(media, detail.as_deref(), "an image").map(Self::image)
            }
            Part::File { media, name } => Self::file(chat, media, name.as_deref()),
            other => Err(unsaid(&format!("a part of type {:?} here", other.kind()), "leave it out")),
        }
    }

    /// Images, sound and films have parts of their own; whether it takes them, a server says itself.
    fn file(chat: &Chat, media: &'a Media, name: Option<&'a str>) -> Result<Self> {
        let (kind, subtype) = media.media_type().and_then(|kind| kind.split_once('/')).unwrap_or_default();
        match (kind, media, chat.files) {
            ("image", _, _) => Image::new(media, None, "an image").map(Self::image),
            ("video", _, _) => {
                Image::new(media, None, "a film").map(|video_url| Self::VideoUrl { video_url })
            }
            ("audio", Media::Base64 { data, .. } | Media::Url { url: data, .. }, Files::Documents) => {
                Ok(Self::InputAudio { input_audio: Audio::Bare(data) })
            }
            ("audio", Media::Base64 { data, .. }, _) => {
                let format = match subtype {
                    "mpeg" => "mp3",
                    "wave" | "vnd.wave" => "wav",
                    other => other.strip_prefix("x-").unwrap_or(other),
                };
                Ok(Self::InputAudio { input_audio: Audio::Clip { data, format } })
            }
            ("audio", Media::Url { .. }, _) => Err(unsaid("sound by its url", "give its bytes as data")),
            (_, Media::Uploaded { file_id }, Files::Documents) => Ok(Self::Uploaded { file_id }),
            (_, Media::Uploaded { file_id }, _) => Ok(Self::File { file: File::Id { file_id } }),
            (_, Media::Url { .. }, Files::Parts) => {
                Err(unsaid("a file by its url", "give its bytes as data, or upload it and give its fileId"))
            }
            (_, media, files) => {
                let Some(address) = Address::of(media) else {
                    return Err(unsaid("a file of this kind", "give its bytes as data"));
                };
                if files == Files::Documents {
                    return Ok(Self::DocumentUrl { document_url: address, document_name: name });
                }
                // A name must be there, and tells the kind.
                let filename = name.unwrap_or(if subtype == "pdf" { "file.pdf" } else { "file" });
                Ok(Self::File { file: File::Data { filename, file_data: address } })
            }
        }
    }
}

/// What the wire has no words for.
pub(super) fn unsaid(what: &str, instead: &str) -> Error {
    Error::invalid_input(format!("chat completions cannot send {what}: {instead}"))
}
