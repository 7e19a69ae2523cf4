//! The coverage screen: how much was shown and reviewed, by folder, file, language, day and reviewer.

use super::code::Goto;
use super::key::{Code, Key};
use super::layer::{Layer, reading_rows};
use super::{App, Effect};
use crate::job::Request;
use crate::model::{CoverageBy, CoverageOf, CoverageRow, CoverageTable, RepoPath};

/// The coverage screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// What was worked out last.
    pub table: Option<Box<CoverageTable>>,
    /// Which lines are to be counted.
    pub of: CoverageOf,
    /// What is wanted.
    pub by: CoverageBy,
    /// The folder of which the parts are wanted.
    pub under: RepoPath,
    /// Row under the cursor.
    pub cursor: usize,
    /// First one shown.
    pub top: usize,
}

impl Coverage {
    /// Returns the row under the cursor.
    pub fn row(&self) -> Option<&CoverageRow> {
        self.table.as_ref()?.rows.get(self.cursor)
    }

    /// Returns the request for what is wanted.
    pub fn request(&self) -> Request {
        Request::Coverage {
            of: self.of,
            by: self.by,
            under: self.under.clone(),
        }
    }

    /// Takes what was worked out, if it is what is wanted.
    pub fn take(&mut self, table: Box<CoverageTable>) {
        if (table.of, table.by, &table.under) == (self.of, self.by, &self.under) {
            let last = table.rows.len().saturating_sub(1);
            self.cursor = self.cursor.min(last);
            self.table = Some(table);
        }
    }

    fn step(&mut self, by: i64) {
        let count = self.table.as_ref().map_or(0, |t| t.rows.len());
        let last = count.saturating_sub(1) as i64;
        self.cursor = (self.cursor as i64).saturating_add(by).clamp(0, last) as usize;
    }

    fn turn(&mut self, step: i64) {
        let all = CoverageBy::ALL;
        let at = all.iter().position(|by| *by == self.by).unwrap_or(0) as i64;
        self.by = all[(at + step).rem_euclid(all.len() as i64) as usize];
        self.cursor = 0;
        self.top = 0;
    }

    fn turn_of(&mut self) {
        let all = CoverageOf::ALL;
        let at = all.iter().position(|of| *of == self.of).unwrap_or(0);
        self.of = all[(at + 1) % all.len()];
    }

    /// Returns the path that a row of the folder or file list stands for.
    fn path(&self, row: &CoverageRow) -> Option<RepoPath> {
        let name = row.name.parse::<RepoPath>().ok()?;
        let mut path = match self.by {
            CoverageBy::Folder if !self.under.as_bytes().is_empty() => {
                let mut path = self.under.as_bytes().to_vec();
                path.push(b'/');
                path
            }
            CoverageBy::Folder | CoverageBy::File => Vec::new(),
            _ => return None,
        };
        path.extend_from_slice(name.as_bytes());
        Some(RepoPath::new(path))
    }
}

impl App {
    pub(super) fn open_coverage(&mut self) -> Vec<Effect> {
        let mut effects = self.flush_shown();
        let screen = Coverage::default();
        effects.push(Effect::Submit(screen.request()));
        self.layers.push(Layer::Coverage(screen));
        effects
    }

    pub(super) fn coverage_key(&mut self, key: Key) -> Vec<Effect> {
        let height = self.regions.list;
        let Some(Layer::Coverage(screen)) = self.layers.last_mut() else {
            return Vec::new();
        };
        if let Some(by) = reading_rows(key, height) {
            screen.step(by);
            return Vec::new();
        }
        match key.code {
            Code::Tab => screen.turn(1),
            Code::BackTab => screen.turn(-1),
            Code::Char('n') => screen.turn_of(),
            Code::Enter | Code::Right | Code::Char('l') => {
                let path = screen.row().and_then(|row| screen.path(row));
                let Some(path) = path else {
                    return Vec::new();
                };
                if let Some(folder) = path.as_bytes().strip_suffix(b"/") {
                    screen.under = RepoPath::new(folder);
                    screen.cursor = 0;
                } else {
                    let file = self.tree.find(path.as_bytes()).map(|(_, f)| f.clone());
                    self.layers.pop();
                    return file.map_or_else(Vec::new, |f| self.open(f, Goto::default()));
                }
            }
            Code::Backspace | Code::Left | Code::Char('h') => {
                screen.under = RepoPath::new(screen.under.folder());
                screen.cursor = 0;
            }
            Code::Esc | Code::Char('q' | 'P') => {
                self.layers.pop();
                return Vec::new();
            }
            _ => return Vec::new(),
        }
        match self.layers.last() {
            Some(Layer::Coverage(screen)) => vec![Effect::Submit(screen.request())],
            _ => Vec::new(),
        }
    }
}
