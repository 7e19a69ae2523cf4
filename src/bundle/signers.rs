//! `allowed_signers`: who may sign what, until when (ALLOWED SIGNERS of ssh-keygen(1)).
//!
//! Every line must be understood: an empty line, a comment with `#` at its start, or
//! `PRINCIPALS [OPTIONS] KEYTYPE BASE64 [COMMENT]` with the options `namespaces="…"`, `valid-after="…"` and
//! `valid-before="…"`, and an Ed25519 key, which may be a FIDO2 token's. Anything else (CR, `cert-authority`, an
//! unknown option, a doubtful date, another type of key, another spelling of a key) refuses the whole file with
//! the line's number: what such a file means would depend on who reads it. Nothing is accepted that ssh-keygen
//! refuses.

use super::sign::PublicKey;
use ssh_key::public::KeyData;
use std::collections::BTreeSet;
use time::{Date, Month, PrimitiveDateTime, Time};

/// Says why a file of signers is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} {what}")]
pub struct SignersError {
    /// 1-based.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

impl SignersError {
    /// Returns the next step.
    pub fn hint(&self) -> &'static str {
        "write one line a key: NAME namespaces=\"findings@glassroom\" ssh-ed25519 AAAA…; glassroom key show \
         prints it, and other keys belong into another file"
    }
}

/// A file of signers, and the keys that count no more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signers {
    lines: Vec<Line>,
    revoked: Vec<PublicKey>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    principals: String,
    options: Options,
    key: PublicKey,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Options {
    namespaces: Option<String>,
    after: Option<i64>,
    before: Option<i64>,
}

/// More than any lab has: a larger file is refused.
const LARGEST: usize = 1 << 20;
/// Types of keys that sign no bundle, so that it does not matter whether they are revoked.
const OTHERS: [&str; 6] = [
    "ssh-rsa",
    "ssh-dss",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];
/// OpenSSH stops reading a list of patterns at one of 1,023 or more characters.
const LONGEST_PATTERN: usize = 1_000;

impl Signers {
    /// Reads the file's bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, SignersError> {
        Ok(Self {
            lines: each_line(bytes, parse_line)?,
            revoked: Vec::new(),
        })
    }

    /// Takes a list of public keys, one a line: those keys may sign no more, whatever the other file says.
    pub fn revoke(&mut self, bytes: &[u8]) -> Result<(), SignersError> {
        if bytes.starts_with(b"SSHKRL\n") {
            let what = "begins a list in OpenSSH's binary format, which is not supported";
            return Err(SignersError { line: 1, what });
        }
        // A list that is not understood must not let anybody through: every line is a key.
        let keys = each_line(bytes, |text| {
            let is_other = |name: &&str| text.split([' ', '\t']).next() == Some(*name);
            if OTHERS.iter().any(is_other) {
                return Ok(None);
            }
            key(text).map(Some)
        })?;
        self.revoked.extend(keys.into_iter().flatten());
        Ok(())
    }

    /// Returns whether the key may sign under this name for this purpose at this time (seconds since 1970).
    pub fn allow(&self, key: &PublicKey, name: &str, namespace: &str, now: i64) -> bool {
        let mut lines = self.lines.iter();
        !self.revoked.contains(key)
            && lines.any(|l| matches_list(&l.principals, name) && l.allows(key, namespace, now))
    }

    /// Returns whether a line for this name holds the key, whatever that line allows and until when.
    pub fn lists(&self, key: &PublicKey, name: &str) -> bool {
        self.lines
            .iter()
            .any(|l| l.key == *key && matches_list(&l.principals, name))
    }

    /// Returns the names under which the key may sign for this purpose at this time, as they are listed.
    pub fn names(&self, key: &PublicKey, namespace: &str, now: i64) -> Vec<&str> {
        let lines = self.lines.iter().filter(|_| !self.revoked.contains(key));
        lines
            .filter(|l| l.allows(key, namespace, now))
            .map(|l| l.principals.as_str())
            .collect()
    }
}

impl Line {
    fn allows(&self, key: &PublicKey, namespace: &str, now: i64) -> bool {
        let Options {
            namespaces,
            after,
            before,
        } = &self.options;
        self.key == *key
            && namespaces
                .as_ref()
                .is_none_or(|list| matches_list(list, namespace))
            && after.is_none_or(|t| now >= t)
            && before.is_none_or(|t| now < t)
    }
}

