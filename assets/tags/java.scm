; Java. The first pattern that names a node wins.

(package_declaration (scoped_identifier name: (identifier) @name)) @definition.module
(package_declaration (identifier) @name) @definition.module
(module_declaration name: (identifier) @name) @definition.module
(module_declaration name: (scoped_identifier name: (identifier) @name)) @definition.module
(class_declaration name: (identifier) @name) @definition.class
(record_declaration name: (identifier) @name) @definition.class
(interface_declaration name: (identifier) @name) @definition.interface
(annotation_type_declaration name: (identifier) @name) @definition.interface
(enum_declaration name: (identifier) @name) @definition.enum
(enum_constant name: (identifier) @name) @definition.enumerator

(method_declaration name: (identifier) @name body: (_)) @definition.method
(method_declaration name: (identifier) @name !body) @definition.decl.method
(annotation_type_element_declaration name: (identifier) @name) @definition.decl.method
(constructor_declaration name: (identifier) @name) @definition.method
(compact_constructor_declaration name: (identifier) @name) @definition.method

(field_declaration declarator: (variable_declarator name: (identifier) @name)) @definition.field
(constant_declaration declarator: (variable_declarator name: (identifier) @name)) @definition.constant
(record_declaration parameters: (formal_parameters (formal_parameter name: (identifier) @name) @definition.field))

(method_invocation name: (identifier) @name) @reference.call.method
(method_reference (identifier) @name .) @reference.method
(object_creation_expression type: (type_identifier) @name) @reference.call.class
(object_creation_expression type: (generic_type (type_identifier) @name)) @reference.call.class
(object_creation_expression type: (scoped_type_identifier (type_identifier) @name .)) @reference.call.class
(annotation name: (identifier) @name) @reference.interface
(marker_annotation name: (identifier) @name) @reference.interface
(import_declaration (scoped_identifier name: (identifier) @name)) @reference.class
(type_identifier) @name @reference.class
