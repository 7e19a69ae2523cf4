//! State and update: what the reviewer sees and what a key does to it. Pure: no I/O, no clock, no threads.
//!
//! [`App::update`] takes what happened and returns what to do about it. Panes own their state; what the
//! reviewer can do is the command table in [`command`].

pub mod code;
pub mod command;
pub mod compose;
pub mod coverage;
pub mod drafts;
mod encoding;
pub mod export;
mod exporting;
mod find;
pub mod hint;
pub mod input;
pub mod items;
mod judging;
pub mod key;
pub mod keymap;
pub mod layer;
mod motion;
pub mod picker;
pub mod preview;
mod reports;
mod review;
pub mod score;
pub mod search;
mod searching;
mod settle;
pub mod sweep;
pub mod symbols;
pub mod tree;
mod whole;
mod writing;

pub use find::Find;

use crate::job::{Asked, DeliveryProgress, Draft, IndexState, Report, Request, SymbolsState, Work};
use crate::model::{
    CommitId, Delivery, Entry, Event, Marks, Policy, Queries, RepoPath, Review, Template, TreeId,
};
use crate::text::Printer;
use code::{Code, Goto, Jump};
use command::COMMANDS;
use drafts::{Drafts, Saving};
use key::{Code as KeyCode, Key};
use keymap::{Keymap, Meaning};
use layer::Layer;
use preview::Preview;
use search::Search;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;
use symbols::Outline;
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

/// What the room allows, and who says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// The policy in force.
    pub policy: Policy,
    /// The machine has a policy of its own.
    pub has_machine: bool,
    /// The review has a policy of its own.
    pub has_review: bool,
}

impl Room {
    /// Returns whether somebody set a policy.
    pub fn is_set(&self) -> bool {
        self.has_machine || self.has_review
    }
}

/// What the screen starts from.
#[derive(Clone, Debug)]
pub struct Start {
    /// What identifies the snapshot and the reviewer.
    pub identity: Identity,
    /// What the room allows.
    pub room: Room,
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
    /// The reviewer's templates of findings.
    pub templates: Vec<Template>,
    /// What was being written and was not saved.
    pub drafts: Vec<Draft>,
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
    /// What the room allows.
    pub room: Room,
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
    /// How much of the rest of the delivery was read for the leak check.
    pub delivery_read: DeliveryProgress,
    /// How far the symbols are.
    pub symbols: SymbolsState,
    /// The symbols of the file shown, or of the one before.
    outline: Option<Outline>,
    /// The outline is to be listed when it is there.
    outline_wanted: bool,
    /// The name that is being looked up.
    looked_up: Option<(Asked, String)>,
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
    /// What is being written and is not saved.
    pub drafts: Drafts,
    /// What the entries on their way to disk were written in, in their order, and what they record.
    saving: VecDeque<(Saving, Event)>,
    /// Something was typed into a form since the drafts were last kept.
    pub is_typing: bool,
    /// Another program writes the ledger: the drafts on disk are its.
    pub is_reader: bool,
    /// The reviewer's templates of findings.
    pub templates: Vec<Template>,
    /// What is copied from the vendor's in the form that is being written.
    pub hints: hint::Hints,
    /// What could not be done, by kind, until it is done after all.
    pub failures: HashMap<Work, String>,
    /// Things that must not be overlooked, until Esc.
    pub alarms: Vec<String>,
    /// The folder whose id is asked for, and why.
    folder_action: Option<(RepoPath, whole::FolderAction)>,
    /// A place kept by `y`.
    pub yanked: String,
    /// Room the panes got.
    pub regions: Regions,
    /// Lines of text marked reviewed, and all lines of text, once they are known.
    pub coverage: Option<(u64, u64)>,
    /// Hits of a sweep that is being recorded.
    pending_sweep: Option<Vec<sweep::Hit>>,
    /// The sweep that waits for the hits of its query.
    sweep_wanted: Option<uuid::Uuid>,
    /// Keys pressed while a choice was awaited.
    held: Vec<Key>,
    /// Tells one state of the review from the next.
    revision: u64,
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

/// Lines that were on screen are recorded at most this long after.
const SHOWN_BATCH: Duration = Duration::from_secs(10);
/// What is typed into a form is kept at most this long after.
const DRAFT_PAUSE: Duration = Duration::from_millis(500);
/// What could not be kept on disk is tried again after this long.
const DRAFT_RETRY: Duration = Duration::from_secs(5);
/// Places that back remembers.
const JUMPS: usize = 100;

impl App {
    /// Makes the state of a screen that has just been opened, and what to do first.
    pub fn new(start: Start) -> (Self, Vec<Effect>) {
        let (keymap, mut notices) = Keymap::new(&start.keys);
        notices.extend(start.notices);
        notices.reverse();
        let is_reader = start.read_only.is_some();
        let mut app = Self {
            identity: start.identity,
            room: start.room,
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
            delivery_read: DeliveryProgress::Unknown,
            symbols: SymbolsState::Unknown,
            outline: None,
            outline_wanted: false,
            looked_up: None,
            delivery: None,
            is_compared: false,
            notice: None,
            keys: Vec::new(),
            count: None,
            keymap,
            find: None,
            walk: Walk::Matches,
            drafts: Drafts::default(),
            saving: VecDeque::new(),
            folder_action: None,
            is_typing: false,
            is_reader,
            templates: start.templates,
            hints: hint::Hints::default(),
            failures: HashMap::new(),
            alarms: start.alarms,
            yanked: String::new(),
            regions: Regions::default(),
            coverage: None,
            pending_sweep: None,
            sweep_wanted: None,
            held: Vec::new(),
            revision: 0,
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
        app.take_drafts(start.drafts);
        // What the lab set is seen before anything else.
        if app.room.is_set() {
            app.layers.push(Layer::Policy(0));
        }
        app.next_notice();
        (app, vec![Effect::Submit(Request::List)])
    }

    /// Handles what happened.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let mut effects = match msg {
            Msg::Key(key) => self.key(key),
            Msg::Paste(text) => {
                // It may be a passphrase.
                let text = zeroize::Zeroizing::new(text);
                self.paste(&text)
            }
            Msg::Report(report) => {
                let mut effects = self.report(report);
                if !self.awaits_choice() {
                    effects.extend(self.release_keys());
                }
                effects
            }
            Msg::Placed(regions) => {
                self.regions = regions;
                self.was_shown();
                Vec::new()
            }
            Msg::Tick => {
                let mut effects = self.keep_drafts();
                effects.extend(self.flush_shown());
                effects
            }
        };
        self.settle(&mut effects);
        effects
    }

