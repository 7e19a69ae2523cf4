; Ruby. The first pattern that names a node wins.

(module name: (constant) @name) @definition.module
(module name: (scope_resolution name: (constant) @name)) @definition.module
(class name: (constant) @name) @definition.class
(class name: (scope_resolution name: (constant) @name)) @definition.class
(class body: (body_statement (method name: (_) @name) @definition.method))
(singleton_class body: (body_statement (method name: (_) @name) @definition.method))
(singleton_method name: (_) @name) @definition.method
(method name: (_) @name) @definition.function
(alias name: (identifier) @name) @definition.method

(assignment
  left: (constant) @name
  right: (call receiver: (constant) @local.reference)
  (#eq? @local.reference "Struct")) @definition.class
(assignment left: (constant) @name) @definition.constant
(program (assignment left: (global_variable) @name) @definition.variable)
(call
  method: (identifier) @local.reference
  arguments: (argument_list (simple_symbol) @name)
  (#match? @local.reference "^attr_(accessor|reader|writer)$")) @definition.field

(call method: (identifier) @name) @reference.call.method
(call receiver: (constant) @name method: (identifier) @local.reference (#eq? @local.reference "new")) @reference.call.class
(superclass (constant) @name) @reference.class
(superclass (scope_resolution name: (constant) @name)) @reference.class
(scope_resolution name: (constant) @name) @reference.class
(constant) @name @reference.class
