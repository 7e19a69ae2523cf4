//! The gate: every file that would leave, what the gate says of it, and where it goes.

use super::input::{Input, Typed};
use super::key::{Code, Key};
use crate::job::export::needs_passphrase;
use crate::job::{ExportOrder, ExportReport, Secret};
use crate::memory::SecretBuffer;
use crate::model::{Audience, Rule, Verdict};

/// The export screen.
#[derive(Clone, Debug)]
pub struct Export {
    /// What would leave, or what left. Nothing while it is worked out.
    pub report: Option<Box<ExportReport>>,
    /// Why it failed, with the next step.
    pub error: Option<(String, String)>,
    /// The bundle's folder, which must not exist.
    pub to: Input,
    /// The private key's file, or the fingerprint of one that an agent holds.
    pub key: Input,
    /// Shown as stars, never kept.
    pub passphrase: SecretField,
    /// Why what the gate only stops may leave.
    pub reason: Input,
    /// Who the bundle is for.
    pub audience: Audience,
    /// Which field or list has the keys.
    pub focus: Focus,
    /// What is listed.
    pub view: View,
    /// File under the cursor.
    pub file: usize,
    /// First line of the file's text shown.
    pub scroll: usize,
    /// Overlap under the cursor.
    pub overlap: usize,
    /// The words of each overlap, as they are in the fields now; empty where they cannot be shown.
    pub words: Vec<String>,
    /// First line of the officer's text shown.
    pub officer: usize,
    /// What is under way.
    pub work: Work,
    /// How many bytes of the vendor's the gate has compared, and how many there are.
    pub judged: Option<(u64, u64)>,
}

/// A passphrase being typed, at its end only: nobody edits what is not seen.
#[derive(Debug, Default)]
pub struct SecretField(SecretBuffer);

impl SecretField {
    /// Returns whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.0.as_str().is_empty()
    }

    /// Returns whether the system keeps it out of the swap.
    pub fn is_locked(&self) -> bool {
        self.0.is_locked()
    }

    /// Returns the number of characters that are typed.
    pub fn length(&self) -> usize {
        self.0.as_str().chars().count()
    }

    /// Handles one key. Returns whether the text changed.
    fn key(&mut self, key: Key) -> bool {
        match (key.code, key.ctrl, key.alt) {
            (Code::Backspace, false, false) | (Code::Char('h'), true, false) => self.0.pop(),
            (Code::Char('u' | 'w'), true, false) => self.0.clear(),
            (Code::Char(c), false, false) => return self.0.push(c),
            _ => return false,
        }
        true
    }
}

impl Clone for SecretField {
    /// A copy of the screen has no passphrase: there is one copy of that.
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// What is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Work {
    /// Nothing.
    #[default]
    Idle,
    /// What would leave is judged.
    Judging,
    /// The same, and it is written if it may leave.
    JudgingToWrite,
    /// It is signed and written: that cannot be taken back, and leaving would only hide how it ends.
    Writing,
}

/// What has the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// What is listed.
    #[default]
    List,
    /// The folder.
    To,
    /// The key.
    Key,
    /// The passphrase.
    Passphrase,
    /// The reason.
    Reason,
}

/// What is listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The files, and the text of one.
    #[default]
    Files,
    /// Where the export repeats the vendor's text.
    Overlaps,
    /// The text for the person who lets it leave.
    Officer,
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Handled.
    Stay,
    /// Work out anew what would leave.
    Judge,
    /// Write the bundle.
    Write,
    /// List the removable media.
    Media,
    /// Stop what is under way.
    Cancel,
    /// Close the screen and open the finding, remark or question of the overlap under the cursor.
    EditItem,
    /// Close the screen.
    Leave,
}

/// Lines that a page key scrolls.
const PAGE: usize = 10;

impl Default for Export {
    /// An empty screen for the agency, which may read all.
    fn default() -> Self {
        Self {
            report: None,
            error: None,
            to: Input::default(),
            key: Input::default(),
            passphrase: SecretField::default(),
            reason: Input::default(),
            audience: Audience::Agency,
            focus: Focus::List,
            view: View::Files,
            file: 0,
            scroll: 0,
            overlap: 0,
            words: Vec::new(),
            officer: 0,
            work: Work::Idle,
            judged: None,
        }
    }
}

impl Export {
    /// Returns whether the bundle left.
    pub fn is_done(&self) -> bool {
        self.report.as_ref().is_some_and(|r| r.written.is_some())
    }

    /// Returns whether something is under way.
    pub fn is_busy(&self) -> bool {
        self.work != Work::Idle
    }

    /// Returns whether a passphrase unlocks the key that is named.
    pub fn is_locked(&self) -> bool {
        needs_passphrase(self.key.text().trim()).unwrap_or(true)
    }

    /// Returns how often the gate only stops the export.
    pub fn stops(&self) -> usize {
        let overlaps = self.report.as_ref().map_or(&[][..], |r| r.overlaps());
        overlaps.iter().filter(|o| o.rule == Rule::CodeRun).count()
    }

