//! The second person's signature.

use super::*;
use crate::bundle::manifest::{RELEASE, SUMS};

/// Bob's key, and a bundle that alice signed.
struct Desk {
    _temp: tempfile::TempDir,
    folder: PathBuf,
    bob: Signer,
}

impl Desk {
    fn new(policy: &Policy) -> Self {
        let (temp, folder) = written(policy);
        let path = temp.path().join("bob");
        KeyPair::generate(b"secret").unwrap().write(&path).unwrap();
        let bob = Signer::open(&path, b"secret").unwrap();
        Self {
            _temp: temp,
            folder,
            bob,
        }
    }

    fn release(&self, signer: &Signer, namespace: &str) {
        let sums = std::fs::read(self.folder.join(SUMS)).unwrap();
        let signature = signer.sign(namespace, &sums).unwrap();
        std::fs::write(self.folder.join(RELEASE), signature).unwrap();
    }

    fn signers(&self, bob: &str) -> String {
        format!(
            "{}{}\n",
            signed().line,
            self.bob.public().allowed_signers(bob)
        )
    }

    fn verify(&self, signers: &str, by: Option<&str>) -> Verified {
        check_as(&self.folder, signers, "alice", by)
    }
}

fn strict() -> Policy {
    Policy {
        second_signer: true,
        ..Policy::default()
    }
}

#[test]
fn a_second_person_is_asked_for_by_policy_or_by_the_receiver() {
    for (policy, by, needed) in [
        (Policy::default(), None, false),
        (Policy::default(), Some("bob"), true),
        (strict(), None, true),
        (strict(), Some("bob"), true),
    ] {
        let desk = Desk::new(&policy);
        let signers = desk.signers("bob");
        let before = desk.verify(&signers, by);
        assert_eq!(before.valid, !needed, "{by:?}: {:?}", before.problems);
        assert_eq!(before.problems.iter().any(|p| p.file == RELEASE), needed);
        desk.release(&desk.bob, RELEASE_NAMESPACE);
        let after = desk.verify(&signers, by);
        assert!(after.valid, "{:?}", after.problems);
        assert_eq!(after.releaser.unwrap().name, "bob");
        assert!(inspect(&desk.folder).unwrap().problems.is_empty());
    }
}

#[test]
fn a_second_signature_by_the_wrong_person_is_none() {
    let desk = Desk::new(&strict());
    let alice = &signed().signer;
    let is_refused = |signers: &str, by| {
        let found = desk.verify(signers, by);
        !found.valid && found.problems.iter().all(|p| p.file == RELEASE)
    };
    let good = desk.signers("bob");
    // The same key, the same purpose, a purpose that is not allowed, nobody, another name than said.
    desk.release(alice, RELEASE_NAMESPACE);
    assert!(is_refused(&good, None));
    desk.release(&desk.bob, NAMESPACE);
    assert!(is_refused(&good, None));
    desk.release(&desk.bob, RELEASE_NAMESPACE);
    assert!(is_refused(&signed().line, None));
    assert!(is_refused(&good, Some("carol")));
    assert!(is_refused(&good, Some("alice")));
    let bob = desk.bob.public().allowed_signers("bob");
    let only_findings = bob.replace(",release@glassroom,release-gated@glassroom", "");
    assert!(is_refused(
        &format!("{}{only_findings}\n", signed().line),
        None
    ));
    let expired = bob.replace(" namespaces", " valid-before=\"20200101Z\",namespaces");
    assert!(is_refused(&format!("{}{expired}\n", signed().line), None));
    // Two keys of one person are no second person, however they are listed.
    for names in ["alice", "bob,alice", "*"] {
        let signers = desk.signers(names);
        assert!(is_refused(&signers, None), "{names}");
        assert!(is_refused(&signers, Some("bob")), "{names}");
    }
    assert!(desk.verify(&good, None).valid, "control");
    // What else a signature can be is in the vectors; here, that the file is read as strictly.
    let path = desk.folder.join(RELEASE);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace('\n', "\r\n")).unwrap();
    assert!(is_refused(&good, None));
}

