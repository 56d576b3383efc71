use super::{Released, SUPPORTED, releasable_bytes, release_free_memory};

#[test]
fn bytes_are_what_the_resident_size_shrank_by() {
    let released = |before, after| Released { rss_before_bytes: before, rss_after_bytes: after }.bytes();
    assert_eq!(released(Some(10), Some(4)), Some(6));
    assert_eq!(released(Some(4), Some(10)), Some(0));
    assert_eq!(released(None, Some(1)), None);
}

#[test]
fn it_says_whether_it_can_do_anything() {
    let released = release_free_memory();
    assert_eq!(released.is_some(), SUPPORTED);
    assert_eq!(released.is_some_and(|released| released.bytes().is_some()), SUPPORTED);
    assert_eq!(releasable_bytes(), None, "no allocator is installed that counts");
}
