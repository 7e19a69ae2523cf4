; PHP. The first pattern that names a node wins.

(namespace_definition name: (namespace_name (name) @name .)) @definition.module
(class_declaration name: (name) @name) @definition.class
(interface_declaration name: (name) @name) @definition.interface
(trait_declaration name: (name) @name) @definition.trait
(enum_declaration name: (name) @name) @definition.enum
(enum_case name: (name) @name) @definition.enumerator
(function_definition name: (name) @name) @definition.function
(method_declaration name: (name) @name body: (_)) @definition.method
(method_declaration name: (name) @name !body) @definition.decl.method
(const_element (name) @name) @definition.constant
(property_element name: (variable_name (name) @name)) @definition.field
(property_promotion_parameter name: (variable_name (name) @name)) @definition.field
(function_call_expression
  function: (name) @local.reference
  arguments: (arguments . (argument (string (string_content) @name)))
  (#eq? @local.reference "define")) @definition.constant

(function_call_expression function: (name) @name) @reference.call
(function_call_expression function: (qualified_name (name) @name .)) @reference.call
(function_call_expression function: (variable_name (name) @name)) @reference.call.variable
(member_call_expression name: (name) @name) @reference.call.method
(nullsafe_member_call_expression name: (name) @name) @reference.call.method
(scoped_call_expression name: (name) @name) @reference.call.method
(object_creation_expression (name) @name (#not-any-of? @name "static" "self")) @reference.call.class
(object_creation_expression (qualified_name (name) @name .)) @reference.call.class

(base_clause (name) @name) @reference.class
(class_interface_clause (name) @name) @reference.interface
(use_declaration (name) @name) @reference.trait
(namespace_use_clause (qualified_name (name) @name .)) @reference.class
(named_type (name) @name (#not-any-of? @name "static" "self")) @reference.class
(scoped_call_expression scope: (name) @name) @reference.class
(class_constant_access_expression . (name) @name) @reference.class
