//! A small lexer for languages without a grammar: comments, strings, numbers, words.
//!
//! It knows a language only by its row in the table of languages and by its words; its one state between
//! lines is the block comment it is in. Linear in the line, whatever stands there.

use super::{push, words};
use crate::language::{Language, LanguageKind};
use crate::model::{Token, TokenClass};
use std::collections::HashSet;

/// What is open at the end of a line: the index of a block comment of the language, if any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State(Option<u8>);

/// The lexer of one language.
pub(super) struct Lexer {
    language: &'static Language,
    rules: words::Words,
    own: HashSet<String>,
}

impl Lexer {
    pub(super) fn new(language: &'static Language) -> Self {
        let rules = words::of(language.name);
        let fold = |word: &str| {
            if rules.ignores_case {
                word.to_ascii_lowercase()
            } else {
                word.to_owned()
            }
        };
        let own = rules.own.split_whitespace().map(fold).collect();
        Self {
            language,
            rules,
            own,
        }
    }

    /// Reads one line, without its end, and says what is open behind it.
    pub(super) fn line(&self, state: State, text: &str, tokens: &mut Vec<Token>) -> State {
        let bytes = text.as_bytes();
        let (mut at, mut state) = (0, state);
        if state == State::default()
            && let Some((end, class)) = self.whole_line(text)
        {
            push(tokens, 0, end, class);
            at = end;
        }
        let mut first = at == 0;
        while at < bytes.len() {
            if let State(Some(open)) = state {
                let close = self
                    .language
                    .block_comments
                    .get(usize::from(open))
                    .map_or("", |pair| pair.1);
                let found = (!close.is_empty())
                    .then(|| text[at..].find(close))
                    .flatten();
                let end = found.map_or(bytes.len(), |found| at + found + close.len());
                push(tokens, at, end, TokenClass::Comment);
                state = State(found.is_none().then_some(open));
                at = end;
                continue;
            }
            if let Some(open) = self.opens_block(text, at) {
                let mark = self.language.block_comments[open].0;
                push(tokens, at, at + mark.len(), TokenClass::Comment);
                at += mark.len();
                state = State(Some(open as u8));
                continue;
            }
            if self.begins_comment(text, at) {
                let end = self.comment_end(text, at);
                push(tokens, at, end, TokenClass::Comment);
                at = end;
                continue;
            }
            let byte = bytes[at];
            let (end, class) = match byte {
                b' ' | b'\t' => (at + 1, TokenClass::Plain),
                _ if self.opens_string(bytes, at) => (string_end(bytes, at), TokenClass::String),
                b'0'..=b'9' => (number_end(bytes, at), TokenClass::Number),
                _ if is_word(byte) => {
                    let end = self.word_end(bytes, at);
                    (end, self.word(text, at..end, first))
                }
                b'#' | b'`' | b'@' | b'.' | b'%'
                    if bytes.get(at + 1).is_some_and(|b| is_letter(*b)) =>
                {
                    let class = match byte {
                        b'%' => TokenClass::Variable,
                        b'.' if !first => TokenClass::Operator,
                        _ => TokenClass::Macro,
                    };
                    let end = if class == TokenClass::Operator {
                        at + 1
                    } else {
                        self.word_end(bytes, at + 1)
                    };
                    (end, class)
                }
                b'(' | b')' | b'[' | b']' | b'{' | b'}' | b',' | b';' => {
                    (at + 1, TokenClass::Punctuation)
                }
                _ if byte.is_ascii_punctuation() => (at + 1, TokenClass::Operator),
                _ => (at + 1, TokenClass::Plain),
            };
            push(tokens, at, end, class);
            first &= matches!(byte, b' ' | b'\t');
            at = end;
        }
        state
    }

    /// Returns how much of a line is one thing because of how it begins: a heading, a key, a request.
    fn whole_line(&self, text: &str) -> Option<(usize, TokenClass)> {
        let line = text.trim_start();
        let indent = text.len() - line.len();
        match self.language.name {
            "INI" | "TOML" | "Git Config" if line.starts_with('[') => {
                let close = line.rfind(']').map_or(line.len(), |close| close + 1);
                Some((indent + close, TokenClass::Heading))
            }
            "INI" | "TOML" => {
                let key = line.find(['=', ':'])?;
                let is_comment = self
                    .language
                    .line_comments
                    .iter()
                    .any(|mark| line.starts_with(mark));
                (!is_comment && key <= 200).then_some((indent + key, TokenClass::Variable))
            }
            "AsciiDoc" if line.starts_with("= ") || line.starts_with("==") => {
                Some((text.len(), TokenClass::Heading))
            }
            "Troff"
                if [".SH", ".SS", ".TH"]
                    .iter()
                    .any(|request| line.starts_with(request)) =>
            {
                Some((text.len(), TokenClass::Heading))
            }
            _ => None,
        }
    }

