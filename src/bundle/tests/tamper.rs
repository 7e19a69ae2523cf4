//! Bundles that somebody changed, and signers who may not sign.

use super::*;
use crate::bundle::manifest;
use std::os::unix::fs::PermissionsExt;

/// Writes the file, looks whether that is refused and named, and writes the old bytes again.
fn refuses(path: &Path, bytes: &[u8], whole: &[u8]) -> bool {
    let name = path.file_name().unwrap().to_str().unwrap();
    std::fs::write(path, bytes).unwrap();
    let found = check(path.parent().unwrap());
    std::fs::write(path, whole).unwrap();
    // A change of the list shows at the signature, too, or only there.
    let is_named = |p: &Problem| p.file == name || (name == SUMS && p.file == SIGNATURE);
    !found.valid && found.problems.iter().any(is_named)
}

#[test]
fn every_changed_byte_is_refused_and_named() {
    let (_temp, folder) = written(&Policy::default());
    let is_long = std::env::var_os("GLASSROOM_LONG_TESTS").is_some();
    let mut tried = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let whole = std::fs::read(&path).unwrap();
        // Signature and manifest byte by byte; of the files under a digest, a sample.
        let is_small = name.starts_with("SHA256SUMS") || is_long;
        let step = if is_small { 1 } else { whole.len() / 12 + 1 };
        for at in (0..whole.len()).step_by(step) {
            for change in [1u8, 0x20, 0x80] {
                let mut bytes = whole.clone();
                bytes[at] ^= change;
                assert!(refuses(&path, &bytes, &whole), "{name} at {at}");
                tried += 1;
            }
            let less = [&whole[..at], &whole[at + 1..]].concat();
            let more = [&whole[..at], b"x", &whole[at..]].concat();
            assert!(refuses(&path, &less, &whole), "{name} without {at}");
            assert!(refuses(&path, &more, &whole), "{name} with more at {at}");
        }
        assert!(
            refuses(&path, &whole[..whole.len() - 1], &whole),
            "{name} cut"
        );
        // One empty line behind a signature is how other programs end it.
        let more: &[u8] = if name == SIGNATURE { b"\n\n" } else { b"\n" };
        assert!(
            refuses(&path, &[&whole[..], more].concat(), &whole),
            "{name} grown"
        );
        assert!(refuses(&path, b"", &whole), "{name} emptied");
        std::fs::remove_file(&path).unwrap();
        assert!(is_wrong(&folder, &name), "{name} removed");
        std::fs::write(&path, &whole).unwrap();
    }
    println!("changed bytes: {tried}, accepted 0");
    assert!(check(&folder).valid, "the control: unchanged, it is valid");
}

#[test]
fn added_renamed_and_odd_files_are_named() {
    let (_temp, folder) = written(&Policy::default());
    let aside = |name: &str| folder.parent().unwrap().join(name);
    for extra in [
        "extra.txt",
        "ledger-bob.jsonl",
        "SHA256SUMS.release.sig.part",
        ".hidden",
        "a b",
    ] {
        let path = folder.join(extra);
        std::fs::write(&path, "x").unwrap();
        assert!(is_wrong(&folder, extra), "{extra}");
        std::fs::remove_file(&path).unwrap();
    }
    let path = folder.join("extra.txt");
    std::fs::create_dir(&path).unwrap();
    assert!(is_wrong(&folder, "extra.txt"));
    std::fs::remove_dir(&path).unwrap();
    for name in [
        "report.md",
        "bundle.json",
        SUMS,
        SIGNATURE,
        "ledger-alice.jsonl",
    ] {
        let path = folder.join(name);
        // Somewhere else, under another name, in another case, as a link to itself, as a pipe.
        std::fs::rename(&path, aside("file")).unwrap();
        assert!(is_wrong(&folder, name), "{name} moved");
        std::os::unix::fs::symlink(aside("file"), &path).unwrap();
        assert!(is_wrong(&folder, name), "{name} linked");
        std::fs::remove_file(&path).unwrap();
        let mode = rustix::fs::Mode::RUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert!(is_wrong(&folder, name), "{name} a pipe");
        std::fs::remove_file(&path).unwrap();
        let other = folder.join(name.to_lowercase() + "x");
        std::fs::rename(aside("file"), &other).unwrap();
        assert!(is_wrong(&folder, name), "{name} renamed");
        std::fs::rename(&other, &path).unwrap();
    }
    let twin = [folder.join("report.md"), folder.join("questions.md")];
    std::fs::rename(&twin[0], aside("file")).unwrap();
    std::fs::rename(&twin[1], &twin[0]).unwrap();
    std::fs::rename(aside("file"), &twin[1]).unwrap();
    assert!(is_wrong(&folder, "report.md") && is_wrong(&folder, "questions.md"));
    std::fs::rename(&twin[0], aside("file")).unwrap();
    std::fs::rename(&twin[1], &twin[0]).unwrap();
    std::fs::rename(aside("file"), &twin[1]).unwrap();
    assert!(check(&folder).valid, "control");
}

