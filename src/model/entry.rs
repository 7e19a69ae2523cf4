//! One record of a ledger.
//!
//! A ledger is a text file, one JSON object a line, each line ended by LF. `prev` is the SHA-256 of the
//! bytes of the line before (without its LF), 64 zeros for the first line. An entry's own digest is the
//! SHA-256 of its line. State is the fold of the entries, see [`super::Review`].

use super::{
    BlobId, ChosenName, CommitId, Finding, KeyFingerprint, Note, QuotedLines, Reply, RepoPath,
    Ruling, SearchRecord, Span, Status, Sweep, SweepHit, TimeText, TreeId, WholeKind,
    outgoing_fields, outgoing_variants,
};
use crate::text::Encoding;
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// A SHA-256 digest; its text form is 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// What the first entry names as the digest before it.
    pub const ZERO: Self = Self([0; 32]);
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}
impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}
impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        let wrong = || serde::de::Error::custom("a digest has 64 lower-case hexadecimal digits");
        if text.len() != 64 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

/// One record: who did what, when, after which record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Never repeats.
    pub id: Uuid,
    /// 1 for the first, then without a gap.
    pub seq: u64,
    /// RFC 3339 in UTC. Order is `seq`, never this: clocks go backwards.
    pub time: String,
    /// Whose ledger.
    pub reviewer: String,
    /// Digest of the line before.
    pub prev: Digest,
    /// What happened.
    pub event: Event,
}

/// What an entry records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// A snapshot came under review.
    SnapshotAdded {
        /// The commit.
        commit: CommitId,
        /// Its tree.
        tree: TreeId,
        /// Digest of the policy in force.
        policy: Digest,
    },
    /// A finding was filed.
    FindingAdded {
        /// As filed; status open.
        finding: Finding,
    },
    /// A finding's words or places were changed; number, reviewer, status and history stay.
    FindingChanged {
        /// As it is now.
        finding: Finding,
    },
    /// A finding was withdrawn; its number is not used again.
    FindingDeleted {
        /// Which.
        finding: Uuid,
    },
    /// A finding's status was decided.
    StatusChanged {
        /// Which.
        finding: Uuid,
        /// The new status.
        status: Status,
        /// Why.
        why: String,
    },
    /// A note or question was written.
    NoteAdded {
        /// As written.
        note: Note,
    },
    /// A note's or question's words or place were changed.
    NoteChanged {
        /// As it is now.
        note: Note,
    },
    /// A note or question was withdrawn.
    NoteDeleted {
        /// Which.
        note: Uuid,
    },
    /// A reply was written.
    ReplyAdded {
        /// As written.
        reply: Reply,
    },
    /// A reply was withdrawn.
    ReplyDeleted {
        /// Which.
        reply: Uuid,
    },
    /// A sweep was begun: from now on every hit of its query is to be judged.
    SweepAdded {
        /// What is swept.
        sweep: Sweep,
    },
    /// A sweep was given up; its verdicts stay in the ledger.
    SweepDeleted {
        /// Which.
        sweep: Uuid,
    },
    /// Hits of a sweep were judged, or a verdict was taken back.
    Judged {
        /// Which sweep.
        sweep: Uuid,
        /// Which hits.
        hits: Vec<SweepHit>,
        /// What they are; nothing takes the verdict back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ruling: Option<Ruling>,
        /// The finding or note that says more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<Uuid>,
    },
    /// A search of the snapshot ran to its end and its hits were looked at.
    Searched {
        /// What was searched for, and what came of it.
        search: SearchRecord,
    },
    /// The policy in force is another one than the ledger knew of; a ledger begins by knowing none.
    PolicyChanged {
        /// SHA-256 of the machine's policy file, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        machine: Option<Digest>,
        /// SHA-256 of the review's own policy file, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        review: Option<Digest>,
        /// Digest of the policy in force: of both, the stricter value of each key.
        policy: Digest,
    },
    /// Lines were marked reviewed or unmarked.
    Marked {
        /// The content: a mark belongs to a blob.
        blob: BlobId,
        /// Where it was marked.
        path: RepoPath,
        /// Which lines.
        span: Span,
        /// True marks, false unmarks. The toggling key is resolved before it is recorded.
        reviewed: bool,
    },
    /// An entry of the tree was marked as looked at as a whole, or unmarked: it has no lines that could be marked. The
    /// lines of what is in a folder are not marked by it.
    MarkedWhole {
        /// The id that the tree has at the path.
        blob: BlobId,
        /// Where it is: unlike lines, an empty file says nothing without its path.
        path: RepoPath,
        /// What it is.
        whole: WholeKind,
        /// True marks, false unmarks.
        reviewed: bool,
    },
    /// Lines were on screen.
    Shown {
        /// The content.
        blob: BlobId,
        /// Where it was shown.
        path: RepoPath,
        /// Which lines.
        spans: Vec<Span>,
    },
    /// It was said in which encoding a content is, because the guess was wrong.
    EncodingSet {
        /// The content.
        blob: BlobId,
        /// Where it was looked at.
        path: RepoPath,
        /// How its bytes are read; `null` takes what was said before back.
        encoding: Option<Encoding>,
    },
    /// An earlier entry of the same ledger no longer counts.
    Undone {
        /// Which.
        entry: Uuid,
    },
    /// An undone entry counts again.
    Redone {
        /// Which.
        entry: Uuid,
    },
    /// A bundle is about to be written. The entry is in the ledger before the first byte is on the medium, so that
    /// whatever left is known and its lines are counted, even if the program or the medium was torn away. Its number is
    /// never given again, and the next bundle names it as the one before, however the export ended.
    ///
    /// Ledgers of older versions have it as `quoted`, and only for bundles that quote lines.
    #[serde(alias = "quoted")]
    ExportBegun {
        /// The bundle's number.
        number: u64,
        /// SHA-256 of its `SHA256SUMS`.
        manifest: Digest,
        /// The lines of the vendor's that it quotes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        lines: Vec<QuotedLines>,
    },
    /// A bundle was written and read back, or was not.
    Exported {
        /// What happened.
        export: ExportRecord,
    },
}

