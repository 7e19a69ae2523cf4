use super::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

fn files() -> Vec<Named> {
    vec![
        ("README.txt".into(), b"read me\n".to_vec()),
        ("report.md".into(), vec![b'x'; 100_000]),
    ]
}

fn names_in(folder: &Path) -> Vec<String> {
    let name = |e: std::io::Result<fs::DirEntry>| e.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

#[test]
fn a_folder_is_written_private_and_whole() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("bundle-1");
    let mut seen = Vec::new();
    write(&folder, &files(), &mut |read| {
        seen = read.to_vec();
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, files());
    assert_eq!(names_in(temp.path()), ["bundle-1"]);
    assert_eq!(names_in(&folder), ["README.txt", "report.md"]);
    let mode = |p: PathBuf| fs::metadata(p).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(folder.clone()), mode(folder.join("report.md"))),
        (0o700, 0o600)
    );
    assert!(matches!(
        write(&folder, &files(), &mut |_| Ok(())),
        Err(MediumError::Exists { .. })
    ));
}

/// Drivers that rename wrongly: what the folder holds afterwards, the name it has then, and how it is noticed.
#[test]
fn a_driver_that_loses_what_it_renames_is_noticed() {
    type Fault = fn(&Path);
    let faults: [(&str, Fault, bool); 6] = [
        (
            "empty",
            |at| {
                fs::read_dir(at)
                    .unwrap()
                    .for_each(|e| fs::remove_file(e.unwrap().path()).unwrap());
            },
            true,
        ),
        ("gone", |at| fs::remove_dir_all(at).unwrap(), true),
        (
            "one lost",
            |at| fs::remove_file(at.join("report.md")).unwrap(),
            true,
        ),
        ("one more", |at| fs::write(at.join("x"), "x").unwrap(), true),
        (
            "cut",
            |at| fs::write(at.join("report.md"), "xxx").unwrap(),
            false,
        ),
        (
            "zeros",
            |at| fs::write(at.join("report.md"), vec![0; 100_000]).unwrap(),
            false,
        ),
    ];
    for (name, fault, is_lost) in faults {
        let temp = tempfile::tempdir().unwrap();
        let bundle = temp.path().join("bundle");
        let broken = |folder: &File, names: (&OsString, &OsString), path: &Path| {
            rename(folder, names, path)?;
            if path == bundle {
                fault(path);
            }
            Ok(())
        };
        let error = write_renaming(&bundle, &files(), &mut |_| Ok(()), &broken).unwrap_err();
        let was_lost = matches!(error, MediumError::Lost { .. });
        assert_eq!(was_lost, is_lost, "{name}: {error}");
        assert!(
            is_lost || matches!(error, MediumError::Differs { .. }),
            "{name}: {error}"
        );
        // What is not ours stays, under no bundle's name.
        let left = if name == "one more" {
            vec!["bundle.part"]
        } else {
            vec![]
        };
        assert_eq!(names_in(temp.path()), left, "{name}");
    }
    // A driver that says it renamed and did not.
    let temp = tempfile::tempdir().unwrap();
    let lazy: RenameCall<'_> = &|_, _, _| Ok(());
    let bundle = temp.path().join("bundle");
    let error = write_renaming(&bundle, &files(), &mut |_| Ok(()), lazy).unwrap_err();
    assert!(matches!(error, MediumError::Lost { .. }), "{error}");
    assert!(!bundle.exists());
    // The control: a driver that renames as it should.
    let temp = tempfile::tempdir().unwrap();
    let bundle = temp.path().join("bundle");
    write_renaming(&bundle, &files(), &mut |_| Ok(()), &rename).unwrap();
    assert_eq!(names_in(&bundle), ["README.txt", "report.md"]);
}

#[test]
fn a_refusal_leaves_everything_as_it_was() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("b");
    let refuse: Judge<'_> = &mut |_| Err("no".into());
    let error = write(&folder, &files(), refuse).unwrap_err();
    assert!(matches!(error, MediumError::Refused { .. }));
    assert!(names_in(temp.path()).is_empty());
    // What changes on the medium between writing and the end is noticed; the control is the test above.
    let part = temp.path().join("b.part");
    let error = write(&folder, &files(), &mut |_| {
        fs::create_dir(&folder).unwrap();
        fs::write(part.join("other"), "not ours").unwrap();
        Ok(())
    });
    assert!(matches!(error, Err(MediumError::Exists { .. })));
    assert_eq!(names_in(&part), ["other"], "what is not ours stays");
}

