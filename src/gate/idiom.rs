//! How much a stretch of vendor code says: an estimate in bits, by which idioms of a language are told from code of the vendor's own.
//!
//! `for (i = 0; i < count; i++)` belongs to everybody, and `session_remove(session)` says no more than the one name
//! that a reviewer must be able to write, and that is metered by budgets. What is the vendor's own is the combination of
//! several distinctive names. So each token counts by how rare it is:
//!
//! | token | bits |
//! |---|---|
//! | keyword, standard type; the marks of a statement that has the form of an idiom | 0 |
//! | generic name, name of one or two letters, any token that was counted before, a mark | 1 |
//! | name of a standard library | 2 |
//! | identifier that occurs in many files of the delivery; in some; in few | 5, 8, 12 |
//! | other word | its letters, at most 8 |
//! | number | 3 for each digit, 4 for each hexadecimal one, at most 24; the numbers to 2 and the powers of 2: 1 |
//!
//! A stretch of up to [`FREE`] bits is free, one of up to [`ASK`] bits needs a reason, one that says more is a copy. A
//! line that occurs in many files in different surroundings counts half ([`Sightings`]): a copied folder does not make its
//! lines common. Free stretches add up: see [`grade`].
//!
//! All of it is measured on the vendor's spelling. On the typed one, a blank between any two letters would make
//! names of one letter of everything.

use super::line::code_marks;
use super::matches::Match;
use super::run::CHANCE;
use super::side::Side;
use super::token;
use super::vocabulary::bits_of_known_word;
use super::{script, skeleton};
use crate::model::{DeliveredText, Rule};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

/// What a stretch of code may say to be free.
pub const FREE: u32 = 22;
/// What it may say to leave with a reason.
pub const ASK: u32 = 34;
/// Files and surroundings from which on a line is common.
pub const COMMON: usize = 8;
/// Occurrences that are remembered; what occurs more often says too little about any of them.
const MOST_PLACES: usize = 64;
/// The longest line that can be an idiom, in characters.
const LONGEST: usize = 120;
/// Lines of the vendor's in which free stretches add up.
const WINDOW: u64 = 10;
/// Lines that must be hit in a window, and the bits that they may say together.
const TOGETHER: (usize, u32) = (3, 36);

/// The name under which marks before lines are undone.
const QUOTING: &str = "quoting";

/// Number of different files, by their own names without the folder, in which an identifier occurs; at most [`COMMON`].
pub type FileCount = usize;

/// Where a line occurs in the files of the delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sightings {
    /// Hashes of files, as far as they are counted.
    files: BTreeSet<u64>,
    /// Hashes of the lines before and after, as far as they are counted.
    surroundings: BTreeSet<u64>,
    /// Text and line of each occurrence, as far as they are remembered.
    places: BTreeSet<(DeliveredText, u64)>,
    /// There are more than are remembered.
    is_everywhere: bool,
}

impl Sightings {
    /// Adds an occurrence. Only files of a snapshot count: history repeats them.
    pub fn add(&mut self, origin: &DeliveredText, line: u64, surrounding: u64) {
        let Some(path) = origin.path() else { return };
        if self.files.len() < COMMON {
            self.files.insert(hash_file_name(path.as_bytes()));
        }
        if self.surroundings.len() < COMMON {
            self.surroundings.insert(surrounding);
        }
        self.remember((origin.clone(), line));
    }

    fn remember(&mut self, place: (DeliveredText, u64)) {
        if self.is_everywhere {
            return;
        }
        self.places.insert(place);
        if self.places.len() > MOST_PLACES {
            self.is_everywhere = true;
            self.places.clear();
        }
    }

    /// Takes over what another part of the corpus has shown.
    pub fn merge(&mut self, other: Self) {
        self.files.extend(other.files);
        self.surroundings.extend(other.surroundings);
        if other.is_everywhere {
            self.is_everywhere = true;
            self.places.clear();
        }
        for place in other.places {
            self.remember(place);
        }
    }

    fn is_common(&self) -> bool {
        self.files.len() >= COMMON && self.surroundings.len() >= COMMON
    }
}

/// Hashes a file's own name: copies of it in other folders count once.
pub fn hash_file_name(path: &[u8]) -> u64 {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or(path);
    super::filter::hash(name)
}

/// What becomes of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdiomGrade {
    /// It may leave.
    Free,
    /// It may leave with a reason.
    Asks,
    /// It is judged by the rule that found it.
    Judged,
}

impl IdiomGrade {
    fn of(bits: u32) -> Self {
        match bits {
            0..=FREE => Self::Free,
            _ if bits <= ASK => Self::Asks,
            _ => Self::Judged,
        }
    }
}

