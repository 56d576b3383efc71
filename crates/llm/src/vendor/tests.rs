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
