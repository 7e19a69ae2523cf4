//! What the export screen asks for, and what it does with the answers.

use super::export::{Export, Outcome, Work};
use super::key::Key;
use super::layer::{Layer, Pick};
use super::picker::Picker;
use super::{App, Effect};
use crate::job::{self, DeliveryProgress, ExportReport, MediumPlace, Request};
use crate::model::{Item, MarkedWords, Overlap};

impl App {
    /// Begins or stops reading the rest of the delivery. What was read stays read, and the export completes it.
    pub(super) fn toggle_delivery_reading(&mut self) -> Vec<Effect> {
        match self.delivery_read {
            DeliveryProgress::Reading { .. } => {
                self.delivery_read = DeliveryProgress::Unknown;
                vec![Effect::Cancel(job::Work::ReadDelivery)]
            }
            DeliveryProgress::Complete => {
                self.say("all that was delivered is read");
                Vec::new()
            }
            DeliveryProgress::Unknown => vec![Effect::Submit(Request::ReadDelivery)],
        }
    }

    pub(super) fn open_export(&mut self) -> Vec<Effect> {
        let mut effects = self.flush_shown();
        let export = Export {
            work: Work::Judging,
            ..Export::default()
        };
        effects.push(Effect::Submit(Request::Export(export.preview())));
        self.layers.push(Layer::Export(Box::new(export)));
        effects
    }

    /// Returns the export screen, on top or below what helps with one of its fields.
    fn export_mut(&mut self) -> Option<&mut Export> {
        self.layers.iter_mut().rev().find_map(|layer| match layer {
            Layer::Export(export) => Some(&mut **export),
            _ => None,
        })
    }

    pub(super) fn export_key(&mut self, key: Key) -> Vec<Effect> {
        let Some(Layer::Export(export)) = self.layers.last_mut() else {
            return Vec::new();
        };
        let outcome = export.key(key);
        match outcome {
            Outcome::Stay => Vec::new(),
            Outcome::Media => vec![Effect::Submit(Request::Media)],
            Outcome::Judge | Outcome::Write => {
                let is_write = outcome == Outcome::Write;
                export.error = None;
                export.judged = None;
                export.work = if is_write {
                    Work::JudgingToWrite
                } else {
                    Work::Judging
                };
                let order = if is_write {
                    export.order()
                } else {
                    export.preview()
                };
                vec![
                    Effect::Cancel(job::Work::Export),
                    Effect::Submit(Request::Export(order)),
                ]
            }
            Outcome::Cancel => {
                export.work = Work::Idle;
                export.judged = None;
                let what = "cancelled: nothing was written";
                let next = "r judges again, Esc closes";
                export.error = Some((what.into(), next.into()));
                vec![Effect::Cancel(job::Work::Export)]
            }
            Outcome::EditItem => {
                self.edit_overlap();
                Vec::new()
            }
            Outcome::Leave => {
                self.layers.pop();
                Vec::new()
            }
        }
    }

    /// Opens the form of what the overlap under the cursor belongs to, so that it can be said in other words.
    fn edit_overlap(&mut self) {
        let Some(Layer::Export(export)) = self.layers.last_mut() else {
            return;
        };
        let report = export.report.as_ref();
        let overlap = report.and_then(|r| r.overlaps().get(export.overlap));
        let label = overlap.map_or_else(String::new, |o| o.finding.clone());
        let item = self
            .review
            .items()
            .iter()
            .find(|item| item.label_for("") == label);
        let (id, reviewer) = match item {
            Some(item) => (item.id(), item.reviewer().to_owned()),
            None => {
                let why = "it belongs to no finding, remark or question";
                export.error = Some((why.into(), "its field is named above".into()));
                return;
            }
        };
        if reviewer != self.identity.reviewer {
            let why = format!("{label} is {reviewer}'s");
            export.error = Some((why, "only its author can say it in other words".into()));
            return;
        }
        self.layers.pop();
        self.edit(id);
    }

    /// Returns the words of an overlap that are the vendor's, as they are in the reviewer's text.
    fn words_of(&self, overlap: &Overlap) -> String {
        let words = |mark: &MarkedWords| -> Option<String> {
            let mut items = self.review.items().iter();
            let item = items.find(|item| item.label_for("") == mark.finding)?;
            let texts = match item {
                Item::Finding(finding) => finding.texts(),
                Item::Note(note) => vec![("text", note.text.as_str())],
            };
            let mut texts = texts.into_iter().filter(|(field, _)| *field == mark.field);
            let (from, to) = (mark.from as usize, mark.to as usize);
            let text = texts.find_map(|(_, text)| (text.chars().count() >= to).then_some(text))?;
            let words: String = text
                .chars()
                .skip(from)
                .take(to.saturating_sub(from))
                .collect();
            Some(words.split_whitespace().collect::<Vec<_>>().join(" "))
        };
        let all: Vec<String> = overlap.marks.iter().filter_map(words).collect();
        all.join(" ... ")
    }

    pub(super) fn judging(&mut self, done: u64, total: u64) {
        if let Some(export) = self.export_mut() {
            export.judged = Some((done, total));
        }
    }

    /// Takes note that nothing can be stopped any more, even if that was asked for a moment ago.
    pub(super) fn writing(&mut self) {
        if let Some(export) = self.export_mut() {
            export.work = Work::Writing;
            export.error = None;
        }
    }

    pub(super) fn exported(&mut self, report: Box<ExportReport>) {
        if let Some(written) = &report.written {
            let text = format!("exported to {written}: safe to remove");
            self.say(text);
        }
        let words = report.overlaps().iter().map(|o| self.words_of(o)).collect();
        if let Some(export) = self.export_mut() {
            export.words = words;
            export.take(report);
        }
    }

    pub(super) fn export_failed(&mut self, why: &str, hint: &str) {
        if let Some(export) = self.export_mut() {
            export.work = Work::Idle;
            export.error = Some((why.to_owned(), hint.to_owned()));
        } else if hint.is_empty() {
            self.complain(why);
        } else {
            self.complain(format!("{why}: {hint}"));
        }
    }

    /// Offers the media that are mounted.
    pub(super) fn offer_media(&mut self, places: Vec<MediumPlace>) {
        if !matches!(self.layers.last(), Some(Layer::Export(_))) {
            return;
        }
        let (locked, free): (Vec<_>, Vec<_>) = places.into_iter().partition(|p| p.is_read_only);
        if free.is_empty() {
            let text = match locked.len() {
                0 => "no removable medium is mounted: mount one and ask again",
                _ => "nothing can be written to what is mounted: it is read-only",
            };
            self.complain(text);
            return;
        }
        let rows = free.iter().map(|p| self.printer.line(&p.text)).collect();
        let folders = free.into_iter().map(|p| p.folder).collect();
        self.layers
            .push(Layer::Pick(Pick::Medium(folders), Picker::new(rows)));
    }

    /// Puts the folder on the medium that was picked into the field.
    pub(super) fn take_medium(&mut self, folder: &str) -> Vec<Effect> {
        if let Some(export) = self.export_mut() {
            export.to.set(folder);
            export.focus = super::export::Focus::To;
            export.error = None;
        }
        Vec::new()
    }
}
