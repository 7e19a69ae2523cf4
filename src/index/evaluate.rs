//! A query and one content: whether it is satisfied, and with which lines.

use super::lines::{self, Content, Cursor, Lines, Tally, Within};
use super::plan::{Foresight, Node, Plan, Truth, What};
use super::standing;
use crate::language::{self, Zones};
use crate::model::{FileHits, HitLine, Symbol, SymbolRole, Zone};
use crate::query::{self, Unit};
use crate::text::WideStrings;
use std::cell::OnceCell;
use std::ops::Range;

/// Most hit lines of one file that are listed; all are counted.
pub(super) const LISTED: usize = 1 << 20;

/// One content in the forms in which it is searched.
#[derive(Clone, Copy)]
pub(super) struct SearchedForms<'s> {
    /// As it is stored, without the strings of a binary file.
    pub content: Content<'s>,
    /// With the CR of its line ends, if it has any and something looks for them.
    pub with_ends: Option<&'s [u8]>,
    /// The strings of 16 and 32 bits of a binary file, a line each.
    pub strings: &'s [u8],
}

/// One content under a query. Nothing is searched before it is asked for, and nothing twice.
pub(super) struct Scan<'s> {
    plan: &'s Plan<'s>,
    content: Content<'s>,
    readings: SearchedForms<'s>,
    /// The same, for the facts; nothing if it cannot be read.
    delivered: Option<query::Content<'s>>,
    may_hold: &'s [bool],
    firsts: Vec<OnceCell<Option<(usize, usize)>>>,
    /// The same in the strings of a binary file.
    firsts_of_strings: Vec<OnceCell<Option<(usize, usize)>>>,
    strings: OnceCell<WideStrings>,
    /// What depends on the language of a file, of the file that was looked at last.
    reading: Reading,
}

/// A text read as a language.
#[derive(Default)]
struct Reading {
    language: Option<String>,
    file: u32,
    zones: OnceCell<Zones>,
    zones_with_ends: OnceCell<Zones>,
    symbols: OnceCell<Vec<Symbol>>,
    defined: OnceCell<Vec<Range<u32>>>,
    /// The hits of each name that is looked for.
    names: Vec<OnceCell<Vec<HitLine>>>,
}

/// The hits of one file, and how many lines it has in all.
pub(super) struct Found {
    pub hits: FileHits,
    pub lines: u64,
}

/// What lines are wanted for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    /// To decide whether a condition holds.
    Truth,
    /// To be listed.
    List,
}

impl<'s> Scan<'s> {
    pub(super) fn new(
        plan: &'s Plan<'s>,
        readings: SearchedForms<'s>,
        delivered: Option<query::Content<'s>>,
        may_hold: &'s [bool],
    ) -> Self {
        Self {
            plan,
            content: readings.content,
            readings,
            delivered,
            may_hold,
            firsts: cells(plan),
            firsts_of_strings: cells(plan),
            strings: OnceCell::new(),
            reading: Reading::default(),
        }
    }

    /// Returns the hits of a file that has this content; nothing if it does not satisfy the query.
    pub(super) fn file(&mut self, file: u32) -> Option<Found> {
        self.read_as(file);
        let root = &*self.plan.root;
        if !self.is_true(root, file) {
            return None;
        }
        let (mut listed, mut count) = (Vec::new(), 0_u64);
        if self.plan.unit == Unit::Finding {
            listed = lines::spans(self.text(), self.plan.facts.findings(file));
            count = listed.len() as u64;
        } else if let Some(mut stream) = self.lines(root, file, For::List) {
            while let Some(hit) = stream.next() {
                count += 1;
                if listed.len() < LISTED {
                    listed.push(hit);
                }
                if count.is_multiple_of(4096) && (self.content.is_cancelled)() {
                    break;
                }
            }
        }
        let name_matches = match self.plan.unit {
            // A file that satisfies a query without a line of it is shown by its name.
            Unit::Line => count == 0 || self.is_named(root, file),
            Unit::File => true,
            Unit::Symbol | Unit::Finding if count == 0 => return None,
            Unit::Symbol | Unit::Finding => false,
        };
        let hits = FileHits {
            file,
            name_matches,
            binary: self.content.is_binary,
            lines: listed,
            rank: if self.plan.is_ranked {
                let holds = |look: &usize| self.plan.is_named(*look, file) || self.holds(*look);
                standing::rank(self.plan, file, self.content.text, &holds)
            } else {
                crate::model::Rank::default()
            },
        };
        Some(Found { hits, lines: count })
    }

