//! Private keys that are fit for use, and those that are not.

use super::*;

#[test]
fn keys_that_are_not_safe_are_refused() {
    use std::os::unix::fs::PermissionsExt;
    let path = signed().temp.path().join("key");
    assert!(matches!(
        Signer::open(&path, b"wrong"),
        Err(BundleError::Passphrase { .. })
    ));
    let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    let copy = signed().temp.path().join("copy");
    std::fs::write(&copy, text).unwrap();
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(
        Signer::open(&copy, b"correct horse"),
        Err(BundleError::OpenToOthers { mode: 0o640, .. })
    ));
    assert!(matches!(
        KeyPair::generate(b""),
        Err(BundleError::NoPassphrase)
    ));
    assert!(matches!(
        Signer::open(Path::new("/dev/null"), b"x"),
        Err(BundleError::NotAFile { .. })
    ));
    assert_eq!(
        PublicKey::of_private(&path).unwrap(),
        PublicKey::read(&path.with_extension("pub")).unwrap()
    );
    let public = signed().signer.public();
    assert_eq!(public.words().split(' ').count(), 10);
    assert_eq!(words(&[0, 0xff]), "bala zonu");
    if !is_there("ssh-keygen") {
        return;
    }
    let keygen = |args: &[&str]| {
        let out = Command::new("ssh-keygen").args(args).output().unwrap();
        String::from_utf8(out.stdout).unwrap()
    };
    let path = path.to_str().unwrap();
    assert_eq!(
        keygen(&["-y", "-P", "correct horse", "-f", path]).trim(),
        public.line()
    );
    assert!(keygen(&["-l", "-f", path]).contains(&public.fingerprint()));
    let plain = signed().temp.path().join("plain");
    keygen(&[
        "-q",
        "-t",
        "ed25519",
        "-N",
        "",
        "-f",
        plain.to_str().unwrap(),
    ]);
    assert!(matches!(
        Signer::open(&plain, b""),
        Err(BundleError::Unencrypted { .. })
    ));
    // A key that OpenSSH made works, and a signature that OpenSSH makes with it is the one that we make.
    let theirs = signed().temp.path().join("theirs");
    let name = theirs.to_str().unwrap();
    keygen(&["-q", "-t", "ed25519", "-N", "secret", "-f", name]);
    let ours = Signer::open(&theirs, b"secret")
        .unwrap()
        .sign(NAMESPACE, b"message")
        .unwrap();
    keygen(&["-p", "-P", "secret", "-N", "", "-f", name]);
    let message = signed().temp.path().join("message");
    std::fs::write(&message, "message").unwrap();
    keygen(&[
        "-Y",
        "sign",
        "-f",
        name,
        "-n",
        NAMESPACE,
        message.to_str().unwrap(),
    ]);
    assert_eq!(
        std::fs::read_to_string(message.with_extension("sig")).unwrap(),
        ours
    );
}

/// What is no key that we take is called by its name, with the next step.
#[test]
fn other_keys_are_named() {
    use std::os::unix::fs::{PermissionsExt, chown};
    let temp = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &[u8]| {
        let path = temp.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    };
    let refused = |path: &Path| {
        let error = Signer::open(path, b"secret").unwrap_err();
        format!("{error}; {}", error.hint().unwrap())
    };
    let good = std::fs::read(signed().temp.path().join("key")).unwrap();
    let copy = put("good", &good);
    assert!(Signer::open(&copy, b"correct horse").is_ok(), "control");
    for (text, said) in [
        ("-----BEGIN RSA PRIVATE KEY-----\nx", "ssh-rsa"),
        ("-----BEGIN EC PRIVATE KEY-----\nx", "ecdsa"),
        ("-----BEGIN DSA PRIVATE KEY-----\nx", "ssh-dss"),
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nx", "PKCS #8"),
        ("PuTTY-User-Key-File-3: ssh-ed25519\n", "PuTTY"),
        ("ssh-ed25519 AAAA alice", "is a public key"),
        ("hello", "is no OpenSSH private key"),
        ("", "is no OpenSSH private key"),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n",
            "is no OpenSSH private key",
        ),
    ] {
        let said_ = refused(&put("other", text.as_bytes()));
        assert!(said_.contains(said), "{said_}");
    }
    for mode in [0o640, 0o604, 0o660, 0o644, 0o610, 0o777] {
        std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(mode)).unwrap();
        let said = refused(&copy);
        assert!(said.contains(&format!("mode {mode:o}")), "{said}");
        assert!(said.contains("run chmod 600 "), "{said}");
    }
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o600)).unwrap();
    if chown(&copy, Some(1234), None).is_ok() {
        let said = refused(&copy);
        assert!(
            said.contains("another user") && said.contains("install -m 600"),
            "{said}"
        );
    } else {
        skip("not root");
    }
    assert!(refused(temp.path()).contains("no regular file"));
    let large = put("large", &vec![b'x'; 100_000]);
    assert!(refused(&large).contains("larger than any key"));
    if !is_there("ssh-keygen") {
        return;
    }
    for (kind, name) in [("rsa", "ssh-rsa"), ("ecdsa", "ecdsa-sha2-nistp256")] {
        for passphrase in ["secret", ""] {
            let path = temp.path().join(format!("{kind}{}", passphrase.len()));
            let mut command = Command::new("ssh-keygen");
            let command = command
                .args(["-q", "-t", kind, "-N", passphrase, "-f"])
                .arg(&path);
            assert!(command.status().unwrap().success());
            let said = refused(&path);
            assert!(said.contains(&format!("is of type {name}")), "{said}");
        }
    }
}