/// Reads every line that is neither empty nor a comment.
fn each_line<T>(
    bytes: &[u8],
    read: impl Fn(&str) -> Result<T, &'static str>,
) -> Result<Vec<T>, SignersError> {
    if bytes.len() > LARGEST {
        let what = "begins a file of more than a megabyte";
        return Err(SignersError { line: 1, what });
    }
    let mut lines = Vec::new();
    for (i, line) in bytes.split(|b| *b == b'\n').enumerate() {
        let refuse = |what| SignersError { line: i + 1, what };
        if line.iter().any(|b| (*b < b' ' && *b != b'\t') || *b > b'~') {
            let what = "holds something else than plain ASCII, such as a carriage return";
            return Err(refuse(what));
        }
        let text = std::str::from_utf8(line).map_err(|_| refuse("is no text"))?;
        let text = text.trim_matches([' ', '\t']);
        if !text.is_empty() && !text.starts_with('#') {
            lines.push(read(text).map_err(refuse)?);
        }
    }
    Ok(lines)
}

fn parse_line(text: &str) -> Result<Line, &'static str> {
    let (principals, rest) = match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').ok_or("has an open quote")?,
        None => text.split_once([' ', '\t']).ok_or("has no key")?,
    };
    if principals.is_empty() || principals.split(',').any(str::is_empty) {
        return Err("names nobody");
    }
    if principals.contains('"') {
        return Err("has a quote inside a name");
    }
    if principals.split(',').any(|p| p.len() > LONGEST_PATTERN) {
        return Err("holds a name that is too long");
    }
    let rest = rest.trim_start_matches([' ', '\t']);
    let (options, rest) = if is_key_type(rest) {
        (Options::default(), rest)
    } else {
        options(rest)?
    };
    let key = key(rest)?;
    if let (Some(after), Some(before)) = (options.after, options.before)
        && after >= before
    {
        return Err("ends before it begins");
    }
    Ok(Line {
        principals: principals.to_owned(),
        options,
        key,
    })
}

/// Reads the options and returns what stands behind them.
fn options(mut rest: &str) -> Result<(Options, &str), &'static str> {
    let mut options = Options::default();
    let mut seen = BTreeSet::new();
    loop {
        let (name, value, behind) = option(rest)?;
        let name = name.to_ascii_lowercase();
        let bound = |bound| {
            date(value, bound)
                .ok_or("holds a date that is not valid")
                .map(Some)
        };
        match name.as_str() {
            "namespaces" if !value.is_empty() => {
                if value.split(',').any(|p| p.len() > LONGEST_PATTERN) {
                    return Err("holds a namespace that is too long");
                }
                options.namespaces = Some(value.to_owned());
            }
            "valid-after" => options.after = bound(Bound::After)?,
            "valid-before" => options.before = bound(Bound::Before)?,
            "cert-authority" => {
                return Err("names a certificate authority, which is not supported");
            }
            _ => return Err("holds an option that is not known"),
        }
        if !seen.insert(name) {
            return Err("gives an option twice");
        }
        let Some(more) = behind.strip_prefix(',') else {
            return Ok((options, behind.trim_start_matches([' ', '\t'])));
        };
        rest = more;
    }
}

/// Reads a key: its type and base64. The comment behind it may be anything.
fn key(text: &str) -> Result<PublicKey, &'static str> {
    let mut words = text.split([' ', '\t']).filter(|w| !w.is_empty());
    let words = [words.next().unwrap_or(""), words.next().unwrap_or("")].join(" ");
    let key = ssh_key::PublicKey::from_openssh(&words)
        .map_err(|_| "holds no key that can be read, or one that is not Ed25519")?;
    if !matches!(key.key_data(), KeyData::Ed25519(_) | KeyData::SkEd25519(_)) {
        return Err("holds a key that is not Ed25519");
    }
    let key = PublicKey::from_data(key.key_data().clone());
    if key.line() != words {
        return Err("holds a key that is not encoded as OpenSSH encodes it");
    }
    Ok(key)
}

fn is_key_type(text: &str) -> bool {
    let word = text.split([' ', '\t']).next().unwrap_or("");
    !word.contains('=')
        && (word.starts_with("ssh-") || word.starts_with("ecdsa-") || word.starts_with("sk-"))
}

