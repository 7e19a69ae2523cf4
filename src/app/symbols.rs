//! Symbols on screen: the outline of the file shown, the symbols of the snapshot, definitions and references.

use super::code::Goto;
use super::layer::{Layer, Pick};
use super::picker::Picker;
use super::{App, Effect};
use crate::job::{Asked, Body, Choices, OutlineRow, Request, SymbolPlace, SymbolsState, Work};
use crate::model::{SymbolKind, SymbolRole, TreeFile};

/// The definitions and declarations of the file shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The file.
    pub file: TreeFile,
    /// In its order.
    pub rows: Vec<OutlineRow>,
    /// How they were found: `exact`, or why they are approximate.
    pub how: String,
}

impl Outline {
    /// Returns the row of the innermost definition around a line.
    pub fn enclosing(&self, line: u32) -> Option<usize> {
        let holds = |row: &OutlineRow| {
            row.role == SymbolRole::Definition && (row.line..=row.end_line).contains(&line)
        };
        // The rows are in the order of the file, so the last one that holds the line is the innermost.
        self.rows.iter().rposition(holds)
    }

    /// Returns the names of the definitions around a line, from the outermost in.
    pub fn around(&self, line: u32) -> Vec<&str> {
        let mut names = Vec::new();
        let mut at = self.enclosing(line);
        while let Some(row) = at.and_then(|at| self.rows.get(at)) {
            names.push(row.name.as_str());
            // A parent stands before its parts: this ends.
            at = row.parent.map(|parent| parent as usize);
        }
        names.reverse();
        names
    }

    /// Returns how deep a row stands.
    pub fn depth(&self, row: usize) -> usize {
        let parent = |row: &OutlineRow| row.parent.map(|parent| parent as usize);
        let above = |at: &usize| self.rows.get(*at).and_then(parent);
        std::iter::successors(Some(row), above).count() - 1
    }

    /// Returns the row of the next or previous function.
    fn function(&self, line: u32, forward: bool) -> Option<&OutlineRow> {
        let is_function = |row: &&OutlineRow| {
            row.role == SymbolRole::Definition
                && matches!(row.kind, SymbolKind::Function | SymbolKind::Method)
        };
        let mut functions = self.rows.iter().filter(is_function);
        if forward {
            functions.find(|row| row.line > line)
        } else {
            functions.rfind(|row| row.line < line)
        }
    }
}

/// Places of a name to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// Definitions or references.
    pub of: Asked,
    /// The name.
    pub name: String,
    /// The places, in the order of the worker.
    pub rows: Vec<SymbolPlace>,
    /// Places found so far, listed or not.
    pub total: u64,
    /// Nothing more will come.
    pub is_complete: bool,
    /// Why there is no definition, if none was found.
    pub absence: Option<String>,
}

impl App {
    /// Returns the outline of the file shown, if it is known.
    pub fn outline(&self) -> Option<&Outline> {
        let file = self.code.file()?;
        self.outline.as_ref().filter(|o| o.file == *file)
    }

    /// Asks for the outline of the file that has just been shown.
    pub(super) fn ask_outline(&mut self) -> Vec<Effect> {
        let doc = self.code.doc.as_ref();
        let text = doc.filter(|doc| matches!(doc.body, Body::Text { .. }));
        let Some(file) = text.map(|doc| doc.file.clone()) else {
            self.outline = None;
            return vec![Effect::Cancel(Work::Outline)];
        };
        vec![Effect::Submit(Request::Outline(file))]
    }

    /// Takes an outline.
    pub(super) fn outlined(&mut self, outline: Outline) {
        if self.code.file() == Some(&outline.file) {
            self.outline = Some(outline);
            if std::mem::take(&mut self.outline_wanted) {
                self.notice = None;
                self.open_outline();
            }
        }
    }

    /// Says why there is no outline yet. Returns whether there is one.
    fn has_outline(&mut self) -> bool {
        let Some(doc) = &self.code.doc else {
            self.say("open a file first: Enter in the tree, or f");
            return false;
        };
        if !matches!(doc.body, Body::Text { .. }) {
            self.say("only text has symbols");
            return false;
        }
        if self.outline().is_none() {
            self.say("the symbols of this file are being looked for");
            return false;
        }
        true
    }

