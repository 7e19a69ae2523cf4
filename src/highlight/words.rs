//! Words of the languages that have no grammar here.

/// Words that mean much the same wherever they are words of the language at all.
pub(super) const SHARED: &[&str] = &[
    "abstract",
    "alias",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "begin",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "constexpr",
    "continue",
    "def",
    "default",
    "defer",
    "delete",
    "do",
    "elif",
    "else",
    "elseif",
    "elsif",
    "end",
    "endif",
    "enum",
    "except",
    "export",
    "extends",
    "extern",
    "final",
    "finally",
    "fn",
    "for",
    "foreach",
    "from",
    "func",
    "function",
    "goto",
    "if",
    "implements",
    "import",
    "in",
    "include",
    "inline",
    "interface",
    "is",
    "let",
    "loop",
    "match",
    "module",
    "mut",
    "namespace",
    "new",
    "not",
    "of",
    "operator",
    "or",
    "override",
    "package",
    "private",
    "procedure",
    "protected",
    "pub",
    "public",
    "record",
    "repeat",
    "require",
    "return",
    "select",
    "static",
    "struct",
    "super",
    "switch",
    "then",
    "this",
    "throw",
    "throws",
    "to",
    "trait",
    "try",
    "type",
    "typedef",
    "union",
    "unless",
    "until",
    "use",
    "using",
    "val",
    "var",
    "when",
    "where",
    "while",
    "with",
    "yield",
];

/// Names of simple types.
pub(super) const TYPES: &[&str] = &[
    "any", "bit", "bool", "boolean", "byte", "bytes", "char", "double", "f32", "f64", "float",
    "i16", "i32", "i64", "i8", "int", "int16", "int32", "int64", "int8", "integer", "long", "real",
    "short", "signed", "string", "u16", "u32", "u64", "u8", "uint", "uint16", "uint32", "uint64",
    "uint8", "unsigned", "usize", "void",
];

/// Constants most languages share.
pub(super) const CONSTANTS: &[&str] = &["true", "false", "null", "nil", "none", "undefined"];

/// How the words of one language differ from the shared ones.
pub(super) struct Words {
    /// Words of this language.
    pub(super) own: &'static str,
    /// Whether the shared words count too.
    pub(super) takes_shared: bool,
    /// Whether case is of no matter.
    pub(super) ignores_case: bool,
    /// Whether a `-` may stand inside a word.
    pub(super) joins_hyphens: bool,
}

const fn words(own: &'static str) -> Words {
    Words {
        own,
        takes_shared: true,
        ignores_case: false,
        joins_hyphens: false,
    }
}

const fn only(own: &'static str) -> Words {
    Words {
        takes_shared: false,
        ..words(own)
    }
}

const fn any_case(own: &'static str) -> Words {
    Words {
        ignores_case: true,
        ..words(own)
    }
}

const fn hyphened(own: &'static str) -> Words {
    Words {
        joins_hyphens: true,
        ..only(own)
    }
}

