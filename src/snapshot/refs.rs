//! The strict reader of refs: `HEAD`, `packed-refs` and the files beneath `refs`, and what a name means.
//!
//! Only regular files are read, no link is followed, a name must satisfy git-check-ref-format(1), and all is
//! capped. A ref that is broken is left out, as git does with a warning; asking for it then says so.

use crate::model::RepoPath;
use crate::snapshot::SnapshotError;
use crate::snapshot::source::{read_plain, unreadable};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Refs of one delivery.
const REFS: usize = 100_000;
/// Bytes of one file beneath `refs`.
const REF_BYTES: u64 = 64 << 10;
/// Bytes of `packed-refs`.
const PACKED_BYTES: u64 = 64 << 20;
/// Symbolic refs followed; git's own `SYMREF_MAXDEPTH`.
const SYMBOLIC: usize = 5;
/// Folders beneath `refs`.
const DEPTH: usize = 64;

/// The bytes of an object id.
pub(super) type Id = [u8; 20];

/// What a ref holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// The id of an object of any kind.
    Id(Id),
    /// The name of another ref.
    Symbolic(Vec<u8>),
}

/// The refs of a delivery by full name, `HEAD` among them.
#[derive(Debug, Clone, Default)]
pub(super) struct Refs(BTreeMap<Vec<u8>, Target>);

