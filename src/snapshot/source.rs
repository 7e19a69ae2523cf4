//! Where a delivery lies and what may be opened of it, found by looking at names and kinds only.
//!
//! Nothing here follows a link of the vendor's: a `.git` file, a `commondir` or a linked part of a repository
//! is refused by name. `config` is read by a small scanner of our own that never includes another file.

use crate::snapshot::SnapshotError;
use crate::snapshot::partial::is_true;
use rustix::fs::OFlags;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A `config` is rarely above a few kilobytes; what lies behind this is not looked at.
const CONFIG_BYTES: u64 = 1 << 20;

/// What the reviewer pointed at.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// The path without links.
    pub canonical: PathBuf,
    /// The stem that names the review.
    pub name: String,
    /// What it is.
    pub place: Place,
}

/// The two forms of a delivery.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// A repository folder.
    Repository {
        /// The folder that holds `HEAD`, `objects` and `refs`.
        git_dir: PathBuf,
        /// The folder around it, unless it is bare.
        work_tree: Option<PathBuf>,
    },
    /// A file that should be a bundle.
    Bundle,
}

/// Wraps a failed read of the vendor's.
pub(super) fn unreadable(path: &Path, source: io::Error) -> SnapshotError {
    SnapshotError::Unreadable {
        path: path.to_path_buf(),
        source,
    }
}

/// Returns what lies at the path, without following a link; nothing if nothing is there.
pub(super) fn look(path: &Path) -> Result<Option<Metadata>, SnapshotError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(unreadable(path, e)),
    }
}

/// Opens a regular file; a link, a pipe or a device is refused instead of followed or waited for.
pub(super) fn open_plain(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits() as i32)
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("not a regular file"))
    }
}

/// Reads a small regular file whole; nothing if it is not there.
pub(super) fn read_plain(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, SnapshotError> {
    let file = match open_plain(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(unreadable(path, e)),
    };
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| unreadable(path, e))?;
    if bytes.len() as u64 > limit {
        return Err(SnapshotError::OverLimit {
            path: path.to_path_buf(),
            limit,
        });
    }
    Ok(Some(bytes))
}

/// Finds the repository or bundle behind a path that the reviewer gave.
pub(super) fn locate(source: &Path) -> Result<Origin, SnapshotError> {
    let canonical = fs::canonicalize(source).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => SnapshotError::NotFound {
            path: source.to_path_buf(),
        },
        _ => unreadable(source, e),
    })?;
    let metadata = fs::metadata(&canonical).map_err(|e| unreadable(&canonical, e))?;
    let name = stem(&canonical);
    if metadata.is_file() {
        let place = Place::Bundle;
        return Ok(Origin {
            canonical,
            name,
            place,
        });
    }
    if !metadata.is_dir() {
        return Err(SnapshotError::NotARepository { path: canonical });
    }
    let inner = canonical.join(".git");
    let (git_dir, work_tree) = match look(&inner)? {
        Some(m) if m.is_dir() => (inner, Some(canonical.clone())),
        Some(m) if m.is_file() => return Err(SnapshotError::GitFile { path: inner }),
        Some(_) => return Err(SnapshotError::PointsElsewhere { path: inner }),
        None if canonical.file_name().is_some_and(|n| n == ".git") => {
            let around = canonical.parent().map(Path::to_path_buf);
            (canonical.clone(), around)
        }
        None => (canonical.clone(), None),
    };
    check(&git_dir)?;
    // As for git, a bare repository has none, wherever it lies.
    let is_bare = |s: &Setting| s.section == "core" && s.key == "bare";
    let bare = settings(&git_dir)?.into_iter().rfind(is_bare);
    let work_tree = work_tree.filter(|_| !bare.is_some_and(|s| is_true(&s.value)));
    let place = Place::Repository { git_dir, work_tree };
    Ok(Origin {
        canonical,
        name,
        place,
    })
}

/// Returns the stem of a canonical path: `open5gs` of `open5gs.git`, `open5gs.bundle` and `open5gs/.git`.
pub fn stem(path: &Path) -> String {
    let named = match path.file_name() {
        Some(name) if name == ".git" => path.parent().and_then(Path::file_name),
        name => name,
    };
    let name = named.map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let short = [".git", ".bundle"]
        .iter()
        .find_map(|end| name.strip_suffix(end).filter(|s| !s.is_empty()));
    match short {
        Some(short) => short.to_owned(),
        None if name.is_empty() => "snapshot".to_owned(),
        None => name,
    }
}

/// Refuses a folder that is no repository, or one that this reader would misread.
fn check(git_dir: &Path) -> Result<(), SnapshotError> {
    let none = || SnapshotError::NotARepository {
        path: git_dir.to_path_buf(),
    };
    let elsewhere = |path| Err(SnapshotError::PointsElsewhere { path });
    let head = git_dir.join("HEAD");
    let kind = look(&head)?.ok_or_else(none)?;
    // A link may stand for a ref; where it leads is judged when it is read.
    if !kind.is_file() && !kind.is_symlink() {
        return elsewhere(head);
    }
    let common = git_dir.join("commondir");
    if look(&common)?.is_some() {
        return elsewhere(common);
    }
    let objects = git_dir.join("objects");
    if !look(&objects)?.ok_or_else(none)?.is_dir() {
        return elsewhere(objects);
    }
    for part in ["refs", "packed-refs", "config", "shallow", "objects/pack"] {
        let path = git_dir.join(part);
        if look(&path)?.is_some_and(|m| m.is_symlink()) {
            return elsewhere(path);
        }
    }
    let path = git_dir.to_path_buf();
    let settings = settings(git_dir)?;
    let extension = |key: &str| {
        let mut found = settings
            .iter()
            .filter(|s| s.section == "extensions" && s.key == key);
        found.next_back().map(|s| s.value.to_ascii_lowercase())
    };
    if extension("objectformat").is_some_and(|v| v == "sha256") {
        return Err(SnapshotError::Sha256 { path });
    }
    let tables = look(&git_dir.join("reftable"))?.is_some();
    if tables || extension("refstorage").is_some_and(|v| !v.starts_with("files")) {
        return Err(SnapshotError::Reftable { path });
    }
    Ok(())
}

