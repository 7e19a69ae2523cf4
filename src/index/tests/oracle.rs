//! The slowest search there is, written without a line of the engine: what every search must find.
//!
//! A question is asked twice: as text, which the parser and the engine take, and as the [`Ask`] it was written from,
//! which is answered here line by line and character by character of the text that a file was made of.

use super::{Tree, TreeText};
use std::collections::BTreeMap;

/// A question.
#[derive(Clone, Debug)]
pub enum Ask {
    All(Vec<Ask>),
    Any(Vec<Ask>),
    Not(Box<Ask>),
    /// Settings such as `case:yes`, for what stands in it.
    With(&'static str, Box<Ask>),
    /// In content and path.
    Word(String),
    Content(String),
    /// A regex of content and path, with its flags.
    Regex(String, &'static str),
    /// Lines to leave out; only within `All`.
    ExceptLine(String),
    Path(String),
    /// `*.` and the extension.
    Glob(String),
    Lang,
    Flag(&'static str),
    /// An operator and a number.
    Size(&'static str, u64),
    Note(String),
    /// A definition by a part of its name, perhaps of a kind.
    Def(String, Option<&'static str>),
    Ref(String),
    Kind(&'static str),
}

/// What holds for a part of a question.
#[derive(Clone, Copy, Default)]
struct Scope {
    is_sensitive: Option<bool>,
    zone: Option<char>,
    /// Bare terms ask for names.
    is_of_names: bool,
}

/// Lines (of a binary offsets), each with column and end column.
type Lines = BTreeMap<u64, (u32, u32)>;

/// What is found in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    pub lines: Lines,
    /// Those of names.
    names: Lines,
    pub is_named: bool,
}

impl Ask {
    /// Writes the question as it is typed.
    pub fn to_text(&self) -> String {
        let list = |parts: &[Self], with: &str| {
            let parts: Vec<_> = parts.iter().map(Self::to_text).collect();
            format!("({})", parts.join(with))
        };
        match self {
            Self::All(parts) => list(parts, " "),
            Self::Any(parts) => list(parts, " or "),
            Self::Not(part) => format!("NOT {}", part.to_text()),
            Self::With(setting, part) => format!("({setting} {})", part.to_text()),
            Self::Word(word) => format!("\"{word}\""),
            Self::Content(word) => format!("c:\"{word}\""),
            Self::Regex(regex, flags) => format!("/{regex}/{flags}"),
            Self::ExceptLine(word) => format!("-line:\"{word}\""),
            Self::Path(regex) => format!("f:{regex}"),
            Self::Glob(extension) => format!("glob:*.{extension}"),
            Self::Lang => "l:c".into(),
            Self::Flag(word) => format!("flag:{word}"),
            Self::Size(operator, number) => format!("size:{operator}{number}"),
            Self::Note(word) => format!("note:\"{word}\""),
            Self::Def(name, None) => format!("sym:{name}"),
            Self::Def(name, Some(kind)) => format!("(sym:{name} kind:{kind})"),
            Self::Ref(name) => format!("ref:{name}"),
            Self::Kind(kind) => format!("(kind:{kind})"),
        }
    }
}

/// Two characters are one letter without case.
fn fold(c: char) -> char {
    match c {
        'ſ' => 's',
        '\u{212a}' => 'k',
        'É' => 'é',
        c => c.to_ascii_lowercase(),
    }
}

/// What stands where in a text of C, as far as the texts of the tests go: `c` code, `#` a comment, `"` a string.
pub fn zones(text: &[char], is_c: bool) -> Vec<char> {
    if !is_c {
        return vec!['c'; text.len()];
    }
    let mut out = Vec::new();
    let (mut state, mut at) = ('c', 0);
    while at < text.len() {
        let two = (text[at], text.get(at + 1).copied().unwrap_or(' '));
        let (mark, len, next) = match (state, two) {
            ('c', ('/', '/')) => ('#', 2, '/'),
            ('c', ('/', '*')) => ('#', 2, '#'),
            ('c', ('"', _)) => ('"', 1, '"'),
            ('c', _) | ('/', ('\n', _)) | ('"', ('\n' | '\r', _)) => ('c', 1, 'c'),
            // A compiler of C ends a line there too.
            ('/', ('\r', _)) => ('#', 1, 'c'),
            ('/', _) => ('#', 1, '/'),
            ('#', ('*', '/')) => ('#', 2, 'c'),
            ('#', _) => ('#', 1, '#'),
            (_, ('"', _)) => ('"', 1, 'c'),
            _ => ('"', 1, '"'),
        };
        out.extend(std::iter::repeat_n(mark, len.min(text.len() - at)));
        at += len;
        state = next;
    }
    out
}

/// One file, taken apart.
struct File<'t> {
    path: &'t str,
    bytes: usize,
    text: &'t TreeText,
    /// The lines of a text, each with where it begins, in characters.
    lines: Vec<(usize, Vec<char>)>,
    zones: Vec<char>,
}

/// Something that is looked for on a line: where a match may begin there, and how long it is.
type OwnFind<'f> = Box<dyn Fn(&[char], usize) -> Option<usize> + 'f>;
type Find<'f> = &'f dyn Fn(&[char], usize) -> Option<usize>;

impl<'t> File<'t> {
    fn new(path: &'t str, bytes: usize, text: &'t TreeText) -> Self {
        let chars: Vec<char> = match text {
            TreeText::Text(text) => text.replace("\r\n", "\n").chars().collect(),
            TreeText::Bytes(_) => Vec::new(),
        };
        let mut lines = vec![(0, Vec::new())];
        for (at, c) in chars.iter().enumerate() {
            match c {
                '\n' => lines.push((at + 1, Vec::new())),
                c => lines.last_mut().unwrap().1.push(*c),
            }
        }
        if lines.last().is_some_and(|(_, line)| line.is_empty()) {
            lines.pop();
        }
        let zones = zones(&chars, path.ends_with(".c"));
        Self {
            path,
            bytes,
            text,
            lines,
            zones,
        }
    }

    fn hits(&self, find: Find<'_>, scope: Scope) -> Lines {
        let mut hits = BTreeMap::new();
        if let TreeText::Bytes(bytes) = self.text {
            // A match begins behind the end of the last one and is not empty.
            let chars: Vec<char> = bytes.iter().map(|b| *b as char).collect();
            let mut at = 0;
            while at < chars.len() && scope.zone.is_none_or(|zone| zone == 'c') {
                match find(&chars, at).filter(|len| *len > 0) {
                    Some(len) => {
                        hits.insert(at as u64, (1, len as u32));
                        at += len;
                    }
                    None => at += 1,
                }
            }
            return hits;
        }
        for (number, (from, line)) in self.lines.iter().enumerate() {
            let is_there = |at: usize| {
                let zone = self.zones.get(from + at).copied().unwrap_or('c');
                scope.zone.is_none_or(|wanted| wanted == zone)
            };
            let mut places = (0..=line.len()).filter(|at| is_there(*at));
            if let Some((at, len)) = places.find_map(|at| Some((at, find(line, at)?))) {
                hits.insert(number as u64 + 1, (at as u32 + 1, (at + len) as u32 + 1));
            }
        }
        hits
    }

    /// The names of the text: those behind `def ` are defined, those before `(` are used; a name is of letters.
    pub fn names(&self) -> Vec<(u64, u32, u32, bool, String)> {
        let mut names = Vec::new();
        if matches!(self.text, TreeText::Bytes(_)) || !self.path.ends_with(".c") {
            return names;
        }
        for (number, (_, line)) in self.lines.iter().enumerate() {
            for (at, len, is_defined) in names_in(line) {
                let name: String = line[at..at + len].iter().collect();
                let (from, to) = (at as u32 + 1, (at + len) as u32 + 1);
                names.push((number as u64 + 1, from, to, is_defined, name));
            }
        }
        names
    }
}

/// Finds the names on a line: where, how long, and whether they are defined there.
pub fn names_in(line: &[char]) -> Vec<(usize, usize, bool)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < line.len() {
        let len = line[at..].iter().take_while(|c| c.is_alphabetic()).count();
        let is_defined = at >= 4 && line[at - 4..at] == ['d', 'e', 'f', ' '];
        if len > 0 && (is_defined || line.get(at + len) == Some(&'(')) {
            found.push((at, len, is_defined));
        }
        at += len.max(1);
    }
    found
}

fn has_capital(text: &str) -> bool {
    text.chars().any(char::is_uppercase)
}

fn find_word(word: &str, is_sensitive: bool) -> impl Fn(&[char], usize) -> Option<usize> + '_ {
    move |line, at| {
        let wanted: Vec<char> = word.chars().collect();
        let there = line.get(at..at + wanted.len())?;
        let is_same = |(a, b): (&char, &char)| a == b || (!is_sensitive && fold(*a) == fold(*b));
        there
            .iter()
            .zip(&wanted)
            .all(is_same)
            .then_some(wanted.len())
    }
}

/// Matches exactly at a place: the regex must find nothing before it.
fn find_regex(regex: regex::Regex) -> impl Fn(&[char], usize) -> Option<usize> {
    move |line, at| {
        let text: String = line.iter().collect();
        let byte = line[..at].iter().map(|c| c.len_utf8()).sum();
        let found = regex.find_at(&text, byte).filter(|m| m.start() == byte)?;
        Some(found.as_str().chars().count())
    }
}

impl Ask {
    fn is_sensitive(&self, scope: Scope) -> bool {
        let own = match self {
            Self::Regex(_, flags) if flags.contains('i') => return false,
            Self::Word(text) | Self::Content(text) | Self::ExceptLine(text) | Self::Note(text) => {
                has_capital(text)
            }
            // No regex of the tests has an escape with a capital.
            Self::Regex(text, _) | Self::Path(text) | Self::Def(text, _) | Self::Ref(text) => {
                has_capital(text)
            }
            Self::Glob(text) => has_capital(text),
            _ => false,
        };
        scope.is_sensitive.unwrap_or(own)
    }

    fn regex(&self, source: &str, scope: Scope) -> regex::Regex {
        let is_sensitive = self.is_sensitive(scope);
        let build = regex::RegexBuilder::new(source)
            .case_insensitive(!is_sensitive)
            .build();
        build.unwrap()
    }

    /// What a term finds in content.
    fn found(&self, file: &File<'_>, scope: Scope) -> Lines {
        let is_sensitive = self.is_sensitive(scope);
        let by_name = |is_wanted: &dyn Fn(bool, &str) -> bool| {
            let mut lines = BTreeMap::new();
            for (line, from, to, is_defined, name) in file.names() {
                if is_wanted(is_defined, &name) {
                    lines.entry(line).or_insert((from, to));
                }
            }
            lines
        };
        match self {
            Self::Word(word) if scope.is_of_names => {
                let find = find_word(word, is_sensitive);
                let holds = |name: &str| {
                    let name: Vec<char> = name.chars().collect();
                    (0..name.len()).any(|at| find(&name, at).is_some())
                };
                by_name(&|is_defined, name| is_defined && holds(name))
            }
            Self::Regex(source, _) if scope.is_of_names => {
                let regex = self.regex(source, scope);
                by_name(&|is_defined, name| is_defined && regex.is_match(name))
            }
            Self::Word(word) | Self::Content(word) | Self::ExceptLine(word) => {
                file.hits(&find_word(word, is_sensitive), scope)
            }
            Self::Regex(source, _) => file.hits(&find_regex(self.regex(source, scope)), scope),
            Self::Def(name, kind) => {
                let regex = self.regex(name, scope);
                let kind = kind.is_none_or(|kind| kind == "function");
                by_name(&|is_defined, name| is_defined && kind && regex.is_match(name))
            }
            Self::Ref(name) => {
                let regex = self.regex(name, scope);
                by_name(&|is_defined, name| !is_defined && regex.is_match(name))
            }
            Self::Kind(kind) => by_name(&|is_defined, _| is_defined && *kind == "function"),
            _ => BTreeMap::new(),
        }
    }

    fn is_named(&self, file: &File<'_>, scope: Scope) -> bool {
        let path: Vec<char> = file.path.chars().collect();
        let find: OwnFind<'_> = match self {
            _ if scope.zone.is_some() || scope.is_of_names => return false,
            Self::Word(word) => Box::new(find_word(word, self.is_sensitive(scope))),
            Self::Regex(source, _) => Box::new(find_regex(self.regex(source, scope))),
            _ => return false,
        };
        (0..=path.len()).any(|at| find(&path, at).is_some())
    }

    fn is_so(&self, file: &File<'_>, scope: Scope) -> bool {
        match self {
            Self::Path(regex) => self.regex(regex, scope).is_match(file.path),
            Self::Glob(extension) => {
                let end = format!(".{extension}");
                file.path.ends_with(&end)
                    || (!self.is_sensitive(scope)
                        && file.path.to_lowercase().ends_with(&end.to_lowercase()))
            }
            Self::Lang => file.path.ends_with(".c"),
            Self::Flag("binary") => matches!(file.text, TreeText::Bytes(_)),
            Self::Flag("control") => {
                matches!(file.text, TreeText::Text(text) if text.contains('\u{1}'))
            }
            Self::Flag(_) => file.path.contains("/S"),
            Self::Size(operator, number) => {
                let (size, number) = (file.bytes as u64, *number);
                match *operator {
                    ">" => size > number,
                    "<" => size < number,
                    ">=" => size >= number,
                    "<=" => size <= number,
                    _ => size == number,
                }
            }
            Self::Note(word) => {
                let find = find_word(word, self.is_sensitive(scope));
                (0..3).any(|at| find(&['n', 'O', 't'], at).is_some())
            }
            _ => unreachable!("{self:?} is looked for in content"),
        }
    }

    /// What the question finds in a file; nothing if the file does not satisfy it. With `is_bare` no line of the content
    /// counts.
    fn answer(&self, file: &File<'_>, scope: Scope, is_bare: bool) -> Option<Hits> {
        match self {
            Self::With(setting, part) => {
                let mut scope = scope;
                match *setting {
                    "case:yes" => scope.is_sensitive = Some(true),
                    "case:no" => scope.is_sensitive = Some(false),
                    "in:code" => scope.zone = Some('c'),
                    "in:comment" => scope.zone = Some('#'),
                    "in:string" => scope.zone = Some('"'),
                    other => unreachable!("{other}"),
                }
                part.answer(file, scope, is_bare)
            }
            Self::All(parts) => {
                let mut all = Hits::default();
                for part in parts {
                    all.take(part.answer(file, scope, is_bare)?);
                }
                let out: Vec<&Self> = parts.iter().filter(|p| p.is_except_line()).collect();
                for line in out.iter().flat_map(|p| p.found(file, scope).into_keys()) {
                    all.lines.remove(&line);
                    all.names.remove(&line);
                }
                let bare = || parts.iter().all(|p| p.answer(file, scope, true).is_some());
                let is_kept = out.is_empty() || !all.lines.is_empty() || bare();
                is_kept.then_some(all)
            }
            Self::Any(parts) => {
                let found = parts.iter().filter_map(|p| p.answer(file, scope, is_bare));
                found.reduce(|mut all, hits| {
                    all.take(hits);
                    all
                })
            }
            Self::Not(part) => match &**part {
                Self::Not(part) => part.answer(file, scope, is_bare),
                // Two negations are none, whatever is set between them.
                Self::With(setting, inner) if matches!(**inner, Self::Not(_) | Self::With(..)) => {
                    let inner = Self::With(setting, Box::new(Self::Not(inner.clone())));
                    inner.answer(file, scope, is_bare)
                }
                part => {
                    let is_found = part.answer(file, scope, false).is_some();
                    (!is_found).then(Hits::default)
                }
            },
            Self::ExceptLine(_) => Some(Hits::default()),
            Self::Word(_)
            | Self::Content(_)
            | Self::Regex(..)
            | Self::Def(..)
            | Self::Ref(_)
            | Self::Kind(_) => {
                let mut hits = Hits {
                    is_named: self.is_named(file, scope),
                    ..Hits::default()
                };
                if !is_bare {
                    hits.lines = self.found(file, scope);
                }
                if scope.is_of_names && !matches!(self, Self::Content(_)) {
                    hits.names.clone_from(&hits.lines);
                }
                (hits.is_named || !hits.lines.is_empty()).then_some(hits)
            }
            _ => self.is_so(file, scope).then(Hits::default),
        }
    }

    fn is_except_line(&self) -> bool {
        matches!(self, Self::ExceptLine(_))
    }

    /// Returns whether a name is asked for, no negation before it.
    fn asks_names(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::asks_names),
            Self::With(_, part) => part.asks_names(),
            Self::Not(part) => match &**part {
                Self::Not(part) => part.asks_names(),
                Self::With(_, part) if matches!(**part, Self::Not(_) | Self::With(..)) => {
                    Self::Not(part.clone()).asks_names()
                }
                _ => false,
            },
            Self::Word(_) | Self::Regex(..) | Self::Def(..) | Self::Ref(_) | Self::Kind(_) => true,
            _ => false,
        }
    }

    /// The same question that also asks for every name.
    fn with_names(&self) -> Self {
        match self {
            Self::With(setting, part) => Self::With(setting, Box::new(part.with_names())),
            Self::All(parts) => Self::All([&parts[..], &[Self::Kind("function")]].concat()),
            other => Self::All(vec![other.clone(), Self::Kind("function")]),
        }
    }
}

