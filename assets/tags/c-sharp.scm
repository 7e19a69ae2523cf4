; C#. The first pattern that names a node wins.

(namespace_declaration name: (identifier) @name) @definition.module
(namespace_declaration name: (qualified_name name: (identifier) @name)) @definition.module
(file_scoped_namespace_declaration name: (identifier) @name) @definition.module
(file_scoped_namespace_declaration name: (qualified_name name: (identifier) @name)) @definition.module
(class_declaration name: (identifier) @name) @definition.class
(record_declaration name: (identifier) @name) @definition.class
(struct_declaration name: (identifier) @name) @definition.struct
(interface_declaration name: (identifier) @name) @definition.interface
(enum_declaration name: (identifier) @name) @definition.enum
(enum_member_declaration name: (identifier) @name) @definition.enumerator
(delegate_declaration name: (identifier) @name) @definition.type

(method_declaration name: (identifier) @name body: (_)) @definition.method
(method_declaration name: (identifier) @name !body) @definition.decl.method
(constructor_declaration name: (identifier) @name) @definition.method
(destructor_declaration name: (identifier) @name) @definition.method
(operator_declaration "operator" @name) @definition.method
(conversion_operator_declaration "operator" @name) @definition.method
(indexer_declaration "this" @name) @definition.field
(extern_alias_directive name: (identifier) @name) @definition.module
(local_function_statement name: (identifier) @name) @definition.function

(property_declaration name: (identifier) @name) @definition.field
(event_declaration name: (identifier) @name) @definition.field
(event_field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @definition.field
(field_declaration
  (modifier) @local.reference
  (variable_declaration (variable_declarator name: (identifier) @name))
  (#eq? @local.reference "const")) @definition.constant
(field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @definition.field
(record_declaration (parameter_list (parameter name: (identifier) @name) @definition.field))

(invocation_expression function: (identifier) @name) @reference.call.method
(invocation_expression function: (generic_name (identifier) @name)) @reference.call.method
(invocation_expression function: (member_access_expression name: (identifier) @name)) @reference.call.method
(invocation_expression function: (member_access_expression
  name: (generic_name (identifier) @name))) @reference.call.method
(invocation_expression function: (conditional_access_expression
  (member_binding_expression name: (identifier) @name))) @reference.call.method
(object_creation_expression type: (identifier) @name) @reference.call.class
(object_creation_expression type: (generic_name (identifier) @name)) @reference.call.class
(object_creation_expression type: (qualified_name name: (identifier) @name)) @reference.call.class

(attribute name: (identifier) @name) @reference.class
(base_list (identifier) @name) @reference.class
(base_list (generic_name (identifier) @name)) @reference.class
(variable_declaration type: (identifier) @name) @reference.class
(variable_declaration type: (generic_name (identifier) @name)) @reference.class
(parameter type: (identifier) @name) @reference.class
(parameter type: (generic_name (identifier) @name)) @reference.class
(property_declaration type: (identifier) @name) @reference.class
(method_declaration returns: (identifier) @name) @reference.class
(method_declaration returns: (generic_name (identifier) @name)) @reference.class
(type_argument_list (identifier) @name @reference.class)
(cast_expression type: (identifier) @name) @reference.class
(catch_declaration type: (identifier) @name) @reference.class
(using_directive (qualified_name name: (identifier) @name)) @reference.module
(using_directive (identifier) @name) @reference.module
