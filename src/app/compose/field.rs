//! The fields of the form: which there are, what they are called, and what can be chosen in them.

use super::Form;
use crate::model::{
    Audience, Category, Confidence, Difficulty, Kind, NoteKind, Priority, Severity, Voice,
};

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// One line that stands for a finding.
    Title,
    /// How bad.
    Severity,
    /// What kind of claim.
    Kind,
    /// Whose words a reply holds.
    Voice,
    /// Whether a note is private, a remark or a question.
    NoteKind,
    /// CWE numbers.
    Cwe,
    /// What is claimed, or the words of a note.
    Statement,
    /// What follows from it.
    Consequence,
    /// How somebody else can confirm it.
    Confirm,
    /// How it could be used.
    Exploit,
    /// What to do about it.
    Recommendation,
    /// How sure.
    Confidence,
    /// How soon.
    Priority,
    /// How hard to use.
    Difficulty,
    /// The field it is from.
    Category,
    /// CVSS vectors.
    Cvss,
    /// Clauses of schemes.
    References,
    /// Who may read it.
    Audience,
    /// Whether the places are a trail.
    Trail,
    /// The label of a place, by its position.
    Location(usize),
}

/// How a field is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One line of text.
    Line,
    /// Several lines of text.
    Lines,
    /// One of several words.
    Choice,
}

/// The fields of a finding, in the order of Tab; its places come behind the statement.
const FINDING: &[Field] = &[
    Field::Title,
    Field::Severity,
    Field::Kind,
    Field::Cwe,
    Field::Statement,
];

/// The fields of a finding that are often left as they are, behind its places.
const MORE: &[Field] = &[
    Field::Consequence,
    Field::Confirm,
    Field::Exploit,
    Field::Recommendation,
    Field::Confidence,
    Field::Priority,
    Field::Difficulty,
    Field::Category,
    Field::Cvss,
    Field::References,
    Field::Audience,
    Field::Trail,
];

/// Every field that is no place.
pub(super) fn all() -> impl Iterator<Item = Field> {
    let note = [Field::NoteKind, Field::Voice];
    FINDING.iter().chain(MORE).copied().chain(note)
}

impl Field {
    /// Returns the fields of a form with so many places, in the order of Tab.
    pub(super) fn of(form: Form, places: usize) -> Vec<Self> {
        let places = (0..places).map(Self::Location);
        match form {
            Form::Finding => {
                let more = MORE.iter().copied();
                FINDING.iter().copied().chain(places).chain(more).collect()
            }
            Form::Reply => vec![Self::Statement, Self::Voice],
            Form::Note => [Self::Statement, Self::NoteKind]
                .into_iter()
                .chain(places)
                .collect(),
        }
    }

    /// Returns what the field is called in a template.
    pub(in crate::app) fn key(self) -> &'static str {
        match self {
            Self::Cwe => "cwe",
            Self::Cvss => "cvss",
            Self::Confirm => "confirm",
            Self::Recommendation => "recommendation",
            Self::References => "references",
            field => field.name(),
        }
    }

    /// Returns what the field is called on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Severity => "severity",
            Self::Kind | Self::NoteKind => "kind",
            Self::Voice => "voice",
            Self::Cwe => "CWE",
            Self::Statement => "statement",
            Self::Consequence => "consequence",
            Self::Confirm => "to confirm",
            Self::Exploit => "exploit",
            Self::Recommendation => "recommend",
            Self::Confidence => "confidence",
            Self::Priority => "priority",
            Self::Difficulty => "difficulty",
            Self::Category => "category",
            Self::Cvss => "CVSS",
            Self::References => "clauses",
            Self::Audience => "audience",
            Self::Trail => "trail",
            Self::Location(_) => "place",
        }
    }

    /// Returns how it is filled in.
    pub fn shape(self) -> Shape {
        match self {
            Self::Title | Self::Cwe | Self::Cvss | Self::References | Self::Location(_) => {
                Shape::Line
            }
            Self::Statement
            | Self::Consequence
            | Self::Confirm
            | Self::Exploit
            | Self::Recommendation => Shape::Lines,
            _ => Shape::Choice,
        }
    }

    /// Returns the words to choose from; none if text is typed.
    pub fn words(self) -> Vec<&'static str> {
        fn of<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
            all.iter().copied().map(word).collect()
        }
        match self {
            Self::Severity => of(Severity::ALL, Severity::word),
            Self::Kind => of(Kind::ALL, Kind::word),
            Self::Voice => of(Voice::ALL, Voice::word),
            Self::NoteKind => of(NoteKind::ALL, NoteKind::word),
            Self::Confidence => of(Confidence::ALL, Confidence::word),
            Self::Priority => of(Priority::ALL, Priority::word),
            Self::Difficulty => of(Difficulty::ALL, Difficulty::word),
            Self::Category => [vec!["none"], of(Category::ALL, Category::word)].concat(),
            Self::Audience => of(Audience::ALL, Audience::word),
            Self::Trail => vec!["no", "yes"],
            _ => Vec::new(),
        }
    }

    /// Returns the word that is chosen until another one is.
    pub(super) fn default_word(self) -> &'static str {
        match self {
            Self::Severity | Self::Difficulty => "undetermined",
            Self::Kind => "vulnerability",
            Self::NoteKind => "note",
            Self::Voice => "opinion",
            Self::Confidence => "suspected",
            Self::Priority => "normal",
            Self::Category => "none",
            Self::Audience => "vendor",
            Self::Trail => "no",
            _ => "",
        }
    }

    /// Says what is expected while nothing is there.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Cwe => "^p picks from the list",
            Self::Cvss => "^p opens the calculator",
            Self::References => "OWASP-ASVS@4.0.3 V5.1.3, CLAIM SEC-12",
            Self::Consequence => "what follows from it",
            Self::Confirm => "how somebody else can see it",
            Self::Exploit => "how it could be used",
            Self::Recommendation => "what to do about it",
            Self::Location(_) => "sink: ..., source, declaration, document, or free words",
            _ => "",
        }
    }
}
