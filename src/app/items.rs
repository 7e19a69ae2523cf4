//! The list of findings, notes and questions.

use super::input::Input;
use crate::model::{Item, Review, Severity};
use uuid::Uuid;

/// The list of findings, notes and questions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items {
    /// Only what holds these words is listed.
    pub filter: Input,
    /// Whether the filter has the keys.
    pub is_filtering: bool,
    /// Position under the cursor.
    pub cursor: usize,
    /// First one shown.
    pub top: usize,
}

impl Items {
    /// Returns the items listed: findings by severity, worst first, then notes and questions, each in the
    /// order they were filed.
    pub fn listed<'r>(&self, review: &'r Review) -> Vec<&'r Item> {
        let words: Vec<String> = self
            .filter
            .text()
            .to_lowercase()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        let mut items: Vec<&Item> = review
            .items()
            .iter()
            .filter(|i| words.iter().all(|w| holds(i, w)))
            .collect();
        items.sort_by_key(|i| match i {
            Item::Finding(f) => (0, std::cmp::Reverse(rank(f.severity))),
            Item::Note(_) => (1, std::cmp::Reverse(0)),
        });
        items
    }

    /// Returns the item under the cursor.
    pub fn current(&self, review: &Review) -> Option<Uuid> {
        self.listed(review).get(self.cursor).map(|i| i.id())
    }

    /// Moves the cursor by rows.
    pub fn step(&mut self, by: i64, review: &Review) {
        let last = self.listed(review).len().saturating_sub(1) as i64;
        self.cursor = (self.cursor as i64).saturating_add(by).clamp(0, last) as usize;
    }
}

fn rank(severity: Severity) -> usize {
    match severity {
        Severity::Undetermined => 0,
        known => 1 + Severity::ALL.iter().position(|s| *s == known).unwrap_or(0),
    }
}

fn holds(item: &Item, word: &str) -> bool {
    let in_places = || {
        item.locations().iter().any(|l| {
            l.anchor.path.to_string().to_lowercase().contains(word)
                || l.label.to_lowercase().contains(word)
        })
    };
    let in_words = match item {
        Item::Finding(f) => {
            f.severity.word().starts_with(word)
                || f.status.word().starts_with(word)
                || f.words
                    .each()
                    .iter()
                    .any(|(_, text)| text.to_lowercase().contains(word))
                || f.cwe.iter().any(|n| format!("cwe-{n}") == word)
        }
        Item::Note(n) => n.text.to_lowercase().contains(word) || n.kind.word().starts_with(word),
    };
    in_words
        || item.title().to_lowercase().contains(word)
        || item.label().to_lowercase() == word
        || in_places()
}
