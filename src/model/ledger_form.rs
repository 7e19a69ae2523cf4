//! Whether the lines of a ledger are lines that this program, in any version, would have written.
//!
//! A reviewer owns the file of the ledger, and its chain can be made anew by hand. A line leaves in a bundle byte for
//! byte, so nothing may hide in it beside the values of its fields: no field that is not read, no white space, no
//! spelling of a string or number other than ours, and no number that could be any number. Such a ledger still opens and
//! loses nothing; a bundle of it is refused, and the line is named.
//!
//! Versions differ in which fields they leave out when these hold nothing. So a field may be missing, or be there and
//! hold nothing, as long as it is a field that some version wrote ([`OPTIONAL`]).

use super::{Anchor, AnchorExtent, Entry, Event, Finding, Note, Span, WholeKind, is_time};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::HashMap;
use std::fmt::{self, Write as _};
use uuid::Uuid;

/// Fields that a version of this program wrote even if they held nothing.
const OPTIONAL: &[&str] = &[
    "statement",
    "consequence",
    "confirm",
    "exploit",
    "recommendation",
    "category",
    "cwe",
    "cvss",
    "references",
    "version",
    "role",
    "label",
    "is_quoted",
    "symbol",
    "ordinal",
    "is_trail",
    "history",
    "name",
    "ruling",
    "item",
    "machine",
    "review",
    "why",
];

/// Kinds of events under the name of an older version, and of this one.
const RENAMED: &[(&str, &str)] = &[("quoted", "export-begun")];

/// References and weaknesses of one finding that may leave: more than a finding needs, and too few to carry text.
const MOST_CLAUSES: usize = super::reference::MOST;
const MOST_WEAKNESSES: usize = super::cwe::MOST;

/// An entry that no version of this program wrote so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the ledger of {reviewer} is not as this program writes it: {why}")]
pub struct OddEntry {
    /// Whose ledger.
    pub reviewer: String,
    /// The line, 1-based.
    pub line: u64,
    /// One clause.
    pub why: String,
}

/// The form of one ledger: checks its entries one after another.
#[derive(Clone, Debug, Default)]
pub struct LedgerForm {
    /// The highest number of each letter.
    numbers: HashMap<char, u32>,
    /// The number of each item.
    items: HashMap<Uuid, u32>,
}

impl LedgerForm {
    /// Checks the numbers of the next entry, which need not leave itself: later numbers follow from it. The error is
    /// one clause.
    pub fn follow(&mut self, entry: &Entry) -> Result<(), String> {
        match &entry.event {
            Event::FindingAdded { finding } => self.add(entry, 'F', finding.id, finding.number),
            Event::NoteAdded { note } => self.add(entry, note.kind.letter(), note.id, note.number),
            Event::SweepAdded { sweep } => self.add(entry, 'W', sweep.id, sweep.number),
            Event::FindingChanged { finding } => self.change(finding.id, finding.number),
            Event::NoteChanged { note } => self.change(note.id, note.number),
            _ => Ok(()),
        }
    }

    /// Numbers rise, and none is higher than there are entries: a number says no more than its order.
    fn add(&mut self, entry: &Entry, letter: char, id: Uuid, number: u32) -> Result<(), String> {
        let highest = self.numbers.entry(letter).or_default();
        let is_next = number > *highest && u64::from(number) <= entry.seq;
        *highest = number.max(*highest);
        self.items.insert(id, number);
        if is_next {
            Ok(())
        } else {
            Err(format!("{letter}{number} is not the next number"))
        }
    }

    /// A colleague's item may be changed here: only the own ones are known.
    fn change(&self, id: Uuid, number: u32) -> Result<(), String> {
        match self.items.get(&id) {
            Some(known) if *known != number => {
                Err(format!("an item has the numbers {known} and {number}"))
            }
            _ => Ok(()),
        }
    }
}

/// Checks that a line, without its LF, holds an entry and nothing else, and nothing that may not leave. The error is one
/// clause.
pub fn check_line(line: &[u8], entry: &Entry) -> Result<(), String> {
    check_values(entry)?;
    check_spelling(line, entry)
}

/// Checks that a line, without its LF, spells an entry as some version of this program does. The error is one clause.
pub fn check_spelling(line: &[u8], entry: &Entry) -> Result<(), String> {
    let written = serde_json::to_vec(entry).map_err(|error| error.to_string())?;
    if written == line {
        return Ok(());
    }
    let read = |bytes| serde_json::from_slice::<Json>(bytes).map_err(|error| error.to_string());
    let (found, wanted) = (read(line)?, read(&written)?);
    if found.to_text().as_bytes() != line {
        return Err("white space, or a string or number that is spelt in another way".to_owned());
    }
    found.compare(&wanted)
}

/// Checks the values whose types leave more open than this program writes.
fn check_values(entry: &Entry) -> Result<(), String> {
    if !is_time(&entry.time) {
        return Err("its time has another form".to_owned());
    }
    match &entry.event {
        Event::FindingAdded { finding } | Event::FindingChanged { finding } => {
            check_finding(finding, entry)
        }
        Event::NoteAdded { note } | Event::NoteChanged { note } => check_note(note, entry),
        Event::ReplyAdded { reply } if reply.reviewer != entry.reviewer => {
            Err(foreign(&reply.reviewer))
        }
        Event::SweepAdded { sweep } if sweep.reviewer != entry.reviewer => {
            Err(foreign(&sweep.reviewer))
        }
        _ => Ok(()),
    }
}

