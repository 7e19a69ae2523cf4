//! The strict reader of refs: `HEAD`, `packed-refs` and the files beneath `refs`, and what a name means.
//!
//! Only regular files are read, no link is followed, a name must satisfy git-check-ref-format(1), and what is listed is
//! capped: any ref is found by its name, however many there are. A ref that is broken is left out, as git does with a warning; asking for it then says so.

use crate::model::RepoPath;
use crate::snapshot::SnapshotError;
use crate::snapshot::ref_lines::RefLines;
use crate::snapshot::source::{look, read_plain, unreadable};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Refs that are listed, and files beneath `refs` that are looked at; others are found by their names.
const LISTED: usize = 100_000;
/// Bytes of one file beneath `refs`.
const REF_BYTES: u64 = 64 << 10;
/// Names that a message lists.
const NAMED: usize = 20;
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
pub(super) struct Refs {
    /// `HEAD`, and the files beneath `refs`.
    loose: BTreeMap<Vec<u8>, Target>,
    /// Where there are more files than are in `loose`.
    more: Option<PathBuf>,
    /// Refs of `packed-refs` or of a bundle; a loose one of the same name wins.
    lines: RefLines,
    /// Links beneath `refs` that git would follow out of its names.
    links: Vec<Vec<u8>>,
}

/// The refs of a delivery as they are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RefList {
    /// Full names and ids, by name.
    pub refs: Vec<(String, Id)>,
    /// There are more.
    pub is_cut: bool,
}

