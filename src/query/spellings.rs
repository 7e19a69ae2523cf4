//! The spellings of a text that Unicode calls canonically equivalent (UAX #15): `ü` and `u` with a combining diaeresis, a
//! Hangul syllable and its letters, `Å` and the sign for angstrom.
//!
//! They look the same, and which of them a file holds depends on the program that wrote it. So whoever types one looks for
//! all. An escape such as `\u{fc}` in a regex stands for itself alone: it finds one spelling.

use crate::text::{composed, decomposed, spellings};
use regex_syntax::ast::{self, Ast, ClassSetItem, LiteralKind, Span};
use std::collections::BTreeSet;

/// Most characters of a range in a class whose spellings are added.
const RANGE: u32 = 256;

/// Returns a regex that matches a literal text in all its spellings; nothing if it has but one.
pub(super) fn of_literal(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut has_others = false;
    let mut out = String::new();
    for spellings in spellings(text) {
        has_others |= spellings.len() > 1 || !text.contains(&spellings[0]);
        out.push_str(&alternatives(&spellings));
    }
    if has_others && text != composed(text) && text != decomposed(text) {
        // Its marks are in an order that no normal form has.
        out = format!("(?:{}|{out})", regex_syntax::escape(text));
    }
    has_others.then_some(out)
}

/// Returns a regex in which each character that is typed matches in all its spellings; nothing if that changes nothing
/// or the text is no regex.
pub(super) fn of_regex(regex: &str) -> Option<String> {
    if regex.is_ascii() {
        return None;
    }
    let composed = composed(regex);
    let parsed = ast::parse::Parser::new().parse(&composed).ok()?;
    let found = ast::visit(&parsed, SpellingReplacements::default()).ok()?;
    if found.is_empty() {
        return (composed != regex).then_some(composed);
    }
    let (mut out, mut from) = (String::new(), 0);
    for (span, text) in found {
        out.push_str(composed.get(from..span.start.offset)?);
        out.push_str(&text);
        from = span.end.offset;
    }
    out.push_str(&composed[from..]);
    Some(out)
}

/// Returns a regex that matches a literal text in all its spellings.
pub fn regex_of_literal(text: &str) -> String {
    of_literal(text).unwrap_or_else(|| regex_syntax::escape(text))
}

/// Returns a regex in which each character that is typed matches in all its spellings.
pub fn in_all_spellings(regex: &str) -> String {
    of_regex(regex).unwrap_or_else(|| regex.to_owned())
}

/// Returns the words of a list with the composed and the decomposed form of each.
pub(super) fn of_words(words: Vec<String>) -> Vec<String> {
    if words.iter().all(|word| word.is_ascii()) {
        return words;
    }
    let forms = words.into_iter().flat_map(|word| {
        let mut forms = vec![composed(&word), decomposed(&word)];
        if !forms.contains(&word) {
            forms.push(word);
        }
        forms.dedup();
        forms
    });
    forms.collect()
}

/// Returns spellings as a part of a regex.
fn alternatives(spellings: &[String]) -> String {
    let mut escaped = spellings
        .iter()
        .map(|spelling| regex_syntax::escape(spelling));
    if spellings.len() == 1 {
        return escaped.next().unwrap_or_default();
    }
    format!("(?:{})", escaped.collect::<Vec<_>>().join("|"))
}

/// Returns the spellings of one character.
fn of_char(c: char) -> Vec<String> {
    let mut all = spellings(c.encode_utf8(&mut [0; 4]));
    match all.len() {
        1 => all.remove(0),
        // It is several characters in itself: none of them alone is what was typed.
        _ => vec![c.to_string()],
    }
}

/// Collects what to put for which part of a regex, in order.
#[derive(Default)]
struct SpellingReplacements {
    found: Vec<(Span, String)>,
    /// Spellings that one class cannot hold, and whether it says what is not to match.
    of_class: Option<(BTreeSet<String>, bool)>,
}

impl ast::Visitor for SpellingReplacements {
    type Output = Vec<(Span, String)>;
    type Err = ();

