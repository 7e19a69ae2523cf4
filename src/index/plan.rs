//! A query made ready for one corpus: patterns compiled, paths, languages and facts decided, candidates picked.

use super::corpus::Corpus;
use super::engine::{Bits, Reader};
use super::matcher::Matcher;
use super::stored_units::StoredUnit;
use crate::model::{Symbol, SymbolKind, SymbolRole, Zone};
use crate::query::{Expr, Facts, FileFact, Need, Order, Pattern, Query, SymbolUse, Term, Unit};
use std::sync::Arc;

/// A condition on a file; numbers are places in [`Plan::looks`] and [`Plan::open`].
pub(super) enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// Files known beforehand.
    Files(Bits),
    /// The content or the path holds what is looked for.
    Look(usize),
    /// Lines to leave out.
    ExceptLine(usize),
    /// What only the content of some files tells.
    Fact(usize),
}

/// What is looked for in contents.
#[derive(Clone)]
pub(super) struct Look {
    pub what: What,
    /// Files whose path holds it; none for what is about content only.
    pub names: Option<Arc<Bits>>,
    /// Groups whose texts may hold it.
    groups: Arc<Bits>,
    /// It names the CR of line ends, which stored texts do not have.
    pub wants_line_ends: bool,
}

/// A text or a name.
#[derive(Clone)]
pub(super) enum What {
    Text {
        matcher: Matcher,
        zone: Option<Zone>,
    },
    Name {
        matcher: Option<Matcher>,
        wanted: SymbolUse,
        kinds: Vec<SymbolKind>,
    },
}

/// A fact that is not known of all files beforehand.
pub(super) struct Open {
    pub fact: FileFact,
    known: Bits,
    unknown: Bits,
}

/// A query made ready for one corpus.
pub(super) struct Plan<'p> {
    pub corpus: &'p Corpus,
    pub facts: &'p dyn Facts,
    pub root: Arc<Node>,
    pub looks: Vec<Look>,
    pub open: Arc<Vec<Open>>,
    /// What no negation stands before.
    pub positive: Vec<usize>,
    pub unit: Unit,
    pub is_ranked: bool,
    /// What stands where, or what is defined where, depends on the language of a file.
    pub needs_language: bool,
}

/// What is known of a condition before the content is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    No,
    Maybe,
    Yes,
}

/// What is known of a content before it is read.
pub(super) struct Foresight<'f> {
    /// It may hold what is looked for.
    pub may_hold: &'f dyn Fn(usize) -> bool,
    /// It can be read.
    pub is_readable: bool,
}

impl<'p> Plan<'p> {
    pub(super) fn new(
        query: &Query,
        corpus: &'p Corpus,
        facts: &'p dyn Facts,
        reader: Option<&Reader>,
    ) -> Self {
        let mut maker = Maker {
            corpus,
            facts,
            reader,
            looks: Vec::new(),
            open: Vec::new(),
        };
        let mut root = maker.node(&query.root);
        let mut positive = Vec::new();
        positives(&root, &mut positive);
        let is_name = |look: &usize| matches!(maker.looks[*look].what, What::Name { .. });
        if query.unit == Unit::Symbol && !positive.iter().any(is_name) {
            let any = maker.look(
                What::Name {
                    matcher: None,
                    wanted: SymbolUse::Definition,
                    kinds: Vec::new(),
                },
                None,
                &Need::All,
            );
            positive.push(any);
            match &mut root {
                Node::And(parts) => parts.push(Node::Look(any)),
                _ => root = Node::And(vec![root, Node::Look(any)]),
            }
        }
        let is_ranked = query.order == Some(Order::Rank);
        let has_parts = |look: &Look| match &look.what {
            What::Text { zone, .. } => zone.is_some(),
            What::Name { .. } => true,
        };
        Self {
            corpus,
            facts,
            root: Arc::new(root),
            needs_language: is_ranked || maker.looks.iter().any(has_parts),
            looks: maker.looks,
            open: Arc::new(maker.open),
            positive,
            unit: query.unit,
            is_ranked,
        }
    }

    /// Copies the plan for one more thread: what is searched with must not be shared.
    pub(super) fn for_thread(&self) -> Self {
        Self {
            root: Arc::clone(&self.root),
            looks: self.looks.clone(),
            open: Arc::clone(&self.open),
            positive: self.positive.clone(),
            ..*self
        }
    }