/// Grades matches by what the vendor's own spelling of them says, and applies the grade: what is free is marked so, what asks
/// becomes a `code-run`.
///
/// Free stretches add up: where three or more of them lie within ten lines of one vendor file, and say more together
/// than an idiom may, they are a copy of these lines, and all of them are judged.
pub fn grade(matches: &mut [Match], side: &Side, file_count: &dyn Fn(&str) -> FileCount) {
    let bits: Vec<Option<u32>> = matches
        .iter()
        .map(|m| bits_of(m, side, file_count))
        .collect();
    let copied = find_copies(matches, &bits);
    for (at, found) in matches.iter_mut().enumerate() {
        found.grade = match bits[at] {
            Some(bits) if !copied.contains(&at) => IdiomGrade::of(bits),
            _ => IdiomGrade::Judged,
        };
        if copied.contains(&at) && found.rule == Rule::CodeRun {
            // It is no longer a short run by itself but a part of what was copied.
            found.rule = Rule::Line;
        }
    }
    grade_runs(matches, side);
    for found in matches.iter_mut() {
        if found.grade == IdiomGrade::Asks {
            found.rule = Rule::CodeRun;
        }
    }
}

/// Returns what a match says if it can be an idiom at all.
fn bits_of(found: &Match, side: &Side, file_count: &dyn Fn(&str) -> FileCount) -> Option<u32> {
    let text = without_chance(found.vendor.as_deref()?);
    // Idioms are of programming languages; in a script without spaces few letters say much.
    if has_unspaced(text) {
        return None;
    }
    let typed = &side.streams[found.stream].text[found.range.clone()];
    // A wrapped statement is one, and so is a test with what it guards; anything else on the next line is more.
    let goes_on = ['(', ')', ',', '+', '-', '=', '&', '|', '?', '\\'];
    let mut lines = text.lines().rev().skip(1);
    let is_wrapped = lines.all(|line| line.trim_end().ends_with(goes_on));
    let is_one_line = text.chars().count() <= LONGEST && is_wrapped;
    // Nobody writes an idiom in the letters of another script, or in a code; but in a patch, with a mark before each line.
    let is_disguised = found.undone.is_some_and(|name| name != QUOTING)
        || found.rule == Rule::Disguise && !typed.is_ascii();
    if !is_one_line || is_disguised {
        return None;
    }
    let bits = weigh(text, file_count);
    if found.sightings.is_common() {
        return Some(bits / 2);
    }
    // Prose is the vendor's own or not by its words alone; a short sentence would weigh no more than an idiom.
    let is_code = found.rule == Rule::CodeRun || code_marks(text) >= 2 || has_call(text);
    is_code.then_some(bits)
}

/// Returns whether a text holds letters of a script without spaces.
fn has_unspaced(text: &str) -> bool {
    let mut has = false;
    skeleton::each(text.as_bytes(), |byte, _| has |= script::is_unspaced(byte));
    has
}

/// Returns a stretch without a first and a last line of so few letters that they are there by chance.
fn without_chance(text: &str) -> &str {
    let is_chance = |line: &str| line.chars().filter(|c| c.is_alphanumeric()).count() <= CHANCE;
    let mut text = text.trim();
    if let Some((rest, last)) = text.rsplit_once('\n')
        && is_chance(last)
    {
        text = rest.trim_end();
    }
    if let Some((first, rest)) = text.split_once('\n')
        && is_chance(first)
    {
        text = rest.trim_start();
    }
    text
}

/// Returns whether a stretch holds a call or an assignment, which may be cut off before its second mark of code.
fn has_call(text: &str) -> bool {
    let opens = text.match_indices('(').any(|(at, _)| {
        let before = text[..at].chars().next_back();
        before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    });
    opens || text.contains(['=', ';', '{', '[']) || text.contains("->")
}

