//! What a grammar's answer is worth: where it found errors, and which readings of C and C++ are no more than guesses.
//!
//! A grammar recovers from what it does not understand, and what it then says of the neighbourhood may be wrong. A symbol
//! is exact only if no error lies over its head, that is, from its first byte to its body or value, nor directly beside it.

use super::heart::Shape;
use crate::model::{SymbolKind, SymbolRole};
use std::ops::Range;
use tree_sitter::{Node, Tree, TreeCursor};

/// The errors of a tree: where text was left over, and where something is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Errors(Vec<Range<u32>>);

impl Errors {
    /// Collects the errors of a tree, the outermost of nested ones, in order. Only nodes that hold errors are visited.
    pub(super) fn of(tree: &Tree) -> Self {
        let mut found = Vec::new();
        if tree.root_node().has_error() {
            let mut cursor = tree.walk();
            while visit(&mut cursor, &mut found) {}
        }
        Self(found)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns every error.
    pub(super) fn ranges(&self) -> &[Range<u32>] {
        &self.0
    }

    /// Returns whether an error begins in a range, or reaches into it. What is missing at its end counts.
    fn touch(&self, range: &Range<u32>) -> bool {
        let first = self.0.partition_point(|error| error.end < range.start);
        let rest = self.0[first..].iter();
        rest.take_while(|error| error.start <= range.end)
            .any(|error| {
                let is_missing = error.start == error.end;
                is_missing || (error.start < range.end && error.end > range.start)
            })
    }

    /// Returns whether an error lies directly before a range, or after it on its line.
    fn adjoin(&self, text: &[u8], range: &Range<u32>) -> bool {
        let gap = |from: u32, to: u32| text.get(from as usize..to as usize).unwrap_or_default();
        let next = self.0.partition_point(|error| error.end <= range.start);
        let is_before = next
            .checked_sub(1)
            .and_then(|before| self.0.get(before))
            .is_some_and(|error| gap(error.end, range.start).trim_ascii().is_empty());
        let after = self.0.partition_point(|error| error.start < range.end);
        let is_after = self.0.get(after).is_some_and(|error| {
            let gap = gap(range.end, error.start);
            gap.iter().all(|byte| matches!(byte, b' ' | b'\t'))
        });
        is_before || is_after
    }

    /// Returns whether no error lies over the head of a symbol, which is part of a node.
    pub(super) fn spare(&self, text: &[u8], name: Node<'_>, node: Node<'_>) -> bool {
        if self.is_empty() {
            return true;
        }
        let whole = node.start_byte() as u32..node.end_byte() as u32;
        let name = name.start_byte() as u32..name.end_byte() as u32;
        let whole = whole.start.min(name.start)..whole.end.max(name.end);
        if self.adjoin(text, &whole) {
            return false;
        }
        !self.touch(&whole) || !self.touch(&head(node, &name, whole))
    }
}

/// Notes an error and moves on; false at the end.
fn visit(cursor: &mut TreeCursor<'_>, found: &mut Vec<Range<u32>>) -> bool {
    let node = cursor.node();
    let is_error = node.is_error() || node.is_missing();
    if is_error {
        found.push(node.start_byte() as u32..node.end_byte() as u32);
    }
    if !is_error && node.has_error() && cursor.goto_first_child() {
        return true;
    }
    while !cursor.goto_next_sibling() {
        if !cursor.goto_parent() {
            return false;
        }
    }
    true
}

/// Returns the part of a definition that says what its name is: up to the body, or the value that the name is given.
fn head(node: Node<'_>, name: &Range<u32>, whole: Range<u32>) -> Range<u32> {
    let after_name = |node: Node<'_>| Some(node.start_byte() as u32).filter(|at| *at >= name.end);
    let ends = |node: Node<'_>| {
        let fields = ["body", "value", "right", "accessors"].iter();
        let ends = fields.filter_map(|field| node.child_by_field_name(field));
        ends.filter_map(after_name).min()
    };
    let mut cursor = node.walk();
    let part = node.children(&mut cursor).find(|child| {
        child.start_byte() as u32 <= name.start && name.end <= child.end_byte() as u32
    });
    let end = ends(node).into_iter().chain(part.and_then(ends)).min();
    let end = end.unwrap_or(whole.end);
    // A missing sign directly before the body belongs to the head.
    whole.start..end
}

/// Puts ranges in order and joins those that overlap.
pub(super) fn merge(ranges: &mut Vec<Range<u32>>) {
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, before| {
        let joins = next.start <= before.end;
        if joins {
            before.end = before.end.max(next.end);
        }
        joins
    });
}

/// Returns whether a byte lies in one of some ranges, which [`merge`] has put in order.
pub(super) fn holds(ranges: &[Range<u32>], at: u32) -> bool {
    let next = ranges.partition_point(|range| range.start <= at);
    next.checked_sub(1)
        .is_some_and(|before| at < ranges[before].end)
}

