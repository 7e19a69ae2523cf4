//! Long lists narrowed by typing, off the screen's thread.

use super::message::{Choice, Choices};
use super::{Cancel, JobError};
use crate::text::{Fuzzy, narrows};

/// Most rows told of one answer; all are counted.
pub const MOST: usize = 1_000;

/// What a list can be chosen from: texts, each with the number that stands for it.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    text: String,
    ends: Vec<u32>,
}

impl Candidates {
    /// Returns how many there are.
    pub fn total(&self) -> usize {
        self.ends.len()
    }

    /// Returns a text by its number.
    pub fn get(&self, at: u32) -> &str {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let from = (at as usize).checked_sub(1).map_or(0, end);
        &self.text[from..end(at as usize).max(from)]
    }
}

/// Numbers the texts from 0.
impl<T: AsRef<str>> FromIterator<T> for Candidates {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        let mut out = Self::default();
        for text in texts {
            out.text.push_str(text.as_ref());
            out.ends.push(out.text.len() as u32);
        }
        out
    }
}

/// What matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowed {
    /// The best, at most [`MOST`].
    pub rows: Vec<Choice>,
    /// All that matched.
    pub matched: usize,
    /// All there are.
    pub total: usize,
}

/// Narrows one list after the other, and each by what it matched last.
#[derive(Default)]
pub struct Narrower {
    of: Option<Choices>,
    candidates: Candidates,
    typed: String,
    /// In the order in which they lie in memory: reading them best first takes half as long again.
    matches: Vec<u32>,
}

impl Narrower {
    /// Ranks what can be chosen by what is typed. `list` makes the list when another one is asked for.
    pub fn run(
        &mut self,
        of: Choices,
        typed: &str,
        list: impl FnOnce() -> Result<Candidates, JobError>,
        cancel: &Cancel,
    ) -> Result<Narrowed, JobError> {
        if self.of != Some(of) {
            self.candidates = list()?;
            self.of = Some(of);
            self.typed.clear();
        }
        let candidates = &self.candidates;
        let all = 0..candidates.total() as u32;
        let further = narrows(&self.typed, typed);
        let mut fuzzy = Fuzzy::new(typed);
        let text = |at| candidates.get(at);
        let is_cancelled = || cancel.is_cancelled();
        let ranked = if further {
            fuzzy.rank(self.matches.iter().copied(), text, &is_cancelled)
        } else {
            fuzzy.rank(all, text, &is_cancelled)
        };
        let mut ranked = ranked.ok_or(JobError::Cancelled)?;
        let rows = ranked.iter().take(MOST).map(|at| Choice {
            id: *at,
            text: candidates.get(*at).to_owned(),
        });
        let narrowed = Narrowed {
            rows: rows.collect(),
            matched: ranked.len(),
            total: candidates.total(),
        };
        ranked.sort_unstable();
        self.matches = ranked;
        typed.clone_into(&mut self.typed);
        Ok(narrowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(narrowed: &Narrowed) -> Vec<&str> {
        narrowed.rows.iter().map(|r| r.text.as_str()).collect()
    }

    #[test]
    fn typing_on_is_the_same_as_typing_at_once() {
        let items = ["src/auth.c", "", "src/auth.h", "tests/auth_test.c"];
        let list = || Ok(items.into_iter().collect());
        let never = Cancel::never();
        let mut narrower = Narrower::default();
        for typed in ["", "a", "au", "auc", "auc !t", "au", "tests"] {
            let got = narrower.run(Choices::Files, typed, list, &never).unwrap();
            let fresh = Narrower::default().run(Choices::Files, typed, list, &never);
            assert_eq!(got, fresh.unwrap(), "{typed}");
            assert_eq!(got.total, 4);
        }
        let got = narrower
            .run(Choices::Files, "auth.h", list, &never)
            .unwrap();
        assert_eq!(texts(&got), ["src/auth.h"]);
    }

    #[test]
    fn a_long_list_is_counted_whole() {
        let items = vec!["x"; 3 * MOST];
        let list = || Ok(items.iter().copied().collect());
        let got = Narrower::default()
            .run(Choices::Files, "x", list, &Cancel::never())
            .unwrap();
        assert_eq!((got.rows.len(), got.matched), (MOST, 3 * MOST));
    }
}
