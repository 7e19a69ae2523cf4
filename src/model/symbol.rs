//! Names that a text defines, declares and uses, and what its parts are.

use super::words::words;
use serde::{Deserialize, Serialize};
use std::ops::Range;

words! {
    /// What a name stands for.
    SymbolKind {
        /// A function, or a macro-like callable of a language without macros.
        Function = "function",
        /// A function of a type.
        Method = "method",
        /// A macro.
        Macro = "macro",
        /// A structure.
        Struct = "struct",
        /// A union.
        Union = "union",
        /// An enumeration.
        Enum = "enum",
        /// A value of an enumeration.
        Enumerator = "enumerator",
        /// A class.
        Class = "class",
        /// An interface.
        Interface = "interface",
        /// A trait, protocol or concept.
        Trait = "trait",
        /// Another name for a type.
        Type = "type",
        /// A module, package or namespace.
        Module = "module",
        /// A constant.
        Constant = "constant",
        /// A variable that outlives a call.
        Variable = "variable",
        /// A member of a structure or class.
        Field = "field",
    }
}

words! {
    /// What a name does where it stands.
    SymbolRole {
        /// It is defined here.
        Definition = "definition",
        /// It is announced here and defined elsewhere.
        Declaration = "declaration",
        /// It is called here.
        Call = "call",
        /// It is used here in another way.
        Reference = "reference",
        /// It is mentioned in a comment.
        Comment = "comment",
    }
}

words! {
    /// What a part of a text is.
    Zone {
        /// What is compiled or run.
        Code = "code",
        /// What is for people.
        Comment = "comment",
        /// Text within the code.
        String = "string",
    }
}

/// A name where it stands in a decoded text. Bytes are 0-based.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbol {
    /// The bytes of the name.
    pub name: Range<u32>,
    /// What it stands for; of a call or reference what it most likely is.
    pub kind: SymbolKind,
    /// Definition, declaration, call or reference.
    pub role: SymbolRole,
    /// The bytes of the whole definition or declaration; of others those of the name.
    pub extent: Range<u32>,
}

impl Symbol {
    /// Returns the name, given the text that it stands in.
    pub fn name_in<'t>(&self, text: &'t str) -> &'t str {
        let range = self.name.start as usize..self.name.end as usize;
        text.get(range).unwrap_or_default()
    }
}

/// Longest symbol that a location can name, in characters.
const LONGEST_NAME: usize = 128;

/// Returns whether a text is one name, qualified or not: no blank and nothing that makes a statement.
pub fn is_symbol_name(text: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || "_:.~$#/-'?!<>@*&,".contains(c);
    text.chars().count() <= LONGEST_NAME && text.chars().all(allowed)
}
