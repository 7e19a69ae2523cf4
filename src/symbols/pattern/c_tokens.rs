//! The tokens of a text of C or C++ as a list, with the partner of each parenthesis, for whoever must look ahead.

use super::braces::Dialect;
use super::lex::{Lexer, Token};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::symbols) enum CTokenKind {
    /// A name or a keyword.
    Word,
    /// A string or a character.
    Text,
    /// A number.
    Number,
    /// `::`.
    Path,
    /// Any other character.
    Mark(u8),
    /// `#if`, `#ifdef`, `#ifndef`, the whole line.
    If,
    /// `#else`, `#elif`.
    Else,
    /// `#endif`.
    EndIf,
}

/// A token of C or C++; positions are bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::symbols) struct CToken {
    pub kind: CTokenKind,
    pub from: u32,
    pub to: u32,
}

/// Partner of a parenthesis that has none.
pub(in crate::symbols) const ALONE: u32 = u32::MAX;

/// Deepest nesting of `#if` whose branches are told apart.
const DEEPEST_IF: usize = 256;
/// Deepest nesting of parentheses that is followed.
const DEEPEST_PARENTHESIS: usize = 1024;

/// Returns the tokens of a text and, for each `(` and `[`, the number of the token that closes it, and the other way round.
/// Each branch of an `#if` begins with what was open before it.
pub(in crate::symbols) fn c_tokens(text: &str, has_classes: bool) -> (Vec<CToken>, Vec<u32>) {
    let dialect = Dialect {
        has_classes,
        has_directives: true,
        joins_lines: true,
    };
    let mut lexer = Lexer::new(text, dialect);
    let mut tokens = Vec::with_capacity(text.len() / 6);
    let mut partners: Vec<u32> = Vec::with_capacity(text.len() / 6);
    let mut open: Vec<u32> = Vec::new();
    let mut branches: Vec<Vec<u32>> = Vec::new();
    while let Some(token) = lexer.next() {
        let (from, to) = (lexer.from as u32, lexer.at() as u32);
        let number = tokens.len() as u32;
        let mut partner = ALONE;
        let kind = match token {
            Token::Word(_) => CTokenKind::Word,
            Token::Literal if text.as_bytes()[from as usize].is_ascii_digit() => CTokenKind::Number,
            Token::Literal => CTokenKind::Text,
            Token::Path => CTokenKind::Path,
            Token::Define(_) => continue,
            Token::If => {
                if branches.len() < DEEPEST_IF {
                    branches.push(open.clone());
                }
                CTokenKind::If
            }
            Token::Else => {
                if let Some(before) = branches.last() {
                    open.clone_from(before);
                }
                CTokenKind::Else
            }
            Token::EndIf => {
                branches.pop();
                CTokenKind::EndIf
            }
            Token::Mark(mark) => {
                match mark {
                    b'(' | b'[' if open.len() < DEEPEST_PARENTHESIS => open.push(number),
                    b')' | b']' => {
                        let opens = if mark == b')' { b'(' } else { b'[' };
                        if let Some(at) = open.pop() {
                            let before: &CToken = &tokens[at as usize];
                            if before.kind == CTokenKind::Mark(opens) {
                                partner = at;
                                if partners[at as usize] == ALONE {
                                    partners[at as usize] = number;
                                }
                            }
                        }
                    }
                    // Whatever was left open, a brace in the first column begins or ends a definition.
                    b'{' | b'}' if lexer.is_first_column() => open.clear(),
                    _ => {}
                }
                CTokenKind::Mark(mark)
            }
        };
        tokens.push(CToken { kind, from, to });
        partners.push(partner);
    }
    (tokens, partners)
}
