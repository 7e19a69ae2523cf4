//! State and update: what the reviewer sees and what a key does to it. Pure: no I/O, no clock, no threads.
//!
//! [`App::update`] takes what happened and returns what to do about it. Panes own their state; what the
//! reviewer can do is the command table in [`command`].

pub mod code;
pub mod command;
pub mod compose;
pub mod export;
pub mod input;
pub mod items;
pub mod key;
pub mod keymap;
pub mod layer;
mod motion;
pub mod picker;
pub mod preview;
mod reports;
mod review;
pub mod search;
mod searching;
mod settle;
pub mod tree;

use crate::job::{IndexState, Report, Request, SymbolsState, Work};
use crate::model::{CommitId, Delivery, Entry, Event, Marks, Queries, RepoPath, Review, TreeId};
use crate::text::Printer;
use code::{Code, Goto, Jump};
use command::COMMANDS;
use compose::Compose;
use key::{Code as KeyCode, Key};
use keymap::{Keymap, Meaning};
use layer::Layer;
use preview::Preview;
use search::Search;
use std::collections::{BTreeMap, HashMap};
use tree::Tree;

/// What happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// A text was pasted.
    Paste(String),
    /// A worker answered.
    Report(Report),
    /// The picture was drawn, with room for this much.
    Placed(Regions),
    /// The time named by [`App::wants_tick`] is over.
    Tick,
}

/// What to do about it.
#[derive(Clone, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "a handful live at a time, for the length of one update"
)]
pub enum Effect {
    /// Ask a worker.
    Submit(Request),
    /// Make what was asked of a worker stale.
    Cancel(Work),
    /// End the program.
    Quit,
}

/// How much room the panes got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Regions {
    /// Rows of the tree; 0 if it is not shown.
    pub tree: u16,
    /// Columns of the code, without line numbers.
    pub code_width: u16,
    /// Rows of the code.
    pub code_height: u16,
    /// The last line of the file that was drawn; 0 if none was.
    pub code_last: u32,
    /// Rows of the list on top.
    pub list: u16,
    /// Rows of what is scrolled on top, drawn or not.
    pub list_total: usize,
}

/// Which pane has the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// The tree.
    #[default]
    Tree,
    /// The code.
    Code,
}

/// What `n` walks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Walk {
    /// Matches in the file.
    #[default]
    Matches,
    /// Search hits.
    Hits,
}

/// A line for the reviewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it says.
    pub text: String,
    /// Something went wrong.
    pub is_error: bool,
}

/// What identifies the snapshot and the reviewer on screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Name of the snapshot.
    pub name: String,
    /// The ref or prefix asked for.
    pub rev: String,
    /// The commit.
    pub commit: CommitId,
    /// Its tree.
    pub tree: TreeId,
    /// The reviewer's name.
    pub reviewer: String,
    /// Whether the program's own limits are in force, in words.
    pub confinement: String,
    /// The label that policy prints on every document.
    pub label: String,
}

/// A text searched for in the file shown.
#[derive(Clone, Debug)]
pub struct Find {
    /// As typed.
    pub text: String,
    /// Compiled.
    pub regex: regex::Regex,
}

/// What the screen starts from.
#[derive(Clone, Debug)]
pub struct Start {
    /// What identifies the snapshot and the reviewer.
    pub identity: Identity,
    /// The reviewer's own entries.
    pub entries: Vec<Entry>,
    /// The colleagues' entries, one ledger after another.
    pub others: Vec<Entry>,
    /// Why nothing can be recorded, if so.
    pub read_only: Option<String>,
    /// How text is made visible.
    pub printer: Printer,
    /// The reviewer's own keys.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Where the reviewer was last.
    pub last: Option<(RepoPath, u32)>,
    /// The reviewer's search queries.
    pub queries: Queries,
    /// Lines to be said at once.
    pub notices: Vec<String>,
    /// Things that must not be overlooked.
    pub alarms: Vec<String>,
    /// Long lines are broken.
    pub wrap: bool,
    /// Line numbers are shown.
    pub line_numbers: bool,
}

/// Everything on screen.
#[derive(Clone, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent answers, each to a question of its own"
)]
pub struct App {
    /// What identifies the snapshot and the reviewer.
    pub identity: Identity,
    /// How text is made visible.
    pub printer: Printer,
    /// Which pane has the keys.
    pub focus: Focus,
    /// The tree is folded away.
    pub tree_hidden: bool,
    /// The tree pane.
    pub tree: Tree,
    /// The walk of the tree reached a cap.
    pub is_truncated: bool,
    /// The files are listed.
    pub is_listed: bool,
    /// The code pane.
    pub code: Code,
    /// The search screen.
    pub search: Search,
    /// The file beside the list on top.
    pub preview: Preview,
    /// What lies on top, topmost last.
    pub layers: Vec<Layer>,
    /// The state of the review.
    pub review: Review,
    /// Why nothing can be recorded, if so.
    pub read_only: Option<String>,
    /// Entries on their way to disk.
    pub recording: usize,
    /// How far the index is.
    pub index: IndexState,
    /// How far the symbols are.
    pub symbols: SymbolsState,
    /// What was delivered, once worked out.
    pub delivery: Option<Box<Delivery>>,
    /// The work tree has been compared with it.
    pub is_compared: bool,
    /// A line for the reviewer, until the next key.
    pub notice: Option<Notice>,
    /// Keys of a sequence not yet complete.
    pub keys: Vec<Key>,
    /// The number typed before a command.
    pub count: Option<u32>,
    /// Which keys mean which command.
    pub keymap: Keymap,
    /// What is found in the file.
    pub find: Option<Find>,
    /// What `n` walks.
    pub walk: Walk,
    /// A form that was left without saving.
    pub draft: Option<Box<Compose>>,
    /// A form whose entry is on its way to disk.
    pub saving: Option<Box<Compose>>,
    /// What could not be done, by kind, until it is done after all.
    pub failures: HashMap<Work, String>,
    /// Things that must not be overlooked, until Esc.
    pub alarms: Vec<String>,
    /// A place kept by `y`.
    pub yanked: String,
    /// Room the panes got.
    pub regions: Regions,
    /// Lines of text marked reviewed, and all lines of text, once they are known.
    pub coverage: Option<(u64, u64)>,
    entries: Vec<Entry>,
    others: Vec<Entry>,
    back: Vec<Jump>,
    forward: Vec<Jump>,
    places: HashMap<RepoPath, Goto>,
    shown: Marks,
    /// Lines of the file shown that are on their way to the ledger.
    sent: Marks,
    last: Option<(RepoPath, u32)>,
    find_from: Option<(Jump, Option<Find>, Walk)>,
    notices: Vec<String>,
}

