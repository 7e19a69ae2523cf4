//! One pattern, ready to be found in bytes.

use super::stepper::Stepper;
use crate::query::{Kind, Pattern};
use memchr::memmem::Finder;
use memchr::{memchr, memrchr};
use regex::bytes::Regex;
use regex_syntax::hir::Hir;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes searched at once, so that a search in a huge text can be cancelled: the slowest engine of `regex` needs some
/// tens of milliseconds for them.
pub(super) const WINDOW: usize = 512 << 10;
/// Longest match that windows may overlap by; longer ones are found step by step.
const OVERLAP: usize = 256 << 10;
/// What is looked at behind a match: one character.
const BEHIND: usize = 4;

/// One pattern, ready to be found in bytes. A clone is cheap and has its own scratch memory; none is shared by threads.
pub(super) struct Matcher {
    engine: Engine,
    is_line_bound: bool,
}

enum Engine {
    Plain(Box<Finder<'static>>),
    Regex(Box<Slow>),
}

/// A regex, and what it takes to find it in a long line.
struct Slow {
    regex: Regex,
    hir: Arc<Hir>,
    /// Bytes of the longest match, if that is bounded.
    longest: Option<usize>,
    stepper: Mutex<Steps>,
}

/// The stepper of a regex, made when the first long line needs it.
#[derive(Default)]
enum Steps {
    #[default]
    Unmade,
    /// The regex has none.
    None,
    Made(Box<Stepper>),
}

impl Clone for Matcher {
    fn clone(&self) -> Self {
        let engine = match &self.engine {
            Engine::Plain(finder) => Engine::Plain(finder.clone()),
            Engine::Regex(slow) => Engine::Regex(Box::new(Slow {
                regex: slow.regex.clone(),
                hir: Arc::clone(&slow.hir),
                longest: slow.longest,
                stepper: Mutex::default(),
            })),
        };
        Self {
            engine,
            is_line_bound: self.is_line_bound,
        }
    }
}

impl Matcher {
    pub(super) fn new(pattern: &Pattern) -> Self {
        if pattern.is_plain() && pattern.kind == Kind::Literal {
            let finder = Finder::new(pattern.source.as_bytes()).into_owned();
            return Self {
                engine: Engine::Plain(Box::new(finder)),
                is_line_bound: !pattern.source.contains('\n'),
            };
        }
        let compiled = pattern.compile();
        let longest = compiled.hir.properties().maximum_len();
        Self {
            engine: Engine::Regex(Box::new(Slow {
                regex: compiled.regex,
                hir: Arc::new(compiled.hir),
                longest: longest.filter(|len| *len <= OVERLAP),
                stepper: Mutex::default(),
            })),
            is_line_bound: compiled.is_line_bound,
        }
    }

    /// Returns whether no match holds a line end, so that lines may be searched in any portions.
    pub(super) fn is_line_bound(&self) -> bool {
        self.is_line_bound
    }

    /// Finds the first match that begins at a byte or behind it. What stands before is still looked at by `^` and `\b`.
    pub(super) fn find_at(&self, text: &[u8], at: usize) -> Option<(usize, usize)> {
        match &self.engine {
            Engine::Plain(finder) => {
                let start = at + finder.find(text.get(at..)?)?;
                Some((start, start + finder.needle().len()))
            }
            Engine::Regex(slow) => slow.find_at(text, at),
        }
    }

