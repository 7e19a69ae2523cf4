//! The sweep screen: every hit of a query gets a verdict, one key each. The list never moves while verdicts are given.

use super::code::Goto;
use super::compose::{Compose, Form};
use super::key::{Code, Key};
use super::layer::{Layer, Pick, rows};
use super::picker::Picker;
use super::search::shown_line;
use super::{App, Effect};
use crate::model::{
    Anchor, AnchorExtent, ByteRange, Event, HitLine, Location, NoteKind, Ruling, Span, Sweep,
    SweepHit, hits_digest,
};
use uuid::Uuid;

/// Most hits of a sweep: nobody judges more.
pub const MOST: usize = 20_000;

/// The sweep screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweeping {
    /// The sweep.
    pub id: Uuid,
    /// Its hits, in the order of their paths.
    pub hits: Vec<Hit>,
    /// Hit under the cursor.
    pub cursor: usize,
    /// First one shown.
    pub top: usize,
    /// The hit for which a finding or note is being written.
    writing: Option<usize>,
}

/// One hit of a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// As it is recorded.
    pub hit: SweepHit,
    /// Position of its file in the snapshot's list.
    pub file: u32,
    /// Where in the file.
    pub line: HitLine,
    /// It is bytes of a binary file.
    pub is_binary: bool,
}

impl Sweeping {
    /// Forgets for which hit something is being written: it is left.
    pub(super) fn stop_writing(&mut self) {
        self.writing = None;
    }
}

impl App {
    /// Returns the hits of the last search as those of a sweep.
    fn hits(&self) -> Vec<Hit> {
        let files = self.tree.files();
        let mut hits = Vec::new();
        for found in self.search.files() {
            let Some(file) = files.get(found.file as usize) else {
                continue;
            };
            hits.extend(found.lines.iter().map(|line| Hit {
                hit: SweepHit {
                    path: file.path.clone(),
                    blob: file.blob,
                    line: line.line,
                },
                file: found.file,
                line: *line,
                is_binary: found.binary,
            }));
        }
        hits.sort_by(|a, b| a.hit.cmp(&b.hit));
        hits
    }

    /// Begins a sweep over the hits of the last search, or goes on with the one of the same query and hits.
    pub(super) fn begin_sweep(&mut self) -> Vec<Effect> {
        let is_whole = self.search.summary.as_ref().is_some_and(|s| {
            let listed: usize = self.search.files().iter().map(|f| f.lines.len()).sum();
            s.complete && s.lines == listed as u64
        });
        if !is_whole || !self.search.is_current() {
            self.say("wait until the search has ended: a sweep is of all its hits");
            return Vec::new();
        }
        if !self.search.within.is_empty() {
            self.say("a sweep is of one query: write the refined one as one, with a blank between");
            return Vec::new();
        }
        let hits = self.hits();
        if hits.is_empty() || hits.len() > MOST {
            self.say(format!(
                "a sweep is of 1 to {MOST} hits; this search has {}",
                hits.len()
            ));
            return Vec::new();
        }
        let list: Vec<SweepHit> = hits.iter().map(|h| h.hit.clone()).collect();
        let list = hits_digest(&list);
        let query = self.search.query.query.trim().to_owned();
        let known = self.review.sweeps().iter().find(|s| {
            s.sweep.query == query
                && s.sweep.list == list
                && s.sweep.reviewer == self.identity.reviewer
        });
        if let Some(known) = known {
            let id = known.sweep.id;
            self.open_sweep(id, hits);
            return Vec::new();
        }
        self.pending_sweep = Some(hits);
        self.record(Event::SweepAdded {
            sweep: Sweep {
                id: Uuid::nil(),
                number: 0,
                reviewer: self.identity.reviewer.clone(),
                name: String::new(),
                query,
                commit: self.identity.commit,
                hits: self.pending_sweep.as_ref().map_or(0, Vec::len) as u64,
                list,
            },
        })
    }

    /// Opens the screen of a sweep that has just been recorded, if it was begun here.
    pub(super) fn sweep_recorded(&mut self, id: Uuid) {
        if let Some(hits) = self.pending_sweep.take() {
            self.open_sweep(id, hits);
        }
    }

