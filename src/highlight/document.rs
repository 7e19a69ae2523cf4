//! One text being highlighted.
//!
//! What was reached from the top is remembered at checkpoints and at the frontier behind them. Lines near
//! one of them are exact; a jump further down begins [`LEAD`] lines above the wanted ones and says so.

use super::checkpoint::{Checkpoints, SPACING};
use super::lexer::{Lexer, State as LexerState};
use super::syntax::{Choice, choose};
use super::{
    Budget, Highlighted, Highlighter, LINE_CAP, LineTokens, WhyPlain, class, push, why_plain,
};
use crate::language::Language;
use crate::model::{Span, Token, TokenClass};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use syntect::parsing::{ParseState, Scope, ScopeStack};

/// Lines read above the wanted ones after a jump.
const LEAD: u32 = 200;
/// Lines from a checkpoint to the wanted ones at most, for them to be worth being exact at once.
const NEAR: u32 = 8 * SPACING;
/// Open scopes at most: beyond, the text is no program and its state would only grow.
const DEPTH: usize = 256;
/// A line that takes this long counts as slow. Most lines take 30 microseconds; the first ones of a grammar
/// compile its expressions and may take a tenth of a second.
const SLOW: Duration = Duration::from_millis(150);
/// After so many slow lines the small lexer takes over; a very slow one counts as all of them.
const SLOW_LINES: u32 = 4;

/// One text being highlighted; `Send`, so that a worker can keep it.
pub struct Document {
    highlighter: Highlighter,
    language: Option<&'static Language>,
    engine: Engine,
    reached: Checkpoints<State>,
    slow_lines: u32,
    seen: HashMap<Scope, Option<TokenClass>>,
    line: String,
}

enum Engine {
    Grammar {
        name: &'static str,
        is_borrowed: bool,
    },
    Lexer(Box<Lexer>),
    Plain,
}

#[derive(Clone)]
enum State {
    Grammar(Box<(ParseState, ScopeStack)>),
    Lexer(LexerState),
    Plain,
}

/// The grammar was given up for the lexer; no state of before means anything any more.
struct GaveUp;

/// Returns a line of the text, 1-based, without its end; nothing behind the last one.
type Lines<'a, 't> = &'a dyn Fn(u32) -> Option<&'t str>;

impl Document {
    pub(super) fn new(highlighter: Highlighter, language: Option<&'static Language>) -> Self {
        let grammar = |name, is_borrowed| Engine::Grammar { name, is_borrowed };
        let engine = match language.map(|language| (language, choose(language))) {
            Some((_, Choice::Own(name))) => grammar(name, false),
            Some((_, Choice::Borrowed(name))) => grammar(name, true),
            Some((language, Choice::Lexer)) => Engine::Lexer(Box::new(Lexer::new(language))),
            Some((_, Choice::Plain)) | None => Engine::Plain,
        };
        Self {
            highlighter,
            language,
            engine,
            reached: Checkpoints::new(),
            slow_lines: 0,
            seen: HashMap::new(),
            line: String::new(),
        }
    }

    /// Returns the last line that was reached from the top; 0 before the first.
    pub fn exact_to(&self) -> u32 {
        self.reached.frontier()
    }

    /// Returns whether the colours show only comments, strings, numbers and words, because the language has
    /// no grammar here or its grammar was too slow on this text.
    pub fn is_simplified(&self) -> bool {
        matches!(self.engine, Engine::Lexer(_))
    }

    /// Highlights the lines of a span.
    ///
    /// They are exact if they are near what was reached from the top before, see [`Highlighted::is_exact`]. A
    /// spent budget leaves the rest plain; asking again goes on where the frontier got to.
    pub fn lines(&mut self, text: Lines<'_, '_>, span: Span, budget: &Budget<'_>) -> Highlighted {
        if matches!(self.engine, Engine::Plain) {
            return leave_plain(text, span, WhyPlain::NoLanguage);
        }
        loop {
            // The lexer is never given up, so this goes round twice at most.
            if let Ok(answer) = self.try_lines(text, span, budget) {
                return answer;
            }
        }
    }

    /// Reads on from the top up to and including `line`, for lines that come later to be exact.
    ///
    /// Returns whether that line or the end of the text was reached; a spent budget ends it earlier and the
    /// next call goes on from there.
    pub fn advance(&mut self, text: Lines<'_, '_>, line: u32, budget: &Budget<'_>) -> bool {
        if matches!(self.engine, Engine::Plain) {
            return true;
        }
        while self.reached.frontier() < line {
            if budget.is_spent() {
                return false;
            }
            let at = self.reached.frontier();
            let Some(content) = text(at + 1) else { break };
            self.ready();
            let Some(mut state) = self.reached.take() else {
                break;
            };
            if self.step(&mut state, content, None).is_ok() {
                self.reached.reach(at + 1, state);
            }
        }
        true
    }

