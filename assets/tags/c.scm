; C. The first pattern that names a node wins, so definitions stand before declarations, calls and types.
; A name captured with what stands around it, stars, parentheses, parameters, is the name at its heart; a variable or
; member with parameters of its own is a function announced.

(function_definition declarator: (_) @name) @definition.function

; A function that a macro makes: `SYSCALL_DEFINE3(socket, int, family) { … }`. Its body is what follows.
((expression_statement
  (call_expression
    function: (identifier) @local.reference
    arguments: (argument_list . (identifier) @name)))
  . (compound_statement) @definition.function
  (#match? @local.reference "^[A-Z0-9_]+$"))

(preproc_def name: (identifier) @name) @definition.macro
(preproc_function_def name: (identifier) @name) @definition.macro

(struct_specifier name: (type_identifier) @name body: (_)) @definition.struct
(union_specifier name: (type_identifier) @name body: (_)) @definition.union
(enum_specifier name: (type_identifier) @name body: (_)) @definition.enum
(enumerator name: (identifier) @name) @definition.enumerator
(type_definition declarator: (_) @name) @definition.type
(field_declaration declarator: (_) @name) @definition.field

; Variables; those inside functions are left out by the program.
(declaration
  (storage_class_specifier) @local.reference
  declarator: (_) @name
  (#eq? @local.reference "extern")) @definition.decl.variable
(declaration declarator: (_) @name) @definition.variable

; A variable that a macro makes: `DEFINE_MUTEX(lock);`, `LIST_HEAD(list);`, `DEFINE_PER_CPU(int, count);`.
((expression_statement
  (call_expression
    function: (identifier) @local.reference
    arguments: (argument_list . (identifier) @name))) @definition.variable
  (#match? @local.reference
    "^(DEFINE_|DECLARE_(WORK|DELAYED_WORK|TASKLET|WAIT_QUEUE_HEAD|COMPLETION|RWSEM)|[A-Z_]*_HEAD$)"))
(macro_type_specifier
  name: (identifier) @local.reference
  (ERROR (identifier) @name)
  (#match? @local.reference "^DEFINE_")) @definition.variable
(macro_type_specifier
  name: (identifier) @local.reference
  type: (type_descriptor type: (type_identifier) @name)
  (#match? @local.reference "^DEFINE_")) @definition.variable

; Types announced: `struct a;`.
(translation_unit (struct_specifier name: (type_identifier) @name !body) @definition.decl.struct)
(translation_unit (union_specifier name: (type_identifier) @name !body) @definition.decl.union)
(translation_unit (enum_specifier name: (type_identifier) @name !body) @definition.decl.enum)

(call_expression function: (_) @name) @reference.call

(struct_specifier name: (type_identifier) @name !body) @reference.struct
(union_specifier name: (type_identifier) @name !body) @reference.union
(enum_specifier name: (type_identifier) @name !body) @reference.enum
(type_identifier) @name @reference.type
