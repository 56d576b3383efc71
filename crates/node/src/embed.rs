//! Embeddings on their way: the request as the facade writes it, the vectors as JavaScript gets them.

use graphbit_core::Result;
use graphbit_llm::{EmbedRequest, Embeddings, Purpose};
use napi::bindgen_prelude::{Float32Array, ToNapiValue};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::client::bad;
use crate::js::{Scope, Value};
use crate::promise::IntoJs;

/// A request as the facade writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireEmbed {
    texts: Vec<String>,
    model: Option<String>,
    dimensions: Option<u32>,
    purpose: Option<Purpose>,
    #[serde(default)]
    extra: Map<String, Json>,
}

pub(crate) fn read(request: &str) -> Result<EmbedRequest> {
    let wire: WireEmbed = serde_json::from_str(request).map_err(bad)?;
    let mut request = EmbedRequest::new(wire.texts);
    (request.model, request.dimensions) = (wire.model, wire.dimensions);
    (request.purpose, request.extra) = (wire.purpose, wire.extra);
    Ok(request)
}

impl IntoJs for Embeddings {
    /// The numbers change hands as they are: V8 counts them as the buffer's, and frees them with it. Only a host that wants
    /// every buffer within its own memory, as Electron does, copies them, in one piece.
    fn into_js(self, scope: Scope) -> napi::Result<Value> {
        let known = json!({ "dimensions": self.dimensions, "model": self.model, "usage": self.usage });
        let values = Float32Array::new(self.values);
        // SAFETY: the environment is current on this thread; the array owns its numbers.
        let values = unsafe { ToNapiValue::to_napi_value(scope.0, values) };
        scope.array([values, scope.string(&known.to_string())].into_iter())
    }
}
