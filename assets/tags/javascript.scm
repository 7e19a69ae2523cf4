; JavaScript. The first pattern that names a node wins.

(function_declaration name: (identifier) @name) @definition.function
(generator_function_declaration name: (identifier) @name) @definition.function
(variable_declarator
  name: (identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @definition.function
(variable_declarator name: (identifier) @name value: (class)) @definition.class
(class_declaration name: (identifier) @name) @definition.class
(class name: (identifier) @name) @definition.class

(class_body (method_definition name: [
  (property_identifier) @name
  (private_property_identifier) @name
]) @definition.method)
(method_definition name: (property_identifier) @name) @definition.function
(field_definition property: [
  (property_identifier) @name
  (private_property_identifier) @name
]) @definition.field
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
(class_heritage (identifier) @name) @reference.class
(jsx_opening_element name: (identifier) @name (#match? @name "^[A-Z]")) @reference.call
(jsx_self_closing_element name: (identifier) @name (#match? @name "^[A-Z]")) @reference.call