    /// Lists the symbols of the file shown; the one around the cursor is chosen.
    pub(super) fn open_outline(&mut self) {
        if !self.has_outline() {
            self.outline_wanted = self.code.doc.is_some();
            return;
        }
        let Some(outline) = self.outline().cloned() else {
            return;
        };
        if outline.rows.is_empty() {
            self.say(format!("no symbols in this file ({})", outline.how));
            return;
        }
        let name = |(at, row): (usize, &OutlineRow)| {
            format!("{:indent$}{}", "", row.name, indent = 2 * outline.depth(at))
        };
        let mut picker = Picker::new(outline.rows.iter().enumerate().map(name).collect());
        let here = outline.enclosing(self.code.line);
        let above = outline.rows.iter().rposition(|r| r.line <= self.code.line);
        picker.cursor = here.or(above).unwrap_or(0);
        self.layers
            .push(Layer::Pick(Pick::Outline(Box::new(outline)), picker));
    }

    /// Goes to the symbol chosen in the outline.
    pub(super) fn choose_symbol_here(&mut self, outline: &Outline, row: usize) -> Vec<Effect> {
        let Some(row) = outline.rows.get(row) else {
            return Vec::new();
        };
        let at = self.at_name(row);
        self.open(outline.file.clone(), at)
    }

    /// Returns the place of a symbol's name in the file shown.
    fn at_name(&self, row: &OutlineRow) -> Goto {
        let line = self.code.doc.as_ref().map(|doc| doc.line(row.line));
        let before = line.and_then(|line| {
            let at = line.find(&row.name)?;
            Some(line[..at].chars().count() as u32)
        });
        Goto {
            line: row.line,
            column: before.map_or(0, |before| before + 1),
            top: 0,
        }
    }

    /// Lists the symbols of the snapshot.
    pub(super) fn pick_symbol(&mut self) -> Vec<Effect> {
        if !self.is_listed {
            self.say("the files are still being listed");
            return Vec::new();
        }
        let mut picker = Picker::of(Choices::Symbols);
        let request = picker.narrow();
        self.preview.renew();
        self.layers
            .push(Layer::Pick(Pick::Symbol(Vec::new()), picker));
        request.map(Effect::Submit).into_iter().collect()
    }

