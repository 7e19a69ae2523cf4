; Shell, read as Bash. The first pattern that names a node wins.

(function_definition name: (word) @name) @definition.function
(program (variable_assignment name: (variable_name) @name) @definition.variable)
(declaration_command (variable_assignment name: (variable_name) @name)) @definition.variable

(command name: (command_name (word) @name)) @reference.call
