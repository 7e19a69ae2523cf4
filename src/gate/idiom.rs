//! How much a stretch of vendor code says: an estimate in bits, by which idioms of a language are told from code of the vendor's own.
//!
//! `for (i = 0; i < count; i++)` belongs to everybody, and `session_remove(session)` says no more than the one name
//! that a reviewer must be able to write, and that is metered by budgets. What is the vendor's own is the combination of
//! several distinctive names. So each token counts by how rare it is ([`weigh`]).
//!
//! A stretch of up to [`FREE`] bits is free, one of up to [`ASK`] bits needs a reason, one that says more is a copy. A
//! line that occurs in many files in different surroundings counts half ([`Sightings`]): a copied folder does not make its
//! lines common. Free stretches add up: see [`grade`]. A message of the program's, a text within one string literal, is never free,
//! but one of a few words needs a reason only: reviewers quote what they see on screen and in logs.
//!
//! All of it is measured on the vendor's spelling. On the typed one, a blank between any two letters would make
//! names of one letter of everything.

use super::bits::{COMMON, FileCount, is_name_part, weigh};
use super::line::code_marks;
use super::matches::Match;
use super::run::CHANCE;
use super::side::Side;
use super::token;
use super::{script, skeleton};
use crate::model::{DeliveredText, Rule};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

/// What a stretch of code may say to be free.
pub const FREE: u32 = 22;
/// What it may say to leave with a reason.
pub const ASK: u32 = 34;
/// Occurrences that are remembered; what occurs more often says too little about any of them.
const MOST_PLACES: usize = 64;
/// The longest line that can be an idiom, in characters.
const LONGEST: usize = 120;
/// Lines of the vendor's in which free stretches add up.
const WINDOW: u64 = 10;
/// Statements that must be hit in a window, and the bits that they may say together.
const TOGETHER: (u32, u32) = (3, 36);
/// What it says that one statement follows another, whatever they are.
const FURTHER_STATEMENT: u32 = 6;

/// The name under which marks before lines are undone.
const QUOTING: &str = "quoting";

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
    if has_unspaced(text) || text.chars().count() > LONGEST {
        return None;
    }
    let typed = &side.streams[found.stream].text[found.range.clone()];
    // Nobody writes an idiom in the letters of another script, or in a code; but in a patch, with a mark before each line.
    let is_disguised = found.undone.is_some_and(|name| name != QUOTING)
        || found.rule == Rule::Disguise && !typed.is_ascii();
    if is_disguised {
        return None;
    }
    let further = FURTHER_STATEMENT * count_further_statements(text);
    let text = &complete_words(text, &side.streams[found.stream].text, &found.range);
    let bits = weigh(text, found.starts_in_literal, file_count) + further;
    if is_message(found) {
        return Some(bits.max(FREE + 1));
    }
    if found.sightings.is_common() {
        return Some(bits / 2);
    }
    // Prose is the vendor's own or not by its words alone; a short sentence would weigh no more than an idiom.
    let is_code = found.rule == Rule::CodeRun || code_marks(text) >= 2 || has_call(text);
    is_code.then_some(bits)
}

/// Counts the statements that begin on further lines. A statement that is wrapped is one, and so is a test with what it guards.
fn count_further_statements(text: &str) -> u32 {
    let goes_on = ['(', ')', ',', '+', '-', '=', '&', '|', '?', '\\'];
    let continues = ['.', '?', '&', '|', '+', '-', '=', ':'];
    let has_letters = |line: &&str| line.contains(char::is_alphanumeric);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(has_letters).collect();
    let is_further = |two: &&[&str]| !two[0].ends_with(goes_on) && !two[1].starts_with(continues);
    lines.windows(2).filter(is_further).count() as u32
}

/// Returns whether a match lies within one string literal of the vendor's.
fn is_message(found: &Match) -> bool {
    let quotes = |text: &String| text.trim_end_matches('"').contains('"');
    found.starts_in_literal && !found.vendor.as_ref().is_none_or(quotes)
}

