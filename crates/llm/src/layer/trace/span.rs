//! The span and its fields.

use graphbit_core::Error;
use tracing::field::Empty;
use tracing::{Span, info_span};

use crate::{Event, Settings};

/// A span for a call to a model. `otel.*` are fields that `tracing-opentelemetry` reads.
pub(super) fn open(provider: &str, model: &str) -> Span {
    info_span!(
        "chat",
        otel.name = format_args!("chat {model}"),
        otel.kind = "client",
        otel.status_code = Empty,
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = provider_name(provider),
        gen_ai.request.model = model,
        gen_ai.request.max_tokens = Empty,
        gen_ai.request.temperature = Empty,
        gen_ai.request.top_p = Empty,
        gen_ai.request.seed = Empty,
        gen_ai.request.stop_sequences = Empty,
        gen_ai.response.id = Empty,
        gen_ai.response.model = Empty,
        gen_ai.response.finish_reasons = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        gen_ai.usage.cache_read.input_tokens = Empty,
        gen_ai.usage.cache_creation.input_tokens = Empty,
        gen_ai.usage.reasoning.output_tokens = Empty,
        gen_ai.input.messages = Empty,
        gen_ai.output.messages = Empty,
        server.address = Empty,
        server.port = Empty,
        error.type = Empty,
    )
}

/// What the caller sets.
pub(super) fn ask(span: &Span, settings: &Settings) {
    span.record("gen_ai.request.max_tokens", settings.max_tokens)
        .record("gen_ai.request.temperature", settings.temperature)
        .record("gen_ai.request.top_p", settings.top_p)
        .record("gen_ai.request.seed", settings.seed);
    if !settings.stop.is_empty() {
        span.record("gen_ai.request.stop_sequences", tracing::field::debug(&settings.stop));
    }
}

/// What an event says of the reply.
pub(super) fn tell(span: &Span, event: &Event) {
    match event {
        Event::Started { id, model } => {
            span.record("gen_ai.response.id", id.as_deref())
                .record("gen_ai.response.model", model.as_deref());
        }
        Event::Usage(usage) => {
            span.record("gen_ai.usage.input_tokens", usage.input)
                .record("gen_ai.usage.output_tokens", usage.output)
                .record("gen_ai.usage.cache_read.input_tokens", usage.cached)
                .record("gen_ai.usage.cache_creation.input_tokens", usage.cache_write)
                .record("gen_ai.usage.reasoning.output_tokens", usage.reasoning);
        }
        Event::Finished { reason, .. } => {
            span.record("gen_ai.response.finish_reasons", tracing::field::debug([reason.as_str()]));
        }
        _ => {}
    }
}

/// Why the call failed. The message stays out: it may quote the vendor's words.
pub(super) fn fail(span: &Span, error: &Error) {
    span.record("error.type", error.code().as_str()).record("otel.status_code", "ERROR");
}

/// The conventions' name of a vendor, which is our own for most.
fn provider_name(vendor: &str) -> &str {
    match vendor {
        "azure-openai" => "azure.ai.openai",
        "bedrock" => "aws.bedrock",
        "gemini" => "gcp.gemini",
        "mistral" => "mistral_ai",
        "xai" => "x_ai",
        other => other,
    }
}
