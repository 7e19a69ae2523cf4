//! A review opened at one snapshot: the folder, the policy, the names, the repository.

use super::draft::{Draft, join_drafts, read_drafts, read_single_draft, write_drafts};
use super::read::Reader;
use super::{JobError, encoding};
use crate::config::{
    self, Environment, Home, InForce, LastPlace, ReviewFolder, ReviewRecord, Settings,
    SnapshotRecord,
};
use crate::model::{CommitId, Encodings, RepoPath};
use crate::snapshot::Snapshot;
use std::path::{Path, PathBuf};

/// What a reviewer sits down with before any snapshot is opened.
#[derive(Clone, Debug)]
pub struct Room {
    /// What the process was started with.
    pub environment: Environment,
    /// Where settings and reviews lie.
    pub home: Home,
    /// What the reviewer wants.
    pub settings: Settings,
}

impl Room {
    /// Finds folders and settings. Makes nothing.
    pub fn enter() -> Result<Self, JobError> {
        let environment = Environment::of_process();
        let machine = InForce::load(Path::new(config::MACHINE_POLICY), None)?;
        let home = Home::locate(&environment, &machine.policy)?;
        let settings = Settings::load(&home)?;
        Ok(Self {
            environment,
            home,
            settings,
        })
    }

    /// Returns the policy in force for a review, or for the machine alone.
    pub fn policy(&self, review: Option<&ReviewFolder>) -> Result<InForce, JobError> {
        Ok(InForce::load(Path::new(config::MACHINE_POLICY), review)?)
    }

    /// Returns the reviewer's name: as asked for, from the settings, or the login name.
    pub fn reviewer(&self, asked: Option<&str>) -> Result<String, JobError> {
        let name = asked
            .map(str::to_owned)
            .or_else(|| self.settings.reviewer.clone());
        let name = name.unwrap_or_else(|| self.environment.default_reviewer());
        if !config::is_reviewer_name(&name) {
            return Err(JobError::BadReviewer {
                name: name.chars().take(80).collect(),
            });
        }
        Ok(name)
    }

    /// Returns the reviews that record a snapshot, the one used last first.
    pub fn resumable(&self) -> Result<Vec<(ReviewFolder, ReviewRecord)>, JobError> {
        let mut found = Vec::new();
        for folder in self.home.reviews()? {
            if let Ok(Some(record)) = folder.read_record() {
                let changed = std::fs::metadata(folder.record_file())
                    .and_then(|m| m.modified())
                    .ok();
                found.push((changed, folder, record));
            }
        }
        found.sort_by_key(|(changed, folder, _)| {
            (std::cmp::Reverse(*changed), folder.name().to_owned())
        });
        Ok(found
            .into_iter()
            .map(|(_, folder, record)| (folder, record))
            .collect())
    }
}

/// Which snapshot and review are wanted.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// The repository or bundle; without one, the review's newest.
    pub source: Option<PathBuf>,
    /// The revision; without one, the default, or the recorded one.
    pub rev: Option<String>,
    /// The review; without one, named after the snapshot.
    pub review: Option<String>,
    /// The reviewer; without one, as configured.
    pub reviewer: Option<String>,
}

/// A review opened at one snapshot.
pub struct Desk {
    /// What was there before.
    pub room: Room,
    /// The review's folder.
    pub review: ReviewFolder,
    /// What the room allows.
    pub policy: InForce,
    /// The reviewer's name.
    pub reviewer: String,
    /// The snapshot.
    pub snapshot: Snapshot,
    /// Things the reviewer should know.
    pub notices: Vec<String>,
}

/// Drafts as they were found on disk.
pub struct DraftsRead {
    /// In the order in which they were begun.
    pub drafts: Vec<Draft>,
    /// What the reviewer should know of files that could not be read.
    pub notices: Vec<String>,
}

impl Desk {
    /// Opens a review at a snapshot, making the review on first use. Adds nothing to the ledger.
    pub fn open(room: Room, ask: &Ask) -> Result<Self, JobError> {
        let reviewer = room.reviewer(ask.reviewer.as_deref())?;
        let (review, source, rev) = find(&room, ask)?;
        let policy = room.policy(Some(&review))?;
        room.home.create()?;
        review.create()?;
        let snapshot = Snapshot::open(&source, rev.as_deref(), &review.objects())?;
        let mut record = review.read_record()?.unwrap_or_default();
        let newest = record.snapshots.last();
        let is_known =
            newest.is_some_and(|s| s.commit == snapshot.commit() && s.source == snapshot.source());
        let mut notices = Vec::new();
        if !is_known {
            notices.extend(elsewhere(&room, &review, snapshot.commit()));
            record.add(SnapshotRecord {
                source: snapshot.source().to_owned(),
                rev: rev.unwrap_or_default(),
                commit: snapshot.commit(),
                tree: snapshot.tree(),
            });
            // A read-only review can still be read.
            if let Err(error) = review.write_record(&record) {
                notices.push(format!("the review's record is not saved: {error}"));
            }
        }
        Ok(Self {
            room,
            review,
            policy,
            reviewer,
            snapshot,
            notices,
        })
    }

