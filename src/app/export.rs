//! The gate: every file that would leave, what the gate says of it, and where it goes.

use super::input::{Input, Typed};
use super::key::{Code, Key};
use crate::job::{ExportOrder, ExportReport, Secret};

/// The export screen.
#[derive(Clone, Debug, Default)]
pub struct Export {
    /// What would leave, or what left. Nothing while it is worked out.
    pub report: Option<Box<ExportReport>>,
    /// Why it failed, with the next step.
    pub error: Option<(String, String)>,
    /// The bundle's folder, which must not exist.
    pub to: Input,
    /// The private key's file.
    pub key: Input,
    /// Shown as stars, never kept.
    pub passphrase: Input,
    /// Which field or list has the keys.
    pub focus: Focus,
    /// File under the cursor.
    pub cursor: usize,
    /// First line of the file's text shown.
    pub scroll: usize,
    /// Work is under way.
    pub is_busy: bool,
    /// How many bytes of the vendor's the gate has compared, and how many there are.
    pub judged: Option<(u64, u64)>,
    /// The bundle is being written: leaving would only hide how it ends.
    pub is_writing: bool,
}

/// What has the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// The list of files.
    #[default]
    Files,
    /// The folder.
    To,
    /// The key file.
    Key,
    /// The passphrase.
    Passphrase,
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Handled.
    Stay,
    /// Write the bundle.
    Write,
    /// Close the screen.
    Leave,
}

const ORDER: [Focus; 4] = [Focus::Files, Focus::To, Focus::Key, Focus::Passphrase];

impl Export {
    /// Returns whether the bundle left.
    pub fn is_done(&self) -> bool {
        self.report.as_ref().is_some_and(|r| r.written.is_some())
    }

    /// Returns the field with the cursor.
    pub fn input(&mut self) -> Option<&mut Input> {
        match self.focus {
            Focus::Files => None,
            Focus::To => Some(&mut self.to),
            Focus::Key => Some(&mut self.key),
            Focus::Passphrase => Some(&mut self.passphrase),
        }
    }

    /// Returns what to write, taking the passphrase out of the screen.
    pub fn order(&mut self) -> ExportOrder {
        // Moved, not copied: it is wiped when the order is done.
        let passphrase = Secret::new(std::mem::take(&mut self.passphrase).into_text());
        ExportOrder {
            to: Some(self.to.text().trim().to_owned()),
            key: self.key.text().trim().to_owned(),
            passphrase,
            reason: String::new(),
            audience: crate::model::Audience::Agency,
        }
    }

    /// Handles one key.
    pub fn key(&mut self, key: Key) -> Outcome {
        match (key.code, key.ctrl, key.alt) {
            (Code::Esc, ..) if self.is_writing => {
                let hint = "it is signed, written and read back; this takes a moment";
                self.error = Some(("wait until the bundle is written".into(), hint.into()));
            }
            (Code::Esc, ..) => return Outcome::Leave,
            (Code::Char('q'), false, false) if self.focus == Focus::Files && !self.is_writing => {
                return Outcome::Leave;
            }
            (Code::Tab, ..) => self.turn(1),
            (Code::BackTab, ..) => self.turn(-1),
            (Code::Enter, _, true) | (Code::Char('s'), true, false) => return self.write(),
            (Code::Enter, ..) => match self.focus {
                Focus::Passphrase => return self.write(),
                _ => self.turn(1),
            },
            _ if self.focus == Focus::Files => self.browse(key),
            _ => {
                if self.input().map(|i| i.key(key)) == Some(Typed::Changed) {
                    self.error = None;
                }
            }
        }
        Outcome::Stay
    }

    fn write(&mut self) -> Outcome {
        let missing = [
            (
                self.to.text().trim().is_empty(),
                Focus::To,
                "name the folder to write the bundle to",
            ),
            (
                self.key.text().trim().is_empty(),
                Focus::Key,
                "name the file of your signing key",
            ),
            (
                self.passphrase.text().is_empty(),
                Focus::Passphrase,
                "type the key's passphrase",
            ),
        ];
        if let Some((_, focus, what)) = missing.iter().find(|(missing, ..)| *missing) {
            self.focus = *focus;
            self.error = Some(((*what).into(), "Tab goes from field to field".into()));
            return Outcome::Stay;
        }
        if self.is_busy || self.is_done() || self.report.is_none() {
            return Outcome::Stay;
        }
        Outcome::Write
    }

    fn turn(&mut self, by: i64) {
        let at = ORDER.iter().position(|f| *f == self.focus).unwrap_or(0) as i64;
        self.focus = ORDER[(at + by).rem_euclid(ORDER.len() as i64) as usize];
    }

    fn browse(&mut self, key: Key) {
        let files = self.report.as_ref().map_or(0, |r| r.files.len());
        let lines = |at: usize| {
            let file = self.report.as_ref().and_then(|r| r.files.get(at));
            file.map_or(0, |f| f.text.lines().count())
        };
        match key.code {
            Code::Down | Code::Char('j') => {
                self.cursor = (self.cursor + 1).min(files.saturating_sub(1));
                self.scroll = 0;
            }
            Code::Up | Code::Char('k') => {
                self.cursor = self.cursor.saturating_sub(1);
                self.scroll = 0;
            }
            Code::PageDown | Code::Char(' ' | 'f' | 'd') => {
                self.scroll = (self.scroll + 10).min(lines(self.cursor).saturating_sub(1));
            }
            Code::PageUp | Code::Char('b' | 'u') => self.scroll = self.scroll.saturating_sub(10),
            _ => {}
        }
    }
}
