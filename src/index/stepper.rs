//! A regex that is searched for byte by byte.
//!
//! The engines of `regex` search a text in one go. Where that may take long, in a line of many megabytes that no
//! bound on a match's length allows to cut, this one is driven here instead, so that it can be cancelled at any byte.
//! It finds the same matches (leftmost first), only several times slower: by a lazy automaton forward to where the
//! match ends and backward to where it begins, and step by step through the pattern itself where an automaton cannot
//! go, which is a Unicode word boundary beside a character that is not ASCII.

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{self, NFA, State, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::Hir;

/// Bytes between two looks at whether the search is still wanted.
pub(super) const STEP: usize = 1 << 16;
/// Memory of each automaton, in bytes.
const CACHE: usize = 4 << 20;

/// A regex that is searched for byte by byte.
pub(super) struct Stepper {
    nfa: NFA,
    forward: DFA,
    backward: DFA,
    caches: (Cache, Cache),
}

/// Why a search did not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    Cancelled,
    /// The automaton cannot go on.
    Stuck,
}

/// What is searched, and whether that is still wanted.
#[derive(Clone, Copy)]
struct Field<'t> {
    text: &'t [u8],
    at: usize,
    is_cancelled: &'t dyn Fn() -> bool,
}

impl Stepper {
    /// Prepares a regex; nothing if it is too large.
    pub(super) fn new(hir: &Hir) -> Option<Self> {
        let compile = |is_reverse| {
            let config = thompson::Config::new()
                .utf8(false)
                .reverse(is_reverse)
                .which_captures(WhichCaptures::None);
            thompson::Compiler::new()
                .configure(config)
                .build_from_hir(hir)
                .ok()
        };
        let automaton = |nfa: NFA, kind| {
            let config = DFA::config()
                .match_kind(kind)
                .unicode_word_boundary(true)
                .skip_cache_capacity_check(true)
                .cache_capacity(CACHE);
            DFA::builder().configure(config).build_from_nfa(nfa).ok()
        };
        let nfa = compile(false)?;
        let forward = automaton(nfa.clone(), MatchKind::LeftmostFirst)?;
        let backward = automaton(compile(true)?, MatchKind::All)?;
        let caches = (forward.create_cache(), backward.create_cache());
        Some(Self {
            nfa,
            forward,
            backward,
            caches,
        })
    }

    /// Finds the first match that begins at a byte or behind it; nothing if there is none or it was cancelled.
    pub(super) fn find(
        &mut self,
        text: &[u8],
        at: usize,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Option<(usize, usize)> {
        let field = Field {
            text,
            at,
            is_cancelled,
        };
        let (forth, back) = (&mut self.caches.0, &mut self.caches.1);
        let found = end(&self.forward, forth, field).and_then(|end| match end {
            Some(end) => Ok(Some((start(&self.backward, back, field, end)?, end))),
            None => Ok(None),
        });
        match found {
            Ok(found) => found,
            Err(Stop::Cancelled) => None,
            Err(Stop::Stuck) => walk(&self.nfa, field),
        }
    }
}

impl Field<'_> {
    fn goes_on(self, at: usize) -> Result<(), Stop> {
        if at.is_multiple_of(STEP) && (self.is_cancelled)() {
            return Err(Stop::Cancelled);
        }
        Ok(())
    }
}

fn stuck<E>(_: E) -> Stop {
    Stop::Stuck
}

/// Finds where the first match ends.
fn end(dfa: &DFA, cache: &mut Cache, field: Field<'_>) -> Result<Option<usize>, Stop> {
    let input = Input::new(field.text).range(field.at..);
    let mut state = dfa.start_state_forward(cache, &input).map_err(stuck)?;
    let mut last = None;
    for at in field.at..field.text.len() {
        state = dfa
            .next_state(cache, state, field.text[at])
            .map_err(stuck)?;
        if state.is_tagged() {
            // A match is told of one byte behind it.
            if state.is_match() {
                last = Some(at);
            } else if state.is_dead() {
                return Ok(last);
            } else if state.is_quit() {
                return Err(Stop::Stuck);
            }
        }
        field.goes_on(at)?;
    }
    state = dfa.next_eoi_state(cache, state).map_err(stuck)?;
    if state.is_match() {
        last = Some(field.text.len());
    }
    Ok(last)
}

/// Finds where the match begins that ends at the byte.
fn start(dfa: &DFA, cache: &mut Cache, field: Field<'_>, end: usize) -> Result<usize, Stop> {
    let input = Input::new(field.text)
        .range(field.at..end)
        .anchored(Anchored::Yes);
    let mut state = dfa.start_state_reverse(cache, &input).map_err(stuck)?;
    let mut first = None;
    let is_over = |state: LazyStateID, first: &mut Option<usize>, at| {
        if state.is_match() {
            *first = Some(at);
        } else if state.is_dead() {
            return Ok(true);
        } else if state.is_quit() {
            return Err(Stop::Stuck);
        }
        Ok(false)
    };
    for at in (field.at..end).rev() {
        state = dfa
            .next_state(cache, state, field.text[at])
            .map_err(stuck)?;
        if state.is_tagged() && is_over(state, &mut first, at + 1)? {
            return first.ok_or(Stop::Stuck);
        }
        field.goes_on(at)?;
    }
    state = match field.at.checked_sub(1) {
        Some(before) => dfa.next_state(cache, state, field.text[before]),
        None => dfa.next_eoi_state(cache, state),
    }
    .map_err(stuck)?;
    is_over(state, &mut first, field.at)?;
    first.ok_or(Stop::Stuck)
}