/// Reads 40 hexadecimal digits; nothing else is an id.
pub(super) fn parse_id(hex: &[u8]) -> Option<Id> {
    if hex.len() != 40 {
        return None;
    }
    let mut id = [0; 20];
    for (byte, pair) in id.iter_mut().zip(hex.chunks(2)) {
        let digit = |c: u8| (c as char).to_digit(16);
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(id)
}

/// Returns whether the text is the longer id of a SHA-256 repository.
pub(super) fn is_long_id(hex: &[u8]) -> bool {
    hex.len() == 64 && hex.iter().all(u8::is_ascii_hexdigit)
}

/// Returns whether a full name follows the rules of git-check-ref-format(1).
pub(super) fn is_ref_name(name: &[u8]) -> bool {
    let bad = |b: &u8| *b <= b' ' || *b == 0x7f || b"~^:?*[\\".contains(b);
    let bad_part = |part: &[u8]| {
        part.is_empty()
            || part[0] == b'.'
            || part.ends_with(b".lock")
            || part.windows(2).any(|w| w == b".." || w == b"@{")
    };
    !name.is_empty()
        && name.len() <= 4096
        && !name.iter().any(bad)
        && !name.split(|b| *b == b'/').any(bad_part)
        && !name.ends_with(b".")
        && name != b"@"
}

/// Returns the form of a name that may be shown.
fn shown(name: &[u8]) -> String {
    RepoPath::new(name).to_string()
}

impl Refs {
    /// Reads the refs of a repository folder.
    pub(super) fn read(git_dir: &Path) -> Result<Self, SnapshotError> {
        let mut refs = Self::default();
        refs.read_packed(git_dir)?;
        refs.read_loose(git_dir)?;
        let head = git_dir.join("HEAD");
        let bytes = read_plain(&head, REF_BYTES)?.unwrap_or_default();
        let Some(target) = parse_target(&bytes, git_dir)? else {
            return Err(SnapshotError::DamagedHead { path: head });
        };
        refs.0.insert(b"HEAD".to_vec(), target);
        Ok(refs)
    }

    /// Adds a ref whose name was checked; false beyond the cap.
    pub(super) fn add(&mut self, name: &[u8], target: Target) -> bool {
        self.0.insert(name.to_vec(), target);
        self.0.len() <= REFS
    }

    fn read_packed(&mut self, git_dir: &Path) -> Result<(), SnapshotError> {
        let path = git_dir.join("packed-refs");
        let bytes = read_plain(&path, PACKED_BYTES)?.unwrap_or_default();
        for (at, line) in bytes.split(|b| *b == b'\n').enumerate() {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() || line[0] == b'#' || line[0] == b'^' {
                continue;
            }
            let (hex, name) = line
                .iter()
                .position(|b| *b == b' ')
                .map_or((line, &[][..]), |i| (&line[..i], &line[i + 1..]));
            if is_long_id(hex) {
                return Err(SnapshotError::Sha256 {
                    path: git_dir.to_path_buf(),
                });
            }
            let Some(id) = parse_id(hex) else {
                return Err(SnapshotError::DamagedRefs { path, line: at + 1 });
            };
            if is_ref_name(name) && name.starts_with(b"refs/") && !self.add(name, Target::Id(id)) {
                return Err(too_many(&path));
            }
        }
        Ok(())
    }

    fn read_loose(&mut self, git_dir: &Path) -> Result<(), SnapshotError> {
        let mut folders = vec![(git_dir.join("refs"), b"refs".to_vec(), 0)];
        let mut seen = 0;
        while let Some((folder, prefix, depth)) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                Err(e) => return Err(unreadable(&folder, e)),
            };
            for entry in entries {
                let entry = entry.map_err(|e| unreadable(&folder, e))?;
                seen += 1;
                if seen > 2 * REFS {
                    return Err(too_many(&git_dir.join("refs")));
                }
                let path = entry.path();
                let kind = entry.file_type().map_err(|e| unreadable(&path, e))?;
                let name = [&prefix, b"/".as_slice(), entry.file_name().as_bytes()].concat();
                if kind.is_dir() && depth < DEPTH {
                    folders.push((path, name, depth + 1));
                } else if kind.is_file() && is_ref_name(&name) {
                    let bytes = read_plain(&path, REF_BYTES)?.unwrap_or_default();
                    if let Some(target) = parse_target(&bytes, git_dir)?
                        && !self.add(&name, target)
                    {
                        return Err(too_many(&git_dir.join("refs")));
                    }
                }
            }
        }
        Ok(())
    }

    /// Follows symbolic refs from a full name to an id, and to the last name before it.
    fn follow(&self, name: &[u8]) -> Option<(Vec<u8>, Id)> {
        let mut name = name.to_vec();
        for _ in 0..=SYMBOLIC {
            match self.0.get(&name)? {
                Target::Id(id) => return Some((name, *id)),
                Target::Symbolic(next) => name.clone_from(next),
            }
        }
        None
    }

    /// Returns full names and ids, without `HEAD` and without what leads nowhere.
    pub(super) fn list(&self) -> Vec<(String, Id)> {
        let named = self.0.keys().filter(|name| *name != b"HEAD");
        named
            .filter_map(|name| self.follow(name).map(|(_, id)| (shown(name), id)))
            .collect()
    }

    /// Returns the names for a hint.
    pub(super) fn names(&self) -> Vec<String> {
        self.list().into_iter().map(|(name, _)| name).collect()
    }

    /// Returns whether any ref starts so.
    pub(super) fn has_prefix(&self, prefix: &[u8]) -> bool {
        self.0.keys().any(|name| name.starts_with(prefix))
    }

    /// Returns what is meant when no revision was named: its short name and its id.
    pub(super) fn unnamed(&self) -> Option<(String, Id)> {
        if let Some((name, id)) = self.follow(b"HEAD") {
            if name != b"HEAD" {
                return Some((short(&name), id));
            }
            // A bundle's HEAD is an id; the one branch that has it names it better.
            let mut same = self
                .0
                .iter()
                .filter(|(n, t)| n.starts_with(b"refs/heads/") && **t == Target::Id(id));
            return match (same.next(), same.next()) {
                (Some((branch, _)), None) => Some((short(branch), id)),
                _ => Some(("HEAD".to_owned(), id)),
            };
        }
        if self.0.contains_key(b"HEAD".as_slice()) {
            return None;
        }
        let mut all = self.0.keys();
        match (all.next(), all.next()) {
            (Some(only), None) => self.follow(only).map(|(name, id)| (short(&name), id)),
            _ => None,
        }
    }

    /// Returns what a full or short name means, in git's order of namespaces; two meanings are an error.
    pub(super) fn resolve(&self, rev: &str) -> Result<Option<Id>, SnapshotError> {
        let raw = rev.parse::<RepoPath>().map_or_else(
            |_| rev.as_bytes().to_vec(),
            |decoded| decoded.as_bytes().to_vec(),
        );
        if let Some((_, id)) = self.follow(&raw) {
            return Ok(Some(id));
        }
        let wrap = |start: &str, end: &str| [start.as_bytes(), &raw, end.as_bytes()].concat();
        let meanings: Vec<_> = [
            wrap("refs/", ""),
            wrap("refs/tags/", ""),
            wrap("refs/heads/", ""),
            wrap("refs/remotes/", ""),
            wrap("refs/remotes/", "/HEAD"),
        ]
        .into_iter()
        .filter_map(|name| self.follow(&name).map(|(_, id)| (name, id)))
        .collect();
        let Some((_, first)) = meanings.first() else {
            return Ok(None);
        };
        if meanings.iter().any(|(_, id)| id != first) {
            return Err(SnapshotError::AmbiguousRevision {
                rev: rev.to_owned(),
                refs: meanings.iter().map(|(name, _)| shown(name)).collect(),
            });
        }
        Ok(Some(*first))
    }
}

fn too_many(path: &Path) -> SnapshotError {
    SnapshotError::OverLimit {
        path: path.to_path_buf(),
        limit: REFS as u64,
    }
}

