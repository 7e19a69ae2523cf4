//! What a text must hold to match, in trigrams of its folded bytes.
//!
//! A trigram is three neighbouring bytes of a folded text (see [`crate::text::fold`]), none of them a line end,
//! as the number `first << 16 | second << 8 | third`. Folding maps characters one by one, so whatever a pattern
//! matches, with or without regard to case, its folded form stands in the folded text.
//!
//! The way from a regex to trigrams is Russ Cox's ("Regular Expression Matching with a Trigram Index"): for each
//! part the strings it may be, or those it may begin and end with, and what it needs anyway. Every step may only
//! forget, never invent: a [`Need`] is necessary, not sufficient.

use crate::text;
use regex_syntax::hir::{Class, Hir, HirKind};
use std::collections::BTreeSet;

/// What a text must hold to match.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Nothing is known: any text may match.
    All,
    /// No text matches.
    Never,
    /// This trigram.
    Gram(u32),
    /// All of these; none is `All` or `And`.
    And(Vec<Need>),
    /// One of these; none is `Never` or `Or`.
    Or(Vec<Need>),
}

/// Most alternatives that are followed.
const STRINGS: usize = 24;
/// Most bytes of a string that is built.
const LENGTH: usize = 64;
/// Most parts of one conjunction; more do not make it more selective.
const PARTS: usize = 64;
/// Most trigrams in all.
const NODES: usize = 600;

impl Need {
    /// Returns what both need.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::All, need) | (need, Self::All) => need,
            (a, b) => Self::joined(a, b, true),
        }
    }

    /// Returns what either needs.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Never, need) | (need, Self::Never) => need,
            (a, b) => Self::joined(a, b, false),
        }
    }

    fn joined(a: Self, b: Self, is_and: bool) -> Self {
        let mut parts = BTreeSet::new();
        for need in [a, b] {
            match need {
                Self::And(inner) if is_and => parts.extend(inner),
                Self::Or(inner) if !is_and => parts.extend(inner),
                other => {
                    parts.insert(other);
                }
            }
        }
        let mut parts: Vec<_> = parts.into_iter().collect();
        if is_and {
            parts.truncate(PARTS);
        } else if parts.iter().map(Self::size).sum::<usize>() > NODES {
            return Self::All;
        }
        match parts.len() {
            1 => parts.remove(0),
            _ if is_and => Self::And(parts),
            _ => Self::Or(parts),
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::All | Self::Never | Self::Gram(_) => 1,
            Self::And(parts) | Self::Or(parts) => parts.iter().map(Self::size).sum(),
        }
    }

    /// Returns whether a text that holds the trigrams may match.
    pub fn holds(&self, has: &dyn Fn(u32) -> bool) -> bool {
        match self {
            Self::All => true,
            Self::Never => false,
            Self::Gram(gram) => has(*gram),
            Self::And(parts) => parts.iter().all(|p| p.holds(has)),
            Self::Or(parts) => parts.iter().any(|p| p.holds(has)),
        }
    }
}

/// Returns the trigrams of folded bytes, in order and with repetitions; those with a line end are left out.
pub fn grams(folded: &[u8]) -> impl Iterator<Item = u32> + '_ {
    folded
        .windows(3)
        .filter(|three| !three.contains(&b'\n'))
        .map(|three| u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]))
}

fn fold(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    text::fold(text, &mut out);
    out
}

fn of_string(folded: &[u8]) -> Need {
    let mut grams: Vec<u32> = grams(folded).take(4 * PARTS).collect();
    grams.sort_unstable();
    grams.dedup();
    grams.truncate(PARTS);
    match grams.len() {
        0 => Need::All,
        1 => Need::Gram(grams[0]),
        _ => Need::And(grams.into_iter().map(Need::Gram).collect()),
    }
}

fn of_strings(strings: &BTreeSet<Vec<u8>>) -> Need {
    strings
        .iter()
        .fold(Need::Never, |need, s| need.or(of_string(s)))
}

/// Returns what a literal needs, whatever its case.
pub(super) fn of_literal(text: &str) -> Need {
    of_string(&fold(text.as_bytes()))
}

