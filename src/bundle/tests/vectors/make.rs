//! What the vectors hold: each is one defect, made from a good case. The keys are made from fixed seeds, so that the same
//! bytes come out everywhere.

use super::parts::{self, Parts};
use crate::bundle::wire::put_string;
use ed25519_dalek::SigningKey;

/// The namespace of all vectors.
pub const NAMESPACE: &str = "findings@glassroom";
/// The time at which they are checked, in seconds since 1970 and as `ssh-keygen -Overify-time` takes it.
pub const TIME: (i64, &str) = (1_780_315_200, "20260601120000Z");
/// What is signed.
pub const MESSAGE: &[u8] = b"f00d  README.txt\nbeef  report.md\n";

/// A case, and who accepts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vector {
    pub name: String,
    /// What is wrong with it, or why it is right.
    pub about: String,
    pub principal: String,
    pub ours: bool,
    pub openssh: bool,
    /// It lies in no file, and no other program is asked.
    pub is_ours_alone: bool,
    pub message: Vec<u8>,
    pub signers: Vec<u8>,
    pub revoked: Vec<u8>,
    pub signature: Vec<u8>,
}

/// Who accepts: both, nobody, or not we and it does not matter who else: those are made in memory and judged by our
/// verifier alone.
#[derive(Clone, Copy)]
pub enum By {
    Both,
    NotWe,
    Nobody,
}

impl Vector {
    /// Makes a good case, to be spoiled.
    pub fn new(name: &str, by: By, about: &str) -> Self {
        Self {
            name: name.to_owned(),
            about: about.to_owned(),
            principal: "alice".to_owned(),
            ours: matches!(by, By::Both),
            openssh: matches!(by, By::Both),
            is_ours_alone: matches!(by, By::NotWe),
            message: MESSAGE.to_vec(),
            signers: format!("alice {}\n", line(&parts::file_key(&alice()))).into_bytes(),
            revoked: Vec::new(),
            signature: Parts::by_file(NAMESPACE, "sha512").armour().into_bytes(),
        }
    }
}

/// The key that signs.
pub fn alice() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

/// Another key.
pub fn bob() -> SigningKey {
    SigningKey::from_bytes(&[2; 32])
}

/// Joins length-prefixed strings.
pub fn strings(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    parts.iter().for_each(|part| put_string(&mut out, part));
    out
}

/// Returns a key's type and digits.
pub fn line(key: &[u8]) -> String {
    let length = u32::from_be_bytes(key[..4].try_into().unwrap()) as usize;
    let name = std::str::from_utf8(&key[4..4 + length]).unwrap();
    format!("{name} {}", super::base64(key))
}

/// Every vector, in the order of their families.
pub fn all() -> Vec<Vector> {
    let mut all = parts::signatures();
    all.extend(parts::messages());
    all.extend(parts::armours());
    all.extend(parts::tokens());
    all.extend(signers());
    all
}

