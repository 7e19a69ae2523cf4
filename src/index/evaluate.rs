//! A query and one content: whether it is satisfied, and with which lines.

use super::lines::{self, Content, Cursor, Lines};
use super::plan::{Node, Plan, Truth};
use crate::model::{FileHits, HitLine};
use std::cell::OnceCell;

/// Most hit lines of one file that are listed; all are counted.
pub(super) const LISTED: usize = 1 << 20;

/// One content under a query. Nothing is searched before it is asked for, and nothing twice.
pub(super) struct Scan<'s> {
    plan: &'s Plan,
    content: Content<'s>,
    may_hold: &'s [bool],
    firsts: Vec<OnceCell<Option<(usize, usize)>>>,
}

/// The hits of one file, and how many lines it has in all.
pub(super) struct Found {
    pub hits: FileHits,
    pub lines: u64,
}

impl<'s> Scan<'s> {
    pub(super) fn new(plan: &'s Plan, content: Content<'s>, may_hold: &'s [bool]) -> Self {
        let firsts = plan.texts.iter().map(|_| OnceCell::new()).collect();
        Self {
            plan,
            content,
            may_hold,
            firsts,
        }
    }

    /// Returns the hits of a file that has this content; nothing if it does not satisfy the query.
    pub(super) fn file(&self, file: u32) -> Option<Found> {
        let root = &*self.plan.root;
        if !self.is_true(root, file) {
            return None;
        }
        let (mut listed, mut count) = (Vec::new(), 0_u64);
        if let Some(mut stream) = self.lines(root, file) {
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
        Some(found(
            file,
            self.is_named(root, file),
            self.content.is_binary,
            listed,
            count,
        ))
    }

    fn first(&self, text: usize) -> Option<(usize, usize)> {
        if !self.may_hold[text] {
            return None;
        }
        *self.firsts[text].get_or_init(|| {
            let find = if self.content.is_binary {
                lines::first_bytes
            } else {
                lines::first
            };
            find(
                &self.plan.texts[text].matcher,
                self.content.text,
                0,
                self.content.is_cancelled,
            )
        })
    }

    fn is_true(&self, node: &Node, file: u32) -> bool {
        match node {
            Node::And(parts) => {
                let foreseen = |part| self.plan.foresee(part, file, &|text| self.may_hold[text]);
                parts.iter().all(|p| foreseen(p) != Truth::No)
                    && parts.iter().all(|p| self.is_true(p, file))
                    && self.keeps_a_line(node, parts, file)
            }
            Node::Or(parts) => parts.iter().any(|p| self.is_true(p, file)),
            Node::Not(part) => !self.is_true(part, file),
            Node::Files(files) => files.has(file as usize),
            Node::Text(text) => self.plan.is_named(*text, file) || self.first(*text).is_some(),
            Node::ExceptLine(_) => true,
        }
    }

    /// Returns whether a conjunction that leaves lines out still has one, or never lived of lines.
    fn keeps_a_line(&self, node: &Node, parts: &[Node], file: u32) -> bool {
        if !parts.iter().any(|p| matches!(p, Node::ExceptLine(_))) {
            return true;
        }
        if self.plan.foresee(node, file, &|_| false) == Truth::Yes {
            return true;
        }
        let lives_of_lines = self
            .kept(parts, file)
            .is_some_and(|mut all| all.next().is_some());
        !lives_of_lines
            || self
                .lines(node, file)
                .is_some_and(|mut lines| lines.next().is_some())
    }

    /// Returns the hit lines of a condition that is satisfied.
    fn lines<'a>(&'a self, node: &Node, file: u32) -> Option<Lines<'a>>
    where
        's: 'a,
    {
        match node {
            Node::And(parts) => {
                let mut all = self.kept(parts, file)?;
                for part in parts {
                    if let Node::ExceptLine(text) = part
                        && let Some(other) = self.cursor(*text)
                    {
                        all = all.but(other);
                    }
                }
                Some(all)
            }
            Node::Or(parts) => {
                let parts = parts.iter().filter(|p| self.is_true(p, file));
                Self::joined(parts.filter_map(|p| self.lines(p, file)).collect())
            }
            Node::Text(text) => self.cursor(*text),
            Node::Not(_) | Node::Files(_) | Node::ExceptLine(_) => None,
        }
    }

    fn kept<'a>(&'a self, parts: &[Node], file: u32) -> Option<Lines<'a>>
    where
        's: 'a,
    {
        Self::joined(parts.iter().filter_map(|p| self.lines(p, file)).collect())
    }

    fn joined(mut streams: Vec<Lines<'_>>) -> Option<Lines<'_>> {
        match streams.len() {
            0 | 1 => streams.pop(),
            _ => Some(Lines::any(streams)),
        }
    }

    fn cursor(&self, text: usize) -> Option<Lines<'_>> {
        let first = self.first(text)?;
        Some(Lines::One(Cursor::new(
            &self.content,
            &self.plan.texts[text].matcher,
            Some(first),
        )))
    }

    fn is_named(&self, node: &Node, file: u32) -> bool {
        match node {
            Node::And(parts) => parts.iter().any(|p| self.is_named(p, file)),
            Node::Or(parts) => parts
                .iter()
                .any(|p| self.is_named(p, file) && self.is_true(p, file)),
            Node::Text(text) => self.plan.is_named(*text, file),
            Node::Not(_) | Node::Files(_) | Node::ExceptLine(_) => false,
        }
    }
}

/// A file that satisfies a query without a line of it is shown by its name.
fn found(file: u32, is_named: bool, binary: bool, lines: Vec<HitLine>, count: u64) -> Found {
    let name_matches = is_named || count == 0;
    Found {
        hits: FileHits {
            file,
            name_matches,
            binary,
            lines,
        },
        lines: count,
    }
}