impl Hits {
    fn take(&mut self, other: Self) {
        self.is_named |= other.is_named;
        for (mine, theirs) in [
            (&mut self.lines, other.lines),
            (&mut self.names, other.names),
        ] {
            for (line, hit) in theirs {
                let known = mine.entry(line).or_insert(hit);
                *known = hit.min(*known);
            }
        }
    }
}

/// What is listed of each file that satisfies a question, by the file's place in the tree.
pub fn expected(tree: &Tree, ask: &Ask, unit: &str) -> Vec<(u32, Hits)> {
    let is_of_names = unit == "symbol";
    let ask = if is_of_names && !ask.asks_names() {
        ask.with_names()
    } else {
        ask.clone()
    };
    let mut out = Vec::new();
    for (at, (path, bytes, text)) in tree.files.iter().enumerate() {
        let path = path.searched();
        let file = File::new(&path, bytes.len(), text);
        let scope = Scope {
            is_of_names,
            ..Scope::default()
        };
        let Some(mut hits) = ask.answer(&file, scope, false) else {
            continue;
        };
        match unit {
            "line" => hits.is_named |= hits.lines.is_empty(),
            "file" => {
                hits = Hits {
                    is_named: true,
                    ..Hits::default()
                }
            }
            _ => hits.lines = hits.names,
        }
        hits.names = Lines::new();
        if hits.is_named || !hits.lines.is_empty() {
            out.push((at as u32, hits));
        }
    }
    out
}