    fn open_sweep(&mut self, id: Uuid, hits: Vec<Hit>) {
        let judged = self.review.sweep(id);
        let is_open = |hit: &Hit| judged.is_none_or(|s| s.judgement(&hit.hit).is_none());
        let cursor = hits.iter().position(is_open).unwrap_or(0);
        self.layers.push(Layer::Sweep(Sweeping {
            id,
            hits,
            cursor,
            top: 0,
            writing: None,
        }));
        self.preview.renew();
    }

    /// Lists the sweeps of the review.
    pub(super) fn pick_sweep(&mut self) {
        let sweeps = self.review.sweeps();
        if sweeps.is_empty() {
            self.say("there is no sweep yet: Alt-v in the search screen begins one");
            return;
        }
        let ids = sweeps.iter().map(|s| s.sweep.id).collect();
        let row = |s: &crate::model::SweepState| {
            format!(
                "{}/W{}  {} of {} decided  {}",
                s.sweep.reviewer,
                s.sweep.number,
                s.decided(),
                s.sweep.hits,
                self.printer.line(&s.sweep.query)
            )
        };
        let picker = Picker::new(sweeps.iter().map(row).collect());
        self.layers.push(Layer::Pick(Pick::Sweep(ids), picker));
    }

    /// Goes on with a sweep: its query is run again, and must find the same hits.
    pub(super) fn resume_sweep(&mut self, id: Uuid) -> Vec<Effect> {
        let Some(query) = self.review.sweep(id).map(|s| s.sweep.query.clone()) else {
            return Vec::new();
        };
        self.sweep_wanted = Some(id);
        self.search_for(query)
    }

    /// Opens the sweep that waits for the hits of its query.
    pub(super) fn sweep_found(&mut self, is_complete: bool) {
        let Some(id) = self.sweep_wanted.filter(|_| is_complete) else {
            return;
        };
        self.sweep_wanted = None;
        let hits = self.hits();
        let list: Vec<SweepHit> = hits.iter().map(|h| h.hit.clone()).collect();
        let is_same = self
            .review
            .sweep(id)
            .is_some_and(|s| s.sweep.list == hits_digest(&list));
        if is_same {
            self.layers.pop();
            self.open_sweep(id, hits);
        } else {
            self.complain(
                "the query finds other hits in this snapshot: begin a new sweep with Alt-v",
            );
        }
    }

    pub(super) fn sweep_key(&mut self, key: Key) -> Vec<Effect> {
        let height = self.regions.list;
        let Some(Layer::Sweep(sweep)) = self.layers.last_mut() else {
            return Vec::new();
        };
        let last = sweep.hits.len().saturating_sub(1);
        let by = match key.code {
            Code::Char('j') => Some(1),
            Code::Char('k') => Some(-1),
            _ => rows(key, height),
        };
        if let Some(by) = by {
            let to = (sweep.cursor as i64).saturating_add(by);
            sweep.cursor = to.clamp(0, last as i64) as usize;
            return Vec::new();
        }
        let Some(hit) = sweep.hits.get(sweep.cursor).cloned() else {
            return Vec::new();
        };
        match key.code {
            Code::Char('o' | ' ') => return self.judge(Some(Ruling::Ok), None),
            Code::Char('l') => return self.judge(Some(Ruling::Later), None),
            Code::Char('d') | Code::Backspace => return self.judge(None, None),
            Code::Char('f') => self.write_in_sweep(&hit, Form::Finding),
            Code::Char('n') => self.write_in_sweep(&hit, Form::Note),
            Code::Tab => self.next_undecided(),
            Code::Enter => {
                let file = self.tree.files().get(hit.file as usize).cloned();
                let at = Goto {
                    line: shown_line(hit.is_binary, hit.line.line),
                    column: if hit.is_binary { 0 } else { hit.line.column },
                    top: 0,
                };
                if let Some(file) = file {
                    self.layers.pop();
                    self.say("gw goes on with the sweep");
                    return self.open(file, at);
                }
            }
            Code::Char('u') => return self.undo(),
            Code::Esc | Code::Char('q') => {
                self.layers.pop();
            }
            _ => {}
        }
        Vec::new()
    }

