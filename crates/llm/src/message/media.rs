//! What is not text: where it is, or its bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// An image or a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", untagged)]
#[non_exhaustive]
pub enum Media {
    /// Its bytes, in base64 (RFC 4648, section 4), as every wire wants them.
    Base64 {
        /// What they are, as in `image/png`.
        media_type: String,
        /// The bytes.
        data: String,
    },
    /// An address that the vendor reads.
    Url {
        /// The address.
        url: String,
        /// What is there, as in `image/png`; some wires ask for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        media_type: Option<String>,
    },
    /// What was uploaded to this vendor before.
    Uploaded {
        /// The vendor's id of it.
        file_id: String,
    },
}

impl Media {
    /// Bytes of a type, as in `image/png`.
    pub fn bytes(media_type: impl Into<String>, bytes: &[u8]) -> Self {
        Self::Base64 { media_type: media_type.into(), data: STANDARD.encode(bytes) }
    }

    /// An address. A `data:` URL in base64 (RFC 2397) is taken for its bytes.
    pub fn url(url: impl Into<String>) -> Self {
        let url = Self::Url { url: url.into(), media_type: None };
        url.unfolded().unwrap_or(url)
    }

    /// The bytes of a `data:` URL: only some wires read one.
    pub(crate) fn unfolded(&self) -> Option<Self> {
        let Self::Url { url, .. } = self else { return None };
        let (head, data) = url.strip_prefix("data:")?.split_once(',')?;
        let media_type = head.strip_suffix(";base64")?.split(';').next()?;
        Some(Self::Base64 { media_type: media_type.to_owned(), data: data.to_owned() })
    }

    /// What it is, where that was said.
    pub fn media_type(&self) -> Option<&str> {
        match self {
            Self::Base64 { media_type, .. } => Some(media_type),
            Self::Url { media_type, .. } => media_type.as_deref(),
            Self::Uploaded { .. } => None,
        }
    }

    /// Checks what no vendor could read: a type that is none, bytes that are not base64, an address that is not absolute.
    pub(crate) fn check(&self) -> Result<(), String> {
        match self {
            Self::Base64 { media_type, .. } if !media_type.contains('/') => {
                Err(format!("mediaType {media_type:?} is not a type such as \"image/png\""))
            }
            Self::Base64 { data, .. } if !is_base64(data.as_bytes()) => {
                Err("the data of an image or a file must be its bytes in base64".to_owned())
            }
            Self::Url { url, .. } if !url.contains(':') => Err(format!(
                "{url:?} is no address of an image or a file: it must be absolute, as in \"https://…\""
            )),
            Self::Uploaded { file_id } if file_id.is_empty() => {
                Err("the fileId of a file is empty".to_owned())
            }
            _ => Ok(()),
        }
    }
}

fn is_base64(data: &[u8]) -> bool {
    let padding = data.iter().rev().take_while(|byte| **byte == b'=').count();
    let known = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    !data.is_empty()
        && data.len().is_multiple_of(4)
        && padding <= 2
        && data.iter().take(data.len() - padding).all(known)
}
