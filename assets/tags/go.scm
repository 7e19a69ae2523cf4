; Go. The first pattern that names a node wins.

(package_clause (package_identifier) @name) @definition.module
(function_declaration name: (identifier) @name body: (_)) @definition.function
(function_declaration name: (identifier) @name !body) @definition.decl.function
(method_declaration name: (field_identifier) @name) @definition.method
(method_elem name: (field_identifier) @name) @definition.decl.method

(type_spec name: (type_identifier) @name type: (struct_type)) @definition.struct
(type_spec name: (type_identifier) @name type: (interface_type)) @definition.interface
(type_spec name: (type_identifier) @name) @definition.type
(type_alias name: (type_identifier) @name) @definition.type
(field_declaration name: (field_identifier) @name) @definition.field

(const_spec name: (identifier) @name) @definition.constant
(var_spec name: (identifier) @name) @definition.variable

(call_expression function: (identifier) @name) @reference.call
(call_expression function: (selector_expression field: (field_identifier) @name)) @reference.call.method
(call_expression function: (type_instantiation_expression type: (type_identifier) @name)) @reference.call
(call_expression function: (parenthesized_expression (identifier) @name)) @reference.call
(composite_literal type: (type_identifier) @name) @reference.call.struct
(composite_literal type: (qualified_type name: (type_identifier) @name)) @reference.call.struct
(composite_literal type: (generic_type type: (type_identifier) @name)) @reference.call.struct
(type_identifier) @name @reference.type
(qualified_type package: (package_identifier) @name) @reference.module
