//! The parts of a signature, all of which can be wrong (`PROTOCOL.sshsig`, `PROTOCOL.u2f`).

use super::base64;
use super::make::By::{self, Both, Nobody, NotWe};
use super::make::{MESSAGE, NAMESPACE, Vector, alice, bob, line, strings};
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest as _, Sha256, Sha512};

const FILE: &[u8] = b"ssh-ed25519";
const TOKEN: &[u8] = b"sk-ssh-ed25519@openssh.com";

/// A signature before it is encoded.
#[derive(Clone)]
pub struct Parts {
    magic: &'static [u8],
    version: u32,
    key: Vec<u8>,
    namespace: &'static str,
    reserved: &'static [u8],
    hash: &'static str,
    signature: Vec<u8>,
    trailing: &'static [u8],
}

/// Returns the public half on the wire.
pub fn file_key(key: &SigningKey) -> Vec<u8> {
    strings(&[FILE, key.verifying_key().as_bytes()])
}

fn token_key(application: &[u8]) -> Vec<u8> {
    strings(&[TOKEN, alice().verifying_key().as_bytes(), application])
}

/// Returns what is signed: the magic, the namespace, nothing, the hash's name and the hash.
fn to_be_signed(namespace: &str, hash: &str) -> Vec<u8> {
    let digest = match hash {
        "sha256" => Sha256::digest(MESSAGE).to_vec(),
        _ => Sha512::digest(MESSAGE).to_vec(),
    };
    let rest = strings(&[namespace.as_bytes(), b"", hash.as_bytes(), &digest]);
    [b"SSHSIG".as_slice(), &rest].concat()
}

impl Parts {
    /// Signs as a key in a file does.
    pub fn by_file(namespace: &'static str, hash: &'static str) -> Self {
        let signature = alice().sign(&to_be_signed(namespace, hash)).to_bytes();
        Self {
            magic: b"SSHSIG",
            version: 1,
            key: file_key(&alice()),
            namespace,
            reserved: b"",
            hash,
            signature: strings(&[FILE, &signature]),
            trailing: b"",
        }
    }

    /// Signs as a token does: over the hashes of the application and of the data, flags and counter between them.
    fn by_token(flags: u8, counter: u32) -> Self {
        let mut signed = Sha256::digest(b"ssh:").to_vec();
        signed.push(flags);
        signed.extend(counter.to_be_bytes());
        signed.extend(Sha256::digest(to_be_signed(NAMESPACE, "sha512")));
        let mut signature = strings(&[TOKEN, &alice().sign(&signed).to_bytes()]);
        signature.push(flags);
        signature.extend(counter.to_be_bytes());
        Self {
            key: token_key(b"ssh:"),
            signature,
            ..Self::by_file(NAMESPACE, "sha512")
        }
    }

    fn blob(&self) -> Vec<u8> {
        let mut out = self.magic.to_vec();
        out.extend(self.version.to_be_bytes());
        let (namespace, hash) = (self.namespace.as_bytes(), self.hash.as_bytes());
        let fields = [
            &self.key[..],
            namespace,
            self.reserved,
            hash,
            &self.signature,
        ];
        out.extend(strings(&fields));
        out.extend(self.trailing);
        out
    }

    /// Encodes it as OpenSSH does.
    pub fn armour(&self) -> String {
        armour(&self.blob(), 70)
    }
}

fn armour(blob: &[u8], columns: usize) -> String {
    let text = base64(blob);
    let lines = text.as_bytes().chunks(columns);
    let lines: Vec<&str> = lines
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let body = lines.join("\n");
    format!("-----BEGIN SSH SIGNATURE-----\n{body}\n-----END SSH SIGNATURE-----\n")
}

fn row(name: &str, by: By, about: &str, change: impl FnOnce(&mut Parts)) -> Vector {
    let mut parts = Parts::by_file(NAMESPACE, "sha512");
    change(&mut parts);
    Vector {
        signature: parts.armour().into_bytes(),
        ..Vector::new(name, by, about)
    }
}