/// One setting of a repository's `config`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    /// Lower case, without the part in quotes.
    pub section: String,
    /// Lower case.
    pub key: String,
    /// Without quotes and comment; `true` if the key stands alone.
    pub value: String,
}

/// Reads the settings of `config` alone: no include is followed, what cannot be parsed is passed over.
pub(super) fn settings(git_dir: &Path) -> Result<Vec<Setting>, SnapshotError> {
    let path = git_dir.join("config");
    if look(&path)?.is_some_and(|m| !m.is_file()) {
        return Err(SnapshotError::PointsElsewhere { path });
    }
    let bytes = read_plain(&path, CONFIG_BYTES)?.unwrap_or_default();
    Ok(scan(&String::from_utf8_lossy(&bytes)))
}

/// Reads sections, keys and values line by line, in the form that git-config(1) describes.
fn scan(text: &str) -> Vec<Setting> {
    let mut out = Vec::new();
    let mut section = String::new();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    while let Some(line) = lines.next() {
        let mut rest = line.trim();
        if let Some(open) = rest.strip_prefix('[') {
            let Some((name, behind)) = header(open) else {
                continue;
            };
            section = name;
            rest = behind.trim_start();
        }
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .unwrap_or(rest.len());
        let (key, behind) = rest.split_at(end);
        if key.is_empty() {
            continue;
        }
        let value = match behind.trim_start().strip_prefix('=') {
            Some(value) => plain(value),
            None => "true".to_owned(),
        };
        let mut whole = behind;
        while whole.ends_with('\\') && !whole.ends_with("\\\\") {
            whole = lines.next().unwrap_or_default();
        }
        out.push(Setting {
            section: section.clone(),
            key: key.to_ascii_lowercase(),
            value,
        });
    }
    out
}

/// Splits `core]`, `filter "x"]` or `filter.x]` into the section's name and what stands behind it.
fn header(open: &str) -> Option<(String, &str)> {
    let end = open.find(|c: char| !c.is_ascii_alphanumeric() && c != '-')?;
    let name = open[..end].to_ascii_lowercase();
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in open[end..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            ']' if !quoted => return Some((name, &open[end + at + 1..])),
            _ => {}
        }
    }
    None
}

/// Drops quotes and a comment behind a value.
fn plain(value: &str) -> String {
    let mut out = String::new();
    let mut quoted = false;
    for c in value.trim().chars() {
        match c {
            '"' => quoted = !quoted,
            '#' | ';' if !quoted => break,
            _ => out.push(c),
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::testing::TestRepo;

    fn set(section: &str, key: &str, value: &str) -> Setting {
        Setting {
            section: section.into(),
            key: key.into(),
            value: value.into(),
        }
    }

    #[test]
    fn settings_are_found_in_every_spelling() {
        let text = "# x\n[Core]\n\tbare = true ; y\n[filter \"a]b\"] clean = \"x # y\"\n[alias]\nst=status \\\n[extensions]\nlong\n[extensions]objectFormat=SHA256\n[broken\n";
        let expected = [
            set("core", "bare", "true"),
            set("filter", "clean", "x # y"),
            set("alias", "st", "status \\"),
            set("alias", "long", "true"),
            set("extensions", "objectformat", "SHA256"),
        ];
        assert_eq!(scan(text), expected);
    }

    #[test]
    fn stems() {
        for (path, name) in [
            ("/a/open5gs.git", "open5gs"),
            ("/a/open5gs.bundle", "open5gs"),
            ("/a/open5gs/.git", "open5gs"),
            ("/a/x.y", "x.y"),
            ("/", "snapshot"),
        ] {
            assert_eq!(stem(Path::new(path)), name);
        }
    }

    #[test]
    fn what_points_elsewhere_or_cannot_be_read_right_is_refused_by_name() {
        let repo = TestRepo::new();
        repo.commit_file("a", b"a");
        assert!(locate(repo.path()).is_ok());
        let at = |name: &str| repo.path().join(name);

        fs::write(at("commondir"), "../x").unwrap();
        assert!(matches!(
            locate(repo.path()),
            Err(SnapshotError::PointsElsewhere { .. })
        ));
        fs::remove_file(at("commondir")).unwrap();

        fs::write(at("config"), "[extensions]\n objectformat = sha256\n").unwrap();
        assert!(matches!(
            locate(repo.path()),
            Err(SnapshotError::Sha256 { .. })
        ));
        fs::write(at("config"), "[extensions]\n refStorage = reftable\n").unwrap();
        assert!(matches!(
            locate(repo.path()),
            Err(SnapshotError::Reftable { .. })
        ));
        fs::write(at("config"), "").unwrap();
        assert!(locate(repo.path()).is_ok());

        let work = tempfile::tempdir().unwrap();
        fs::write(work.path().join(".git"), "gitdir: /elsewhere\n").unwrap();
        let refused = locate(work.path()).unwrap_err();
        assert!(matches!(refused, SnapshotError::GitFile { .. }));
        assert!(refused.hint().unwrap().contains("git bundle create"));

        let bare = tempfile::tempdir().unwrap();
        assert!(matches!(
            locate(bare.path()),
            Err(SnapshotError::NotARepository { .. })
        ));
        assert!(matches!(
            locate(&bare.path().join("none")),
            Err(SnapshotError::NotFound { .. })
        ));
    }
}
