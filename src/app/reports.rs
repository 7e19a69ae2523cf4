//! What the workers' answers do to the state.

use super::code::Goto;
use super::drafts::Saving;
use super::layer::Layer;
use super::search::Otherwise;
use super::symbols::{Outline, Places};
use super::{App, Effect, review};
use crate::job::{IndexState, Report, Request, Work};
use crate::model::{Entry, Event, FASTEST, Review, TreeFile};

impl App {
    /// Takes an answer.
    pub(super) fn report(&mut self, report: Report) -> Vec<Effect> {
        match report {
            Report::Listed { files, truncated } => return self.listed(files, truncated),
            // While it is built it is known that it is not whole.
            Report::Index(IndexState::Damaged)
                if !matches!(self.index, IndexState::Ready { .. }) => {}
            Report::Index(IndexState::Damaged) => {
                self.index = IndexState::Damaged;
                return vec![Effect::Submit(Request::Index)];
            }
            Report::Index(state) => {
                let ready = matches!(state, IndexState::Ready { .. });
                self.failures.remove(&Work::Index);
                self.index = state;
                self.count_coverage();
                let mut effects = Vec::new();
                if ready {
                    self.hints.forget();
                    effects.push(Effect::Submit(Request::Symbols));
                    effects.push(Effect::Submit(Request::ReadDelivery));
                    if matches!(self.layers.last(), Some(Layer::Delivery(_))) {
                        effects.push(Effect::Submit(Request::Survey));
                    }
                }
                return effects;
            }
            Report::DeliveryRead(progress) => self.delivery_read = progress,
            Report::Symbols(state) => {
                self.symbols = state;
                return self.renew_symbols();
            }
            Report::Outlined { file, rows, how } => self.outlined(Outline { file, rows, how }),
            Report::Places {
                of,
                name,
                rows,
                total,
                is_complete,
                absence,
            } => {
                return self.placed(Places {
                    of,
                    name,
                    rows,
                    total,
                    is_complete,
                    absence,
                });
            }
            Report::Text(doc) => {
                let wanted = self.code.pending.take_if(|(file, _)| *file == doc.file);
                if let Some((_, at)) = wanted {
                    let mut effects = self.flush_shown();
                    self.tree.reveal(&doc.file);
                    self.tell_of_shift(&doc);
                    self.code.show(doc, at, self.regions.code_height.into());
                    self.sent = crate::model::Marks::default();
                    effects.extend(self.ask_outline());
                    return effects;
                }
            }
            Report::FolderFound { path, tree } => return self.folder_found(path, tree),
            Report::Coloured { blob, first, lines } => {
                self.preview.colour(&blob, first, &lines);
                if self.code.file().is_some_and(|f| f.blob == blob) {
                    self.code.colours.extend((first..).zip(lines));
                }
            }
            Report::Found {
                seq,
                files,
                summary,
            } => {
                if seq == self.search.seq {
                    let is_complete = summary.complete;
                    self.search.set_hits(files, summary);
                    self.preview.renew();
                    self.preview.texts.clear();
                    return self.found_hits(is_complete);
                }
            }
            Report::FoundOtherwise {
                seq,
                query,
                lines,
                file_names,
            } => {
                if seq == self.search.seq {
                    self.search.otherwise = Some(Otherwise {
                        query,
                        lines,
                        file_names,
                    });
                }
            }
            Report::Peeked { lines, preview } => {
                let keyed = lines
                    .into_iter()
                    .map(|(file, line, text)| ((file, line), text));
                self.preview.texts.extend(keyed);
                if let Some(doc) = preview {
                    self.preview.show(doc);
                }
            }
            Report::Narrowed {
                of,
                typed,
                rows,
                places,
                counts,
            } => return self.narrowed((of, typed), (rows, places), counts),
            Report::Covered(table) => {
                if let Some(Layer::Coverage(screen)) = self.layers.last_mut() {
                    screen.take(table);
                }
            }
            Report::Recorded(entry) => return self.recorded(*entry),
            Report::LedgerStopped(why) => self.read_only = Some(why),
            Report::DraftsKept { problem } => self.drafts_kept(problem),
            Report::Surveyed {
                delivery,
                is_compared,
            } => {
                self.delivery = Some(delivery);
                self.is_compared = is_compared;
                self.failures.remove(&Work::Survey);
            }
            Report::Hinted { seq, marks } => self.hinted(seq, marks),
            Report::Media(places) => self.offer_media(places),
            Report::Judging { done, total } => self.judging(done, total),
            Report::Writing => self.writing(),
            Report::Exported(report) => self.exported(report),
            Report::SlowRead { object, seconds } => self.complain(format!(
                "object {object} has been read for {seconds} s and is not done; everything else goes on"
            )),
            Report::Failed { what, why, hint } => self.failed(what, &why, &hint),
        }
        Vec::new()
    }

