//! The reviewer's search queries, kept from one start to the next.

use serde::{Deserialize, Serialize};

/// Queries kept in the history.
const HISTORY: usize = 100;

/// The reviewer's search queries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queries {
    /// Those that were used, newest last, each once.
    #[serde(default)]
    pub history: Vec<String>,
    /// Those that got a name, in the order of their names.
    #[serde(default)]
    pub saved: Vec<SavedQuery>,
}

/// A query with a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedQuery {
    /// What the reviewer calls it.
    pub name: String,
    /// As it is typed.
    pub query: String,
}

impl Queries {
    /// Remembers a query that was used. Returns whether anything changed.
    pub fn remember(&mut self, query: &str) -> bool {
        if query.trim().is_empty() || self.history.last().is_some_and(|last| last == query) {
            return false;
        }
        self.history.retain(|known| known != query);
        self.history.push(query.to_owned());
        let surplus = self.history.len().saturating_sub(HISTORY);
        self.history.drain(..surplus);
        true
    }

    /// Gives a query a name; a query that had the name loses it.
    pub fn save(&mut self, name: &str, query: &str) {
        self.forget(name);
        self.saved.push(SavedQuery {
            name: name.to_owned(),
            query: query.to_owned(),
        });
        self.saved.sort();
    }

    /// Takes a name away. Returns whether there was one.
    pub fn forget(&mut self, name: &str) -> bool {
        let before = self.saved.len();
        self.saved.retain(|known| known.name != name);
        self.saved.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_remembered_once_and_a_name_names_one() {
        let mut queries = Queries::default();
        for query in ["a", "b", "a", "a", " "] {
            queries.remember(query);
        }
        assert_eq!(queries.history, ["b", "a"]);
        (0..2 * HISTORY).for_each(|n| {
            queries.remember(&n.to_string());
        });
        assert_eq!(queries.history.len(), HISTORY);
        queries.save("unsafe", "strcpy(");
        queries.save("all", "x");
        queries.save("unsafe", "sprintf(");
        let names: Vec<_> = queries.saved.iter().map(|s| s.query.as_str()).collect();
        assert_eq!(names, ["x", "sprintf("]);
        assert!(queries.forget("all") && !queries.forget("all"));
    }
}