    fn opens_block(&self, text: &str, at: usize) -> Option<usize> {
        let rest = &text.as_bytes()[at..];
        let mut blocks = self.language.block_comments.iter();
        blocks.position(|(open, _)| rest.starts_with(open.as_bytes()))
    }

    fn begins_comment(&self, text: &str, at: usize) -> bool {
        let bytes = text.as_bytes();
        let follows_space = at == 0 || matches!(bytes[at - 1], b' ' | b'\t');
        self.language.line_comments.iter().any(|mark| {
            let Some(found) = bytes[at..].get(..mark.len()) else {
                return false;
            };
            if !found.eq_ignore_ascii_case(mark.as_bytes()) {
                return false;
            }
            let next = bytes.get(at + mark.len());
            let before_space = matches!(next, None | Some(b' ' | b'\t'));
            match (self.language.name, *mark) {
                // `#4` is a value and `#include` a directive, `@function` a type.
                ("Assembly", "#" | "@") | ("Forth", _) => follows_space && before_space,
                ("INI" | "YAML" | "Git Config" | "GDB Script" | "Vim Script", _) => follows_space,
                (_, word) if word.as_bytes()[0].is_ascii_alphabetic() => {
                    follows_space && before_space
                }
                _ => true,
            }
        })
    }

    /// Returns where a comment ends: at the end of the line, or behind its own mark (X.680, 12.6.3).
    fn comment_end(&self, text: &str, at: usize) -> usize {
        if !matches!(self.language.name, "ASN.1" | "MIB") {
            return text.len();
        }
        let close = text.get(at + 2..).and_then(|rest| rest.find("--"));
        close.map_or(text.len(), |close| at + 2 + close + 2)
    }

    fn opens_string(&self, bytes: &[u8], at: usize) -> bool {
        let byte = bytes[at];
        if !self.language.quotes.as_bytes().contains(&byte) {
            return false;
        }
        // `clk'event`, `don't`: an apostrophe inside a word opens nothing.
        byte != b'\'' || at == 0 || !(is_word(bytes[at - 1]) || b")]}'".contains(&bytes[at - 1]))
    }

    fn word_end(&self, bytes: &[u8], at: usize) -> usize {
        let mut end = at;
        while let Some(byte) = bytes.get(end) {
            let joins = *byte == b'-'
                && self.rules.joins_hyphens
                && bytes
                    .get(end + 1)
                    .is_some_and(|next| is_letter(*next) || next.is_ascii_digit());
            if !is_word(*byte) && !joins {
                break;
            }
            end += 1;
        }
        end
    }

