use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use tokio::io::{DuplexStream, duplex};

use super::{LOOK, Places};
use crate::config::Trust;
use crate::transport::dial::Dialer;
use crate::transport::link::Link;
use crate::transport::place::Place;
use crate::transport::roots::client_config;

fn dialer(https: bool) -> Dialer {
    let trust = Trust::default();
    Dialer::new(client_config(&trust, false).unwrap(), &trust, Duration::from_secs(1), https).unwrap()
}

fn uri(text: &str) -> Uri {
    text.parse().unwrap()
}

fn add(places: &Arc<Places>, text: &str) -> Arc<Place> {
    let uri = uri(text);
    places.add(
        uri.authority().unwrap().as_str(),
        dialer(uri.scheme_str() == Some("https")).place(&uri).unwrap(),
    )
}

/// A connection, and its other side.
fn link() -> (Link, DuplexStream) {
    let (near, far) = duplex(64);
    (Link::within(near), far)
}

#[tokio::test]
async fn a_place_is_known_by_its_authority_and_scheme() {
    let places = Arc::default();
    let place = add(&places, "http://a.example/v1");
    assert!(Arc::ptr_eq(&place, &add(&places, "http://a.example/v2")), "whoever was faster");
    assert!(places.get(&uri("http://a.example")).is_some_and(|known| Arc::ptr_eq(&known, &place)));
    assert!(places.get(&uri("https://a.example")).is_none(), "its connections have no TLS");
    assert!(places.get(&uri("http://b.example")).is_none());
    assert_eq!((&*place.address, &*place.name, place.is_https()), ("a.example:80", "a.example", false));
    let place = add(&places, "https://[::1]:8443/v1");
    assert_eq!((&*place.address, &*place.name, place.is_https()), ("[::1]:8443", "[::1]:8443", true));
}

#[test]
fn a_url_of_another_scheme_and_one_that_is_none_are_refused() {
    let why = |https, text| dialer(https).place(&uri(text)).err().unwrap().message().to_owned();
    assert!(why(true, "http://a.example").contains("are for https URLs"));
    assert!(why(false, "https://a.example").contains("are for http URLs"));
    for text in ["ftp://a.example", "/v1", "http://a.example:99999"] {
        assert!(why(false, text).contains("not a URL that can be requested"), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_place_is_forgotten_once_nobody_is_there_and_no_connection_is_left() {
    let places: Arc<Places> = Arc::default();
    let there = add(&places, "http://a.example");
    drop(add(&places, "http://b.example"));
    let (link, _open) = link();
    places.put(&add(&places, "http://c.example"), link);
    let known = || ["a", "b", "c"].map(|name| places.get(&uri(&format!("http://{name}.example"))).is_some());
    assert_eq!(known(), [true, true, true]);

    tokio::time::sleep(LOOK + Duration::from_secs(1)).await;
    assert_eq!(known(), [true, false, true], "a call is under way to a, c has a connection");
    drop(there);
    tokio::time::sleep(3 * LOOK).await;
    assert_eq!(known(), [false, false, false], "the connection was too old");
    assert!(places.known().sweeper.is_none(), "nobody looks after nothing");

    let (link, _open) = self::link();
    places.put(&add(&places, "http://a.example"), link);
    assert!(places.get(&uri("http://a.example")).unwrap().idle.take().is_some());
    assert!(places.known().sweeper.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_its_server_closed_is_closed() {
    let places: Arc<Places> = Arc::default();
    let place = add(&places, "http://a.example");
    let ((open, _other), (closed, other)) = (link(), link());
    places.put(&place, open);
    places.put(&place, closed);
    drop(other);
    tokio::time::sleep(LOOK + Duration::from_secs(1)).await;
    assert!(place.idle.take().is_some());
    assert!(place.idle.take().is_none());
}
