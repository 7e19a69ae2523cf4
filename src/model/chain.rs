//! One line of a ledger, and its place in the chain.
//!
//! A line is a JSON object ended by LF, either an [`Entry`] or, in a bundle only, the trace of a withheld
//! one: `{"seq":N,"prev":DIGEST,"sha256":DIGEST}`, where `sha256` is the digest of the line that was
//! withheld. The line after it names that digest, so the chain verifies without its content.

use super::{Digest, Entry};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::io::{self, Read as ByteRead};

impl Digest {
    /// Returns the digest of the bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Returns the digest of what is read to its end, in pieces.
    pub fn of_reader(reader: &mut dyn ByteRead) -> io::Result<Self> {
        let mut hasher = Sha256::new();
        let mut piece = vec![0; 1 << 16];
        loop {
            match reader.read(&mut piece) {
                Ok(0) => return Ok(Self(hasher.finalize().into())),
                Ok(got) => hasher.update(&piece[..got]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// The trace of an entry that does not leave the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withheld {
    /// The entry's number.
    pub seq: u64,
    /// Digest of the line before it.
    pub prev: Digest,
    /// Digest of the entry's own line.
    pub sha256: Digest,
}

impl Withheld {
    fn read(line: &[u8]) -> Option<Read> {
        let trace: Self = serde_json::from_slice(line).ok()?;
        Some(Read {
            seq: trace.seq,
            prev: trace.prev,
            head: trace.sha256,
            link: Link::Withheld(trace),
        })
    }
}

/// One line of a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// A whole entry.
    Entry(Box<Entry>),
    /// The trace of one.
    Withheld(Withheld),
}

/// Says why a line does not continue a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// It is no entry at all.
    #[error("the line is no entry: {0}")]
    NotAnEntry(String),
    /// It is numbered wrongly.
    #[error("the entry is number {found} where {expected} belongs")]
    Sequence {
        /// The number that belongs here.
        expected: u64,
        /// The number that stands here.
        found: u64,
    },
    /// It names another line before it.
    #[error("the entry does not follow the line before it: their digests differ")]
    Previous,
}

/// The end of a chain: the number and the digest of its last line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Number of the last entry; 0 for none.
    pub seq: u64,
    /// Digest of the last line.
    pub head: Digest,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            seq: 0,
            head: Digest::ZERO,
        }
    }
}

/// A line that has been read by itself and is not yet part of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// What it holds.
    pub link: Link,
    seq: u64,
    prev: Digest,
    head: Digest,
}

impl Read {
    /// Reads a line, without its LF.
    pub fn of(line: &[u8]) -> Result<Self, ChainError> {
        // As we write it, a trace begins with its number: so it need not be taken for an entry first.
        let trace = line
            .starts_with(br#"{"seq":"#)
            .then(|| Withheld::read(line));
        if let Some(trace) = trace.flatten() {
            return Ok(trace);
        }
        match serde_json::from_slice::<Entry>(line) {
            Ok(entry) => Ok(Self {
                seq: entry.seq,
                prev: entry.prev,
                link: Link::Entry(Box::new(entry)),
                head: Digest::of(line),
            }),
            Err(cause) => {
                let not_an_entry = || ChainError::NotAnEntry(cause.to_string());
                Withheld::read(line).ok_or_else(not_an_entry)
            }
        }
    }
}

impl Chain {
    /// Reads the next line, without its LF, and moves on if it continues the chain.
    pub fn follow(&mut self, line: &[u8]) -> Result<Link, ChainError> {
        self.join(Read::of(line)?)
    }

    /// Moves on to a line that has been read, if it continues the chain.
    pub fn join(&mut self, line: Read) -> Result<Link, ChainError> {
        if line.seq != self.seq + 1 {
            return Err(ChainError::Sequence {
                expected: self.seq + 1,
                found: line.seq,
            });
        }
        if line.prev != self.head {
            return Err(ChainError::Previous);
        }
        *self = Self {
            seq: line.seq,
            head: line.head,
        };
        Ok(line.link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_withheld_line_keeps_the_chain() {
        let first = br#"{"seq":1,"prev":"0000000000000000000000000000000000000000000000000000000000000000","sha256":"1111111111111111111111111111111111111111111111111111111111111111"}"#;
        let mut chain = Chain::default();
        assert!(matches!(chain.follow(first), Ok(Link::Withheld(_))));
        assert_eq!((chain.seq, chain.head), (1, Digest([0x11; 32])));
        assert!(matches!(
            chain.follow(first),
            Err(ChainError::Sequence {
                expected: 2,
                found: 1
            })
        ));
        assert!(matches!(
            chain.follow(b"{}"),
            Err(ChainError::NotAnEntry(_))
        ));
    }
}
