//! Media that are full, read-only, pulled out or laid with traps: nothing half-done, the old state intact, and the
//! ledger says what happened.

use crate::support::desk::{Desk, Person, everything, has, stock};
use crate::support::skip;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A file system mounted in a folder of its own, until this is dropped.
struct Mounted(tempfile::TempDir);

impl Mounted {
    /// Mounts it; counts and prints a skip if that is not possible.
    fn new(arguments: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("mount");
        let command = command.args(arguments).arg(folder.path());
        let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
        if quiet.status().is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        skip(&format!("cannot mount {}", arguments.join(" ")));
        None
    }

    fn bundle(&self) -> PathBuf {
        self.0.path().join("bundle")
    }

    fn remount(&self, option: &str) {
        let folder = self.0.path().to_str().unwrap();
        stock(
            "mount",
            &["-o", &format!("remount,{option}"), folder],
            Path::new("/"),
        );
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

/// Exports and checks that it fails, that the medium is as it was, and that the ledger says why.
fn refuses(desk: &Desk, alice: &Person, to: &Path, said: &str, recorded: &str) {
    let before = everything(to.parent().unwrap());
    let exports = desk.exports().len();
    let outcome = desk.export_by(alice, to);
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.stderr.contains(said), "{said}: {outcome:?}");
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
    assert_eq!(everything(to.parent().unwrap()), before, "{said}");
    let after = desk.exports();
    assert_eq!(after.len(), exports + 1, "{after:?}");
    assert_eq!(after[exports], (false, format!("not exported: {recorded}")));
}

#[test]
fn what_stands_in_the_way_is_left_alone() {
    let desk = Desk::new();
    let alice = desk.person("alice");
    let medium = tempfile::tempdir().unwrap();
    let at = |name: &str| medium.path().join(name);
    fs::create_dir(at("real")).unwrap();
    symlink(at("real"), at("link")).unwrap();
    symlink("/nowhere", at("planted")).unwrap();
    symlink("/nowhere", at("trap.part")).unwrap();
    fs::create_dir(at("old.part")).unwrap();
    fs::write(at("old.part/report.md"), "half").unwrap();
    fs::write(at("file"), "mine").unwrap();
    assert_eq!(desk.export_by(&alice, &at("good")).code, Some(0), "control");
    for (name, said, recorded) in [
        ("good", "exists; name a new folder", "the folder exists"),
        ("real", "exists; name a new folder", "the folder exists"),
        ("file", "exists; name a new folder", "the folder exists"),
        ("planted", "exists; name a new folder", "the folder exists"),
        (
            "link/bundle",
            "is a symbolic link",
            "a symbolic link is in the way",
        ),
        (
            "trap",
            "remove it with rm -r",
            "an earlier export to it did not end",
        ),
        (
            "old",
            "remove it with rm -r",
            "an earlier export to it did not end",
        ),
        (
            "none/bundle",
            "does not exist",
            "the folder above it does not exist",
        ),
        (
            "file/bundle",
            "does not exist",
            "the folder above it does not exist",
        ),
    ] {
        let before = everything(medium.path());
        let exports = desk.exports().len();
        let outcome = desk.export_by(&alice, &at(name));
        assert_eq!(outcome.code, Some(3), "{name}: {outcome:?}");
        assert!(outcome.stderr.contains(said), "{name}: {outcome:?}");
        assert_eq!(everything(medium.path()), before, "{name}");
        let last = desk.exports().pop().unwrap();
        assert_eq!(last, (false, format!("not exported: {recorded}")), "{name}");
        assert_eq!(desk.exports().len(), exports + 1);
    }
    // What is said to be done next works.
    fs::remove_dir_all(at("old.part")).unwrap();
    assert_eq!(desk.export_by(&alice, &at("old")).code, Some(0));
    assert_eq!(desk.exports().iter().filter(|(yes, _)| *yes).count(), 2);
}

#[test]
fn a_full_or_read_only_medium_is_left_as_it_was() {
    let desk = Desk::new();
    let alice = desk.person("alice");
    if let Some(medium) = Mounted::new(&["-t", "tmpfs", "-o", "size=40k", "tmpfs"]) {
        let recorded = "the medium has too little room";
        refuses(&desk, &alice, &medium.bundle(), "has room for", recorded);
        medium.remount("size=4m");
        assert_eq!(
            desk.export_by(&alice, &medium.bundle()).code,
            Some(0),
            "control"
        );
    }
    // Room for the bytes and not for so many files: it fills up in the middle.
    if let Some(medium) = Mounted::new(&["-t", "tmpfs", "-o", "size=4m,nr_inodes=6", "tmpfs"]) {
        let said = "the medium is full";
        refuses(&desk, &alice, &medium.bundle(), said, said);
        medium.remount("nr_inodes=60");
        assert_eq!(
            desk.export_by(&alice, &medium.bundle()).code,
            Some(0),
            "control"
        );
    }
    if let Some(medium) = Mounted::new(&["-t", "tmpfs", "-o", "ro", "tmpfs"]) {
        let said = "the medium is read-only";
        refuses(&desk, &alice, &medium.bundle(), said, said);
        medium.remount("rw");
        assert_eq!(
            desk.export_by(&alice, &medium.bundle()).code,
            Some(0),
            "control"
        );
    }
}

/// On a file system of each kind that can be made here, taken away and put in again.
#[test]
fn a_bundle_is_whole_when_its_medium_is_mounted_again() {
    let desk = Desk::new();
    let alice = desk.person("alice");
    let signers = desk.file("signers", &alice.line);
    for (kind, make) in [
        ("ext4", "mkfs.ext4"),
        ("vfat", "mkfs.vfat"),
        ("exfat", "mkfs.exfat"),
    ] {
        if !has(make) {
            continue;
        }
        let image = desk.path(&format!("{kind}.img"));
        fs::File::create(&image).unwrap().set_len(16 << 20).unwrap();
        stock(make, &[&image], Path::new("/"));
        let Some(medium) = Mounted::new(&["-t", kind, "-o", "loop", &image]) else {
            continue;
        };
        let outcome = desk.export_by(&alice, &medium.bundle());
        assert_eq!(outcome.code, Some(0), "{kind}: {outcome:?}");
        assert!(outcome.stdout.contains("safe to remove"), "{outcome:?}");
        drop(medium);
        let medium = Mounted::new(&["-t", kind, "-o", "loop,ro", &image]).unwrap();
        let good = desk.verify(&medium.bundle(), &signers, &[]);
        assert_eq!(good.code, Some(0), "{kind}: {good:?}");
    }
}

#[test]
fn a_policy_for_removable_media_refuses_others() {
    let desk = Desk::new();
    let alice = desk.person("alice");
    let medium = tempfile::tempdir().unwrap();
    let to = medium.path().join("bundle");
    desk.policy("media = \"removable\"\n");
    let said = "is not on a removable medium";
    refuses(&desk, &alice, &to, said, "the medium is not removable");
    desk.policy("media = \"any\"\n");
    assert_eq!(desk.export_by(&alice, &to).code, Some(0), "control");
}

#[test]
fn media_are_listed() {
    let desk = Desk::new();
    let listed = desk.program.run(&["media", "list", "--json"]);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let names = [
        "device",
        "mount_point",
        "file_system",
        "label",
        "total_bytes",
        "free_bytes",
        "read_only",
    ];
    for line in listed.stdout.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let fields: Vec<_> = record.as_object().unwrap().keys().cloned().collect();
        assert!(
            names.iter().all(|name| fields.iter().any(|f| f == name)),
            "{line}"
        );
    }
}
