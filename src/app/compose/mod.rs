//! The form in which a finding, a note, a remark or a question is written.
//!
//! What is typed and chosen is kept by field; only [`Compose::event`] turns it into a finding or note, and says
//! what is missing.

mod choice;
mod field;
mod read;

pub use choice::TypeAhead;
pub use field::{Field, Shape};
pub use read::{Author, cwe_text, parse_cwe, parse_vectors};

use super::input::{Input, Typed};
use super::key::{Code, Key};
use crate::job::Draft;
use crate::model::{CommitId, Item, Location, NoteKind};
use choice::ChoiceResult;
use std::collections::BTreeMap;

/// What is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compose {
    /// The item being edited, or nothing for a new one.
    pub editing: Option<Item>,
    /// The number of the draft that keeps it; 0 for none.
    pub draft: u64,
    /// The snapshot in which it was begun, if that is not the one that is open.
    pub commit: Option<CommitId>,
    /// Finding, or note.
    pub form: Form,
    /// What is typed, by field.
    texts: BTreeMap<Field, Input>,
    /// What is chosen, by field.
    words: BTreeMap<Field, &'static str>,
    /// The places, with their roles and labels as typed.
    pub locations: Vec<(Location, Input)>,
    /// Which field has the cursor.
    pub field: Field,
    /// Letters typed into it, if it is a choice.
    pub typing: TypeAhead,
    /// Why it could not be saved, or why what was typed into a choice is refused.
    pub error: Option<String>,
}

/// What kind of item is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A finding.
    Finding,
    /// A note, remark or question.
    Note,
    /// A reply to the item being edited.
    Reply,
}

impl Form {
    /// Returns the word for it in a draft.
    pub fn word(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Note => "note",
            Self::Reply => "reply",
        }
    }
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
    /// The reviewer wants help with the field.
    Pick,
    /// The reviewer wants a template.
    Template,
}

impl Compose {
    /// Makes an empty form for the place.
    pub fn new(form: Form, location: Location) -> Self {
        let empty = |field: Field| match field.shape() {
            Shape::Lines => Some((field, Input::multiline(""))),
            Shape::Line => Some((field, Input::default())),
            Shape::Choice => None,
        };
        let chosen =
            |field: Field| (field.shape() == Shape::Choice).then(|| (field, field.default_word()));
        Self {
            editing: None,
            draft: 0,
            commit: None,
            form,
            texts: field::all().filter_map(empty).collect(),
            words: field::all().filter_map(chosen).collect(),
            locations: vec![(location, Input::default())],
            field: match form {
                Form::Finding => Field::Title,
                Form::Note | Form::Reply => Field::Statement,
            },
            typing: TypeAhead::default(),
            error: None,
        }
    }

    /// Makes an empty form for a note of a kind.
    pub fn note(kind: NoteKind, location: Location) -> Self {
        let mut form = Self::new(Form::Note, location);
        form.choose(Field::NoteKind, kind.word());
        form
    }

    /// Makes an empty form for a reply to an item.
    pub fn reply(item: Item) -> Self {
        let mut form = Self::new(Form::Reply, item.locations()[0].clone());
        form.editing = Some(item);
        form
    }

    /// Makes a form that holds an item to be changed.
    pub fn edit(item: Item) -> Self {
        let labels = |l: &Location| (l.clone(), Input::new(l.typed()));
        let locations: Vec<_> = item.locations().iter().map(labels).collect();
        let mut form = match &item {
            Item::Finding(finding) => {
                let mut form = Self::new(Form::Finding, finding.locations[0].clone());
                form.fill(finding);
                form
            }
            Item::Note(note) => {
                let mut form = Self::note(note.kind, note.location.clone());
                form.write(Field::Statement, &note.text);
                form
            }
        };
        form.locations = locations;
        form.editing = Some(item);
        form
    }