    /// The same, giving up when cancelled, which is looked at once a window at least.
    pub(super) fn find_unless(
        &self,
        text: &[u8],
        mut at: usize,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Option<(usize, usize)> {
        if text.len().saturating_sub(at) <= WINDOW {
            return self.find_at(text, at);
        }
        match &self.engine {
            Engine::Plain(finder) => {
                let overlap = finder.needle().len() - 1;
                while at < text.len() {
                    let end = text.len().min(at + WINDOW + overlap);
                    if let Some(found) = self.find_at(&text[..end], at) {
                        return Some(found);
                    }
                    if is_cancelled() {
                        return None;
                    }
                    at += WINDOW;
                }
                None
            }
            Engine::Regex(slow) if !self.is_line_bound => slow.find_in(text, at, is_cancelled),
            Engine::Regex(slow) => {
                while text.len().saturating_sub(at) > WINDOW {
                    let window = &text[at..at + WINDOW];
                    // Whole lines, without the last line end.
                    let found = if let Some(end) = memrchr(b'\n', window) {
                        let lines = &text[..at + end];
                        let found = slow.find_at(lines, at);
                        at += end + 1;
                        found
                    } else {
                        let rest = memchr(b'\n', &text[at + WINDOW..]);
                        let end = rest.map_or(text.len(), |end| at + WINDOW + end);
                        let found = slow.find_in(&text[..end], at, is_cancelled);
                        at = end + 1;
                        found
                    };
                    if found.is_some() || is_cancelled() {
                        return found;
                    }
                }
                self.find_at(text, at)
            }
        }
    }
}

impl Slow {
    fn find_at(&self, text: &[u8], at: usize) -> Option<(usize, usize)> {
        let found = (at <= text.len()).then(|| self.regex.find_at(text, at))??;
        Some((found.start(), found.end()))
    }

    /// Finds the first match in a text that cannot be cut at line ends.
    fn find_in(
        &self,
        text: &[u8],
        mut at: usize,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Option<(usize, usize)> {
        let Some(longest) = self.longest else {
            let mut stepper = self.stepper.lock().unwrap_or_else(PoisonError::into_inner);
            if matches!(*stepper, Steps::Unmade) {
                let made = Stepper::new(&self.hir);
                *stepper = made.map_or(Steps::None, |made| Steps::Made(Box::new(made)));
            }
            return match &mut *stepper {
                Steps::Made(stepper) => stepper.find(text, at, is_cancelled),
                Steps::None | Steps::Unmade => self.find_at(text, at),
            };
        };
        // What begins in a window ends before the next one does.
        while text.len().saturating_sub(at) > WINDOW + longest + BEHIND {
            let end = at + WINDOW + longest + BEHIND;
            let found = self.find_at(&text[..end], at);
            let is_whole = found.is_some_and(|(start, _)| start < at + WINDOW);
            if is_whole || is_cancelled() {
                return found.filter(|_| is_whole);
            }
            at += WINDOW;
        }
        self.find_at(text, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Expr, Term, parse};
    use proptest::prelude::*;
    use std::cell::Cell;

    fn matcher(query: &str) -> Matcher {
        match parse(query, &|_| None).unwrap().root {
            Expr::Term(Term::Text(pattern)) => Matcher::new(&pattern),
            other => panic!("{other}"),
        }
    }

    /// Plain text, either case, a bounded and an unbounded regex, one over lines, a word boundary beside an umlaut.
    const PATTERNS: [&str; 7] = [
        "\"case yes\" case:yes",
        "needle",
        "/needle[0-9]{1,3}/",
        "/n.*e[0-9]/",
        "/needle.*9/s",
        r"/needle\b/",
        r"/\bneedle9.?$/",
    ];

    #[test]
    fn long_lines_are_cancelled_within_a_window() {
        for unit in ["x", "ä ", "x\n"] {
            let text = unit.repeat(8 * WINDOW / unit.len());
            for query in PATTERNS {
                let looks = Cell::new(0_usize);
                let raised_after = |limit| {
                    looks.set(0);
                    let is_cancelled = || {
                        looks.set(looks.get() + 1);
                        looks.get() > limit
                    };
                    matcher(query).find_unless(text.as_bytes(), 0, &is_cancelled)
                };
                assert_eq!(raised_after(usize::MAX), None);
                assert!(looks.get() >= 7, "{query} {unit:?}: {}", looks.get());
                assert_eq!(raised_after(2), None);
                assert!(looks.get() <= 4, "{query} {unit:?}: {}", looks.get());
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn windows_change_nothing(
            query in 0..PATTERNS.len(),
            places in proptest::collection::vec((0..4 * WINDOW, "needle9|case yes|n e7|\n|needleä|ä"), 0..12),
            from in 0..2 * WINDOW,
        ) {
            let mut text = vec![b'x'; 4 * WINDOW];
            for (at, piece) in places {
                let at = at.min(text.len() - piece.len());
                text[at..at + piece.len()].copy_from_slice(piece.as_bytes());
            }
            let matcher = matcher(PATTERNS[query]);
            prop_assert_eq!(matcher.find_unless(&text, from, &|| false), matcher.find_at(&text, from));
        }
    }
}
