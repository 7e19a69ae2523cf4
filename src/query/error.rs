//! What can be wrong with a query, and where.

/// Says what is wrong with a query. Columns are 1-based, in characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// There is nothing to search for.
    #[error("column 1: the query is empty")]
    Empty,
    /// The whole query is longer than any query is.
    #[error("column {column}: the query is longer than {limit} bytes")]
    TooLong {
        /// The first character beyond the limit.
        column: usize,
        /// In bytes.
        limit: usize,
    },
    /// Groups stand in groups too often.
    #[error("column {column}: groups are nested deeper than {limit}")]
    TooDeep {
        /// The group that is one too many.
        column: usize,
        /// How deep they may be.
        limit: usize,
    },
    /// The query has more terms than are executed.
    #[error("column {column}: the query has more than {limit} terms")]
    TooManyTerms {
        /// The term that is one too many.
        column: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A quote is not closed.
    #[error("column {column}: the quote is not closed")]
    UnclosedQuote {
        /// The quote.
        column: usize,
    },
    /// A group holds only settings.
    #[error("column {column}: the group has nothing to search for")]
    EmptyGroup {
        /// Its parenthesis.
        column: usize,
    },
    /// A term is the empty text.
    #[error("column {column}: the term is empty")]
    EmptyTerm {
        /// The term.
        column: usize,
    },
    /// A regex cannot be parsed.
    #[error("column {column}: the regex is wrong: {what}")]
    BadRegex {
        /// The place in the query, as near as it is known.
        column: usize,
        /// What is wrong, in one clause.
        what: String,
    },
    /// A regex is too long or needs too much memory.
    #[error("column {column}: the regex is too large")]
    RegexTooLarge {
        /// Where it begins.
        column: usize,
    },
    /// A term is longer than any text that is looked for.
    #[error("column {column}: the term is longer than {limit} bytes")]
    TermTooLong {
        /// Where it begins.
        column: usize,
        /// In bytes.
        limit: usize,
    },
    /// A glob cannot be parsed.
    #[error("column {column}: the glob is wrong: {what}")]
    BadGlob {
        /// Where it begins.
        column: usize,
        /// What is wrong, in one clause.
        what: String,
    },
    /// A field has a value that it does not know.
    #[error("column {column}: `{field}:` takes {allowed}")]
    BadValue {
        /// Where the value begins.
        column: usize,
        /// The field's name.
        field: &'static str,
        /// What it takes.
        allowed: &'static str,
    },
    /// A language is not known by that name.
    #[error("column {column}: no language is called `{name}`")]
    UnknownLanguage {
        /// Where the name begins.
        column: usize,
        /// The name as typed, cut to a screen's width.
        name: String,
    },
    /// A setting cannot be negated.
    #[error("column {column}: `{field}:` is a setting and cannot be negated")]
    NotNegatable {
        /// Where the negation stands.
        column: usize,
        /// The field's name.
        field: &'static str,
    },
    /// A group has one setting of a kind.
    #[error("column {column}: `{field}:` says two things in one group")]
    SaidTwice {
        /// Where it is said the second time.
        column: usize,
        /// The field's name.
        field: &'static str,
    },
    /// `line:` only excludes.
    #[error("column {column}: `line:` only excludes lines, as in `-line:term`")]
    OnlyNegated {
        /// Where the field stands.
        column: usize,
    },
    /// The field is part of the language, its engine is not there yet.
    #[error("column {column}: `{field}:` is not yet searchable")]
    NotYet {
        /// Where the field stands.
        column: usize,
        /// Its name.
        field: &'static str,
    },
}

impl QueryError {
    /// Returns where the query is wrong: 1-based, in characters.
    pub fn column(&self) -> usize {
        match self {
            Self::Empty => 1,
            Self::TooLong { column, .. }
            | Self::TooDeep { column, .. }
            | Self::TooManyTerms { column, .. }
            | Self::UnclosedQuote { column }
            | Self::EmptyGroup { column }
            | Self::EmptyTerm { column }
            | Self::BadRegex { column, .. }
            | Self::RegexTooLarge { column }
            | Self::TermTooLong { column, .. }
            | Self::BadGlob { column, .. }
            | Self::BadValue { column, .. }
            | Self::UnknownLanguage { column, .. }
            | Self::NotNegatable { column, .. }
            | Self::SaidTwice { column, .. }
            | Self::OnlyNegated { column }
            | Self::NotYet { column, .. } => *column,
        }
    }

    /// Returns the next step.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Empty => "type the text to find",
            Self::TooLong { .. } => "search in several steps",
            Self::TooManyTerms { .. } => {
                "write alternatives as one regex, /a|b|c/: as plain words it may have thousands"
            }
            Self::TermTooLong { .. } => "search for its beginning",
            Self::TooDeep { .. } => "quote the text to search for parentheses",
            Self::UnclosedQuote { .. } => "close it, or search for a quote with \"\\\"\"",
            Self::EmptyGroup { .. } | Self::EmptyTerm { .. } => "write what to find, or remove it",
            Self::RegexTooLarge { .. } => {
                "use smaller repetitions and fewer classes, 2,000 bytes at most; plain words between | may be more"
            }
            Self::BadGlob { .. } => "close every [ and {, or escape them with \\",
            Self::BadRegex { .. } | Self::BadValue { .. } | Self::NotNegatable { .. } => {
                "quote it to search for it as text"
            }
            Self::UnknownLanguage { .. } => "glassroom info lists the snapshot's languages",
            Self::SaidTwice { .. } => "put each part into parentheses of its own",
            Self::OnlyNegated { .. } => "write -line:term, or the term alone",
            Self::NotYet { .. } => "leave the field out, or quote it to search for it as text",
        })
    }
}
