//! Which keys mean which command.

use super::command::COMMANDS;
use super::key::{Key, sequence, written};
use std::collections::BTreeMap;

/// Key sequences and the position of their command in [`COMMANDS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    rows: Vec<(Vec<Key>, usize)>,
}

/// What a sequence of keys means so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A command, by its position in [`COMMANDS`].
    Command(usize),
    /// More keys are needed.
    Prefix,
    /// Nothing.
    Nothing,
}

impl Keymap {
    /// Makes the map of the default keys, with the reviewer's own for the commands named in `remap`. Returns
    /// a line for everything in `remap` that cannot be, and leaves that part at its default.
    pub fn new(remap: &BTreeMap<String, Vec<String>>) -> (Self, Vec<String>) {
        let mut rows: Vec<(Vec<Key>, usize)> = Vec::new();
        let mut problems = Vec::new();
        for name in remap
            .keys()
            .filter(|n| COMMANDS.iter().all(|c| c.name != n.as_str()))
        {
            problems.push(format!(
                "keys: there is no command `{name}`; `:help` lists them"
            ));
        }
        for (at, command) in COMMANDS.iter().enumerate() {
            let own = remap.get(command.name);
            let texts: Vec<&str> = match own {
                Some(keys) => keys.iter().map(String::as_str).collect(),
                None => command.keys.to_vec(),
            };
            for text in texts {
                match sequence(text) {
                    Some(keys) if own.is_some() => rows.insert(0, (keys, at)),
                    Some(keys) => rows.push((keys, at)),
                    None => {
                        problems.push(format!("keys: `{text}` for `{}` is no key", command.name));
                    }
                }
            }
        }
        let mut map = Self { rows: Vec::new() };
        for (keys, at) in rows {
            let clash = map
                .rows
                .iter()
                .find(|(k, _)| k.starts_with(&keys) || keys.starts_with(k));
            match clash {
                Some((_, other)) if *other != at => problems.push(format!(
                    "keys: `{}` is taken by `{}`, so `{}` does not have it",
                    written(&keys),
                    COMMANDS[*other].name,
                    COMMANDS[at].name
                )),
                Some(_) => {}
                None => map.rows.push((keys, at)),
            }
        }
        (map, problems)
    }

    /// Returns what the keys pressed so far mean.
    pub fn meaning(&self, keys: &[Key]) -> Meaning {
        match self.rows.iter().find(|(k, _)| k.starts_with(keys)) {
            Some((k, at)) if k.len() == keys.len() => Meaning::Command(*at),
            Some(_) => Meaning::Prefix,
            None => Meaning::Nothing,
        }
    }

    /// Returns the keys of a command as they are written, first the preferred one.
    pub fn keys_of(&self, name: &str) -> Vec<String> {
        let mine = self
            .rows
            .iter()
            .filter(|(_, at)| COMMANDS[*at].name == name);
        mine.map(|(keys, _)| written(keys)).collect()
    }
}

impl Default for Keymap {
    fn default() -> Self {
        Self::new(&BTreeMap::new()).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_keys_do_not_clash() {
        assert_eq!(Keymap::new(&BTreeMap::new()).1, Vec::<String>::new());
        for command in COMMANDS {
            for keys in command.keys {
                assert!(sequence(keys).is_some(), "{}: {keys}", command.name);
            }
        }
    }

    #[test]
    fn own_keys_win_and_conflicts_are_reported() {
        let remap = |rows: &[(&str, &str)]| {
            rows.iter()
                .map(|(n, k)| ((*n).to_owned(), vec![(*k).to_owned()]))
                .collect()
        };
        let (map, problems) = Keymap::new(&remap(&[("search", "f"), ("nonsense", "x")]));
        assert_eq!(map.keys_of("search"), ["f"]);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(
            problems[1].contains("`f` is taken by `search`"),
            "{problems:?}"
        );
    }
}
