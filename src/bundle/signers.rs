//! `allowed_signers`: who may sign what, until when (ALLOWED SIGNERS of ssh-keygen(1)).
//!
//! A line is understood if it is empty, a comment with `#` at its start, or `PRINCIPALS [OPTIONS] KEYTYPE BASE64 [COMMENT]`
//! with the options `namespaces="…"`, `valid-after="…"` and `valid-before="…"`, and an Ed25519 key, which may be a FIDO2
//! token's. It may end with CR LF. Any other line (`cert-authority`, an unknown option, a doubtful date, another type of
//! key, another spelling of a key, a byte order mark) lets nobody sign: it is skipped and named with its number. Each line
//! only lets somebody sign and none forbids it, so a file with lines left out never allows more, and ssh-keygen reads on
//! after a line that it does not understand too. Nothing is accepted that ssh-keygen refuses.

use super::sign::PublicKey;
use ssh_key::public::KeyData;
use std::collections::BTreeSet;
use time::{Date, Month, PrimitiveDateTime, Time};

/// Says why a file of signers is refused, or one of its lines skipped.
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
    lines: Vec<SignerLine>,
    skipped: Vec<SignersError>,
    /// The keys of lines that were skipped, with the names before them: they let nobody sign, and are these people's
    /// all the same.
    named: Vec<(String, PublicKey)>,
    revoked: Vec<PublicKey>,
}

