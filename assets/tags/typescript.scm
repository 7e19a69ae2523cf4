; TypeScript. The first pattern that names a node wins; what only TSX has is in tsx.scm.

(function_declaration name: (identifier) @name) @definition.function
(function_signature name: (identifier) @name) @definition.decl.function
(generator_function_declaration name: (identifier) @name) @definition.function
(variable_declarator
  name: (identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @definition.function
(variable_declarator name: (identifier) @name value: (class)) @definition.class
(class_declaration name: (type_identifier) @name) @definition.class
(abstract_class_declaration name: (type_identifier) @name) @definition.class
(class name: (type_identifier) @name) @definition.class
(interface_declaration name: (type_identifier) @name) @definition.interface
(type_alias_declaration name: (type_identifier) @name) @definition.type
(enum_declaration name: (identifier) @name) @definition.enum
(enum_body name: (property_identifier) @name @definition.enumerator)
(enum_assignment name: (property_identifier) @name) @definition.enumerator
(internal_module name: (identifier) @name) @definition.module
(module name: (identifier) @name) @definition.module

(class_body (method_definition name: [
  (property_identifier) @name
  (private_property_identifier) @name
]) @definition.method)
(method_definition name: (property_identifier) @name) @definition.function
(method_signature name: (property_identifier) @name) @definition.decl.method
(abstract_method_signature name: (property_identifier) @name) @definition.decl.method
(property_signature name: (property_identifier) @name) @definition.field
(public_field_definition name: [
  (property_identifier) @name
  (private_property_identifier) @name
]) @definition.field
(required_parameter (accessibility_modifier) pattern: (identifier) @name) @definition.field
(pair
  key: (property_identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @definition.function
(assignment_expression
  left: (identifier) @name
  right: [(arrow_function) (function_expression) (generator_function)]) @definition.function
(assignment_expression
  left: (member_expression property: (property_identifier) @name)
  right: [(arrow_function) (function_expression) (generator_function)]) @definition.function

; Values; those inside functions are left out by the program.
(lexical_declaration kind: "const" (variable_declarator name: (identifier) @name) @definition.constant)
(variable_declarator name: (identifier) @name) @definition.variable

(call_expression function: (identifier) @name) @reference.call
(call_expression function: (member_expression property: [
  (property_identifier) @name
  (private_property_identifier) @name
])) @reference.call.method
(new_expression constructor: (identifier) @name) @reference.call.class
(new_expression constructor: (member_expression property: (property_identifier) @name)) @reference.call.class
(extends_clause value: (identifier) @name) @reference.class
(type_identifier) @name @reference.type
