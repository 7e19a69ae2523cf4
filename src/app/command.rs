//! The command table: every intent of the reviewer is a row here, never an enum variant. Help, the command
//! line, the README's key table and the tests read this table.

#![allow(
    clippy::unit_arg,
    reason = "`done` turns what only changes the state into a row of the table"
)]

use super::code::WordMotion;
use super::layer::{Layer, PromptKind};
use super::whole::NewRecord;
use super::{App, Effect, Focus};
use crate::job::{Asked, Request};
use crate::model::NoteKind;

/// One named command.
pub struct Command {
    /// What is typed on the command line and named in the reviewer's own keys.
    pub name: &'static str,
    /// What it does, in a few words.
    pub doc: &'static str,
    /// Default keys.
    pub keys: &'static [&'static str],
    /// Where it stands in the help.
    pub group: Group,
    /// Does it. The number is the count typed before the keys.
    pub run: fn(&mut App, Option<u32>) -> Vec<Effect>,
}

/// Parts of the help, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Moving in a file or list.
    Move,
    /// Finding things.
    Search,
    /// Reading.
    Read,
    /// Writing down.
    Review,
    /// The program.
    Program,
}

impl Group {
    /// Every group, in order.
    pub const ALL: [Self; 5] = [
        Self::Move,
        Self::Search,
        Self::Read,
        Self::Review,
        Self::Program,
    ];

    /// Returns the heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Search => "Search",
            Self::Read => "Read",
            Self::Review => "Review",
            Self::Program => "Program",
        }
    }
}

macro_rules! commands {
    ($($group:ident { $($name:literal, [$($key:literal),*], $doc:literal, $run:expr;)* })*) => {
        /// Every command.
        pub const COMMANDS: &[Command] = &[$($(Command {
            name: $name, doc: $doc, keys: &[$($key),*], group: Group::$group, run: $run,
        },)*)*];
    };
}

fn done(_: ()) -> Vec<Effect> {
    Vec::new()
}

fn times(n: Option<u32>) -> i64 {
    i64::from(n.unwrap_or(1))
}

