//! Branches of `#if` that begin or end in the middle of a declaration or statement, which the grammars cannot read.
//!
//! Of such branches the first one is kept and the others are blanked, together with the lines of the directives. Where
//! the branches hold whole declarations or statements nothing is changed; within the values of an initialiser only the
//! lines of the directives are blanked.

use super::words::is_capital;
use crate::symbols::pattern::{ALONE, CToken, CTokenKind, c_tokens};

/// A text with whole branches only.
pub(super) struct WholeBranches {
    pub text: String,
    /// A branch that was blanked held declarations or statements of its own.
    pub has_lost: bool,
}

/// What is open at a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Open {
    parentheses: usize,
    braces: Vec<Held>,
}

/// What braces hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    Statements,
    Enumerators,
    Values,
}

/// One `#if` being read.
struct Branching {
    /// Tokens of `#if` and of each `#else`.
    directives: Vec<usize>,
    before: Open,
    /// What is open after the first branch.
    after_first: Option<Open>,
    is_broken: bool,
    /// It stands within values.
    holds_values: bool,
}

/// Deepest nesting of braces and of `#if` that is followed.
const DEEPEST: usize = 256;

/// Blanks what is no whole branch; nothing if all are.
pub(super) fn keep_whole(text: &str, is_cpp: bool) -> Option<WholeBranches> {
    memchr::memmem::find(text.as_bytes(), b"#")?;
    let (tokens, partners) = c_tokens(text, is_cpp);
    let bytes = text.as_bytes();
    let mut out: Option<Vec<u8>> = None;
    let mut has_lost = false;
    let mut open = Open::default();
    let mut stack: Vec<Branching> = Vec::new();
    for at in 0..tokens.len() {
        let is_list = open
            .braces
            .last()
            .is_some_and(|held| *held != Held::Statements);
        let is_at_end = || is_boundary(bytes, &tokens, &partners, at, is_list);
        match tokens[at].kind {
            CTokenKind::Mark(b'(') => open.parentheses += 1,
            CTokenKind::Mark(b')') => open.parentheses = open.parentheses.saturating_sub(1),
            CTokenKind::Mark(b'{') if open.braces.len() < DEEPEST => {
                let held = held(bytes, &open, &tokens, at);
                open.braces.push(held);
            }
            CTokenKind::Mark(b'}') => drop(open.braces.pop()),
            CTokenKind::If if stack.len() < DEEPEST => stack.push(Branching {
                directives: vec![at],
                before: open.clone(),
                after_first: None,
                is_broken: open.parentheses > 0 || !is_at_end(),
                holds_values: open.parentheses == 0 && open.braces.last() == Some(&Held::Values),
            }),
            CTokenKind::Else => {
                if let Some(branching) = stack.last_mut() {
                    branching.is_broken |= open != branching.before || !is_at_end();
                    branching.directives.push(at);
                    let now = std::mem::replace(&mut open, branching.before.clone());
                    branching.after_first.get_or_insert(now);
                }
            }
            CTokenKind::EndIf => {
                let Some(branching) = stack.pop() else {
                    continue;
                };
                let is_whole = open == branching.before && is_at_end() && !branching.is_broken;
                if let Some(first) = branching.after_first {
                    open = first;
                }
                if is_whole && !branching.holds_values {
                    continue;
                }
                let out = out.get_or_insert_with(|| bytes.to_vec());
                let kept = branching.holds_values && open == branching.before;
                has_lost |= !kept && holds_statements(&tokens, &branching.directives, at);
                blank_branches(out, &tokens, &branching.directives, at, kept);
            }
            _ => {}
        }
    }
    let text = String::from_utf8(out?).ok()?;
    Some(WholeBranches { text, has_lost })
}

/// Returns whether a branch after the first one holds a sign that ends a declaration or opens a body.
fn holds_statements(tokens: &[CToken], directives: &[usize], end: usize) -> bool {
    let Some(second) = directives.get(1) else {
        return false;
    };
    let mut rest = tokens[*second..end].iter();
    rest.any(|token| matches!(token.kind, CTokenKind::Mark(b';' | b'{' | b'}')))
}

fn blank_branches(
    out: &mut [u8],
    tokens: &[CToken],
    directives: &[usize],
    end: usize,
    keeps_all: bool,
) {
    let mut blank = |from: u32, to: u32| {
        for byte in &mut out[from as usize..to as usize] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    };
    if keeps_all {
        for at in directives.iter().chain([&end]) {
            blank(tokens[*at].from, tokens[*at].to);
        }
        return;
    }
    let last = tokens[end];
    blank(tokens[directives[0]].from, tokens[directives[0]].to);
    blank(
        directives.get(1).map_or(last.from, |at| tokens[*at].from),
        last.to,
    );
}

/// Returns whether a declaration or statement ends before a directive.
fn is_boundary(text: &[u8], tokens: &[CToken], partners: &[u32], at: usize, is_list: bool) -> bool {
    let Some(before) = at.checked_sub(1) else {
        return true;
    };
    let word = |at: usize| {
        let token = tokens[at];
        (token.kind == CTokenKind::Word).then(|| &text[token.from as usize..token.to as usize])
    };
    match tokens[before].kind {
        CTokenKind::Mark(b',') => is_list,
        // The colon of a label, not that of a constructor.
        CTokenKind::Mark(b':') => before > 0 && tokens[before - 1].kind != CTokenKind::Mark(b')'),
        CTokenKind::Mark(b';' | b'{' | b'}')
        | CTokenKind::If
        | CTokenKind::Else
        | CTokenKind::EndIf => true,
        CTokenKind::Mark(b')') => {
            let open = partners[before];
            open != ALONE && open > 0 && word(open as usize - 1).is_some_and(is_capital)
        }
        CTokenKind::Word => word(before).is_some_and(is_capital),
        _ => false,
    }
}

/// Returns what a brace opens: values after `=`, `,`, `(`, `return` or a type, and within other values.
fn held(text: &[u8], open: &Open, tokens: &[CToken], at: usize) -> Held {
    let Some(before) = at.checked_sub(1).map(|before| tokens[before]) else {
        return Held::Statements;
    };
    if open.braces.last() == Some(&Held::Values) {
        return Held::Values;
    }
    let word = |token: &CToken| {
        let is_word = token.kind == CTokenKind::Word;
        is_word.then(|| &text[token.from as usize..token.to as usize])
    };
    match before.kind {
        CTokenKind::Mark(b'=' | b',' | b'[') => return Held::Values,
        CTokenKind::Word if word(&before) == Some(b"return") => return Held::Values,
        _ => {}
    }
    let head = tokens[at.saturating_sub(16)..at].iter().rev();
    let head = head.take_while(|token| !matches!(token.kind, CTokenKind::Mark(b';' | b'{' | b'}')));
    let mut is_type = before.kind == CTokenKind::Word && !word(&before).is_some_and(is_capital);
    for token in head {
        match word(token) {
            Some(b"enum") => return Held::Enumerators,
            Some(
                b"struct" | b"class" | b"union" | b"namespace" | b"else" | b"do" | b"try"
                | b"const" | b"noexcept" | b"override" | b"final" | b"mutable" | b"extern",
            ) => is_type = false,
            _ => is_type &= token.kind != CTokenKind::Mark(b')'),
        }
    }
    if is_type {
        Held::Values
    } else {
        Held::Statements
    }
}
