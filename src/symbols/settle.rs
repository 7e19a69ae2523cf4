//! From what a grammar and a pattern say to the tags of a text: in order, each place once, and nothing local.

use super::exactness::Errors;
use super::tagged::{LONGEST_NAME, Tag};
use crate::model::{SymbolKind, SymbolRole};

/// Returns whether an error lies outside of function bodies: there may be a definition that nothing finds.
pub(super) fn has_gap(tags: &[Tag], errors: &Errors) -> bool {
    let mut bodies: Vec<(u32, u32)> = Vec::new();
    for tag in tags.iter().filter(|tag| is_function(tag) && tag.is_exact) {
        let (from, to) = (tag.symbol.name.end, tag.symbol.extent.end);
        if bodies.last().is_none_or(|(_, last)| *last < to) {
            bodies.push((from, to));
        }
    }
    errors.ranges().iter().any(|error| {
        let next = bodies.partition_point(|(from, _)| *from <= error.start);
        let body = next.checked_sub(1).and_then(|at| bodies.get(at));
        body.is_none_or(|(_, to)| *to < error.end)
    })
}

/// Puts tags in order, drops what is no name, and what is only known inside a function.
pub(super) fn settle(text: &str, tags: &mut Vec<Tag>) {
    tags.retain(|tag| is_name(tag.symbol.name_in(text)));
    tags.sort_by_key(|tag| {
        let symbol = &tag.symbol;
        (symbol.name.start, symbol.role, symbol.name.end)
    });
    // One name a place; a definition is more than a call.
    tags.dedup_by_key(|tag| tag.symbol.name.start);
    let mut inside = 0;
    tags.retain(|tag| {
        let symbol = &tag.symbol;
        let is_value = matches!(symbol.kind, SymbolKind::Variable | SymbolKind::Constant);
        if symbol.role == SymbolRole::Definition {
            match symbol.kind {
                SymbolKind::Function | SymbolKind::Method => inside = inside.max(symbol.extent.end),
                _ if is_value && symbol.name.start < inside => return false,
                _ => {}
            }
        }
        true
    });
}

/// Returns whether a text may stand for something: short, and of one line.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_NAME && !text.bytes().any(|b| b < b' ')
}

/// Parts functions of C that recovery has put into one another: a function ends before the next one that a pattern sees,
/// and is none if the pattern does not see it at all.
pub(super) fn part(tags: &mut Vec<Tag>, guesses: &[Tag]) {
    let functions = guesses.iter().filter(|tag| is_function(tag));
    let mut seen: Vec<(u32, u32)> = functions
        .map(|tag| (tag.symbol.name.start, tag.symbol.extent.start))
        .collect();
    seen.sort_unstable();
    tags.retain_mut(|tag| {
        if !is_function(tag) {
            return true;
        }
        let symbol = &mut tag.symbol;
        let next = seen.partition_point(|(name, _)| *name <= symbol.name.start);
        let Some((_, start)) = seen.get(next).filter(|(_, at)| *at < symbol.extent.end) else {
            return true;
        };
        symbol.extent.end = (*start).max(symbol.name.end);
        tag.is_exact = false;
        next.checked_sub(1)
            .is_some_and(|at| seen[at].0 == tag.symbol.name.start)
    });
}

pub(super) fn is_function(tag: &Tag) -> bool {
    let kind = tag.symbol.kind;
    let is_function = matches!(kind, SymbolKind::Function | SymbolKind::Method);
    is_function && tag.symbol.role == SymbolRole::Definition
}

/// Adds the definitions that a pattern finds and the tree does not; returns whether there are any.
pub(super) fn complement(text: &str, tags: &mut Vec<Tag>, mut found: Vec<Tag>) -> bool {
    let is_definition = |tag: &Tag| tag.symbol.role == SymbolRole::Definition;
    found.retain(|tag| {
        is_definition(tag)
            && match tags.binary_search_by_key(&tag.symbol.name.start, |t| t.symbol.name.start) {
                Ok(at) => !is_definition(&tags[at]),
                Err(_) => true,
            }
    });
    if found.is_empty() {
        return false;
    }
    tags.extend(found);
    settle(text, tags);
    true
}
