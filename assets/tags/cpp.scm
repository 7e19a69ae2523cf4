; C++. The first pattern that names a node wins, so definitions stand before declarations, calls and types.
; A name captured with what stands around it, stars, parameters, qualifiers, is the name at its heart; a variable or
; member with parameters of its own is a function announced, and a function with a qualifier is a method.

(namespace_definition name: (namespace_identifier) @name) @definition.module
(namespace_definition name: (nested_namespace_specifier) @name) @definition.module
(namespace_alias_definition name: (namespace_identifier) @name) @definition.module

; A class behind a macro, `class EXPORT Name : Base { … }`, looks like a function to the grammar.
(function_definition type: (class_specifier name: (_) @ignore !body) declarator: (identifier))
(function_definition type: (struct_specifier name: (_) @ignore !body) declarator: (identifier))
(function_definition type: (class_specifier !body) declarator: (identifier) @name) @definition.class
(function_definition type: (struct_specifier !body) declarator: (identifier) @name) @definition.struct

(class_specifier name: (_) @name body: (_)) @definition.class
(struct_specifier name: (_) @name body: (_)) @definition.struct
(union_specifier name: (_) @name body: (_)) @definition.union
(enum_specifier name: (_) @name body: (_)) @definition.enum
(enumerator name: (identifier) @name) @definition.enumerator
(concept_definition name: (identifier) @name) @definition.trait
(alias_declaration name: (type_identifier) @name) @definition.type
(type_definition declarator: (_) @name) @definition.type

; Functions of a class: in its body, or named with it.
(field_declaration_list (function_definition declarator: (_) @name) @definition.method)
(field_declaration_list (template_declaration (function_definition declarator: (_) @name) @definition.method))
(function_definition declarator: (_) @name) @definition.function

; A function that a macro makes: `TEST(Suite, name) { … }`. Its body is what follows.
((expression_statement
  (call_expression
    function: (identifier) @local.reference
    arguments: (argument_list . (identifier) @name)))
  . (compound_statement) @definition.function
  (#match? @local.reference "^[A-Z0-9_]+$"))

(preproc_def name: (identifier) @name) @definition.macro
(preproc_function_def name: (identifier) @name) @definition.macro

(field_declaration declarator: (_) @name) @definition.field
(field_declaration_list (declaration declarator: (_) @name) @definition.decl.method)
(field_declaration_list (template_declaration (declaration declarator: (_) @name) @definition.decl.method))

; Variables; those inside functions are left out by the program.
(declaration
  (storage_class_specifier) @local.reference
  declarator: (_) @name
  (#eq? @local.reference "extern")) @definition.decl.variable
(declaration declarator: (_) @name) @definition.variable
(structured_binding_declarator (identifier) @name) @definition.variable
((expression_statement
  (call_expression
    function: (identifier) @local.reference
    arguments: (argument_list . (identifier) @name))) @definition.variable
  (#match? @local.reference "^(DEFINE_|[A-Z_]*_HEAD$)"))

; Types announced: `class A;`.
(class_specifier name: (type_identifier) @name !body) @definition.decl.class
(translation_unit (struct_specifier name: (type_identifier) @name !body) @definition.decl.struct)
(translation_unit (union_specifier name: (type_identifier) @name !body) @definition.decl.union)
(translation_unit (enum_specifier name: (type_identifier) @name !body) @definition.decl.enum)

(call_expression function: (_) @name) @reference.call
(new_expression type: (_) @name) @reference.call.class
(compound_literal_expression type: (_) @name) @reference.call.class

(struct_specifier name: (type_identifier) @name !body) @reference.struct
(union_specifier name: (type_identifier) @name !body) @reference.union
(enum_specifier name: (type_identifier) @name !body) @reference.enum
(type_identifier) @name @reference.type
(namespace_identifier) @name @reference.module
