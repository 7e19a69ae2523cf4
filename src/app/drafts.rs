//! What is being written and is not saved: kept until it is saved or discarded by name.
//!
//! Every form has a draft of its own. A new item gets a new one each time its form is opened; a change, a reply and a
//! decision have one for the item that they are about, which is taken up when the same form is opened again.

use super::compose::{Author, Compose};
use super::input::Input;
use super::layer::{Confirm, Layer, Pick, Prompt, PromptKind};
use super::picker::Picker;
use super::{App, Effect};
use crate::job::{Draft, Request};
use crate::model::{Event, Finding, Item, Note, Status};
use uuid::Uuid;

/// The form of a draft that holds the reason for a status.
const STATUS: &str = "status";
/// Characters of a text by which a draft is named.
const NAMED_BY: usize = 40;

/// The drafts of the reviewer, in the order in which they were begun.
#[derive(Clone, Debug, Default)]
pub struct Drafts {
    kept: Vec<Draft>,
    newest: u64,
    /// What was last asked to be kept.
    sent: Vec<Draft>,
    /// Requests that are not answered yet.
    pending: usize,
    /// Why they are not on disk, if so.
    pub problem: Option<String>,
}

impl Drafts {
    /// Takes the drafts of the last session.
    pub fn new(kept: Vec<Draft>) -> Self {
        Self {
            newest: kept.iter().map(|draft| draft.number).max().unwrap_or(0),
            sent: kept.clone(),
            kept,
            ..Self::default()
        }
    }
    /// Returns the number of drafts.
    pub fn count(&self) -> usize {
        self.kept.len()
    }
    /// Returns whether it is not known yet if they are on disk.
    pub fn is_pending(&self) -> bool {
        self.pending > 0
    }
    /// Returns the drafts, the oldest first.
    pub fn all(&self) -> &[Draft] {
        &self.kept
    }

    fn next_number(&mut self) -> u64 {
        self.newest += 1;
        self.newest
    }

    fn put(&mut self, draft: Draft) {
        let old = self.kept.iter_mut().find(|old| old.number == draft.number);
        match old {
            Some(old) => *old = draft,
            None => self.kept.push(draft),
        }
    }

    fn remove(&mut self, number: u64) {
        self.kept.retain(|draft| draft.number != number);
    }

    fn of_item(&self, form: &str, item: Uuid) -> Option<&Draft> {
        let is_it = |draft: &&Draft| draft.form == form && draft.editing == Some(item);
        self.kept.iter().find(is_it)
    }
}

/// What an entry on its way to disk was written in.
#[derive(Clone, Debug)]
pub enum Saving {
    /// A form.
    Form(Box<Compose>),
    /// The line with the reason for a status.
    Reason(Prompt),
    /// Nothing that could be lost.
    Nothing,
}

impl App {
    /// Takes the drafts of the last session. One whose text is in the ledger was saved: the program ended, or its disk
    /// failed, before the draft was removed.
    pub(super) fn take_drafts(&mut self, drafts: Vec<Draft>) {
        let count = drafts.len();
        let (saved, kept): (Vec<_>, Vec<_>) = drafts
            .iter()
            .cloned()
            .partition(|draft| self.is_saved(draft));
        self.drafts = Drafts::new(drafts);
        self.drafts.kept = kept;
        for draft in saved {
            let name = self.draft_name(&draft);
            self.notices
                .push(format!("already saved, so no draft any more: {name}"));
        }
        if self.drafts.count() > 0 {
            let what = drafts_counted(self.drafts.count());
            self.notices
                .push(format!("{what} of what was being written: :draft opens it"));
        }
        self.is_typing |= self.drafts.count() < count;
    }

    /// Returns whether the ledger has what a draft says.
    fn is_saved(&self, draft: &Draft) -> bool {
        let editing = draft.editing.and_then(|id| self.review.item(id)).cloned();
        let is_change = editing.is_some() && draft.form != "reply";
        let Some(form) = Compose::from_draft(draft, editing).filter(|_| draft.form != STATUS)
        else {
            return false;
        };
        if is_change {
            return !form.is_changed();
        }
        let author = Author {
            name: &self.identity.reviewer,
            commit: self.identity.commit,
        };
        let mine = |item: &&Item| item.reviewer() == self.identity.reviewer;
        let mut items = self.review.items().iter().filter(mine);
        match form.event(author).map(Event::tidied) {
            Ok(Event::FindingAdded { finding }) => items.any(|item| match item {
                Item::Finding(old) => {
                    let same = Finding {
                        id: old.id,
                        number: old.number,
                        commit: old.commit,
                        status: old.status,
                        history: old.history.clone(),
                        ..finding.clone()
                    };
                    same == *old
                }
                Item::Note(_) => false,
            }),
            Ok(Event::NoteAdded { note }) => items.any(|item| match item {
                Item::Note(old) => {
                    let same = Note {
                        id: old.id,
                        number: old.number,
                        commit: old.commit,
                        ..note.clone()
                    };
                    same == *old
                }
                Item::Finding(_) => false,
            }),
            Ok(Event::ReplyAdded { reply }) => {
                let mut replies = self.review.replies(reply.parent).iter();
                replies.any(|old| {
                    (&old.reviewer, old.voice, &old.text)
                        == (&reply.reviewer, reply.voice, &reply.text)
                })
            }
            _ => false,
        }
    }

