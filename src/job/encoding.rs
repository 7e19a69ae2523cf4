//! The encodings that the reviewers said: which they are, and what is in force for a file.

use super::JobError;
use super::read::Reader;
use crate::config::ReviewFolder;
use crate::ledger;
use crate::model::{Encodings, TreeFile};
use crate::text::{Content, Encoding, count_lines};

/// Returns the encodings that the ledgers of a review say, without becoming their writer. The last word
/// counts, whoever said it.
pub fn said(review: &ReviewFolder, reviewer: &str) -> Result<Encodings, JobError> {
    let folder = review.ledger();
    // A search must not wait for the chains of all ledgers if none of them says anything of encodings.
    if !ledger::mentions(&folder, "encoding-set")? {
        return Ok(Encodings::new());
    }
    Ok(super::state(review, reviewer)?.encodings().clone())
}

/// How a file is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The encoding of all or most of it; nothing for a binary file.
    pub encoding: Option<Encoding>,
    /// The encodings of its other stretches.
    pub others: Vec<Encoding>,
    /// It is a guess, not a reviewer's word.
    pub is_guessed: bool,
    /// Lines of the text; none if it is binary.
    pub lines: u32,
}

/// Says how a file is read.
pub fn in_force(reader: &Reader<'_>, file: &TreeFile) -> Result<InForce, JobError> {
    let (encoding, others, lines) = match reader.content(&file.blob)? {
        Content::Text(read) => (
            Some(read.encoding),
            read.others,
            count_lines(read.text.as_bytes()),
        ),
        Content::Binary(_) => (None, Vec::new(), 0),
    };
    Ok(InForce {
        encoding,
        others,
        is_guessed: reader.said(&file.blob).is_none(),
        lines,
    })
}
