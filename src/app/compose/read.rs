//! From what is typed to a finding or note, and back.

use super::{Compose, Field, Form};
use crate::model::{
    CommitId, Event, Finding, FindingWords, Item, Location, Note, NoteKind, Reference, Reply,
    Status, Vector, cwe, references,
};
use std::str::FromStr;
use uuid::Uuid;

/// Who writes, for a new item.
#[derive(Clone, Copy)]
pub struct Author<'a> {
    /// The reviewer's name.
    pub name: &'a str,
    /// The snapshot under review.
    pub commit: CommitId,
}

impl Compose {
    /// Puts a finding into the fields, its places excepted.
    pub(super) fn fill(&mut self, finding: &Finding) {
        self.write(Field::Title, &finding.title);
        let words = &finding.words;
        self.write(Field::Statement, &words.statement);
        self.write(Field::Consequence, &words.consequence);
        self.write(Field::Confirm, &words.confirm);
        self.write(Field::Exploit, &words.exploit);
        self.write(Field::Recommendation, &words.recommendation);
        self.write(Field::Cwe, &cwe_text(&finding.cwe));
        self.write(Field::Cvss, &listed(&finding.cvss));
        self.write(Field::References, &listed(&finding.references));
        self.choose(Field::Severity, finding.severity.word());
        self.choose(Field::Kind, finding.kind.word());
        self.choose(Field::Confidence, finding.confidence.word());
        self.choose(Field::Priority, finding.priority.word());
        self.choose(Field::Difficulty, finding.difficulty.word());
        self.choose(
            Field::Category,
            finding.category.map_or("none", |c| c.word()),
        );
        self.choose(Field::Audience, finding.audience.word());
        self.choose(Field::Trail, if finding.is_trail { "yes" } else { "no" });
    }

    /// Returns the event that records what was written, or what is missing. A new item's identity is nil and
    /// its number 0: they are given when it is recorded.
    pub fn event(&self, author: Author<'_>) -> Result<Event, String> {
        match self.form {
            Form::Note => self.note_event(author),
            Form::Reply => self.reply_event(author),
            Form::Finding => self.finding_event(author),
        }
    }

    fn reply_event(&self, author: Author<'_>) -> Result<Event, String> {
        let text = self.trimmed(Field::Statement);
        if text.is_empty() {
            return Err("nothing is written yet".into());
        }
        let parent = self.editing.as_ref().ok_or("what is answered is gone")?;
        let reply = Reply {
            id: Uuid::nil(),
            parent: parent.id(),
            reviewer: author.name.to_owned(),
            voice: self.chosen(Field::Voice)?,
            text,
        };
        Ok(Event::ReplyAdded { reply })
    }

    fn note_event(&self, author: Author<'_>) -> Result<Event, String> {
        let text = self.trimmed(Field::Statement);
        if text.is_empty() {
            return Err("nothing is written yet".into());
        }
        let old = match &self.editing {
            Some(Item::Note(old)) => Some(old),
            _ => None,
        };
        let kind: NoteKind = self.chosen(Field::NoteKind)?;
        if old.is_some_and(|old| old.kind != kind) {
            return Err("a note stays what it is: write a new one of the other kind".into());
        }
        let note = Note {
            id: old.map_or(Uuid::nil(), |o| o.id),
            number: old.map_or(0, |o| o.number),
            reviewer: old.map_or(author.name, |o| &o.reviewer).to_owned(),
            commit: old.map_or(author.commit, |o| o.commit),
            kind,
            text,
            location: self
                .places()
                .into_iter()
                .next()
                .ok_or("a note needs a place")?,
        };
        Ok(match old {
            Some(_) => Event::NoteChanged { note },
            None => Event::NoteAdded { note },
        })
    }