/// Ten gigabytes would take half a minute to read: they are refused by what the folder says of them.
#[test]
fn a_huge_file_is_named_and_not_read() {
    const HUGE: u64 = 10 << 30;
    let (_temp, folder) = written(&Policy::default());
    for name in [
        "extra.bin",
        "report.md",
        "ledger-alice.jsonl",
        SUMS,
        SIGNATURE,
    ] {
        let path = folder.join(name);
        let whole = std::fs::read(&path).ok();
        let file = std::fs::File::create(&path).unwrap();
        file.set_len(HUGE).unwrap();
        let before = read_bytes();
        assert!(is_wrong(&folder, name), "{name}");
        let read = read_bytes() - before;
        assert!(read < HUGE / 4, "{name}: {read} bytes were read");
        match whole {
            Some(whole) => std::fs::write(&path, whole).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
    }
    assert!(check(&folder).valid, "control");
}

/// How many bytes this process has read so far, other tests of it included.
fn read_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/io").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("rchar: "));
    line.unwrap().parse().unwrap()
}

/// Signs the bundle anew, with one file changed: as an allowed signer could.
fn signed_anew(folder: &Path, name: &str, bytes: Vec<u8>) {
    let mut files = rendered(&Policy::default()).files;
    files.retain(|(name, _)| name != SUMS);
    files.iter_mut().find(|(n, _)| n == name).unwrap().1 = bytes;
    let sums = manifest::write(&files);
    let signature = signed().signer.sign(NAMESPACE, &sums).unwrap();
    files.push((SUMS.to_owned(), sums));
    files.push((SIGNATURE.to_owned(), signature.into_bytes()));
    for (name, bytes) in &files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

#[test]
fn a_ledger_that_is_no_chain_is_named_whoever_signed_it() {
    let (_temp, folder) = written(&Policy::default());
    let name = "ledger-alice.jsonl";
    let whole = std::fs::read(folder.join(name)).unwrap();
    let lines: Vec<&[u8]> = whole.split_inclusive(|b| *b == b'\n').collect();
    let count = lines.len();
    assert!(count > 5);
    let with = |change: &dyn Fn(&mut Vec<&[u8]>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        lines.concat()
    };
    let swapped = with(&|lines| lines.swap(2, 3));
    // Under the old signature the digest says so, under a new one the chain.
    assert!(refuses(&folder.join(name), &swapped, &whole));
    for (what, bytes) in [
        ("two lines are exchanged", swapped),
        ("a line is missing", with(&|lines| _ = lines.remove(2))),
        (
            "the first line is missing",
            with(&|lines| _ = lines.remove(0)),
        ),
        ("the last line is missing", with(&|lines| _ = lines.pop())),
        (
            "a line is there twice",
            with(&|lines| lines.insert(2, lines[2])),
        ),
        ("an empty line", with(&|lines| lines.insert(2, b"\n"))),
        (
            "the last line has no end",
            whole[..whole.len() - 1].to_vec(),
        ),
        ("nothing", Vec::new()),
        ("junk", b"junk\n".to_vec()),
        (
            "another's line",
            String::from_utf8(whole.clone())
                .unwrap()
                .replace("\"reviewer\":\"alice\"", "\"reviewer\":\"mallory\"")
                .into_bytes(),
        ),
    ] {
        signed_anew(&folder, name, bytes);
        let found = check(&folder);
        assert!(found.signer.is_some(), "control: {what}");
        assert!(
            !found.valid && found.problems.iter().any(|p| p.file == name),
            "{what}"
        );
    }
    signed_anew(&folder, name, whole.clone());
    assert!(check(&folder).valid, "control");
}

#[test]
fn documents_that_contradict_each_other_are_named_whoever_signed_them() {
    let (_temp, folder) = written(&Policy::default());
    for (name, from, to) in [
        (
            "bundle.json",
            "\"reviewer\": \"alice\"",
            "\"reviewer\": \"mallory\"",
        ),
        ("bundle.json", "urn:glassroom", "urn:other"),
        ("bundle.json", "\"withheld\": ", "\"withheld\": 1"),
        ("bundle.json", "ledger-alice.jsonl", "ledger-other.jsonl"),
        ("bundle.json", "{", "{\"more\": 1,"),
        (
            "findings.json",
            "glassroom-findings/1",
            "glassroom-findings/2",
        ),
        ("findings.json", "\"commit\": \"01", "\"commit\": \"02"),
        ("findings.json", "\"start_line\": 8", "\"start_line\": 80"),
        ("coverage.json", "{", "["),
        ("policy.toml", "excerpt_lines = 0", "excerpt_lines = 9"),
    ] {
        let whole = std::fs::read_to_string(folder.join(name)).unwrap();
        assert!(whole.contains(from), "{name}: {from}");
        signed_anew(&folder, name, whole.replacen(from, to, 1).into_bytes());
        let found = check(&folder);
        assert!(found.signer.is_some(), "control: {name} {to}");
        assert!(!found.valid, "{name} {to}");
        signed_anew(&folder, name, whole.into_bytes());
        assert!(check(&folder).valid, "control");
    }
}

#[test]
fn wrong_signers_are_refused() {
    let (_temp, folder) = written(&Policy::default());
    let run = |lines: &str, name: &str| {
        let found = check_as(&folder, lines, name, None);
        (found.valid, found.signer.is_some())
    };
    let line = &signed().line;
    assert_eq!(run(line, "alice"), (true, true));
    assert_eq!(run(line, "bob"), (false, false));
    assert_eq!(run("", "alice"), (false, false));
    assert_eq!(
        run(&line.replace("findings@", "other@"), "alice"),
        (false, false)
    );
    assert_eq!(
        run(
            &line.replace(" namespaces", " valid-before=\"20200101Z\",namespaces"),
            "alice"
        ),
        (false, false)
    );
    // A signature for another purpose is none.
    let sums = std::fs::read(folder.join("SHA256SUMS")).unwrap();
    let other = signed().signer.sign("file", &sums).unwrap();
    std::fs::write(folder.join("SHA256SUMS.sig"), &other).unwrap();
    assert!(is_wrong(&folder, "SHA256SUMS.sig"));
    // Nor is one with other line ends or text around it, which the library alone would read.
    let good = signed().signer.sign(NAMESPACE, &sums).unwrap();
    for bad in [
        good.replace('\n', "\r\n"),
        format!("x\n{good}"),
        format!("{good}\n\n"),
        format!("{good}\nx\n"),
        good.trim_end().to_owned(),
    ] {
        std::fs::write(folder.join("SHA256SUMS.sig"), bad).unwrap();
        assert!(is_wrong(&folder, "SHA256SUMS.sig"));
    }
    std::fs::write(folder.join("SHA256SUMS.sig"), good).unwrap();
    assert!(check(&folder).valid);
}

/// Sets an extended attribute, or counts a skip where the file system has none.
fn attribute(path: &Path, name: &str) -> bool {
    let flags = rustix::fs::XattrFlags::empty();
    let set = rustix::fs::setxattr(path, name, b"static int secret;", flags);
    if let Err(error) = &set {
        skip(&format!("no {name} here: {error}"));
    }
    set.is_ok()
}

/// What stock tools do not see: it is in no file's content, and it leaves with the medium.
#[test]
fn nothing_is_carried_beside_the_files() {
    let (_temp, folder) = written(&Policy::default());
    let report = folder.join("report.md");
    assert!(check(&folder).valid, "control");
    for (path, file) in [
        (&folder, ""),
        (&report, "report.md"),
        (&folder.join(SUMS), SUMS),
        (&folder.join(SIGNATURE), SIGNATURE),
    ] {
        for name in ["user.note", "user.xdg.comment", "trusted.note"] {
            if attribute(path, name) {
                let found = check(&folder);
                let is_named = |p: &Problem| p.file == file && p.what.contains(name);
                assert!(found.problems.iter().any(is_named), "{file} {name}");
                rustix::fs::removexattr(path, name).unwrap();
            }
        }
    }
    let mode = |path: &Path, bits| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(bits)).unwrap();
    };
    for bits in [0o4644, 0o2755, 0o1644] {
        mode(&report, bits);
        assert!(is_wrong(&folder, "report.md"), "{bits:o}");
    }
    mode(&report, 0o755);
    assert!(check(&folder).valid, "FAT shows every file so");
    mode(&folder, 0o4755);
    assert!(is_wrong(&folder, ""));
    mode(&folder, 0o755);
    let aside = folder.parent().unwrap().join("twin");
    std::fs::hard_link(&report, &aside).unwrap();
    assert!(is_wrong(&folder, "report.md"), "a hard link");
    std::fs::remove_file(&aside).unwrap();
    assert!(check(&folder).valid, "control");
}
