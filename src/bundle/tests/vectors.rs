//! Signature vectors: `tests/data/signatures/`, one file a defect, each judged by us and by ssh-keygen. What we refuse
//! without asking whether others do is made in memory and judged by our verifier alone.
//!
//! A vector is a header of `key: value` lines and an empty line, then sections: `=== NAME LENGTH`, LF, so many bytes,
//! LF. `UPDATE_VECTORS=1 cargo test --lib vectors` writes them anew from the table in `make.rs`; those whose names begin
//! with `openssh-` were made by OpenSSH 9.2, the tokens by its software token.

mod make;
mod parts;

use super::*;
use crate::bundle::signature;
use make::{NAMESPACE, TIME, Vector};
use std::fmt::Write as _;
use std::io::Write as _;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/signatures");

/// Encodes in base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let number = (0..3).fold(0u32, |n, i| n << 8 | u32::from(*three.get(i).unwrap_or(&0)));
        for i in 0..4 {
            let digit = DIGITS[(number >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= three.len() { digit as char } else { '=' });
        }
    }
    out
}

fn accepts(yes: bool) -> &'static str {
    if yes { "accept" } else { "refuse" }
}

fn encode(vector: &Vector) -> Vec<u8> {
    let mut out = String::new();
    let (ours, openssh) = (accepts(vector.ours), accepts(vector.openssh));
    let _ = write!(
        out,
        "about: {}\nprincipal: {}\nnamespace: {NAMESPACE}\ntime: {}\nglassroom: {ours}\nssh-keygen: {openssh}\n\n",
        vector.about, vector.principal, TIME.1
    );
    let mut out = out.into_bytes();
    for (name, bytes) in [
        ("message", &vector.message),
        ("allowed_signers", &vector.signers),
        ("revoked", &vector.revoked),
        ("signature", &vector.signature),
    ] {
        if name != "revoked" || !bytes.is_empty() {
            let _ = writeln!(out, "=== {name} {}", bytes.len());
            out.extend(bytes);
            out.push(b'\n');
        }
    }
    out
}

fn decode(name: &str, bytes: &[u8]) -> Vector {
    let end = memchr::memmem::find(bytes, b"\n\n").unwrap();
    let header = std::str::from_utf8(&bytes[..end]).unwrap();
    let field = |name: &str| {
        let mut lines = header.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(field, _)| *field == name)
            .unwrap()
            .1
            .to_owned()
    };
    let mut rest = &bytes[end + 2..];
    let mut section = |name: &str| {
        let Some(after) = rest.strip_prefix(format!("=== {name} ").as_bytes()) else {
            return Vec::new();
        };
        let line = after.iter().position(|b| *b == b'\n').unwrap();
        let length: usize = std::str::from_utf8(&after[..line])
            .unwrap()
            .parse()
            .unwrap();
        let found = after[line + 1..line + 1 + length].to_vec();
        rest = &after[line + 2 + length..];
        found
    };
    Vector {
        name: name.to_owned(),
        about: field("about"),
        principal: field("principal"),
        ours: field("glassroom") == "accept",
        openssh: field("ssh-keygen") == "accept",
        is_ours_alone: false,
        message: section("message"),
        signers: section("allowed_signers"),
        revoked: section("revoked"),
        signature: section("signature"),
    }
}

fn stored() -> Vec<Vector> {
    let mut all: Vec<Vector> = std::fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            decode(&name, &std::fs::read(path).unwrap())
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// What we say, as `verify` says it.
fn ours(vector: &Vector) -> bool {
    let Ok(mut signers) = Signers::parse(&vector.signers) else {
        return false;
    };
    if signers.revoke(&vector.revoked).is_err() {
        return false;
    }
    signature::read(&vector.signature, NAMESPACE, &vector.message)
        .is_ok_and(|signed| signers.allow(&signed.key, &vector.principal, NAMESPACE, TIME.0))
}

/// What ssh-keygen says, in a time zone.
fn openssh(vector: &Vector, folder: &Path, zone: &str) -> bool {
    let path = |name: &str| folder.join(name);
    std::fs::write(path("allowed_signers"), &vector.signers).unwrap();
    std::fs::write(path("signature"), &vector.signature).unwrap();
    std::fs::write(path("revoked"), &vector.revoked).unwrap();
    let mut command = Command::new("ssh-keygen");
    command.current_dir(folder).env("TZ", zone);
    command.args([
        "-Y",
        "verify",
        "-f",
        "allowed_signers",
        "-I",
        &vector.principal,
    ]);
    command.args(["-n", NAMESPACE, "-s", "signature"]);
    command.arg(format!("-Overify-time={}", TIME.1));
    if !vector.revoked.is_empty() {
        command.args(["-r", "revoked"]);
    }
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    // It may refuse before it reads.
    let _ = child.stdin.take().unwrap().write_all(&vector.message);
    child.wait().unwrap().success()
}

#[test]
fn the_vectors_are_those_of_the_table() {
    let mut made = make::all();
    made.retain(|vector| !vector.is_ours_alone);
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::create_dir_all(FOLDER).unwrap();
        for vector in &made {
            std::fs::write(Path::new(FOLDER).join(&vector.name), encode(vector)).unwrap();
        }
        return;
    }
    let stored = stored();
    for vector in &made {
        assert!(
            stored.contains(vector),
            "UPDATE_VECTORS=1: {} differs",
            vector.name
        );
        assert_eq!(decode(&vector.name, &encode(vector)), *vector);
    }
    let is_made = |v: &&Vector| made.iter().any(|m| m.name == v.name);
    let others = stored
        .iter()
        .filter(|v| !is_made(v) && !v.name.starts_with("openssh-"));
    assert_eq!(others.count(), 0, "a vector is not in the table");
    assert!(made.len() > 60, "{}", made.len());
}

