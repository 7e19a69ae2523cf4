//! The file shown beside a list, at the line that the row under the cursor stands for.

use super::layer::{Layer, Pick};
use super::tree::is_readable;
use super::{App, search};
use crate::job::{Body, Document, LineColours, Sight};
use crate::model::{BlobId, HitLine, Standing, TreeFile};
use std::collections::HashMap;

/// The file shown beside a list.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// The file last read for it.
    pub doc: Option<Box<Document>>,
    /// Token classes by line.
    pub colours: HashMap<u32, LineColours>,
    /// Text of lines that lists show, by file and line.
    pub texts: HashMap<(u32, u32), String>,
    /// What was asked for last: rows of the list from here to there, and the file beside them.
    asked: Option<(usize, usize, Option<Sight>)>,
}

/// What the row under the cursor stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The file.
    pub file: TreeFile,
    /// The line to be shown in the middle, 1-based, of the hexadecimal view for a binary file.
    pub line: u32,
    /// The hit in it, if it is one.
    pub hit: Option<HitLine>,
}

impl Preview {
    /// Takes a file that was read.
    pub(super) fn show(&mut self, doc: Box<Document>) {
        if self.doc.as_ref().is_none_or(|old| old.file != doc.file) {
            self.colours.clear();
        }
        self.doc = Some(doc);
    }

    /// Takes token classes, if they are of the file shown.
    pub(super) fn colour(&mut self, blob: &BlobId, first: u32, lines: &[LineColours]) {
        if self.doc.as_ref().is_some_and(|d| d.file.blob == *blob) {
            self.colours.extend((first..).zip(lines.iter().cloned()));
        }
    }

    /// Forgets the file: it is to be read anew.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Forgets what was asked for: the list has changed.
    pub(super) fn renew(&mut self) {
        self.asked = None;
    }

    /// Returns whether this is asked for the first time.
    pub(super) fn is_new(&mut self, rows: (usize, usize), sight: Option<&Sight>) -> bool {
        let asked = Some((rows.0, rows.1, sight.cloned()));
        let is_new = self.asked != asked;
        self.asked = asked;
        is_new
    }

    /// Returns the first line shown if `line` is to stand in the middle of so many rows.
    pub fn top(doc: &Document, line: u32, height: u32) -> u32 {
        let last_top = doc.count().saturating_sub(height.saturating_sub(1)).max(1);
        line.saturating_sub(height / 2).max(1).min(last_top)
    }

    /// Returns what is still to be read or coloured for `height` rows around the target; nothing if all is there.
    pub(super) fn missing(&self, target: &Target, height: u32) -> Option<Sight> {
        let (file, line) = (target.file.clone(), target.line);
        let doc = self.doc.as_ref().filter(|d| d.file == target.file);
        let span = match doc {
            // How long it is is not known yet.
            None => (line.saturating_sub(height).max(1), line + height),
            Some(doc) if matches!(doc.body, Body::Text { .. }) => {
                let top = Self::top(doc, line, height);
                let last = (top + height).min(doc.count());
                let is_done = (top..=last)
                    .all(|l| self.colours.get(&l).is_some_and(|colours| colours.is_final));
                if is_done {
                    return None;
                }
                (top, last)
            }
            Some(_) => return None,
        };
        Some(Sight { file, span })
    }
}

impl App {
    /// Returns what is to be shown beside the list on top.
    pub fn target(&self) -> Option<Target> {
        match self.layers.last()? {
            Layer::Search => {
                let (at, hit) = self.search.current()?;
                let file = self.tree.files().get(at as usize)?.clone();
                let line = search::shown_line(self.search.is_binary(at), hit.line);
                let hit = Some(hit);
                Some(Target { file, line, hit })
            }
            Layer::Sweep(sweep) => {
                let hit = sweep.hits.get(sweep.cursor)?;
                let file = self.tree.files().get(hit.file as usize)?.clone();
                let line = search::shown_line(hit.is_binary, hit.line.line);
                let hit = Some(hit.line);
                Some(Target { file, line, hit })
            }
            Layer::Pick(Pick::Outline(outline), picker) => {
                let row = picker.rows().get(picker.cursor)?;
                let file = outline.file.clone();
                let line = outline.rows.get(row.id as usize)?.line;
                let hit = None;
                Some(Target { file, line, hit })
            }
            Layer::Pick(Pick::Symbol(places), picker) => {
                let place = places.get(picker.cursor)?;
                let file = self.tree.files().get(place.file as usize)?.clone();
                let (line, hit) = (place.line, None);
                Some(Target { file, line, hit })
            }
            Layer::Pick(Pick::Place(places), picker) => {
                let row = picker.rows().get(picker.cursor)?;
                let place = places.rows.get(row.id as usize)?;
                let file = self.tree.files().get(place.file as usize)?.clone();
                let line = place.line;
                let hit = Some(HitLine {
                    line: line.into(),
                    column: place.column,
                    end_line: line.into(),
                    end_column: place.column + places.name.chars().count() as u32,
                    standing: Standing::default(),
                });
                Some(Target { file, line, hit })
            }
            Layer::Pick(Pick::File, picker) => {
                let row = picker.rows().get(picker.cursor)?;
                let file = self.tree.files().get(row.id as usize)?.clone();
                let line = self.places.get(&file.path).map_or(1, |at| at.line.max(1));
                let hit = None;
                Some(Target { file, line, hit })
            }
            _ => None,
        }
        .filter(|target| is_readable(&target.file))
    }
}