fn foreign(reviewer: &str) -> String {
    format!("it holds what is said to be of `{reviewer}`")
}

fn check_finding(finding: &Finding, entry: &Entry) -> Result<(), String> {
    let what = format!("F{}", finding.number);
    if matches!(entry.event, Event::FindingAdded { .. }) && finding.reviewer != entry.reviewer {
        return Err(foreign(&finding.reviewer));
    }
    if finding.references.len() > MOST_CLAUSES {
        return Err(format!(
            "{what} has {} references and {MOST_CLAUSES} may leave: edit the finding",
            finding.references.len()
        ));
    }
    if finding.cwe.len() > MOST_WEAKNESSES {
        return Err(format!(
            "{what} has {} weaknesses and {MOST_WEAKNESSES} may leave: edit the finding",
            finding.cwe.len()
        ));
    }
    for location in &finding.locations {
        check_anchor(&location.anchor).map_err(|why| format!("{what} has a location {why}"))?;
    }
    if finding.history.iter().any(|change| !is_time(&change.time)) {
        return Err(format!("{what} was decided at a time of another form"));
    }
    Ok(())
}

fn check_note(note: &Note, entry: &Entry) -> Result<(), String> {
    if matches!(entry.event, Event::NoteAdded { .. }) && note.reviewer != entry.reviewer {
        return Err(foreign(&note.reviewer));
    }
    check_anchor(&note.location.anchor).map_err(|why| format!("it has a location {why}"))
}

/// Checks the numbers of a location: they count lines, equal texts or rows of bytes, and nothing else.
fn check_anchor(anchor: &Anchor) -> Result<(), &'static str> {
    // The number of equal texts before a location is at most that of its lines.
    let most = anchor.extent.lines().map_or(1, Span::end);
    if anchor.ordinal >= most {
        return Err("with an impossible `ordinal`");
    }
    match anchor.extent {
        AnchorExtent::Bytes(bytes) if bytes.rows().end() == u32::MAX => {
            Err("with more bytes than a file has")
        }
        AnchorExtent::Whole(WholeKind::Snapshot) if anchor.path.as_bytes() != b"." => {
            Err("that is the snapshot and has a path")
        }
        _ => Ok(()),
    }
}

/// JSON as it is written: members in their order, no member twice, no number but whole ones.
enum Json {
    Null,
    Bool(bool),
    Unsigned(u64),
    Text(String),
    List(Vec<Json>),
    Members(Vec<(String, Json)>),
}

impl Json {
    /// Returns the text in the one form in which this program writes JSON.
    fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        let quoted = |text: &str| serde_json::to_string(text).expect("a text is valid JSON");
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => _ = write!(out, "{value}"),
            Self::Unsigned(number) => _ = write!(out, "{number}"),
            Self::Text(text) => out.push_str(&quoted(text)),
            Self::List(values) => {
                out.push('[');
                for (at, value) in values.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Members(members) => {
                out.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    out.push_str(&quoted(name));
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// Returns whether it says nothing.
    fn is_nothing(&self) -> bool {
        match self {
            Self::Null | Self::Bool(false) | Self::Unsigned(0) => true,
            Self::Text(text) => text.is_empty(),
            Self::List(values) => values.is_empty(),
            _ => false,
        }
    }

    /// Checks that it holds what `wanted` holds, but for members that hold nothing on either side.
    fn compare(&self, wanted: &Self) -> Result<(), String> {
        match (self, wanted) {
            (Self::Members(found), Self::Members(wanted)) => compare_members(found, wanted),
            (Self::List(found), Self::List(wanted)) if found.len() == wanted.len() => {
                let mut pairs = found.iter().zip(wanted);
                pairs.try_for_each(|(found, wanted)| found.compare(wanted))
            }
            (Self::Text(found), Self::Text(wanted))
                if RENAMED.contains(&(found.as_str(), wanted.as_str())) =>
            {
                Ok(())
            }
            _ if self.to_text() == wanted.to_text() => Ok(()),
            _ => Err("a value that is not read as it is written".to_owned()),
        }
    }
}

fn compare_members(found: &[(String, Json)], wanted: &[(String, Json)]) -> Result<(), String> {
    let mut at = 0;
    for (name, value) in found {
        match wanted[at..].iter().position(|(known, _)| known == name) {
            Some(ahead) => {
                value.compare(&wanted[at + ahead].1)?;
                at += ahead + 1;
            }
            None if wanted.iter().any(|(known, _)| known == name) => {
                return Err(format!("`{name}` in another order"));
            }
            None if OPTIONAL.contains(&name.as_str()) && value.is_nothing() => {}
            None => return Err("a field that is not read".to_owned()),
        }
    }
    Ok(())
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Json;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON without fractions and negative numbers")
            }
            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Bool(value))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
                Ok(Json::Unsigned(number))
            }
            fn visit_str<E>(self, text: &str) -> Result<Json, E> {
                Ok(Json::Text(text.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                Ok(Json::List(values))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
                let mut members: Vec<(String, Json)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Json>()? {
                    if members.iter().any(|(known, _)| *known == name) {
                        return Err(de::Error::custom("a field that comes twice"));
                    }
                    members.push((name, value));
                }
                Ok(Json::Members(members))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests;