    /// Opens a form, or the draft of the same form for the same item if there is one.
    pub(super) fn open_form(&mut self, mut form: Compose) {
        self.code.select = None;
        let of_item = form
            .editing
            .as_ref()
            .and_then(|item| self.drafts.of_item(form.form.word(), item.id()));
        if let Some(draft) = of_item
            && let Some(kept) = Compose::from_draft(draft, form.editing.clone())
        {
            form = kept;
            self.say("this is your draft of it; :drafts lists and discards drafts");
        } else {
            form.draft = self.drafts.next_number();
            form.commit = Some(self.identity.commit);
        }
        self.layers.push(Layer::Compose(Box::new(form)));
    }

    /// Opens the line in which the reason for a status is typed, with what was typed for the same finding before.
    pub(super) fn open_reason(&mut self, finding: Uuid, status: Status) {
        let mut prompt = Prompt::new(PromptKind::Why(finding, status));
        match self.drafts.of_item(STATUS, finding) {
            Some(draft) => {
                prompt.draft = draft.number;
                let text = draft.texts.first().map(|(_, text)| text.clone());
                prompt.input = Input::new(text.unwrap_or_default());
            }
            None => prompt.draft = self.drafts.next_number(),
        }
        self.layers.push(Layer::Prompt(prompt));
    }

    /// Brings the drafts into line with the forms on the screen.
    fn note_open_forms(&mut self) {
        for layer in &self.layers {
            match layer {
                Layer::Compose(form) if form.draft > 0 => {
                    if form.is_changed() {
                        self.drafts.put(form.to_draft());
                    } else {
                        self.drafts.remove(form.draft);
                    }
                }
                Layer::Prompt(prompt) if prompt.draft > 0 => match reason_draft(prompt) {
                    Some(draft) => self.drafts.put(draft),
                    None => self.drafts.remove(prompt.draft),
                },
                _ => {}
            }
        }
    }

    /// Closes the form or reason on top; what was typed is kept as its draft.
    pub(super) fn leave_form(&mut self) -> Vec<Effect> {
        self.note_open_forms();
        let number = match self.layers.pop() {
            Some(Layer::Compose(form)) => form.draft,
            Some(Layer::Prompt(prompt)) => prompt.draft,
            _ => 0,
        };
        if let Some(Layer::Sweep(sweep)) = self.layers.last_mut() {
            sweep.stop_writing();
        }
        let kept = self.drafts.kept.iter().find(|draft| draft.number == number);
        if let Some(name) = kept.map(|draft| self.draft_name(draft)) {
            self.say(format!("kept as a draft, :draft opens it: {name}"));
        }
        self.is_typing = true;
        self.keep_drafts()
    }

    /// Asks that what is being written is kept on disk, if that changed.
    pub(super) fn keep_drafts(&mut self) -> Vec<Effect> {
        let is_typing = std::mem::take(&mut self.is_typing);
        let is_again = self.drafts.problem.is_some() && self.drafts.pending == 0;
        if self.is_reader || !(is_typing || is_again) {
            return Vec::new();
        }
        self.note_open_forms();
        if self.drafts.sent == self.drafts.kept && !is_again {
            return Vec::new();
        }
        self.drafts.sent.clone_from(&self.drafts.kept);
        self.drafts.pending += 1;
        let drafts = self.drafts.kept.clone();
        vec![Effect::Submit(Request::KeepDrafts(drafts))]
    }

    /// Takes note of whether the drafts are on disk.
    pub(super) fn drafts_kept(&mut self, problem: Option<String>) {
        self.drafts.pending = self.drafts.pending.saturating_sub(1);
        match (&problem, &self.drafts.problem) {
            (Some(why), None) => {
                let text = format!("what you write is not kept on disk: {why}");
                self.complain(text);
            }
            // What was saved meanwhile is named first.
            (None, Some(_)) if self.notice.as_ref().is_none_or(|n| n.is_error) => {
                self.say("what you write is kept on disk again");
            }
            _ => {}
        }
        self.drafts.problem = problem;
    }

    /// Forgets a draft whose text is in the ledger now.
    pub(super) fn forget_draft(&mut self, number: u64) {
        self.drafts.remove(number);
        self.is_typing = true;
    }

    /// Opens the only draft, or the list of drafts.
    pub(super) fn take_draft(&mut self) {
        match self.drafts.all() {
            [] => self.say("there is no draft"),
            [only] => self.open_draft(only.number),
            _ => self.pick_draft(),
        }
    }