    /// Returns what is known of a file before its content is read.
    pub(super) fn foresee(&self, node: &Node, file: u32, known: &Foresight<'_>) -> Truth {
        match node {
            Node::And(parts) => {
                let mut truth = Truth::Yes;
                for part in parts {
                    match self.foresee(part, file, known) {
                        Truth::No => return Truth::No,
                        // Which lines are left out may decide, so a part with hits is never certain.
                        Truth::Maybe => truth = Truth::Maybe,
                        Truth::Yes => {}
                    }
                }
                truth
            }
            Node::Or(parts) => {
                let mut truth = Truth::No;
                for part in parts {
                    match self.foresee(part, file, known) {
                        Truth::Yes => return Truth::Yes,
                        Truth::Maybe => truth = Truth::Maybe,
                        Truth::No => {}
                    }
                }
                truth
            }
            Node::Not(part) => match self.foresee(part, file, known) {
                Truth::No => Truth::Yes,
                Truth::Maybe => Truth::Maybe,
                Truth::Yes => Truth::No,
            },
            Node::Files(files) if files.has(file as usize) => Truth::Yes,
            Node::Look(look) if self.is_named(*look, file) => Truth::Yes,
            Node::Look(look) if (known.may_hold)(*look) => Truth::Maybe,
            Node::Fact(fact) => {
                let fact = &self.open[*fact];
                if fact.known.has(file as usize) {
                    Truth::Yes
                } else if known.is_readable && fact.unknown.has(file as usize) {
                    Truth::Maybe
                } else {
                    Truth::No
                }
            }
            Node::Files(_) | Node::Look(_) => Truth::No,
            Node::ExceptLine(_) => Truth::Yes,
        }
    }

    /// Returns whether a fact is known of a file beforehand, or nothing if its content must be asked.
    pub(super) fn known(&self, fact: usize, file: u32) -> Option<bool> {
        let fact = &self.open[fact];
        (!fact.unknown.has(file as usize)).then(|| fact.known.has(file as usize))
    }

    /// Returns whether a stored text may hold what is looked for. Every trigram of a match within a line is in the one
    /// group that holds the line; a match that spans lines may lie across the groups of a large text.
    pub(super) fn may_hold(&self, look: usize, unit: &StoredUnit) -> bool {
        let look = &self.looks[look];
        let is_line_bound = match &look.what {
            What::Text { matcher, .. } => matcher.is_line_bound(),
            What::Name { .. } => true,
        };
        let mut groups = unit.groups();
        if is_line_bound || groups.len() == 1 {
            groups.any(|group| look.groups.has(group))
        } else {
            true
        }
    }

    /// Returns whether the file's path holds what is looked for.
    pub(super) fn is_named(&self, look: usize, file: u32) -> bool {
        let names = self.looks[look].names.as_ref();
        names.is_some_and(|names| names.has(file as usize))
    }

    /// Returns whether a file can be in the list at all.
    pub(super) fn may_be_listed(&self, file: u32) -> bool {
        self.unit != Unit::Finding || !self.facts.findings(file).is_empty()
    }

    /// Returns whether what is looked for makes lines of the list.
    pub(super) fn is_listed(&self, look: usize) -> bool {
        match self.unit {
            Unit::Line => true,
            Unit::Symbol => matches!(self.looks[look].what, What::Name { .. }),
            Unit::File | Unit::Finding => false,
        }
    }
}

impl What {
    /// Returns whether it is this name.
    pub(super) fn is(&self, symbol: &Symbol, text: &[u8]) -> bool {
        let Self::Name {
            matcher,
            wanted,
            kinds,
        } = self
        else {
            return false;
        };
        let has_role = match symbol.role {
            SymbolRole::Definition => *wanted == SymbolUse::Definition,
            SymbolRole::Declaration | SymbolRole::Call | SymbolRole::Reference => {
                *wanted == SymbolUse::Reference
            }
            SymbolRole::Comment => false,
        };
        let has_kind = kinds.is_empty() || kinds.contains(&symbol.kind);
        let name = &text[symbol.name.start as usize..symbol.name.end as usize];
        has_role
            && has_kind
            && matcher
                .as_ref()
                .is_none_or(|matcher| matcher.find_at(name, 0).is_some())
    }
}

