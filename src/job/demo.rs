//! The built-in demo snapshot: two releases of an invented radio node, on which everything can be tried
//! without a vendor's delivery.
//!
//! The sources lie in `assets/demo` as plain files and are part of the program, so that the demo works on a
//! machine that has nothing but the binary. Two rules turn a name there into the name in the snapshot, because
//! such files would steer the tools of whoever works on Glassroom itself: a part that begins with `dot_`
//! begins with a dot, and a file name that ends in `.planted` loses that ending. What cannot be a plain file,
//! a link and a submodule, is listed here.
//!
//! The ids are the same on every machine. What it does not do: renew a demo that is there already, because
//! reviews may be bound to its commits.

use crate::job::error::JobError;
use crate::model::FileKind;
use crate::snapshot::SnapshotError;
use crate::snapshot::demo::{DemoEntry, Release, build};
use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// The folder of the demo's repository, within the folder for demos.
pub const FOLDER: &str = "acme-ran.git";
/// The tags of its releases, oldest first; branch `main` and `HEAD` are at the last.
pub const TAGS: [&str; 2] = ["v2.4", "v2.5"];

/// A file of `assets/demo`: its name within the release's folder, and its bytes.
type Source = (&'static str, &'static [u8]);

/// Embeds files of one release's folder.
macro_rules! sources {
    ($release:literal: $($name:literal),* $(,)?) => {
        &[$((
            $name,
            include_bytes!(concat!("../../assets/demo/", $release, "/", $name)),
        )),*]
    };
}

/// Release 2.4, whole.
const OLD: &[Source] = sources!["2.4":
    "AGENTS.md.planted",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "config/conf.ini",
    "config/default.conf",
    "config/features.json",
    "config/site.override",
    "data/fw.bin",
    "docs/RELEASE_NOTES-2.4.md",
    "docs/architecture.md",
    "docs/esc.txt",
    "docs/interop_notes.txt",
    "docs/notes_cn.txt",
    "docs/security_claims.md",
    "dot_clang-format",
    "dot_editorconfig",
    "dot_gitattributes",
    "dot_gitignore",
    "dot_gitmodules",
    "dot_ignore",
    "dot_mailmap",
    "dot_vscode/settings.json",
    "lib/crypto_compat/opensl/heartbeat.c",
    "lib/crypto_compat/opensl/opensl_version.h",
    "lib/crypto_compat/opensl/slx_tables.h",
    "models/classifier.onnx",
    "scripts/site_hook.sh",
    "scripts/update.sh",
    "src/access.js",
    "src/auth.c",
    "src/auth.h",
    "src/config.c",
    "src/crc.c",
    "src/debug_cmd.c",
    "src/fsm.c",
    "src/gen/msg_ids.h",
    "src/latin1.c",
    "src/log.c",
    "src/main.c",
    "src/mgmt/backup.cpp",
    "src/mgmt/mgmt.hpp",
    "src/mgmt/mgmt_server.cpp",
    "src/msg_parser.c",
    "src/nas_codec.c",
    "src/net/replay.rs",
    "src/net/session.rs",
    "src/quota.c",
    "src/ran.h",
    "src/safe_mem.h",
    "src/timers.c",
    "tests/smoke.sh",
    "tests/test_codec.c",
    "third_party/opensl-1.0.2/README.vendor",
    "third_party/opensl-1.0.2/bignum.c",
    "third_party/opensl-1.0.2/heartbeat.c",
    "third_party/opensl-1.0.2/opensl_version.h",
    "third_party/opensl-1.0.2/slx_tables.h",
    "tools/licence.py",
    "tools/provision.py",
    "tools/ranctl.py",
    "web/app.min.js",
];

/// Release 2.5: what is added or changed.
const NEW: &[Source] = sources!["2.5":
    "CHANGELOG.md",
    "Makefile",
    "docs/RELEASE_NOTES-2.5.md",
    "docs/security_claims.md",
    "src/auth.c",
    "src/log.c",
    "src/mgmt/mgmt.hpp",
    "src/mgmt/telemetry.cpp",
    "src/msg_parser.c",
    "src/nas_codec.c",
    "third_party/opensl-1.0.2/opensl_version.h",
    "tools/legacy/provision.py",
];

/// Paths of release 2.4 that 2.5 no longer has, one a line.
const REMOVED: &str = include_str!("../../assets/demo/2.5.removed");

/// What no plain file can stand for: path, kind, target or commit. Both releases have it.
const SPECIAL: &[(&str, FileKind, &str)] = &[
    // A link out of the tree, which must never be followed.
    (
        "config/current.conf",
        FileKind::Symlink,
        "/etc/acme/ran.conf",
    ),
    // A submodule whose commit was not delivered.
    (
        "third_party/asn1rt",
        FileKind::Submodule,
        "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    ),
];

/// Builds the demo's bare repository at `folder`, unless something is there already. Missing folders above it
/// are made for their owner only.
pub fn ensure(folder: &Path) -> Result<(), JobError> {
    if folder.symlink_metadata().is_ok() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(parent);
        made.map_err(|source| JobError::Folder {
            action: "make",
            path: parent.to_path_buf(),
            source,
        })?;
    }
    match build(folder, &releases()) {
        // Another program was quicker.
        Err(SnapshotError::Exists { .. }) => Ok(()),
        result => Ok(result?),
    }
}

