//! What the form does to the state: opened, saved, left, helped along.

use super::compose::{Author, Compose, Field, Form, Shape, parse_vectors};
use super::drafts::Saving;
use super::input::Input;
use super::layer::{Layer, Pick};
use super::picker::Picker;
use super::score::Calculator;
use super::whole::{CursorEntry, FolderAction, NewRecord};
use super::{App, Effect};
use crate::model::{Anchor, AnchorExtent, BlobId, Location, NoteKind, RepoPath, WholeKind, cwe};

impl App {
    /// Opens a form for what is under the cursor, or asks for the id of the folder there first.
    pub(super) fn write_here(&mut self, what: NewRecord) -> Vec<Effect> {
        match self.entry_here() {
            Some(CursorEntry::Place(location)) => self.write_on(what, location),
            Some(CursorEntry::Folder(path)) => {
                return self.ask_for_folder(path, FolderAction::Write(what));
            }
            None => {}
        }
        Vec::new()
    }

    /// Opens a form for a location.
    pub(super) fn write_on(&mut self, what: NewRecord, mut location: Location) {
        let is_shown = self
            .code
            .file()
            .is_some_and(|f| f.blob == location.anchor.blob && f.path == location.anchor.path);
        match what {
            NewRecord::Finding => self.open_form(Compose::new(Form::Finding, location)),
            NewRecord::Note(kind) => self.open_form(Compose::note(kind, location)),
            NewRecord::FileNote => {
                if let Some(extent) = self.code.whole_extent().filter(|_| is_shown) {
                    location.anchor.extent = extent;
                }
                self.open_form(Compose::note(NoteKind::Note, location));
            }
        }
    }

    /// Opens a form for the snapshot as a whole.
    pub(super) fn write_on_snapshot(&mut self, what: NewRecord) {
        if self.says_read_only() {
            return;
        }
        let tree = BlobId::new(*self.identity.tree.as_bytes());
        let whole = AnchorExtent::Whole(WholeKind::Snapshot);
        let anchor = Anchor::new(tree, RepoPath::new("."), whole);
        self.write_on(what, Location::labelled(anchor, ""));
    }

    /// Returns the form on top, or below what helps with one of its fields.
    fn form_mut(&mut self) -> Option<&mut Compose> {
        self.layers.iter_mut().rev().find_map(|layer| match layer {
            Layer::Compose(form) => Some(&mut **form),
            _ => None,
        })
    }

    /// Records what the form on top holds and closes it, or says what is missing.
    pub(super) fn save_form(&mut self) -> Vec<Effect> {
        let Some(Layer::Compose(form)) = self.layers.last_mut() else {
            return Vec::new();
        };
        if let Some(why) = &self.read_only {
            form.error = Some(format!("read-only: {why}"));
            return Vec::new();
        }
        let author = Author {
            name: &self.identity.reviewer,
            commit: form.commit.unwrap_or(self.identity.commit),
        };
        match form.event(author) {
            Ok(event) => {
                // Kept until it is on disk, and as a draft too, so that a full disk does not lose the words.
                self.is_typing = true;
                let mut effects = self.keep_drafts();
                if let Some(Layer::Compose(form)) = self.layers.pop() {
                    effects.extend(self.record_of(event, Saving::Form(form)));
                }
                effects
            }
            Err(why) => {
                form.error = Some(why);
                Vec::new()
            }
        }
    }

    /// Opens what helps to fill in the field with the cursor.
    pub(super) fn pick_for_field(&mut self) {
        let Some(form) = self.form_mut() else { return };
        let field = form.field;
        let layer = match (field, field.shape()) {
            (Field::Cwe, _) => {
                let rows = cwe::entries().map(|entry| {
                    let parent = entry.parent.and_then(cwe::title);
                    let below = parent.map_or_else(String::new, |p| format!("  < {p}"));
                    format!("CWE-{} {}{below}", entry.id, entry.title)
                });
                Layer::Pick(Pick::Cwe, Picker::new(rows.collect()))
            }
            (Field::Cvss, _) => {
                let vectors = parse_vectors(form.text(field)).unwrap_or_default();
                let calculator = vectors.last().map(Calculator::of);
                Layer::Score(calculator.unwrap_or_default())
            }
            (_, Shape::Choice) => {
                let words = field.words().into_iter().map(str::to_owned);
                Layer::Pick(Pick::Word(field), Picker::new(words.collect()))
            }
            _ => {
                self.say("there is nothing to pick from in this field");
                return;
            }
        };
        self.layers.push(layer);
    }

    /// Puts the weakness of a row of the list into the field.
    pub(super) fn take_cwe(&mut self, row: u32) -> Vec<Effect> {
        if let Some(entry) = cwe::entries().nth(row as usize) {
            self.append(Field::Cwe, &format!("CWE-{}", entry.id), |_| true);
        }
        Vec::new()
    }

    /// Puts the calculator's vector into the field, in place of one of its version.
    pub(super) fn take_score(&mut self) {
        let Some(Layer::Score(calculator)) = self.layers.pop() else {
            return;
        };
        let vector = calculator.vector();
        let version = format!("CVSS:{}", vector.version());
        self.append(Field::Cvss, vector.text(), |old| !old.starts_with(&version));
    }

    /// Adds a word to those of a field, of which only the ones wanted stay.
    fn append(&mut self, field: Field, word: &str, is_kept: impl Fn(&str) -> bool) {
        let Some(form) = self.form_mut() else { return };
        let mut words: Vec<&str> = form.text(field).split([',', ' ', ';']).collect();
        words.retain(|old| !old.is_empty() && *old != word && is_kept(old));
        words.push(word);
        let text = words.join(", ");
        form.write(field, &text);
        self.is_typing = true;
    }

    pub(super) fn take_word(&mut self, field: Field, row: u32) -> Vec<Effect> {
        if let Some(form) = self.form_mut()
            && let Some(word) = field.words().get(row as usize)
        {
            form.choose(field, word);
            self.is_typing = true;
        }
        Vec::new()
    }

    /// Opens the reviewer's templates.
    pub(super) fn pick_template(&mut self) {
        if self.templates.is_empty() {
            self.say("config.toml has no [[template]] yet");
            return;
        }
        let names = self.templates.iter().map(|t| t.name.clone()).collect();
        self.layers
            .push(Layer::Pick(Pick::Template, Picker::new(names)));
    }

    /// Fills the empty fields of the form from a template.
    pub(super) fn take_template(&mut self, row: u32) -> Vec<Effect> {
        let template = self.templates.get(row as usize).cloned();
        let (Some(template), Some(form)) = (template, self.form_mut()) else {
            return Vec::new();
        };
        for (key, value) in &template.values {
            let Some(field) = form.fields().into_iter().find(|f| f.key() == key) else {
                continue;
            };
            if field.shape() == Shape::Choice {
                form.choose_typed(field, value);
                if let Some(why) = &mut form.error {
                    *why = format!("template {}: {why}", template.name);
                    break;
                }
            } else if form.text(field).trim().is_empty() {
                form.write(field, value);
            }
        }
        self.is_typing = true;
        Vec::new()
    }

    /// Opens the finding's form with the place added, so that it can be labelled.
    pub(super) fn open_with_place(&mut self, form: Compose, location: Location) {
        self.open_form(form);
        if let Some(form) = self.form_mut() {
            form.locations.push((location, Input::default()));
            form.field = Field::Location(form.locations.len() - 1);
        }
        self.is_typing = true;
    }
}
