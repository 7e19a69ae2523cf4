//! What follows from the state after every message: scrolling, and what is asked of the workers because it came
//! into sight.

use super::layer::{Layer, Pick};
use super::{App, Effect, scrolled, search};
use crate::job::{Body, Choice, Request, Sight};
use crate::model::{BlobId, Event, Span};

impl App {
    /// Brings what follows from the state into line: scrolling, colours, lines of lists, coverage.
    pub(super) fn settle(&mut self, effects: &mut Vec<Effect>) {
        effects.extend(self.ask_hint());
        let height = usize::from(self.regions.code_height);
        self.tree.keep_visible(self.regions.tree.into());
        self.code
            .keep_visible(height, self.regions.code_width.into(), self.printer);
        if height == 0 || self.code.doc.is_none() {
            self.settle_lists(effects);
            return;
        }
        let bottom = (self.code.top + height as u32 - 1).min(self.code.count());
        let is_text = self
            .code
            .doc
            .as_ref()
            .is_some_and(|d| matches!(d.body, Body::Text { .. }));
        let range = (self.code.top, bottom);
        let missing =
            (range.0..=range.1).any(|l| self.code.colours.get(&l).is_none_or(|c| !c.is_final));
        if is_text && bottom > 0 && missing && self.code.asked != Some(range) {
            self.code.asked = Some(range);
            if let Some(file) = self.code.file().cloned() {
                let span = range;
                effects.push(Effect::Submit(Request::Colour(Sight { file, span })));
            }
        }
        self.settle_lists(effects);
    }

    fn settle_lists(&mut self, effects: &mut Vec<Effect>) {
        let height = usize::from(self.regions.list);
        match self.layers.last_mut() {
            Some(Layer::Search) => {
                self.search.top = scrolled(self.search.top, self.search.cursor, height);
            }
            Some(Layer::Pick(_, picker)) => {
                picker.top = scrolled(picker.top, picker.cursor, height);
            }
            Some(Layer::Items(items)) => {
                items.refresh(&self.review, self.revision);
                items.top = scrolled(items.top, items.cursor, height);
            }
            Some(Layer::Sweep(sweep)) => {
                sweep.top = scrolled(sweep.top, sweep.cursor, height);
            }
            Some(Layer::Coverage(screen)) => {
                screen.top = scrolled(screen.top, screen.cursor, height);
            }
            Some(Layer::Delivery(top) | Layer::Policy(top) | Layer::Help(top)) => {
                *top = (*top).min(self.regions.list_total.saturating_sub(height));
            }
            Some(Layer::Export(export)) => {
                let last = self.regions.list_total.saturating_sub(height);
                export.officer = export.officer.min(last);
            }
            _ => {}
        }
        effects.extend(self.peek(height));
    }

    /// Asks for the text of the rows in sight and the file beside them, once.
    fn peek(&mut self, height: usize) -> Option<Effect> {
        if height == 0 {
            return None;
        }
        let target = self.target();
        let missing = |target| self.preview.missing(&target, self.regions.list.into());
        let preview = target.and_then(missing);
        let lines = self.unread_rows(height);
        let top = match self.layers.last() {
            Some(Layer::Search) => self.search.top,
            Some(Layer::Pick(_, picker)) => picker.top,
            _ => 0,
        };
        if (lines.is_empty() && preview.is_none())
            || !self.preview.is_new((top, height), preview.as_ref())
        {
            return None;
        }
        Some(Effect::Submit(Request::Peek { lines, preview }))
    }

    /// Returns the hit lines in sight whose text is not known.
    fn unread_rows(&self, height: usize) -> Vec<(u32, u32)> {
        let hit = |row| match self.search.row(row)? {
            search::HitRow::Line(file, line) if !file.binary => Some((file.file, line.line as u32)),
            _ => None,
        };
        let rows: Vec<(u32, u32)> = match self.layers.last() {
            Some(Layer::Search) => {
                let rows = self.search.top..(self.search.top + height).min(self.search.len());
                rows.filter_map(hit).collect()
            }
            Some(Layer::Pick(Pick::Place(places), picker)) => {
                let rows = picker.rows().iter().skip(picker.top).take(height);
                let place = |row: &Choice| places.rows.get(row.id as usize);
                let places = rows.filter_map(place);
                places.map(|place| (place.file, place.line)).collect()
            }
            _ => Vec::new(),
        };
        let is_unread = |key: &(u32, u32)| !self.preview.texts.contains_key(key);
        rows.into_iter().filter(is_unread).collect()
    }

    /// Adds the lines that were drawn to what was shown and is not recorded yet.
    pub(super) fn was_shown(&mut self) {
        if self.read_only.is_some() || !self.layers.is_empty() {
            return;
        }
        let Some(file) = self.code.file() else { return };
        let known = self.review.shown(&file.blob);
        for line in self.code.top.max(1)..=self.regions.code_last {
            let is_known = known.is_some_and(|k| k.contains(line)) || self.sent.contains(line);
            if !is_known && !self.shown.contains(line) {
                self.shown.set(Span::line(line));
            }
        }
    }

    /// Takes note that lines that were on screen are not recorded: they are tried again with the next ones.
    pub(super) fn show_again(&mut self, blob: &BlobId, spans: &[Span]) {
        if self.code.file().is_some_and(|file| file.blob == *blob) {
            for span in spans {
                self.sent.unset(*span);
                self.shown.set(*span);
            }
        }
    }

    pub(super) fn flush_shown(&mut self) -> Vec<Effect> {
        let spans = std::mem::take(&mut self.shown).spans().to_vec();
        for span in &spans {
            self.sent.set(*span);
        }
        match self.code.file() {
            Some(file) if !spans.is_empty() => {
                let (blob, path) = (file.blob, file.path.clone());
                self.record(Event::Shown { blob, path, spans })
            }
            _ => Vec::new(),
        }
    }
}
