//! A list narrowed by typing: the file picker and every other choice.
//!
//! Matching understands the syntax of fzf: `'exact ^prefix suffix$ !not`.

use super::input::Input;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// A list narrowed by typing.
#[derive(Clone, Debug, Default)]
pub struct Picker {
    /// What is typed.
    pub input: Input,
    /// Everything that can be chosen, in its visible form.
    items: Vec<String>,
    matches: Vec<u32>,
    narrowed: String,
    /// Position under the cursor among the matches.
    pub cursor: usize,
    /// First one shown.
    pub top: usize,
}

impl Picker {
    /// Makes a picker of the items.
    pub fn new(items: Vec<String>) -> Self {
        let matches = (0..items.len() as u32).collect();
        Self {
            items,
            matches,
            ..Self::default()
        }
    }
    /// Returns the number of items.
    pub fn total(&self) -> usize {
        self.items.len()
    }
    /// Returns the positions of the items that match, best first.
    pub fn matches(&self) -> &[u32] {
        &self.matches
    }
    /// Returns an item.
    pub fn item(&self, at: u32) -> &str {
        self.items.get(at as usize).map_or("", String::as_str)
    }
    /// Returns the position of the chosen item.
    pub fn chosen(&self) -> Option<u32> {
        self.matches.get(self.cursor).copied()
    }
    /// Moves the cursor by rows.
    pub fn step(&mut self, by: i64) {
        let last = self.matches.len().saturating_sub(1) as i64;
        self.cursor = (self.cursor as i64).saturating_add(by).clamp(0, last) as usize;
    }

    /// Matches the items with what is typed.
    pub fn narrow(&mut self) {
        let text = self.input.text().to_owned();
        // What is typed behind more of the same can only match less, unless it changes an atom's meaning.
        let plain = |t: &str| !t.contains(['!', '$', '\\', '^', '\'']);
        let further = text.starts_with(&self.narrowed) && plain(&text) && !self.narrowed.is_empty();
        let mut candidates = if further {
            std::mem::take(&mut self.matches)
        } else {
            (0..self.items.len() as u32).collect()
        };
        // In the order in which they lie in memory: reading them best first takes half as long again.
        candidates.sort_unstable();
        let pattern = Pattern::parse(&text, CaseMatching::Smart, Normalization::Smart);
        self.matches = if pattern.atoms.is_empty() {
            candidates
        } else {
            let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
            let mut buffer = Vec::new();
            let mut scored: Vec<_> = candidates
                .into_iter()
                .filter_map(|at| {
                    let item = &self.items[at as usize];
                    let score = pattern.score(Utf32Str::new(item, &mut buffer), &mut matcher)?;
                    Some((std::cmp::Reverse(score), item.len(), at))
                })
                .collect();
            scored.sort_unstable();
            scored.into_iter().map(|(.., at)| at).collect()
        };
        self.narrowed = text;
        self.cursor = 0;
        self.top = 0;
    }

    /// Returns the byte ranges of an item that match what is typed, for showing.
    pub fn highlights(&self, at: u32) -> Vec<usize> {
        let item = self.item(at);
        let pattern = Pattern::parse(self.input.text(), CaseMatching::Smart, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
        let (mut buffer, mut found) = (Vec::new(), Vec::new());
        pattern.indices(Utf32Str::new(item, &mut buffer), &mut matcher, &mut found);
        let starts: Vec<usize> = item.char_indices().map(|(i, _)| i).collect();
        let mut bytes: Vec<_> = found
            .into_iter()
            .filter_map(|c| starts.get(c as usize).copied())
            .collect();
        bytes.sort_unstable();
        bytes.dedup();
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(query: &str) -> Vec<String> {
        let items = ["src/auth.c", "src/auth.h", "tests/auth_test.c", "docs/a.md"];
        let mut picker = Picker::new(items.iter().map(ToString::to_string).collect());
        for c in query.chars() {
            picker.input.set(format!("{}{c}", picker.input.text()));
            picker.narrow();
        }
        picker
            .matches()
            .iter()
            .map(|at| picker.item(*at).to_owned())
            .collect()
    }

    #[test]
    fn syntax_of_fzf() {
        assert_eq!(matches("authc")[0], "src/auth.c");
        assert_eq!(matches("auth .c$ !test"), ["src/auth.c"]);
        assert_eq!(matches("^docs"), ["docs/a.md"]);
        assert_eq!(matches("'auth_"), ["tests/auth_test.c"]);
        assert_eq!(matches("zzz"), [""; 0]);
        assert_eq!(matches("").len(), 4);
    }
}
