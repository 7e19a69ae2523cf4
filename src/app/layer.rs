//! What lies on top of the panes. Keys go to the top layer first.

use super::command::COMMANDS;
use super::compose::{self, Compose, Field};
use super::coverage::Coverage;
use super::export::Export;
use super::input::{Input, Typed};
use super::items::Items;
use super::key::{Code, Key};
use super::picker::Picker;
use super::score::{self, Calculator};
use super::sweep::Sweeping;
use super::symbols::{Outline, Places};
use super::{App, Effect};
use crate::job::SymbolPlace;
use crate::model::{Status, TreeFile};
use crate::text::Encoding;
use uuid::Uuid;

/// One thing on top.
#[derive(Clone, Debug)]
pub enum Layer {
    /// A line to be typed at the bottom.
    Prompt(Prompt),
    /// The search screen; its state is [`App::search`].
    Search,
    /// A choice.
    Pick(Pick, Picker),
    /// The list of findings, notes and questions.
    Items(Items),
    /// A finding, note or question being written.
    Compose(Box<Compose>),
    /// The hits of a query, to be judged one by one.
    Sweep(Sweeping),
    /// How much was shown and reviewed.
    Coverage(Coverage),
    /// The CVSS calculator, over a form.
    Score(Calculator),
    /// The snapshot report, scrolled so far.
    Delivery(usize),
    /// The gate.
    Export(Box<Export>),
    /// What the room allows, scrolled so far.
    Policy(usize),
    /// The keys, scrolled so far.
    Help(usize),
    /// A question to be answered with y or n.
    Confirm(Confirm),
}

/// What is picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// A file to open.
    File,
    /// A symbol of the file shown.
    Outline(Box<Outline>),
    /// A symbol of the snapshot: where each row is.
    Symbol(Vec<SymbolPlace>),
    /// A place of a name.
    Place(Box<Places>),
    /// The finding that gets the place as a further location.
    FindingForPlace(Vec<Uuid>),
    /// The draft to be opened, by its number.
    Draft(Vec<u64>),
    /// The sweep to go on with.
    Sweep(Vec<Uuid>),
    /// The status that a finding gets.
    Status(Uuid),
    /// The finding that a place moves to.
    NewHome {
        /// The finding it is in.
        from: Uuid,
        /// Which of its places.
        place: usize,
        /// The finding of each row.
        to: Vec<Uuid>,
    },
    /// A weakness for the form below; rows are those of the list.
    Cwe,
    /// A word for a field of the form below.
    Word(Field),
    /// A template for the form below.
    Template,
    /// The removable medium for the bundle: the folder that each row stands for.
    Medium(Vec<String>),
    /// The encoding of a file: what each row stands for, nothing for guessing again. The first row is in force.
    Encoding(TreeFile, Vec<Option<Encoding>>),
    /// A query to search for: as it is typed, and the names of those that are saved, which come first.
    Query {
        /// The queries, row by row.
        texts: Vec<String>,
        /// The names of the first ones.
        names: Vec<String>,
    },
}

/// A line to be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What for.
    pub kind: PromptKind,
    /// What is typed.
    pub input: Input,
    /// What Tab offers, and which of it is in the field.
    pub offers: (Vec<String>, usize),
    /// The number of the draft that keeps what is typed; 0 if nothing is kept.
    pub draft: u64,
}

/// What a line is typed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptKind {
    /// Find in the file.
    Find,
    /// Run a command by name.
    Command,
    /// Name the query that is typed.
    SaveQuery,
    /// Say why a finding gets a status.
    Why(Uuid, Status),
}

/// A question to be answered with y or n.
#[derive(Clone)]
pub struct Confirm {
    /// What is asked.
    pub question: String,
    /// What y does.
    pub yes: fn(&mut App, Uuid) -> Vec<Effect>,
    /// What it is done to.
    pub about: Uuid,
}

impl std::fmt::Debug for Confirm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Confirm({:?})", self.question)
    }
}

impl Prompt {
    /// Makes an empty line.
    pub fn new(kind: PromptKind) -> Self {
        Self {
            kind,
            input: Input::default(),
            offers: (Vec::new(), 0),
            draft: 0,
        }
    }
}

/// What a list does with a moving key: rows to move by, for lists in which letters are typed.
pub(super) fn rows(key: Key, height: u16) -> Option<i64> {
    let page = i64::from(height.max(2)) - 1;
    Some(match (key.code, key.ctrl, key.alt) {
        (Code::Down, ..) | (Code::Char('n' | 'j'), true, _) => 1,
        (Code::Up, ..) | (Code::Char('p'), true, _) => -1,
        (Code::PageDown, ..) => page,
        (Code::PageUp, ..) => -page,
        _ => return None,
    })
}

