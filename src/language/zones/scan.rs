//! The pass over a text.

use super::ends::escape_at;
use super::heredoc::Pending;
use super::rules::{Columns, HereDoc, Place, Quote, Rules};
use crate::model::Zone;
use memchr::{memchr2, memmem};

/// Forms without an end that are looked for; after them what opens one is taken for an operator. Without it a text full of
/// them would be read again and again.
pub(super) const ENDLESS: u32 = 8;

/// Code within a string.
pub(super) struct Hole {
    pub quote: Quote,
    /// Quotes that end the string.
    pub width: usize,
    pub close: u8,
    /// Parentheses or braces open within it.
    pub depth: u32,
    /// An apostrophe in it is only one.
    pub has_plain_ticks: bool,
}

/// Where the pass is.
pub(super) struct Scanner<'t> {
    pub rules: &'t Rules,
    pub text: &'t [u8],
    pub at: usize,
    runs: Vec<(u32, Zone)>,
    pub holes: Vec<Hole>,
    /// Here-documents that begin on the next line.
    pub pending: Vec<Pending<'t>>,
    pub endless: u32,
    /// No quote or regex that must end on its line does before this byte.
    pub hopeless: usize,
    /// Inside a tag.
    pub is_tag: bool,
    /// What follows the tag is in a language of its own.
    pub embeds: Option<&'static str>,
    /// Behind the line that begins the rules of a scanner (Lex).
    pub is_in_rules: bool,
    most: usize,
    /// Rules within rules.
    depth: u32,
}

/// Parts of a text that are told apart, at most: 128 MB of memory. What is behind them is code, so that nothing is hidden.
pub(super) const MOST_RUNS: usize = 16 << 20;

/// Finds the parts of a text, so many at most.
pub(super) fn scan(rules: &Rules, text: &[u8], most: usize) -> Vec<(u32, Zone)> {
    scan_within(rules, text, most, 0)
}

/// Languages within languages, and code within text, that are followed: what lies deeper is code.
const DEEPEST: u32 = 8;

fn scan_within(rules: &Rules, text: &[u8], most: usize, depth: u32) -> Vec<(u32, Zone)> {
    let mut scanner = Scanner {
        rules,
        text,
        at: 0,
        runs: Vec::new(),
        holes: Vec::new(),
        pending: Vec::new(),
        endless: 0,
        hopeless: 0,
        is_tag: false,
        embeds: None,
        is_in_rules: false,
        most,
        depth,
    };
    if rules.columns != Columns::None {
        scanner.column(0);
    }
    if rules.has_pattern_column {
        scanner.pattern_line();
    }
    if rules.is_template && memmem::find(text, b"<?").is_some() {
        scanner.template(0);
    }
    while scanner.runs.len() < most
        && let Some(byte) = scanner.skip()
    {
        scanner.step(byte);
    }
    scanner.put(text.len(), Zone::Code);
    scanner.runs
}

/// Returns whether a byte is part of a word.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