/// Returns which matches lie together in the vendor's files.
fn find_copies(matches: &[Match], bits: &[Option<u32>]) -> HashSet<usize> {
    // For each line of each file what is said of it at most, and which matches do.
    let mut files: BTreeMap<&DeliveredText, BTreeMap<u64, (u32, Vec<usize>)>> = BTreeMap::new();
    for (at, found) in matches.iter().enumerate() {
        let Some(bits) = bits[at].filter(|b| *b <= ASK && *b > 0) else {
            continue;
        };
        let own = (found.spot.origin.clone(), found.spot.line);
        let has_own = found.sightings.places.contains(&own) || found.sightings.is_everywhere;
        let own = (!has_own).then_some((&found.spot.origin, found.spot.line));
        let places = found.sightings.places.iter().map(|(o, l)| (o, *l));
        for (origin, line) in places.chain(own) {
            let entry = files.entry(origin).or_default().entry(line).or_default();
            entry.0 = entry.0.max(bits);
            entry.1.push(at);
        }
    }
    let mut copied = HashSet::new();
    for lines in files.values() {
        for from in lines.keys() {
            let window = lines.range(*from..*from + WINDOW);
            // The same statement twice in a window is one.
            let mut said: HashMap<&str, u32> = HashMap::new();
            for (_, (bits, all)) in window.clone() {
                let text = all.iter().filter_map(|at| matches[*at].vendor.as_deref());
                let text = text.map(str::trim).max_by_key(|t| t.len()).unwrap_or("");
                said.insert(text, *bits);
            }
            if said.len() >= TOGETHER.0 && said.values().sum::<u32>() > TOGETHER.1 {
                copied.extend(window.flat_map(|(_, (_, all))| all));
            }
        }
    }
    copied
}

/// A run of letters that lies in a line that many files hold is what that line is.
fn grade_runs(matches: &mut [Match], side: &Side) {
    let is_light = |m: &&Match| m.sightings.is_common() && m.grade != IdiomGrade::Judged;
    let light: Vec<Match> = matches.iter().filter(is_light).cloned().collect();
    for found in matches.iter_mut().filter(|m| m.undone.is_none()) {
        let text = &side.streams[found.stream].text;
        let holds = |m: &&Match| {
            m.stream == found.stream
                && m.range.start < found.range.end
                && found.range.start < m.range.end
                && covers(&m.range, &found.range, text)
        };
        if let Some(grade) = light.iter().filter(holds).map(|m| m.grade).min() {
            found.grade = found.grade.min(grade);
        }
    }
}

/// Returns whether a range holds a run, without the letters at its ends that are there by chance as in the rule itself.
fn covers(range: &Range<usize>, run: &Range<usize>, text: &str) -> bool {
    let letters = |from: usize, to: usize| {
        let outside = text.as_bytes().get(from..to).unwrap_or(&[]);
        let letters = outside
            .iter()
            .filter(|b| b.is_ascii_alphanumeric() || **b >= 128);
        letters.count()
    };
    letters(run.start, range.start) <= CHANCE && letters(range.end, run.end) <= CHANCE
}

/// Returns a stretch of the vendor's text, from the first of the characters at `offsets` to the last.
pub fn spelling(text: &[u8], offsets: &[u32]) -> String {
    let (first, last) = (offsets[0] as usize, offsets[offsets.len() - 1] as usize);
    let end = (last + token::width(text, last)).min(text.len());
    // A gram may be carried over from far before: what lies between its characters is not what an idiom has.
    let from = first.min(end).max(end.saturating_sub(8 * LONGEST));
    String::from_utf8_lossy(&text[from..end]).into_owned()
}

/// Returns the spelling of a run from those of its grams, each of which begins one kept character after the one before.
pub fn join_spellings<'t>(
    mut grams: impl Iterator<Item = &'t str>,
    is_kept: fn(char) -> bool,
) -> String {
    let mut out = grams.next().unwrap_or_default().to_owned();
    for gram in grams {
        let last = gram.char_indices().next_back().map_or(0, |(at, _)| at);
        let before = gram[..last].trim_end_matches(|c| !is_kept(c)).len();
        out.push_str(&gram[before..]);
    }
    out
}

/// Returns whether a line says more than an idiom, even if every name in it occurs in many files.
pub fn says_more_than_an_idiom(line: &str) -> bool {
    weigh(line, &|_| COMMON) > ASK
}

/// Returns how many bits a stretch of vendor code says.
pub fn weigh(text: &str, file_count: &dyn Fn(&str) -> FileCount) -> u32 {
    let mut seen = HashSet::new();
    let mut bits = 0;
    let mut marks = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        if is_part(c) {
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let word = &rest[..end];
            rest = &rest[end..];
            bits += if !seen.insert(word) {
                1
            } else if c.is_ascii_digit() {
                weigh_number(word)
            } else {
                weigh_word(word, file_count)
            };
            continue;
        }
        marks += u32::from(!c.is_whitespace() && !matches!(c, '"' | '\'' | '\\'));
        rest = &rest[c.len_utf8()..];
    }
    bits + if is_common_form(text) { 0 } else { marks }
}

fn weigh_number(word: &str) -> u32 {
    let digits = word.trim_end_matches(['u', 'U', 'l', 'L']);
    if let Some(hex) = digits.strip_prefix("0x") {
        return (4 * hex.len() as u32).min(24);
    }
    match digits.parse::<u64>() {
        Ok(n) if n <= 2 || n.is_power_of_two() => 1,
        _ => (3 * digits.len() as u32).min(24),
    }
}