/// One row a line: name, who accepts, what it is, the file. `KEY` is alice's key, `BOB` bob's, `TYPE` and `DIGITS` the
/// parts of alice's, `WEAK` an RSA key of 8 bits, `LONG` 1,100 letters, `EMPTY`
/// nothing.
const SIGNERS: &str = r##"
comments | both | comments, empty lines, tabs | # who\n\n\talice\tKEY a comment\n
no-last-line-feed | both | the last line has no end | alice KEY
list | both | a list of names | bob,al?ce KEY\n
quoted | both | a list of names in quotes | "bob,alice" KEY\n
star | both | anybody | * KEY\n
namespaces | both | a pattern of namespaces | alice namespaces="file,findings@*" KEY\n
upper-case | both | an option in upper case | alice NAMESPACES="findings@glassroom" KEY\n
valid | both | inside its time | alice valid-after="20260101Z",valid-before="20270101Z" KEY\n
second-line | both | another of the name's keys comes first | alice BOB\nalice KEY\n
first-second | both | the first second of its time | alice valid-after="20260601120000Z" KEY\n
last-second | not-we | the last second of its time | alice valid-before="20260601120000Z" KEY\n
local-time | not-we | a time without a zone, not over in some | alice valid-before="202606011300" KEY\n
carriage-return | both | lines end with CR LF | alice KEY\r\n
junk-before | both | junk of the name stands first | alice junk\nalice KEY\n
junk-of-other-before | both | junk of another name stands first | bob junk\nalice KEY\n
junk-behind | both | junk stands behind | alice KEY\njunk\n
weak-before | both | an RSA key of 8 bits stands first | alice WEAK\nalice KEY\n
carriage-return-comment | both | a comment is before the CR LF | alice KEY of alice\r\n
byte-order-mark-comment | both | a byte order mark is before a comment | \ufeff# who\nalice KEY\n
umlaut-comment | both | a letter that is not ASCII is in the comments | # M\u00fcller\nalice KEY M\u00fcller\n
umlaut-name-before | both | a name that is not ASCII is on another line | M\u00fcller BOB\nalice KEY\n
authority-before | both | an authority's key stands first | alice cert-authority BOB\nalice KEY\n
option-unknown-before | both | an option is not known on another line | alice touch-required BOB\nalice KEY\n
empty | nobody | nobody may sign | EMPTY
other-name | nobody | the key is bob's | bob KEY\n
upper-case-name | nobody | the name is written Alice | Alice KEY\n
prefix | nobody | the name is longer | alicea KEY\n
negated | nobody | everybody but alice | *,!alice KEY\n
negated-first | nobody | not alice, then everybody | !alice,* KEY\n
other-key | nobody | the name's key is another | alice BOB\n
other-namespace | nobody | the key may sign files | alice namespaces="file" KEY\n
negated-namespace | nobody | every namespace but this | alice namespaces="*,!findings@*" KEY\n
empty-namespaces | nobody | no namespace at all | alice namespaces="" KEY\n
expired | nobody | the key's time is over | alice valid-before="20260101Z" KEY\n
not-yet | nobody | the key's time is to come | alice valid-after="20260701Z" KEY\n
too-early | nobody | one second too early | alice valid-after="20260601120001Z" KEY\n
too-late | nobody | one second too late | alice valid-before="20260601115959Z" KEY\n
times-crossed | nobody | the time ends before it begins | alice valid-after="20260501Z",valid-before="20260401Z" KEY\n
bad-month | nobody | the month is 13 | alice valid-before="20271301Z" KEY\n
bad-date | nobody | the date has two digits of a year | alice valid-before="270101Z" KEY\n
epoch | nobody | the date is 1970-01-01 | alice valid-before="19700101Z" KEY\n
option-twice | nobody | an option stands there twice | alice namespaces="file",namespaces="*" KEY\n
option-unknown | nobody | an option is not known | alice touch-required KEY\n
option-bare | nobody | an option's value has no quotes | alice namespaces=* KEY\n
option-open | nobody | an option's quotes are not closed | alice namespaces="* KEY\n
option-space | nobody | a space stands between options | alice namespaces="*", valid-before="20270101Z" KEY\n
option-comma | nobody | a comma ends the options | alice namespaces="*", KEY\n
authority | nobody | the key is an authority's | alice cert-authority KEY\n
name-open | nobody | the name's quotes are not closed | "alice KEY\n
name-quote | nobody | a quote stands inside the name | ali"ce KEY\n
no-key | nobody | there is no key | alice\n
no-name | nobody | there is no name | KEY\n
key-cut | nobody | the key is cut | alice TYPE AAAAC3NzaC1lZDI1NTE5AAAAIIqI4910CfGV\n
key-other-type | nobody | the word says ssh-rsa | alice ssh-rsa DIGITS\n
key-only-digits | nobody | the type's word is missing | alice DIGITS\n
key-longer | nobody | a digit follows the key | alice TYPE DIGITSA\n
certificate | nobody | the word says that it is a certificate | alice ssh-ed25519-cert-v01@openssh.com DIGITS\n
byte-order-mark | nobody | the file begins with a byte order mark | \ufeffalice KEY\n
long-name | nobody | a name of 1,100 characters stands first | LONG,alice KEY\n
long-namespace | nobody | a namespace of 1,100 characters stands first | alice namespaces="LONG,*" KEY\n
"##;

fn signers() -> Vec<Vector> {
    let key = line(&parts::file_key(&alice()));
    let bob = line(&parts::file_key(&bob()));
    let weak = line(&strings(&[b"ssh-rsa", b"\x03", b"\x7f"]));
    let (kind, digits) = key.split_once(' ').unwrap();
    let words = [
        ("\\n", "\n"),
        ("\\r", "\r"),
        ("\\t", "\t"),
        ("\\ufeff", "\u{feff}"),
        ("\\u00fc", "\u{fc}"),
        ("EMPTY", ""),
        ("DIGITS", digits),
        ("LONG", &"x".repeat(1100)),
        ("TYPE", kind),
        ("WEAK", &weak),
        ("KEY", &key),
        ("BOB", &bob),
    ];
    let filled = |text: &str| {
        let fill = |text: String, (from, to): &(&str, &str)| text.replace(from, to);
        words.iter().fold(text.to_owned(), fill).into_bytes()
    };
    let mut all = Vec::new();
    for row in SIGNERS.trim().lines() {
        let mut columns = row.splitn(4, " | ");
        let mut next = || columns.next().unwrap();
        let (name, by, about) = (format!("signers-{}", next()), next(), next());
        let by = match by {
            "both" => By::Both,
            "not-we" => By::NotWe,
            _ => By::Nobody,
        };
        let signers = filled(next());
        all.push(Vector {
            signers,
            ..Vector::new(&name, by, about)
        });
    }
    for (name, by, about, revoked) in [
        (
            "revoked",
            By::Nobody,
            "the key is revoked",
            "# stolen\nKEY\n",
        ),
        ("revoked-other", By::Both, "another key is revoked", "BOB\n"),
        (
            "revoked-junk",
            By::Nobody,
            "the list of revoked keys holds junk",
            "junk\nBOB\n",
        ),
    ] {
        all.push(Vector {
            revoked: filled(revoked),
            ..Vector::new(name, by, about)
        });
    }
    all
}