    /// Returns whether there is something to give a reason for.
    pub fn asks_reason(&self) -> bool {
        self.stops() > 0 || !self.reason.text().is_empty()
    }

    /// Inserts a pasted text into the field with the cursor. Returns false if it is too long.
    pub fn paste(&mut self, text: &str) -> bool {
        match self.focus {
            Focus::Passphrase => self
                .passphrase
                .0
                .push_str(text.trim_end_matches(['\r', '\n'])),
            _ => self.input().is_none_or(|input| input.paste(text)),
        }
    }

    /// Returns the field with the cursor, unless that is the passphrase.
    pub fn input(&mut self) -> Option<&mut Input> {
        match self.focus {
            Focus::List | Focus::Passphrase => None,
            Focus::To => Some(&mut self.to),
            Focus::Key => Some(&mut self.key),
            Focus::Reason => Some(&mut self.reason),
        }
    }

    /// Returns what to judge.
    pub fn preview(&self) -> ExportOrder {
        ExportOrder {
            to: None,
            key: String::new(),
            passphrase: Secret::default(),
            reason: self.reason.text().trim().to_owned(),
            audience: self.audience,
        }
    }

    /// Returns what to write, taking the passphrase out of the screen.
    pub fn order(&mut self) -> ExportOrder {
        // Moved, not copied: it is wiped when the order is done.
        let passphrase = Secret::new(std::mem::take(&mut self.passphrase).0);
        ExportOrder {
            to: Some(self.to.text().trim().to_owned()),
            key: self.key.text().trim().to_owned(),
            passphrase,
            ..self.preview()
        }
    }

    /// Takes what was judged or written.
    pub fn take(&mut self, report: Box<ExportReport>) {
        self.work = Work::Idle;
        self.error = None;
        self.file = self.file.min(report.files.len().saturating_sub(1));
        self.overlap = self.overlap.min(report.overlaps().len().saturating_sub(1));
        let is_listed = self.view == View::Overlaps || report.verdict.blocked;
        if self.view != View::Officer {
            self.view = if is_listed && !report.overlaps().is_empty() {
                View::Overlaps
            } else {
                View::Files
            };
        }
        if report.written.is_some() {
            self.focus = Focus::List;
        }
        self.report = Some(report);
    }

    /// Handles one key.
    pub fn key(&mut self, key: Key) -> Outcome {
        let is_listing = self.focus == Focus::List;
        match (key.code, key.ctrl, key.alt) {
            (Code::Esc, ..) => return self.escape(),
            (Code::Char('q'), false, false) if is_listing => return self.escape(),
            _ if self.work == Work::Writing => self.wait(),
            (Code::Tab, ..) => self.turn(1),
            (Code::BackTab, ..) => self.turn(-1),
            (Code::Enter, _, true) | (Code::Char('s'), true, false) => return self.write(),
            (Code::Char('p'), true, false) if self.focus == Focus::To => return self.media(),
            (Code::Enter, ..) if !is_listing => return self.enter(),
            _ if is_listing => return self.browse(key),
            _ if self.focus == Focus::Passphrase => {
                if self.passphrase.key(key) {
                    self.error = None;
                }
            }
            _ => {
                if self.input().map(|i| i.key(key)) == Some(Typed::Changed) {
                    self.error = None;
                }
            }
        }
        Outcome::Stay
    }

    fn wait(&mut self) {
        let hint = "it is signed, written and read back; this takes a moment";
        self.error = Some(("wait until the bundle is written".into(), hint.into()));
    }

    fn escape(&mut self) -> Outcome {
        match self.work {
            Work::Writing => self.wait(),
            Work::Judging | Work::JudgingToWrite => return Outcome::Cancel,
            Work::Idle if self.view == View::Officer => self.view = View::Files,
            Work::Idle => return Outcome::Leave,
        }
        Outcome::Stay
    }

    /// Goes to the next field; the last one writes, and a new reason is judged.
    fn enter(&mut self) -> Outcome {
        let fields = self.fields();
        let is_last = fields.last() == Some(&self.focus);
        if self.focus == Focus::Reason && !self.is_judged() {
            return self.judge();
        }
        if is_last {
            return self.write();
        }
        self.turn(1);
        Outcome::Stay
    }

    /// Returns whether the report is of the reason and audience on the screen.
    fn is_judged(&self) -> bool {
        self.report.as_ref().is_some_and(|r| {
            r.about.reason == self.reason.text().trim() && r.about.audience == self.audience
        })
    }

    fn judge(&mut self) -> Outcome {
        if self.is_done() {
            return self.is_over();
        }
        match self.work {
            // What is written is judged first: it is not asked for twice.
            Work::JudgingToWrite => Outcome::Stay,
            _ => Outcome::Judge,
        }
    }

    fn is_over(&mut self) -> Outcome {
        let next = "close this screen and open it again for the next one";
        self.error = Some(("this bundle is written".into(), next.into()));
        Outcome::Stay
    }

    fn media(&mut self) -> Outcome {
        if self.is_done() {
            return self.is_over();
        }
        Outcome::Media
    }

