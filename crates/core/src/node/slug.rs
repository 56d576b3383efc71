//! Ids made from names: `Draft writer!` becomes `draft-writer`.

/// Letters and digits of any script in lower case, what is between them as one hyphen; `fallback` where nothing remains.
pub(super) fn slug(name: &str, fallback: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for word in name.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()) {
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.extend(word.chars().flat_map(char::to_lowercase));
    }
    if slug.is_empty() { fallback.to_owned() } else { slug }
}
