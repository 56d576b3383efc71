//! What every package's `Cargo.toml` keeps to: the workspace's lints, and features that name no vendor.

use super::Finding;
use crate::cargo::Package;

/// Vendors of models; a vendor is a row of data, so none needs a feature.
const VENDORS: &[&str] = &[
    "ai21",
    "alibaba",
    "anthropic",
    "aws",
    "azure",
    "bedrock",
    "cerebras",
    "claude",
    "cohere",
    "copilot",
    "dashscope",
    "deepseek",
    "fireworks",
    "gemini",
    "github",
    "google",
    "gpt",
    "grok",
    "groq",
    "huggingface",
    "llamacpp",
    "lmstudio",
    "meta",
    "minimax",
    "mistral",
    "moonshot",
    "nvidia",
    "ollama",
    "openai",
    "openrouter",
    "perplexity",
    "qwen",
    "replicate",
    "sambanova",
    "together",
    "vertex",
    "vllm",
    "xai",
    "zhipu",
];

/// Whether the package takes the workspace's lints.
pub(crate) fn lints(package: &str, manifest: &str) -> Option<Finding> {
    let mut section = "";
    let inherits = manifest.lines().map(compact).any(|line| {
        if line.starts_with('[') {
            section = if line.starts_with("[lints]") { "lints" } else { "" };
        }
        line == "lints.workspace=true"
            || line == "lints={workspace=true}"
            || (section == "lints" && line == "workspace=true")
    });
    (!inherits).then(|| format!("{package}: its Cargo.toml lacks `[lints] workspace = true`"))
}

fn compact(line: &str) -> String {
    line.split('#').next().unwrap_or_default().split_whitespace().collect()
}

/// Features named after a vendor.
pub(crate) fn features(packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        for feature in &package.features {
            let word = feature.to_lowercase();
            if let Some(vendor) =
                VENDORS.iter().find(|vendor| word.split(['-', '_']).any(|part| part == **vendor))
            {
                findings.push(format!(
                    "{}: feature `{feature}` is named after a vendor ({vendor})",
                    package.name
                ));
            }
        }
    }
    findings
}
