//! Classes of the words of C and C++, as far as they decide what else may stand in the head of a declaration.

/// What a word says about the words beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WordClass {
    /// `static`, `inline`, `virtual` and the like, before a type.
    Storage,
    /// `int`, `void`, `auto` and the like: a type or a part of one.
    Builtin,
    /// `decltype`, `typeof`, `_Atomic`: a type together with the parentheses after it.
    TypeOf,
    /// `const`, `volatile`, `restrict`.
    Qualifier,
    /// `struct`, `class`, `union`.
    Aggregate,
    /// `enum`.
    Enumeration,
    /// `__attribute__`, `__declspec`, `alignas`: with the parentheses after it.
    Attribute,
    /// `operator`.
    Operator,
    /// `template`.
    Template,
    /// `namespace`.
    Namespace,
    /// `typedef`.
    Typedef,
    /// `noexcept`, `override`, `final` and the like, after the parameters.
    Suffix,
    /// Begins a statement or a part of an expression: no declaration.
    Statement,
    /// Anything else: a name, a type, a macro.
    Plain,
}

/// Returns the class of a word.
pub(super) fn class_of(word: &[u8], is_cpp: bool) -> WordClass {
    use WordClass::{
        Aggregate, Attribute, Builtin, Enumeration, Namespace, Operator, Plain, Qualifier,
        Statement, Storage, Suffix, Template, TypeOf, Typedef,
    };
    match word {
        b"static" | b"extern" | b"inline" | b"register" | b"__inline" | b"__inline__"
        | b"__extension__" | b"_Noreturn" | b"_Thread_local" | b"thread_local" => Storage,
        b"int" | b"char" | b"void" | b"long" | b"short" | b"unsigned" | b"signed" | b"float"
        | b"double" | b"bool" | b"_Bool" | b"auto" | b"_Complex" | b"__int128" | b"__auto_type"
        | b"__signed__" => Builtin,
        b"typeof" | b"__typeof__" | b"__typeof" | b"_Atomic" | b"_BitInt" => TypeOf,
        b"const" | b"volatile" | b"restrict" | b"__restrict" | b"__restrict__" | b"__const"
        | b"__volatile__" => Qualifier,
        b"struct" | b"union" => Aggregate,
        b"enum" => Enumeration,
        b"__attribute__" | b"__attribute" | b"__declspec" | b"_Alignas" | b"alignas" | b"asm"
        | b"__asm__" | b"__asm" | b"_Static_assert" | b"static_assert" => Attribute,
        b"typedef" => Typedef,
        b"if" | b"else" | b"for" | b"while" | b"do" | b"switch" | b"case" | b"default"
        | b"return" | b"goto" | b"break" | b"continue" | b"sizeof" | b"_Generic" | b"_Alignof" => {
            Statement
        }
        _ if !is_cpp => Plain,
        b"virtual" | b"explicit" | b"friend" | b"constexpr" | b"consteval" | b"constinit"
        | b"mutable" | b"typename" => Storage,
        b"wchar_t" | b"char8_t" | b"char16_t" | b"char32_t" => Builtin,
        b"decltype" => TypeOf,
        b"class" => Aggregate,
        b"operator" => Operator,
        b"template" => Template,
        b"namespace" => Namespace,
        b"noexcept" | b"override" | b"final" | b"try" | b"throw" | b"requires" => Suffix,
        b"catch" | b"new" | b"delete" | b"using" | b"this" | b"throws" | b"alignof"
        | b"co_await" | b"co_return" | b"co_yield" | b"static_cast" | b"dynamic_cast"
        | b"const_cast" | b"reinterpret_cast" | b"typeid" | b"concept" | b"export" | b"and"
        | b"or" | b"not" | b"xor" | b"public" | b"private" | b"protected" => Statement,
        _ => Plain,
    }
}

/// Returns whether a word is written as macros are: capitals, no small letter, more than one sign.
pub(super) fn is_capital(word: &[u8]) -> bool {
    word.len() > 1
        && word.iter().any(u8::is_ascii_uppercase)
        && !word.iter().any(u8::is_ascii_lowercase)
        && word.is_ascii()
}

/// Returns whether a word looks like a macro that annotates a declaration: capitals, or an underscore twice in front of a
/// word that is no type of the kernel (`__u32`, `__le16`, `__kernel_size_t`).
pub(super) fn is_annotation(word: &[u8]) -> bool {
    is_capital(word) || (word.starts_with(b"__") && word.len() > 3 && !is_reserved_type(word))
}

fn is_reserved_type(word: &[u8]) -> bool {
    let rest = &word[2..];
    let digits = rest.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let stem = &rest[..rest.len() - digits];
    word.ends_with(b"_t")
        || (digits > 0 && matches!(stem, b"u" | b"s" | b"le" | b"be" | b"int" | b"uint" | b"m"))
        || matches!(
            rest,
            b"sum16" | b"wsum" | b"poll_t" | b"builtin_va_list" | b"int64"
        )
}

/// Returns whether a word in capitals is one that exports, hides or calls, rather than a type.
pub(super) fn is_export(word: &[u8]) -> bool {
    const PARTS: [&[u8]; 24] = [
        b"API",
        b"EXPORT",
        b"IMPORT",
        b"DLL",
        b"PUBLIC",
        b"VISIB",
        b"HIDDEN",
        b"CALL",
        b"CDECL",
        b"DECL",
        b"INLINE",
        b"NORETURN",
        b"DEPRECATED",
        b"NODISCARD",
        b"UNUSED",
        b"ATTRIBUTE",
        b"EXTERN",
        b"STATIC",
        b"PACKED",
        b"ALIGN",
        b"NULL",
        b"NONNULL",
        b"LINKAGE",
        b"MUST",
    ];
    let has = |part: &[u8]| memchr::memmem::find(word, part).is_some();
    is_capital(word) && PARTS.into_iter().any(has)
}

/// Returns whether a word in capitals, followed by arguments, annotates what stands before it.
pub(super) fn is_guard(word: &[u8]) -> bool {
    const PARTS: [&[u8]; 18] = [
        b"GUARDED",
        b"LOCK",
        b"ATTRIBUTE",
        b"ALIGN",
        b"SECTION",
        b"DEPRECATED",
        b"PRINTF",
        b"FORMAT",
        b"NONNULL",
        b"ACQUIRE",
        b"RELEASE",
        b"REQUIRES",
        b"EXCLU",
        b"ATTR",
        b"SINCE",
        b"AVAILAB",
        b"CAPABILITY",
        b"RETURNED",
    ];
    let has = |part: &[u8]| memchr::memmem::find(word, part).is_some();
    is_capital(word) && PARTS.into_iter().any(has)
}

/// Returns whether a word says whether a pointer may be null, or what else it points to.
pub(super) fn is_nullability(word: &[u8]) -> bool {
    let has = |part: &[u8]| memchr::memmem::find(word, part).is_some();
    is_annotation(word) && (has(b"NULL") || has(b"RESTRICT") || has(b"UNUSED"))
}

/// Returns whether the grammars know a type by this name, which is no keyword.
pub(super) fn is_primitive(word: &[u8]) -> bool {
    let stem = word.strip_prefix(b"u").unwrap_or(word);
    matches!(
        stem,
        b"int8_t"
            | b"int16_t"
            | b"int32_t"
            | b"int64_t"
            | b"intptr_t"
            | b"char8_t"
            | b"char16_t"
            | b"char32_t"
            | b"char64_t"
    ) || matches!(
        word,
        b"size_t" | b"ssize_t" | b"ptrdiff_t" | b"charptr_t" | b"nullptr_t" | b"max_align_t"
    )
}