    /// Opens the list of drafts, the newest first.
    pub(super) fn pick_draft(&mut self) {
        if self.drafts.count() == 0 {
            self.say("there is no draft");
            return;
        }
        let drafts = self.drafts.all().iter().rev();
        let names = drafts.clone().map(|draft| self.draft_name(draft));
        let picker = Picker::new(names.collect());
        let numbers = drafts.map(|draft| draft.number).collect();
        self.layers.push(Layer::Pick(Pick::Draft(numbers), picker));
    }

    /// Opens the form of a draft.
    pub(super) fn open_draft(&mut self, number: u64) {
        let found = self.drafts.all().iter().find(|d| d.number == number);
        let Some(draft) = found.cloned() else { return };
        let status = draft.words.first().and_then(|(_, word)| word.parse().ok());
        if let (STATUS, Some(finding), Some(status)) = (&*draft.form, draft.editing, status) {
            self.open_reason(finding, status);
            return;
        }
        let editing = draft.editing.and_then(|id| self.review.item(id)).cloned();
        if draft.editing.is_some() && editing.is_none() {
            self.complain("what it was about is withdrawn: it would be saved as a new one");
        }
        match Compose::from_draft(&draft, editing) {
            Some(form) => self.layers.push(Layer::Compose(Box::new(form))),
            None => self.complain("the draft names no location and cannot be opened"),
        }
    }

    /// Asks before a draft is discarded, by its name.
    pub(super) fn ask_discard(&mut self, number: u64) {
        let found = self.drafts.all().iter().find(|d| d.number == number);
        let Some(name) = found.map(|draft| self.draft_name(draft)) else {
            return;
        };
        let yes = |app: &mut App, about: Uuid| {
            app.drafts.remove(about.as_u128() as u64);
            app.is_typing = true;
            app.say("discarded");
            app.keep_drafts()
        };
        self.layers.push(Layer::Confirm(Confirm {
            question: format!("Discard the draft {name}?"),
            yes,
            about: Uuid::from_u128(number.into()),
        }));
    }

    /// Names a draft: what it is, what is written in it, and where.
    pub fn draft_name(&self, draft: &Draft) -> String {
        let text = draft.texts.iter().map(|(_, text)| text.trim());
        let text = text.clone().find(|text| !text.is_empty()).unwrap_or("");
        let line = self.printer.line(text.lines().next().unwrap_or(""));
        let mut text: String = line.chars().take(NAMED_BY).collect();
        if text.len() < line.len() {
            text.push_str("...");
        }
        let item = draft.editing.map(|id| {
            let item = self.review.item(id);
            item.map_or("a withdrawn item".to_owned(), |item| {
                item.label_for(&self.identity.reviewer)
            })
        });
        let word = |name: &str| {
            let found = draft.words.iter().find(|(field, _)| field == name);
            found.map_or("", |(_, word)| word.as_str())
        };
        let what = match (&*draft.form, item) {
            (STATUS, Some(item)) => format!("{item} {}", word("Status")),
            ("reply", Some(item)) => format!("reply to {item}"),
            (_, Some(item)) => format!("change of {item}"),
            ("note", None) => word("NoteKind").to_owned(),
            (form, None) => form.to_owned(),
        };
        let place = draft
            .locations
            .first()
            .map_or_else(String::new, |(l, _)| format!(" {}", l.anchor.text()));
        format!("{what} \"{text}\"{place}")
    }

    /// Says what becomes of the drafts when the program ends now; nothing if there are none.
    pub(super) fn question_to_quit(&self) -> Option<String> {
        let count = self.drafts.count();
        let what = drafts_counted(count);
        let (is, it) = if count == 1 {
            ("is", "it")
        } else {
            ("are", "them")
        };
        if count == 0 {
            return None;
        }
        Some(if self.is_reader {
            format!("{what} cannot be kept (read-only). Quit and lose {it}?")
        } else if self.drafts.problem.is_some() {
            // Why was said when it happened; here the keys must fit on a small screen.
            format!("{what} {is} NOT on disk. Quit and lose {it}?")
        } else {
            format!("{what} {is} kept for the next start. Quit?")
        })
    }
}

/// Returns the draft of a reason; nothing if there is none, or nothing is typed.
fn reason_draft(prompt: &Prompt) -> Option<Draft> {
    let PromptKind::Why(finding, status) = prompt.kind else {
        return None;
    };
    let text = prompt.input.text();
    (!text.trim().is_empty()).then(|| Draft {
        number: prompt.draft,
        form: STATUS.into(),
        editing: Some(finding),
        texts: vec![("Why".into(), text.to_owned())],
        words: vec![("Status".into(), status.word().to_owned())],
        ..Draft::default()
    })
}

fn drafts_counted(count: usize) -> String {
    match count {
        1 => "1 draft".to_owned(),
        count => format!("{count} drafts"),
    }
}
