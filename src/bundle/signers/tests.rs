use super::*;

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

fn allows(line: &str, name: &str, now: i64) -> Option<bool> {
    let signers = Signers::parse(line.as_bytes()).ok()?;
    let key = Signers::parse(format!("a {KEY}").as_bytes()).unwrap().lines[0]
        .key
        .clone();
    Some(signers.allow(&key, name, "findings@glassroom", now))
}

#[test]
fn lines_mean_what_openssh_says() {
    let day = 1_767_225_600; // 2026-01-01 UTC
    let rows = [
        (
            format!("# who\n\nalice {KEY} a comment"),
            "alice",
            Some(true),
        ),
        (format!("alice {KEY}"), "bob", Some(false)),
        (format!("\"alice,bo?\" {KEY}"), "bob", Some(true)),
        (format!("*,!bob {KEY}"), "bob", Some(false)),
        (
            format!("alice namespaces=\"findings@*,x\" {KEY}"),
            "alice",
            Some(true),
        ),
        (
            format!("alice NAMESPACES=\"file\" {KEY}"),
            "alice",
            Some(false),
        ),
        (
            format!("alice valid-after=\"20260101Z\" {KEY}"),
            "alice",
            Some(true),
        ),
        (
            format!("alice valid-after=\"20260101\" {KEY}"),
            "alice",
            Some(false),
        ),
        (
            format!("alice valid-before=\"20260101Z\" {KEY}"),
            "alice",
            Some(false),
        ),
        (
            format!("alice valid-before=\"202601020000Z\",namespaces=\"*\" {KEY}"),
            "alice",
            Some(true),
        ),
        (
            format!("alice valid-before=\"20261301Z\" {KEY}"),
            "alice",
            None,
        ),
        (
            format!("alice valid-after=\"20260103Z\",valid-before=\"20260101Z\" {KEY}"),
            "alice",
            None,
        ),
        (format!("alice cert-authority {KEY}"), "alice", None),
        (format!("alice nonsense=\"x\" {KEY}"), "alice", None),
        (format!("alice {KEY}\r\n"), "alice", Some(true)),
        (
            format!("alice {KEY} a comment\r\n\r\n"),
            "alice",
            Some(true),
        ),
        (format!("\u{feff}alice {KEY}\n"), "alice", None),
        (format!("\u{feff}# who\nalice {KEY}\n"), "alice", Some(true)),
        (
            format!("# M\u{fc}ller\nalice {KEY} M\u{fc}ller\n"),
            "alice",
            Some(true),
        ),
        (
            format!("M\u{fc}ller {KEY}\nalice {KEY}\n"),
            "alice",
            Some(true),
        ),
        (
            format!("alice ssh-rsa AAAA\nalice {KEY}"),
            "alice",
            Some(true),
        ),
        (
            format!("alice cert-authority {KEY}\nbob {KEY}"),
            "alice",
            Some(false),
        ),
        (format!("alice\r{KEY}"), "alice", None),
        (format!("alice {KEY}\0"), "alice", None),
        (
            format!("alice namespaces=\"a\",namespaces=\"b\" {KEY}"),
            "alice",
            None,
        ),
        (format!("alice namespaces=\"a {KEY}"), "alice", None),
        ("alice".to_owned(), "alice", None),
        ("alice ssh-ed25519 AAAA".to_owned(), "alice", None),
        (format!("bob {KEY}\njunk"), "bob", Some(true)),
    ];
    for (line, name, then) in rows {
        assert_eq!(allows(&line, name, day), then, "{line}");
    }
    assert_eq!(Signers::parse(b"# a\n\nx y z").unwrap_err().line, 3);
}

#[test]
fn lines_that_are_skipped_are_named_and_their_keys_stay_known() {
    let text = format!("alice ssh-rsa AAAA\nbob {KEY}\nalice touch-required {KEY}\n");
    let signers = Signers::parse(text.as_bytes()).unwrap();
    let numbers: Vec<usize> = signers.skipped().iter().map(|s| s.line).collect();
    assert_eq!(numbers, [1, 3]);
    let key = signers.lines[0].key.clone();
    assert!(!signers.allow(&key, "alice", "findings@glassroom", 1));
    assert!(signers.lists(&key, "alice"), "it is no second person's");
    // A list of revoked keys stays whole or is refused.
    let mut signers = Signers::default();
    assert!(signers.revoke(b"junk\n").is_err());
}

#[test]
fn why_a_key_may_not_sign_is_told_apart() {
    let day = 1_767_225_600; // 2026-01-01 UTC
    let standing = |text: &str, revoked: &str| {
        let mut signers = Signers::parse(text.replace("KEY", KEY).as_bytes()).unwrap();
        signers
            .revoke(revoked.replace("KEY", KEY).as_bytes())
            .unwrap();
        let key = key(KEY).unwrap();
        signers.standing(&key, Some("alice"), "findings@glassroom", day)
    };
    for (text, revoked, is) in [
        ("alice KEY", "", SignerStanding::Allowed),
        ("alice KEY", "KEY", SignerStanding::Revoked),
        ("", "", SignerStanding::Unknown),
        (
            "bob,carol KEY",
            "",
            SignerStanding::OtherName("bob,carol".into()),
        ),
        (
            "alice namespaces=\"file\" KEY",
            "",
            SignerStanding::OtherNamespace("file".into()),
        ),
        (
            "alice valid-before=\"20251231Z\" KEY",
            "",
            SignerStanding::Expired(day - 86_400),
        ),
        (
            "alice valid-after=\"20260102Z\" KEY",
            "",
            SignerStanding::TooEarly(day + 86_400),
        ),
        (
            "alice valid-before=\"20251231Z\" KEY\nalice namespaces=\"file\" KEY\nalice valid-before=\"20251230Z\" KEY",
            "",
            SignerStanding::Expired(day - 86_400),
        ),
        (
            "alice valid-before=\"20251231Z\" KEY\nalice KEY",
            "",
            SignerStanding::Allowed,
        ),
    ] {
        assert_eq!(standing(text, revoked), is, "{text}");
    }
}
