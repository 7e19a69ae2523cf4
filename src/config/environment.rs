//! What the process was started with, read once.

use std::path::PathBuf;

/// The environment variables that matter, as plain data, so that everything after is a pure function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `GLASSROOM_HOME`, if set and not empty.
    pub home: Option<PathBuf>,
    /// The account's folder for this program's data, by the account's own variables or password entry.
    pub account_data: Option<PathBuf>,
    /// `USER`, else `LOGNAME`.
    pub user: Option<String>,
    /// `SSH_AUTH_SOCK`, if set and not empty: the socket of the user's ssh-agent.
    pub agent: Option<PathBuf>,
    /// Whether `NO_COLOR` is set and not empty (<https://no-color.org>).
    pub no_color: bool,
    /// `TERM`; empty if not set.
    pub term: String,
    /// `COLORTERM`; empty if not set.
    pub colorterm: String,
}

impl Environment {
    /// Reads the variables of this process.
    pub fn of_process() -> Self {
        let text = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let path = |name: &str| {
            let value = std::env::var_os(name).filter(|value| !value.is_empty());
            value.map(PathBuf::from)
        };
        Self {
            home: path("GLASSROOM_HOME"),
            account_data: directories::BaseDirs::new()
                .map(|dirs| dirs.data_dir().join("glassroom")),
            agent: path("SSH_AUTH_SOCK"),
            user: text("USER").or_else(|| text("LOGNAME")),
            no_color: std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
            term: text("TERM").unwrap_or_default(),
            colorterm: text("COLORTERM").unwrap_or_default(),
        }
    }

    /// Returns the login name made fit for a reviewer's name, or `reviewer`.
    pub fn default_reviewer(&self) -> String {
        let name: String = self
            .user
            .as_deref()
            .unwrap_or_default()
            .chars()
            .map(|c| if is_reviewer_letter(c) { c } else { '-' })
            .take(64)
            .collect();
        let says_something = name.chars().any(|c| c.is_ascii_alphanumeric());
        if says_something {
            name
        } else {
            "reviewer".to_owned()
        }
    }
}

fn is_reviewer_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '@' | '-')
}

/// Returns whether a text can be a reviewer's name: `[A-Za-z0-9._@-]{1,64}`, but not `.` or `..`, since it is
/// the name of the ledger's file.
pub fn is_reviewer_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.chars().all(is_reviewer_letter)
        && name != "."
        && name != ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_name_becomes_a_reviewer() {
        let named = |user: &str| Environment {
            user: Some(user.to_owned()),
            ..Environment::default()
        };
        assert_eq!(named("alice").default_reviewer(), "alice");
        assert_eq!(named("LAB\\alice b").default_reviewer(), "LAB-alice-b");
        assert_eq!(named("../..").default_reviewer(), "reviewer");
        assert_eq!(Environment::default().default_reviewer(), "reviewer");
        for user in ["alice", "LAB\\alice", "漢字", "", &"x".repeat(99)] {
            assert!(is_reviewer_name(&named(user).default_reviewer()), "{user}");
        }
        for bad in ["", ".", "..", "a/b", "a b", &"x".repeat(65)] {
            assert!(!is_reviewer_name(bad), "{bad}");
        }
    }
}
