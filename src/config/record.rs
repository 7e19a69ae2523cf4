//! `review.toml`: which snapshots a review is of, so that it can be taken up again.
//!
//! ```toml
//! version = 1
//!
//! [[snapshots]]                    # in the order in which they were added, newest last
//! source = "/srv/acme-ran.git"     # percent-encoded like a path if it needs to be
//! rev = "v2.4"                     # as the reviewer typed it; "" for the default
//! commit = "990e4bac…"             # 40 digits
//! tree = "c261e899…"
//!
//! [[deliveries]]                   # further repositories of which something was read in the review; version 2
//! source = "/srv/acme-core.git"
//! commit = "1f00aa…"               # any commit of it
//!
//! [last]                           # the place on screen when the review was left; optional
//! commit = "990e4bac…"
//! path = "src/auth.c"
//! line = 8
//! ```
//!
//! It is a convenience: what was reviewed stands in the ledgers, and losing this file loses no finding. A
//! newer version than ours is refused, not guessed at. Version 1 has no deliveries, and is written where there are none.

use super::table::{read, syntax};
use super::write::replace;
use super::{Error, ReviewFolder};
use crate::model::{CommitId, RepoPath, TreeId};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Without and with deliveries.
const VERSIONS: [u32; 2] = [1, 2];

/// What `review.toml` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewRecord {
    /// The snapshots of the review, newest last.
    pub snapshots: Vec<SnapshotRecord>,
    /// Deliveries of which something was read in the review although no snapshot of them is under review.
    pub deliveries: Vec<DeliveryRecord>,
    /// Where the reviewer was.
    pub last: Option<LastPlace>,
}

/// A delivery of which something was read in a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryRecord {
    /// The canonical path of the repository or bundle on this machine.
    #[serde(with = "on_disk")]
    pub source: PathBuf,
    /// A commit of it.
    pub commit: CommitId,
}

/// One snapshot of a review and where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRecord {
    /// The canonical path of the repository or bundle on this machine.
    #[serde(with = "on_disk")]
    pub source: PathBuf,
    /// The revision as it was typed; empty for the default.
    pub rev: String,
    /// The commit it was.
    pub commit: CommitId,
    /// The tree of the commit.
    pub tree: TreeId,
}

/// Where a reviewer was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastPlace {
    /// In which snapshot.
    pub commit: CommitId,
    /// In which file.
    pub path: RepoPath,
    /// On which line, 1-based.
    pub line: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    #[serde(default)]
    snapshots: Vec<SnapshotRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    deliveries: Vec<DeliveryRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<LastPlace>,
}

impl ReviewRecord {
    /// Adds a snapshot, or moves it to the end if the commit is known; its source and revision are renewed.
    pub fn add(&mut self, snapshot: SnapshotRecord) {
        self.snapshots
            .retain(|known| known.commit != snapshot.commit);
        self.snapshots.push(snapshot);
    }

    /// Notes that something of a delivery was read. Returns whether that was news.
    pub fn add_delivery(&mut self, source: &Path, commit: CommitId) -> bool {
        let is_known = self.snapshots.iter().any(|s| s.source == source)
            || self.deliveries.iter().any(|d| d.source == source);
        if !is_known {
            self.deliveries.push(DeliveryRecord {
                source: source.to_owned(),
                commit,
            });
        }
        !is_known
    }
}

impl ReviewFolder {
    /// Reads `review.toml`; nothing if there is none yet.
    pub fn read_record(&self) -> Result<Option<ReviewRecord>, Error> {
        let path = self.record_file();
        let Some(text) = read(&path)? else {
            return Ok(None);
        };
        let stored: Stored = toml::from_str(&text).map_err(|error| syntax(&path, &text, &error))?;
        if !VERSIONS.contains(&stored.version) {
            let why = format!(
                "is {}, but this program knows {} and {} only",
                stored.version, VERSIONS[0], VERSIONS[1]
            );
            return Err(Error::WrongValue {
                path,
                line: 1,
                key: "version".to_owned(),
                why,
            });
        }
        Ok(Some(ReviewRecord {
            snapshots: stored.snapshots,
            deliveries: stored.deliveries,
            last: stored.last,
        }))
    }

    /// Replaces `review.toml` in one step.
    pub fn write_record(&self, record: &ReviewRecord) -> Result<(), Error> {
        let path = self.record_file();
        let stored = Stored {
            version: VERSIONS[usize::from(!record.deliveries.is_empty())],
            snapshots: record.snapshots.clone(),
            deliveries: record.deliveries.clone(),
            last: record.last.clone(),
        };
        let text = toml::to_string(&stored).map_err(|error| Error::Write {
            path: path.clone(),
            source: std::io::Error::other(error),
        })?;
        replace(&path, text.as_bytes())
    }
}