    fn write(&mut self) -> Outcome {
        if self.is_done() {
            return self.is_over();
        }
        let is_named = |input: &Input| !input.text().trim().is_empty();
        let verdict = self.report.as_ref().map(|r| &r.verdict);
        let is_stopped = verdict.is_some_and(Verdict::is_only_stopped);
        let is_blocked = verdict.is_some_and(|v| v.blocked) && !is_stopped;
        let fields = "Tab goes from field to field";
        if is_blocked && self.is_judged() {
            let what = "the gate blocks it: nothing is written";
            let next =
                "say in your own words what is listed, or name fewer things; then export again";
            self.view = View::Overlaps;
            return self.refuse(Focus::List, what, next);
        }
        if !is_named(&self.to) {
            let next = "^p lists the removable media";
            return self.refuse(Focus::To, "name the folder to write the bundle to", next);
        }
        if !is_named(&self.key) {
            return self.refuse(Focus::Key, "name the file of your signing key", fields);
        }
        if let Err(error) = needs_passphrase(self.key.text().trim()) {
            let hint = error.hint().unwrap_or_default();
            return self.refuse(Focus::Key, &error.chain(), &hint);
        }
        if self.is_locked() && self.passphrase.is_empty() {
            return self.refuse(Focus::Passphrase, "type the key's passphrase", fields);
        }
        if is_stopped && !is_named(&self.reason) {
            let what = "the gate stops it: say why what is listed may leave";
            let next = "the reason is signed into the bundle; or say it in your own words";
            return self.refuse(Focus::Reason, what, next);
        }
        match self.work {
            Work::Idle if self.report.is_some() => Outcome::Write,
            _ => Outcome::Stay,
        }
    }

    fn refuse(&mut self, focus: Focus, what: &str, next: &str) -> Outcome {
        self.focus = focus;
        self.error = Some((what.to_owned(), next.to_owned()));
        Outcome::Stay
    }

    /// Returns what Tab goes through.
    fn fields(&self) -> Vec<Focus> {
        let mut fields = vec![Focus::List];
        if !self.is_done() {
            fields.extend([Focus::To, Focus::Key]);
            fields.extend(self.is_locked().then_some(Focus::Passphrase));
            fields.extend(self.asks_reason().then_some(Focus::Reason));
        }
        fields
    }

    fn turn(&mut self, by: i64) {
        let fields = self.fields();
        let at = fields.iter().position(|f| *f == self.focus).unwrap_or(0) as i64;
        self.focus = fields[(at + by).rem_euclid(fields.len() as i64) as usize];
        if self.focus != Focus::List && self.view == View::Officer {
            self.view = View::Files;
        }
    }

    fn browse(&mut self, key: Key) -> Outcome {
        match (key.code, key.ctrl || key.alt) {
            (Code::Char('f'), false) => self.view = View::Files,
            (Code::Char('p'), false) => self.view = View::Overlaps,
            (Code::Char('o'), false) => {
                self.view = match self.view {
                    View::Officer => View::Files,
                    _ => View::Officer,
                };
            }
            (Code::Char('a'), false) if self.is_done() => return self.is_over(),
            (Code::Char('a'), false) if self.work != Work::JudgingToWrite => {
                let all = Audience::ALL;
                let at = all.iter().position(|a| *a == self.audience).unwrap_or(0);
                self.audience = all[(at + 1) % all.len()];
                return self.judge();
            }
            (Code::Enter, false) if self.view == View::Overlaps && !self.is_done() => {
                return Outcome::EditItem;
            }
            (Code::Char('r'), false) => return self.judge(),
            (Code::Char('m'), false) => return self.media(),
            _ => self.scrolled(key),
        }
        Outcome::Stay
    }

    fn scrolled(&mut self, key: Key) {
        let by = match key.code {
            Code::Down | Code::Char('j') | Code::Enter => 1,
            Code::Up | Code::Char('k') => -1,
            Code::PageDown | Code::Char(' ' | 'd') => PAGE as i64,
            Code::PageUp | Code::Char('b' | 'u') => -(PAGE as i64),
            Code::Home | Code::Char('g') => i64::MIN / 2,
            Code::End | Code::Char('G') => i64::MAX / 2,
            _ => return,
        };
        let step = |at: usize, count: usize| {
            let last = count.saturating_sub(1) as i64;
            (at as i64).saturating_add(by).clamp(0, last) as usize
        };
        let Some(report) = &self.report else { return };
        match self.view {
            View::Overlaps => self.overlap = step(self.overlap, report.overlaps().len()),
            // Only the picture knows its rows; what is too much is taken back when it was drawn.
            View::Officer => self.officer = step(self.officer, usize::MAX / 4),
            View::Files if by.abs() == 1 => {
                self.file = step(self.file, report.files.len());
                self.scroll = 0;
            }
            View::Files => {
                let text = report.files.get(self.file).map_or("", |f| &f.text);
                self.scroll = step(self.scroll, text.lines().count());
            }
        }
    }
}
