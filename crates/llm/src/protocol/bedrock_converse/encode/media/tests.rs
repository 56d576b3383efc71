use super::*;

#[test]
fn names_of_documents_are_plain_and_distinct() {
    let mut names = Names::default();
    for (given, sent) in [
        (Some("paper.pdf"), "paper"),
        (Some("paper.PDF"), "paper (2)"),
        (None, "document"),
        (Some("¿¡!.pdf"), "document (2)"),
        (Some("v1.2 of  the_report [draft] (a-b).docx"), "v1 2 of the report [draft] (a-b)"),
        (Some("notes.final"), "notes final"),
    ] {
        assert_eq!(names.next(given), sent);
    }
    assert!(names.next(Some(&"x".repeat(500))).len() < LONGEST_NAME);
}

#[test]
fn what_a_file_is_its_type_says_or_its_name() {
    let of = |kind: &str, name| {
        let media = Media::bytes(kind, b"x");
        format(&media, name).map(|(_, format)| format)
    };
    assert_eq!(of("text/plain; charset=utf-8", None), Some("txt"));
    assert_eq!(of("IMAGE/JPEG", None), Some("jpeg"));
    assert_eq!(of("application/octet-stream", Some("table.XLSX")), Some("xlsx"));
    assert_eq!(of("application/octet-stream", Some("blob")), None);
    let stored = Media::Url { url: "s3://bucket/film.3gp".into(), media_type: None };
    assert_eq!(format(&stored, None).map(|(_, format)| format), Some("three_gp"));
}
