//! Settings, folders, themes and policy files: everything that is read from the reviewer's or the lab's disk
//! and is TOML. Owns directories and toml.
//!
//! Nothing is ever read from a snapshot. Invariants: an unknown key or a wrong type is an error that names
//! file, line and key, because a policy that is silently ignored is worse than none; folders are made 0700
//! and files replaced atomically. What it does not do: read environment variables anywhere but in
//! [`Environment::of_process`], parse key notation, or draw.

mod environment;
mod export_log;
mod home;
mod policy;
mod queries;
mod record;
mod settings;
mod style;
mod table;
mod theme;
mod write;

pub use environment::{Environment, is_reviewer_name};
pub use export_log::{ExportLogFolder, export_log_folders};
pub use home::{Home, ReviewFolder, review_name};
pub use policy::{InForce, MACHINE_POLICY};
pub use record::{DeliveryRecord, LastPlace, ReviewRecord, SnapshotRecord};
pub use settings::{Remap, Settings};
pub use style::{Ansi, Color, Style};
pub use theme::{BUILT_IN, Role, Theme};

use std::path::PathBuf;

/// What can go wrong with what is on the reviewer's disk.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A folder could not be made, listed or closed to others.
    #[error("cannot prepare the folder {}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is far larger than any of its kind.
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// The most that is read.
        limit: u64,
    },
    /// A file is not UTF-8.
    #[error("{} is not UTF-8 text", path.display())]
    NotText {
        /// Which.
        path: PathBuf,
    },
    /// A file is not TOML, or not of the shape it should be.
    #[error("{} line {line}: {message}", path.display())]
    Syntax {
        /// Which.
        path: PathBuf,
        /// 1-based.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// A key means nothing here.
    #[error("{} line {line}: unknown key `{key}`", path.display())]
    UnknownKey {
        /// Which file.
        path: PathBuf,
        /// 1-based.
        line: usize,
        /// The key with its tables.
        key: String,
        /// The keys that stand here.
        known: Vec<String>,
    },
    /// A value has the wrong type.
    #[error("{} line {line}: `{key}` must be {expected}, not {found}", path.display())]
    WrongType {
        /// Which file.
        path: PathBuf,
        /// 1-based.
        line: usize,
        /// The key with its tables.
        key: String,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A value has the right type but cannot be.
    #[error("{} line {line}: `{key}` {why}", path.display())]
    WrongValue {
        /// Which file.
        path: PathBuf,
        /// 1-based.
        line: usize,
        /// The key with its tables.
        key: String,
        /// What is wrong, as the rest of the sentence.
        why: String,
    },
    /// A key that must be there is not.
    #[error("{} lacks the key `{key}`", path.display())]
    MissingKey {
        /// Which file.
        path: PathBuf,
        /// The key with its tables.
        key: String,
    },
    /// The lab's policy belongs to someone else than root.
    #[error("{} belongs to user {owner}, not to root", path.display())]
    NotRoots {
        /// The file or its folder.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
    },
    /// The lab's policy may be changed by others than root.
    #[error("{} may be written by others than root (mode {mode:04o})", path.display())]
    OpenToOthers {
        /// The file or its folder.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A text cannot be the name of a review.
    #[error("`{name}` cannot be the name of a review")]
    ReviewName {
        /// The text, shortened and without control characters.
        name: String,
    },
    /// A review's folder is a link or a file.
    #[error("{} is not a folder of its own", path.display())]
    NotAFolder {
        /// Which.
        path: PathBuf,
    },
    /// There is no theme of this name.
    #[error("there is no theme `{name}`")]
    UnknownTheme {
        /// The name.
        name: String,
        /// Where themes of the reviewer's own were looked for.
        folder: Option<PathBuf>,
    },
    /// The account has no home folder.
    #[error("this account has no home folder to keep reviews in")]
    NoHome,
}

impl Error {
    /// Returns what to do next.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Read { .. } | Self::Write { .. } => "check that you may access it".to_owned(),
            Self::Folder { .. } => {
                "check its owner and permissions, or set GLASSROOM_HOME".to_owned()
            }
            Self::TooLarge { .. } | Self::NotText { .. } => {
                "look at the file, it may be damaged".to_owned()
            }
            Self::Syntax { .. } => "correct the line; the file is TOML".to_owned(),
            Self::UnknownKey { key, known, .. } => match nearest(key, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the keys here are {}", known.join(", ")),
            },
            Self::WrongType { expected, .. } => format!("write {expected}"),
            Self::WrongValue { .. } => "correct the value".to_owned(),
            Self::MissingKey { .. } => "add it, or inherit from a built-in theme".to_owned(),
            Self::NotRoots { .. } => "ask the lab: `chown root` restores it".to_owned(),
            Self::OpenToOthers { .. } => "ask the lab: `chmod go-w` restores it".to_owned(),
            Self::ReviewName { .. } => {
                "use 1 to 100 of A-Z a-z 0-9 . _ - and begin with no dot".to_owned()
            }
            Self::NotAFolder { .. } => "move it away, or choose another --review name".to_owned(),
            Self::UnknownTheme { folder, .. } => match folder {
                Some(folder) => format!(
                    "use {}, or put it into {}",
                    BUILT_IN.join(", "),
                    folder.display()
                ),
                None => format!("use one of {}", BUILT_IN.join(", ")),
            },
            Self::NoHome => "set GLASSROOM_HOME to a folder of your own".to_owned(),
        })
    }
}

/// Returns the known key that a mistyped one most likely means.
fn nearest<'a>(key: &str, known: &'a [String]) -> Option<&'a str> {
    let last = key.rsplit('.').next().unwrap_or(key);
    let typed: Vec<char> = last.chars().take(40).collect();
    let best = known
        .iter()
        .map(|word| (distance(&typed, word), word))
        .min()?;
    (best.0 <= 2.max(typed.len() / 4)).then_some(best.1.as_str())
}

/// Counts the letters to add, drop or change between two words.
fn distance(from: &[char], to: &str) -> usize {
    let mut row: Vec<usize> = (0..=from.len()).collect();
    for (line, letter) in to.chars().enumerate() {
        let mut above_left = row[0];
        row[0] = line + 1;
        for column in 0..from.len() {
            let changed = above_left + usize::from(from[column] != letter);
            above_left = row[column + 1];
            row[column + 1] = changed.min(above_left + 1).min(row[column] + 1);
        }
    }
    row[from.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_key_finds_its_neighbour() {
        let known = [
            "tab_width".to_owned(),
            "theme".to_owned(),
            "wrap".to_owned(),
        ];
        assert_eq!(nearest("tabwidth", &known), Some("tab_width"));
        assert_eq!(nearest("colour", &known), None);
    }
}