/// How an export ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportRecord {
    /// Counts the bundles of the review, from 1; also in the bundle.
    pub number: u64,
    /// SHA-256 of the bundle's `SHA256SUMS`.
    pub manifest: Digest,
    /// Fingerprint of the signing key.
    pub key: String,
    /// True if the bundle was written whole, read back and found right.
    pub exported: bool,
    /// The reason given, or the cause of the failure.
    #[serde(default)]
    pub why: String,
}

outgoing_fields!(Entry, item = |_entry| "ledger" => {
    id, seq, time as TimeText, reviewer as ChosenName, prev, event,
});
outgoing_variants!(Event => {
    SnapshotAdded "snapshot" { commit, tree, policy }
    FindingAdded "finding" { finding }
    FindingChanged "finding" { finding }
    FindingDeleted "finding" { finding }
    StatusChanged "status" { finding, status, why: "reason" }
    NoteAdded "note" { note }
    NoteChanged "note" { note }
    NoteDeleted "note" { note }
    ReplyAdded "reply" { reply }
    ReplyDeleted "reply" { reply }
    SweepAdded "sweep" { sweep }
    SweepDeleted "sweep" { sweep }
    Judged "verdict" { sweep, hits, ruling, item }
    Searched "search" { search }
    PolicyChanged "policy" { machine, review, policy }
    Marked "mark" { blob, path, span, reviewed }
    MarkedWhole "mark" { blob, path, whole, reviewed }
    Shown "mark" { blob, path, spans }
    EncodingSet "encoding" { blob, path, encoding }
    Undone "undoing" { entry }
    Redone "undoing" { entry }
    ExportBegun "export" { number, manifest, lines }
    Exported "export" { export }
});
outgoing_fields!(ExportRecord => { number, manifest, key as KeyFingerprint, exported, why: "reason" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_in_a_ledger_is_one_of_the_known_names() {
        for encoding in Encoding::all() {
            let text = serde_json::to_string(&encoding).unwrap();
            assert_eq!(serde_json::from_str::<Encoding>(&text).unwrap(), encoding);
        }
        // A text that a person could choose would be typed text, and the gate judges that.
        for odd in ["\"utf-8\"", "\"password\"", "1"] {
            assert!(serde_json::from_str::<Encoding>(odd).is_err(), "{odd}");
        }
        let event = Event::EncodingSet {
            blob: BlobId::new([7; 20]),
            path: RepoPath::new("src/a.c"),
            encoding: Encoding::by_name("gb18030"),
        };
        let text = serde_json::to_string(&event).unwrap();
        assert!(
            text.starts_with("{\"type\":\"encoding-set\",\"blob\":\"0707"),
            "{text}"
        );
        assert!(
            text.ends_with("\"path\":\"src/a.c\",\"encoding\":\"gb18030\"}"),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
        let back = text.replace("\"gb18030\"", "null");
        let back: Event = serde_json::from_str(&back).unwrap();
        assert!(matches!(back, Event::EncodingSet { encoding: None, .. }));
    }
}