    fn write_in_sweep(&mut self, hit: &Hit, form: Form) {
        if let Some(why) = &self.read_only {
            let text = format!("read-only: {why}");
            self.complain(text);
            return;
        }
        let bytes = ByteRange::new(hit.line.line, hit.line.end_column.into());
        let extent = match bytes.filter(|_| hit.is_binary) {
            Some(bytes) => AnchorExtent::Bytes(bytes),
            None => Span::line(shown_line(hit.is_binary, hit.line.line)).into(),
        };
        let anchor = Anchor::new(hit.hit.blob, hit.hit.path.clone(), extent);
        if let Some(Layer::Sweep(sweep)) = self.layers.last_mut() {
            sweep.writing = Some(sweep.cursor);
        }
        let location = Location::labelled(anchor, "");
        let form = match form {
            Form::Finding => Compose::new(Form::Finding, location),
            _ => Compose::note(NoteKind::Note, location),
        };
        self.open_form(form);
    }

    /// Judges the hit under the cursor and goes on to the next one without a verdict.
    fn judge(&mut self, ruling: Option<Ruling>, item: Option<Uuid>) -> Vec<Effect> {
        let Some(Layer::Sweep(sweep)) = self.layers.last_mut() else {
            return Vec::new();
        };
        let Some(hit) = sweep.hits.get(sweep.cursor) else {
            return Vec::new();
        };
        let event = Event::Judged {
            sweep: sweep.id,
            hits: vec![hit.hit.clone()],
            ruling,
            item,
        };
        if ruling.is_some() {
            sweep.cursor = (sweep.cursor + 1).min(sweep.hits.len() - 1);
        }
        self.record(event)
    }

    fn next_undecided(&mut self) {
        let Some(Layer::Sweep(sweep)) = self.layers.last() else {
            return;
        };
        let state = self.review.sweep(sweep.id);
        let is_open = |at: &usize| {
            let judgement = state.and_then(|s| s.judgement(&sweep.hits[*at].hit));
            judgement.is_none_or(|j| j.ruling == Ruling::Later)
        };
        let (here, count) = (sweep.cursor, sweep.hits.len());
        let found = (here + 1..count).chain(0..here).find(is_open);
        match found {
            Some(at) => {
                if let Some(Layer::Sweep(sweep)) = self.layers.last_mut() {
                    sweep.cursor = at;
                }
            }
            None => self.say("every hit is decided"),
        }
    }

    /// Gives the hit under the cursor the verdict that a finding or note was written for it.
    pub(super) fn judged_by_writing(&mut self, event: &Event) -> Vec<Effect> {
        let Some(Layer::Sweep(sweep)) = self.layers.last_mut() else {
            return Vec::new();
        };
        let is_written = matches!(event, Event::FindingAdded { .. } | Event::NoteAdded { .. });
        // The cursor may have moved on while it was written to disk.
        let Some(at) = sweep.writing.take_if(|_| is_written) else {
            return Vec::new();
        };
        sweep.cursor = at;
        match event {
            Event::FindingAdded { finding } => self.judge(Some(Ruling::Finding), Some(finding.id)),
            Event::NoteAdded { note } => self.judge(Some(Ruling::Note), Some(note.id)),
            _ => Vec::new(),
        }
    }

    /// Returns the verdict of a hit as it is shown: what says more, and whose it is if it is a colleague's.
    pub fn verdict(&self, sweep: Uuid, hit: &SweepHit) -> Option<(Ruling, String)> {
        let judgement = self.review.sweep(sweep)?.judgement(hit)?;
        let item = judgement.item.and_then(|id| self.review.item(id));
        let mut more = item.map_or_else(String::new, crate::model::Item::label);
        if judgement.reviewer != self.identity.reviewer {
            more = format!("{more} by {}", judgement.reviewer);
        }
        Some((judgement.ruling, more.trim_start().to_owned()))
    }
}