fn positives(node: &Node, out: &mut Vec<usize>) {
    match node {
        Node::And(parts) | Node::Or(parts) => parts.iter().for_each(|p| positives(p, out)),
        Node::Look(look) => out.push(*look),
        Node::Not(_) | Node::Files(_) | Node::ExceptLine(_) | Node::Fact(_) => {}
    }
}

struct Maker<'a> {
    corpus: &'a Corpus,
    facts: &'a dyn Facts,
    reader: Option<&'a Reader>,
    looks: Vec<Look>,
    open: Vec<Open>,
}

impl Maker<'_> {
    fn node(&mut self, expr: &Expr) -> Node {
        match expr {
            Expr::And(parts) => Node::And(self.nodes(parts)),
            Expr::Or(parts) => Node::Or(self.nodes(parts)),
            Expr::Not(part) => Node::Not(Box::new(self.node(part))),
            Expr::Term(Term::Path(pattern)) => {
                Node::Files(self.corpus.matching_paths(&Matcher::new(pattern)))
            }
            Expr::Term(Term::Language(name)) => {
                let is_in = |file| self.facts.language(file) == Some(name);
                Node::Files(self.files(is_in))
            }
            Expr::Term(Term::Text(pattern)) => {
                let what = text(pattern);
                let names = match &what {
                    What::Text { matcher, .. } => self.corpus.matching_paths(matcher),
                    What::Name { .. } => Bits::none(0),
                };
                Node::Look(self.text_look(what, Some(Arc::new(names)), pattern))
            }
            Expr::Term(Term::Content(pattern)) => {
                Node::Look(self.text_look(text(pattern), None, pattern))
            }
            Expr::Term(Term::ExceptLine(pattern)) => {
                Node::ExceptLine(self.text_look(text(pattern), None, pattern))
            }
            Expr::Term(Term::Symbol(symbol)) => {
                let what = What::Name {
                    matcher: symbol.name.as_ref().map(Matcher::new),
                    wanted: symbol.wanted,
                    kinds: symbol.kinds.clone(),
                };
                let need = symbol.name.as_ref().map_or(Need::All, Pattern::need);
                Node::Look(self.look(what, None, &need))
            }
            Expr::Term(Term::Fact(fact)) => self.fact(fact),
        }
    }

    fn nodes(&mut self, parts: &[Expr]) -> Vec<Node> {
        parts.iter().map(|part| self.node(part)).collect()
    }

    fn files(&self, is_wanted: impl Fn(u32) -> bool) -> Bits {
        let mut files = Bits::none(self.corpus.len());
        for file in (0..self.corpus.len()).filter(|file| is_wanted(*file as u32)) {
            files.set(file);
        }
        files
    }

    fn fact(&mut self, fact: &FileFact) -> Node {
        let mut known = Bits::none(self.corpus.len());
        let mut unknown = Bits::none(self.corpus.len());
        let mut is_open = false;
        for file in 0..self.corpus.len() {
            match self.facts.holds(file as u32, fact, None) {
                Some(true) => known.set(file),
                Some(false) => {}
                None => {
                    unknown.set(file);
                    is_open = true;
                }
            }
        }
        if !is_open {
            return Node::Files(known);
        }
        self.open.push(Open {
            fact: fact.clone(),
            known,
            unknown,
        });
        Node::Fact(self.open.len() - 1)
    }

    fn text_look(&mut self, what: What, names: Option<Arc<Bits>>, pattern: &Pattern) -> usize {
        let wants_line_ends = pattern.names_carriage_return();
        // No trigram of a stored text has the CR of a line end.
        let need = if wants_line_ends {
            Need::All
        } else {
            pattern.need()
        };
        let look = self.look(what, names, &need);
        self.looks[look].wants_line_ends = wants_line_ends;
        look
    }

    fn look(&mut self, what: What, names: Option<Arc<Bits>>, need: &Need) -> usize {
        let groups = match self.reader {
            Some(reader) => reader.candidates(need),
            None => Bits::none(0),
        };
        self.looks.push(Look {
            what,
            names,
            groups: Arc::new(groups),
            wants_line_ends: false,
        });
        self.looks.len() - 1
    }
}

fn text(pattern: &Pattern) -> What {
    What::Text {
        matcher: Matcher::new(pattern),
        zone: pattern.zone,
    }
}