/// Places that back remembers.
const JUMPS: usize = 100;

impl App {
    /// Makes the state of a screen that has just been opened, and what to do first.
    pub fn new(start: Start) -> (Self, Vec<Effect>) {
        let (keymap, mut notices) = Keymap::new(&start.keys);
        notices.extend(start.notices);
        notices.reverse();
        let mut app = Self {
            identity: start.identity,
            printer: start.printer,
            focus: Focus::Tree,
            tree_hidden: false,
            tree: Tree::default(),
            is_truncated: false,
            is_listed: false,
            code: Code {
                wrap: start.wrap,
                hide_numbers: !start.line_numbers,
                ..Code::default()
            },
            search: Search::new(start.queries),
            preview: Preview::default(),
            layers: Vec::new(),
            review: Review::fold(start.others.iter().chain(&start.entries)),
            read_only: start.read_only,
            recording: 0,
            index: IndexState::Unknown,
            symbols: SymbolsState::Unknown,
            delivery: None,
            is_compared: false,
            notice: None,
            keys: Vec::new(),
            count: None,
            keymap,
            find: None,
            walk: Walk::Matches,
            draft: None,
            saving: None,
            failures: HashMap::new(),
            alarms: start.alarms,
            yanked: String::new(),
            regions: Regions::default(),
            coverage: None,
            entries: start.entries,
            others: start.others,
            back: Vec::new(),
            forward: Vec::new(),
            places: HashMap::new(),
            shown: Marks::default(),
            sent: Marks::default(),
            last: start.last,
            find_from: None,
            notices,
        };
        app.next_notice();
        (app, vec![Effect::Submit(Request::List)])
    }

    /// Handles what happened.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let mut effects = match msg {
            Msg::Key(key) => self.key(key),
            Msg::Paste(text) => self.paste(&text),
            Msg::Report(report) => self.report(report),
            Msg::Placed(regions) => {
                self.regions = regions;
                self.was_shown();
                Vec::new()
            }
            Msg::Tick => self.flush_shown(),
        };
        self.settle(&mut effects);
        effects
    }

    /// Returns whether [`Msg::Tick`] is wanted: lines were on screen that are not recorded yet.
    pub fn wants_tick(&self) -> bool {
        !self.shown.is_empty()
    }

    /// Returns the place to come back to at the next start.
    pub fn place(&self) -> Option<(RepoPath, u32)> {
        self.code.jump().map(|j| (j.file.path, j.at.line))
    }

    fn key(&mut self, key: Key) -> Vec<Effect> {
        self.notice = None;
        self.next_notice();
        if !self.layers.is_empty() {
            return self.layer_key(key);
        }
        if key.code == KeyCode::Esc {
            self.keys.clear();
            self.count = None;
            self.code.select = None;
            self.alarms.pop();
            return Vec::new();
        }
        if self.keys.is_empty()
            && let Some(digit) = key.typed().and_then(|c| c.to_digit(10))
            && (digit > 0 || self.count.is_some())
        {
            let count = self
                .count
                .unwrap_or(0)
                .saturating_mul(10)
                .saturating_add(digit);
            self.count = Some(count);
            return Vec::new();
        }
        self.keys.push(key);
        match self.keymap.meaning(&self.keys) {
            Meaning::Prefix => Vec::new(),
            Meaning::Command(at) => {
                self.keys.clear();
                let count = self.count.take();
                (COMMANDS[at].run)(self, count)
            }
            Meaning::Nothing => {
                let keys = key::written(&std::mem::take(&mut self.keys));
                self.count = None;
                self.say(format!("{keys} means nothing here; ? lists all keys"));
                Vec::new()
            }
        }
    }

    /// Says something to the reviewer, until the next key.
    pub fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice {
            text: text.into(),
            is_error: false,
        });
    }

    /// Says that something went wrong.
    pub fn complain(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice {
            text: text.into(),
            is_error: true,
        });
    }

    fn next_notice(&mut self) {
        if let Some(text) = self.notices.pop() {
            self.say(text);
        }
    }

    fn record(&mut self, event: Event) -> Vec<Effect> {
        if let Some(why) = &self.read_only {
            let text = format!("read-only: {why}");
            self.complain(text);
            return Vec::new();
        }
        self.recording += 1;
        vec![Effect::Submit(Request::Record(event))]
    }
}

/// Returns the first row to show so that the cursor is among `height` rows.
pub(crate) fn scrolled(top: usize, cursor: usize, height: usize) -> usize {
    if cursor < top {
        cursor
    } else if height > 0 && cursor >= top + height {
        cursor + 1 - height
    } else {
        top
    }
}