/// Returns what a regex needs.
pub(super) fn of_regex(hir: &Hir) -> Need {
    Part::of(hir).into_need()
}

/// What is known of one part of a regex; all strings are folded.
#[derive(Clone)]
struct Part {
    /// All it can be, if `is_exact`; otherwise what it begins with, at most two bytes each.
    starts: BTreeSet<Vec<u8>>,
    /// If not exact, what it ends with, at most two bytes each.
    ends: BTreeSet<Vec<u8>>,
    is_exact: bool,
    need: Need,
}

impl Part {
    fn exact(strings: BTreeSet<Vec<u8>>) -> Self {
        Self {
            starts: strings,
            ends: BTreeSet::new(),
            is_exact: true,
            need: Need::All,
        }
        .bounded()
    }

    fn text(text: &[u8]) -> Self {
        Self::exact(BTreeSet::from([text.to_vec()]))
    }

    fn anything() -> Self {
        let nothing = BTreeSet::from([Vec::new()]);
        Self {
            starts: nothing.clone(),
            ends: nothing,
            is_exact: false,
            need: Need::All,
        }
    }

    fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::text(b""),
            HirKind::Literal(literal) => Self::literal(&literal.0),
            HirKind::Class(class) => Self::class(class),
            HirKind::Capture(part) => Self::of(&part.sub),
            HirKind::Concat(parts) => parts.iter().map(Self::of).fold(Self::text(b""), Self::then),
            HirKind::Alternation(parts) => {
                let none = Self::exact(BTreeSet::new());
                parts.iter().map(Self::of).fold(none, Self::or)
            }
            HirKind::Repetition(part) => {
                let once = Self::of(&part.sub);
                let times = part.min.min(4);
                let all = (0..times).fold(Self::text(b""), |all, _| all.then(once.clone()));
                if part.max == Some(times) {
                    all
                } else if times > 0 {
                    // Whatever comes between, the first and the last ones stay.
                    all.opened()
                } else if part.max == Some(1) {
                    all.or(once)
                } else {
                    Self::anything()
                }
            }
        }
    }

    fn literal(bytes: &[u8]) -> Self {
        if bytes.len() <= LENGTH {
            return Self::text(&fold(bytes));
        }
        // Too long to build on: its trigrams, its first and its last bytes say it all.
        let folded = fold(bytes);
        let ends = BTreeSet::from([folded[folded.len() - 2..].to_vec()]);
        let starts = BTreeSet::from([folded[..2].to_vec()]);
        Self {
            starts,
            ends,
            is_exact: false,
            need: of_string(&folded),
        }
    }

    fn class(class: &Class) -> Self {
        let Class::Unicode(class) = class else {
            return match class.literal() {
                Some(bytes) => Self::literal(&bytes),
                None => Self::ascii(class),
            };
        };
        let count: u64 = class
            .ranges()
            .iter()
            .map(|r| 1 + u64::from(u32::from(r.end())) - u64::from(u32::from(r.start())))
            .sum();
        if count > 96 {
            return Self::anything();
        }
        let chars = class.ranges().iter().flat_map(|r| r.start()..=r.end());
        Self::chars(chars.map(text::fold_char).collect())
    }

    fn ascii(class: &Class) -> Self {
        let Class::Bytes(class) = class else {
            return Self::anything();
        };
        if class.ranges().iter().any(|r| !r.end().is_ascii()) {
            return Self::anything();
        }
        let bytes = class.ranges().iter().flat_map(|r| r.start()..=r.end());
        Self::chars(bytes.map(|b| text::fold_char(b as char)).collect())
    }

    fn chars(folded: BTreeSet<char>) -> Self {
        if folded.len() > STRINGS {
            return Self::anything();
        }
        Self::exact(
            folded
                .into_iter()
                .map(|c| c.to_string().into_bytes())
                .collect(),
        )
    }

    /// Gives up what has grown too large.
    fn bounded(self) -> Self {
        let is_large =
            |s: &BTreeSet<Vec<u8>>| s.len() > STRINGS || s.iter().any(|s| s.len() > LENGTH);
        if self.is_exact && is_large(&self.starts) {
            self.opened()
        } else {
            self
        }
    }

    /// Forgets that it is exact; what the strings need is kept.
    fn opened(self) -> Self {
        if !self.is_exact {
            return self;
        }
        let need = self.need.and(of_strings(&self.starts));
        let ends = cut(&self.starts, |s| s[s.len().saturating_sub(2)..].to_vec());
        let starts = cut(&self.starts, |s| s[..s.len().min(2)].to_vec());
        Self {
            starts,
            ends,
            is_exact: false,
            need,
        }
    }

    fn then(self, next: Self) -> Self {
        if self.is_exact && next.is_exact && self.starts.len() * next.starts.len() <= STRINGS {
            let strings = crossed(&self.starts, &next.starts);
            return Self::exact(strings);
        }
        let between = |ends: &BTreeSet<Vec<u8>>, starts: &BTreeSet<Vec<u8>>| {
            if ends.len() * starts.len() > 8 * STRINGS {
                Need::All
            } else {
                of_strings(&crossed(ends, starts))
            }
        };
        // An exact side is taken whole, so that the trigrams it makes with its neighbour are found.
        let ends = if self.is_exact {
            &self.starts
        } else {
            &self.ends
        };
        let joint = between(ends, &next.starts);
        let starts = if self.is_exact && self.starts.len() * next.starts.len() <= STRINGS {
            cut(&crossed(&self.starts, &next.starts), |s| {
                s[..s.len().min(2)].to_vec()
            })
        } else {
            cut(&self.starts, |s| s[..s.len().min(2)].to_vec())
        };
        let later = if next.is_exact {
            &next.starts
        } else {
            &next.ends
        };
        let ends = if next.is_exact && ends.len() * later.len() <= STRINGS {
            cut(&crossed(ends, later), |s| {
                s[s.len().saturating_sub(2)..].to_vec()
            })
        } else {
            cut(later, |s| s[s.len().saturating_sub(2)..].to_vec())
        };
        let need = self.into_need().and(next.into_need()).and(joint);
        Self {
            starts,
            ends,
            is_exact: false,
            need,
        }
    }

    fn or(self, other: Self) -> Self {
        if self.is_exact && other.is_exact {
            let strings = self.starts.into_iter().chain(other.starts).collect();
            return Self::exact(strings);
        }
        let (a, b) = (self.opened(), other.opened());
        let starts = cut(
            &a.starts.into_iter().chain(b.starts).collect(),
            Clone::clone,
        );
        let ends = cut(&a.ends.into_iter().chain(b.ends).collect(), Clone::clone);
        Self {
            starts,
            ends,
            is_exact: false,
            need: a.need.or(b.need),
        }
    }

    fn into_need(self) -> Need {
        if self.is_exact {
            self.need.and(of_strings(&self.starts))
        } else {
            self.need
        }
    }
}

