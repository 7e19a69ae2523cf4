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

use super::{BlobId, CommitId, Digest, RepoPath, Span, TagId, TreeId, Vector, cwe};
use crate::text::Encoding;
use std::collections::HashSet;
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
    bool, u32, u64, usize, f64, Uuid, Digest, CommitId, TreeId, TagId, Span, Encoding, Vector
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
    text.len() == form.len()
        && text.bytes().zip(form).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            wanted => byte == *wanted,
        })
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

/// Files of the delivery that records name: paths and blobs that a snapshot of the review really holds.
///
/// Only those are kept that some record names, so that a large tree costs nothing.
#[derive(Clone, Debug, Default)]
pub struct DeliveredNames {
    wanted_paths: HashSet<RepoPath>,
    wanted_blobs: HashSet<BlobId>,
    paths: HashSet<RepoPath>,
    blobs: HashSet<BlobId>,
}

impl DeliveredNames {
    /// Asks for every path and blob that the records name. None of them is delivered yet.
    pub fn named_by<'a, T: OutgoingField + 'a>(records: impl IntoIterator<Item = &'a T>) -> Self {
        let mut names = Self::default();
        for record in records {
            record.visit_texts("", "", &mut names);
        }
        names
    }

    /// Takes over a file of a snapshot.
    pub fn insert(&mut self, path: &RepoPath, blob: &BlobId) {
        if let Some(path) = self.wanted_paths.take(path) {
            // Cut as a policy may cut it, it is still the delivery's.
            self.paths.insert(path.last_two());
            self.paths.insert(path);
        }
        if self.wanted_blobs.remove(blob) {
            self.blobs.insert(*blob);
        }
    }

    /// Takes over whatever was asked for, as if the delivery held it.
    #[must_use]
    pub fn all_delivered(mut self) -> Self {
        for path in std::mem::take(&mut self.wanted_paths) {
            self.paths.insert(path.last_two());
            self.paths.insert(path);
        }
        self.blobs.extend(std::mem::take(&mut self.wanted_blobs));
        self
    }

    /// Returns whether nothing is left to be looked for.
    pub fn is_complete(&self) -> bool {
        self.wanted_paths.is_empty() && self.wanted_blobs.is_empty()
    }

    /// Returns whether the delivery holds a file at the path.
    pub fn has_path(&self, path: &RepoPath) -> bool {
        self.paths.contains(path)
    }

    /// Returns whether the delivery holds the blob.
    pub fn has_blob(&self, blob: &BlobId) -> bool {
        self.blobs.contains(blob)
    }
}

