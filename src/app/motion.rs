//! What the moving, searching and reading commands do.

use super::code::{Goto, Jump, WordMotion};
use super::layer::{Layer, Pick, Prompt, PromptKind};
use super::picker::Picker;
use super::{App, Effect, Find, Focus, JUMPS, Walk};
use crate::job::{Body, Choices, Request};
use crate::model::{AnchorExtent, TreeFile};
use crate::text::LineIndex;

impl App {
    pub(super) fn step(&mut self, by: i64) {
        match self.focus {
            Focus::Tree => self.tree.step(by),
            Focus::Code => self.code.step(by),
        }
    }

    pub(super) fn page(&mut self, by: i64, part: i64) {
        match self.focus {
            Focus::Tree => self
                .tree
                .step(by * (i64::from(self.regions.tree) / part).max(1)),
            Focus::Code => {
                let height = i64::from(self.regions.code_height);
                let rows = (height / part).max(1);
                self.code.scroll(by * rows, height as usize);
                self.code.step(by * rows);
            }
        }
    }

    pub(super) fn goto_line(&mut self, line: u32) {
        match self.focus {
            Focus::Tree => {
                self.tree.step(i64::MIN / 2);
                self.tree.step(i64::from(line) - 1);
            }
            Focus::Code => {
                self.remember();
                self.code.step(i64::from(line) - i64::from(self.code.line));
            }
        }
    }

    pub(super) fn sideways(&mut self, by: i64) {
        match self.focus {
            Focus::Tree if by < 0 => self.tree.fold(),
            Focus::Tree => {}
            Focus::Code => self.code.sideways(by),
        }
    }

    pub(super) fn right(&mut self, n: Option<u32>) -> Vec<Effect> {
        if self.focus == Focus::Tree {
            return self.open_selected(None);
        }
        self.code.sideways(i64::from(n.unwrap_or(1)));
        Vec::new()
    }

    pub(super) fn word(&mut self, motion: WordMotion, n: Option<u32>) {
        if self.focus == Focus::Code {
            (0..n.unwrap_or(1).min(1000)).for_each(|_| self.code.word_step(motion));
        }
    }

    pub(super) fn scroll_left(&mut self, by: i64) {
        self.code.left = (self.code.left as i64 + by).max(0) as usize;
        let doc = self.code.doc.as_ref();
        let column = |byte| doc.map_or(0, |d| d.column_of(self.code.line, byte, self.printer));
        let width = usize::from(self.regions.code_width);
        // The cursor follows into sight, otherwise the view would jump back to it.
        let at = column(self.code.byte);
        let target = at.clamp(self.code.left, self.code.left + width.max(1) - 1);
        if target != at {
            self.code.sideways(target as i64 - at as i64);
        }
    }

    pub(super) fn put_line(&mut self, part: u32, of: u32) {
        let height = u32::from(self.regions.code_height).max(1);
        let above = if part == 0 {
            0
        } else {
            ((height - 1) * part) / of
        };
        self.code.top = self.code.line.saturating_sub(above).max(1);
    }

    pub(super) fn turn_focus(&mut self) {
        self.focus = match self.focus {
            Focus::Tree if self.code.doc.is_some() => Focus::Code,
            _ => {
                self.tree_hidden = false;
                Focus::Tree
            }
        };
    }

    pub(super) fn focus_tree(&mut self) {
        self.tree_hidden = false;
        self.focus = Focus::Tree;
    }

    pub(super) fn toggle_tree(&mut self) {
        let in_sight = self.regions.tree > 0;
        self.tree_hidden = in_sight;
        self.focus = if in_sight && self.code.doc.is_some() {
            Focus::Code
        } else {
            Focus::Tree
        };
    }

    /// Opens the folder or file under the cursor of the tree.
    pub(super) fn open_selected(&mut self, _: Option<u32>) -> Vec<Effect> {
        if self.focus == Focus::Code || self.tree.toggle() {
            return Vec::new();
        }
        let Some(file) = self.tree.file().cloned() else {
            return Vec::new();
        };
        self.open(file, Goto::default())
    }

