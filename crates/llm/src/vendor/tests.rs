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
