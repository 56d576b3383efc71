//! What makes two requests the same.

use std::collections::hash_map::{DefaultHasher, RandomState};
use std::hash::{BuildHasher, Hasher};
use std::io;

use graphbit_core::{Error, Result};
use serde::Serialize;

use crate::model::Prepared;
use crate::{ModelInfo, Request};

/// 128 bits of SipHash under two secret keys (J.-P. Aumasson and D. Bernstein, "SipHash: a fast short-input PRF", 2012): nobody
/// who does not know them can make two requests the same, and a chance of one in 2⁶⁴ needs four billion entries.
pub(super) type Key = (u64, u64);

/// The secret keys.
#[derive(Default)]
pub(super) struct Keys(RandomState, RandomState);

impl Keys {
    /// # Errors
    /// `INVALID_INPUT` for a request that JSON cannot hold.
    pub(super) fn of(&self, info: &ModelInfo, prepared: &Prepared) -> Result<Key> {
        let mut digest = Digest(self.0.build_hasher(), self.1.build_hasher());
        digest.text(info.provider.as_bytes());
        digest.text(prepared.model().unwrap_or(&info.model).as_bytes());
        match prepared.as_encoded() {
            Ok(encoded) => {
                let request = encoded.request();
                digest.text(request.method().as_str().as_bytes());
                digest.text(request.uri().to_string().as_bytes());
                digest.text(request.body());
            }
            Err(request) => digest.request(request)?,
        }
        Ok((digest.0.finish(), digest.1.finish()))
    }
}

struct Digest(DefaultHasher, DefaultHasher);

impl Digest {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
        self.1.write(bytes);
    }

    /// With its length, so that nothing runs into what follows.
    fn text(&mut self, bytes: &[u8]) {
        self.bytes(&bytes.len().to_le_bytes());
        self.bytes(bytes);
    }

    /// Every field: a new one has to be thought of here.
    fn request(&mut self, request: &Request) -> Result<()> {
        let Request {
            messages,
            settings,
            tools,
            tool_choice,
            parallel_tool_calls,
            output,
            model,
            streamed,
            extra,
        } = request;
        self.json(&(messages, settings, model, streamed, extra))?;
        self.json(&(tools, tool_choice, parallel_tool_calls, output))
    }

    fn json(&mut self, value: &impl Serialize) -> Result<()> {
        serde_json::to_writer(self, value).map_err(|error| {
            Error::invalid_input("the request holds a value that JSON cannot, so that it cannot be cached")
                .caused_by(error)
        })
    }
}

impl io::Write for &mut Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
