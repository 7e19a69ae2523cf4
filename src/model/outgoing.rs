//! Free text or closed grammar: a property of the type of each field that can leave in a bundle.
//!
//! The gate judges *free text*: everything that a person could have chosen. It does not judge a value of a *closed
//! grammar*: one of few words, a number, an identifier of the program's own making, or a name that the delivery really
//! holds. Which of both a field is says its type, through [`OutgoingField`]. A `String` is free text and cannot be
//! declared closed; a `String` whose grammar is known is wrapped in a type of this module, which lets a value pass
//! only after checking it, and hands on any other value as free text. That is also how a ledger of an older version, or
//! one that was written by hand, is treated: nothing is refused and nothing passes unjudged.
//!
//! Every record that leaves names all its fields in [`outgoing_fields`], which takes the record apart without `..`: a
//! field that is not named there does not compile, and neither does one whose type has no class.
//!
//! Numbers are closed. Bounding how much a series of numbers can carry is the task of [`super::LedgerForm`].

use super::{
    BlobId, CommitId, Digest, RepoPath, Score, ScoreWords, Span, TagId, TreeId, Vector, cwe,
};
use crate::text::Encoding;
use uuid::Uuid;

/// Receiver of what is not closed in a record: `item` names the record, such as `alice/F1`, and `field` the field.
pub trait TextVisitor {
    /// Receives a text that a person wrote.
    fn visit_text(&mut self, item: &str, field: &'static str, text: &str);
    /// Receives a name: as free as a text, but no part of what is written around it. Texts are judged as if the names
    /// between them were not there, so that no copied text is cut in two by them.
    fn visit_name(&mut self, item: &str, field: &'static str, name: &str);
    /// Receives a path, which is closed if the delivery holds it.
    fn visit_path(&mut self, item: &str, field: &'static str, path: &RepoPath);
    /// Receives the identity of a blob, which is closed if the delivery holds it.
    fn visit_blob(&mut self, item: &str, field: &'static str, blob: &BlobId);
    /// Receives the symbol around a location in a blob, which is closed if it is one name and the text of that blob holds
    /// it.
    fn visit_symbol(&mut self, item: &str, blob: &BlobId, symbol: &str);
}

/// A field that can leave in a bundle.
pub trait OutgoingField {
    /// Hands on every part of the field that is not closed.
    fn visit_texts(&self, item: &str, field: &'static str, visitor: &mut dyn TextVisitor);
}

/// A value of a closed grammar that a page may hold: its printed form says nothing but what it is.
pub trait ClosedText: std::fmt::Display {}

/// Returns the value, whose type must be closed.
pub fn closed<T: ClosedText + ?Sized>(value: &T) -> &T {
    value
}

/// Declares types whose values are all closed.
macro_rules! closed_fields {
    ($($type:ty),+ $(,)?) => { $(
        impl $crate::model::OutgoingField for $type {
            fn visit_texts(&self, _: &str, _: &'static str, _: &mut dyn $crate::model::TextVisitor) {}
        }
    )+ };
}
pub(crate) use closed_fields;

/// Declares the class of every field of a record, in the order in which a document holds them.
///
/// `field` is classed by its own type, `field as Wrapper` by the wrapper, and `field: "word"` is named so in an
/// overlap. `item = |record| expression` names the record itself.
macro_rules! outgoing_fields {
    ($type:ty $(, item = |$record:ident| $item:expr)? => {
        $($field:ident $(as $wrapper:ident)? $(: $word:literal)?),* $(,)?
    }) => {
        impl $crate::model::OutgoingField for $type {
            fn visit_texts(
                &self,
                item: &str,
                _field: &'static str,
                visitor: &mut dyn $crate::model::TextVisitor,
            ) {
                let _ = item;
                $(let $record = self; let item: &str = &$item;)?
                let Self { $($field),* } = self;
                $($crate::model::OutgoingField::visit_texts(
                    &$crate::model::outgoing_fields!(@value $field $($wrapper)?),
                    item,
                    $crate::model::outgoing_fields!(@word $field $($word)?),
                    visitor,
                );)*
            }
        }
    };
    (@value $field:ident) => { $field };
    (@value $field:ident $wrapper:ident) => { $wrapper($field) };
    (@word $field:ident) => { stringify!($field) };
    (@word $field:ident $word:literal) => { $word };
}
pub(crate) use outgoing_fields;

/// Declares the class of every field of every variant of an enum, as [`outgoing_fields`] does for a record; behind
/// each variant the name of its record.
macro_rules! outgoing_variants {
    ($type:ty => { $($variant:ident $item:literal {
        $($field:ident $(as $wrapper:ident)? $(: $word:literal)?),* $(,)?
    })* }) => {
        impl $crate::model::OutgoingField for $type {
            fn visit_texts(
                &self,
                _item: &str,
                _field: &'static str,
                visitor: &mut dyn $crate::model::TextVisitor,
            ) {
                match self {
                    $(Self::$variant { $($field),* } => {
                        $($crate::model::OutgoingField::visit_texts(
                            &$crate::model::outgoing_fields!(@value $field $($wrapper)?),
                            $item,
                            $crate::model::outgoing_fields!(@word $field $($word)?),
                            visitor,
                        );)*
                    })*
                }
            }
        }
    };
}
pub(crate) use outgoing_variants;

closed_fields!(
    bool, u32, u64, usize, f64, Uuid, Digest, CommitId, TreeId, TagId, Span, Encoding, Vector,
    Score
);
// A text of the program's own: nothing that is read at run time lives so long.
closed_fields!(&'static str);

impl ClosedText for &'static str {}
impl<T: ClosedText> ClosedText for &T {}
impl ClosedText for u32 {}
impl ClosedText for u64 {}
impl ClosedText for usize {}
impl ClosedText for f64 {}
impl ClosedText for Uuid {}
impl ClosedText for Digest {}
impl ClosedText for CommitId {}
impl ClosedText for TreeId {}
impl ClosedText for Span {}
impl ClosedText for Vector {}
impl ClosedText for Score {}
impl ClosedText for ScoreWords {}
impl ClosedText for Encoding {}

impl OutgoingField for String {
    fn visit_texts(&self, item: &str, field: &'static str, visitor: &mut dyn TextVisitor) {
        visitor.visit_text(item, field, self);
    }
}
impl OutgoingField for RepoPath {
    fn visit_texts(&self, item: &str, field: &'static str, visitor: &mut dyn TextVisitor) {
        visitor.visit_path(item, field, self);
    }
}
impl OutgoingField for BlobId {
    fn visit_texts(&self, item: &str, field: &'static str, visitor: &mut dyn TextVisitor) {
        visitor.visit_blob(item, field, self);
    }
}
impl<T: OutgoingField> OutgoingField for &T {
    fn visit_texts(&self, item: &str, field: &'static str, visitor: &mut dyn TextVisitor) {
        (**self).visit_texts(item, field, visitor);
    }
}
impl<T: OutgoingField> OutgoingField for Option<T> {
    fn visit_texts(&self, item: &str, field: &'static str, visitor: &mut dyn TextVisitor) {
        self.iter()
            .for_each(|value| value.visit_texts(item, field, visitor));
    }
}
impl<T: OutgoingField> OutgoingField for Vec<T> {
    fn visit_texts(&self, item: &str, field: &'static str, visitor: &mut dyn TextVisitor) {
        self.iter()
            .for_each(|value| value.visit_texts(item, field, visitor));
    }
}
impl<T: OutgoingField, const N: usize> OutgoingField for [T; N] {
    fn visit_texts(&self, item: &str, field: &'static str, visitor: &mut dyn TextVisitor) {
        self.iter()
            .for_each(|value| value.visit_texts(item, field, visitor));
    }
}

/// A value of a field, one or none: what the wrappers below accept.
pub trait TextValue {
    /// Returns the value, if there is one.
    fn value(&self) -> Option<&str>;
}
impl TextValue for String {
    fn value(&self) -> Option<&str> {
        Some(self)
    }
}
impl TextValue for Option<String> {
    fn value(&self) -> Option<&str> {
        self.as_deref()
    }
}
impl TextValue for &str {
    fn value(&self) -> Option<&str> {
        Some(self)
    }
}
impl TextValue for &&str {
    fn value(&self) -> Option<&str> {
        Some(self)
    }
}
impl TextValue for &String {
    fn value(&self) -> Option<&str> {
        Some(self)
    }
}
impl TextValue for &Option<String> {
    fn value(&self) -> Option<&str> {
        self.as_deref()
    }
}

/// Declares wrappers of texts: those that the given function knows to be of the closed grammar do not reach the
/// gate, any other reaches it as a name.
macro_rules! checked_texts {
    ($($(#[$doc:meta])* $name:ident = $is_closed:expr;)+) => { $(
        $(#[$doc])*
        pub struct $name<T>(pub T);
        impl<T: TextValue> OutgoingField for $name<T> {
            fn visit_texts(&self, item: &str, field: &'static str, visitor: &mut dyn TextVisitor) {
                let is_closed: fn(&str) -> bool = $is_closed;
                if let Some(text) = self.0.value().filter(|text| !is_closed(text)) {
                    visitor.visit_name(item, field, text);
                }
            }
        }
    )+ };
}

checked_texts! {
    /// A name that somebody chose, such as a reviewer's: always judged.
    ChosenName = |_| false;
    /// A time in the one form in which this program writes it.
    TimeText = is_time;
    /// A fingerprint of a key as OpenSSH prints it.
    KeyFingerprint = is_fingerprint;
    /// A SHA-256 digest in hexadecimal digits, or no text at all.
    DigestText = |text| text.is_empty() || is_hex(text, 64);
    /// A git URN of an object: `urn:git:` and 40 hexadecimal digits.
    GitUrn = |text| text.strip_prefix("urn:git:").is_some_and(|id| is_hex(id, 40));
    /// The title of a weakness in the list of this program.
    WeaknessTitle = |text| cwe::entries().any(|weakness| weakness.title == text);
    /// A score with one decimal, from 0.0 to 10.0.
    ScoreText = |text| (0..=100_u32).any(|tenths| format!("{}.{}", tenths / 10, tenths % 10) == text);
    /// A rating of a score.
    RatingText = |text| ["none", "low", "medium", "high", "critical"].contains(&text);
}

/// Returns whether a text is a time as this program writes it: `2026-11-30T12:34:56Z`.
pub fn is_time(text: &str) -> bool {
    let form = b"dddd-dd-ddTdd:dd:ddZ";
    let is_in_form = text.len() == form.len()
        && text.bytes().zip(form).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            wanted => byte == *wanted,
        });
    // Digits that are no time could be anything. The length of a month does not matter here.
    let is_within = |at: usize, most: u32| {
        let number = text[at..at + 2].parse::<u32>();
        number.is_ok_and(|number| number <= most)
    };
    is_in_form
        && is_within(5, 12)
        && is_within(8, 31)
        && is_within(11, 23)
        && is_within(14, 59)
        && is_within(17, 60)
}

/// Returns whether a text is a fingerprint of a key as OpenSSH prints it.
pub fn is_fingerprint(text: &str) -> bool {
    let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    text.strip_prefix("SHA256:")
        .is_some_and(|digest| digest.len() == 43 && digest.bytes().all(is_base64))
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The number of an item with its reviewer's name before it, such as `alice/F1`: the name is judged.
pub struct ItemNumber<T>(pub T);

impl<T: TextValue> OutgoingField for ItemNumber<T> {
    fn visit_texts(&self, item: &str, _: &'static str, visitor: &mut dyn TextVisitor) {
        let Some(text) = self.0.value() else { return };
        let is_number = |number: &str| {
            number.starts_with(['F', 'N', 'R', 'Q', 'W'])
                && (2..=11).contains(&number.len())
                && number[1..].bytes().all(|b| b.is_ascii_digit())
        };
        match text.rsplit_once('/') {
            Some((reviewer, number)) if is_number(number) => {
                visitor.visit_name(item, "reviewer", reviewer);
            }
            _ => visitor.visit_name(item, "number", text),
        }
    }
}

/// Numbers of weaknesses, which are closed if the list of this program holds them.
pub struct Weaknesses<'a>(pub &'a Vec<u32>);

impl OutgoingField for Weaknesses<'_> {
    fn visit_texts(&self, item: &str, field: &'static str, visitor: &mut dyn TextVisitor) {
        for id in self.0 {
            Weakness(id).visit_texts(item, field, visitor);
        }
    }
}

/// The number of one weakness.
pub struct Weakness<'a>(pub &'a u32);

impl OutgoingField for Weakness<'_> {
    fn visit_texts(&self, item: &str, field: &'static str, visitor: &mut dyn TextVisitor) {
        if cwe::title(*self.0).is_none() {
            visitor.visit_name(item, field, &format!("CWE-{}", self.0));
        }
    }
}

/// A path that the program took from the tree of the snapshot while it made the document.
pub struct TreePath<T>(pub T);

impl<T> OutgoingField for TreePath<T> {
    fn visit_texts(&self, _: &str, _: &'static str, _: &mut dyn TextVisitor) {}
}

/// A word that the program's own survey of the snapshot wrote while it made the document: a language, the kind of a
/// setting, a code point. It comes from tables of the program, never from a ledger or from bytes of the vendor.
pub struct SurveyWord<T>(pub T);

impl<T> OutgoingField for SurveyWord<T> {
    fn visit_texts(&self, _: &str, _: &'static str, _: &mut dyn TextVisitor) {}
}

#[cfg(test)]
mod tests;