/// Splits `name="value"` or `name` from what follows, which begins with `,` or white space.
fn option(text: &str) -> Result<(&str, &str, &str), &'static str> {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let Some(value) = rest.strip_prefix("=\"") else {
        return if name.eq_ignore_ascii_case("cert-authority") {
            Ok((name, "", rest))
        } else {
            Err("holds something that is neither a key nor an option")
        };
    };
    let (value, behind) = value.split_once('"').ok_or("has an open quote")?;
    if value.contains('\\') {
        return Err("holds a backslash in an option");
    }
    if behind.starts_with([',', ' ', '\t']) {
        Ok((name, value, behind))
    } else {
        Err("has no key")
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Bound {
    After,
    Before,
}

/// Reads `YYYYMMDD[HHMM[SS]][Z]`. Without `Z` it is local time of whoever checks: the hour counts that is
/// the strictest of all time zones, so that no zone accepts what ssh-keygen refuses.
fn date(text: &str, bound: Bound) -> Option<i64> {
    let (digits, is_utc) = match text.strip_suffix('Z') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    if !matches!(digits.len(), 8 | 12 | 14) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = |at: usize, len: usize| {
        digits
            .get(at..at + len)
            .map_or(Some(0), |d| d.parse::<u16>().ok())
    };
    let month = Month::try_from(number(4, 2)? as u8).ok()?;
    let day =
        Date::from_calendar_date(i32::from(number(0, 4)?), month, number(6, 2)? as u8).ok()?;
    let time = Time::from_hms(
        number(8, 2)? as u8,
        number(10, 2)? as u8,
        number(12, 2)? as u8,
    )
    .ok()?;
    let utc = PrimitiveDateTime::new(day, time)
        .assume_utc()
        .unix_timestamp();
    if utc <= 0 {
        return None;
    }
    Some(match (is_utc, bound) {
        (true, _) => utc,
        (false, Bound::After) => utc + 14 * 3600,
        (false, Bound::Before) => utc - 14 * 3600,
    })
}

/// Matches a comma-separated list of patterns as OpenSSH does: a `!pattern` that matches refuses.
fn matches_list(list: &str, text: &str) -> bool {
    let mut is_match = false;
    for pattern in list.split(',') {
        match pattern.strip_prefix('!') {
            Some(pattern) if matches(pattern.as_bytes(), text.as_bytes()) => return false,
            Some(_) => {}
            None => is_match |= matches(pattern.as_bytes(), text.as_bytes()),
        }
    }
    is_match
}

/// Matches `*` and `?`, in time linear in the product of the lengths at worst.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, t));
            p += 1;
        } else if pattern.get(p).is_some_and(|c| *c == b'?' || *c == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            p = at + 1;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

    fn allows(line: &str, name: &str, now: i64) -> Option<bool> {
        let signers = Signers::parse(line.as_bytes()).ok()?;
        let key = Signers::parse(format!("a {KEY}").as_bytes()).unwrap().lines[0]
            .key
            .clone();
        Some(signers.allow(&key, name, "findings@glassroom", now))
    }

    #[test]
    fn lines_mean_what_openssh_says() {
        let day = 1_767_225_600; // 2026-01-01 UTC
        let rows = [
            (
                format!("# who\n\nalice {KEY} a comment"),
                "alice",
                Some(true),
            ),
            (format!("alice {KEY}"), "bob", Some(false)),
            (format!("\"alice,bo?\" {KEY}"), "bob", Some(true)),
            (format!("*,!bob {KEY}"), "bob", Some(false)),
            (
                format!("alice namespaces=\"findings@*,x\" {KEY}"),
                "alice",
                Some(true),
            ),
            (
                format!("alice NAMESPACES=\"file\" {KEY}"),
                "alice",
                Some(false),
            ),
            (
                format!("alice valid-after=\"20260101Z\" {KEY}"),
                "alice",
                Some(true),
            ),
            (
                format!("alice valid-after=\"20260101\" {KEY}"),
                "alice",
                Some(false),
            ),
            (
                format!("alice valid-before=\"20260101Z\" {KEY}"),
                "alice",
                Some(false),
            ),
            (
                format!("alice valid-before=\"202601020000Z\",namespaces=\"*\" {KEY}"),
                "alice",
                Some(true),
            ),
            (
                format!("alice valid-before=\"20261301Z\" {KEY}"),
                "alice",
                None,
            ),
            (
                format!("alice valid-after=\"20260103Z\",valid-before=\"20260101Z\" {KEY}"),
                "alice",
                None,
            ),
            (format!("alice cert-authority {KEY}"), "alice", None),
            (format!("alice nonsense=\"x\" {KEY}"), "alice", None),
            (format!("alice {KEY}\r\n"), "alice", None),
            (
                format!("alice namespaces=\"a\",namespaces=\"b\" {KEY}"),
                "alice",
                None,
            ),
            (format!("alice namespaces=\"a {KEY}"), "alice", None),
            ("alice".to_owned(), "alice", None),
            ("alice ssh-ed25519 AAAA".to_owned(), "alice", None),
            (format!("bob {KEY}\njunk"), "bob", None),
        ];
        for (line, name, then) in rows {
            assert_eq!(allows(&line, name, day), then, "{line}");
        }
        assert_eq!(Signers::parse(b"# a\n\nx y z").unwrap_err().line, 3);
    }
}