    /// Forgets what was found in the text as another language, if it matters.
    fn read_as(&mut self, file: u32) {
        if !self.plan.needs_language {
            return;
        }
        let language = self.plan.facts.language(file);
        if self.reading.names.is_empty() || self.reading.language.as_deref() != language {
            self.reading = Reading {
                language: language.map(str::to_owned),
                file,
                names: cells(self.plan),
                ..Reading::default()
            };
            for (look, first) in self.plan.looks.iter().zip(&mut self.firsts) {
                if !matches!(look.what, What::Text { zone: None, .. }) {
                    *first = OnceCell::new();
                }
            }
        }
    }

    /// Returns the text, empty if the content is none.
    fn text(&self) -> &'s [u8] {
        if self.content.is_binary {
            &[]
        } else {
            self.content.text
        }
    }

    fn zones_of(&self, text: &[u8]) -> Zones {
        let language = self.reading.language.as_deref();
        let language = language.filter(|_| !self.content.is_binary);
        language::zones(language.and_then(language::by_name), text)
    }

    /// Returns the form of the content in which something is looked for.
    fn content_for(&self, look: usize) -> Content<'s> {
        let wants_ends = self.plan.looks[look].wants_line_ends;
        match self.readings.with_ends.filter(|_| wants_ends) {
            Some(text) => Content {
                text,
                ..self.content
            },
            None => self.content,
        }
    }

    fn has_ends(&self, look: usize) -> bool {
        self.readings.with_ends.is_some() && self.plan.looks[look].wants_line_ends
    }

    fn symbols(&self) -> &[Symbol] {
        self.reading.symbols.get_or_init(|| {
            let text = std::str::from_utf8(self.text()).unwrap_or_default();
            let mut symbols = match text {
                "" => Vec::new(),
                text => self.plan.facts.symbols(self.reading.file, text),
            };
            let is_inside =
                |s: &Symbol| s.name.start < s.name.end && s.name.end as usize <= text.len();
            symbols.retain(is_inside);
            symbols.sort_by_key(|symbol| (symbol.name.start, symbol.name.end));
            symbols
        })
    }

    /// Returns where names are defined; nothing if nobody wants to know.
    fn defined(&self) -> &[Range<u32>] {
        if !self.plan.is_ranked {
            return &[];
        }
        self.reading.defined.get_or_init(|| {
            let defined = self.symbols().iter();
            let defined = defined.filter(|s| s.role == SymbolRole::Definition);
            defined.map(|s| s.name.clone()).collect()
        })
    }

    fn named(&self, look: usize) -> &[HitLine] {
        self.reading.names[look].get_or_init(|| {
            let what = &self.plan.looks[look].what;
            let found = self.symbols().iter().filter(|s| what.is(s, self.text()));
            let tally = Tally::new(self.text(), self.defined());
            lines::names(tally, found.map(|s| s.name.clone()))
        })
    }

    fn within(&self, look: usize, zone: Option<Zone>) -> Within<'_> {
        let zone = zone?;
        let cell = if self.has_ends(look) {
            &self.reading.zones_with_ends
        } else {
            &self.reading.zones
        };
        let text = self.content_for(look).text;
        Some((cell.get_or_init(|| self.zones_of(text)), zone))
    }

    /// Returns the first place of what is looked for; of a name only whether there is one.
    fn first(&self, look: usize) -> Option<(usize, usize)> {
        if !self.may_hold[look] {
            return None;
        }
        *self.firsts[look].get_or_init(|| match &self.plan.looks[look].what {
            What::Text { matcher, zone } => {
                let content = self.content_for(look);
                lines::first(matcher, &content, 0, self.within(look, *zone))
            }
            What::Name { .. } => self.named(look).first().map(|_| (0, 0)),
        })
    }

    /// Returns the strings of a binary file as what is searched.
    fn strings_content(&self) -> Content<'s> {
        Content {
            text: self.readings.strings,
            is_binary: true,
            is_cancelled: self.content.is_cancelled,
        }
    }

    /// Returns the first place of what is looked for in the strings of a binary file, which are code as its bytes are.
    fn first_string(&self, look: usize) -> Option<(usize, usize)> {
        if !self.may_hold[look] || self.readings.strings.is_empty() {
            return None;
        }
        *self.firsts_of_strings[look].get_or_init(|| match &self.plan.looks[look].what {
            What::Text {
                matcher,
                zone: None | Some(Zone::Code),
            } => lines::first(matcher, &self.strings_content(), 0, None),
            What::Text { .. } | What::Name { .. } => None,
        })
    }

    fn holds(&self, look: usize) -> bool {
        self.first(look).is_some() || self.first_string(look).is_some()
    }

    fn is_true(&self, node: &Node, file: u32) -> bool {
        match node {
            Node::And(parts) => {
                let known = Foresight {
                    may_hold: &|look| self.may_hold[look],
                    is_readable: self.delivered.is_some(),
                };
                parts
                    .iter()
                    .all(|p| self.plan.foresee(p, file, &known) != Truth::No)
                    && parts.iter().all(|p| self.is_true(p, file))
                    && self.keeps_a_line(node, parts, file)
            }
            Node::Or(parts) => parts.iter().any(|p| self.is_true(p, file)),
            Node::Not(part) => !self.is_true(part, file),
            Node::Files(files) => files.has(file as usize),
            Node::Look(look) => self.plan.is_named(*look, file) || self.holds(*look),
            Node::ExceptLine(_) => true,
            Node::Fact(fact) => self.plan.known(*fact, file).unwrap_or_else(|| {
                let fact = &self.plan.open[*fact].fact;
                let content = self.delivered.as_ref();
                let holds = content.map(|c| self.plan.facts.holds(file, fact, Some(c)));
                holds.flatten().unwrap_or(false)
            }),
        }
    }

    /// Returns whether a conjunction that leaves lines out still has one, or does not need one.
    fn keeps_a_line(&self, node: &Node, parts: &[Node], file: u32) -> bool {
        if !parts.iter().any(|p| matches!(p, Node::ExceptLine(_))) {
            return true;
        }
        parts.iter().all(|part| self.needs_no_line(part, file))
            || self
                .lines(node, file, For::Truth)
                .is_some_and(|mut lines| lines.next().is_some())
    }

    /// Returns whether a condition holds even if no line of the content counts.
    fn needs_no_line(&self, node: &Node, file: u32) -> bool {
        match node {
            Node::And(parts) => parts.iter().all(|p| self.needs_no_line(p, file)),
            Node::Or(parts) => parts.iter().any(|p| self.needs_no_line(p, file)),
            Node::Look(look) => self.plan.is_named(*look, file),
            Node::Not(_) | Node::Files(_) | Node::ExceptLine(_) | Node::Fact(_) => {
                self.is_true(node, file)
            }
        }
    }

    /// Returns the hit lines of a condition that is satisfied.
    fn lines<'a>(&'a self, node: &Node, file: u32, purpose: For) -> Option<Lines<'a>>
    where
        's: 'a,
    {
        match node {
            Node::And(parts) => {
                let mut all = self.kept(parts, file, purpose)?;
                for part in parts {
                    if let Node::ExceptLine(look) = part
                        && let Some(other) = self.stream(*look)
                    {
                        all = all.but(other);
                    }
                }
                Some(all)
            }
            Node::Or(parts) => {
                let parts = parts.iter().filter(|p| self.is_true(p, file));
                let lines = parts.filter_map(|p| self.lines(p, file, purpose));
                Self::joined(lines.collect())
            }
            Node::Look(look) if purpose == For::List && !self.plan.is_listed(*look) => None,
            Node::Look(look) => self.stream(*look),
            Node::Not(_) | Node::Files(_) | Node::ExceptLine(_) | Node::Fact(_) => None,
        }
    }

    fn kept<'a>(&'a self, parts: &[Node], file: u32, purpose: For) -> Option<Lines<'a>>
    where
        's: 'a,
    {
        let lines = parts.iter().filter_map(|p| self.lines(p, file, purpose));
        Self::joined(lines.collect())
    }

    fn joined(mut streams: Vec<Lines<'_>>) -> Option<Lines<'_>> {
        match streams.len() {
            0 | 1 => streams.pop(),
            _ => Some(Lines::any(streams)),
        }
    }

    fn stream(&self, look: usize) -> Option<Lines<'_>> {
        let What::Text { matcher, zone } = &self.plan.looks[look].what else {
            self.first(look)?;
            return Some(Lines::Known(self.named(look).iter()));
        };
        let bytes = self.first(look).map(|first| {
            let content = self.content_for(look);
            let defined = if self.has_ends(look) {
                &[]
            } else {
                self.defined()
            };
            let tally = Tally::new(content.text, defined);
            let within = self.within(look, *zone);
            Lines::One(Cursor::new(matcher, content, within, tally, first))
        });
        let strings = self.first_string(look).map(|first| {
            let of = || WideStrings::find(self.content.text);
            let sources = self.strings.get_or_init(of).sources();
            let tally = Tally::new(&[], &[]);
            let cursor = Cursor::new(matcher, self.strings_content(), None, tally, first);
            Lines::One(cursor.in_strings(sources))
        });
        Self::joined(bytes.into_iter().chain(strings).collect())
    }

    fn is_named(&self, node: &Node, file: u32) -> bool {
        match node {
            Node::And(parts) => parts.iter().any(|p| self.is_named(p, file)),
            Node::Or(parts) => parts
                .iter()
                .any(|p| self.is_named(p, file) && self.is_true(p, file)),
            Node::Look(look) => self.plan.is_named(*look, file),
            Node::Not(_) | Node::Files(_) | Node::ExceptLine(_) | Node::Fact(_) => false,
        }
    }
}

fn cells<T>(plan: &Plan<'_>) -> Vec<OnceCell<T>> {
    plan.looks.iter().map(|_| OnceCell::new()).collect()
}