/// Returns whether a text holds letters of a script without spaces.
fn has_unspaced(text: &str) -> bool {
    let mut has = false;
    skeleton::each(text.as_bytes(), |byte, _| has |= script::is_unspaced(byte));
    has
}

/// Returns the vendor's spelling of a run with the names at its ends whole, as far as the typed text has them whole. A run of letters
/// ends where the texts begin to differ, or where another file has more of it: `pfn_range` of `remap_pfn_range` is no name of its own.
fn complete_words(vendor: &str, typed: &str, range: &Range<usize>) -> String {
    let before = typed[..range.start].chars().rev();
    let head: usize = before
        .take_while(|c| is_name_part(*c))
        .map(char::len_utf8)
        .sum();
    let behind = typed[range.end..].chars();
    let tail: usize = behind
        .take_while(|c| is_name_part(*c))
        .map(char::len_utf8)
        .sum();
    let own = &typed[range.clone()];
    let is_same = |a: Option<char>, b: Option<char>| a == b && a.is_some_and(is_name_part);
    let mut whole = String::new();
    if is_same(own.chars().next(), vendor.chars().next()) {
        whole.push_str(&typed[range.start - head..range.start]);
    }
    whole.push_str(vendor);
    if is_same(own.chars().next_back(), vendor.chars().next_back()) {
        whole.push_str(&typed[range.end..range.end + tail]);
    }
    whole
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
    // Names of a shell's variables, and escapes of strings.
    let has_name = |mark: &str| {
        let mut behind = text.match_indices(mark).map(|(at, _)| &text[at + 1..]);
        behind.any(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '{'))
    };
    opens
        || text.contains(['=', ';', '{', '['])
        || text.contains("->")
        || has_name("$")
        || has_name("\\")
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
            // The same statement twice in a window is one, and so is one that is a part of another.
            let mut said: HashMap<&str, u32> = HashMap::new();
            for (_, (bits, all)) in window.clone() {
                let text = all.iter().filter_map(|at| matches[*at].vendor.as_deref());
                let text = text
                    .map(without_chance)
                    .max_by_key(|t| t.len())
                    .unwrap_or("");
                said.insert(text, *bits);
            }
            let whole: Vec<(&str, u32)> = said
                .iter()
                .filter(|(text, _)| {
                    !said
                        .keys()
                        .any(|o| o.len() > text.len() && o.contains(**text))
                })
                .map(|(text, bits)| (*text, *bits))
                .collect();
            let statements = whole
                .iter()
                .map(|(text, _)| 1 + count_further_statements(text));
            let statements: u32 = statements.sum();
            let bits: u32 = whole.iter().map(|(_, bits)| bits).sum();
            if statements >= TOGETHER.0 && bits > TOGETHER.1 {
                copied.extend(window.flat_map(|(_, (_, all))| all));
            }
        }
    }
    copied
}

/// A run of letters that lies in a line that many files hold, or in a message of the program's, is what that is.
fn grade_runs(matches: &mut [Match], side: &Side) {
    let is_light =
        |m: &&Match| (m.sightings.is_common() || is_message(m)) && m.grade != IdiomGrade::Judged;
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
pub fn covers(range: &Range<usize>, run: &Range<usize>, text: &str) -> bool {
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

/// Returns whether a byte lies inside a string literal in double quotes that begins on its line.
pub fn is_in_literal(text: &[u8], at: usize) -> bool {
    let from = at.saturating_sub(8 * LONGEST);
    let line = memchr::memrchr(b'\n', &text[from..at]).map_or(from, |end| from + end + 1);
    let mut is_inside = false;
    let mut is_escaped = false;
    for byte in &text[line..at] {
        is_inside ^= *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
    }
    is_inside
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

#[cfg(test)]
mod tests;