/// Puts both releases together.
fn releases() -> [Release<'static>; 2] {
    let special = SPECIAL.iter().map(|(path, kind, content)| DemoEntry {
        path: (*path).into(),
        kind: *kind,
        content: (*content).into(),
    });
    let keyed = |entry: DemoEntry| (entry.path.clone(), entry);
    let plain = OLD.iter().map(entry);
    let mut files: BTreeMap<_, _> = special.chain(plain).map(keyed).collect();
    let old = files.values().cloned().collect();
    for path in REMOVED.lines() {
        files.remove(path.as_bytes());
    }
    files.extend(NEW.iter().map(entry).map(keyed));
    let new = files.into_values().collect();
    let [first, second] = TAGS;
    [
        Release {
            tag: first,
            message: "Release 2.4",
            entries: old,
        },
        Release {
            tag: second,
            message: "Release 2.5",
            entries: new,
        },
    ]
}

/// Turns an embedded file into one of the snapshot; what a node or an engineer would run is executable.
fn entry(&(name, content): &Source) -> DemoEntry {
    let path = path_of(name);
    let ending = Path::new(&path)
        .extension()
        .and_then(|ending| ending.to_str());
    let is_script = match ending {
        Some("sh") => true,
        Some("py") => path.starts_with("tools/"),
        _ => false,
    };
    DemoEntry {
        path: path.into_bytes(),
        kind: if is_script {
            FileKind::Executable
        } else {
            FileKind::Regular
        },
        content: content.to_vec(),
    }
}

/// Returns the path in the snapshot of a file in `assets/demo`.
fn path_of(name: &str) -> String {
    let name = name.strip_suffix(".planted").unwrap_or(name);
    let parts = name.split('/').map(|part| match part.strip_prefix("dot_") {
        Some(rest) => format!(".{rest}"),
        None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::{Snapshot, WalkLimits};
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    /// Lists the files below a folder, by name.
    fn on_disk(release: &str) -> Vec<String> {
        let top = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("assets/demo")
            .join(release);
        let mut found = Vec::new();
        let mut waiting: Vec<PathBuf> = vec![top.clone()];
        while let Some(folder) = waiting.pop() {
            for entry in folder.read_dir().unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    waiting.push(path);
                } else {
                    let name = path.strip_prefix(&top).unwrap();
                    found.push(name.to_str().unwrap().to_owned());
                }
            }
        }
        found.sort();
        found
    }

    fn names(sources: &[Source]) -> Vec<String> {
        let mut names: Vec<_> = sources.iter().map(|(name, _)| (*name).to_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_list_is_the_folder() {
        assert_eq!(names(OLD), on_disk("2.4"));
        assert_eq!(names(NEW), on_disk("2.5"));
    }

    #[test]
    fn names_are_turned_back() {
        for (name, path) in [
            ("dot_vscode/settings.json", ".vscode/settings.json"),
            ("a/dot_ignore", "a/.ignore"),
            ("AGENTS.md.planted", "AGENTS.md"),
            ("src/not_dot_here.c", "src/not_dot_here.c"),
        ] {
            assert_eq!(path_of(name), path);
        }
    }

    #[test]
    fn what_is_removed_was_there_and_stays_away() {
        let [old, new] = releases();
        assert!(REMOVED.lines().count() > 0);
        for path in REMOVED.lines() {
            let holds = |release: &Release<'_>| {
                let mut entries = release.entries.iter();
                entries.any(|entry| entry.path == path.as_bytes())
            };
            assert!(holds(&old), "{path}");
            assert!(!holds(&new), "{path}");
        }
    }

    #[test]
    fn the_demo_is_the_same_on_every_machine() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("demo").join(FOLDER);
        ensure(&folder).unwrap();
        ensure(&folder).unwrap();
        let mode = folder.parent().unwrap().metadata().unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o700);
        let store = dir.path().join("store");
        let open = |rev| Snapshot::open(&folder, rev, &store).unwrap();
        let ids = [Some("v2.4"), Some("v2.5"), None].map(|rev| open(rev).commit().to_string());
        // A change of these is a change of the demo: look at the difference, then write the new ones down.
        assert_eq!(
            ids,
            [
                "590973b7ac227a5737353ddb39782a34b3f6f015",
                "203d2db7341c74f900264658e48453ca4a588ff2",
                "203d2db7341c74f900264658e48453ca4a588ff2"
            ]
        );

        let old = open(Some("v2.4"));
        let walk = old.walk(&WalkLimits::default(), &|| false).unwrap();
        assert!(!walk.truncated && walk.unreadable_folders.is_empty());
        let find = |path: &str| {
            let mut files = walk.files.iter();
            files.find(|file| file.path.to_string() == path).unwrap()
        };
        let auth = old.read(&find("src/auth.c").blob, 1 << 20).unwrap();
        let auth = String::from_utf8(auth).unwrap();
        assert!(auth.lines().nth(7).unwrap().contains("strcpy(buf, in)"));
        assert_eq!(find(".gitmodules").kind, FileKind::Regular);
        assert_eq!(find("AGENTS.md").kind, FileKind::Regular);
        assert_eq!(find("scripts/update.sh").kind, FileKind::Executable);
        assert_eq!(find("tools/ranctl.py").kind, FileKind::Executable);
        assert_eq!(find("config/current.conf").kind, FileKind::Symlink);
        assert_eq!(find("third_party/asn1rt").kind, FileKind::Submodule);
        let latin = old.read(&find("src/latin1.c").blob, 1 << 20).unwrap();
        assert!(String::from_utf8(latin).is_err(), "an encoding was lost");
    }
}