/// Everything that is stricter with us than a verifier has to be: none of it is accepted, and none of it lies in a file.
#[test]
fn what_we_alone_need_to_refuse_is_refused() {
    let mut made = make::all();
    made.retain(|vector| vector.is_ours_alone);
    for vector in &made {
        assert!(!ours(vector), "{}: {}", vector.name, vector.about);
        assert!(
            !Path::new(FOLDER).join(&vector.name).exists(),
            "{}",
            vector.name
        );
    }
    assert!(made.len() > 10, "{}", made.len());
    assert!(ours(&make::all()[0]), "control");
    // No file says that another verifier accepts what we refuse.
    for vector in stored() {
        assert_eq!(vector.ours, vector.openssh, "{}", vector.name);
    }
}

fn version() -> String {
    let said = Command::new("ssh").arg("-V").output();
    said.map_or(String::new(), |out| {
        String::from_utf8_lossy(&out.stderr).into_owned()
    })
}

#[test]
fn nothing_is_accepted_that_ssh_keygen_refuses() {
    let vectors = stored();
    let temp = tempfile::tempdir().unwrap();
    let has_openssh = is_there("ssh-keygen");
    let is_recorded = has_openssh && version().contains("OpenSSH_9.2");
    let mut table = [[0; 2]; 2];
    for vector in &vectors {
        let (name, about) = (&vector.name, &vector.about);
        assert_eq!(ours(vector), vector.ours, "{name}: {about}");
        if !has_openssh {
            continue;
        }
        let theirs = openssh(vector, temp.path(), "UTC");
        assert!(!vector.ours || theirs, "only we accept {name}: {about}");
        assert!(!is_recorded || theirs == vector.openssh, "{name}: {about}");
        table[usize::from(vector.ours)][usize::from(theirs)] += 1;
    }
    println!(
        "vectors: {}, both accept {}, only ssh-keygen {}, only we {}, both refuse {}",
        vectors.len(),
        table[1][1],
        table[0][1],
        table[1][0],
        table[0][0]
    );
    assert!(vectors.iter().any(|v| v.ours), "control");
    assert!(!has_openssh || table[1][1] > 10, "control");
}

/// A date without `Z` is local time: whatever the zone of the receiver, we accept no sooner and no longer.
#[test]
fn no_time_zone_makes_ssh_keygen_stricter_than_us() {
    if !is_there("ssh-keygen") {
        return;
    }
    let temp = tempfile::tempdir().unwrap();
    let good = make::all().swap_remove(0);
    let line = String::from_utf8(good.signers.clone()).unwrap();
    let mut accepted = [0; 2];
    for hour in 0..36 {
        for option in ["valid-after", "valid-before"] {
            let day = format!("202606{:02}{:02}00", 1 + hour / 24, hour % 24);
            let day = if option == "valid-after" {
                day.replace("202606", "202605")
                    .replace("20260501", "20260531")
                    .replace("20260502", "20260601")
            } else {
                day
            };
            let text = line.replacen(' ', &format!(" {option}=\"{day}\" "), 1);
            let vector = Vector {
                signers: text.into_bytes(),
                ..good.clone()
            };
            let we = ours(&vector);
            for zone in ["UTC", "Etc/GMT+12", "Etc/GMT-14"] {
                let theirs = openssh(&vector, temp.path(), zone);
                assert!(!we || theirs, "{option} {day} in {zone}");
                accepted[usize::from(theirs)] += 1;
            }
        }
    }
    assert!(accepted[0] > 0 && accepted[1] > 0, "control: {accepted:?}");
}

/// One character of the armoured signature after the other becomes another.
#[test]
fn every_changed_character_of_a_signature_is_refused() {
    let good = make::all().swap_remove(0);
    assert!(ours(&good), "control");
    let mut changes = Vec::new();
    for at in 0..good.signature.len() {
        for to in *b"AQgw=\n-" {
            let mut signature = good.signature.clone();
            if signature[at] != to {
                signature[at] = to;
                changes.push(Vector {
                    signature,
                    ..good.clone()
                });
            }
        }
    }
    for change in &changes {
        let changed = String::from_utf8_lossy(&change.signature);
        assert!(!ours(change), "{changed}");
    }
    if !is_there("ssh-keygen") {
        return;
    }
    // Each costs a process.
    let step = if std::env::var_os("GLASSROOM_LONG_TESTS").is_some() {
        1
    } else {
        41
    };
    let temp = tempfile::tempdir().unwrap();
    let tried: Vec<_> = changes.iter().step_by(step).collect();
    let theirs = tried
        .iter()
        .filter(|change| openssh(change, temp.path(), "UTC"))
        .count();
    println!(
        "changes: {}, accepted by us 0; of {} ssh-keygen accepts {theirs}",
        changes.len(),
        tried.len()
    );
    assert!(openssh(&good, temp.path(), "UTC"), "control");
}