/// Every byte of a key's file: changed, it opens no more, or opens the same key; nothing panics.
#[test]
fn a_damaged_key_file_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("key");
    let good = std::fs::read(signed().temp.path().join("key")).unwrap();
    let text = String::from_utf8(good.clone()).unwrap();
    let write = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        PublicKey::of_private(&path)
    };
    assert_eq!(write(&good).unwrap(), signed().signer.public(), "control");
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        let _ = write(&bytes);
        let _ = write(&good[..at]);
    }
    assert!(write(&good[..good.len() / 2]).is_err());
    assert!(write(text.replace("-----BEGIN", "----BEGIN").as_bytes()).is_err());
}

#[test]
fn a_key_is_named_as_it_is_given() {
    let print = format!("SHA256:{}", "A".repeat(43));
    let agent = KeySource::parse(&format!("agent:{print}")).unwrap();
    assert_eq!(
        (&agent, agent.is_locked()),
        (&KeySource::Agent(print.clone()), false)
    );
    let file = KeySource::parse("keys/alice").unwrap();
    assert_eq!(
        (&file, file.is_locked()),
        (&KeySource::File("keys/alice".into()), true)
    );
    for bad in [
        "agent:",
        "agent:alice",
        "agent:SHA256:AAAA",
        &format!("agent:{print}A"),
        "agent:MD5:00",
    ] {
        let error = KeySource::parse(bad).unwrap_err();
        assert!(matches!(error, BundleError::Fingerprint { .. }), "{bad}");
    }
}

/// Every cipher that OpenSSH offers, and one that it had long ago: it opens, or is refused by its name.
#[test]
fn a_cipher_that_is_not_built_in_is_no_wrong_passphrase() {
    if !is_there("ssh-keygen") {
        return;
    }
    let temp = tempfile::tempdir().unwrap();
    let make = |cipher: &str| {
        let path = temp.path().join(cipher);
        let mut command = Command::new("ssh-keygen");
        command.args([
            "-q",
            "-t",
            "ed25519",
            "-N",
            "passphrase1",
            "-Z",
            cipher,
            "-f",
        ]);
        let made = command.arg(&path).stderr(Stdio::null()).status();
        (path, made.unwrap().success())
    };
    let mut opened = 0;
    for cipher in [
        "aes256-ctr",
        "aes192-ctr",
        "aes128-ctr",
        "aes256-cbc",
        "aes192-cbc",
        "aes128-cbc",
        "aes128-gcm@openssh.com",
        "aes256-gcm@openssh.com",
        "chacha20-poly1305@openssh.com",
        "3des-cbc",
    ] {
        let (path, is_made) = make(cipher);
        if !is_made {
            skip(&format!("ssh-keygen has no {cipher}"));
            continue;
        }
        if cipher != "3des-cbc" {
            assert!(Signer::open(&path, b"passphrase1").is_ok(), "{cipher}");
            assert!(
                matches!(
                    Signer::open(&path, b"passphrase2"),
                    Err(BundleError::Passphrase { .. })
                ),
                "{cipher}"
            );
            opened += 1;
            continue;
        }
        // Before a passphrase is asked for, too.
        for refused in [
            PublicKey::of_private(&path).unwrap_err(),
            Signer::open(&path, b"passphrase1").unwrap_err(),
        ] {
            assert!(refused.to_string().contains("3des-cbc"), "{refused}");
            let hint = refused.hint().unwrap();
            assert!(hint.contains("ssh-keygen -p -Z aes256-ctr -f "), "{hint}");
        }
    }
    assert!(opened > 5, "control");
    // A cipher that the library does not know by name.
    let (path, _) = make("aes256-ctr");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let body = lines[1..lines.len() - 1].concat();
    let bytes = crate::bundle::wire::base64(&body).unwrap();
    let at = memchr::memmem::find(&bytes, b"aes256-ctr").unwrap();
    let odd = [&bytes[..at], b"twofish256", &bytes[at + 10..]].concat();
    let digits = vectors::base64(&odd);
    let armoured = format!("{}\n{digits}\n{}\n", lines[0], lines[lines.len() - 1]);
    std::fs::write(&path, armoured).unwrap();
    let refused = PublicKey::of_private(&path).unwrap_err();
    assert!(
        matches!(&refused, BundleError::KeyCipher { cipher, .. } if cipher == "twofish256"),
        "{refused}"
    );
}