fn weigh_word(word: &str, file_count: &dyn Fn(&str) -> FileCount) -> u32 {
    let letters = word.chars().count() as u32;
    if let Some(bits) = bits_of_known_word(word) {
        return bits;
    }
    if letters <= 2 && word.is_ascii() {
        return 1;
    }
    if super::identifier::looks_like_identifier(word.as_bytes()) {
        return match file_count(word) {
            COMMON.. => 5,
            3.. => 8,
            _ => 12,
        };
    }
    letters.min(8)
}

/// Returns whether a statement has a form that every program has, whatever names are in it. White space is free.
fn is_common_form(text: &str) -> bool {
    static FORMS: OnceLock<Regex> = OnceLock::new();
    let forms = FORMS.get_or_init(|| {
        let name = r"[A-Za-z_$][A-Za-z0-9_$]*(?:(?:->|\.|::)[A-Za-z_$][A-Za-z0-9_$]*)*";
        let value = format!(r#"(?:[-&*!~]?(?:{name}|[0-9][0-9A-Za-z_]*)|"[^"\\]*"|'[^']{{1,2}}')"#);
        let arguments = format!(r"\( ?(?:{value}(?: ?, ?{value}){{0,2}})? ?\)");
        let call = format!(r"{name} ?{arguments}(?:\??\.{name}{arguments})*");
        let term = format!(r"(?:!? ?{call}|{value})");
        let compared = format!(r"{term}(?: ?(?:===?|!==?|<=?|>=?|is|is not) ?{term})?");
        let leave = format!(r"(?:return(?: {value})?|break|continue|goto {name})");
        let declared = format!(r"(?:(?:let|var|const|mut|static|auto|val|final|unsigned|struct) )*(?:{name}(?: ?[*&]+ ?| ))?");
        let all = [
            // The head of a loop over a counter, also cut where a line is wrapped.
            format!(
                r"for ?\( ?{declared}{name} ?= ?{value} ?; ?(?:{name} ?(?:[<>]=?|!=)(?: ?{term} ?(?:; ?(?:{name} ?(?:\+\+|--|[-+]= ?{value})|(?:\+\+|--){name}) ?\)? ?\{{?)?)?)?"
            ),
            format!(r"for (?:mut )?{name} in (?:{term}|{value}\.\.=?{value}):? ?\{{?"),
            format!(r"for ?\( ?{declared}{name} ?: ?{term} ?\) ?\{{?"),
            // A test of one thing, and what may follow on the same line.
            format!(
                r"(?:\}} ?)?(?:else )?(?:if|while|switch|elif|unless|match) ?\(? ?{compared} ?\)? ?(?:\{{|:|;? ?then)?(?: ?{leave};)?(?: ?\}})?"
            ),
            format!(r"(?:if|while) let (?:Some|Ok|Err)\({name}\) = {term} \{{"),
            format!(r"(?:case )?{value} ?(?::|=>).?"),
            format!(r"{leave};?"),
            format!(r"(?:return|await|throw|raise|defer|yield)? ?(?:new )?{call}\??;?"),
            format!(r"{declared}{name}(?: ?: ?&?[A-Za-z0-9_]+)? ?(?:=|:=|\+=|-=|\|=) ?(?:new |await |\( ?{name} ?\*? ?\) ?)?{term}\??;?"),
            format!(r"{declared}\*?{name}(?: ?, ?\*?{name})* ?;"),
            r#"#? ?include [<"][A-Za-z0-9_/.-]+[>"]"#.to_owned(),
            r"(?:import|from|use|using|package|require) [A-Za-z0-9_.:{}, *\x22'/()-]+;?".to_owned(),
            r"(?:\} ?)?(?:else|do|try|finally|default|begin|end)? ?[{:]?".to_owned(),
            r"(?:\} ?)?(?:catch|except)[ (][A-Za-z0-9_ ]*[):]? ?\{?".to_owned(),
        ];
        regex::RegexBuilder::new(&format!("^(?:{})$", all.join("|")))
            .size_limit(64 << 20)
            .build()
            .expect("the pattern is a constant that a test compiles")
    });
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut text = words.join(" ");
    // What was copied may end before the bracket that closes it.
    let open = text
        .matches('(')
        .count()
        .saturating_sub(text.matches(')').count());
    if open <= 2 {
        text.push_str(&")".repeat(open));
    }
    forms.is_match(&text)
}

#[cfg(test)]
mod tests;