impl TextVisitor for DeliveredNames {
    fn visit_text(&mut self, _: &str, _: &'static str, _: &str) {}
    fn visit_name(&mut self, _: &str, _: &'static str, _: &str) {}
    fn visit_path(&mut self, _: &str, _: &'static str, path: &RepoPath) {
        self.wanted_paths.insert(path.clone());
    }
    fn visit_blob(&mut self, _: &str, _: &'static str, blob: &BlobId) {
        self.wanted_blobs.insert(*blob);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Seen(Vec<String>);

    impl TextVisitor for Seen {
        fn visit_text(&mut self, item: &str, field: &'static str, text: &str) {
            self.0.push(format!("{item} {field} text {text}"));
        }
        fn visit_name(&mut self, item: &str, field: &'static str, name: &str) {
            self.0.push(format!("{item} {field} name {name}"));
        }
        fn visit_path(&mut self, item: &str, field: &'static str, path: &RepoPath) {
            self.0.push(format!("{item} {field} path {path}"));
        }
        fn visit_blob(&mut self, item: &str, field: &'static str, blob: &BlobId) {
            self.0.push(format!("{item} {field} blob {blob}"));
        }
    }

    fn seen(value: &impl OutgoingField) -> Vec<String> {
        let mut seen = Seen::default();
        value.visit_texts("i", "f", &mut seen);
        seen.0
    }

    struct Record {
        title: String,
        time: String,
        cwe: Vec<u32>,
        number: String,
        symbol: Option<String>,
        path: Option<RepoPath>,
        count: u64,
    }
    outgoing_fields!(Record, item = |r| format!("n{}", r.count) => {
        title, time as TimeText, cwe as Weaknesses, number as ItemNumber, symbol as ChosenName, path, count,
    });

    #[test]
    fn a_record_hands_on_all_that_is_not_closed() {
        let mut record = Record {
            title: "T".into(),
            time: "2026-11-30T12:34:56Z".into(),
            cwe: vec![120],
            number: "alice/F1".into(),
            symbol: None,
            path: None,
            count: 7,
        };
        assert_eq!(seen(&record), ["n7 title text T", "n7 reviewer name alice"]);
        record.time = "2026-11-30T12:34:56.5Z".into();
        record.cwe = vec![120, 4_000_000];
        record.number = "if(x)".into();
        record.symbol = Some("memcpy(a)".into());
        record.path = Some(RepoPath::new("a"));
        assert_eq!(
            seen(&record),
            [
                "n7 title text T",
                "n7 time name 2026-11-30T12:34:56.5Z",
                "n7 cwe name CWE-4000000",
                "n7 number name if(x)",
                "n7 symbol name memcpy(a)",
                "n7 path path a",
            ]
        );
    }

    #[test]
    fn a_checked_text_is_closed_in_its_own_form_alone() {
        fn is_free<W: OutgoingField>(wrap: impl Fn(String) -> W, text: &str) -> bool {
            !seen(&wrap(text.to_owned())).is_empty()
        }
        let hex = "0123456789abcdef".repeat(4);
        let key = format!("SHA256:{}", "aB3+/".repeat(9).split_at(43).0);
        for (text, is_closed) in [
            (hex.as_str(), true),
            ("", true),
            (&hex.to_uppercase(), false),
            (&hex[1..], false),
        ] {
            assert_eq!(!is_free(DigestText, text), is_closed, "{text}");
        }
        for (text, is_closed) in [(key.as_str(), true), (&key[..49], false), ("why", false)] {
            assert_eq!(!is_free(KeyFingerprint, text), is_closed, "{text}");
        }
        for (text, is_closed) in [
            ("9.8", true),
            ("10.0", true),
            ("10.1", false),
            ("09.8", false),
        ] {
            assert_eq!(!is_free(ScoreText, text), is_closed, "{text}");
        }
        let urn = format!("urn:git:{}", &hex[..40]);
        for (text, is_closed) in [(urn.as_str(), true), (&urn[..47], false), ("urn:x", false)] {
            assert_eq!(!is_free(GitUrn, text), is_closed, "{text}");
        }
        for (text, is_closed) in [
            ("2026-01-02T03:04:05Z", true),
            ("2026-01-02T03:04:05+00:00", false),
            ("2026-01-02t03:04:05Z", false),
        ] {
            assert_eq!(!is_free(TimeText, text), is_closed, "{text}");
        }
        assert!(is_free(ChosenName, "alice"));
    }

    #[test]
    fn a_name_is_delivered_once_a_snapshot_holds_it() {
        let (path, blob) = (RepoPath::new("a/b/c.c"), BlobId::new([7; 20]));
        let mut names = DeliveredNames::named_by([&path]);
        names.visit_blob("", "", &blob);
        assert!(!names.has_path(&path) && !names.has_blob(&blob) && !names.is_complete());
        names.insert(&RepoPath::new("other"), &BlobId::new([8; 20]));
        assert!(!names.has_path(&RepoPath::new("other")), "nobody names it");
        names.insert(&path, &blob);
        assert!(names.has_path(&path) && names.has_path(&RepoPath::new("b/c.c")));
        assert!(names.has_blob(&blob) && names.is_complete());
    }
}