/// The same for lists in which nothing is typed.
pub(super) fn reading_rows(key: Key, height: u16) -> Option<i64> {
    let half = i64::from(height / 2).max(1);
    Some(match (key.code, key.ctrl, key.alt) {
        (Code::Char('j'), false, false) => 1,
        (Code::Char('k'), false, false) => -1,
        (Code::Char('d'), true, _) => half,
        (Code::Char('u'), true, _) => -half,
        (Code::Char(' '), ..) | (Code::Char('f'), true, _) => 2 * half,
        (Code::Char('b'), true, _) => -2 * half,
        (Code::Char('g') | Code::Home, ..) => i64::MIN / 2,
        (Code::Char('G') | Code::End, ..) => i64::MAX / 2,
        _ => return rows(key, height),
    })
}

impl App {
    /// Gives a key to the top layer.
    pub(super) fn layer_key(&mut self, key: Key) -> Vec<Effect> {
        let height = self.regions.list;
        let is_yank = key == Key::ctrl('y');
        if is_yank {
            let yanked = self.yanked.clone();
            return self.paste(&yanked);
        }
        match self.layers.last_mut() {
            Some(Layer::Prompt(_)) => self.prompt_key(key),
            Some(Layer::Search) => self.search_key(key),
            Some(Layer::Pick(..)) => self.pick_key(key),
            Some(Layer::Items(_)) => self.items_key(key),
            Some(Layer::Sweep(_)) => self.sweep_key(key),
            Some(Layer::Coverage(_)) => self.coverage_key(key),
            Some(Layer::Score(calculator)) => {
                match calculator.key(key) {
                    score::Outcome::Stay => {}
                    score::Outcome::Take => self.take_score(),
                    score::Outcome::Leave => drop(self.layers.pop()),
                    score::Outcome::Refused(why) => self.complain(why),
                }
                Vec::new()
            }
            Some(Layer::Compose(form)) => {
                self.is_typing = true;
                match form.key(key) {
                    compose::Outcome::Stay => {}
                    compose::Outcome::Save => return self.save_form(),
                    compose::Outcome::Leave => return self.leave_form(),
                    compose::Outcome::Pick => self.pick_for_field(),
                    compose::Outcome::Template => self.pick_template(),
                }
                Vec::new()
            }
            Some(Layer::Export(_)) => self.export_key(key),
            Some(Layer::Delivery(top) | Layer::Policy(top) | Layer::Help(top)) => {
                match reading_rows(key, height) {
                    Some(by) => *top = (*top as i64).saturating_add(by).max(0) as usize,
                    None => {
                        self.layers.pop();
                    }
                }
                Vec::new()
            }
            Some(Layer::Confirm(_)) => {
                let Some(Layer::Confirm(confirm)) = self.layers.pop() else {
                    return Vec::new();
                };
                match key.typed() {
                    Some('y' | 'Y') => (confirm.yes)(self, confirm.about),
                    _ => Vec::new(),
                }
            }
            None => Vec::new(),
        }
    }

    /// Gives a pasted text to the field that has the keys.
    pub(super) fn paste(&mut self, text: &str) -> Vec<Effect> {
        let taken = match self.layers.last_mut() {
            Some(Layer::Prompt(p)) => {
                let taken = p.input.paste(text);
                self.is_typing |= p.draft > 0;
                if p.kind == PromptKind::Find {
                    let text = p.input.text().to_owned();
                    self.find_typed(&text);
                }
                taken
            }
            Some(Layer::Search) => {
                if self.search.input.paste(text) {
                    return self.run_search();
                }
                false
            }
            Some(Layer::Pick(_, picker)) => {
                let taken = picker.input.paste(text);
                if taken && let Some(request) = picker.narrow() {
                    return vec![Effect::Submit(request)];
                }
                taken
            }
            Some(Layer::Items(items)) => !items.is_filtering || items.filter.paste(text),
            Some(Layer::Compose(form)) => {
                self.is_typing = true;
                form.paste(text)
            }
            Some(Layer::Export(export)) => export.paste(text),
            _ => true,
        };
        if !taken {
            self.complain("too long to paste: a field takes 64 KiB; nothing was inserted");
        }
        Vec::new()
    }

    fn prompt_key(&mut self, key: Key) -> Vec<Effect> {
        let Some(Layer::Prompt(prompt)) = self.layers.last_mut() else {
            return Vec::new();
        };
        let kind = prompt.kind;
        match key.code {
            Code::Esc if prompt.draft > 0 => return self.leave_form(),
            Code::Esc => {
                self.layers.pop();
                if kind == PromptKind::Find {
                    self.end_find(false);
                }
            }
            Code::Enter => {
                let text = prompt.input.text().trim().to_owned();
                if let PromptKind::Why(finding, status) = kind {
                    return self.decide(finding, status, &text);
                }
                self.layers.pop();
                match kind {
                    PromptKind::Find => self.end_find(true),
                    PromptKind::Command => return self.run_command(&text),
                    PromptKind::SaveQuery => return self.save_query(&text),
                    PromptKind::Why(..) => {}
                }
            }
            Code::Tab if kind == PromptKind::Command => prompt.complete(),
            _ => {
                if prompt.input.key(key) == Typed::Changed {
                    prompt.offers = (Vec::new(), 0);
                    self.is_typing |= prompt.draft > 0;
                    if kind == PromptKind::Find {
                        let text = prompt.input.text().to_owned();
                        self.find_typed(&text);
                    }
                }
            }
        }
        Vec::new()
    }

