//! What the search screen does: run what is typed, walk and open hits, search within them, keep queries.

use super::code::Goto;
use super::input::{Input, Typed};
use super::key::{Code, Key};
use super::layer::{Layer, Pick, PromptKind, rows};
use super::picker::Picker;
use super::search::{self, shown_line};
use super::{App, Effect, Find, Walk};
use crate::job::{Request, Work};
use crate::model::{Event, SearchRecord};

impl App {
    pub(super) fn open_search(&mut self, _: Option<u32>) -> Vec<Effect> {
        self.layers.push(Layer::Search);
        self.preview.renew();
        Vec::new()
    }

    /// Runs the query as typed.
    pub(super) fn run_search(&mut self) -> Vec<Effect> {
        self.search.seq += 1;
        self.search.is_chosen = false;
        self.search.otherwise = None;
        let asked = self.search.asked();
        if asked.query.trim().is_empty() {
            self.search.error = None;
            return vec![Effect::Cancel(Work::Search)];
        }
        vec![Effect::Submit(Request::Search {
            seq: self.search.seq,
            query: asked.query,
            within: asked.within,
        })]
    }

    /// Handles a key of the search screen.
    pub(super) fn search_key(&mut self, key: Key) -> Vec<Effect> {
        if let Some(by) = rows(key, self.regions.list) {
            self.search.step(by);
            return Vec::new();
        }
        match (key.code, key.ctrl, key.alt) {
            (Code::Esc, ..) => {
                self.layers.pop();
            }
            (Code::Enter, ..) => {
                // Hits of an older query are not what is meant: theirs are opened when they are there.
                if self.search.is_current() {
                    return self.choose_hit();
                }
                let effects = self.run_search();
                self.search.is_chosen = !self.search.input.text().trim().is_empty();
                return effects;
            }
            (Code::Char('r'), false, true) => return self.turn_regex(),
            (Code::Char('o'), false, true) => {
                self.search.turn_order();
                return self.run_search();
            }
            (Code::Char('w'), false, true) => self.search.says_why = !self.search.says_why,
            (Code::Char('p'), false, true) if self.search.recall(true) => return self.run_search(),
            (Code::Char('n'), false, true) if self.search.recall(false) => {
                return self.run_search();
            }
            (Code::Char('&'), false, true) => self.search.refine(),
            (Code::Char('v'), false, true) => return self.begin_sweep(),
            (Code::Char('s'), false, true) => self.prompt(PromptKind::SaveQuery),
            (Code::Char('l'), false, true) => self.pick_query(),
            (Code::Backspace, ..) if self.search.input.text().is_empty() => {
                if self.search.widen() {
                    return self.run_search();
                }
            }
            _ => {
                if self.search.input.key(key) == Typed::Changed {
                    return self.run_search();
                }
            }
        }
        Vec::new()
    }

    /// Opens the search screen to search within the hits of the last search.
    pub(super) fn refine(&mut self) -> Vec<Effect> {
        if self.search.is_empty() {
            self.say("no search hits yet: s searches");
            return Vec::new();
        }
        self.search.refine();
        self.open_search(None)
    }

    /// Closes the screen and opens the hit under the cursor.
    fn choose_hit(&mut self) -> Vec<Effect> {
        if self.search.is_empty() {
            return Vec::new();
        }
        self.layers.pop();
        let mut effects = self.record_search();
        effects.extend(self.keep_queries(|app| {
            let used = app.search.query.query.clone();
            app.search.recalled = None;
            app.search.queries.remember(&used)
        }));
        effects.extend(self.open_hit());
        effects
    }

    /// Records that the search ran to its end and is being looked at, once for each search.
    fn record_search(&mut self) -> Vec<Effect> {
        let Some(summary) = self.search.summary.as_ref().filter(|s| s.complete) else {
            return Vec::new();
        };
        let mut query = self.search.query.within.clone();
        query.push(self.search.query.query.clone());
        let search = SearchRecord {
            commit: self.identity.commit,
            query: query.join(" & "),
            lines: summary.lines,
            files: summary.files,
            not_searched: summary.not_searched,
        };
        if self.search.recorded.as_ref() == Some(&search) || self.read_only.is_some() {
            return Vec::new();
        }
        self.search.recorded = Some(search.clone());
        self.record(Event::Searched { search })
    }

    /// Takes hits; opens the first one if Enter was pressed before they came.
    pub(super) fn found_hits(&mut self, is_complete: bool) -> Vec<Effect> {
        self.sweep_found(is_complete);
        let is_on_top = matches!(self.layers.last(), Some(Layer::Search));
        if self.search.is_chosen && is_on_top && (is_complete || !self.search.is_empty()) {
            self.search.is_chosen = false;
            return self.choose_hit();
        }
        Vec::new()
    }

