//! What is copied from the vendor's text in the form that is being written, as far as it is known.

use super::compose::{Compose, Field, Shape};
use super::layer::Layer;
use super::{App, Effect};
use crate::job::{Copied, Request, Work};
use crate::model::{RepoPath, Rule};
use std::ops::Range;

/// Characters below which nothing can be copied.
const SHORTEST: usize = 12;

/// What is known of the form on the screen.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Number of the newest request; answers to older ones are dropped.
    seq: u64,
    /// What was asked about.
    texts: Vec<(Field, String)>,
    marks: Vec<Mark>,
}

/// A stretch of a field that also stands in the snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The field.
    pub field: Field,
    /// Its bytes.
    pub range: Range<usize>,
    /// The rule of the gate.
    pub rule: Rule,
    /// The vendor's file.
    pub path: RepoPath,
    /// Its line, 1-based.
    pub line: u64,
}

impl Hints {
    /// Makes what was asked stale: the next message asks again.
    pub(super) fn forget(&mut self) {
        self.texts.clear();
    }

    /// Returns what is copied in a field.
    pub fn of(&self, field: Field) -> impl Iterator<Item = &Mark> {
        self.marks.iter().filter(move |mark| mark.field == field)
    }

    /// Returns what to tell of: what is copied at the cursor, or else first; and how much there is besides.
    pub fn told(&self, field: Field, cursor: usize) -> Option<(&Mark, usize)> {
        let touches = |m: &&Mark| m.range.start <= cursor && cursor <= m.range.end;
        let here = self.of(field).find(touches).or(self.of(field).next());
        let told = here.or(self.marks.first())?;
        Some((told, self.marks.len() - 1))
    }

    /// Takes the texts as they are now. What is marked moves with the text that it is in; where something was
    /// changed, nothing is known.
    fn change(&mut self, texts: Vec<(Field, String)>) {
        let marks = std::mem::take(&mut self.marks).into_iter();
        let text = |all: &[(Field, String)], field| {
            let found = all.iter().find(|(of, _)| *of == field);
            found.map(|(_, text)| text.clone())
        };
        let moved = |mut mark: Mark| {
            let old = text(&self.texts, mark.field)?;
            let new = text(&texts, mark.field)?;
            let (old, new) = (old.as_bytes(), new.as_bytes());
            let equal = |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| {
                pairs.take_while(|(a, b)| a == b).count()
            };
            if mark.range.end <= equal(&mut old.iter().zip(new)) {
                return Some(mark);
            }
            let behind = equal(&mut old.iter().rev().zip(new.iter().rev()));
            if old.len() - mark.range.start > behind {
                return None;
            }
            let shift = |at: usize| new.len() - (old.len() - at);
            mark.range = shift(mark.range.start)..shift(mark.range.end);
            Some(mark)
        };
        self.marks = marks.filter_map(moved).collect();
        self.texts = texts;
    }
}

/// Returns the texts of a form that a person words freely.
fn texts(form: &Compose) -> Vec<(Field, String)> {
    let is_free = |field: &Field| {
        field.shape() != Shape::Choice
            && !matches!(field, Field::Cwe | Field::Cvss | Field::References)
    };
    let fields = form.fields().into_iter().filter(is_free);
    fields
        .map(|field| (field, form.text(field).to_owned()))
        .collect()
}

impl App {
    /// Asks what is copied in the form on the screen, if that was not asked yet.
    pub(super) fn ask_hint(&mut self) -> Option<Effect> {
        let form = self.layers.iter().rev().find_map(|layer| match layer {
            Layer::Compose(form) => Some(form),
            _ => None,
        });
        let Some(form) = form else {
            if self.hints.texts.is_empty() && self.hints.marks.is_empty() {
                return None;
            }
            self.hints = Hints {
                seq: self.hints.seq + 1,
                ..Hints::default()
            };
            return Some(Effect::Cancel(Work::Hint));
        };
        let now = texts(form);
        if now == self.hints.texts {
            return None;
        }
        self.hints.change(now);
        self.hints.seq += 1;
        let all = self.hints.texts.iter().map(|(_, text)| text);
        if all.clone().all(|text| text.len() < SHORTEST) {
            return Some(Effect::Cancel(Work::Hint));
        }
        Some(Effect::Submit(Request::Hint {
            seq: self.hints.seq,
            texts: all.cloned().collect(),
        }))
    }

    /// Takes what is copied.
    pub(super) fn hinted(&mut self, seq: u64, marks: Vec<Copied>) {
        if seq != self.hints.seq {
            return;
        }
        let field = |text: u32| self.hints.texts.get(text as usize).map(|(field, _)| *field);
        let mark = |copied: Copied| {
            Some(Mark {
                field: field(copied.text)?,
                range: copied.range.0..copied.range.1,
                rule: copied.rule,
                path: copied.path,
                line: copied.line,
            })
        };
        self.hints.marks = marks.into_iter().filter_map(mark).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints(text: &str, range: Range<usize>) -> Hints {
        Hints {
            seq: 1,
            texts: vec![(Field::Title, text.into())],
            marks: vec![Mark {
                field: Field::Title,
                range,
                rule: Rule::Line,
                path: RepoPath::new("a.c"),
                line: 3,
            }],
        }
    }

    #[test]
    fn marks_move_with_the_text_they_are_in() {
        for (new, want) in [
            ("so strcpy(a, b); x", Some(3..16)),
            ("so, strcpy(a, b);", Some(4..17)),
            ("strcpy(a, b);", Some(0..13)),
            ("so strcpy(a, c);", None),
            ("", None),
        ] {
            let mut hints = hints("so strcpy(a, b);", 3..16);
            hints.change(vec![(Field::Title, new.into())]);
            let left = hints.of(Field::Title).next().map(|m| m.range.clone());
            assert_eq!(left, want, "{new}");
        }
    }

    #[test]
    fn what_is_at_the_cursor_is_told_first() {
        let mut hints = hints("one two", 0..3);
        let mut other = hints.marks[0].clone();
        other.range = 4..7;
        hints.marks.push(other);
        let start = |at| {
            hints
                .told(Field::Title, at)
                .map(|(m, more)| (m.range.start, more))
        };
        assert_eq!(start(1), Some((0, 1)));
        assert_eq!(start(6), Some((4, 1)));
        assert_eq!(
            hints.told(Field::Statement, 0).map(|(m, _)| m.range.start),
            Some(0)
        );
    }
}