#[test]
fn the_policy_cannot_be_talked_out_of_it() {
    let desk = Desk::new(&strict());
    let text = std::fs::read_to_string(desk.folder.join("policy.toml")).unwrap();
    assert!(text.contains("\nsecond_signer = true\n"), "{text}");
    let statement = std::fs::read_to_string(desk.folder.join("bundle.json")).unwrap();
    assert!(statement.contains("\"second_signer\": true"), "{statement}");
    // Signed anew with one of the two changed: they contradict each other, and the stricter one counts.
    for (name, from, to) in [
        (
            "policy.toml",
            "second_signer = true",
            "second_signer = false",
        ),
        (
            "policy.toml",
            "second_signer = true",
            "# second_signer = true",
        ),
        (
            "bundle.json",
            "\"second_signer\": true",
            "\"second_signer\": false",
        ),
    ] {
        let mut files = rendered(&strict()).files;
        files.retain(|(name, _)| name != SUMS);
        let file = files.iter_mut().find(|(n, _)| n == name).unwrap();
        file.1 = String::from_utf8(file.1.clone())
            .unwrap()
            .replace(from, to)
            .into_bytes();
        let sums = manifest::write(&files);
        let signature = signed().signer.sign(NAMESPACE, &sums).unwrap();
        for (name, bytes) in files.iter().chain([
            &(SUMS.to_owned(), sums.clone()),
            &(SIGNATURE.to_owned(), signature.clone().into_bytes()),
        ]) {
            std::fs::write(desk.folder.join(name), bytes).unwrap();
        }
        let found = desk.verify(&desk.signers("bob"), None);
        assert!(found.signer.is_some() && !found.valid, "{name}: {to}");
        assert!(
            found.problems.iter().any(|p| p.file == "bundle.json"),
            "{to}"
        );
        assert!(found.problems.iter().any(|p| p.file == RELEASE), "{to}");
    }
}

/// A policy that asks for the gate at release takes only the signature that says that it was run, and stock tools see
/// the difference.
#[test]
fn only_a_release_that_says_so_says_that_the_gate_was_run() {
    let gated = Policy {
        gate_at_release: true,
        ..Policy::default()
    };
    for (policy, namespace, is_valid, is_gated) in [
        (Policy::default(), RELEASE_NAMESPACE, true, false),
        (Policy::default(), GATED_RELEASE_NAMESPACE, true, true),
        (strict(), RELEASE_NAMESPACE, true, false),
        (strict(), GATED_RELEASE_NAMESPACE, true, true),
        (gated.clone(), RELEASE_NAMESPACE, false, false),
        (gated.clone(), GATED_RELEASE_NAMESPACE, true, true),
        (gated.clone(), NAMESPACE, false, false),
    ] {
        let desk = Desk::new(&policy);
        let signers = desk.signers("bob");
        let before = desk.verify(&signers, None);
        assert_eq!(before.valid, !policy.needs_release(), "{namespace}");
        desk.release(&desk.bob, namespace);
        let found = desk.verify(&signers, None);
        assert_eq!(found.valid, is_valid, "{namespace}: {:?}", found.problems);
        assert_eq!(found.is_release_gated, is_gated, "{namespace}");
        // Whoever may only release may not say that the gate was run.
        let plain = signers.replace(",release-gated@glassroom", "");
        let listed = desk.verify(&plain, None);
        assert_eq!(listed.valid, is_valid && !is_gated, "{namespace}");
        if !is_there("ssh-keygen") {
            continue;
        }
        std::fs::write(
            desk.folder.parent().unwrap().join("allowed_signers"),
            &signers,
        )
        .unwrap();
        let script = "exec ssh-keygen -Y verify -f ../allowed_signers -I bob -n \"$0\" \
                      -s SHA256SUMS.release.sig < SHA256SUMS";
        let accepts = |namespace: &str| {
            let mut command = Command::new("/bin/sh");
            let command = command
                .args(["-c", script, namespace])
                .current_dir(&desk.folder);
            command.output().unwrap().status.success()
        };
        assert_eq!(accepts(GATED_RELEASE_NAMESPACE), is_gated);
        assert_eq!(accepts(RELEASE_NAMESPACE), namespace == RELEASE_NAMESPACE);
    }
}
