//! Words of C that compilers and kernels put before or behind names, and that a grammar takes for names or types.
//!
//! They are blanked before a text is parsed: every byte stays where it is. Lines of directives are left alone, so that
//! a definition of such a word is still found.

use memchr::{memchr, memmem};

/// Words that never are names. Those in the second list may have arguments, which are blanked too.
const BARE: &[&str] = &[
    "__init",
    "__exit",
    "__initdata",
    "__exitdata",
    "__initconst",
    "__exitconst",
    "__devinit",
    "__devexit",
    "__devinitdata",
    "__net_init",
    "__net_exit",
    "__net_initdata",
    "__meminit",
    "__meminitdata",
    "__memexit",
    "__cpuinit",
    "__cpuinitdata",
    "__ref",
    "__refdata",
    "__refconst",
    "__read_mostly",
    "__ro_after_init",
    "__packed",
    "__user",
    "__kernel",
    "__iomem",
    "__percpu",
    "__rcu",
    "__force",
    "__nocast",
    "__bitwise",
    "__must_check",
    "__always_inline",
    "__noreturn",
    "__cold",
    "__hot",
    "__pure",
    "__used",
    "__unused",
    "__maybe_unused",
    "__always_unused",
    "__weak",
    "__visible",
    "__latent_entropy",
    "__sched",
    "__lockfunc",
    "__kprobes",
    "__cpuidle",
    "__noclone",
    "__deprecated",
    "__attribute_const__",
    "__randomize_layout",
    "__no_randomize_layout",
    "__cacheline_aligned",
    "__cacheline_aligned_in_smp",
    "____cacheline_aligned",
    "____cacheline_aligned_in_smp",
    "____cacheline_internodealigned_in_smp",
    "__page_aligned_data",
    "__page_aligned_bss",
    "__no_kcsan",
    "__no_sanitize_address",
    "__noinitretpoline",
    "__nostackprotector",
    "__init_or_module",
    "__initdata_or_module",
    "__bpf_kfunc",
    "__private",
    "__hyp_text",
    "__intentional_overflow",
    "__thread",
    "__near",
    "__far",
    "__huge",
    "__interrupt",
    "__irq",
    "__task",
    "noinline",
    "noinline_for_stack",
    "asmlinkage",
    "notrace",
];

const WITH_ARGUMENTS: &[&str] = &[
    "__aligned",
    "__printf",
    "__scanf",
    "__section",
    "__acquires",
    "__releases",
    "__must_hold",
    "__alloc_size",
    "__assume_aligned",
    "__counted_by",
    "__nonnull",
    "__malloc",
    "__guarded_by",
    "__designated_init",
    "__no_sanitize",
];

/// Longest list of arguments, in bytes.
const LONGEST: usize = 200;

/// Returns the text without such words; nothing if it has none.
pub(super) fn blanked(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    let mut out: Option<Vec<u8>> = None;
    for start in ["__", "noinline", "asmlinkage", "notrace"] {
        // A line is looked at once: it may hold any number of such words.
        let mut plain_until = 0;
        let mut directive_until = 0;
        for at in memmem::find_iter(bytes, start) {
            let begins = at == 0 || !is_word(bytes[at - 1]);
            if !begins || at < directive_until {
                continue;
            }
            if at >= plain_until {
                let line = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
                let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
                plain_until = end;
                if bytes[line..end].trim_ascii_start().starts_with(b"#") {
                    directive_until = end;
                    continue;
                }
            }
            if let Some(end) = end(bytes, at) {
                let out = out.get_or_insert_with(|| bytes.to_vec());
                for byte in &mut out[at..end] {
                    if *byte != b'\n' {
                        *byte = b' ';
                    }
                }
            }
        }
    }
    out
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Returns where the word ends that begins here, its arguments included, if it is one of them.
fn end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    let len = rest.iter().take(48).take_while(|b| is_word(**b)).count();
    let word = std::str::from_utf8(&rest[..len]).ok()?;
    if BARE.contains(&word) {
        return Some(at + len);
    }
    if !WITH_ARGUMENTS.contains(&word) {
        return None;
    }
    let mut depth = 0_usize;
    for (nth, byte) in rest[len..].iter().take(LONGEST).enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(at + len + nth + 1),
            b')' => depth = depth.checked_sub(1)?,
            b' ' | b'\t' => {}
            _ if depth == 0 => return Some(at + len),
            _ => {}
        }
    }
    (depth == 0).then_some(at + len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_blanked_where_they_say_nothing() {
        for (text, wanted) in [
            ("int __init f(void)", "int        f(void)"),
            (
                "struct { int a; } __aligned(8) x;",
                "struct { int a; }              x;",
            ),
            ("__printf(1, (2)) int f();", "                 int f();"),
            ("int my__init; __initx", ""),
            ("#define __init\n# define a __user", ""),
            ("static noinline int f();", "static          int f();"),
            ("__printf(", ""),
            ("__aligned;", "         ;"),
            ("a __user\nb", "a       \nb"),
        ] {
            let got = blanked(text).map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(got.unwrap_or_default(), wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn bytes_stay_where_they_are(text in "(__init|__aligned|[a(é) \n#]){0,20}") {
            if let Some(out) = blanked(&text) {
                let lines = |bytes: &[u8]| memchr::memchr_iter(b'\n', bytes).collect::<Vec<_>>();
                prop_assert_eq!(out.len(), text.len());
                prop_assert_eq!(lines(&out), lines(text.as_bytes()));
            }
        }
    }
}