fn short(name: &[u8]) -> String {
    let start = [b"refs/heads/".as_slice(), b"refs/tags/"];
    let cut = start.iter().find_map(|s| name.strip_prefix(*s));
    shown(cut.unwrap_or(name))
}

/// Reads `ref: NAME` or an id; nothing if it is neither.
fn parse_target(bytes: &[u8], git_dir: &Path) -> Result<Option<Target>, SnapshotError> {
    let line = bytes.trim_ascii_end();
    if let Some(name) = line.strip_prefix(b"ref:") {
        let name = name.trim_ascii_start();
        let target = is_ref_name(name).then(|| Target::Symbolic(name.to_vec()));
        return Ok(target);
    }
    let word = line.split(u8::is_ascii_whitespace).next().unwrap_or(line);
    if is_long_id(word) {
        return Err(SnapshotError::Sha256 {
            path: git_dir.to_path_buf(),
        });
    }
    Ok(parse_id(word).map(Target::Id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    const A: &str = "1111111111111111111111111111111111111111";
    const B: &str = "2222222222222222222222222222222222222222";

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    #[test]
    fn names_follow_the_rules_of_git() {
        for good in ["HEAD", "refs/heads/main", "refs/heads/größe", "refs/x/y-z"] {
            assert!(is_ref_name(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            "@",
            "refs//x",
            "/refs/x",
            "refs/x/",
            "refs/.x",
            "refs/x.lock",
            "refs/x.lock/y",
            "refs/a..b",
            "refs/a b",
            "refs/a\x1bb",
            "refs/a:b",
            "refs/x.",
            "refs/a@{b",
            "refs/../x",
        ] {
            assert!(!is_ref_name(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn a_loose_ref_wins_over_a_packed_one_and_links_are_not_followed() {
        let packed =
            format!("# pack-refs with: peeled\n{A} refs/heads/main\n^{B}\n{A} refs/tags/v1\n");
        let main = format!("{B}\n");
        let dir = folder(&[
            ("HEAD", "ref: refs/heads/main\n"),
            ("packed-refs", &packed),
            ("refs/heads/main", &main),
            ("refs/heads/bad.lock", &main),
            ("refs/heads/torn", ""),
            ("secret", &main),
        ]);
        symlink(
            dir.path().join("secret"),
            dir.path().join("refs/heads/link"),
        )
        .unwrap();
        let refs = Refs::read(dir.path()).unwrap();
        assert_eq!(refs.names(), ["refs/heads/main", "refs/tags/v1"]);
        assert_eq!(refs.unnamed(), Some(("main".into(), [0x22; 20])));
        assert_eq!(refs.resolve("main").unwrap(), Some([0x22; 20]));
        assert_eq!(refs.resolve("tags/v1").unwrap(), Some([0x11; 20]));
        assert_eq!(refs.resolve("link").unwrap(), None);
    }

    #[test]
    fn a_name_with_two_meanings_is_an_error_and_equal_meanings_are_not() {
        let two = format!("{A} refs/heads/x\n{B} refs/tags/x\n");
        let dir = folder(&[("HEAD", "ref: refs/heads/x"), ("packed-refs", &two)]);
        let refs = Refs::read(dir.path()).unwrap();
        let Err(SnapshotError::AmbiguousRevision { refs, .. }) = refs.resolve("x") else {
            panic!("two meanings passed");
        };
        assert_eq!(refs, ["refs/tags/x", "refs/heads/x"]);
        let one = two.replace(B, A);
        let dir = folder(&[("HEAD", "ref: refs/heads/x"), ("packed-refs", &one)]);
        let refs = Refs::read(dir.path()).unwrap();
        assert_eq!(refs.resolve("x").unwrap(), Some([0x11; 20]));
    }

    #[test]
    fn cycles_longer_ids_and_damage_are_named() {
        let dir = folder(&[
            ("HEAD", "ref: refs/heads/a"),
            ("refs/heads/a", "ref: refs/heads/b"),
            ("refs/heads/b", "ref: refs/heads/a"),
        ]);
        assert_eq!(Refs::read(dir.path()).unwrap().unnamed(), None);
        let dir = folder(&[("HEAD", "garbage")]);
        assert!(matches!(
            Refs::read(dir.path()),
            Err(SnapshotError::DamagedHead { .. })
        ));
        let dir = folder(&[("HEAD", &"a".repeat(64))]);
        assert!(matches!(
            Refs::read(dir.path()),
            Err(SnapshotError::Sha256 { .. })
        ));
        let dir = folder(&[("HEAD", A), ("packed-refs", "nonsense\n")]);
        assert!(matches!(
            Refs::read(dir.path()),
            Err(SnapshotError::DamagedRefs { line: 1, .. })
        ));
    }
}