commands! {
    Move {
        "down", ["j", "Down"], "one line down", |a, n| done(a.step(times(n)));
        "up", ["k", "Up"], "one line up", |a, n| done(a.step(-times(n)));
        "half-page-down", ["^d"], "half a screen down", |a, n| done(a.page(times(n), 2));
        "half-page-up", ["^u"], "half a screen up", |a, n| done(a.page(-times(n), 2));
        "page-down", ["^f", "Space", "PageDown"], "a screen down", |a, n| done(a.page(times(n), 1));
        "page-up", ["^b", "PageUp"], "a screen up", |a, n| done(a.page(-times(n), 1));
        "top", ["gg", "Home"], "to the first line, or to line N", |a, n| done(a.goto_line(n.unwrap_or(1)));
        "bottom", ["G", "End"], "to the last line, or to line N", |a, n| done(a.goto_line(n.unwrap_or(u32::MAX)));
        "left", ["h", "Left"], "one character left; in the tree: fold", |a, n| done(a.sideways(-times(n)));
        "right", ["l", "Right"], "one character right; in the tree: unfold or open", App::right;
        "next-word", ["w"], "to the next word", |a, n| done(a.word(WordMotion::Next, n));
        "previous-word", ["b"], "to the previous word", |a, n| done(a.word(WordMotion::Back, n));
        "end-of-word", ["e"], "to the end of the word", |a, n| done(a.word(WordMotion::End, n));
        "line-start", ["0"], "to the beginning of the line", |a, _| done(a.sideways(i64::from(i32::MIN)));
        "line-end", ["$"], "to the end of the line", |a, _| done(a.sideways(i64::from(i32::MAX)));
        "scroll-left", ["zh"], "show what is further left", |a, n| done(a.scroll_left(-8 * times(n)));
        "scroll-right", ["zl"], "show what is further right", |a, n| done(a.scroll_left(8 * times(n)));
        "line-to-middle", ["zz"], "put the line in the middle", |a, _| done(a.put_line(1, 2));
        "line-to-top", ["zt"], "put the line at the top", |a, _| done(a.put_line(0, 1));
        "line-to-bottom", ["zb"], "put the line at the bottom", |a, _| done(a.put_line(1, 1));
        "back", ["^o", "<"], "back to the place before", |a, _| a.back();
        "forward", [">"], "forward again", |a, _| a.forward();
    }
    Search {
        "search", ["s"], "search the whole snapshot", App::open_search;
        "find", ["/"], "find in this file", |a, _| done(a.prompt(PromptKind::Find));
        "refine", ["&"], "search within the hits of the last search", |a, _| a.refine();
        "queries", ["gs"], "pick a saved or an earlier query", |a, _| done(a.pick_query());
        "next-match", ["n"], "next match in the file, or next search hit", |a, n| a.walk(true, n);
        "previous-match", ["N"], "previous match or hit", |a, n| a.walk(false, n);
        "find-word", ["*"], "find the word under the cursor", |a, _| a.find_word();
        "next-hit", ["]h", "gh"], "next search hit", |a, n| a.walk_hits(true, n);
        "previous-hit", ["[h", "gH"], "previous search hit", |a, n| a.walk_hits(false, n);
        "files", ["f"], "pick a file: 'exact ^pre suf$ !not", |a, _| a.pick_file();
        "outline", ["o"], "symbols of this file", |a, _| done(a.open_outline());
        "symbols", ["S"], "pick a symbol of the snapshot", |a, _| a.pick_symbol();
        "definition", ["gd"], "where the name under the cursor is defined", |a, _| a.look_up(Asked::Definitions);
        "references", ["gr"], "where it is called, used and mentioned", |a, _| a.look_up(Asked::References);
        "next-function", ["]f", "gf"], "to the next function", |a, n| done(a.walk_functions(true, n));
        "previous-function", ["[f", "gF"], "to the previous function", |a, n| done(a.walk_functions(false, n));
    }
    Read {
        "open", ["Enter"], "open what is under the cursor", App::open_selected;
        "focus", ["Tab"], "from tree to code and back", |a, _| done(a.turn_focus());
        "focus-tree", ["^w h"], "to the tree", |a, _| done(a.focus_tree());
        "focus-code", ["^w l"], "to the code", |a, _| done(a.focus = Focus::Code);
        "tree", ["t"], "show or hide the tree", |a, _| done(a.toggle_tree());
        "wrap", ["zw"], "break long lines, or scroll them", |a, _| done(a.code.wrap = !a.code.wrap);
        "numbers", ["zn"], "show or hide line numbers", |a, _| done(a.code.hide_numbers = !a.code.hide_numbers);
        "encoding", ["ze"], "choose the encoding in which the file is read", |a, _| done(a.pick_encoding());
        "report", ["I"], "what was delivered: the snapshot report", |a, _| a.open_delivery();
        "yank", ["y"], "keep path:line@commit, to be put into a text with ^y", |a, _| done(a.yank());
    }
    Review {
        "note", ["c"], "write a private note on the line or selection", |a, _| a.write_here(NewRecord::Note(NoteKind::Note));
        "file-note", ["C"], "write a private note on the whole file", |a, _| a.write_here(NewRecord::FileNote);
        "finding", ["F"], "file a finding on the line or selection", |a, _| a.write_here(NewRecord::Finding);
        "question", ["gq"], "write a question to the vendor", |a, _| a.write_here(NewRecord::Note(NoteKind::Question));
        "remark", ["gm"], "write a remark for the vendor", |a, _| a.write_here(NewRecord::Note(NoteKind::Remark));
        "snapshot-note", [], "write a private note on the whole snapshot", |a, _| done(a.write_on_snapshot(NewRecord::Note(NoteKind::Note)));
        "snapshot-finding", [], "file a finding on the whole snapshot", |a, _| done(a.write_on_snapshot(NewRecord::Finding));
        "snapshot-question", [], "ask the vendor about the whole snapshot", |a, _| done(a.write_on_snapshot(NewRecord::Note(NoteKind::Question)));
        "snapshot-remark", [], "write a remark on the whole snapshot", |a, _| done(a.write_on_snapshot(NewRecord::Note(NoteKind::Remark)));
        "add-location", ["a"], "add the line or selection to a finding", |a, _| a.add_location();
        "edit", ["ge"], "edit the note or finding on this line", |a, _| done(a.edit_here());
        "grow-end", ["+"], "let the note or finding here end a line later", |a, n| a.stretch_here('+', n);
        "shrink-end", ["-"], "let it end a line earlier", |a, n| a.stretch_here('-', n);
        "start-up", ["("], "let it begin a line earlier", |a, n| a.stretch_here('(', n);
        "start-down", [")"], "let it begin a line later", |a, n| a.stretch_here(')', n);
        "select", ["v", "V"], "select lines; again to stop", |a, _| done(a.toggle_select());
        "select-symbol", ["X"], "select the definition around the cursor", |a, _| done(a.select_symbol());
        "mark-file", ["r"], "mark the file reviewed, or not", |a, _| a.mark_entry();
        "mark", ["x"], "mark the line or selection reviewed, or not", |a, _| a.mark();
        "list", ["@", "gn"], "list of findings, notes and questions", |a, _| done(a.open_items());
        "next-note", ["]a", "ga"], "next note or finding in this file", |a, _| done(a.walk_items(true));
        "previous-note", ["[a", "gA"], "previous note or finding", |a, _| done(a.walk_items(false));
        "next-unreviewed", ["]u", "gu"], "next line not reviewed, on into the next file", |a, _| a.walk_unreviewed(true);
        "previous-unreviewed", ["[u", "gU"], "previous line not reviewed, back into the file before", |a, _| a.walk_unreviewed(false);
        "mark-and-next", ["M"], "mark the file reviewed and go to the next one not reviewed", |a, _| a.mark_and_next();
        "coverage", ["P"], "how much was shown and reviewed", |a, _| a.open_coverage();
        "sweeps", ["gw"], "go on with a sweep; Alt-v in the search screen begins one", |a, _| done(a.pick_sweep());
        "reply", ["R"], "write a reply to the note or finding here", |a, _| done(a.reply_here());
        "undo", ["u"], "take back the last entry", |a, _| a.undo();
        "redo", ["^r"], "bring it back", |a, _| a.redo();
        "draft", [], "take up what was left with Esc; several are listed", |a, _| done(a.take_draft());
        "drafts", [], "list drafts: Enter opens, Alt-d discards", |a, _| done(a.pick_draft());
        "export", ["E"], "the gate: see what would leave, and sign it", |a, _| a.open_export();
    }
    Program {
        "help", ["?", "F1"], "all keys", |a, _| done(a.layers.push(Layer::Help(0)));
        "policy", [], "what the room allows", |a, _| done(a.layers.push(Layer::Policy(0)));
        "command", [":"], "run a command by name", |a, _| done(a.prompt(PromptKind::Command));
        "index", [], "look again for what is not indexed yet", |_, _| vec![Effect::Submit(Request::Index)];
        "read-delivery", [], "read older versions for the gate; again stops it", |a, _| a.toggle_delivery_reading();
        "shell", ["!"], "runs nothing: this program starts no other", |a, _| done(a.no_shell());
        "quit", ["q", "Q"], "quit; everything is saved already", |a, _| a.quit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_documented() {
        let names: HashSet<_> = COMMANDS.iter().map(|c| c.name).collect();
        assert_eq!(names.len(), COMMANDS.len());
        for command in COMMANDS {
            assert!(
                !command.doc.is_empty() && command.doc.len() < 60,
                "{}",
                command.name
            );
        }
    }
}
