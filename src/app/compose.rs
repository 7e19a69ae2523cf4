//! The form in which a finding, a note or a question is written.

use super::input::{Input, Typed};
use super::key::{Code, Key};
use crate::model::{
    CommitId, Event, Finding, Item, Kind, Location, Note, NoteKind, Severity, Status,
};
use uuid::Uuid;

/// What is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compose {
    /// The item being edited, or nothing for a new one.
    pub editing: Option<Item>,
    /// Finding, note or question.
    pub form: Form,
    /// One line.
    pub title: Input,
    /// How bad.
    pub severity: Severity,
    /// What kind of claim.
    pub kind: Kind,
    /// CWE numbers as typed.
    pub cwe: Input,
    /// The words.
    pub statement: Input,
    /// The places, with their labels as typed.
    pub locations: Vec<(Location, Input)>,
    /// Which field has the cursor.
    pub field: Field,
    /// Why it could not be saved.
    pub error: Option<String>,
}

/// What kind of item is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A finding.
    Finding,
    /// A note or question.
    Note(NoteKind),
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// One line.
    Title,
    /// A choice.
    Severity,
    /// A choice.
    Kind,
    /// Numbers.
    Cwe,
    /// The words.
    Statement,
    /// The label of a place, by its position.
    Location(usize),
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Handled.
    Stay,
    /// The reviewer wants it saved.
    Save,
    /// The reviewer wants out.
    Leave,
}

impl Compose {
    /// Makes an empty form for the place.
    pub fn new(form: Form, location: Location) -> Self {
        let is_finding = form == Form::Finding;
        Self {
            editing: None,
            form,
            title: Input::default(),
            severity: Severity::Undetermined,
            kind: Kind::Vulnerability,
            cwe: Input::default(),
            statement: Input::multiline(""),
            locations: vec![(location, Input::default())],
            field: if is_finding {
                Field::Title
            } else {
                Field::Statement
            },
            error: None,
        }
    }

    /// Makes a form that holds an item to be changed.
    pub fn edit(item: Item) -> Self {
        let labels = |l: &Location| (l.clone(), Input::new(l.label.clone()));
        let locations = item.locations().iter().map(labels).collect();
        let mut form = match &item {
            Item::Finding(f) => Self {
                title: Input::new(f.title.clone()),
                severity: f.severity,
                kind: f.kind,
                cwe: Input::new(cwe_text(&f.cwe)),
                statement: Input::multiline(f.statement.clone()),
                ..Self::new(Form::Finding, f.locations[0].clone())
            },
            Item::Note(n) => Self {
                statement: Input::multiline(n.text.clone()),
                ..Self::new(Form::Note(n.kind), n.location.clone())
            },
        };
        form.locations = locations;
        form.editing = Some(item);
        form
    }

    /// Returns whether anything was typed or chosen since the form was opened.
    pub fn is_changed(&self) -> bool {
        let opened = match &self.editing {
            Some(item) => Self::edit(item.clone()),
            None => Self::new(self.form, self.locations[0].0.clone()),
        };
        let words = |form: &Self| {
            let fields =
                [&form.title, &form.cwe, &form.statement].map(|i| i.text().trim().to_owned());
            let labels: Vec<_> = form
                .locations
                .iter()
                .map(|(_, l)| l.text().trim().to_owned())
                .collect();
            (fields, labels, form.severity, form.kind)
        };
        words(self) != words(&opened)
    }

