//! One pattern, ready to be found in bytes.

use crate::query::{Kind, Pattern};
use memchr::memmem::Finder;
use regex::bytes::Regex;

/// Bytes searched at once, so that a search in a huge text can be cancelled.
const WINDOW: usize = 8 << 20;

/// One pattern, ready to be found in bytes. A clone is cheap and has its own scratch memory.
#[derive(Clone)]
pub(super) struct Matcher {
    engine: Engine,
    is_line_bound: bool,
}

#[derive(Clone)]
enum Engine {
    Plain(Box<Finder<'static>>),
    Regex(Regex),
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
        Self {
            engine: Engine::Regex(compiled.regex),
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
            Engine::Regex(regex) => {
                let found = (at <= text.len()).then(|| regex.find_at(text, at))??;
                Some((found.start(), found.end()))
            }
        }
    }

    /// The same, giving up when cancelled. A window ends before a line end, so that it holds whole lines.
    pub(super) fn find_unless(
        &self,
        text: &[u8],
        mut at: usize,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Option<(usize, usize)> {
        while self.is_line_bound && text.len().saturating_sub(at) > WINDOW {
            let Some(end) =
                memchr::memchr(b'\n', &text[at + WINDOW..]).map(|end| at + WINDOW + end)
            else {
                break;
            };
            if let Some(found) = self.find_at(&text[..end], at) {
                return Some(found);
            }
            if is_cancelled() {
                return None;
            }
            at = end + 1;
        }
        self.find_at(text, at)
    }
}