/// The files in which drafts are kept.
impl ReviewFolder {
    /// Reads a file of the review; nothing if there is none.
    pub fn read_text(&self, path: &Path) -> Result<Option<String>, Error> {
        read(path)
    }

    /// Replaces a reviewer's drafts in one step, or removes them. The draft of an older version is among them.
    pub fn write_drafts(&self, reviewer: &str, drafts: Option<&str>) -> Result<(), Error> {
        let path = self.drafts_file(reviewer);
        match drafts {
            Some(drafts) => replace(&path, drafts.as_bytes())?,
            None => remove_file(&path)?,
        }
        remove_file(&self.single_draft_file(reviewer))
    }

    /// Renames a file that cannot be read, so that nothing replaces it. Returns its new path.
    pub fn set_aside(&self, path: &Path) -> Result<PathBuf, Error> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".unreadable");
        let mut to = path.with_file_name(&name);
        for number in 2.. {
            if to.symlink_metadata().is_err() {
                break;
            }
            let mut numbered = name.clone();
            numbered.push(format!("-{number}"));
            to = path.with_file_name(numbered);
        }
        std::fs::rename(path, &to).map_err(|source| Error::Write {
            path: path.to_owned(),
            source,
        })?;
        Ok(to)
    }

    /// Returns every file with drafts, of every reviewer, those that were set aside among them.
    pub fn all_drafts(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.root()).into_iter().flatten();
        let is_draft = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            (name.starts_with("draft-") || name.starts_with("drafts-")) && name.contains(".json")
        };
        let paths = files.flatten().map(|entry| entry.path());
        let mut paths: Vec<PathBuf> = paths.filter(is_draft).collect();
        paths.sort();
        paths
    }
}

fn remove_file(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(Error::Write {
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}

/// A path on disk as text: the encoding of [`RepoPath`], because it is reversible for any bytes.
mod on_disk {
    use crate::model::RepoPath;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::ffi::OsString;
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    use std::path::{Path, PathBuf};

    pub(super) fn serialize<S: Serializer>(path: &Path, s: S) -> Result<S::Ok, S::Error> {
        RepoPath::new(path.as_os_str().as_bytes()).serialize(s)
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<PathBuf, D::Error> {
        let bytes = RepoPath::deserialize(d)?.as_bytes().to_vec();
        Ok(PathBuf::from(OsString::from_vec(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Home;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn a_record_comes_back_as_it_was_and_damage_has_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let review = Home::at(folder.path()).unwrap().review("r").unwrap();
        review.create().unwrap();
        assert_eq!(review.read_record().unwrap(), None);
        let mut record = ReviewRecord::default();
        for (number, source) in [b"/srv/a\xff\n\"b".as_slice(), b"/srv/plain.git"]
            .iter()
            .enumerate()
        {
            record.add(SnapshotRecord {
                source: PathBuf::from(OsStr::from_bytes(source)),
                rev: "v\"2".to_owned(),
                commit: CommitId::new([number as u8; 20]),
                tree: TreeId::new([9; 20]),
            });
        }
        record.last = Some(LastPlace {
            commit: CommitId::new([1; 20]),
            path: RepoPath::new(b"src/\xfe.c".as_slice()),
            line: 8,
        });
        review.write_record(&record).unwrap();
        assert_eq!(review.read_record().unwrap(), Some(record.clone()));
        record.add(record.snapshots[0].clone());
        assert_eq!(record.snapshots.len(), 2);
        let left: Vec<_> = std::fs::read_dir(review.root())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert!(
            left.iter()
                .all(|name| !name.to_string_lossy().contains("part")),
            "{left:?}"
        );

        std::fs::write(review.record_file(), "version = 1\nodd = 2\n").unwrap();
        let error = review.read_record().unwrap_err().to_string();
        assert!(
            error.contains("review.toml line 2: unknown field `odd`"),
            "{error}"
        );
        let mut record = ReviewRecord::default();
        assert!(record.add_delivery(Path::new("/srv/core.git"), CommitId::new([3; 20])));
        assert!(!record.add_delivery(Path::new("/srv/core.git"), CommitId::new([4; 20])));
        review.write_record(&record).unwrap();
        assert_eq!(review.read_record().unwrap(), Some(record));
        std::fs::write(review.record_file(), "version = 3\n").unwrap();
        assert!(matches!(
            review.read_record(),
            Err(Error::WrongValue { .. })
        ));
    }
}