/// What a file of signers says of a key that made a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignerStanding {
    /// It may sign.
    Allowed,
    /// It is in the list of revoked keys.
    Revoked,
    /// No line has the key.
    Unknown,
    /// Lines have the key, for these names alone.
    OtherName(String),
    /// The lines for this name let the key sign for these namespaces alone.
    OtherNamespace(String),
    /// The key may sign from this time on, in seconds since 1970.
    TooEarly(i64),
    /// The key was allowed to sign until this time, in seconds since 1970.
    Expired(i64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct SignerLine {
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
    /// Reads the file's bytes. Fails if there are lines and none can be used.
    pub fn parse(bytes: &[u8]) -> Result<Self, SignersError> {
        let mut signers = Self::default();
        for (line, bytes) in numbered_lines(bytes)? {
            let text = match signer_text(bytes) {
                Ok(text) => text,
                Err(what) => {
                    signers.skipped.push(SignersError { line, what });
                    continue;
                }
            };
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            match parse_line(text) {
                Ok(read) => signers.lines.push(read),
                Err(what) => {
                    signers.skipped.push(SignersError { line, what });
                    signers.named.extend(named_key(text));
                }
            }
        }
        match signers.skipped.first() {
            Some(first) if signers.lines.is_empty() => Err(first.clone()),
            _ => Ok(signers),
        }
    }

    /// Returns the lines that let nobody sign because they were not understood, in the order of the file.
    pub fn skipped(&self) -> &[SignersError] {
        &self.skipped
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
        self.standing(key, Some(name), namespace, now) == SignerStanding::Allowed
    }

    /// Returns whether the key may sign under this name for this purpose at this time (seconds since 1970), and why not. Of
    /// several lines with the key the one counts that comes closest to allowing it. Without a name, lines for any name count.
    pub fn standing(
        &self,
        key: &PublicKey,
        name: Option<&str>,
        namespace: &str,
        now: i64,
    ) -> SignerStanding {
        if self.revoked.contains(key) {
            return SignerStanding::Revoked;
        }
        let with_key: Vec<&SignerLine> = self.lines.iter().filter(|l| l.key == *key).collect();
        let of_name = |l: &&&SignerLine| name.is_none_or(|name| matches_list(&l.principals, name));
        let named: Vec<&&SignerLine> = with_key.iter().filter(of_name).collect();
        let for_purpose = |l: &&&&SignerLine| l.is_for(namespace);
        let fitting: Vec<&&&SignerLine> = named.iter().filter(for_purpose).collect();
        let joined = |texts: Vec<&str>| texts.join(", ");
        if fitting.iter().any(|l| l.is_within(now)) {
            SignerStanding::Allowed
        } else if with_key.is_empty() {
            SignerStanding::Unknown
        } else if named.is_empty() {
            SignerStanding::OtherName(joined(
                with_key.iter().map(|l| l.principals.as_str()).collect(),
            ))
        } else if fitting.is_empty() {
            let namespaces = named.iter().filter_map(|l| l.options.namespaces.as_deref());
            SignerStanding::OtherNamespace(joined(namespaces.collect()))
        } else {
            let starts = fitting.iter().filter_map(|l| l.options.after);
            let ends = fitting.iter().filter_map(|l| l.options.before);
            match (
                starts.filter(|t| now < *t).min(),
                ends.filter(|t| now >= *t).max(),
            ) {
                (_, Some(end)) => SignerStanding::Expired(end),
                (Some(start), None) => SignerStanding::TooEarly(start),
                (None, None) => SignerStanding::Unknown,
            }
        }
    }

    /// Returns whether a line for this name holds the key, whatever that line allows and until when, and even if it was
    /// skipped.
    pub fn lists(&self, key: &PublicKey, name: &str) -> bool {
        let lines = self.lines.iter().map(|l| (&l.principals, &l.key));
        let skipped = self.named.iter().map(|(names, key)| (names, key));
        let mut all = lines.chain(skipped);
        all.any(|(names, listed)| listed == key && matches_list(names, name))
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

impl SignerLine {
    fn is_for(&self, namespace: &str) -> bool {
        let allowed = self.options.namespaces.as_ref();
        allowed.is_none_or(|list| matches_list(list, namespace))
    }

    fn is_within(&self, now: i64) -> bool {
        let Options { after, before, .. } = &self.options;
        after.is_none_or(|t| now >= t) && before.is_none_or(|t| now < t)
    }

    fn allows(&self, key: &PublicKey, namespace: &str, now: i64) -> bool {
        self.key == *key && self.is_for(namespace) && self.is_within(now)
    }
}

/// Splits a file into its lines, numbered from 1.
fn numbered_lines(bytes: &[u8]) -> Result<impl Iterator<Item = (usize, &[u8])>, SignersError> {
    if bytes.len() > LARGEST {
        let what = "begins a file of more than a megabyte";
        return Err(SignersError { line: 1, what });
    }
    Ok((1..).zip(bytes.split(|b| *b == b'\n')))
}

/// Returns what a line says but for the comment behind the key, in which any byte may stand.
fn signer_text(line: &[u8]) -> Result<&str, &'static str> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.starts_with(b"\xef\xbb\xbf") {
        return Err("begins with a byte order mark, which ssh-keygen takes for a part of the name");
    }
    let is_odd = |b: &u8| (*b < b' ' && *b != b'\t') || *b > b'~';
    let odd = line.iter().position(is_odd).unwrap_or(line.len());
    let plain = std::str::from_utf8(&line[..odd]).map_err(|_| "is no text")?;
    let plain = plain.trim_start_matches([' ', '\t']);
    // A comment, or something behind a key: neither is read.
    if odd == line.len() || plain.starts_with('#') || key_end(plain).is_some() {
        return Ok(plain.trim_end_matches([' ', '\t']));
    }
    Err("holds something else than plain ASCII before the end of the key")
}

/// Returns where the comment of a line begins, if blanks follow its key.
fn key_end(text: &str) -> Option<usize> {
    let mut at = 0;
    let mut is_key_next = false;
    for word in text.split_inclusive([' ', '\t']) {
        let ends = word.ends_with([' ', '\t']);
        let bare = word.trim_end_matches([' ', '\t']);
        at += word.len();
        if is_key_next && !bare.is_empty() {
            return ends.then_some(at);
        }
        is_key_next |= !bare.is_empty() && is_key_type(bare) && at > word.len();
    }
    None
}

/// Returns the names and the key of a line that is not understood otherwise.
fn named_key(text: &str) -> Option<(String, PublicKey)> {
    let words: Vec<&str> = text.split([' ', '\t']).filter(|w| !w.is_empty()).collect();
    let names = words.first()?.trim_matches('"').to_owned();
    let pair = words.windows(2).find_map(|two| key(&two.join(" ")).ok())?;
    Some((names, pair))
}

/// Reads every line that is neither empty nor a comment; one that is not understood refuses them all.
fn each_line<T>(
    bytes: &[u8],
    read: impl Fn(&str) -> Result<T, &'static str>,
) -> Result<Vec<T>, SignersError> {
    let mut lines = Vec::new();
    for (number, line) in numbered_lines(bytes)? {
        let refuse = |what| SignersError { line: number, what };
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

fn parse_line(text: &str) -> Result<SignerLine, &'static str> {
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
    Ok(SignerLine {
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
mod tests;