    fn listed(&mut self, files: Vec<TreeFile>, truncated: bool) -> Vec<Effect> {
        self.is_listed = true;
        self.is_truncated = truncated;
        self.tree.set_files(files);
        let mut effects = vec![Effect::Submit(Request::Index)];
        if let Some((path, line)) = self.last.take()
            && let Some((_, file)) = self.tree.find(path.as_bytes())
        {
            let file = file.clone();
            effects.extend(self.open(
                file,
                Goto {
                    line,
                    ..Goto::default()
                },
            ));
        }
        effects
    }

    fn recorded(&mut self, entry: Entry) -> Vec<Effect> {
        match self.saving.pop_front() {
            Some((Saving::Form(form), _)) => self.forget_draft(form.draft),
            Some((Saving::Reason(prompt), _)) => self.forget_draft(prompt.draft),
            _ => {}
        }
        self.recording = self.recording.saturating_sub(1);
        self.revision += 1;
        let told = review::told(&entry, &self.review, &self.entries);
        let takes_back = matches!(entry.event, Event::Undone { .. } | Event::Redone { .. });
        let before = self.review.encodings().clone();
        let marks = takes_back || matches!(entry.event, Event::Marked { .. });
        self.entries.push(entry);
        if takes_back {
            self.review = Review::fold(self.others.iter().chain(&self.entries));
        } else if let Some(entry) = self.entries.last() {
            self.review.push(entry);
        }
        if marks {
            self.count_coverage();
        }
        let is_mark = self
            .entries
            .last()
            .is_some_and(|e| matches!(e.event, Event::Marked { reviewed: true, .. }));
        let pace = if is_mark {
            self.marked_within_the_hour()
        } else {
            0
        };
        match told {
            Some(told) if pace > FASTEST => self.complain(format!(
                "{told}; {pace} lines within the hour: nobody judges more than {FASTEST}"
            )),
            Some(told) => self.say(told),
            None => {}
        }
        let Some(event) = self.entries.last().map(|e| e.event.clone()) else {
            return Vec::new();
        };
        if let Event::SweepAdded { sweep } = &event {
            self.sweep_recorded(sweep.id);
        }
        let mut effects = self.judged_by_writing(&event);
        effects.extend(self.read_anew(&before));
        effects
    }

    fn failed(&mut self, what: Work, why: &str, hint: &str) {
        let text = if hint.is_empty() {
            why.to_owned()
        } else {
            format!("{why}: {hint}")
        };
        match what {
            Work::Search => {
                self.search.is_chosen = false;
                self.search.error = Some(text);
            }
            Work::Narrow => {
                if let Some(Layer::Pick(_, picker)) = self.layers.last_mut() {
                    picker.give_up();
                }
                self.complain(text);
            }
            Work::Export => self.export_failed(why, hint),
            Work::Record => {
                self.recording = self.recording.saturating_sub(1);
                match self.saving.pop_front() {
                    Some((Saving::Form(mut form), _)) => {
                        form.error = Some(format!("not saved: {text}"));
                        self.layers.push(Layer::Compose(form));
                        self.is_typing = true;
                    }
                    Some((Saving::Reason(prompt), _)) => {
                        self.layers.push(Layer::Prompt(prompt));
                        self.is_typing = true;
                    }
                    Some((Saving::Nothing, Event::Shown { blob, spans, .. })) => {
                        self.show_again(&blob, &spans);
                    }
                    _ => {}
                }
                self.complain(format!("not saved: {text}"));
            }
            Work::Define | Work::Refer => {
                self.looked_up = None;
                self.complain(text);
            }
            Work::Outline => {
                self.outline_wanted = false;
                self.complain(text);
            }
            Work::Read => {
                self.code.pending = None;
                self.complain(text);
            }
            Work::List | Work::Index | Work::Survey => {
                self.complain(text.clone());
                self.failures.insert(what, text);
            }
            _ => self.complain(text),
        }
    }
}
