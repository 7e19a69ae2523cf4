//! Why a snapshot could not be opened or read.

use crate::model::{BlobId, PartialFilter, Reason, RepoPath};
use crate::snapshot::{CostLimit, MissingReason, RefNames};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Says what is wrong with the delivery, or with our own folder beside it.
///
/// Names of refs and paths are shown in the text form of [`crate::model::RepoPath`], so that no byte of the
/// vendor's reaches a terminal raw.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Nothing is there.
    #[error("{} does not exist", shown(path))]
    NotFound {
        /// What was asked for.
        path: PathBuf,
    },
    /// The vendor's file or folder cannot be read.
    #[error("cannot read {}", shown(path))]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Our own folder cannot be written or read.
    #[error("cannot use {} of the review's own store", shown(path))]
    Store {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The store has no room for a bundle's pack.
    #[error(
        "{} has {free} bytes free, the bundle needs about {needed}",
        shown(path)
    )]
    NoSpace {
        /// The store.
        path: PathBuf,
        /// Bytes needed.
        needed: u64,
        /// Bytes free.
        free: u64,
    },
    /// Neither a repository nor a bundle.
    #[error("{} is neither a git repository nor a git bundle", shown(path))]
    NotARepository {
        /// Which.
        path: PathBuf,
    },
    /// The `.git` of a work tree is a file that names another folder.
    #[error("{} is a file that points to a repository elsewhere", shown(path))]
    GitFile {
        /// The file.
        path: PathBuf,
    },
    /// A part of the repository is a link, or its `commondir` names another folder.
    #[error("{} points outside the delivered repository", shown(path))]
    PointsElsewhere {
        /// The link or file.
        path: PathBuf,
    },
    /// Refs are stored as reftable.
    #[error("{} stores its refs as reftable, which is not supported", shown(path))]
    Reftable {
        /// The repository.
        path: PathBuf,
    },
    /// Objects are named by SHA-256.
    #[error(
        "{} names its objects by SHA-256, which is not supported yet",
        shown(path)
    )]
    Sha256 {
        /// The repository or bundle.
        path: PathBuf,
    },
    /// `HEAD` holds neither a ref nor an id.
    #[error("{} is damaged", shown(path))]
    DamagedHead {
        /// The file.
        path: PathBuf,
    },
    /// A line of `packed-refs` is not a ref.
    #[error("line {line} of {} is not a ref", shown(path))]
    DamagedRefs {
        /// The file.
        path: PathBuf,
        /// 1-based.
        line: usize,
    },
    /// A file is larger than such a file ever is, or there are more refs than can be meant.
    #[error("{} exceeds the limit of {limit}", shown(path))]
    OverLimit {
        /// The file or folder.
        path: PathBuf,
        /// Bytes of a file, or refs of a folder.
        limit: u64,
    },
    /// No commit was ever made.
    #[error("{} holds no commit", shown(path))]
    Empty {
        /// The repository.
        path: PathBuf,
    },
    /// `HEAD` names a branch that was not delivered, or a bundle holds several refs and no `HEAD`.
    #[error("no revision was named and `HEAD` leads to none")]
    NoHead {
        /// The names that could be given instead.
        refs: RefNames,
    },
    /// The name or prefix leads to nothing.
    #[error("there is no revision `{rev}`")]
    NoSuchRevision {
        /// What was asked for.
        rev: String,
        /// The names that could be given instead.
        refs: RefNames,
    },
    /// The name or prefix leads to more than one object.
    #[error("`{rev}` is ambiguous")]
    AmbiguousRevision {
        /// What was asked for.
        rev: String,
        /// The full names it may mean; empty if it is a prefix of several ids.
        refs: RefNames,
    },
    /// The revision is a tree or a blob, or a tag of one.
    #[error("`{rev}` is a {kind}, not a commit")]
    NotACommit {
        /// What was asked for.
        rev: String,
        /// What it is.
        kind: &'static str,
    },
    /// Tags of tags, without an end in sight.
    #[error("`{rev}` is a tag of a tag of a tag, {limit} deep")]
    TagTooDeep {
        /// What was asked for.
        rev: String,
        /// How many were followed.
        limit: usize,
    },
    /// The object was not delivered.
    #[error("the {kind} {id} is missing from the delivery")]
    MissingObject {
        /// What it should be.
        kind: &'static str,
        /// Its id.
        id: String,
        /// Why it may be missing.
        why: MissingReason,
    },
    /// The object is not found, and a pack that may hold it is truncated or damaged as a whole.
    #[error(
        "the {kind} {id} is not found, and the pack {} is damaged",
        shown(path)
    )]
    DamagedPack {
        /// The pack.
        path: PathBuf,
        /// What the object should be.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// The object is there and is not what its id says.
    #[error("the {kind} {id} is damaged")]
    DamagedObject {
        /// What it should be.
        kind: &'static str,
        /// Its id.
        id: String,
        /// What is wrong with it.
        source: io::Error,
    },
    /// Reading the object costs more than the limits allow.
    #[error("the {kind} {id} is not read: {}", cost(*why, *work, *limit))]
    TooCostly {
        /// What it should be.
        kind: &'static str,
        /// Its id.
        id: String,
        /// Which limit it exceeds.
        why: CostLimit,
        /// Bytes of work, of the largest base, or read so far.
        work: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// Indexing the pack of the bundle costs more than the limits allow.
    #[error("the pack of the bundle {} is not indexed: {}", shown(path), cost(*why, *work, *limit))]
    BundleTooCostly {
        /// The bundle.
        path: PathBuf,
        /// Which limit it exceeds.
        why: CostLimit,
        /// Bytes of work or of the largest base.
        work: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The object's content does not have the form of its kind.
    #[error("the {kind} {id} is malformed")]
    MalformedObject {
        /// What it should be.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// The pack builds the object on itself, on too many others, or on something that is no object.
    #[error("the pack's chain of deltas for {id} is broken")]
    BrokenChain {
        /// The object.
        id: String,
    },
    /// The object is of another kind than was asked for.
    #[error("{id} is a {found}, not a {wanted}")]
    WrongKind {
        /// The object.
        id: String,
        /// What was asked for.
        wanted: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// The blob is larger than the caller allows.
    #[error("the blob {id} has {size} bytes, the limit is {limit}")]
    BlobTooLarge {
        /// The blob.
        id: BlobId,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A commit, tree or tag is larger than one ever is.
    #[error("the {kind} {id} has {size} bytes, the limit is {limit}")]
    ObjectTooLarge {
        /// What it is.
        kind: &'static str,
        /// The object.
        id: String,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The header of a bundle is not one.
    #[error("line {line} of the bundle {} is malformed", shown(path))]
    BundleHeader {
        /// The bundle.
        path: PathBuf,
        /// 1-based.
        line: usize,
    },
    /// The bundle needs commits that were not delivered.
    #[error("the bundle {} needs {count} commits that are not in it", shown(path))]
    BundlePrerequisites {
        /// The bundle.
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// The bundle was filtered.
    #[error(
        "the bundle {} was made with `--filter={filter}`, which leaves objects out",
        shown(path)
    )]
    FilteredBundle {
        /// The bundle.
        path: PathBuf,
        /// What it leaves out.
        filter: PartialFilter,
    },
    /// The bundle needs a capability that is not known.
    #[error("the bundle {} needs the capability `{name}`", shown(path))]
    BundleCapability {
        /// The bundle.
        path: PathBuf,
        /// Its name.
        name: String,
    },
    /// The bundle's pack is truncated or damaged.
    #[error("the pack of the bundle {} is truncated or damaged", shown(path))]
    BundlePack {
        /// The bundle.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The folder of a demo snapshot exists already.
    #[error("{} exists already", shown(path))]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// An object of the demo snapshot could not be written.
    #[error("cannot write the demo snapshot {}", shown(path))]
    Demo {
        /// The folder.
        path: PathBuf,
        /// What libgit2 says.
        source: git2::Error,
    },
    /// The work was cancelled.
    #[error("cancelled")]
    Cancelled,
}

/// Returns the form of a path that may be shown: folders of a delivery bear names of the vendor's.
fn shown(path: &Path) -> RepoPath {
    RepoPath::new(path.as_os_str().as_bytes())
}

/// Describes a cost and its limit in units that a person reads.
fn cost(why: CostLimit, work: u64, limit: u64) -> String {
    let (work, limit) = (size(work), size(limit));
    match why {
        CostLimit::Base => {
            format!("too costly: it is built from an object of {work}, more than {limit}")
        }
        CostLimit::Object => format!("too costly: it takes {work} of work, more than {limit}"),
        CostLimit::Pass => {
            format!(
                "too costly: reading the delivery took {work} of work so far, and the limit is {limit}"
            )
        }
        CostLimit::Bytes => {
            format!("too much in all: {work} of the delivery were read, and the limit is {limit}")
        }
    }
}

/// Returns a number of bytes in the largest unit that does not hide a limit.
fn size(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.iter().find(|(shift, _)| bytes >= 1 << shift);
    unit.map_or_else(
        || format!("{bytes} bytes"),
        |(shift, name)| {
            let tenths = bytes.saturating_mul(10) >> shift;
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        },
    )
}

/// Joins names for a hint, with the number of those that are not listed.
fn list(names: &RefNames) -> String {
    let more = names.count.saturating_sub(names.first.len());
    let rest = match (more, names.is_cut) {
        (0, false) => String::new(),
        (0, true) => " and more".to_owned(),
        (more, false) => format!(" and {more} more"),
        (more, true) => format!(" and more than {more} more"),
    };
    format!("{}{rest}", names.first.join(", "))
}

impl SnapshotError {
    /// Returns the reason under which an object that failed to be read with this error is listed as not searched.
    pub fn reason(&self) -> Reason {
        match self {
            Self::MissingObject { .. } => Reason::MissingObject,
            Self::BlobTooLarge { .. } | Self::ObjectTooLarge { .. } => Reason::TooLarge,
            Self::TooCostly { .. } => Reason::TooCostly,
            _ => Reason::DamagedObject,
        }
    }

    /// Returns the next step, if there is one that helps.
    pub fn hint(&self) -> Option<String> {
        let fixed = match self {
            Self::NoHead { refs } => {
                return Some(format!("name one with --rev: {}", list(refs)));
            }
            Self::NoSuchRevision { refs, .. } if refs.count > 0 => {
                return Some(format!("the delivery has: {}", list(refs)));
            }
            Self::AmbiguousRevision { refs, .. } if refs.count > 0 => {
                return Some(format!("give the full name: {}", list(refs)));
            }
            Self::Unreadable { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                "make the delivery readable for this account; it is never written to"
            }
            Self::Unreadable { .. } => "check the medium, then copy the delivery again",
            Self::NotFound { .. } => "check the path and whether the medium is mounted",
            Self::Store { .. } => "check that the data folder is writable and not full",
            Self::NoSpace { .. } => "free space, or set GLASSROOM_HOME to a larger disk",
            Self::NotARepository { .. } => {
                "give a work tree, a bare repository or a file made by `git bundle create`"
            }
            Self::GitFile { .. } | Self::PointsElsewhere { .. } => {
                "ask for a complete repository: `git clone --bare --no-local` or `git bundle create NAME --all`"
            }
            Self::Reftable { .. } => {
                "ask for `git bundle create NAME --all`, or `git refs migrate --ref-format=files`"
            }
            Self::Sha256 { .. } => "ask for a delivery that names its objects by SHA-1",
            Self::DamagedHead { .. } => "name the revision with --rev",
            Self::DamagedRefs { .. } => "ask for `git bundle create NAME --all`",
            // Only the names of more refs than a review needs are so large, of a bundle too.
            Self::OverLimit { .. } => "ask for `git bundle create NAME --branches --tags`",
            Self::Empty { .. } | Self::NoSuchRevision { .. } => {
                "check that the right repository was delivered"
            }
            Self::AmbiguousRevision { .. } => "give more digits",
            Self::NotACommit { .. } | Self::TagTooDeep { .. } => "name a branch, tag or commit",
            Self::MissingObject { why, .. } => return Some(why.hint()),
            Self::DamagedObject { .. }
            | Self::MalformedObject { .. }
            | Self::BrokenChain { .. }
            | Self::DamagedPack { .. } => {
                "copy the delivery again; if it stays, `git fsck` names the damage"
            }
            Self::TooCostly { .. } | Self::BundleTooCostly { .. } => {
                "ask for the delivery packed anew: `git repack -a -d -f`, then `git bundle create NAME --all`"
            }
            Self::BlobTooLarge { .. } => "raise the limit in the configuration",
            Self::BundleHeader { .. } | Self::BundlePack { .. } => {
                "copy the bundle again and compare its digest with the vendor's"
            }
            Self::BundlePrerequisites { .. } => {
                "ask for a bundle without a starting point: `git bundle create NAME --all`"
            }
            Self::FilteredBundle { .. } => {
                "ask for a bundle without `--filter`, made in a complete clone"
            }
            Self::BundleCapability { .. } => {
                "ask for one made by `git bundle create --version=2 NAME --all`"
            }
            Self::Exists { .. } => "remove it first",
            Self::WrongKind { .. }
            | Self::ObjectTooLarge { .. }
            | Self::Demo { .. }
            | Self::Cancelled => return None,
        };
        Some(fixed.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_byte_of_a_name_is_shown() {
        let error = SnapshotError::PointsElsewhere {
            path: PathBuf::from("/media/x/refs/\u{1b}]0;y\u{7}\u{202e}"),
        };
        let text = error.to_string();
        assert!(
            text.starts_with("/media/x/refs/%1B]0;y%07%E2%80%AE points"),
            "{text}"
        );
    }

    #[test]
    fn a_hint_lists_some_names_and_counts_the_rest() {
        let refs = RefNames {
            first: (0..20).map(|n| format!("refs/heads/{n}")).collect(),
            count: 25,
            is_cut: false,
        };
        let hint = SnapshotError::NoHead { refs }.hint().unwrap();
        assert!(hint.contains("refs/heads/19 and 5 more"), "{hint}");
        let rev = String::from("x");
        let refs = RefNames::default();
        let hint = SnapshotError::NoSuchRevision { rev, refs }.hint();
        assert_eq!(
            hint.unwrap(),
            "check that the right repository was delivered"
        );
    }
}
