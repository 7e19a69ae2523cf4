; ASN.1 (X.680 to X.683). The first pattern that names a node wins. References are anonymous nodes of this grammar, so
; they are written as strings.

(ModuleDefinition (ModuleIdentifier . (modulereference) @name)) @definition.module

(TypeAssignment . "typereference" @name) @definition.type
(ValueSetTypeAssignment . "typereference" @name) @definition.type
(ObjectClassAssignment . "objectclassreference" @name) @definition.class
(ObjectSetAssignment . "objectsetreference" @name) @definition.constant
(ObjectAssignment . "objectreference" @name) @definition.constant
(ValueAssignment . "valuereference" @name) @definition.constant
(XMLValueAssignment . "valuereference" @name) @definition.constant

; Parts of types, values of enumerations, named bits and numbers, and fields of classes.
(NamedType . (identifier) @name) @definition.field
(NamedNumber . (identifier) @name) @definition.enumerator
(NamedBit . (identifier) @name) @definition.enumerator
(EnumerationItem . (identifier) @name) @definition.enumerator
(TypeFieldSpec . "typefieldreference" @name) @definition.field
(FixedTypeValueFieldSpec . "valuefieldreference" @name) @definition.field
(VariableTypeValueFieldSpec . "valuefieldreference" @name) @definition.field
(FixedTypeValueSetFieldSpec . "valuesetfieldreference" @name) @definition.field
(VariableTypeValueSetFieldSpec . "valuesetfieldreference" @name) @definition.field
(ObjectFieldSpec . "objectfieldreference" @name) @definition.field
(ObjectSetFieldSpec . "objectsetfieldreference" @name) @definition.field

(DefinedType "typereference" @name) @reference.type
(ExternalTypeReference "typereference" @name) @reference.type
(DefinedObjectClass "objectclassreference" @name) @reference.class
(objectsetreference) @name @reference.constant
(objectreference) @name @reference.constant