    /// Returns how long after it came to want it [`Msg::Tick`] is wanted: something was typed that is not kept yet, or
    /// lines were on screen that are not recorded yet.
    pub fn wants_tick(&self) -> Option<Duration> {
        if self.is_typing && !self.is_reader {
            return Some(DRAFT_PAUSE);
        }
        if self.drafts.problem.is_some() {
            return Some(DRAFT_RETRY);
        }
        (!self.shown.is_empty()).then_some(SHOWN_BATCH)
    }

    /// Returns the place to come back to at the next start.
    pub fn place(&self) -> Option<(RepoPath, u32)> {
        self.code.jump().map(|j| (j.file.path, j.at.line))
    }

    fn key(&mut self, key: Key) -> Vec<Effect> {
        if self.awaits_choice() && key.code != KeyCode::Esc {
            self.held.push(key);
            return Vec::new();
        }
        self.notice = None;
        self.next_notice();
        // Whoever goes on without the outline no longer waits for it.
        self.outline_wanted = false;
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

    /// Returns whether Enter was pressed in a list whose answer is still to come: what is pressed next is meant for what
    /// it opens.
    fn awaits_choice(&self) -> bool {
        match self.layers.last() {
            Some(Layer::Pick(_, picker)) => picker.is_awaited(),
            Some(Layer::Search) => self.search.is_chosen,
            _ => false,
        }
    }

    /// Handles the keys that were pressed while a choice was awaited.
    fn release_keys(&mut self) -> Vec<Effect> {
        let held = std::mem::take(&mut self.held);
        held.into_iter().flat_map(|key| self.key(key)).collect()
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
        self.record_of(event, Saving::Nothing)
    }

    /// Records what was written in a form or line, which is opened again if that fails.
    fn record_of(&mut self, event: Event, saving: Saving) -> Vec<Effect> {
        if let Some(why) = &self.read_only {
            let text = format!("read-only: {why}");
            self.complain(text);
            return Vec::new();
        }
        self.recording += 1;
        self.saving.push_back((saving, event.clone()));
        vec![Effect::Submit(Request::Record(Box::new(event)))]
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