    fn try_lines(
        &mut self,
        text: Lines<'_, '_>,
        span: Span,
        budget: &Budget<'_>,
    ) -> Result<Highlighted, GaveUp> {
        let first = span.start() - 1;
        let (mut at, mut state, is_exact) = self.begin(text, first);
        let comment_to = if is_exact {
            0
        } else {
            self.comment_end(text, at, span.end())
        };
        let mut lines = Vec::with_capacity(span.lines().min(4096) as usize);
        let mut is_done = true;
        while at < span.end() {
            let Some(content) = text(at + 1) else { break };
            if budget.is_spent() {
                is_done = false;
                break;
            }
            let is_wanted = at >= first;
            let mut tokens = Vec::new();
            let plain = if at < comment_to && content.len() <= LINE_CAP {
                push(&mut tokens, 0, content.len(), TokenClass::Comment);
                None
            } else {
                self.step(&mut state, content, is_wanted.then_some(&mut tokens))?
            };
            at += 1;
            if is_wanted {
                lines.push(LineTokens {
                    line: at,
                    tokens,
                    plain,
                });
            }
            if is_exact && at == self.reached.frontier() + 1 {
                self.reached.reach(at, state.clone());
            }
        }
        if !is_done {
            let rest = Span::between(span.start() + lines.len() as u32, span.end());
            lines.extend(leave_plain(text, rest, WhyPlain::OutOfTime).lines);
        }
        Ok(Highlighted {
            lines,
            is_exact,
            is_done,
        })
    }

    /// Finds where to begin for the lines from `first` on (0-based): line, state, and whether it is exact.
    fn begin(&mut self, text: Lines<'_, '_>, first: u32) -> (u32, State, bool) {
        self.ready();
        if let Some((at, state)) = self.reached.nearest(first)
            && first - at <= self.reached.spacing().clamp(2 * LEAD, NEAR)
        {
            return (at, state.clone(), true);
        }
        let at = border(
            text,
            first.saturating_sub(LEAD),
            first.saturating_sub(LEAD / 4),
        );
        (at, self.top(), false)
    }

    /// Returns the line (0-based) behind the end of a block comment that was open at `from`, or 0: a closing
    /// mark before any opening one gives it away.
    fn comment_end(&self, text: Lines<'_, '_>, from: u32, end: u32) -> u32 {
        let blocks = self
            .language
            .map_or(&[][..], |language| &language.block_comments[..]);
        let Some((open, close)) = blocks.first().filter(|(open, close)| open != close) else {
            return 0;
        };
        for at in from..end {
            let Some(line) = text(at + 1) else { break };
            if line.len() > LINE_CAP {
                continue;
            }
            match (line.find(open), line.find(close)) {
                (Some(open), Some(close)) if open < close => return 0,
                (_, Some(_)) => return at + 1,
                (Some(_), None) => return 0,
                (None, None) => {}
            }
        }
        0
    }

    /// Makes the top of the text known, before anything else can be.
    fn ready(&mut self) {
        if self.reached.nearest(0).is_none() {
            let top = self.top();
            self.reached.reach(0, top);
        }
    }

    /// Makes the state at the top of a text.
    fn top(&self) -> State {
        match &self.engine {
            Engine::Grammar { name, .. } => {
                let grammars = &self.highlighter.shared().grammars;
                let grammar = grammars.find_syntax_by_name(name);
                let grammar = grammar.unwrap_or_else(|| grammars.find_syntax_plain_text());
                State::Grammar(Box::new((ParseState::new(grammar), ScopeStack::new())))
            }
            Engine::Lexer(_) => State::Lexer(LexerState::default()),
            Engine::Plain => State::Plain,
        }
    }

    /// Reads one line and moves the state behind it; a line left plain leaves the state as it is.
    fn step(
        &mut self,
        state: &mut State,
        text: &str,
        tokens: Option<&mut Vec<Token>>,
    ) -> Result<Option<WhyPlain>, GaveUp> {
        if let Some(why) = why_plain(text) {
            return Ok(Some(why));
        }
        match (&self.engine, state) {
            (Engine::Lexer(lexer), State::Lexer(open)) => {
                let mut unused = Vec::new();
                *open = lexer.line(*open, text, tokens.unwrap_or(&mut unused));
                Ok(None)
            }
            (Engine::Grammar { is_borrowed, .. }, state @ State::Grammar(_)) => {
                let (is_borrowed, begun) = (*is_borrowed, Instant::now());
                let outcome = match state {
                    State::Grammar(both) => self.parse(both, text, is_borrowed, tokens),
                    _ => None,
                };
                if outcome.is_none() {
                    *state = self.top();
                }
                self.judge(begun.elapsed())?;
                Ok(outcome.is_none().then_some(WhyPlain::GrammarFailed))
            }
            _ => Ok(Some(WhyPlain::NoLanguage)),
        }
    }

