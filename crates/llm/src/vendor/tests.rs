use std::collections::HashSet;

use http::HeaderName;

use super::*;

#[test]
fn rows_are_distinct_and_well_formed() {
    let mut names = HashSet::new();
    for row in VENDORS {
        for name in row.aliases.iter().chain([&row.name]) {
            assert!(names.insert(*name), "{name} twice");
        }
        let url = if row.base_url.is_empty() { row.url_form } else { row.base_url };
        let uri: http::Uri = url.parse().unwrap();
        assert!(uri.host().is_some() && !url.ends_with('/'), "{}: {url}", row.name);
        assert!(!row.also.contains(&row.wire), "{}", row.name);
        if let Some(header) = row.auth.header() {
            assert_eq!(HeaderName::from_static(header).as_str(), header, "{}", row.name);
        }
        if let Some(embedding) = row.embedding {
            assert!(row.wire.embed_protocol().is_some() && embedding.most > 0, "{}", row.name);
        }
    }
}

#[test]
fn rows_stand_in_the_order_of_their_names() {
    assert!(VENDORS.is_sorted_by_key(|row| row.name));
}

/// A vendor as `docs/providers.md` says it.
fn documented(row: &Vendor) -> String {
    let quoted = |names: &[&str], none: &str| {
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        if quoted.is_empty() { none.to_owned() } else { quoted.join(", ") }
    };
    let one = |text: &str, none: &str| if text.is_empty() { none.to_owned() } else { format!("`{text}`") };
    let names = [&[row.name], row.aliases].concat();
    let wires: Vec<&str> = [row.wire].iter().chain(row.also).map(|wire| wire.api()).collect();
    let url = if row.base_url.is_empty() {
        format!("yours: `{}`", row.url_form)
    } else {
        format!("`{}`", row.base_url)
    };
    let embedding =
        row.embedding.map_or("–".to_owned(), |embedding| one(embedding.model, "name the model"));
    let aws: &[&str] = match row.auth {
        Auth::BearerOrAws(_) => &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
        _ => &[],
    };
    let keys = quoted(&[row.key_variables, aws].concat(), "none needed");
    let model = one(row.default_model, "name one");
    format!("| {} | {} | {keys} | {url} | {model} | {embedding} |", quoted(&names, ""), quoted(&wires, ""))
}

/// After a change of the rows, `UPDATE_SNAPSHOTS=1 cargo test -p graphbit-llm documentation` writes them anew.
#[test]
fn the_documentation_has_every_row() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/providers.md");
    let Ok(text) = std::fs::read_to_string(&path) else { return };
    let (before, rest) = text.split_once("| names |").unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let head = "| names | `api` | key | base URL | usual model | usual model for embeddings |\n|---|---|---|---|---|---|";
    let rows: Vec<String> = VENDORS.iter().map(documented).collect();
    let wanted = format!("{before}{head}\n{}\n\n{after}", rows.join("\n"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, wanted).unwrap();
    } else {
        assert_eq!(text, wanted);
    }
}

#[test]
fn a_vendor_is_found_by_any_of_its_names() {
    for (alias, name) in
        [("mistralai", "mistral"), ("togetherai", "together"), ("azure", "azure-openai"), ("xai", "xai")]
    {
        assert_eq!(vendor(alias).unwrap().name, name);
    }
}

#[test]
fn an_unknown_vendor_suggests_the_nearest() {
    for (name, near) in [("opena1", "openai"), ("togetherIA", "togetherai")] {
        let error = vendor(name).unwrap_err();
        assert_eq!(error.code().as_str(), "CONFIG");
        assert!(error.message().contains(&format!("did you mean {near:?}")), "{error}");
    }
}

#[test]
fn a_vendor_names_the_apis_it_has() {
    let openrouter = vendor("openrouter").unwrap();
    for (name, wire) in [
        ("chat-completions", Wire::OpenAiChat),
        ("responses", Wire::OpenAiResponses),
        ("messages", Wire::AnthropicMessages),
    ] {
        assert_eq!(openrouter.api(name).unwrap(), wire);
    }
    assert_eq!(vendor("gemini").unwrap().api("generate-content").unwrap(), Wire::Gemini);
    let error = vendor("openai").unwrap().api("messages").unwrap_err();
    assert_eq!(error.code().as_str(), "CONFIG");
    assert!(error.message().contains("\"chat-completions\" or \"responses\""), "{error}");
}
