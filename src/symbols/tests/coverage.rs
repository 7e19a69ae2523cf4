//! No kind of node that defines something is forgotten by a query.

use super::super::grammar;
use std::collections::BTreeSet;

/// Ends of the names of nodes that look as if they defined something.
const LOOKS: [&str; 18] = [
    "definition",
    "declaration",
    "declarator",
    "_def",
    "_item",
    "_spec",
    "_alias",
    "signature",
    "_elem",
    "alias_statement",
    "enumerator",
    "enum_variant",
    "enum_case",
    "enum_constant",
    "enum_assignment",
    "operator_cast",
    "directive",
    "_assignment",
];

/// Such kinds that no query names, in any grammar that has them, and why.
const REASONS: [(&str, &str); 67] = [
    ("abstract_array_declarator", "a type without a name"),
    ("abstract_function_declarator", "a type without a name"),
    ("abstract_parenthesized_declarator", "a type without a name"),
    ("abstract_pointer_declarator", "a type without a name"),
    ("abstract_reference_declarator", "a type without a name"),
    ("accessor_declaration", "part of a property, which is named"),
    ("ambient_declaration", "holds a declaration that is named"),
    ("array_declarator", "stands around a name: see `heart`"),
    ("attribute_declaration", "an attribute"),
    ("attribute_item", "an attribute"),
    ("attributed_declarator", "stands around a name: see `heart`"),
    ("augmented_assignment", "changes a variable"),
    ("call_signature", "has no name"),
    ("case_item", "a branch"),
    ("const_declaration", "holds elements that are named"),
    ("construct_signature", "has no name"),
    ("declare_directive", "an option"),
    (
        "destructured_left_assignment",
        "part of an assignment to several",
    ),
    (
        "exports_module_directive",
        "names a package defined elsewhere",
    ),
    ("foreign_lexical_item", "any sign of another notation"),
    (
        "extern_crate_declaration",
        "names a crate defined elsewhere",
    ),
    (
        "friend_declaration",
        "holds a declaration, or names a class",
    ),
    ("function_declarator", "stands around a name: see `heart`"),
    (
        "function_static_declaration",
        "known inside a function only",
    ),
    ("global_declaration", "names a variable defined elsewhere"),
    (
        "implicit_variable_declaration",
        "names a variable defined elsewhere",
    ),
    ("import_alias", "another name of what is imported"),
    ("import_declaration", "names a package defined elsewhere"),
    ("import_spec", "names a package defined elsewhere"),
    ("index_signature", "has no name"),
    ("init_declarator", "stands around a name: see `heart`"),
    ("inner_attribute_item", "an attribute"),
    ("let_declaration", "known inside a function only"),
    ("local_variable_declaration", "known inside a function only"),
    (
        "namespace_use_declaration",
        "names a class defined elsewhere",
    ),
    ("new_declarator", "the length of an array"),
    (
        "opens_module_directive",
        "names a package defined elsewhere",
    ),
    ("operator_assignment", "changes a variable"),
    ("operator_cast", "is a name: see `heart`"),
    ("optional_parameter_declaration", "a parameter"),
    ("optional_type_parameter_declaration", "a parameter"),
    ("parameter_declaration", "a parameter"),
    (
        "parenthesized_declarator",
        "stands around a name: see `heart`",
    ),
    ("pointer_declarator", "stands around a name: see `heart`"),
    (
        "pointer_type_declarator",
        "stands around a name of a type: see `heart`",
    ),
    ("preproc_directive", "a directive that defines nothing"),
    ("property_declaration", "holds elements that are named"),
    (
        "provides_module_directive",
        "names a class defined elsewhere",
    ),
    ("reference_declarator", "stands around a name: see `heart`"),
    (
        "requires_module_directive",
        "names a module defined elsewhere",
    ),
    ("rest_assignment", "part of an assignment to several"),
    ("shebang_directive", "names a program"),
    ("short_var_declaration", "known inside a function only"),
    ("static_assert_declaration", "defines nothing"),
    (
        "static_variable_declaration",
        "known inside a function only",
    ),
    ("template_template_parameter_declaration", "a parameter"),
    ("type_declaration", "holds specifications that are named"),
    ("type_elem", "a constraint"),
    ("type_parameter_declaration", "a parameter"),
    ("uses_module_directive", "names a class defined elsewhere"),
    (
        "using_declaration",
        "holds a declarator that is named, or names what is defined elsewhere",
    ),
    ("var_declaration", "holds specifications that are named"),
    ("variable_declaration", "holds a declarator that is named"),
    ("variadic_declarator", "a parameter"),
    ("variadic_parameter_declaration", "a parameter"),
    ("variadic_type_parameter_declaration", "a parameter"),
    ("with_item", "known inside a block only"),
];

fn defines(kind: &str) -> bool {
    LOOKS.iter().any(|look| kind.ends_with(look))
}

#[test]
fn every_node_that_looks_like_a_definition_is_named_or_has_a_reason() {
    let mut missing = BTreeSet::new();
    let mut used: BTreeSet<String> = BTreeSet::new();
    for (name, language, query) in grammar::rows() {
        let words: BTreeSet<&str> = query
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .collect();
        for id in 0..language.node_kind_count() as u16 {
            let kind = language.node_kind_for_id(id).unwrap_or_default();
            let is_node = language.node_kind_is_named(id) && language.node_kind_is_visible(id);
            if !is_node || !defines(kind) || words.contains(kind) {
                continue;
            }
            if REASONS.iter().any(|(of, _)| *of == kind) {
                used.insert(kind.to_owned());
            } else {
                missing.insert(format!("{name}: {kind}"));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "neither named nor explained: {missing:#?}"
    );
    let idle: Vec<_> = REASONS
        .iter()
        .filter(|(of, _)| !used.contains(*of))
        .collect();
    assert!(
        idle.is_empty(),
        "no grammar has them, or all queries name them: {idle:?}"
    );
}