    /// Returns the fields in the order of Tab.
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = match self.form {
            Form::Finding => {
                vec![
                    Field::Title,
                    Field::Severity,
                    Field::Kind,
                    Field::Cwe,
                    Field::Statement,
                ]
            }
            Form::Note(_) => vec![Field::Statement],
        };
        fields.extend((0..self.locations.len()).map(Field::Location));
        fields
    }

    /// Returns the field with the cursor, if text is typed into it.
    pub fn input(&mut self) -> Option<&mut Input> {
        match self.field {
            Field::Title => Some(&mut self.title),
            Field::Cwe => Some(&mut self.cwe),
            Field::Statement => Some(&mut self.statement),
            Field::Location(at) => self.locations.get_mut(at).map(|(_, label)| label),
            Field::Severity | Field::Kind => None,
        }
    }

    /// Handles one key.
    pub fn key(&mut self, key: Key) -> Outcome {
        match (key.code, key.ctrl, key.alt) {
            (Code::Enter, _, true) | (Code::Char('s'), true, false) => return Outcome::Save,
            (Code::Esc, ..) => return Outcome::Leave,
            (Code::Tab, ..) => self.turn(1),
            (Code::BackTab, ..) => self.turn(-1),
            // A place is dropped with ^x on its label; the last one stays.
            (Code::Char('x'), true, false) => {
                if let Field::Location(at) = self.field
                    && self.locations.len() > 1
                {
                    self.locations.remove(at);
                    self.turn(-1);
                }
            }
            _ => self.typed(key),
        }
        Outcome::Stay
    }

    fn typed(&mut self, key: Key) {
        let step = match key.code {
            Code::Left | Code::Up => -1,
            Code::Right | Code::Down | Code::Char(' ') => 1,
            _ => 0,
        };
        match self.field {
            Field::Severity => {
                self.severity = chosen(Severity::ALL, self.severity, step, key, Severity::word);
            }
            Field::Kind => self.kind = chosen(Kind::ALL, self.kind, step, key, Kind::word),
            _ => {}
        }
        let on_choice = matches!(self.field, Field::Severity | Field::Kind);
        let handled = self.input().map(|i| i.key(key));
        if handled == Some(Typed::Changed) {
            self.error = None;
        }
        let ignored = handled == Some(Typed::Ignored);
        match key.code {
            Code::Enter if on_choice || ignored => self.turn(1),
            Code::Down if ignored => self.turn(1),
            Code::Up if ignored => self.turn(-1),
            _ => {}
        }
    }

    fn turn(&mut self, by: i64) {
        let fields = self.fields();
        let at = fields.iter().position(|f| *f == self.field).unwrap_or(0) as i64;
        self.field = fields[(at + by).rem_euclid(fields.len() as i64) as usize];
    }

    /// Returns the event that records what was written, or what is missing. A new item's identity is nil and
    /// its number 0: they are given when it is recorded.
    pub fn event(&self, author: Author<'_>) -> Result<Event, String> {
        let locations: Vec<_> = self
            .locations
            .iter()
            .map(|(l, label)| Location {
                label: label.text().trim().to_owned(),
                ..l.clone()
            })
            .collect();
        let words = self.statement.text().trim().to_owned();
        match self.form {
            Form::Note(kind) => {
                if words.is_empty() {
                    return Err("nothing is written yet".into());
                }
                let old = match &self.editing {
                    Some(Item::Note(old)) => Some(old),
                    _ => None,
                };
                let note = Note {
                    id: old.map_or(Uuid::nil(), |o| o.id),
                    number: old.map_or(0, |o| o.number),
                    reviewer: old.map_or(author.name, |o| &o.reviewer).to_owned(),
                    commit: old.map_or(author.commit, |o| o.commit),
                    kind,
                    text: words,
                    location: locations.into_iter().next().ok_or("a note needs a place")?,
                };
                Ok(if old.is_some() {
                    Event::NoteChanged { note }
                } else {
                    Event::NoteAdded { note }
                })
            }
            Form::Finding => {
                let title = self.title.text().trim().to_owned();
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
                    kind: self.kind,
                    title,
                    statement: words,
                    severity: self.severity,
                    cwe: parse_cwe(self.cwe.text())?,
                    cvss: old.and_then(|o| o.cvss.clone()),
                    locations,
                    status: old.map_or(Status::Open, |o| o.status),
                    history: old.map(|o| o.history.clone()).unwrap_or_default(),
                };
                Ok(match old {
                    Some(_) => Event::FindingChanged { finding },
                    None => Event::FindingAdded { finding },
                })
            }
        }
    }
}

