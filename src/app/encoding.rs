//! The encoding of the file shown: choosing one, and what follows from it.

use super::code::Goto;
use super::layer::{Layer, Pick};
use super::picker::Picker;
use super::{App, Effect};
use crate::job::{Body, Document, Request, Work};
use crate::model::{Encodings, Event, TreeFile};
use crate::text::Encoding;

impl App {
    /// Opens the list of encodings, the one in force first.
    pub(super) fn pick_encoding(&mut self) {
        let Some(doc) = &self.code.doc else {
            return self.say("there is no file whose encoding could be chosen");
        };
        let (file, blob) = (doc.file.clone(), doc.file.blob);
        let said = self.review.encodings().get(&blob).copied();
        let (in_force, guess) = match (&doc.body, said) {
            (Body::Absent(why), _) => {
                let text = format!("{} cannot be read: {why}", file.path);
                return self.say(text);
            }
            (_, Some(said)) => (Some(said), format!("{said}, set: in force")),
            (Body::Text { encoding, .. }, None) => {
                let name = encoding.strip_suffix(" link to").unwrap_or(encoding);
                (
                    Encoding::by_name(name),
                    format!("{name}, guessed: in force"),
                )
            }
            (Body::Binary(_), None) => (None, "binary, guessed: in force".to_owned()),
        };
        let (mut rows, mut items) = (vec![said], vec![guess]);
        if said.is_some() {
            rows.push(None);
            items.push("guess again".to_owned());
        }
        for encoding in Encoding::all().filter(|e| Some(*e) != in_force) {
            rows.push(Some(encoding));
            items.push(encoding.to_string());
        }
        let pick = Pick::Encoding(file, rows);
        self.layers.push(Layer::Pick(pick, Picker::new(items)));
    }

    /// Records the encoding that was chosen; the first row changes nothing.
    pub(super) fn set_encoding(
        &mut self,
        file: &TreeFile,
        rows: &[Option<Encoding>],
        chosen: usize,
    ) -> Vec<Effect> {
        match rows.get(chosen) {
            Some(encoding) if chosen > 0 => self.record(Event::EncodingSet {
                blob: file.blob,
                path: file.path.clone(),
                encoding: *encoding,
            }),
            _ => Vec::new(),
        }
    }

    /// Says that the lines of the file shown are others once it is read anew.
    pub(super) fn tell_of_shift(&mut self, doc: &Document) {
        let old = self.code.doc.as_ref().filter(|old| old.file == doc.file);
        if let Some(had) = old.map(|old| old.count()).filter(|had| *had != doc.count()) {
            self.say(format!(
                "it has {} lines now and had {had}: marks, notes and findings keep their line numbers",
                doc.count()
            ));
        }
    }

    /// After an entry: if an encoding changed, the file shown is read and its text is indexed anew.
    pub(super) fn read_anew(&mut self, before: &Encodings) -> Vec<Effect> {
        let now = self.review.encodings();
        if now == before {
            return Vec::new();
        }
        // Lines of lists and the file beside them may be read otherwise now.
        self.preview.texts.clear();
        self.preview.forget();
        let mut effects = vec![Effect::Submit(Request::Index)];
        let now = self.review.encodings();
        let shown = self.code.jump();
        let shown = shown.filter(|j| now.get(&j.file.blob) != before.get(&j.file.blob));
        if let Some(jump) = shown {
            let (line, top) = (jump.at.line, jump.at.top);
            let at = Goto {
                line,
                column: 0,
                top,
            };
            self.code.pending = Some((jump.file.clone(), at));
            // Colours that are on their way belong to the text as it was.
            effects.push(Effect::Cancel(Work::Colour));
            effects.push(Effect::Submit(Request::Read(jump.file)));
        }
        effects
    }
}
