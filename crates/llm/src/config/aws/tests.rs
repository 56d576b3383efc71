use super::*;
use crate::Secret;

fn bedrock(pairs: &[(&str, &str)]) -> Config {
    Config::new("bedrock").unwrap().model("m").environment(&Environment::from_pairs(pairs.iter().copied()))
}

#[test]
fn the_region_makes_the_url() {
    for (pairs, url) in [
        (&[("AWS_REGION", "eu-west-1")][..], "https://bedrock-runtime.eu-west-1.amazonaws.com"),
        (&[("AWS_DEFAULT_REGION", "cn-north-1")], "https://bedrock-runtime.cn-north-1.amazonaws.com.cn"),
        (
            &[("AWS_REGION", "eu-west-1"), ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://mine")],
            "https://mine",
        ),
        (&[], ""),
    ] {
        assert_eq!(bedrock(pairs).url(), url);
    }
    let error = bedrock(&[]).check(None).unwrap_err();
    assert!(error.message().contains("AWS_REGION") && error.message().contains("`baseUrl`"), "{error}");
}

#[test]
fn the_host_names_the_region_before_the_environment_does() {
    for (url, region) in [
        ("https://bedrock-runtime.us-west-2.amazonaws.com", "us-west-2"),
        ("https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com/", "us-gov-west-1"),
        ("https://bedrock-runtime.cn-north-1.amazonaws.com.cn/path", "cn-north-1"),
        ("https://vpce-0a-1b.bedrock-runtime.us-east-1.vpce.amazonaws.com:443", "us-east-1"),
        ("http://127.0.0.1:8080", "eu-west-1"),
        ("https://gateway.example?x=1", "eu-west-1"),
    ] {
        let config = Config::new("bedrock").unwrap().base_url(url);
        let config = config.environment(&Environment::from_pairs([("AWS_REGION", "eu-west-1")]));
        assert_eq!(config.region(), region, "{url}");
    }
}

#[cfg(feature = "sigv4")]
#[test]
fn access_keys_stand_in_for_a_missing_key_and_print_as_nothing() {
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "very-secret"),
        ("AWS_SESSION_TOKEN", "temporary"),
    ];
    let region = ("AWS_REGION", "us-east-1");
    let config = bedrock(&[&keys[..], &[region]].concat());
    config.check(None).unwrap();
    assert!(!format!("{config:?}").contains("very-secret"));
    assert_eq!(config.redact("said very-secret and temporary").unwrap(), "said [key] and [key]");
    assert!(bedrock(&[&keys[..], &[region, ("AWS_BEARER_TOKEN_BEDROCK", "b")]].concat()).aws.is_none());
    assert!(bedrock(&[&keys[..1], &[region]].concat()).aws.is_none(), "an id without its secret");
    let error = bedrock(&[region]).check(None).unwrap_err();
    assert!(
        error.message().contains("AWS_BEARER_TOKEN_BEDROCK") && error.message().contains("AWS_ACCESS_KEY_ID"),
        "{error}"
    );
    let environment = Environment::from_pairs(keys);
    let nowhere =
        Config::new("bedrock").unwrap().model("m").base_url("http://127.0.0.1:1").environment(&environment);
    assert!(nowhere.check(None).unwrap_err().message().contains("AWS_REGION"));
    let other = Config::new("openai").unwrap().environment(&environment);
    assert!(other.aws.is_none() && other.check(None).unwrap_err().message().contains("OPENAI_API_KEY"));
}

#[test]
fn a_key_in_code_wins_over_access_keys() {
    let environment =
        Environment::from_pairs([("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "s")]);
    let config = Config::new("bedrock").unwrap().api_key(Secret::new("mine")).environment(&environment);
    assert!(!config.has_access_keys());
}

#[test]
fn the_variables_are_among_those_that_matter() {
    let names: Vec<&str> = Environment::names().collect();
    assert!(REGIONS.iter().chain(&KEYS).all(|name| names.contains(name)));
}
