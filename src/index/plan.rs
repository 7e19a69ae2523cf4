//! A query made ready for one corpus: patterns compiled, paths and languages decided, candidates picked.

use super::corpus::Corpus;
use super::engine::{Bits, Reader};
use super::matcher::Matcher;
use super::store::Row;
use crate::query::{Expr, Facts, Query, Term};
use std::io;
use std::sync::Arc;

/// A condition on a file; numbers are places in [`Plan::terms`].
pub(super) enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// Files known beforehand.
    Files(Bits),
    /// The content or the path holds the term.
    Text(usize),
    /// Lines to leave out.
    ExceptLine(usize),
}

/// A pattern that is looked for in contents.
#[derive(Clone)]
pub(super) struct Text {
    pub matcher: Matcher,
    /// Files whose path holds it; none for a term that is about content only.
    pub names: Option<Arc<Bits>>,
    /// Groups whose texts may hold it.
    pub groups: Arc<Bits>,
}

/// A query made ready for one corpus.
pub(super) struct Plan {
    pub root: Arc<Node>,
    pub texts: Vec<Text>,
    /// The terms whose lines may be hits: those under no negation.
    pub positive: Vec<usize>,
}

/// What is known of a condition before the content is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    No,
    Maybe,
    Yes,
}

impl Plan {
    pub(super) fn new(
        query: &Query,
        corpus: &Corpus,
        facts: &dyn Facts,
        reader: Option<&Reader>,
    ) -> io::Result<Self> {
        let mut maker = Maker {
            corpus,
            facts,
            reader,
            texts: Vec::new(),
        };
        let root = maker.node(&query.root)?;
        let mut positive = Vec::new();
        positives(&root, &mut positive);
        Ok(Self {
            root: Arc::new(root),
            texts: maker.texts,
            positive,
        })
    }

    /// Copies the plan for one more thread: what is searched with must not be shared.
    pub(super) fn for_thread(&self) -> Self {
        Self {
            root: Arc::clone(&self.root),
            texts: self.texts.clone(),
            positive: self.positive.clone(),
        }
    }

    /// Returns what is known of a file before its content is read. `may_hold` tells whether the content may hold a term.
    pub(super) fn foresee(
        &self,
        node: &Node,
        file: u32,
        may_hold: &dyn Fn(usize) -> bool,
    ) -> Truth {
        match node {
            Node::And(parts) => {
                let mut truth = Truth::Yes;
                for part in parts {
                    match self.foresee(part, file, may_hold) {
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
                    match self.foresee(part, file, may_hold) {
                        Truth::Yes => return Truth::Yes,
                        Truth::Maybe => truth = Truth::Maybe,
                        Truth::No => {}
                    }
                }
                truth
            }
            Node::Not(part) => match self.foresee(part, file, may_hold) {
                Truth::No => Truth::Yes,
                Truth::Maybe => Truth::Maybe,
                Truth::Yes => Truth::No,
            },
            Node::Files(files) if files.has(file as usize) => Truth::Yes,
            Node::Text(text) if self.is_named(*text, file) => Truth::Yes,
            Node::Text(text) if may_hold(*text) => Truth::Maybe,
            Node::Files(_) | Node::Text(_) => Truth::No,
            Node::ExceptLine(_) => Truth::Yes,
        }
    }

    /// Returns whether a stored text may hold the term. Every trigram of a match within a line is in the one group
    /// that holds the line; a match that spans lines may lie across the groups of a large text.
    pub(super) fn may_hold(&self, text: usize, row: &Row) -> bool {
        let text = &self.texts[text];
        let groups = row.group as usize..row.group as usize + row.groups as usize;
        if text.matcher.is_line_bound() || row.groups == 1 {
            groups.into_iter().any(|group| text.groups.has(group))
        } else {
            true
        }
    }

    /// Returns whether the file's path holds the term.
    pub(super) fn is_named(&self, text: usize, file: u32) -> bool {
        self.texts[text]
            .names
            .as_ref()
            .is_some_and(|names| names.has(file as usize))
    }
}

fn positives(node: &Node, out: &mut Vec<usize>) {
    match node {
        Node::And(parts) | Node::Or(parts) => parts.iter().for_each(|p| positives(p, out)),
        Node::Text(text) => out.push(*text),
        Node::Not(_) | Node::Files(_) | Node::ExceptLine(_) => {}
    }
}

struct Maker<'a> {
    corpus: &'a Corpus,
    facts: &'a dyn Facts,
    reader: Option<&'a Reader>,
    texts: Vec<Text>,
}

impl Maker<'_> {
    fn node(&mut self, expr: &Expr) -> io::Result<Node> {
        Ok(match expr {
            Expr::And(parts) => Node::And(self.nodes(parts)?),
            Expr::Or(parts) => Node::Or(self.nodes(parts)?),
            Expr::Not(part) => Node::Not(Box::new(self.node(part)?)),
            Expr::Term(Term::Path(pattern)) => {
                Node::Files(self.corpus.matching_paths(&Matcher::new(pattern)))
            }
            Expr::Term(Term::Language(name)) => {
                let mut files = Bits::none(self.corpus.len());
                for file in 0..self.corpus.len() {
                    if self.facts.language(self.corpus.number(file as u32)) == Some(name) {
                        files.set(file);
                    }
                }
                Node::Files(files)
            }
            Expr::Term(
                Term::Text(pattern) | Term::Content(pattern) | Term::ExceptLine(pattern),
            ) => {
                let matcher = Matcher::new(pattern);
                let is_any = matches!(expr, Expr::Term(Term::Text(_)));
                let names = is_any.then(|| Arc::new(self.corpus.matching_paths(&matcher)));
                let groups = match self.reader {
                    Some(reader) => reader.candidates(&pattern.need())?,
                    None => Bits::none(0),
                };
                self.texts.push(Text {
                    matcher,
                    names,
                    groups: Arc::new(groups),
                });
                let text = self.texts.len() - 1;
                if matches!(expr, Expr::Term(Term::ExceptLine(_))) {
                    Node::ExceptLine(text)
                } else {
                    Node::Text(text)
                }
            }
        })
    }

    fn nodes(&mut self, parts: &[Expr]) -> io::Result<Vec<Node>> {
        parts.iter().map(|part| self.node(part)).collect()
    }
}