    /// Takes up a draft that was kept; `editing` is the item that it was to change.
    pub fn from_draft(draft: &Draft, editing: Option<Item>) -> Option<Self> {
        let labels = |(l, typed): &(Location, String)| (l.clone(), Input::new(typed.clone()));
        let form = match draft.form.as_str() {
            "finding" => Form::Finding,
            "reply" if editing.is_some() => Form::Reply,
            _ => Form::Note,
        };
        let mut form = Self::new(form, draft.locations.first()?.0.clone());
        form.locations = draft.locations.iter().map(labels).collect();
        form.editing = editing;
        form.draft = draft.number;
        form.commit = draft.commit;
        for field in field::all() {
            let kept = |all: &[(String, String)]| {
                let found = all.iter().find(|(name, _)| *name == format!("{field:?}"));
                found.map(|(_, value)| value.clone())
            };
            if let Some(text) = kept(&draft.texts) {
                form.write(field, &text);
            }
            if let Some(word) = kept(&draft.words) {
                form.choose(field, &word);
            }
        }
        Some(form)
    }

    /// Returns what is kept of the form until it is saved.
    pub fn to_draft(&self) -> Draft {
        Draft {
            number: self.draft,
            form: self.form.word().to_owned(),
            commit: self.commit,
            editing: self.editing.as_ref().map(Item::id),
            texts: self
                .texts
                .iter()
                .map(|(field, input)| (format!("{field:?}"), input.text().to_owned()))
                .collect(),
            words: self
                .words
                .iter()
                .map(|(field, word)| (format!("{field:?}"), (*word).to_owned()))
                .collect(),
            locations: self
                .locations
                .iter()
                .map(|(location, input)| (location.clone(), input.text().to_owned()))
                .collect(),
        }
    }

    /// Returns whether anything was typed or chosen since the form was opened.
    pub fn is_changed(&self) -> bool {
        let opened = if let Some(item) = &self.editing {
            match self.form {
                Form::Reply => Self::reply(item.clone()),
                _ => Self::edit(item.clone()),
            }
        } else {
            let mut opened = Self::new(self.form, self.locations[0].0.clone());
            opened.choose(Field::NoteKind, self.word(Field::NoteKind));
            opened
        };
        let content = |form: &Self| {
            let texts = form.texts.values().map(|i| i.text().trim().to_owned());
            let labels = form.locations.iter();
            let labels = labels.map(|(l, i)| {
                let typed = i.text().trim().to_owned();
                (l.anchor.clone(), l.is_quoted, typed)
            });
            (
                texts.collect::<Vec<_>>(),
                form.words.clone(),
                labels.collect::<Vec<_>>(),
            )
        };
        content(self) != content(&opened)
    }

    /// Returns the fields in the order of Tab.
    pub fn fields(&self) -> Vec<Field> {
        Field::of(self.form, self.locations.len())
    }

    /// Returns the field in which a text is typed.
    pub fn text_field(&self, field: Field) -> Option<&Input> {
        match field {
            Field::Location(at) => self.locations.get(at).map(|(_, label)| label),
            field => self.texts.get(&field),
        }
    }

    /// Returns what is typed into a field.
    pub fn text(&self, field: Field) -> &str {
        self.text_field(field).map_or("", Input::text)
    }