/// Ways through the pattern at one place of the text, the preferred ones first, each with where it began.
struct Ways {
    list: Vec<(StateID, usize)>,
    /// The last place at which a state was reached, by state.
    reached: Vec<usize>,
}

/// Follows all ways through the pattern at once.
fn walk(nfa: &NFA, field: Field<'_>) -> Option<(usize, usize)> {
    let states = nfa.states().len();
    let mut now = Ways::new(states);
    let mut next = Ways::new(states);
    let mut stack = Vec::new();
    let mut found = None;
    let mut work = 0_usize;
    for at in field.at..=field.text.len() {
        if found.is_none() {
            now.enter(nfa, field.text, at, (nfa.start_anchored(), at), &mut stack);
        } else if now.list.is_empty() {
            break;
        }
        for (state, begin) in std::mem::take(&mut now.list) {
            work += 1;
            if work.is_multiple_of(STEP) && (field.is_cancelled)() {
                return None;
            }
            let to = match nfa.state(state) {
                State::Match { .. } => {
                    found = Some((begin, at));
                    break;
                }
                State::ByteRange { trans } if trans.matches(field.text, at) => Some(trans.next),
                State::Sparse(sparse) => sparse.matches(field.text, at),
                State::Dense(dense) => dense.matches(field.text, at),
                _ => None,
            };
            if let Some(to) = to {
                next.enter(nfa, field.text, at + 1, (to, begin), &mut stack);
            }
        }
        std::mem::swap(&mut now, &mut next);
        next.list.clear();
    }
    found
}

impl Ways {
    fn new(states: usize) -> Self {
        Self {
            list: Vec::new(),
            reached: vec![usize::MAX; states],
        }
    }

    /// Adds a state and all that is reached from it without a byte.
    fn enter(
        &mut self,
        nfa: &NFA,
        text: &[u8],
        at: usize,
        way: (StateID, usize),
        stack: &mut Vec<StateID>,
    ) {
        stack.push(way.0);
        while let Some(state) = stack.pop() {
            if self.reached[state.as_usize()] == at {
                continue;
            }
            self.reached[state.as_usize()] = at;
            match nfa.state(state) {
                State::Look { look, next } => {
                    if nfa.look_matcher().matches(*look, text, at) {
                        stack.push(*next);
                    }
                }
                State::Union { alternates } => stack.extend(alternates.iter().rev()),
                State::BinaryUnion { alt1, alt2 } => stack.extend([*alt2, *alt1]),
                State::Capture { next, .. } => stack.push(*next),
                State::Fail => {}
                _ => self.list.push((state, way.1)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cell::Cell;

    fn parsed(source: &str) -> (regex::bytes::Regex, Hir) {
        let regex = regex::bytes::RegexBuilder::new(source)
            .multi_line(true)
            .build()
            .unwrap();
        let hir = regex_syntax::ParserBuilder::new()
            .multi_line(true)
            .utf8(false)
            .build()
            .parse(source)
            .unwrap();
        (regex, hir)
    }

    fn regexes() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            6 => "[abé]{1,3}", 1 => Just(".".to_owned()), 1 => Just("[^a]".to_owned()), 1 => Just(r"\b".to_owned()),
            1 => Just("^".to_owned()), 1 => Just("$".to_owned()), 1 => Just(r"\w".to_owned()), 1 => Just(r"\B".to_owned()),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                3 => proptest::collection::vec(inner.clone(), 1..4).prop_map(|p| p.concat()),
                2 => proptest::collection::vec(inner.clone(), 1..4).prop_map(|p| format!("(?:{})", p.join("|"))),
                1 => inner.clone().prop_map(|p| format!("(?:{p})*")),
                1 => inner.clone().prop_map(|p| format!("(?:{p})*?")),
                1 => inner.clone().prop_map(|p| format!("(?:{p})?")),
                1 => inner.prop_map(|p| format!("(?i:{p})+")),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn finds_what_the_regex_finds(source in regexes(), text in "[abéA \n]{0,24}", at in 0..24_usize) {
            let (regex, hir) = parsed(&source);
            let at = at.min(text.len());
            let want = regex.find_at(text.as_bytes(), at).map(|m| (m.start(), m.end()));
            let mut stepper = Stepper::new(&hir).unwrap();
            prop_assert_eq!(stepper.find(text.as_bytes(), at, &|| false), want, "{} {:?}", source, text);
            let field = Field { text: text.as_bytes(), at, is_cancelled: &|| false };
            prop_assert_eq!(walk(&stepper.nfa, field), want, "walking {} {:?}", source, text);
        }
    }

    /// Every way of searching looks at the flag at least once a step, and ends when it is raised.
    #[test]
    fn is_cancelled_within_a_step() {
        let text = vec![b'a'; 8 * STEP];
        let (_, hir) = parsed(r"\b.*.*.*x");
        let mut stepper = Stepper::new(&hir).unwrap();
        for limit in [3, usize::MAX] {
            let looks = Cell::new(0_usize);
            let is_cancelled = || {
                looks.set(looks.get() + 1);
                looks.get() > limit
            };
            assert_eq!(stepper.find(&text, 0, &is_cancelled), None);
            let most = limit.saturating_add(1);
            assert!(looks.get() == most || (limit == usize::MAX && looks.get() >= 8));
            looks.set(0);
            let field = Field {
                text: &text,
                at: 0,
                is_cancelled: &is_cancelled,
            };
            assert_eq!(walk(&stepper.nfa, field), None);
            assert!(looks.get() == most || (limit == usize::MAX && looks.get() >= 8));
        }
    }
}
