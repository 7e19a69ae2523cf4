//! A list narrowed by typing: the file picker and every other choice. Short lists are narrowed here, long ones by a
//! worker.

use super::input::{Input, Typed};
use super::key::Key;
use super::layer::{Layer, Pick};
use super::{App, Effect};
use crate::job::{Choice, Choices, Request, SymbolPlace};
use crate::text::Fuzzy;

/// A list narrowed by typing.
#[derive(Clone, Debug, Default)]
pub struct Picker {
    /// What is typed.
    pub input: Input,
    /// Where the rows come from.
    source: Source,
    /// The rows listed, best first.
    rows: Vec<Choice>,
    /// Rows that match, listed or not.
    matched: usize,
    total: usize,
    /// What the rows belong to; nothing before the first answer.
    narrowed: Option<String>,
    /// Enter was pressed before the answer came: its first row is meant.
    is_chosen: bool,
    /// Position under the cursor among the rows.
    pub cursor: usize,
    /// First one shown.
    pub top: usize,
}

/// Where the rows of a picker come from.
#[derive(Clone, Debug)]
enum Source {
    /// Given when it was opened.
    Here(Vec<String>),
    /// Asked of a worker.
    Worker(Choices),
}

impl Default for Source {
    fn default() -> Self {
        Self::Here(Vec::new())
    }
}

impl Picker {
    /// Makes a picker of the items, in their visible form.
    pub fn new(items: Vec<String>) -> Self {
        let mut picker = Self {
            total: items.len(),
            source: Source::Here(items),
            ..Self::default()
        };
        picker.narrow();
        picker
    }
    /// Makes a picker of what a worker lists.
    pub fn of(choices: Choices) -> Self {
        Self {
            source: Source::Worker(choices),
            ..Self::default()
        }
    }
    /// Returns the number of things to choose from.
    pub fn total(&self) -> usize {
        self.total
    }
    /// Returns the number of those that match.
    pub fn matched(&self) -> usize {
        self.matched
    }
    /// Returns the rows listed, best first.
    pub fn rows(&self) -> &[Choice] {
        &self.rows
    }
    /// Returns whether the rows belong to what is typed.
    pub fn is_current(&self) -> bool {
        self.narrowed.as_deref() == Some(self.input.text())
    }
    /// Moves the cursor by rows.
    pub fn step(&mut self, by: i64) {
        let last = self.rows.len().saturating_sub(1) as i64;
        self.cursor = (self.cursor as i64).saturating_add(by).clamp(0, last) as usize;
    }

    /// Hands a key to the field; asks for what it matches, if it changed.
    pub fn key(&mut self, key: Key) -> Option<Request> {
        if self.input.key(key) != Typed::Changed {
            return None;
        }
        self.narrow()
    }

    /// Matches with what is typed, here or by asking a worker.
    pub fn narrow(&mut self) -> Option<Request> {
        let typed = self.input.text().to_owned();
        let items = match &self.source {
            Source::Worker(of) => return Some(Request::Narrow { of: *of, typed }),
            Source::Here(items) => items,
        };
        let ranked = Fuzzy::new(&typed).rank(
            0..items.len() as u32,
            |at| items[at as usize].as_str(),
            &|| false,
        );
        let rows = ranked.unwrap_or_default().into_iter().map(|id| Choice {
            id,
            text: items[id as usize].clone(),
        });
        self.rows = rows.collect();
        self.matched = self.rows.len();
        self.begin(typed);
        None
    }

    /// Takes a longer list that begins with the one there is; the row under the cursor stays.
    pub(super) fn grow(&mut self, items: Vec<String>) {
        let (chosen, top) = (self.rows.get(self.cursor).map(|row| row.id), self.top);
        self.total = items.len();
        self.source = Source::Here(items);
        self.narrow();
        let again = self.rows.iter().position(|row| Some(row.id) == chosen);
        (self.cursor, self.top) = (again.unwrap_or(0), top);
    }

    /// Takes a worker's answer, if it is to what is typed now.
    fn take(
        &mut self,
        answer: (Choices, String),
        rows: Vec<Choice>,
        counts: (usize, usize),
    ) -> bool {
        let (of, typed) = answer;
        let is_wanted = matches!(&self.source, Source::Worker(source) if *source == of)
            && typed == self.input.text();
        if is_wanted {
            self.rows = rows;
            (self.matched, self.total) = counts;
            self.begin(typed);
        }
        is_wanted
    }

    fn begin(&mut self, typed: String) {
        self.narrowed = Some(typed);
        self.cursor = 0;
        self.top = 0;
    }

    /// Stops waiting for an answer that will not come.
    pub(super) fn give_up(&mut self) {
        self.is_chosen = false;
    }

    /// Returns whether Enter was pressed and the answer to what is typed is still to come.
    pub fn is_awaited(&self) -> bool {
        self.is_chosen
    }

    /// Returns the chosen row. If the answer to what is typed is still to come, its best row will be chosen then.
    pub fn choose(&mut self) -> Option<u32> {
        self.is_chosen = !self.is_current();
        let row = self.rows.get(self.cursor).filter(|_| !self.is_chosen);
        row.map(|row| row.id)
    }

    /// Returns the letters of each row that match what is typed, by their first bytes.
    pub fn marker(&self) -> impl FnMut(&Choice) -> Vec<usize> + use<> {
        let mut fuzzy = Fuzzy::new(self.narrowed.as_deref().unwrap_or_default());
        move |row| fuzzy.places(&row.text)
    }
}

impl App {
    /// Takes the rows that match what is typed, and where they are if they are symbols.
    pub(super) fn narrowed(
        &mut self,
        answer: (Choices, String),
        (rows, places): (Vec<Choice>, Vec<SymbolPlace>),
        counts: (usize, usize),
    ) -> Vec<Effect> {
        let Some(Layer::Pick(pick, picker)) = self.layers.last_mut() else {
            return Vec::new();
        };
        if picker.take(answer, rows, counts)
            && let Pick::Symbol(old) = pick
        {
            *old = places;
            self.preview.renew();
        }
        if picker.is_chosen && picker.is_current() {
            return self.choose();
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(picker: &mut Picker, text: &str) -> Option<Request> {
        picker.input.set(text);
        picker.narrow()
    }

    #[test]
    fn a_short_list_is_narrowed_at_once() {
        let mut picker = Picker::new(vec!["one".into(), "two".into()]);
        assert_eq!((picker.matched(), picker.total()), (2, 2));
        assert!(typed(&mut picker, "w").is_none());
        assert_eq!(picker.choose(), Some(1));
        assert_eq!(picker.marker()(&picker.rows()[0]), [1]);
        typed(&mut picker, "x");
        assert_eq!(picker.choose(), None);
    }

    #[test]
    fn enter_before_the_answer_waits_for_it() {
        let row = |id| Choice {
            id,
            text: format!("item {id}"),
        };
        let mut picker = Picker::of(Choices::Files);
        assert!(typed(&mut picker, "a").is_some());
        picker.take((Choices::Files, "a".into()), vec![row(1)], (1, 9));
        typed(&mut picker, "ab");
        assert_eq!(picker.choose(), None, "the row of `a` is not what is meant");
        picker.take((Choices::Files, "a".into()), vec![row(2)], (1, 9));
        assert!(picker.is_chosen && !picker.is_current());
        picker.take((Choices::Files, "ab".into()), vec![row(3)], (1, 9));
        assert!(picker.is_chosen && picker.is_current());
        assert_eq!(picker.choose(), Some(3));
    }
}