    /// Returns the encodings that the review's ledgers say.
    pub fn encodings(&self) -> Result<Encodings, JobError> {
        encoding::said(&self.review, &self.reviewer)
    }

    /// Returns what reads the snapshot in these encodings.
    pub fn reader<'a>(&'a self, encodings: &'a Encodings) -> Reader<'a> {
        Reader {
            snapshot: &self.snapshot,
            encodings,
            limit: self.room.settings.blob_limit(),
        }
    }

    /// Returns the place where the reviewer left this snapshot.
    pub fn last_place(&self) -> Option<(RepoPath, u32)> {
        let last = self.review.read_record().ok()??.last?;
        (last.commit == self.snapshot.commit()).then_some((last.path, last.line))
    }

    /// Reads what was being written and was not saved. A file that cannot be read is set aside, never replaced.
    pub fn drafts(&self) -> Result<DraftsRead, JobError> {
        let mut notices = Vec::new();
        let mut set_aside = |path: &Path, why: &str| -> Result<(), JobError> {
            let kept = self.review.set_aside(path)?;
            notices.push(format!(
                "the drafts cannot be read ({why}); they are kept as {}",
                kept.display()
            ));
            Ok(())
        };
        let path = self.review.drafts_file(&self.reviewer);
        let drafts = match self.review.read_text(&path) {
            Ok(text) => text.map(|text| read_drafts(&text)).transpose(),
            Err(error) => Err(JobError::from(error).chain()),
        };
        let drafts = match drafts {
            Ok(drafts) => drafts.unwrap_or_default(),
            Err(why) => {
                set_aside(&path, &why)?;
                Vec::new()
            }
        };
        let path = self.review.single_draft_file(&self.reviewer);
        let old = match self.review.read_text(&path) {
            Ok(text) => text.map(|text| read_single_draft(&text)).transpose(),
            Err(error) => Err(JobError::from(error).chain()),
        };
        let old = match old {
            Ok(old) => old,
            Err(why) => {
                set_aside(&path, &why)?;
                None
            }
        };
        Ok(DraftsRead {
            drafts: join_drafts(old, drafts),
            notices,
        })
    }

    /// Keeps what is being written and is not saved yet, in place of what was kept before.
    pub fn keep_drafts(&self, drafts: &[Draft]) -> Result<(), JobError> {
        let text = (!drafts.is_empty()).then(|| write_drafts(drafts));
        Ok(self.review.write_drafts(&self.reviewer, text.as_deref())?)
    }

    /// Keeps the place for the next start.
    pub fn leave_at(
        review: &ReviewFolder,
        commit: CommitId,
        path: RepoPath,
        line: u32,
    ) -> Result<(), JobError> {
        let mut record = review.read_record()?.unwrap_or_default();
        record.last = Some(LastPlace { commit, path, line });
        Ok(review.write_record(&record)?)
    }
}

type Found = (ReviewFolder, PathBuf, Option<String>);

fn find(room: &Room, ask: &Ask) -> Result<Found, JobError> {
    match (&ask.source, &ask.review) {
        (Some(source), Some(review)) => {
            Ok((room.home.review(review)?, source.clone(), ask.rev.clone()))
        }
        (Some(source), None) => {
            let canonical = std::fs::canonicalize(source).unwrap_or_else(|_| source.clone());
            let name = config::review_name(&canonical, &crate::snapshot::stem(&canonical));
            Ok((room.home.review(&name)?, source.clone(), ask.rev.clone()))
        }
        (None, review) => {
            let (folder, record) = match review {
                Some(name) => {
                    let folder = room.home.review(name)?;
                    let record = folder.read_record()?;
                    (
                        folder,
                        record.ok_or_else(|| JobError::NoReview { name: name.clone() })?,
                    )
                }
                None => room
                    .resumable()?
                    .into_iter()
                    .next()
                    .ok_or_else(|| JobError::NoReview {
                        name: "to resume".into(),
                    })?,
            };
            let newest = record.snapshots.last();
            let newest = newest.ok_or_else(|| JobError::NoSnapshot {
                name: folder.name().to_owned(),
            })?;
            // The commit itself, so that a branch that moved on does not change what is under review.
            let rev = ask.rev.clone().unwrap_or_else(|| newest.commit.to_string());
            Ok((folder, newest.source.clone(), Some(rev)))
        }
    }
}

/// Says in which other review the commit is under review already.
fn elsewhere(room: &Room, review: &ReviewFolder, commit: CommitId) -> Option<String> {
    let others = room.resumable().ok()?;
    let other = others.into_iter().find(|(folder, record)| {
        folder.name() != review.name() && record.snapshots.iter().any(|s| s.commit == commit)
    })?;
    Some(format!(
        "this commit is under review in {} too: --review {0} opens it",
        other.0.name()
    ))
}
