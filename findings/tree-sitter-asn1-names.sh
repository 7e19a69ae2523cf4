#!/usr/bin/env bash
# In tree-sitter-asn1 1.0.4 the name that an assignment defines is an anonymous node.
#
# The grammar parses ASN.1 of telecom specifications without an error node. But the node of the defined name,
# `typereference` or `valuereference`, is anonymous like a punctuation mark, while the names of components (`identifier`)
# are named nodes. A walk over named children, and a query with `(typereference)`, meet no definition at all; the query is
# even refused as naming no node. It must be written as a string: `"typereference" @name`.
#
# Seen: tree-sitter 0.27.1, tree-sitter-asn1 1.0.4: no error node; `(typereference)` is refused; the string finds
# `OpenGate`. Exits with 1 if that changes. Needs cargo and a C compiler.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p names/src
cat > names/Cargo.toml <<'TOML'
[package]
name = "names"
version = "0.0.0"
edition = "2021"

[dependencies]
tree-sitter = "=0.27.1"
tree-sitter-asn1 = "=1.0.4"
TOML
cat > names/src/main.rs <<'RUST'
use tree_sitter::{Parser, Query, QueryCursor, StreamingIterator};

const MODULE: &str = "Gate-PDU DEFINITIONS AUTOMATIC TAGS ::= BEGIN
max-gates INTEGER ::= 7
OpenGate ::= SEQUENCE { code INTEGER (0..max-gates), ... }
END
";

fn main() {
    let language = tree_sitter_asn1::LANGUAGE.into();
    let mut parser = Parser::new();
    parser.set_language(&language).unwrap();
    let tree = parser.parse(MODULE, None).unwrap();
    println!("has an error node: {}", tree.root_node().has_error());
    let named = Query::new(&language, "(TypeAssignment (typereference) @name)");
    println!("query by a named node is refused: {}", named.is_err());
    let text = Query::new(&language, "(TypeAssignment \"typereference\" @name)").unwrap();
    let mut cursor = QueryCursor::new();
    let mut matches = cursor.matches(&text, tree.root_node(), MODULE.as_bytes());
    while let Some(found) = matches.next() {
        println!("query by a string finds: {}", &MODULE[found.captures()[0].node.byte_range()]);
    }
}
RUST
cargo run --quiet --manifest-path names/Cargo.toml | tee seen
diff seen - <<'EXPECTED'
has an error node: false
query by a named node is refused: true
query by a string finds: OpenGate
EXPECTED