    /// Returns what is chosen in a field.
    pub fn word(&self, field: Field) -> &'static str {
        self.words.get(&field).copied().unwrap_or("")
    }

    /// Writes a text into a field, in place of what is there.
    pub fn write(&mut self, field: Field, text: &str) {
        if let Some(input) = self.texts.get_mut(&field) {
            input.set(text);
        }
    }

    /// Chooses a word, if the field has it.
    pub fn choose(&mut self, field: Field, word: &str) {
        let known = field.words().into_iter().find(|known| *known == word);
        if let Some(word) = known {
            self.words.insert(field, word);
        }
    }

    /// Chooses the word that a text spells or alone begins with, as it is written by a person. Otherwise the choice stays,
    /// and the form says which words there are.
    pub fn choose_typed(&mut self, field: Field, text: &str) {
        let result = choice::pasted(&field.words(), text);
        self.take_choice(field, result);
    }

    /// Inserts a pasted text into the field with the cursor, or chooses by it. Returns false if it is too long.
    pub fn paste(&mut self, text: &str) -> bool {
        self.typing = TypeAhead::default();
        if self.field.shape() == Shape::Choice {
            self.choose_typed(self.field, text);
            return true;
        }
        self.error = None;
        self.input().is_none_or(|input| input.paste(text))
    }

    fn take_choice(&mut self, field: Field, result: ChoiceResult) {
        match result {
            ChoiceResult::Chosen(word) => {
                self.words.insert(field, word);
                self.error = None;
            }
            ChoiceResult::Refused(typed) => {
                self.error = Some(choice::refusal(field.name(), &field.words(), &typed));
            }
            ChoiceResult::Ignored => {}
        }
    }

    /// Returns the field with the cursor, if text is typed into it.
    pub fn input(&mut self) -> Option<&mut Input> {
        match self.field {
            Field::Location(at) => self.locations.get_mut(at).map(|(_, label)| label),
            field => self.texts.get_mut(&field),
        }
    }

    /// Handles one key.
    pub fn key(&mut self, key: Key) -> Outcome {
        match (key.code, key.ctrl, key.alt) {
            (Code::Enter, _, true) | (Code::Char('s'), true, false) => return Outcome::Save,
            (Code::Esc, ..) => return Outcome::Leave,
            (Code::Char('p'), true, false) => return Outcome::Pick,
            (Code::Char('t'), true, false) => return Outcome::Template,
            (Code::Tab, ..) => self.turn(1),
            (Code::BackTab, ..) => self.turn(-1),
            (Code::Char('x'), true, false) => self.drop_location(),
            (Code::Char('q'), true, false) => self.quote_location(),
            (Code::Up, _, true) => self.move_location(-1),
            (Code::Down, _, true) => self.move_location(1),
            _ => self.typed(key),
        }
        Outcome::Stay
    }

    /// Takes the place under the cursor away; the last one stays.
    fn drop_location(&mut self) {
        if let Field::Location(at) = self.field
            && self.locations.len() > 1
        {
            self.locations.remove(at);
            self.turn(0);
        }
    }

    /// Has the lines of the place under the cursor quoted, or not any more. Of a note no lines are quoted.
    fn quote_location(&mut self) {
        match (self.form, self.field) {
            (Form::Finding, Field::Location(at)) => {
                let (location, _) = &mut self.locations[at];
                location.is_quoted = !location.is_quoted;
                self.error = None;
            }
            (Form::Finding, _) => {
                self.error = Some("Tab to a place first: ^q quotes its lines".into());
            }
            (Form::Note | Form::Reply, _) => {
                self.error = Some("only a finding quotes lines".into());
            }
        }
    }

    /// Moves the place under the cursor up or down among the places.
    fn move_location(&mut self, by: i64) {
        let Field::Location(at) = self.field else {
            return;
        };
        let last = self.locations.len() as i64 - 1;
        let to = (at as i64 + by).clamp(0, last) as usize;
        self.locations.swap(at, to);
        self.field = Field::Location(to);
    }

    fn typed(&mut self, key: Key) {
        if self.field.shape() == Shape::Choice {
            if key.code == Code::Enter {
                return self.turn(1);
            }
            let (words, now) = (self.field.words(), self.word(self.field));
            let result = self.typing.key(&words, now, key);
            return self.take_choice(self.field, result);
        }
        let handled = self.input().map(|i| i.key(key));
        if handled == Some(Typed::Changed) {
            self.error = None;
        }
        let ignored = handled == Some(Typed::Ignored);
        match key.code {
            Code::Enter if ignored => self.turn(1),
            Code::Down if ignored => self.turn(1),
            Code::Up if ignored => self.turn(-1),
            _ => {}
        }
    }

    fn turn(&mut self, by: i64) {
        self.typing = TypeAhead::default();
        let fields = self.fields();
        let at = fields.iter().position(|f| *f == self.field);
        // The last place was taken away: the one before it.
        let at = at.unwrap_or_else(|| match self.field {
            Field::Location(_) => {
                let is_place = |f: &Field| matches!(f, Field::Location(_));
                fields.iter().rposition(is_place).unwrap_or(0)
            }
            _ => 0,
        });
        self.field = fields[(at as i64 + by).rem_euclid(fields.len() as i64) as usize];
    }
}

#[cfg(test)]
mod tests;
