//! What is recorded: texts without white space that carries something, and lists that are no longer than a claim
//! needs.
//!
//! Number and order are carriers too: sixty CVSS vectors or eighty line numbers spell a text. So every list that a
//! reviewer fills has a bound. It holds for what is recorded from now on; what older ledgers hold stays readable.

use super::{Event, Finding, Location, Note};
use crate::text::tidy_blanks;

/// The most CVSS vectors of one version: by the reviewer's own reading and by the vendor's.
pub const MOST_VECTORS: usize = 2;
/// The most weaknesses of one finding.
pub const MOST_WEAKNESSES: usize = 10;
/// The most locations of one finding; a sweep judges more, one by one.
pub const MOST_LOCATIONS: usize = 256;

/// A list that is longer than it may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a finding has {most} {what} at most, this one has {count}")]
pub struct TooMany {
    /// Of what, in the plural.
    pub what: &'static str,
    /// How many there are.
    pub count: usize,
    /// How many there may be.
    pub most: usize,
}

impl TooMany {
    /// Returns the next step.
    pub fn hint(&self) -> &'static str {
        "leave some out, or file another finding"
    }
}

impl Finding {
    /// Checks the length of every list.
    pub fn check_lengths(&self) -> Result<(), TooMany> {
        let of = |version: &str| self.cvss.iter().filter(|v| v.version() == version).count();
        let rows = [
            ("CVSS 3.1 vectors", of("3.1"), MOST_VECTORS),
            ("CVSS 4.0 vectors", of("4.0"), MOST_VECTORS),
            ("CWE numbers", self.cwe.len(), MOST_WEAKNESSES),
            ("locations", self.locations.len(), MOST_LOCATIONS),
        ];
        match rows.into_iter().find(|(_, count, most)| count > most) {
            Some((what, count, most)) => Err(TooMany { what, count, most }),
            None => Ok(()),
        }
    }
}

/// Fewer locations than this spell nothing that the gate would find.
const LEAST_SPELT: usize = 12;

impl Finding {
    /// Returns the line numbers of the locations as a text, if there are enough of them to spell one: the reviewer chooses
    /// them, so they are judged as if they were typed.
    pub fn lines_as_text(&self) -> Option<String> {
        let spans = || self.locations.iter().filter_map(|l| l.anchor.extent.rows());
        let starts = spans().map(|s| format!("line {}", s.start()));
        let ends = spans().map(|s| format!("line {}", s.end()));
        let both =
            starts.collect::<Vec<_>>().join(" ") + "\n" + &ends.collect::<Vec<_>>().join(" ");
        (spans().count() >= LEAST_SPELT).then_some(both)
    }
}

impl Event {
    /// Checks the length of every list of a finding that is filed or changed.
    pub fn check_lengths(&self) -> Result<(), TooMany> {
        match self {
            Self::FindingAdded { finding } | Self::FindingChanged { finding } => {
                finding.check_lengths()
            }
            _ => Ok(()),
        }
    }

    /// Returns the event with plain white space in every text of prose. Queries stay as they are typed: a blank more
    /// is another query.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        match &mut self {
            Self::FindingAdded { finding } | Self::FindingChanged { finding } => {
                tidy_finding(finding);
            }
            Self::NoteAdded { note } | Self::NoteChanged { note } => tidy_note(note),
            Self::StatusChanged { why, .. } => tidy(why),
            Self::ReplyAdded { reply } => tidy(&mut reply.text),
            Self::SweepAdded { sweep } => tidy(&mut sweep.name),
            Self::Exported { export } => tidy(&mut export.why),
            _ => {}
        }
        self
    }
}

fn tidy(text: &mut String) {
    let tidied = tidy_blanks(text);
    if tidied.text != *text {
        *text = tidied.text;
    }
}

fn tidy_finding(finding: &mut Finding) {
    let words = &mut finding.words;
    let texts = [
        &mut finding.title,
        &mut words.statement,
        &mut words.consequence,
        &mut words.confirm,
        &mut words.exploit,
        &mut words.recommendation,
    ];
    texts.into_iter().for_each(tidy);
    finding.locations.iter_mut().for_each(tidy_location);
    finding
        .history
        .iter_mut()
        .for_each(|change| tidy(&mut change.why));
}

fn tidy_note(note: &mut Note) {
    tidy(&mut note.text);
    tidy_location(&mut note.location);
}

fn tidy_location(location: &mut Location) {
    tidy(&mut location.label);
}

#[cfg(test)]
mod tests {
    use super::super::{Anchor, BlobId, RepoPath, Span};
    use super::*;

    fn finding() -> Finding {
        let text = r#"{"id":"f81d4fae-7dec-41d0-a765-00a0c91e6bf6","number":1,"reviewer":"alice","commit":"0101010101010101010101010101010101010101","kind":"quality","title":"two  blanks","statement":"end  \nof a\tline ","severity":"low","locations":[],"status":"open"}"#;
        serde_json::from_str(text).unwrap()
    }

    fn at(line: u32) -> Location {
        let anchor = Anchor {
            blob: BlobId::new([1; 20]),
            path: RepoPath::new("a"),
            extent: Span::line(line).into(),
            symbol: None,
            ordinal: 0,
        };
        Location::labelled(anchor, "one  two")
    }

    #[test]
    fn every_text_of_a_finding_gets_plain_blanks() {
        let mut finding = finding();
        finding.locations.push(at(1));
        let event = Event::FindingAdded { finding };
        let Event::FindingAdded { finding } = event.tidied() else {
            panic!("another event");
        };
        for (what, text) in finding.texts() {
            assert_eq!(tidy_blanks(text).changes, 0, "{what}");
        }
        assert_eq!(finding.title, "two blanks");
        assert_eq!(finding.words.statement, "end\nof a line");
        assert_eq!(finding.locations[0].label, "one two");
    }

    type Fill = fn(&mut Finding, usize);

    fn vector_of() -> super::super::Vector {
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
            .parse()
            .unwrap()
    }

    #[test]
    fn lists_are_bounded() {
        let rows: [(&str, usize, Fill); 3] = [
            ("CVSS 3.1 vectors", MOST_VECTORS, |f, n| {
                f.cvss = vec![vector_of(); n];
            }),
            ("CWE numbers", MOST_WEAKNESSES, |f, n| f.cwe = vec![120; n]),
            ("locations", MOST_LOCATIONS, |f, n| {
                f.locations = vec![at(1); n]
            }),
        ];
        for (what, most, fill) in rows {
            let mut finding = finding();
            fill(&mut finding, most);
            assert_eq!(finding.check_lengths(), Ok(()), "{what}");
            fill(&mut finding, most + 1);
            let error = finding.check_lengths().unwrap_err();
            assert_eq!(
                (error.what, error.count, error.most),
                (what, most + 1, most)
            );
        }
    }

    #[test]
    fn line_numbers_are_a_text_when_they_are_many() {
        let mut finding = finding();
        finding.locations = (0..11).map(at).collect();
        assert_eq!(finding.lines_as_text(), None);
        finding.locations = (100..112).map(at).collect();
        let text = finding.lines_as_text().unwrap();
        assert!(
            text.starts_with("line 100 line 101 ") && text.ends_with(" line 111"),
            "{text}"
        );
    }
}