fn cut(strings: &BTreeSet<Vec<u8>>, piece: impl Fn(&Vec<u8>) -> Vec<u8>) -> BTreeSet<Vec<u8>> {
    let set: BTreeSet<_> = strings.iter().map(piece).collect();
    if set.len() > STRINGS {
        BTreeSet::from([Vec::new()])
    } else {
        set
    }
}

fn crossed(a: &BTreeSet<Vec<u8>>, b: &BTreeSet<Vec<u8>>) -> BTreeSet<Vec<u8>> {
    a.iter()
        .flat_map(|a| b.iter().map(move |b| [a.as_slice(), b].concat()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Kind, Pattern};
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn need(source: &str, is_case_sensitive: bool, spans_lines: bool) -> Need {
        let source = source.to_owned();
        Pattern {
            source,
            kind: Kind::Regex,
            is_case_sensitive,
            spans_lines,
            zone: None,
        }
        .need()
    }

    fn shown(need: &Need) -> String {
        let list = |parts: &[Need], with: &str| {
            format!(
                "({})",
                parts.iter().map(shown).collect::<Vec<_>>().join(with)
            )
        };
        match need {
            Need::All => "*".into(),
            Need::Never => "!".into(),
            Need::Gram(g) => [g >> 16, g >> 8, *g]
                .iter()
                .map(|b| (b & 255) as u8 as char)
                .collect(),
            Need::And(parts) => list(parts, " "),
            Need::Or(parts) => list(parts, "|"),
        }
    }

    #[test]
    fn regexes_need_their_literals() {
        for (source, want) in [
            ("abc", "abc"),
            ("(?i)ABC", "abc"),
            ("ask", "ask"),
            ("abcd", "(abc bcd)"),
            ("ab", "*"),
            (".*", "*"),
            ("abc.*def", "(abc def)"),
            ("abc|def", "(abc|def)"),
            ("a[bc]d", "(abd|acd)"),
            ("abc?d", "(abd|(abc bcd))"),
            (r"abc\S+def", "(abc def)"),
            (r"abc\ndef", "(abc def)"),
            ("a{3}", "aaa"),
            ("(abc)+", "abc"),
            ("x+yz", "xyz"),
            ("(abc){2,}", "(abc bca cab)"),
            ("(abc)*", "*"),
            ("[a&&b]", "!"),
            (r"\bfoo\b", "foo"),
            ("(?-u:\\xff)abc", "*"),
        ] {
            assert_eq!(shown(&need(source, false, false)), want, "{source}");
        }
    }

    #[test]
    fn work_and_size_are_bounded() {
        let nested = (0..40).fold("abcdef".to_owned(), |s, _| format!("({s}){{3}}"));
        need(&nested, false, false);
        let wide = "[ab][cd][ef][gh]".repeat(60);
        assert!(need(&wide, false, false).size() <= NODES + PARTS);
        let words: Vec<_> = (0..300).map(|i| format!("word{i}x")).collect();
        assert!(need(&words.join("|"), false, false).size() <= NODES);
    }

    fn regexes() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            8 => "[abskSK]{1,4}",
            1 => Just("ſ".to_owned()),
            1 => Just("\u{212a}".to_owned()),
            1 => Just("é".to_owned()),
            1 => Just(".".to_owned()),
            1 => Just("[^a]".to_owned()),
            2 => Just("[sk]".to_owned()),
            1 => Just(r"\n".to_owned()),
            1 => Just(r"\b".to_owned()),
            1 => Just("(?-u:[a-k])".to_owned()),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                4 => proptest::collection::vec(inner.clone(), 1..4).prop_map(|p| p.concat()),
                2 => proptest::collection::vec(inner.clone(), 1..4).prop_map(|p| format!("(?:{})", p.join("|"))),
                1 => inner.clone().prop_map(|p| format!("(?:{p})?")),
                1 => inner.clone().prop_map(|p| format!("(?:{p})*")),
                1 => inner.clone().prop_map(|p| format!("(?:{p})+")),
                1 => inner.clone().prop_map(|p| format!("(?:{p}){{2,3}}")),
                1 => inner.prop_map(|p| format!("(?i:{p})")),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]
        #[test]
        fn whatever_matches_has_what_is_needed(
            source in regexes(),
            texts in proptest::collection::vec("[abskSKſ\u{212a}é\n ]{0,12}", 12),
            is_case_sensitive: bool,
            spans_lines: bool,
        ) {
            let pattern = Pattern { source, kind: Kind::Regex, is_case_sensitive, spans_lines, zone: None };
            let need = pattern.need();
            let regex = pattern.compile().regex;
            for text in texts {
                let has: HashSet<u32> = grams(&fold(text.as_bytes())).collect();
                if regex.is_match(text.as_bytes()) {
                    prop_assert!(need.holds(&|g| has.contains(&g)), "{:?} {:?} {:?}", pattern, text, shown(&need));
                }
            }
        }

        #[test]
        fn literals_too(needle in "[abskSKſé]{1,5}", text in "[abskSK\u{212a}ſé\n]{0,40}") {
            let kind = Kind::Literal;
            let pattern = Pattern { source: needle, kind, is_case_sensitive: false, spans_lines: false, zone: None };
            let has: HashSet<u32> = grams(&fold(text.as_bytes())).collect();
            if pattern.compile().regex.is_match(text.as_bytes()) {
                prop_assert!(pattern.need().holds(&|g| has.contains(&g)));
            }
        }
    }
}