/// What a grammar of C or C++ says of a name, weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weighed {
    /// It is what the grammar says.
    Right,
    /// It may be.
    Doubtful,
    /// It is none of it: the text must be looked through by a pattern.
    Wrong,
    /// It is a call.
    Call,
    /// In the body of a function it is a variable, elsewhere it may be.
    Object,
}

/// Weighs what a grammar of C or C++ says of a definition or declaration.
pub(super) fn weigh(
    text: &str,
    (role, kind): (SymbolRole, SymbolKind),
    shape: Shape,
    name: Node<'_>,
    node: Node<'_>,
) -> Weighed {
    let is_function = matches!(kind, SymbolKind::Function | SymbolKind::Method);
    match node.kind() {
        // `union API Name { … }` or, to the grammar of C, `class Name { … }`.
        "function_definition" if is_function && !shape.is_function && !shape.is_grouped => {
            Weighed::Wrong
        }
        // `MACRO(name);` after a word is the declaration of a name in parentheses.
        "declaration"
            if kind == SymbolKind::Variable
                && shape.is_grouped
                && !shape.is_function
                && !shape.is_indirect
                && node
                    .child_by_field_name("type")
                    .is_some_and(|of_type| of_type.kind() == "type_identifier")
                && !is_initialised(node) =>
        {
            Weighed::Doubtful
        }
        "declaration" if is_function && role == SymbolRole::Declaration => {
            let Some(of_type) = node.child_by_field_name("type") else {
                return weigh_untyped(text, shape, name, node);
            };
            if of_type.kind() == "macro_type_specifier" {
                let parent = node.parent().map(|parent| parent.kind());
                return if parent == Some("translation_unit") {
                    Weighed::Doubtful
                } else {
                    Weighed::Call
                };
            }
            if shape.is_function && is_initialiser(name) {
                Weighed::Object
            } else {
                Weighed::Right
            }
        }
        _ => Weighed::Right,
    }
}

/// Returns whether a declaration gives its first name a value.
fn is_initialised(node: Node<'_>) -> bool {
    let declarator = node.child_by_field_name("declarator");
    declarator.is_some_and(|declarator| declarator.kind() == "init_declarator")
}

/// Weighs `Name(…);` without a type among the members of a class: its constructor, or a macro.
fn weigh_untyped(text: &str, shape: Shape, name: Node<'_>, node: Node<'_>) -> Weighed {
    if name.kind() != "identifier" || shape.is_qualified {
        return Weighed::Right;
    }
    let mut around = node.parent();
    for _ in 0..8 {
        let Some(parent) = around else {
            break;
        };
        if let "class_specifier" | "struct_specifier" | "union_specifier" = parent.kind() {
            let bytes = |node: Node<'_>| text.get(node.byte_range()).unwrap_or_default();
            let class = parent.child_by_field_name("name").map(bytes);
            let class = class.map(|class| class.split('<').next().unwrap_or(class).trim());
            let class = class.map(|class| class.rsplit("::").next().unwrap_or(class));
            return if class == Some(bytes(name)) {
                Weighed::Right
            } else {
                Weighed::Call
            };
        }
        around = parent.parent();
    }
    Weighed::Doubtful
}

/// Returns whether the parameters of a name may be values: `Lock lock(mutex);`. A function without parameters has none.
fn is_initialiser(name: Node<'_>) -> bool {
    let Some(function) = name
        .parent()
        .filter(|node| node.kind() == "function_declarator")
    else {
        return false;
    };
    let Some(parameters) = function.child_by_field_name("parameters") else {
        return false;
    };
    let mut cursor = parameters.walk();
    let mut count = 0;
    for parameter in parameters.named_children(&mut cursor) {
        let of_type = parameter
            .child_by_field_name("type")
            .map(|node| node.kind());
        let is_name = parameter.named_child_count() == 1
            && matches!(of_type, Some("type_identifier" | "qualified_identifier"));
        if parameter.kind() != "parameter_declaration" || !is_name {
            return false;
        }
        count += 1;
    }
    count > 0
}

/// Returns whether a word of C or C++ is never a name. Recovery from errors takes such words for names.
pub(super) fn is_reserved(word: &str, is_cpp: bool) -> bool {
    const C: [&str; 36] = [
        "auto",
        "break",
        "case",
        "char",
        "const",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extern",
        "float",
        "for",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "register",
        "restrict",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "struct",
        "switch",
        "typedef",
        "union",
        "unsigned",
        "void",
        "volatile",
        "while",
        "__attribute__",
        "_Generic",
    ];
    const PLUS: [&str; 21] = [
        "class",
        "private",
        "public",
        "protected",
        "virtual",
        "namespace",
        "template",
        "typename",
        "using",
        "operator",
        "new",
        "delete",
        "this",
        "friend",
        "explicit",
        "constexpr",
        "mutable",
        "try",
        "catch",
        "throw",
        "static_cast",
    ];
    C.contains(&word) || (is_cpp && PLUS.contains(&word))
}