    /// Opens a file at a place, remembering where the reviewer is now.
    pub(super) fn open(&mut self, file: TreeFile, at: Goto) -> Vec<Effect> {
        self.remember();
        self.visit(file, at)
    }

    /// Opens a file at a place without remembering.
    fn visit(&mut self, file: TreeFile, mut at: Goto) -> Vec<Effect> {
        self.focus = Focus::Code;
        if at.line == 0 {
            let known = self.places.get(&file.path).copied();
            at = known.unwrap_or(Goto {
                line: 1,
                column: 0,
                top: 1,
            });
        }
        if self.code.file() == Some(&file) {
            self.code.pending = None;
            self.code.go(at, self.regions.code_height.into());
            return Vec::new();
        }
        self.code.pending = Some((file.clone(), at));
        vec![Effect::Submit(Request::Read(file))]
    }

    /// Puts the current place on the stack of back.
    pub(super) fn remember(&mut self) {
        let Some(here) = self.code.jump() else { return };
        self.places.insert(here.file.path.clone(), here.at);
        if self.back.last() != Some(&here) {
            self.back.push(here);
        }
        if self.back.len() > JUMPS {
            self.back.remove(0);
        }
        self.forward.clear();
    }

    pub(super) fn back(&mut self) -> Vec<Effect> {
        let here = self.code.jump();
        let Some(there) = self.back.pop() else {
            self.say("this is the first place");
            return Vec::new();
        };
        self.forward.extend(here);
        self.travel(there)
    }

    pub(super) fn forward(&mut self) -> Vec<Effect> {
        let here = self.code.jump();
        let Some(there) = self.forward.pop() else {
            self.say("this is the last place");
            return Vec::new();
        };
        self.back.extend(here);
        self.travel(there)
    }

    fn travel(&mut self, to: Jump) -> Vec<Effect> {
        if let Some(here) = self.code.jump() {
            self.places.insert(here.file.path, here.at);
        }
        self.visit(to.file, to.at)
    }

    pub(super) fn prompt(&mut self, kind: PromptKind) {
        if kind == PromptKind::Find {
            if self.code.doc.is_none() {
                self.say("open a file first: Enter in the tree, or f");
                return;
            }
            self.focus = Focus::Code;
            self.find_from = self.code.jump().map(|j| (j, self.find.clone(), self.walk));
        }
        self.layers.push(Layer::Prompt(Prompt::new(kind)));
    }

    pub(super) fn pick_file(&mut self) -> Vec<Effect> {
        if !self.is_listed {
            self.say("the files are still being listed");
            return Vec::new();
        }
        let mut picker = Picker::of(Choices::Files);
        let request = picker.narrow();
        self.layers.push(Layer::Pick(Pick::File, picker));
        request.map(Effect::Submit).into_iter().collect()
    }

    pub(super) fn walk(&mut self, forward: bool, n: Option<u32>) -> Vec<Effect> {
        if self.walk == Walk::Hits {
            return self.walk_hits(forward, n);
        }
        if self.find.is_none() {
            self.say("nothing to find yet: / finds in the file");
            return Vec::new();
        }
        self.remember();
        for _ in 0..n.unwrap_or(1).min(1000) {
            self.find_next(forward, false);
        }
        Vec::new()
    }

    pub(super) fn find_word(&mut self) -> Vec<Effect> {
        let Some(word) = self.code.word() else {
            self.say("there is no word under the cursor");
            return Vec::new();
        };
        self.find = Find::of_name(word, self.code.name_rule());
        self.walk = Walk::Matches;
        self.walk(true, None)
    }

    /// Finds what is being typed from where the reviewer was, or goes back there.
    pub(super) fn find_typed(&mut self, text: &str) {
        if let Some((from, ..)) = self.find_from.clone() {
            self.code.go(from.at, self.regions.code_height.into());
        }
        self.find = find(text);
        self.walk = Walk::Matches;
        if self.find.is_some() {
            self.find_next(true, true);
        }
    }