#[test]
fn links_leftovers_and_missing_parents_are_refused() {
    let temp = tempfile::tempdir().unwrap();
    let at = |name: &str| temp.path().join(name);
    fs::create_dir_all(at("real/sub")).unwrap();
    symlink(at("real"), at("link")).unwrap();
    symlink(at("nowhere"), at("dangling")).unwrap();
    fs::create_dir(at("old.part")).unwrap();
    fs::write(at("file"), "").unwrap();
    let run = |name: &str| write(&at(name), &files(), &mut |_| Ok(())).unwrap_err();
    assert!(matches!(run("link/b"), MediumError::Symlink { .. }));
    assert!(run("link/sub/b").hint().unwrap().contains("real"));
    assert!(matches!(run("dangling"), MediumError::Exists { .. }));
    assert!(matches!(run("old"), MediumError::PartExists { .. }));
    assert!(matches!(run("none/b"), MediumError::NoParent { .. }));
    assert!(matches!(run("file/b"), MediumError::NoParent { .. }));
    assert!(matches!(run("real/.."), MediumError::NoName { .. }));
    assert!(names_in(&at("real/sub")).is_empty());
}

#[test]
fn only_names_that_every_medium_holds() {
    for name in [
        "a.md",
        "ledger-a@b.jsonl",
        "SHA256SUMS",
        "README.txt",
        "conx.md",
        "com10",
    ] {
        assert!(is_safe_name(name), "{name}");
    }
    for name in [
        "", "A.md", "a b", "a/b", "..", ".x", "con", "aux.md", "com1.txt", "a.", "a:b", "-rf", "ä",
    ] {
        assert!(!is_safe_name(name), "{name}");
    }
    let twice = vec![("a".to_owned(), vec![]), ("a".to_owned(), vec![])];
    assert!(matches!(
        write(Path::new("/x/y"), &twice, &mut |_| Ok(())),
        Err(MediumError::Name { .. })
    ));
}

/// A folder can hand its access list down to everything that is made in it.
#[test]
fn what_a_parent_hands_down_is_taken_from_the_bundle() {
    let temp = tempfile::tempdir().unwrap();
    // Version 2, then owner, group, mask and others, and one more user by number: a list that no mode can say.
    let mut list = 2u32.to_le_bytes().to_vec();
    for (tag, rights, id) in [
        (1u16, 7u16, u32::MAX),
        (2, 6, 12_345),
        (4, 5, u32::MAX),
        (16, 7, u32::MAX),
        (32, 5, u32::MAX),
    ] {
        list.extend(tag.to_le_bytes());
        list.extend(rights.to_le_bytes());
        list.extend(id.to_le_bytes());
    }
    let flags = rustix::fs::XattrFlags::empty();
    let name = "system.posix_acl_default";
    if let Err(error) = rustix::fs::setxattr(temp.path(), name, &list, flags) {
        let _ = std::io::Write::write_fmt(
            &mut std::io::stderr(),
            format_args!("skipped (1): no access lists here: {error}\n"),
        );
        return;
    }
    let carried = |path: &Path| {
        let mut names = vec![0; 4096];
        let size = rustix::fs::llistxattr(path, &mut names[..]).unwrap();
        let names = names[..size].split(|b| *b == 0);
        names
            .filter(|n| !n.is_empty() && !is_set_by_system(n))
            .count()
    };
    fs::write(temp.path().join("plain"), "").unwrap();
    assert!(carried(&temp.path().join("plain")) > 0, "control");
    let folder = temp.path().join("bundle");
    write(&folder, &files(), &mut |_| Ok(())).unwrap();
    assert_eq!(carried(&folder), 0);
    for name in names_in(&folder) {
        assert_eq!(carried(&folder.join(&name)), 0, "{name}");
    }
}
