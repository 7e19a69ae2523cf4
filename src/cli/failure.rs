//! Why a verb failed, as main prints it.

use super::Answer;
use crate::job::JobError;
use crate::tui::TuiError;
use std::io::Write;

/// Why a verb failed.
#[derive(Debug)]
pub struct Failure {
    /// What happened and why, on one line.
    pub what: String,
    /// The next step; may be empty.
    pub hint: String,
    /// 2 for usage, 3 for everything else.
    pub code: u8,
}

impl Failure {
    /// Makes a failure of the wrong usage of a verb.
    pub fn usage(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: hint.into(),
            code: 2,
        }
    }
    /// Makes a failure of the work itself.
    pub fn failed(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: hint.into(),
            code: 3,
        }
    }

    /// Returns the one line for standard error. What came from a snapshot or a file name is made visible.
    pub fn line(&self) -> String {
        let hint = if self.hint.is_empty() {
            String::new()
        } else {
            format!("; {}", self.hint)
        };
        crate::text::Printer::default().line(&format!("glassroom: {}{hint}", self.what))
    }
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        let code = if matches!(error, JobError::Query(_) | JobError::NeedsLines { .. }) {
            2
        } else {
            3
        };
        Self {
            what: error.chain(),
            hint: error.hint().unwrap_or_default(),
            code,
        }
    }
}

macro_rules! through_job {
    ($($error:ty),+) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                JobError::from(error).into()
            }
        }
    )+};
}
through_job!(
    crate::bundle::BundleError,
    crate::config::Error,
    crate::index::IndexError,
    crate::ledger::LedgerError,
    crate::medium::MediumError,
    crate::snapshot::SnapshotError,
    crate::symbols::SymbolsError
);

impl From<TuiError> for Failure {
    fn from(error: TuiError) -> Self {
        let mut what = error.to_string();
        if let Some(source) = std::error::Error::source(&error) {
            what = format!("{what}: {source}");
        }
        Self::failed(what, error.hint())
    }
}

/// Turns clap's answer into ours: help is printed and is no failure, a wrong line is one line and exit 2.
pub(super) fn usage(error: &clap::Error) -> Result<Answer, Failure> {
    use clap::error::ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand};
    if error.kind() == DisplayHelpOnMissingArgumentOrSubcommand {
        return Err(Failure::usage(
            "the verb is not complete",
            "glassroom VERB --help lists what belongs behind it",
        ));
    }
    if error.kind() == DisplayHelp {
        // A closed pipe behind us is no failure of ours.
        let _ = write!(std::io::stdout(), "{error}");
        return Ok(Answer::Yes);
    }
    let what = first_paragraph(&error.to_string());
    Err(Failure::usage(
        what,
        "glassroom --help lists the verbs, VERB --help its options",
    ))
}

/// Returns clap's own words on one line: what is wrong, and the list that may follow, without the usage.
fn first_paragraph(text: &str) -> String {
    let lines = text.lines().take_while(|line| !line.trim().is_empty());
    let words: Vec<_> = lines.map(str::trim).collect();
    let words = words.join(" ");
    words.strip_prefix("error: ").unwrap_or(&words).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_line_is_told_on_one_line() {
        let text =
            "error: the following arguments were not provided:\n  --a <A>\n  --b <B>\n\nUsage: x";
        assert_eq!(
            first_paragraph(text),
            "the following arguments were not provided: --a <A> --b <B>"
        );
    }

    #[test]
    fn nothing_of_a_name_reaches_the_terminal_as_it_is() {
        let line = Failure::failed("no \x1b[2J\u{202e}\n", "next").line();
        assert!(!line.chars().any(|c| c.is_control() || c == '\u{202e}'));
        assert!(line.ends_with("; next"), "{line}");
    }
}