    fn finish(mut self) -> Result<Self::Output, ()> {
        self.found.sort_by_key(|(span, _)| span.start.offset);
        Ok(self.found)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), ()> {
        match ast {
            Ast::Literal(literal) if is_typed(literal) => {
                let spellings = of_char(literal.c);
                if spellings.len() > 1 {
                    self.found.push((literal.span, alternatives(&spellings)));
                }
            }
            Ast::ClassBracketed(class) => {
                self.of_class = Some((BTreeSet::new(), class.negated));
            }
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_item_post(&mut self, item: &ClassSetItem) -> Result<(), ()> {
        let Some((longer, is_negated)) = &mut self.of_class else {
            return Ok(());
        };
        let mut add = |c: char| {
            longer.extend(of_char(c).into_iter().filter(|s| s.chars().count() > 1));
        };
        match item {
            ClassSetItem::Literal(literal) if is_typed(literal) => add(literal.c),
            ClassSetItem::Range(range) if is_typed(&range.start) || is_typed(&range.end) => {
                let (from, to) = (range.start.c, range.end.c);
                (from..=to).take(RANGE as usize).for_each(add);
            }
            // What an inner class leaves out is not added by the outer one.
            ClassSetItem::Bracketed(inner) => *is_negated |= inner.negated,
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_binary_op_pre(&mut self, _: &ast::ClassSetBinaryOp) -> Result<(), ()> {
        // An intersection or a difference is of single characters.
        if let Some((_, is_negated)) = &mut self.of_class {
            *is_negated = true;
        }
        Ok(())
    }

    fn visit_post(&mut self, ast: &Ast) -> Result<(), ()> {
        if let Ast::ClassBracketed(class) = ast
            && let Some((longer, false)) = self.of_class.take()
            && !longer.is_empty()
        {
            let longer: Vec<_> = longer.iter().map(|s| regex_syntax::escape(s)).collect();
            let before = class.span.with_end(class.span.start);
            let after = class.span.with_start(class.span.end);
            self.found
                .push((before, format!("(?:{}|", longer.join("|"))));
            self.found.push((after, ")".to_owned()));
        }
        Ok(())
    }
}

fn is_typed(literal: &ast::Literal) -> bool {
    literal.kind == LiteralKind::Verbatim && !literal.c.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn regexes_keep_their_meaning() {
        for (regex, want) in [
            ("ab+c", None),
            ("中.", None),
            (r"\u{fc}", None),
            ("ü+", Some("(?:ü|u\u{308})+")),
            ("u\u{308}+", Some("(?:ü|u\u{308})+")),
            ("x[aü]y", Some("x(?:u\u{308}|[aü])y")),
            ("[^ü]", None),
            ("[[^ü]a]", None),
            ("[ü&&[a-z]]", None),
            ("[û-ü]", Some("(?:u\u{302}|u\u{308}|[û-ü])")),
            ("(?i:Ü)|(?P<ü>a)", Some("(?i:(?:Ü|U\u{308}))|(?P<ü>a)")),
            ("ü(", None),
        ] {
            assert_eq!(of_regex(regex).as_deref(), want, "{regex}");
        }
        assert_eq!(of_literal("a.b"), None);
        assert_eq!(of_literal("中文"), None);
        assert_eq!(of_literal("a.ü").as_deref(), Some("a\\.(?:ü|u\u{308})"));
        assert_eq!(
            of_words(vec!["a".into(), "ü".into()]),
            ["a", "ü", "u\u{308}"]
        );
    }

    /// Letters with marks of all kinds: below and above, of scripts whose marks are letters, of Hangul.
    const LETTERS: &str = "[aeuÜ검사ệǘÅが\u{301}\u{308}\u{323}\u{302}\u{1100}\u{1161}\u{11a8}\u{9c7}\u{9be}\u{f71}\u{f72}ῲ\u{5b0}]{1,6}";

    proptest! {
        #[test]
        fn a_text_is_found_in_each_form(text in LETTERS) {
            let regex = of_literal(&text).unwrap_or_else(|| regex_syntax::escape(&text));
            let regex = regex::Regex::new(&format!("^(?:{regex})$")).unwrap();
            for form in [text.clone(), composed(&text), decomposed(&text)] {
                prop_assert!(regex.is_match(&form), "{:?} as {:?}", text, form);
            }
        }
    }
}
