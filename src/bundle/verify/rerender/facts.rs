//! What the documents of a bundle say that its ledgers cannot say.

use super::super::{Documents, Problem};
use super::problem;
use crate::bundle::schema::{self, Statement};
use crate::model::{
    Audience, BlobId, CoverageDetail, Delivery, Excerpt, FileCoverage, FolderLines, LocatedFacts,
    PathDetail, Policy, RepoPath,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The documents of a bundle as data. Their bytes are compared with what is rendered from it, so that a field that is
/// not read here, or not written again, is found.
pub struct BundleFacts {
    pub statement: Statement,
    pub audience: Audience,
    pub policy: Policy,
    pub findings: schema::Findings,
    pub sweeps: schema::Sweeps,
    pub delivery: Delivery,
    pub coverage: Vec<FileCoverage>,
    pub folders: Vec<FolderLines>,
    pub located: LocatedFacts,
    pub excerpts: Vec<Excerpt>,
}

/// Counts above this are none of a delivery: sums of them stay far from the end of the numbers.
pub const LARGEST_COUNT: u64 = 1 << 40;

#[derive(Deserialize)]
struct SnapshotDocument {
    #[serde(flatten)]
    delivery: Delivery,
}

impl BundleFacts {
    pub fn read(
        statement: Statement,
        files: &Documents,
        excerpts: &[Excerpt],
    ) -> Result<Self, Problem> {
        let Some(audience) = statement.predicate.audience else {
            return Err(problem(
                "bundle.json",
                "does not say who it is for".to_owned(),
            ));
        };
        let policy = read_policy(files)?;
        let document: SnapshotDocument = read(files, "snapshot.json")?;
        let rows: schema::Coverage = read(files, "coverage.json")?;
        let findings: schema::Findings = read(files, "findings.json")?;
        Ok(Self {
            coverage: coverage(&rows, &policy)?,
            folders: rows.folders,
            located: located(&findings),
            statement,
            audience,
            policy,
            findings,
            sweeps: read(files, "sweeps.json")?,
            delivery: document.delivery,
            excerpts: excerpts.to_vec(),
        })
    }

    /// Returns every id that the documents know.
    pub fn ids(&self) -> Vec<String> {
        let stated = &self.statement.predicate;
        let mut ids = vec![
            stated.review.clone(),
            stated.policy.to_string(),
            stated.program.sha256.clone(),
            self.delivery.commit.to_string(),
            self.delivery.tree.to_string(),
        ];
        for snapshot in &stated.snapshots {
            ids.extend([snapshot.commit.to_string(), snapshot.tree.to_string()]);
        }
        ids.extend(stated.previous.map(|digest| digest.to_string()));
        ids.extend(stated.ledgers.iter().map(|l| l.head.to_string()));
        ids.extend(self.findings.findings.iter().map(|f| f.id.to_string()));
        ids.extend(self.findings.notes.iter().map(|n| n.id.to_string()));
        ids.retain(|id| !id.is_empty());
        ids
    }
}

fn read<T: DeserializeOwned>(files: &Documents, name: &str) -> Result<T, Problem> {
    let bytes = files.get(name).map_or(&[][..], Vec::as_slice);
    let read = serde_json::from_slice(bytes);
    read.map_err(|cause| problem(name, format!("cannot be rendered again: {cause}")))
}

/// Returns what `findings.json` says of the texts at its locations. Where it says two things of the same lines, the last one
/// counts, and the other location differs from what is rendered again.
fn located(findings: &schema::Findings) -> LocatedFacts {
    let of_findings = findings.findings.iter().flat_map(|f| &f.locations);
    let of_notes = findings.notes.iter().map(|note| &note.location);
    let facts = |location: &schema::LocationRecord| {
        let span = location.extent()?.lines()?;
        Some(((location.blob, span), location.facts()))
    };
    of_findings.chain(of_notes).filter_map(facts).collect()
}

/// Reads `policy.toml`. It is written by us, each key on a line of its own, and its values are written as in JSON.
pub fn read_policy(files: &Documents) -> Result<Policy, Problem> {
    const FILE: &str = "policy.toml";
    let text = files.get(FILE).map_or(&[][..], Vec::as_slice);
    let read = || -> Option<Policy> {
        let mut members = Vec::new();
        for line in std::str::from_utf8(text).ok()?.lines() {
            let (key, value) = line.split_once(" = ")?;
            members.push(format!("{}:{value}", serde_json::to_string(key).ok()?));
        }
        serde_json::from_str(&format!("{{{}}}", members.join(","))).ok()
    };
    read().ok_or_else(|| problem(FILE, "is not as this program writes a policy".to_owned()))
}

/// Returns the files from which the rows of `coverage.json` come out again.
fn coverage(document: &schema::Coverage, policy: &Policy) -> Result<Vec<FileCoverage>, Problem> {
    let counts = |row: &schema::CoverageRow| [row.lines, row.shown, row.reviewed];
    let summary = document.summary.unwrap_or_default();
    let sums = [
        summary.files,
        summary.lines,
        summary.shown,
        summary.reviewed,
    ];
    let folders = document.folders.iter().flat_map(|f| [f.files, f.lines]);
    let mut all = document
        .rows
        .iter()
        .flat_map(counts)
        .chain(sums)
        .chain(folders);
    if all.any(|count| count > LARGEST_COUNT) {
        let what = "holds a number that counts no lines".to_owned();
        return Err(problem("coverage.json", what));
    }
    let nothing = BlobId::new([0; 20]);
    if policy.coverage == CoverageDetail::Directory && policy.paths != PathDetail::Full {
        // Folders have no names here, so that there is a sum and no row.
        return Ok(vec![FileCoverage {
            path: RepoPath::default(),
            blob: nothing,
            lines: 0,
            shown: summary.shown,
            reviewed: summary.reviewed,
            ranges: Vec::new(),
        }]);
    }
    let is_folder = policy.coverage == CoverageDetail::Directory;
    let file = |(nth, row): (usize, &schema::CoverageRow)| {
        let path = row.path.clone().unwrap_or_default();
        let path = match path.as_bytes() {
            b"." if is_folder && nth == 0 => RepoPath::new("file"),
            folder if is_folder => RepoPath::new([folder, b"/file"].concat()),
            _ => path,
        };
        FileCoverage {
            path,
            blob: row.blob.unwrap_or(nothing),
            lines: row.lines,
            shown: row.shown,
            reviewed: row.reviewed,
            ranges: row.ranges.clone(),
        }
    };
    Ok(document.rows.iter().enumerate().map(file).collect())
}