    /// Leaves the find prompt; an unwanted find goes back to where it began.
    pub(super) fn end_find(&mut self, is_wanted: bool) {
        if let Some((from, find, walk)) = self.find_from.take().filter(|_| !is_wanted) {
            self.find = find;
            self.walk = walk;
            self.code.go(from.at, self.regions.code_height.into());
        }
    }

    fn find_next(&mut self, forward: bool, from_here: bool) {
        let (Some(find), Some(doc)) = (&self.find, &self.code.doc) else {
            return;
        };
        let Body::Text { text, lines, .. } = &doc.body else {
            self.say("find works in text; s searches bytes too");
            return;
        };
        let here = lines.range(self.code.line).start + self.code.byte;
        let found = if forward {
            let from = if from_here {
                here
            } else {
                next_char(text, here)
            };
            let after = find.find_at(text, from.min(text.len()));
            let first = || find.find_at(text, 0).map(|m| (m.start, true));
            after.map(|m| (m.start, false)).or_else(first)
        } else {
            let last = || last_before(find, text, lines, text.len() + 1).map(|at| (at, true));
            last_before(find, text, lines, here)
                .map(|at| (at, false))
                .or_else(last)
        };
        if let Some((at, wrapped)) = found {
            let line = lines.line_of(at);
            let column = doc
                .ruler(line, lines.slice(text, line), self.printer)
                .char_of(at - lines.range(line).start);
            let height = self.regions.code_height.into();
            self.code.go(
                Goto {
                    line,
                    column,
                    top: 0,
                },
                height,
            );
            if wrapped {
                self.say(if forward {
                    "from the top again"
                } else {
                    "from the bottom again"
                });
            }
        } else {
            let text = format!("no `{}` in this file", find.text);
            self.say(text);
        }
    }

    pub(super) fn yank(&mut self) {
        let Some(jump) = self.code.jump() else { return };
        let rows = self.code.extent().and_then(AnchorExtent::rows);
        let lines = rows.map_or_else(String::new, |rows| format!(":{rows}"));
        let commit = self.identity.commit.short();
        self.yanked = format!("{}{lines}@{commit}", jump.file.path);
        self.say(format!("{} kept: ^y puts it into a text", self.yanked));
    }

    pub(super) fn open_delivery(&mut self) -> Vec<Effect> {
        self.layers.push(Layer::Delivery(0));
        if self.is_compared {
            Vec::new()
        } else {
            vec![Effect::Submit(Request::Survey)]
        }
    }

    pub(super) fn no_shell(&mut self) {
        self.say("Glassroom starts no other program, so there is no shell");
    }
}

/// Returns where the last match begins that begins before a byte. Goes up line by line, so that it costs the way
/// to it.
fn last_before(find: &Find, text: &str, lines: &LineIndex, before: usize) -> Option<usize> {
    for line in (1..=lines.line_of(before.saturating_sub(1))).rev() {
        let range = lines.range(line);
        let line = &text[range.clone()];
        if let Some(found) = find.find_before(line, before.saturating_sub(range.start)) {
            return Some(range.start + found.start);
        }
    }
    None
}

fn next_char(text: &str, at: usize) -> usize {
    text.get(at..)
        .and_then(|t| t.chars().next())
        .map_or(at, |c| at + c.len_utf8())
}

/// Compiles what is typed behind `/`: a literal in smart case, or a regex if it stands between slashes.
fn find(text: &str) -> Option<Find> {
    let pattern = match text.strip_prefix('/').and_then(|t| t.strip_suffix('/')) {
        Some(inner) if !inner.is_empty() => crate::query::in_all_spellings(inner),
        _ => crate::query::regex_of_literal(text),
    };
    let sensitive = text.chars().any(char::is_uppercase);
    let built = regex::RegexBuilder::new(&pattern)
        .case_insensitive(!sensitive)
        .crlf(true)
        .multi_line(true)
        .build();
    let regex = built.ok().filter(|_| !text.is_empty())?;
    Some(Find::new(text.to_owned(), regex))
}