/// Signatures with a wrong field.
pub fn signatures() -> Vec<Vector> {
    let short = strings(&[FILE, &[7; 63]]);
    let claimed = Parts::by_file("file", "sha512");
    let mut all = vec![
        row("good-file-key", Both, "a key in a file signed it", |_| {}),
        row("version-0", NotWe, "the version is 0", |p| p.version = 0),
        row("version-2", Nobody, "the version is 2", |p| p.version = 2),
        row("magic", Nobody, "the magic is SSHSIX", |p| {
            p.magic = b"SSHSIX"
        }),
        row("namespace-empty", Nobody, "the namespace is empty", |p| {
            p.namespace = ""
        }),
        row("reserved", NotWe, "the reserved field is not empty", |p| {
            p.reserved = b"x"
        }),
        row(
            "hash-claimed",
            Nobody,
            "over SHA-512, it says SHA-256",
            |p| p.hash = "sha256",
        ),
        row("hash-unknown", Nobody, "the hash is called md5", |p| {
            p.hash = "md5"
        }),
        row("signature-bit", Nobody, "a bit is flipped", |p| {
            p.signature[40] ^= 1
        }),
        row("signature-short", Nobody, "it lacks a byte", |p| {
            p.signature = short
        }),
        row("signature-empty", Nobody, "there is none", |p| {
            p.signature.clear()
        }),
        row("signature-by-other", Nobody, "another key is put in", |p| {
            p.key = file_key(&bob())
        }),
        row("key-length", Nobody, "the key's inner length is 31", |p| {
            p.key[18] = 31
        }),
        row("key-trailing", Nobody, "a byte follows the key", |p| {
            p.key.push(b'x')
        }),
        row("trailing", Nobody, "a byte follows it", |p| {
            p.trailing = b"x"
        }),
    ];
    for (name, kind) in [
        ("key-rsa", "ssh-rsa"),
        ("key-ecdsa", "ecdsa-sha2-nistp256"),
        ("key-ecdsa-token", "sk-ecdsa-sha2-nistp256@openssh.com"),
        ("key-dss", "ssh-dss"),
    ] {
        // The type alone decides: what follows it is not read.
        all.push(row(name, NotWe, "the key is of another type", |p| {
            let digits = alice().verifying_key().to_bytes();
            p.key = strings(&[kind.as_bytes(), &digits, b"ssh:"]);
        }));
    }
    all.push(row("hash-sha256", Both, "it is over SHA-256", |p| {
        *p = Parts::by_file(NAMESPACE, "sha256");
    }));
    all.push(row(
        "namespace-other",
        Nobody,
        "it was made for files",
        |p| {
            p.clone_from(&claimed);
        },
    ));
    let about = "it was made for files and says findings@glassroom";
    all.push(row("namespace-claimed", Nobody, about, |p| {
        *p = claimed;
        p.namespace = NAMESPACE;
    }));
    let about = "its type says that it is a token's";
    all.push(row("signature-of-other-type", Nobody, about, |p| {
        p.signature = strings(&[TOKEN, &p.signature[19..]]);
    }));
    all.push(row("key-longer", Nobody, "the key has 33 bytes", |p| {
        let longer = [alice().verifying_key().as_bytes().as_slice(), b"x"].concat();
        p.key = strings(&[FILE, &longer]);
    }));
    all
}

/// Messages that are not what was signed.
pub fn messages() -> Vec<Vector> {
    let message = |name, about, message| Vector {
        message,
        ..Vector::new(name, Nobody, about)
    };
    vec![
        message(
            "message-crlf",
            "lines of the message end with CR LF",
            crlf(MESSAGE),
        ),
        message(
            "message-byte",
            "a byte of the message was changed",
            [b"F", &MESSAGE[1..]].concat(),
        ),
        message(
            "message-cut",
            "the message lacks a byte",
            MESSAGE[..MESSAGE.len() - 1].to_vec(),
        ),
    ]
}

fn crlf(text: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(text)
        .replace('\n', "\r\n")
        .into_bytes()
}