/// Who writes, for a new item.
#[derive(Clone, Copy)]
pub struct Author<'a> {
    /// The reviewer's name.
    pub name: &'a str,
    /// The snapshot under review.
    pub commit: CommitId,
}

/// Steps through a choice, or goes to the next value that begins with the letter typed.
fn chosen<T: Copy + PartialEq>(
    all: &[T],
    now: T,
    step: i64,
    key: Key,
    word: fn(T) -> &'static str,
) -> T {
    let at = all.iter().position(|v| *v == now).unwrap_or(0);
    if let Some(c) = key.typed().filter(|c| *c != ' ') {
        let others = all.iter().cycle().skip(at + 1).take(all.len());
        return others
            .copied()
            .find(|v| word(*v).starts_with(c))
            .unwrap_or(now);
    }
    all[(at as i64 + step).rem_euclid(all.len() as i64) as usize]
}

/// Returns CWE numbers as they are typed.
pub fn cwe_text(cwe: &[u32]) -> String {
    cwe.iter()
        .map(|n| format!("CWE-{n}"))
        .collect::<Vec<_>>()
        .join(", ")
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
        if crate::model::cwe::title(number).is_none() {
            return Err(format!("CWE-{number} is not in CWE 4.14"));
        }
        if !ids.contains(&number) {
            ids.push(number);
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::super::key::sequence;
    use super::*;
    use crate::model::{Anchor, BlobId, RepoPath, Span};

    fn location() -> Location {
        let anchor = Anchor {
            blob: BlobId::new([1; 20]),
            path: RepoPath::new("src/auth.c"),
            span: Span::line(8),
            symbol: None,
            ordinal: 0,
        };
        Location {
            label: String::new(),
            anchor,
        }
    }

    fn press(form: &mut Compose, keys: &str) -> Outcome {
        sequence(keys)
            .unwrap()
            .into_iter()
            .map(|k| form.key(k))
            .last()
            .unwrap()
    }

    fn event(form: &Compose) -> Result<Event, String> {
        form.event(Author {
            name: "alice",
            commit: CommitId::new([2; 20]),
        })
    }

    #[test]
    fn a_finding_is_typed_and_recorded() {
        let mut form = Compose::new(Form::Finding, location());
        assert_eq!(event(&form), Err("a finding needs a title".into()));
        press(
            &mut form,
            "overrun Tab h Tab Tab 120 , 787 Tab one Enter two Tab sink",
        );
        assert_eq!(press(&mut form, "Alt-Enter"), Outcome::Save);
        let Ok(Event::FindingAdded { finding }) = event(&form) else {
            panic!("{:?}", event(&form))
        };
        assert_eq!(
            (finding.title.as_str(), finding.severity),
            ("overrun", Severity::High)
        );
        assert_eq!(
            (finding.cwe.as_slice(), finding.statement.as_str()),
            (&[120, 787][..], "one\ntwo")
        );
        assert_eq!(
            (finding.number, finding.locations[0].label.as_str()),
            (0, "sink")
        );
        let mut form = Compose::edit(Item::Finding(finding.clone()));
        press(&mut form, "s");
        let Ok(Event::FindingChanged { finding: changed }) = event(&form) else {
            panic!()
        };
        assert_eq!(
            changed,
            Finding {
                title: "overruns".into(),
                ..finding
            }
        );
    }

    #[test]
    fn an_unknown_cwe_is_refused() {
        assert_eq!(parse_cwe("CWE-79 787"), Ok(vec![79, 787]));
        assert!(parse_cwe("CWE-99999").is_err());
        assert!(parse_cwe("buffer").is_err());
    }
}