impl Scanner<'_> {
    /// Goes to the next byte at which something may begin.
    fn skip(&mut self) -> Option<u8> {
        let rest = self.text.get(self.at..)?;
        let next = rest
            .iter()
            .position(|byte| self.rules.starts[*byte as usize]);
        self.at = next.map_or(self.text.len(), |next| self.at + next);
        self.text.get(self.at).copied()
    }

    /// What lies between the last part and the byte is of the zone.
    pub(super) fn put(&mut self, end: usize, zone: Zone) {
        let end = end.min(self.text.len()) as u32;
        match self.runs.last_mut() {
            Some((last, _)) if *last >= end => {}
            Some((last, of)) if *of == zone => *last = end,
            _ if end > 0 => self.runs.push((end, zone)),
            _ => {}
        }
    }

    /// Reads a part of the text up to `end` by other rules.
    pub(super) fn nested(&mut self, rules: &Rules, end: usize) {
        let (from, end) = (self.at, end.min(self.text.len()));
        self.put(from, Zone::Code);
        let most = self.most.saturating_sub(self.runs.len());
        if self.depth < DEEPEST {
            for (run, zone) in scan_within(rules, &self.text[from..end], most, self.depth + 1) {
                self.put(from + run as usize, zone);
            }
        }
        self.put(end, Zone::Code);
        self.at = end;
    }

    /// What lies before the current byte is code, and what follows up to `end` is of the zone.
    pub(super) fn take(&mut self, end: usize, zone: Zone) {
        self.put(self.at, Zone::Code);
        self.put(end, zone);
        self.at = end.min(self.text.len()).max(self.at + 1);
    }

    pub(super) fn before(&self) -> Option<u8> {
        self.text.get(self.at.checked_sub(1)?).copied()
    }

    pub(super) fn starts_with(&self, mark: &[u8]) -> bool {
        let Some(here) = self.text.get(self.at..self.at + mark.len()) else {
            return false;
        };
        // Marks that are words are written in either case.
        here == mark || (mark[0].is_ascii_alphabetic() && here.eq_ignore_ascii_case(mark))
    }

    /// Returns the byte behind the current line, its line end not included.
    pub(super) fn line_end(&self, from: usize) -> usize {
        self.rules.ends.next(self.text, from).0
    }

    /// Returns whether a line begins at a byte.
    pub(super) fn is_line_begin(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|at| self.text.get(at));
        before.is_none_or(|b| *b == b'\n' || (*b == b'\r' && self.rules.ends.cr))
    }

    fn step(&mut self, byte: u8) {
        let rules = self.rules;
        if rules.takes_next.iter().any(|mark| self.starts_with(mark)) {
            let mark = rules.takes_next.iter().find(|mark| self.starts_with(mark));
            let behind = self.at + mark.map_or(1, |mark| mark.len());
            // A line end must still be seen.
            let is_end = self.text.get(behind) == Some(&b'\n');
            self.at = behind + usize::from(!is_end);
            return;
        }
        if byte == b'\n' {
            return self.line_begins();
        }
        if self.comment() {
            return;
        }
        if rules.is_markup {
            match byte {
                b'<' if self.embedded() => return,
                b'<' if self.starts_with(b"<![CDATA[") => {
                    let rest = &self.text[self.at..];
                    let len = memmem::find(rest, b"]]>").map_or(rest.len(), |end| end + 3);
                    self.at += len;
                    return;
                }
                b'<' => {
                    let next = self.text.get(self.at + 1);
                    self.is_tag |=
                        next.is_some_and(|b| b.is_ascii_alphabetic() || b"/!?%".contains(b));
                }
                b'>' => {
                    self.is_tag = false;
                    if self.embeds.is_some() {
                        return self.behind_tag();
                    }
                }
                _ => {}
            }
        }
        let mut forms = rules.forms.iter();
        if forms.any(|(bytes, read)| bytes.contains(&byte) && read(self)) {
            return;
        }
        let is_here = byte == b'<' && rules.here != HereDoc::None && self.here();
        let is_literal = is_here
            || (byte == b'[' && rules.has_brackets && self.bracket())
            || (byte == b'\'' && rules.has_ticks && self.tick())
            || (byte == b'/' && rules.has_regexes && self.regex());
        if is_literal || self.hole(byte) {
            return;
        }
        let quote = rules.quotes.iter().find(|quote| quote.mark == byte);
        match quote.filter(|_| !rules.is_markup || self.is_tag) {
            Some(quote) => self.string(*quote),
            None => self.at += 1,
        }
    }

    /// Returns whether a mark at the current byte stands where it means something.
    pub(super) fn stands(&self, mark: &[u8], place: Place) -> bool {
        let before = self.before();
        let behind = self.text.get(self.at + mark.len()).copied();
        let is_blank = |byte: Option<u8>| byte.is_none_or(|b| b.is_ascii_whitespace());
        let is_start = is_blank(before) || before.is_some_and(|b| b";&|()".contains(&b));
        match place {
            Place::Anywhere => true,
            Place::WordStart => is_start,
            Place::FirstColumn => self.is_line_begin(self.at),
            Place::LineStart => self.is_line_start(),
            Place::OwnLine => {
                let rest = &self.text[self.at + mark.len()..];
                let mut rest = rest.iter().filter(|b| !matches!(b, b' ' | b'\t' | b'\r'));
                self.is_line_start() && rest.next().is_none_or(|b| *b == b'\n')
            }
            Place::CommandStart => self.is_command_start(),
            Place::TokenStart => is_start || before.is_some_and(|b| b"{}[],=".contains(&b)),
            Place::Word => !before.is_some_and(is_word) && !behind.is_some_and(is_word),
            Place::Alone => {
                let is_symbol = |b: u8| b"!#$%&*+./<=>?@\\^|~:".contains(&b);
                let rest = &self.text[self.at..];
                let dashes = rest.iter().take_while(|b| **b == b'-').count();
                !before.is_some_and(is_symbol) && !rest.get(dashes).copied().is_some_and(is_symbol)
            }
            Place::Spaced => is_start && (is_blank(behind) || behind == Some(mark[0])),
            Place::Assembler => {
                if self.is_line_start() {
                    return !self.is_directive();
                }
                is_blank(before) && (is_blank(behind) || behind == Some(mark[0]))
            }
        }
    }

    fn is_command_start(&self) -> bool {
        let before = &self.text[self.at.saturating_sub(256)..self.at];
        let blanks = before
            .iter()
            .rev()
            .take_while(|b| matches!(b, b' ' | b'\t'));
        let blanks = blanks.count();
        match before.iter().rev().nth(blanks) {
            None | Some(b'\n' | b';' | b'\r') => true,
            // `{#fff}` is a colour.
            Some(b'{') => {
                let next = self.text.get(self.at + 1);
                blanks > 0 && next.is_none_or(|b| b.is_ascii_whitespace() || *b == b'#')
            }
            _ => false,
        }
    }

    pub(super) fn is_line_start(&self) -> bool {
        let blanks = |b: &&u8| matches!(**b, b' ' | b'\t');
        let before = self.text[..self.at].iter().rev().take_while(blanks);
        self.is_line_begin(self.at - before.count())
    }

    fn is_directive(&self) -> bool {
        const WORDS: &[&[u8]] = &[
            b"if", b"el", b"endif", b"define", b"undef", b"include", b"error", b"warning",
            b"pragma", b"line",
        ];
        let rest = &self.text[self.at + 1..];
        let blanks = rest.iter().take_while(|b| matches!(**b, b' ' | b'\t'));
        let rest = &rest[blanks.count()..];
        WORDS.iter().any(|word| rest.starts_with(word))
    }

    fn comment(&mut self) -> bool {
        let rules = self.rules;
        for (open, close, place) in &rules.blocks {
            if self.starts_with(open) && self.stands(open, *place) {
                self.take(
                    self.block_end(self.at + open.len(), open, close),
                    Zone::Comment,
                );
                return true;
            }
        }
        if rules.joins_marks() && self.spliced_comment() {
            return true;
        }
        for (mark, place) in &rules.lines {
            if !self.starts_with(mark) || !self.stands(mark, *place) {
                continue;
            }
            // PHP's attributes begin as a comment would.
            if rules.here == HereDoc::Triple && self.starts_with(b"#[") {
                continue;
            }
            if let Some(end) = self.bracket_end(self.at + mark.len()) {
                self.take(end, Zone::Comment);
                return true;
            }
            self.take(self.comment_end(mark), Zone::Comment);
            return true;
        }
        false
    }

    /// Returns the byte behind the line comment that begins at the current byte. An LF is no part of it, another line end
    /// is: it would be something to be seen in a line of code.
    fn comment_end(&self, mark: &[u8]) -> usize {
        let (rules, text) = (self.rules, self.text);
        let mut from = self.at + mark.len();
        let (end, behind) = loop {
            let (end, behind) = rules.ends.next(text, from);
            // The mark itself joins nothing.
            let is_joined = rules.splice.joins(text, self.at + mark.len(), end);
            if !is_joined || behind == end {
                break (end, behind);
            }
            from = behind;
        };
        let inside = &text[(self.at + mark.len()).min(end)..end];
        let closes = rules.comments_close.then(|| memmem::find(inside, mark));
        if let Some(at) = closes.flatten() {
            return end - inside.len() + at + mark.len();
        }
        if let Some(at) = rules.leaves.and_then(|mark| memmem::find(inside, mark)) {
            return end - inside.len() + at;
        }
        if text.get(end) == Some(&b'\n') {
            end
        } else {
            behind
        }
    }

    /// Takes a comment of C whose mark has a joint of lines in it.
    fn spliced_comment(&mut self) -> bool {
        if self.text.get(self.at) != Some(&b'/') {
            return false;
        }
        let rules = self.rules;
        let second = rules.splice.skip(self.text, self.at + 1, rules.ends);
        if second == self.at + 1 {
            return false;
        }
        let end = match self.text.get(second) {
            Some(b'*') => self.block_end(second + 1, b"/*", b"*/"),
            Some(b'/') => self.comment_end(&self.text[self.at..=second]),
            _ => return false,
        };
        self.take(end, Zone::Comment);
        true
    }

    /// Returns the byte behind a block comment whose text begins at a byte.
    fn block_end(&self, mut at: usize, open: &[u8], close: &[u8]) -> usize {
        let rules = self.rules;
        if close == b"*/" && (rules.ends.escapes || rules.joins_marks()) {
            return self.disguised_end(at);
        }
        // Only this kind of D's nests.
        if !rules.nests && open != b"/+" {
            let rest = &self.text[at..];
            return memmem::find(rest, close).map_or(self.text.len(), |end| at + end + close.len());
        }
        let mut depth = 1_u32;
        while at < self.text.len() {
            let rest = &self.text[at..];
            if rest.starts_with(close) {
                depth -= 1;
                at += close.len();
                if depth == 0 {
                    return at;
                }
            } else if rest.starts_with(open) {
                depth += 1;
                at += open.len();
            } else {
                at += 1;
            }
        }
        self.text.len()
    }

    /// Returns the byte behind the next `*/`, whose characters may be escapes of Java's or have a joint of C's between
    /// them.
    fn disguised_end(&self, mut at: usize) -> usize {
        let (rules, text) = (self.rules, self.text);
        let rest = text.get(at..).unwrap_or_default();
        let plain = memmem::find(rest, b"*/").map_or(rest.len(), |end| end + 2);
        // Nearly always nothing in it can be a disguise.
        if memchr2(b'\\', b'?', &rest[..plain]).is_none() {
            return at + plain;
        }
        while let Some(found) = memchr2(b'*', b'\\', &text[at.min(text.len())..]) {
            at += found;
            let star = match text[at] {
                b'*' => 1,
                _ if rules.ends.escapes => escape_at(text, at, b"*"),
                _ => 0,
            };
            if star == 0 {
                at += 1;
                continue;
            }
            at += star;
            let slash = rules.splice.skip(text, at, rules.ends);
            if text.get(slash) == Some(&b'/') {
                return slash + 1;
            }
            if rules.ends.escapes && text.get(at) == Some(&b'\\') {
                let len = escape_at(text, at, b"/");
                if len > 0 {
                    return at + len;
                }
            }
        }
        text.len()
    }

    /// Takes a line that is a comment because of the mark in one of its columns.
    pub(super) fn column(&mut self, line: usize) {
        let is_comment = match self.rules.columns {
            Columns::None => false,
            Columns::Seventh => {
                let card = self.text.get(line..line + 7);
                card.is_some_and(|card| !card.contains(&b'\n') && matches!(card[6], b'*' | b'/'))
            }
            Columns::First => self.text.get(line).is_some_and(|b| b"cCdD*!".contains(b)),
        };
        if is_comment {
            self.at = line;
            self.take(self.line_end(line), Zone::Comment);
        }
    }
}