/// Good signatures in another armour.
pub fn armours() -> Vec<Vector> {
    let parts = Parts::by_file(NAMESPACE, "sha512");
    let (good, blob) = (parts.armour(), parts.blob());
    let row = |name: &str, by, about, signature: Vec<u8>| Vector {
        signature,
        ..Vector::new(&format!("armour-{name}"), by, about)
    };
    let text = |name, by, about, text: String| row(name, by, about, text.into_bytes());
    let with = |from: &str, to: &str| good.replacen(from, to, 1);
    // The last digit has bits that say nothing, because there is padding behind it.
    let mut loose = good.clone().into_bytes();
    let digit = good.find('=').unwrap() - 1;
    loose[digit] += 1;
    let end = "-----END SSH SIGNATURE-----\n";
    vec![
        row(
            "crlf",
            Nobody,
            "lines end with CR LF",
            crlf(good.as_bytes()),
        ),
        row(
            "loose-bits",
            Nobody,
            "bits behind the last byte are not zero",
            loose,
        ),
        row("binary", Nobody, "there is no armour", blob.clone()),
        row("empty", Nobody, "the file is empty", Vec::new()),
        text(
            "76-columns",
            Both,
            "lines have 76 characters",
            armour(&blob, 76),
        ),
        text(
            "one-line",
            Both,
            "the base64 is one line",
            armour(&blob, 4000),
        ),
        text("twice", NotWe, "it stands there twice", good.repeat(2)),
        text(
            "text-before",
            Nobody,
            "text stands before it",
            format!("x\n{good}"),
        ),
        text(
            "text-behind",
            NotWe,
            "text stands behind it",
            format!("{good}x\n"),
        ),
        text(
            "line-behind",
            Both,
            "an empty line stands behind it",
            format!("{good}\n"),
        ),
        text(
            "spaces",
            NotWe,
            "a space stands at the end of a line",
            with("=\n", "= \n"),
        ),
        text(
            "empty-line",
            NotWe,
            "an empty line stands inside",
            with("-----\n", "-----\n\n"),
        ),
        text("null", Nobody, "a NUL stands inside", with("\n", "\n\0")),
        text(
            "no-last-line-feed",
            NotWe,
            "the last line has no end",
            good.trim_end().into(),
        ),
        text("no-end", Nobody, "the end is missing", with(end, "")),
        text(
            "no-padding",
            Nobody,
            "the padding is missing",
            good.replace('=', ""),
        ),
        text(
            "other-label",
            Nobody,
            "it is called a message",
            good.replace("SIGNATURE", "MESSAGE"),
        ),
    ]
}

/// Signatures by FIDO2 tokens.
pub fn tokens() -> Vec<Vector> {
    let row = |name: &str, by, about, change: &dyn Fn(&mut Parts)| {
        let mut parts = Parts::by_token(1, 7);
        change(&mut parts);
        Vector {
            signers: format!("alice {}\n", line(&token_key(b"ssh:"))).into_bytes(),
            signature: parts.armour().into_bytes(),
            ..Vector::new(&format!("token-{name}"), by, about)
        }
    };
    let last = |p: &Parts| p.signature.len() - 1;
    let plain = |p: &mut Parts| p.signature = Parts::by_file(NAMESPACE, "sha512").signature;
    let listed = format!("alice {}\n", line(&file_key(&alice()))).into_bytes();
    vec![
        row("touched", Both, "touched", &|_| {}),
        row("verified", Both, "touched, with a PIN", &|p| {
            *p = Parts::by_token(5, 8)
        }),
        row("untouched", Both, "without a touch", &|p| {
            *p = Parts::by_token(0, 9)
        }),
        row("flags", Nobody, "the flags were changed", &|p| {
            let at = last(p) - 4;
            p.signature[at] = 5;
        }),
        row("counter", Nobody, "the counter was changed", &|p| {
            let at = last(p);
            p.signature[at] = 8;
        }),
        row("application", Nobody, "the application was changed", &|p| {
            p.key = token_key(b"ssh:x");
        }),
        row("cut", Nobody, "flags and counter are missing", &|p| {
            p.signature.truncate(last(p) - 4);
        }),
        row("trailing", Nobody, "a byte follows the counter", &|p| {
            p.signature.push(b'x')
        }),
        row(
            "signed-plainly",
            Nobody,
            "its key comes with a plain signature",
            &plain,
        ),
        Vector {
            signers: listed.clone(),
            ..row(
                "as-file-key",
                Nobody,
                "its signature comes with a plain key",
                &|p| {
                    p.key = file_key(&alice());
                },
            )
        },
        Vector {
            signers: listed,
            ..row(
                "not-listed",
                Nobody,
                "the same point is listed as a plain key",
                &|_| {},
            )
        },
    ]
}