/// Returns the words of a language.
pub(super) fn of(language: &str) -> Words {
    match language {
        "ASN.1" | "MIB" => hyphened(
            "ABSENT ALL ANY APPLICATION AUTOMATIC BEGIN BIT BOOLEAN BY CHOICE CLASS COMPONENT COMPONENTS \
             CONSTRAINED CONTAINING DEFAULT DEFINED DEFINITIONS EMBEDDED ENCODED END ENUMERATED EXCEPT EXPLICIT \
             EXPORTS EXTENSIBILITY EXTERNAL FALSE FROM IDENTIFIER IMPLICIT IMPLIED IMPORTS INCLUDES INSTANCE \
             INTEGER INTERSECTION MAX MIN MINUS-INFINITY NULL OBJECT OCTET OF OPTIONAL PATTERN PDV PLUS-INFINITY \
             PRESENT PRIVATE REAL RELATIVE-OID SEQUENCE SET SIZE STRING SYNTAX TAGS TRUE UNION UNIQUE UNIVERSAL \
             UTF8String VisibleString PrintableString IA5String NumericString GeneralizedTime UTCTime WITH \
             MODULE-IDENTITY OBJECT-TYPE OBJECT-IDENTITY NOTIFICATION-TYPE TEXTUAL-CONVENTION MAX-ACCESS STATUS \
             DESCRIPTION INDEX LAST-UPDATED ORGANIZATION CONTACT-INFO REVISION",
        ),
        "YANG" => hyphened(
            "action anydata anyxml argument augment base belongs-to bit case choice config contact container \
             default description deviate deviation enum error-app-tag error-message extension feature \
             fraction-digits grouping identity if-feature import include input key leaf leaf-list length list \
             mandatory max-elements min-elements modifier module must namespace notification ordered-by \
             organization output path pattern position prefix presence range reference refine \
             require-instance revision revision-date rpc status submodule type typedef unique units uses value \
             when yang-version yin-element true false current obsolete deprecated",
        ),
        "TTCN-3" => words(
            "action activate all alive alt altstep any anytype bitstring boolean call charstring checkstate \
             clear complement component connect control create deactivate decmatch disconnect done encode \
             enumerated error except external fail fixed friend from getcall getreply getverdict group halt \
             hexstring ifpresent inconc infinity inout interleave kill killed label log map message mixed mod \
             modifies mtc noblock none octetstring omit on optional out param pass pattern permutation port \
             present procedure raise read receive rem reply runs running self send sender set setverdict \
             signature start stop subset superset system template testcase timeout timer unmap universal value \
             valueof variant verdicttype xor",
        ),
        "VHDL" => any_case(
            "abs access after all architecture array attribute block body buffer bus component configuration \
             constant disconnect downto entity file generate generic group guarded impure inertial inout label \
             library linkage literal map mod nand next nor null on open others out port postponed process pure \
             range register reject rem report rol ror severity shared signal sla sll sra srl subtype transport \
             unaffected units variable wait xnor xor std_logic std_logic_vector",
        ),
        "Verilog" | "SystemVerilog" => words(
            "always always_comb always_ff always_latch assign automatic bind casex casez cell clocking \
             constraint cover covergroup deassign defparam disable edge endcase endclass endfunction endgenerate \
             endinterface endmodule endpackage endprimitive endproperty endtask event final force forever fork \
             generate genvar initial inout input integer join localparam logic modport negedge output parameter \
             posedge primitive property program rand reg release sequence specify supply0 supply1 table task \
             time tri unique virtual wait wand wire wor bit packed",
        ),
        "Ada" => any_case(
            "abs accept access aliased all array at body constant declare delay delta digits entry exception \
             exit generic limited mod null others out overriding parallel pragma protected raise range rem \
             renames requeue reverse separate some subtype synchronized tagged task terminate xor",
        ),
        "Fortran" => any_case(
            "allocatable allocate block call character common complex contains cycle data deallocate dimension \
             double elemental elsewhere enddo entry equivalence exit external format implicit intent intrinsic \
             inquire kind logical namelist nullify only open optional parameter pause pointer precision print \
             program pure read recursive result rewind save sequence stop subroutine target write close",
        ),
        "COBOL" => Words {
            joins_hyphens: true,
            ..any_case(
                "accept add call close compute data display division environment evaluate exec exit identification \
                 inspect linkage move multiply open perform pic picture program-id read section set sort stop string \
                 working-storage write",
            )
        },
        "PL/SQL" | "Visual Basic" | "PL/M" | "SDL" | "CHILL" => any_case(
            "accept add call close compute data declare display division environment evaluate exec exit \
             identification inspect linkage move multiply open perform pic picture program read section set \
             sort stop string working-storage write cursor exception raise dim sub byref byval error on resume \
             address at byte call halt literally process signal state nextstate input output task start \
             dcl proc syn synmode newmode grant seize delay receive send",
        ),
        "Kconfig" => only(
            "bool choice comment config def_bool def_tristate default depends endchoice endif endmenu help hex \
             if imply int mainmenu menu menuconfig modules on optional prompt range rsource select source \
             string tristate visible y n m",
        ),
        "CMake" => any_case(
            "add_custom_command add_custom_target add_definitions add_executable add_library add_subdirectory \
             add_test cmake_minimum_required configure_file else elseif endforeach endfunction endif endmacro \
             endwhile execute_process file find_library find_package find_path foreach function get_property \
             include include_directories install link_directories list macro message option project set \
             set_property set_target_properties string target_compile_definitions target_compile_options \
             target_include_directories target_link_libraries target_sources unset while on off",
        ),
        "Dockerfile" => any_case(
            "add arg cmd copy entrypoint env expose from healthcheck label maintainer onbuild run shell \
             stopsignal user volume workdir",
        ),
        "Protocol Buffers" | "Thrift" => words(
            "message service rpc returns option optional required repeated oneof map reserved extensions \
             extend syntax stream group max fixed32 fixed64 sfixed32 sfixed64 sint32 sint64 exception oneway \
             list set i16 i32 i64 binary",
        ),
        "Kotlin" => words(
            "companion constructor data fun init inner internal lateinit object open out reified sealed suspend \
             tailrec typealias vararg by annotation crossinline noinline infix",
        ),
        "Swift" => words(
            "actor associatedtype convenience deinit didSet dynamic extension fallthrough fileprivate guard \
             indirect init inout internal lazy nonmutating mutating optional open protocol repeat required \
             rethrows self Self some subscript unowned weak willSet",
        ),
        "Dart" | "Vala" | "Zig" | "Nim" | "Crystal" | "Julia" | "Solidity" | "Elixir" | "F#" => {
            words(
                "comptime errdefer error orelse test volatile align noalias inline proc method iterator template \
             macro discard distinct object ref ptr converter contract event modifier mapping payable view pure \
             external memory storage emit late required mixin covariant factory defmodule defp defmacro cond \
             receive rescue after quote unquote mutable rec member begin local global signal owned weak \
             unowned errordomain ensure",
            )
        }
        "Meson" => {
            words("project executable library dependency subdir files endforeach option true false")
        }
        "PowerShell" => any_case("param process filter trap data dynamicparam exit workflow"),
        "SELinux Policy" => only(
            "allow allowxperm attribute auditallow bool dontaudit gen_require if interface neverallow \
             optional_policy permissive policy_module require role self sid template tunable_policy type \
             type_transition typeattribute typealias user",
        ),
        "Linker Script" => only(
            "ALIGN ASSERT AT ENTRY EXTERN FILL INCLUDE INPUT KEEP LENGTH LOADADDR MAX MEMORY MIN ORIGIN \
             OUTPUT_ARCH OUTPUT_FORMAT PHDRS PROVIDE PROVIDE_HIDDEN SECTIONS SIZEOF SORT VERSION BYTE LONG QUAD",
        ),
        "HCL" | "Puppet" | "Nix" | "Jsonnet" | "Elm" | "Groovy" | "GraphQL" => words(
            "resource variable output provider data locals inherit rec query mutation subscription fragment \
             input scalar schema port exposing node define inherits error self local assert tailstrict",
        ),
        "Prolog" | "Logtalk" => words("dynamic discontiguous initialization multifile"),
        "Promela" => {
            words("active proctype chan init ltl mtype never od fi atomic d_step skip run inline")
        }
        "TLA+" => only(
            "ASSUME CASE CHOOSE CONSTANT CONSTANTS DOMAIN ELSE ENABLED EXCEPT EXTENDS IF IN INSTANCE LET LOCAL \
             MODULE OTHER SUBSET THEN THEOREM UNCHANGED UNION VARIABLE VARIABLES",
        ),
        "P4" => words(
            "action actions apply bit control default_action entries enum error exit extern header header_union \
             inout key match_kind out package parser select state table transition tuple typedef value_set varbit",
        ),
        "Awk" => words("BEGIN END getline next nextfile print printf exit"),
        "Vim Script" => words(
            "endfunction endwhile endfor call command autocmd set setlocal map nnoremap silent",
        ),
        "BitBake" | "RPM Spec" => {
            words("inherit addtask python fakeroot do_install do_compile do_configure")
        }
        "GDB Script" => only(
            "break define document echo end if else python set while printf file target continue",
        ),
        "WebAssembly" | "LLVM IR" => only(
            "module func param result local global table memory export import type data elem block loop if else \
             end br br_if call return define declare target attributes metadata to label align",
        ),
        "Text" | "AsciiDoc" | "Troff" | "ABNF" | "TOML" | "INI" | "Git Config" | "Go Module"
        | "Assembly" => only("true false yes no on off module require replace exclude go"),
        _ => words(""),
    }
}