    /// Runs a command by its name, `name COUNT`, or goes to a line.
    fn run_command(&mut self, text: &str) -> Vec<Effect> {
        let (name, count) = text
            .split_once(' ')
            .map_or((text, None), |(n, c)| (n, c.trim().parse().ok()));
        if name.is_empty() {
            return Vec::new();
        }
        if let Ok(line) = name.parse() {
            self.goto_line(line);
            return Vec::new();
        }
        if let Some(command) = COMMANDS.iter().find(|c| c.name == name) {
            (command.run)(self, count)
        } else {
            self.complain(format!(
                "there is no command `{name}`: Tab completes, ? lists all"
            ));
            Vec::new()
        }
    }

    fn pick_key(&mut self, key: Key) -> Vec<Effect> {
        let height = self.regions.list;
        let Some(Layer::Pick(_, picker)) = self.layers.last_mut() else {
            return Vec::new();
        };
        if let Some(by) = rows(key, height) {
            picker.step(by);
            return Vec::new();
        }
        match key.code {
            Code::Esc => {
                self.layers.pop();
                self.stop_looking()
            }
            Code::Enter => self.choose(),
            Code::Char('d') if key.alt => self.forget_row(),
            _ => {
                // Rows move: what is beside them is asked for anew.
                self.preview.renew();
                picker.key(key).map(Effect::Submit).into_iter().collect()
            }
        }
    }

    /// Takes away what the row under the cursor stands for, where that can be done.
    fn forget_row(&mut self) -> Vec<Effect> {
        if let Some(Layer::Pick(Pick::Draft(numbers), picker)) = self.layers.last() {
            let row = picker.rows().get(picker.cursor);
            let number = row.and_then(|row| numbers.get(row.id as usize)).copied();
            if let Some(number) = number {
                self.layers.pop();
                self.ask_discard(number);
            }
            return Vec::new();
        }
        let Some(Layer::Pick(Pick::Query { names, .. }, picker)) = self.layers.last() else {
            return Vec::new();
        };
        let row = picker.rows().get(picker.cursor);
        let Some(name) = row.and_then(|row| names.get(row.id as usize)).cloned() else {
            self.say("this one has no name: only saved queries are taken away");
            return Vec::new();
        };
        self.layers.pop();
        let effects = self.forget_query(&name);
        self.pick_query();
        effects
    }

    /// Does what the picker on top is for with the row chosen in it, and closes it.
    pub(super) fn choose(&mut self) -> Vec<Effect> {
        let Some(Layer::Pick(pick, picker)) = self.layers.last_mut() else {
            return Vec::new();
        };
        let Some(chosen) = picker.choose() else {
            return Vec::new();
        };
        let at = picker.cursor;
        let pick = pick.clone();
        self.layers.pop();
        match pick {
            Pick::Outline(outline) => self.choose_symbol_here(&outline, chosen as usize),
            Pick::Symbol(places) => self.open_place(places.get(at).copied()),
            Pick::Place(places) => {
                let mut effects = self.stop_looking();
                effects.extend(self.open_place(places.rows.get(chosen as usize).copied()));
                effects
            }
            Pick::File => match self.tree.files().get(chosen as usize).cloned() {
                Some(file) => self.open(file, super::code::Goto::default()),
                None => Vec::new(),
            },
            Pick::Draft(numbers) => {
                self.open_draft(numbers[chosen as usize]);
                Vec::new()
            }
            Pick::Sweep(ids) => self.resume_sweep(ids[chosen as usize]),
            Pick::Status(finding) => self.ask_why(finding, chosen),
            Pick::NewHome { from, place, to } => self.move_place(from, place, to[chosen as usize]),
            Pick::Cwe => self.take_cwe(chosen),
            Pick::Word(field) => self.take_word(field, chosen),
            Pick::Template => self.take_template(chosen),
            Pick::Medium(folders) => self.take_medium(&folders[chosen as usize]),
            Pick::Encoding(file, rows) => self.set_encoding(&file, &rows, chosen as usize),
            Pick::FindingForPlace(ids) => self.add_location_to(ids[chosen as usize]),
            Pick::Query { mut texts, .. } => self.search_for(texts.swap_remove(chosen as usize)),
        }
    }
}

impl Prompt {
    /// Puts the next command name that begins with what was typed into the field.
    fn complete(&mut self) {
        if self.offers.0.is_empty() {
            let typed = self.input.text();
            let names = COMMANDS
                .iter()
                .map(|c| c.name)
                .filter(|n| n.starts_with(typed));
            self.offers = (names.map(str::to_owned).collect(), 0);
        } else {
            self.offers.1 = (self.offers.1 + 1) % self.offers.0.len();
        }
        if let Some(name) = self.offers.0.get(self.offers.1) {
            self.input.set(name.clone());
        }
    }
}