    /// Runs the grammar over one line; nothing if it failed or lost itself in its depth.
    fn parse(
        &mut self,
        both: &mut (ParseState, ScopeStack),
        text: &str,
        is_borrowed: bool,
        tokens: Option<&mut Vec<Token>>,
    ) -> Option<()> {
        let (parser, scopes) = both;
        let shared = self.highlighter.shared();
        self.line.clear();
        self.line.push_str(text);
        self.line.push('\n');
        let changes = parser.parse_line(&self.line, &shared.grammars).ok()?;
        let mut at = 0;
        let mut unused = Vec::new();
        let is_wanted = tokens.is_some();
        let tokens = tokens.unwrap_or(&mut unused);
        for (next, change) in &changes {
            let next = (*next).min(text.len());
            if is_wanted && next > at {
                add(
                    tokens,
                    shared,
                    &mut self.seen,
                    (scopes.as_slice(), text, at..next, is_borrowed),
                );
            }
            at = at.max(next);
            scopes.apply(change).ok()?;
        }
        if is_wanted && at < text.len() {
            add(
                tokens,
                shared,
                &mut self.seen,
                (scopes.as_slice(), text, at..text.len(), is_borrowed),
            );
        }
        (scopes.len() <= DEPTH).then_some(())
    }

    /// Counts slow lines, and gives the text to the small lexer when there are too many.
    fn judge(&mut self, took: Duration) -> Result<(), GaveUp> {
        if took >= SLOW {
            self.slow_lines += if took > 10 * SLOW { SLOW_LINES } else { 1 };
        }
        match self.language {
            Some(language) if self.slow_lines >= SLOW_LINES => {
                self.engine = Engine::Lexer(Box::new(Lexer::new(language)));
                self.reached = Checkpoints::new();
                Err(GaveUp)
            }
            _ => Ok(()),
        }
    }
}

/// Moves a jump's beginning down to behind the first empty line, where constructs are rarely half open.
fn border(text: Lines<'_, '_>, from: u32, stop: u32) -> u32 {
    (from..stop)
        .find(|at| text(at + 1).is_some_and(|line| line.trim().is_empty()))
        .map_or(from, |at| at + 1)
}

/// A run of a line, with the scopes around it and whether the grammar is borrowed.
type Run<'a> = (&'a [Scope], &'a str, std::ops::Range<usize>, bool);

fn add(
    tokens: &mut Vec<Token>,
    shared: &super::Shared,
    seen: &mut HashMap<Scope, Option<TokenClass>>,
    (scopes, text, range, is_borrowed): Run<'_>,
) {
    let Some(part) = text.get(range.clone()) else {
        return;
    };
    let class = class::refine(shared.classes.class(scopes, seen), part);
    let class = if is_borrowed && class == TokenClass::Invalid {
        TokenClass::Plain
    } else {
        class
    };
    push(tokens, range.start, range.end, class);
}

fn leave_plain(text: Lines<'_, '_>, span: Span, why: WhyPlain) -> Highlighted {
    let lines = (span.start()..=span.end())
        .take_while(|line| text(*line).is_some())
        .map(|line| LineTokens {
            line,
            tokens: Vec::new(),
            plain: Some(why),
        })
        .collect();
    Highlighted {
        lines,
        is_exact: true,
        is_done: why != WhyPlain::OutOfTime,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::by_name;

    #[test]
    fn a_grammar_that_is_too_slow_is_given_up_and_the_colours_stay() {
        let text = |line: u32| (line <= 600).then_some("int a; /* x */");
        let mut document = Highlighter::new().document(by_name("c"));
        assert!(document.advance(&text, 500, &Budget::unlimited()));
        for _ in 1..SLOW_LINES {
            assert!(document.judge(SLOW).is_ok());
        }
        assert!(!document.is_simplified());
        assert!(document.judge(SLOW).is_err());
        assert!(document.is_simplified());
        assert_eq!(document.exact_to(), 0);
        let answer = document.lines(&text, Span::line(300), &Budget::unlimited());
        let classes: Vec<_> = answer.lines[0]
            .tokens
            .iter()
            .map(|token| token.class)
            .collect();
        assert!(
            answer.is_exact && classes.contains(&TokenClass::Comment),
            "{classes:?}"
        );
        assert!(document.advance(&text, u32::MAX, &Budget::unlimited()));
        assert_eq!(document.exact_to(), 600);
    }
}