    /// Puts the query between slashes, or takes it out: text as a regex and back.
    fn turn_regex(&mut self) -> Vec<Effect> {
        if let Some(otherwise) = self.search.otherwise.take() {
            self.search.input = Input::new(otherwise.query);
            return self.run_search();
        }
        let text = self.search.input.text().to_owned();
        let inner = text.strip_prefix('/').and_then(|t| t.strip_suffix('/'));
        let turned = match inner {
            Some(inner) => inner.replace("\\/", "/"),
            None => format!("/{}/", text.replace('/', "\\/")),
        };
        self.search.input = Input::new(turned);
        self.run_search()
    }

    /// Opens the hit under the cursor.
    fn open_hit(&mut self) -> Vec<Effect> {
        let Some((file, hit)) = self.search.current() else {
            return Vec::new();
        };
        let Some(tree_file) = self.tree.files().get(file as usize).cloned() else {
            return Vec::new();
        };
        let is_binary = self.search.is_binary(file);
        self.walk = Walk::Hits;
        self.find = found(&self.search.query);
        self.open(
            tree_file,
            Goto {
                line: shown_line(is_binary, hit.line),
                column: if is_binary { 0 } else { hit.column },
                top: 0,
            },
        )
    }

    pub(super) fn walk_hits(&mut self, forward: bool, n: Option<u32>) -> Vec<Effect> {
        if self.search.is_empty() {
            self.say("no search hits yet: s searches");
            return Vec::new();
        }
        let moved = (0..n.unwrap_or(1))
            .filter(|_| self.search.walk(forward))
            .count();
        if moved == 0 {
            self.say(if forward {
                "this is the last hit"
            } else {
                "this is the first hit"
            });
            return Vec::new();
        }
        let (at, of) = self.search.position();
        let effects = self.open_hit();
        self.say(format!("hit {at} of {of}"));
        effects
    }

    /// Opens the list of saved and earlier queries.
    pub(super) fn pick_query(&mut self) {
        let queries = &self.search.queries;
        let saved = queries
            .saved
            .iter()
            .map(|s| (s.query.clone(), format!("{}:  {}", s.name, s.query)));
        let used = queries.history.iter().rev();
        let used = used.map(|query| (query.clone(), query.clone()));
        let (texts, rows): (Vec<String>, Vec<String>) = saved.chain(used).unzip();
        if texts.is_empty() {
            self.say("no query was used or saved yet: Alt-s saves the one that is typed");
            return;
        }
        let names = queries.saved.iter().map(|s| s.name.clone()).collect();
        self.layers
            .push(Layer::Pick(Pick::Query { texts, names }, Picker::new(rows)));
    }

    /// Searches for a query that was picked.
    pub(super) fn search_for(&mut self, query: String) -> Vec<Effect> {
        if !matches!(self.layers.last(), Some(Layer::Search)) {
            self.layers.push(Layer::Search);
        }
        self.preview.renew();
        self.search.within.clear();
        self.search.input = Input::new(query);
        self.run_search()
    }

    /// Saves the query as typed under a name, or takes the name away if nothing is typed.
    pub(super) fn save_query(&mut self, name: &str) -> Vec<Effect> {
        let query = self.search.input.text().trim().to_owned();
        if name.is_empty() {
            return Vec::new();
        }
        if query.is_empty() {
            self.say("nothing is typed that could be saved");
            return Vec::new();
        }
        self.say(format!("saved as {name}: Alt-l lists it"));
        self.keep_queries(|app| {
            app.search.queries.save(name, &query);
            true
        })
    }

    /// Takes a saved query's name away.
    pub(super) fn forget_query(&mut self, name: &str) -> Vec<Effect> {
        self.keep_queries(|app| app.search.queries.forget(name))
    }

    fn keep_queries(&mut self, change: impl FnOnce(&mut Self) -> bool) -> Vec<Effect> {
        if !change(self) || self.read_only.is_some() {
            return Vec::new();
        }
        vec![Effect::Submit(Request::Keep(self.search.queries.clone()))]
    }
}

/// Compiles what search queries look for in contents, so that the file shows it.
fn found(asked: &search::Asked) -> Option<Find> {
    let all = asked.within.iter().chain([&asked.query]);
    let parsed: Vec<_> = all
        .filter_map(|query| crate::query::parse(query, &|name| Some(name.to_owned())).ok())
        .collect();
    let patterns: Vec<String> = parsed
        .iter()
        .flat_map(crate::query::Query::content_patterns)
        .map(|p| {
            let source = match p.kind {
                crate::query::Kind::Literal => crate::query::regex_of_literal(&p.source),
                _ => crate::query::in_all_spellings(&p.source),
            };
            let flag = if p.is_case_sensitive { "" } else { "i" };
            format!("(?{flag}:{source})")
        })
        .collect();
    let regex = regex::RegexBuilder::new(&patterns.join("|"))
        .multi_line(true)
        .build()
        .ok();
    let regex = regex.filter(|_| !patterns.is_empty());
    regex.map(|regex| Find::new(asked.query.clone(), regex))
}
