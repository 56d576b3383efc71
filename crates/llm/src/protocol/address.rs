//! Where an image or a file is, or its bytes as a `data:` URL (RFC 2397).

use serde::{Serialize, Serializer};

use crate::Media;

/// An address. That of bytes is put together as it is written.
pub(crate) enum Address<'a> {
    Url(&'a str),
    Data { media_type: &'a str, data: &'a str },
}

impl<'a> Address<'a> {
    /// `None` of what was uploaded, which has none.
    pub(crate) fn of(media: &'a Media) -> Option<Self> {
        match media {
            Media::Base64 { media_type, data } => Some(Self::Data { media_type, data }),
            Media::Url { url, .. } => Some(Self::Url(url)),
            Media::Uploaded { .. } => None,
        }
    }
}

impl Serialize for Address<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Url(url) => serializer.serialize_str(url),
            Self::Data { media_type, data } => {
                serializer.collect_str(&format_args!("data:{media_type};base64,{data}"))
            }
        }
    }
}