    fn word(&self, text: &str, range: std::ops::Range<usize>, first: bool) -> TokenClass {
        let word = &text[range.clone()];
        let lower = word.to_ascii_lowercase();
        let folded = if self.rules.ignores_case {
            lower.as_str()
        } else {
            word
        };
        let rest = text[range.end..].trim_start();
        if self.language.name == "Assembly" {
            return match () {
                () if first && rest.starts_with(':') => TokenClass::Function,
                () if first => TokenClass::Keyword,
                () => TokenClass::Plain,
            };
        }
        if words::CONSTANTS.contains(&lower.as_str()) {
            return TokenClass::Constant;
        }
        if words::TYPES.contains(&folded) && self.rules.takes_shared {
            return TokenClass::Type;
        }
        if self.own.contains(folded) || (self.rules.takes_shared && words::SHARED.contains(&folded))
        {
            return TokenClass::Keyword;
        }
        if self.language.kind != LanguageKind::Code {
            return TokenClass::Plain;
        }
        if rest.starts_with('(') {
            return TokenClass::Function;
        }
        let has = |test: fn(&u8) -> bool| word.as_bytes().iter().any(test);
        match word.as_bytes()[0].is_ascii_uppercase() && word.len() > 1 {
            true if has(u8::is_ascii_lowercase) => TokenClass::Type,
            true => TokenClass::Constant,
            false => TokenClass::Plain,
        }
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Bytes of a word; a letter outside ASCII is part of one, so no token ends inside a character.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn string_end(bytes: &[u8], at: usize) -> usize {
    let quote = bytes[at];
    let mut end = at + 1;
    while let Some(byte) = bytes.get(end) {
        match *byte {
            b'\\' => end += 1,
            byte if byte == quote => return end + 1,
            _ => {}
        }
        end += 1;
    }
    bytes.len()
}

fn number_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while let Some(byte) = bytes.get(end) {
        let next = bytes.get(end + 1);
        let joins = match byte {
            b'.' => next.is_some_and(u8::is_ascii_digit),
            // Verilog's `8'hFF`.
            b'\'' => next.is_some_and(|b| b"bodhsBODHS".contains(b)),
            byte => is_word(*byte),
        };
        if !joins {
            break;
        }
        end += 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{all, by_name};
    use TokenClass::{
        Comment, Function, Heading, Keyword, Macro, Number, Operator, Punctuation, String as Text,
        Type, Variable,
    };

    fn classes(language: &str, lines: &[&str]) -> Vec<(String, TokenClass)> {
        let lexer = Lexer::new(by_name(language).unwrap());
        let (mut state, mut out) = (State::default(), Vec::new());
        for line in lines {
            let mut tokens = Vec::new();
            state = lexer.line(state, line, &mut tokens);
            let text = |t: &Token| line[t.start as usize..t.end as usize].to_owned();
            out.extend(
                tokens
                    .iter()
                    .filter(|t| t.class != Punctuation && t.class != Operator)
                    .map(|t| (text(t), t.class)),
            );
        }
        out
    }

    #[test]
    fn telecom_languages_have_colours() {
        let row = |text: &str, class| (text.to_owned(), class);
        assert_eq!(
            classes(
                "asn.1",
                &[
                    "RRC-Version ::= SEQUENCE { -- note",
                    "  x INTEGER (0..15) }"
                ]
            ),
            [
                row("RRC-Version", Type),
                row("SEQUENCE", Keyword),
                row("-- note", Comment),
                row("INTEGER", Keyword),
                row("0", Number),
                row("15", Number)
            ]
        );
        assert_eq!(
            classes("asn.1", &["a -- b -- INTEGER --"]),
            [
                row("-- b --", Comment),
                row("INTEGER", Keyword),
                row("--", Comment)
            ]
        );
        assert_eq!(
            classes("vhdl", &["if clk'event AND clk = '1' then -- edge"]),
            [
                row("if", Keyword),
                row("AND", Keyword),
                row("'1'", Text),
                row("then", Keyword),
                row("-- edge", Comment)
            ]
        );
        assert_eq!(
            classes(
                "dts",
                &["#include \"a.dtsi\"", "/* one", "two */ reg = <0x10>;"]
            ),
            [
                row("#include", Macro),
                row("\"a.dtsi\"", Text),
                row("/* one", Comment),
                row("two */", Comment),
                row("0x10", Number)
            ]
        );
        assert_eq!(classes("sv", &["a = 8'hFF;"]), [row("8'hFF", Number)]);
        assert_eq!(
            classes("asm", &["start: mov r0, #4 @ set", "  .globl start"]),
            [
                row("start", Function),
                row("4", Number),
                row("@ set", Comment),
                row(".globl", Macro)
            ]
        );
        assert_eq!(
            classes("toml", &["[package] # x", "name = \"a\""]),
            [
                row("[package]", Heading),
                row("# x", Comment),
                row("name ", Variable),
                row("\"a\"", Text)
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn tokens_are_sorted_and_lie_on_borders(line in "[ -~é漢\"'/*#<>-]{0,60}") {
            for language in all() {
                let mut tokens = Vec::new();
                Lexer::new(language).line(State::default(), &line, &mut tokens);
                let mut last = 0;
                for token in tokens {
                    proptest::prop_assert!(token.start >= last && token.end > token.start);
                    proptest::prop_assert!(line.get(token.start as usize..token.end as usize).is_some());
                    last = token.end;
                }
            }
        }
    }
}