/// Names of refs for a message, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefNames {
    /// The first ones: branches, then tags, then others.
    pub first: Vec<String>,
    /// How many there are in all.
    pub count: usize,
    /// There may be more than were counted.
    pub is_cut: bool,
}

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
        let mut refs = Self {
            lines: RefLines::packed(git_dir)?,
            ..Self::default()
        };
        refs.read_loose(git_dir)?;
        let head = git_dir.join("HEAD");
        let target = match read_link(&head, git_dir)? {
            RefLink::Ref(name) => Some(Target::Symbolic(name)),
            RefLink::Elsewhere => return Err(SnapshotError::PointsElsewhere { path: head }),
            RefLink::None => {
                let bytes = read_plain(&head, REF_BYTES)?.unwrap_or_default();
                parse_target(&bytes, git_dir)?
            }
        };
        let Some(target) = target else {
            return Err(SnapshotError::DamagedHead { path: head });
        };
        refs.loose.insert(b"HEAD".to_vec(), target);
        Ok(refs)
    }

    /// Takes the refs of a bundle.
    pub(super) fn of_bundle(lines: RefLines) -> Self {
        Self {
            lines,
            ..Self::default()
        }
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
                if seen > LISTED {
                    self.more = Some(git_dir.to_path_buf());
                    return Ok(());
                }
                let path = entry.path();
                let kind = entry.file_type().map_err(|e| unreadable(&path, e))?;
                let name = [&prefix, b"/".as_slice(), entry.file_name().as_bytes()].concat();
                if kind.is_dir() && depth < DEPTH {
                    folders.push((path, name, depth + 1));
                } else if kind.is_symlink() {
                    match read_link(&path, git_dir)? {
                        RefLink::Ref(target) if is_ref_name(&name) => {
                            self.loose.insert(name, Target::Symbolic(target));
                        }
                        _ => self.links.push(name),
                    }
                } else if kind.is_file() && is_ref_name(&name) {
                    let bytes = read_plain(&path, REF_BYTES)?.unwrap_or_default();
                    if let Some(target) = parse_target(&bytes, git_dir)? {
                        self.loose.insert(name, target);
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns what a full name holds.
    fn get(&self, name: &[u8]) -> Result<Option<Target>, SnapshotError> {
        if let Some(target) = self.loose.get(name) {
            return Ok(Some(target.clone()));
        }
        if let Some(git_dir) = &self.more
            && let Some(target) = loose_at(git_dir, name)?
        {
            return Ok(Some(target));
        }
        Ok(self.lines.find(name)?.map(Target::Id))
    }

    /// Follows symbolic refs from a full name to an id, and to the last name before it.
    fn follow(&self, name: &[u8]) -> Result<Option<(Vec<u8>, Id)>, SnapshotError> {
        let mut name = name.to_vec();
        for _ in 0..=SYMBOLIC {
            match self.get(&name)? {
                None => return Ok(None),
                Some(Target::Id(id)) => return Ok(Some((name, id))),
                Some(Target::Symbolic(next)) => name = next,
            }
        }
        Ok(None)
    }

    /// Returns full names and ids, without `HEAD` and without what leads nowhere.
    pub(super) fn list(&self) -> Result<RefList, SnapshotError> {
        let mut found: BTreeMap<Vec<u8>, Id> = BTreeMap::new();
        let mut is_cut = self.more.is_some();
        self.lines.each(&mut |name, id| {
            let is_new = name != b"HEAD" && !self.loose.contains_key(name);
            if is_new {
                found.insert(name.to_vec(), id);
            }
            is_cut |= found.len() > LISTED;
            found.len() <= LISTED
        })?;
        for (name, target) in self.loose.iter().filter(|(name, _)| *name != b"HEAD") {
            let id = match target {
                Target::Id(id) => Some(*id),
                Target::Symbolic(_) => self.follow(name)?.map(|(_, id)| id),
            };
            if let Some(id) = id {
                found.insert(name.clone(), id);
            }
        }
        while found.len() > LISTED {
            found.pop_last();
        }
        let refs = found.into_iter().map(|(name, id)| (shown(&name), id));
        Ok(RefList {
            refs: refs.collect(),
            is_cut,
        })
    }

    /// Returns the names for a message: a reader looks for branches and tags, and not for one of many patch sets.
    pub(super) fn names(&self) -> Result<RefNames, SnapshotError> {
        let rank = |name: &[u8]| {
            let starts = [b"refs/heads/".as_slice(), b"refs/tags/", b"refs/remotes/"];
            let found = starts.iter().position(|start| name.starts_with(start));
            found.unwrap_or(starts.len())
        };
        let mut count = 0;
        let mut first: BTreeSet<(usize, Vec<u8>)> = BTreeSet::new();
        let mut add = |name: &[u8]| {
            count += 1;
            let row = (rank(name), name.to_vec());
            if first.len() < NAMED || first.last().is_some_and(|last| row < *last) {
                first.insert(row);
            }
            if first.len() > NAMED {
                first.pop_last();
            }
        };
        self.lines.each(&mut |name, _| {
            if name != b"HEAD" && !self.loose.contains_key(name) {
                add(name);
            }
            true
        })?;
        for (name, target) in self.loose.iter().filter(|(name, _)| *name != b"HEAD") {
            if matches!(target, Target::Id(_)) || self.follow(name)?.is_some() {
                add(name);
            }
        }
        Ok(RefNames {
            first: first.iter().map(|(_, name)| shown(name)).collect(),
            count,
            is_cut: self.more.is_some(),
        })
    }

    /// Returns whether any ref starts so.
    pub(super) fn has_prefix(&self, prefix: &[u8]) -> bool {
        let mut is_there = self.loose.keys().any(|name| name.starts_with(prefix));
        if !is_there {
            let seen = self.lines.each(&mut |name, _| {
                is_there = name.starts_with(prefix);
                !is_there
            });
            // What cannot be read any more holds nothing that steers.
            drop(seen);
        }
        is_there
    }

    /// Returns the names of links beneath `refs` that were not followed.
    pub(super) fn links(&self) -> &[Vec<u8>] {
        &self.links
    }

    /// Returns what is meant when no revision was named: its short name and its id.
    pub(super) fn unnamed(&self) -> Result<Option<(String, Id)>, SnapshotError> {
        if let Some((name, id)) = self.follow(b"HEAD")? {
            if name != b"HEAD" {
                return Ok(Some((short(&name), id)));
            }
            // A bundle's HEAD is an id; the one branch that has it names it better.
            let mut same: BTreeSet<Vec<u8>> = BTreeSet::new();
            let is_branch = |name: &[u8]| name.starts_with(b"refs/heads/");
            self.lines.each(&mut |name, other| {
                if other == id && is_branch(name) && !self.loose.contains_key(name) {
                    same.insert(name.to_vec());
                }
                same.len() < 2
            })?;
            let loose = self.loose.iter();
            let named = loose.filter(|(n, t)| is_branch(n) && **t == Target::Id(id));
            same.extend(named.map(|(name, _)| name.clone()));
            return Ok(Some(match (same.pop_first(), same.pop_first()) {
                (Some(branch), None) => (short(&branch), id),
                _ => ("HEAD".to_owned(), id),
            }));
        }
        if self.loose.contains_key(b"HEAD".as_slice()) {
            return Ok(None);
        }
        let mut all = Vec::new();
        self.lines.each(&mut |name, id| {
            all.push((short(name), id));
            all.len() < 2
        })?;
        Ok(all.pop().filter(|_| all.is_empty()))
    }

    /// Returns what a full or short name means, in git's order of namespaces; two meanings are an error.
    pub(super) fn resolve(&self, rev: &str) -> Result<Option<Id>, SnapshotError> {
        let raw = rev.parse::<RepoPath>().map_or_else(
            |_| rev.as_bytes().to_vec(),
            |decoded| decoded.as_bytes().to_vec(),
        );
        if let Some((_, id)) = self.follow(&raw)? {
            return Ok(Some(id));
        }
        let wrap = |start: &str, end: &str| [start.as_bytes(), &raw, end.as_bytes()].concat();
        let mut meanings = Vec::new();
        for name in [
            wrap("refs/", ""),
            wrap("refs/tags/", ""),
            wrap("refs/heads/", ""),
            wrap("refs/remotes/", ""),
            wrap("refs/remotes/", "/HEAD"),
        ] {
            if let Some((_, id)) = self.follow(&name)? {
                meanings.push((name, id));
            }
        }
        let Some((_, first)) = meanings.first() else {
            return Ok(None);
        };
        if meanings.iter().any(|(_, id)| id != first) {
            return Err(SnapshotError::AmbiguousRevision {
                rev: rev.to_owned(),
                refs: RefNames {
                    first: meanings.iter().map(|(name, _)| shown(name)).collect(),
                    count: meanings.len(),
                    is_cut: false,
                },
            });
        }
        Ok(Some(*first))
    }
}

/// Reads one file beneath `refs`, if nothing that leads to it is a link.
fn loose_at(git_dir: &Path, name: &[u8]) -> Result<Option<Target>, SnapshotError> {
    if !is_ref_name(name) || !name.starts_with(b"refs/") {
        return Ok(None);
    }
    let mut path = git_dir.to_path_buf();
    let mut parts = name.split(|b| *b == b'/').peekable();
    while let Some(part) = parts.next() {
        path.push(OsStr::from_bytes(part));
        let is_last = parts.peek().is_none();
        match look(&path)? {
            Some(m) if m.is_dir() && !is_last => {}
            Some(m) if m.is_file() && is_last => {
                let bytes = read_plain(&path, REF_BYTES)?.unwrap_or_default();
                return parse_target(&bytes, git_dir);
            }
            Some(m) if m.is_symlink() && is_last => {
                return Ok(match read_link(&path, git_dir)? {
                    RefLink::Ref(name) => Some(Target::Symbolic(name)),
                    _ => None,
                });
            }
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// What a path that may be a link stands for.
enum RefLink {
    /// It is no link.
    None,
    /// Another ref.
    Ref(Vec<u8>),
    /// Something that is no name of a ref.
    Elsewhere,
}

/// Returns what a link that stands for a ref names, read and not followed: git makes such links with
/// `core.preferSymlinkRefs`.
fn read_link(path: &Path, git_dir: &Path) -> Result<RefLink, SnapshotError> {
    if !look(path)?.is_some_and(|m| m.is_symlink()) {
        return Ok(RefLink::None);
    }
    let link = fs::read_link(path).map_err(|e| unreadable(path, e))?;
    // As text, from the folder of the link, or from the top as git writes them.
    let resolve = |from: &[u8]| {
        let mut parts: Vec<&[u8]> = from
            .split(|b| *b == b'/')
            .filter(|p| !p.is_empty())
            .collect();
        for part in link.as_os_str().as_bytes().split(|b| *b == b'/') {
            match part {
                b"" => return None,
                b"." => {}
                b".." => drop(parts.pop()?),
                part => parts.push(part),
            }
        }
        let name = parts.join(&b'/');
        (name.starts_with(b"refs/") && is_ref_name(&name)).then_some(name)
    };
    let folder = path.parent().and_then(|p| p.strip_prefix(git_dir).ok());
    let folder = folder.map_or(&[][..], |p| p.as_os_str().as_bytes());
    let name = if link.as_os_str().as_bytes().starts_with(b"refs/") {
        resolve(b"")
    } else {
        resolve(folder)
    };
    Ok(name.map_or(RefLink::Elsewhere, RefLink::Ref))
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
mod tests;