    /// Asks again for the symbols that match, now that all are known.
    pub(super) fn renew_symbols(&mut self) -> Vec<Effect> {
        let is_ready = matches!(self.symbols, SymbolsState::Ready(_));
        match self.layers.last_mut() {
            Some(Layer::Pick(Pick::Symbol(_), picker)) if is_ready => {
                picker.narrow().map(Effect::Submit).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Opens a file at the place of a symbol.
    pub(super) fn open_place(&mut self, place: Option<SymbolPlace>) -> Vec<Effect> {
        let Some(place) = place else {
            return Vec::new();
        };
        let Some(file) = self.tree.files().get(place.file as usize).cloned() else {
            return Vec::new();
        };
        let at = Goto {
            line: place.line,
            column: place.column,
            top: 0,
        };
        self.open(file, at)
    }

    /// Looks for the definitions of, or all references to, the word under the cursor.
    pub(super) fn look_up(&mut self, of: Asked) -> Vec<Effect> {
        let (Some(name), Some(from)) = (self.code.word(), self.code.file().cloned()) else {
            self.say("there is no word under the cursor");
            return Vec::new();
        };
        self.say(match of {
            Asked::Definitions => format!("looking for the definition of `{name}`"),
            Asked::References => format!("looking for `{name}`"),
        });
        self.looked_up = Some((of, name.clone()));
        vec![Effect::Submit(match of {
            Asked::Definitions => Request::Define { name, from },
            Asked::References => Request::Refer { name, from },
        })]
    }

    /// Stops looking: the list was closed.
    pub(super) fn stop_looking(&mut self) -> Vec<Effect> {
        match self.looked_up.take() {
            Some((Asked::Definitions, _)) => vec![Effect::Cancel(Work::Define)],
            Some((Asked::References, _)) => vec![Effect::Cancel(Work::Refer)],
            None => Vec::new(),
        }
    }

    /// Takes places: goes to the only one, or lists them.
    pub(super) fn placed(&mut self, places: Places) -> Vec<Effect> {
        let is_wanted = |(of, name): &(Asked, String)| *of == places.of && *name == places.name;
        if !self.looked_up.as_ref().is_some_and(is_wanted) {
            return Vec::new();
        }
        if places.is_complete {
            self.looked_up = None;
        }
        self.preview.renew();
        let paths = self.tree_paths(&places.rows);
        if let Some(Layer::Pick(Pick::Place(old), picker)) = self.layers.last_mut() {
            // The list so far is the beginning of the new one: what each row stands for stays.
            picker.grow(paths);
            **old = places;
            return Vec::new();
        }
        if !self.layers.is_empty() {
            // The reviewer is elsewhere by now.
            return self.stop_looking();
        }
        let name = &places.name;
        if places.rows.is_empty() && places.is_complete {
            let text = match places.of {
                Asked::Definitions => match &places.absence {
                    Some(text) => text.clone(),
                    None => {
                        format!("no definition of `{name}` was found; gr lists where it stands")
                    }
                },
                Asked::References => format!("`{name}` stands nowhere as a word"),
            };
            self.say(text);
            return Vec::new();
        }
        self.notice = None;
        if places.of == Asked::Definitions && places.rows.len() == 1 {
            return self.go_to_only(places.rows[0]);
        }
        let picker = Picker::new(paths);
        self.layers
            .push(Layer::Pick(Pick::Place(Box::new(places)), picker));
        Vec::new()
    }

    fn go_to_only(&mut self, place: SymbolPlace) -> Vec<Effect> {
        let file = self.tree.files().get(place.file as usize);
        if self.code.file() == file && self.code.line == place.line {
            self.say(format!("this is the only {}", place.role));
            return Vec::new();
        }
        self.open_place(Some(place))
    }

    /// Returns `path:line` of each place.
    fn tree_paths(&self, rows: &[SymbolPlace]) -> Vec<String> {
        let files = self.tree.files();
        let path = |row: &SymbolPlace| match files.get(row.file as usize) {
            Some(file) => format!("{}:{}", file.path, row.line),
            None => String::new(),
        };
        rows.iter().map(path).collect()
    }

    /// Goes to the next or previous function of the file.
    pub(super) fn walk_functions(&mut self, forward: bool, n: Option<u32>) {
        if !self.has_outline() {
            return;
        }
        let (mut line, mut at) = (self.code.line, None);
        for _ in 0..n.unwrap_or(1).min(1000) {
            let found = self.outline().and_then(|o| o.function(line, forward));
            match found {
                Some(row) => {
                    line = row.line;
                    at = Some(self.at_name(row));
                }
                None => break,
            }
        }
        let Some(at) = at else {
            self.say(if forward {
                "no function below"
            } else {
                "no function above"
            });
            return;
        };
        self.remember();
        self.code.go(at, self.regions.code_height.into());
    }

    /// Selects the lines of the definition around the cursor, so that it can be marked or filed as a whole.
    pub(super) fn select_symbol(&mut self) {
        if !self.has_outline() {
            return;
        }
        let line = self.code.line;
        let row = self
            .outline()
            .and_then(|o| Some(o.rows[o.enclosing(line)?].clone()));
        let Some(row) = row else {
            self.say("no definition around this line");
            return;
        };
        self.focus = super::Focus::Code;
        self.code.select = Some(row.line);
        self.code.step(i64::from(row.end_line) - i64::from(line));
        let lines = row.end_line - row.line + 1;
        self.say(format!("{} {}: {lines} lines selected", row.kind, row.name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, kind: SymbolKind, span: (u32, u32), parent: Option<u32>) -> OutlineRow {
        OutlineRow {
            name: name.into(),
            kind,
            role: SymbolRole::Definition,
            line: span.0,
            end_line: span.1,
            parent,
            exact: true,
        }
    }

    #[test]
    fn the_innermost_definition_is_found() {
        let file = super::super::tree::tests::files(&["a.c"]).remove(0);
        let outline = Outline {
            file,
            rows: vec![
                row("A", SymbolKind::Class, (2, 20), None),
                row("f", SymbolKind::Method, (4, 8), Some(0)),
                row("inner", SymbolKind::Function, (5, 6), Some(1)),
                row("g", SymbolKind::Method, (10, 12), Some(0)),
            ],
            how: "exact".into(),
        };
        assert_eq!(outline.around(5), ["A", "f", "inner"]);
        assert_eq!(outline.around(7), ["A", "f"]);
        assert_eq!(outline.around(9), ["A"]);
        assert_eq!(outline.around(1), [""; 0]);
        assert_eq!((outline.depth(0), outline.depth(2)), (0, 2));
        let name = |row: Option<&OutlineRow>| row.map(|r| r.name.clone());
        assert_eq!(name(outline.function(5, true)), Some("g".into()));
        assert_eq!(name(outline.function(5, false)), Some("f".into()));
        assert_eq!(name(outline.function(10, true)), None);
        assert_eq!(name(outline.function(4, false)), None);
    }
}
