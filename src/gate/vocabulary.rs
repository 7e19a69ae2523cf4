//! Words of programming languages and of their standard libraries, which say nothing of a vendor's code.
//!
//! The lists come from the languages' own references, not from any text that the tests judge.

use std::collections::HashMap;
use std::sync::OnceLock;

/// Keywords, and types and constants that every program of a language may name.
const KEYWORDS: &str = "\
    if else for while do switch case default break continue return goto sizeof typeof static const volatile extern \
    inline register restrict struct union enum typedef void char short int long float double signed unsigned bool \
    true false null nil none asm auto class public private protected virtual override final namespace using template \
    typename operator new delete this try catch throw throws finally friend explicit mutable constexpr noexcept \
    nullptr decltype import package interface implements extends super abstract synchronized instanceof boolean byte \
    string object var let function async await yield typeof undefined export from module require def elif except \
    pass lambda with as is in not and or raise assert global nonlocal del self cls fn mut impl trait pub crate mod \
    use where match loop ref move dyn unsafe type func defer go chan map range select fallthrough then fi done esac \
    local echo exit unless end begin until elsif include define ifdef ifndef endif undef pragma elif error once \
    size_t ssize_t ptrdiff_t time_t off_t pid_t uid_t gid_t mode_t socklen_t wchar_t va_list intptr_t uintptr_t \
    int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t uint u8 u16 u32 u64 s8 s16 s32 s64 i8 i16 i32 \
    i64 i128 u128 f32 f64 usize isize str option some result ok err vec box arc rc std core alloc cstdint cstdio \
    stdio stdlib stdint stdbool string.h errno unistd int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 \
    float64 rune __init__ __name__ __main__ main args argv argc env files dict list set tuple \
    post put patch";

/// Functions, macros and error names of standard libraries and of the Unix interface.
const LIBRARY: &str = "\
    printf fprintf sprintf snprintf vsnprintf vfprintf scanf sscanf puts fputs fgets gets getc putc memcpy memmove \
    memset memcmp memchr strcpy strncpy strlcpy strscpy strcat strncat strcmp strncmp strcasecmp strncasecmp strlen \
    strnlen strchr strrchr strstr strdup strndup strtok strsep strtol strtoul strtoll strtoull atoi atol malloc calloc \
    realloc free abort open close read write lseek stat fstat unlink rename mkdir socket bind listen accept connect \
    send recv sendto recvfrom setsockopt getsockopt select poll htons htonl ntohs ntohl fopen fclose fread fwrite fflush \
    perror strerror fork exec waitpid kill signal sigaction pthread_create pthread_join pthread_mutex_lock \
    pthread_mutex_unlock offsetof container_of min max swap abs rand srand random time clock usleep sleep getenv setenv \
    va_start va_end va_arg einval enomem eio efault eperm eacces enoent eexist ebusy eagain eintr enospc erange enodev \
    enotsupp eopnotsupp etimedout stdout stderr stdin cout cerr endl begin end size push_back emplace_back \
    make_unique make_shared unique_ptr shared_ptr vector unordered_map iterator println print eprintln format panic \
    unwrap expect clone iter into_iter map filter collect to_string to_owned as_ref as_str as_bytes len push insert \
    get get_mut remove contains is_empty is_none is_some is_ok is_err ok_or ok_or_else map_err unwrap_or \
    unwrap_or_default unwrap_or_else hashmap hashset btreemap btreeset pathbuf path file io fs default \
    errorf fatal fatalf sprintf len cap append make copy close recover context background system out exception \
    write_all read_to_end read_to_string as_deref as_mut as_path is_dir is_file metadata permissions create_dir \
    create_dir_all remove_file read_dir canonicalize spawn status stdout_piped and_then extend retain drain \
    runtimeexception ioexception illegalargumentexception arraylist hashmap tostring equals hashcode length substring \
    indexof console log json parse stringify settimeout promise resolve reject document window open readline join split \
    strip replace startswith endswith isinstance enumerate zip sorted kmalloc kzalloc kcalloc kfree kmalloc_array \
    vmalloc vfree gfp_kernel gfp_atomic copy_from_user copy_to_user likely unlikely is_err ptr_err err_ptr warn_on \
    bug_on mutex_lock mutex_unlock spin_lock spin_unlock spin_lock_irqsave spin_unlock_irqrestore rcu_read_lock \
    rcu_read_unlock array_size pr_err pr_info pr_warn pr_debug dev_err dev_info dev_warn __user __init __exit \
    module_license module_author";

/// Names that programmers give to what needs no name, and abbreviations of them.
const GENERIC: &str = "\
    data buf buffer len length size count num number idx index pos offset off ptr p1 p2 src dst dest source target val \
    value key name id ret rc res rv result status state flag flags mode type kind err error errors msg message str \
    string text line lines word char byte bytes bit bits tmp temp buf2 ctx context cfg config conf opt opts option \
    options arg args param params node next prev head tail first last list item items elem entry obj object self this \
    that other left right start end stop begin begin_ from to in out input output i1 i2 old new cur current max min \
    sum total file path dir fd sock addr address port host url uri req request resp response reply cmd command priv \
    private user dev device info hdr header body payload_len table map set hash array arr vec it iter handle handler \
    callback cb func fn fun event ev lock mutex cond thread time timeout now date level log logger debug test done \
    exit fail failed success ok found valid init free alloc get put add del remove";

/// Bits that a known word says; `None` if it is in no list.
fn table() -> &'static HashMap<&'static str, u32> {
    static TABLE: OnceLock<HashMap<&'static str, u32>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = HashMap::new();
        for (words, bits) in [(GENERIC, 1), (LIBRARY, 2), (KEYWORDS, 0)] {
            for word in words.split_ascii_whitespace() {
                table.insert(word, bits);
            }
        }
        table
    })
}

/// Returns how many bits a word of a language, of a standard library or a generic name says; `None` for other words.
pub fn bits_of_known_word(word: &str) -> Option<u32> {
    table().get(word.to_ascii_lowercase().as_str()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_languages_are_known_and_names_of_programs_are_not() {
        for (word, bits) in [
            ("for", Some(0)),
            ("uint8_t", Some(0)),
            ("NULL", Some(0)),
            ("memcpy", Some(2)),
            ("EINVAL", Some(2)),
            ("buf", Some(1)),
            ("session_lookup", None),
            ("MASTER_PW", None),
            ("subscriber", None),
        ] {
            assert_eq!(bits_of_known_word(word), bits, "{word}");
        }
    }
}