    fn finding_event(&self, author: Author<'_>) -> Result<Event, String> {
        let title = self.trimmed(Field::Title);
        if title.is_empty() {
            return Err("a finding needs a title".into());
        }
        let old = match &self.editing {
            Some(Item::Finding(old)) => Some(old),
            _ => None,
        };
        let finding = Finding {
            id: old.map_or(Uuid::nil(), |o| o.id),
            number: old.map_or(0, |o| o.number),
            reviewer: old.map_or(author.name, |o| &o.reviewer).to_owned(),
            commit: old.map_or(author.commit, |o| o.commit),
            kind: self.chosen(Field::Kind)?,
            title,
            words: FindingWords {
                statement: self.trimmed(Field::Statement),
                consequence: self.trimmed(Field::Consequence),
                confirm: self.trimmed(Field::Confirm),
                exploit: self.trimmed(Field::Exploit),
                recommendation: self.trimmed(Field::Recommendation),
            },
            severity: self.chosen(Field::Severity)?,
            confidence: self.chosen(Field::Confidence)?,
            priority: self.chosen(Field::Priority)?,
            difficulty: self.chosen(Field::Difficulty)?,
            category: match self.word(Field::Category) {
                "none" => None,
                word => Some(word.parse()?),
            },
            cwe: parse_cwe(self.text(Field::Cwe))?,
            cvss: parse_vectors(self.text(Field::Cvss))?,
            references: self.clauses()?,
            locations: self.places(),
            is_trail: self.word(Field::Trail) == "yes",
            audience: self.chosen(Field::Audience)?,
            status: old.map_or(Status::Open, |o| o.status),
            history: old.map(|o| o.history.clone()).unwrap_or_default(),
        };
        Ok(match old {
            Some(_) => Event::FindingChanged { finding },
            None => Event::FindingAdded { finding },
        })
    }

    fn clauses(&self) -> Result<Vec<Reference>, String> {
        let text = self.text(Field::References);
        match &self.editing {
            // What an older version wrote need not be in today's forms to stay as it is.
            Some(Item::Finding(old)) if listed(&old.references) == text => {
                Ok(old.references.clone())
            }
            _ => references(text),
        }
    }

    fn places(&self) -> Vec<Location> {
        let places = self.locations.iter();
        places
            .map(|(l, typed)| Location {
                is_quoted: l.is_quoted,
                ..Location::labelled(l.anchor.clone(), typed.text())
            })
            .collect()
    }

    fn trimmed(&self, field: Field) -> String {
        self.text(field).trim().to_owned()
    }

    fn chosen<T: FromStr<Err = String>>(&self, field: Field) -> Result<T, String> {
        self.word(field).parse()
    }
}

fn listed<T: ToString>(values: &[T]) -> String {
    values
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Returns CWE numbers as they are typed.
pub fn cwe_text(cwe: &[u32]) -> String {
    listed(&cwe.iter().map(|n| format!("CWE-{n}")).collect::<Vec<_>>())
}

/// Reads CWE numbers: `CWE-120`, `120`, apart by commas or blanks. Each must be in CWE 4.14.
pub fn parse_cwe(text: &str) -> Result<Vec<u32>, String> {
    let mut ids = Vec::new();
    for word in text.split([',', ' ', ';']).filter(|w| !w.is_empty()) {
        let digits = word
            .trim_start_matches(['C', 'W', 'E', 'c', 'w', 'e'])
            .trim_start_matches('-');
        let number: u32 = digits
            .parse()
            .map_err(|_| format!("`{word}` is no CWE number: write CWE-120"))?;
        if cwe::title(number).is_none() {
            return Err(format!("CWE-{number} is not in CWE 4.14"));
        }
        if !ids.contains(&number) {
            ids.push(number);
        }
    }
    if ids.len() > cwe::MOST {
        return Err(format!(
            "a finding has at most {} weaknesses, not {}",
            cwe::MOST,
            ids.len()
        ));
    }
    Ok(ids)
}

/// Reads CVSS vectors, apart by commas or blanks.
pub fn parse_vectors(text: &str) -> Result<Vec<Vector>, String> {
    let words = text.split([',', ' ', ';']).filter(|w| !w.is_empty());
    words
        .map(|word| word.parse().map_err(|error| format!("`{word}`: {error}")))
        .collect()
}
