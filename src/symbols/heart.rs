//! The name at the heart of a declarator or an expression: `*(*name)(int)`, `Scope::name<T>`, `object->name`.

use tree_sitter::{Language, Node};

/// Deepest nesting that is followed.
const DEEPEST: usize = 64;

/// What a node adds to the name within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Around {
    /// Parameters.
    Function,
    /// A star, an ampersand, a size.
    Indirect,
    /// Nothing.
    Group,
    /// A scope.
    Qualifier,
    /// An object.
    Member,
}

/// What stands around a name.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is seen apart from the others"
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// What stands closest around it are parameters.
    pub is_function: bool,
    /// What stands closest around it is a star or the like.
    pub is_indirect: bool,
    /// Parentheses or the like stand around it.
    pub is_grouped: bool,
    /// A scope stands before it.
    pub is_qualified: bool,
    /// An object stands before it.
    pub is_member: bool,
}

/// The kinds of node of one grammar that stand around names.
pub(super) struct Hearts {
    around: Vec<Option<Around>>,
    /// Kinds of node that may be a name.
    is_name: Vec<bool>,
    fields: Vec<u16>,
}

impl Hearts {
    pub(super) fn new(language: &Language) -> Self {
        let kinds = 0..language.node_kind_count() as u16;
        let kind = |id| language.node_kind_for_id(id).unwrap_or_default();
        let fields = ["declarator", "name", "field", "argument"].iter();
        let fields = fields.filter_map(|name| language.field_id_for_name(name));
        Self {
            around: kinds.clone().map(|id| around(kind(id))).collect(),
            is_name: kinds.map(|id| is_name(kind(id))).collect(),
            fields: fields.map(std::num::NonZero::get).collect(),
        }
    }

    /// Returns the name at the heart of a node; nothing if there is none.
    pub(super) fn of<'t>(&self, mut node: Node<'t>) -> Option<(Node<'t>, Shape)> {
        let mut shape = Shape::default();
        for _ in 0..DEEPEST {
            let kind = node.kind_id() as usize;
            let Some(around) = self.around.get(kind).copied().flatten() else {
                let is_name = self.is_name.get(kind).copied().unwrap_or(false);
                // It holds its own parameters.
                shape.is_function |= node.kind() == "operator_cast";
                return is_name.then_some((node, shape));
            };
            match around {
                Around::Function | Around::Indirect => {
                    shape.is_function = around == Around::Function;
                    shape.is_indirect = around == Around::Indirect;
                }
                Around::Qualifier => shape.is_qualified = true,
                Around::Member => shape.is_member = true,
                Around::Group => shape.is_grouped = true,
            }
            let by_field = self.fields.iter();
            let mut by_field = by_field.filter_map(|field| node.child_by_field_id(*field));
            let last = || node.named_child(node.named_child_count().checked_sub(1)? as u32);
            node = by_field.next().or_else(last)?;
        }
        None
    }
}

fn around(kind: &str) -> Option<Around> {
    Some(match kind {
        "function_declarator" => Around::Function,
        "pointer_declarator"
        | "array_declarator"
        | "reference_declarator"
        | "pointer_expression" => Around::Indirect,
        "parenthesized_declarator"
        | "init_declarator"
        | "parenthesized_expression"
        | "template_function"
        | "template_type"
        | "template_method"
        | "dependent_name" => Around::Group,
        "qualified_identifier" | "nested_namespace_specifier" => Around::Qualifier,
        "field_expression" => Around::Member,
        _ => return None,
    })
}

fn is_name(kind: &str) -> bool {
    kind.ends_with("identifier")
        || matches!(
            kind,
            "destructor_name"
                | "operator_name"
                | "operator_cast"
                | "primitive_type"
                | "sized_type_specifier"
        )
}
