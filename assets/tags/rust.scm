; Rust. The first pattern that names a node wins.

(mod_item name: (identifier) @name body: (_)) @definition.module
(mod_item name: (identifier) @name !body) @definition.decl.module
(struct_item name: (type_identifier) @name) @definition.struct
(enum_item name: (type_identifier) @name) @definition.enum
(enum_variant name: (identifier) @name) @definition.enumerator
(union_item name: (type_identifier) @name) @definition.union
(trait_item name: (type_identifier) @name) @definition.trait
(type_item name: (type_identifier) @name) @definition.type
(associated_type name: (type_identifier) @name) @definition.decl.type
(macro_definition name: (identifier) @name) @definition.macro

(impl_item body: (declaration_list (function_item name: (identifier) @name) @definition.method))
(trait_item body: (declaration_list (function_item name: (identifier) @name) @definition.method))
(trait_item body: (declaration_list (function_signature_item name: (identifier) @name) @definition.decl.method))
(function_item name: (identifier) @name) @definition.function
(function_signature_item name: (identifier) @name) @definition.decl.function

(field_declaration name: (field_identifier) @name) @definition.field
(const_item name: (identifier) @name) @definition.constant
(foreign_mod_item body: (declaration_list (static_item name: (identifier) @name) @definition.decl.variable))
(static_item name: (identifier) @name) @definition.variable

(call_expression function: (identifier) @name) @reference.call
(call_expression function: (field_expression field: (field_identifier) @name)) @reference.call.method
(call_expression function: (scoped_identifier name: (identifier) @name)) @reference.call
(call_expression function: (generic_function function: [
  (identifier) @name
  (scoped_identifier name: (identifier) @name)
])) @reference.call
(call_expression function: (generic_function function:
  (field_expression field: (field_identifier) @name))) @reference.call.method
(macro_invocation macro: (identifier) @name) @reference.call.macro
(macro_invocation macro: (scoped_identifier name: (identifier) @name)) @reference.call.macro
; The arguments of a macro are no expressions to the grammar.
(token_tree
  ((identifier) @name @reference.call . (token_tree) @local.reference)
  (#match? @local.reference "^\\("))
(struct_expression name: (type_identifier) @name) @reference.call.struct
(struct_expression name: (scoped_type_identifier name: (type_identifier) @name)) @reference.call.struct
(impl_item trait: (type_identifier) @name) @reference.trait
(impl_item trait: (generic_type type: (type_identifier) @name)) @reference.trait
(type_identifier) @name @reference.type
(use_declaration argument: (scoped_identifier name: (identifier) @name)) @reference.type
(use_list (identifier) @name @reference.type)
