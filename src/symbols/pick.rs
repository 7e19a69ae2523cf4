//! Millions of names ranked by what is typed.
//!
//! The names stay where they are, packed on disk. What is kept in memory is four bytes a name, which say what letters
//! it has, and where every sixteenth begins: a name is only unpacked and looked at if it has all the letters typed.

use super::pack::Definition;
use super::row::SourceKey;
use super::store::{Group, SymbolStore, threads};
use crate::text::{Fuzzy, narrows};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Names between two of which it is known where they begin.
const STEP: usize = 16;
/// More matches than these are found anew rather than kept.
const MOST_KEPT: usize = 1 << 20;

/// A definition or declaration to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its number, as long as the store is open.
    pub number: u32,
    /// The name.
    pub name: String,
    /// The blob it stands in, and as which files.
    pub key: SourceKey,
    /// Its place there.
    pub definition: Definition,
}

/// What matched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picked {
    /// The best, best first.
    pub best: Vec<Candidate>,
    /// All that matched.
    pub matched: usize,
    /// All there are.
    pub total: usize,
}

/// The definitions of some of a store's contents, ready to be ranked many times.
pub struct Picker {
    store: SymbolStore,
    /// Whether a row is of a wanted content.
    is_wanted: Vec<bool>,
    total: usize,
    letters: Option<Letters>,
    typed: String,
    /// What matched `typed`, in order; nothing if it was too much to keep.
    matches: Option<Vec<u32>>,
}

/// What letters each name has, by its number, and where every sixteenth of a group begins.
struct Letters {
    masks: Vec<u32>,
    starts: Vec<Vec<u32>>,
}

/// A match: the better the smaller.
type Rank = (Reverse<u32>, u32, u32);

impl Picker {
    /// Takes the definitions of the contents that are wanted.
    pub fn new(store: SymbolStore, is_wanted: &dyn Fn(&SourceKey) -> bool) -> Self {
        let rows = &store.ready().rows;
        let is_wanted: Vec<bool> = rows.iter().map(|row| is_wanted(&row.key)).collect();
        let wanted = rows.iter().zip(&is_wanted).filter(|(_, is)| **is);
        let total = wanted.map(|(row, _)| row.definitions as usize).sum();
        Self {
            store,
            is_wanted,
            total,
            letters: None,
            typed: String::new(),
            matches: None,
        }
    }

    /// Returns whether the store turned out to be damaged: names are missing until it is built anew.
    pub fn is_damaged(&self) -> bool {
        self.store.is_damaged()
    }

    /// Returns the number of definitions.
    pub fn total(&self) -> usize {
        self.total
    }

    /// Looks at every name once, so that the first answer need not wait for it; false if it was cancelled.
    pub fn prepare(&mut self, is_cancelled: &(dyn Fn() -> bool + Sync)) -> bool {
        if self.letters.is_none() {
            self.letters = self.look(is_cancelled);
        }
        self.letters.is_some()
    }

    /// Returns a definition by its number.
    pub fn candidate(&self, number: u32) -> Option<Candidate> {
        let mut found = None;
        self.store.each(&[number], &mut |number, key, definition| {
            found = Some((number, key, definition));
        });
        let (number, key, definition) = found?;
        let name = self.name(number)?;
        Some(Candidate {
            number,
            name,
            key,
            definition,
        })
    }

    /// Ranks the definitions by what is typed, names only; nothing if it was cancelled.
    pub fn pick(
        &mut self,
        typed: &str,
        most: usize,
        is_cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Option<Picked> {
        if Fuzzy::new(typed).is_empty() {
            self.typed.clear();
            self.matches = None;
            return Some(self.first(most));
        }
        if !self.prepare(is_cancelled) {
            return None;
        }
        let before = self.matches.take().filter(|_| narrows(&self.typed, typed));
        let (best, matches, matched) = self.rank(typed, most, before.as_deref(), is_cancelled)?;
        typed.clone_into(&mut self.typed);
        self.matches = matches;
        Some(Picked {
            best: self.resolve(best),
            matched,
            total: self.total,
        })
    }

    /// Returns the definitions that come first.
    fn first(&self, most: usize) -> Picked {
        let ready = self.store.ready();
        let rows = (0..ready.rows.len()).filter(|at| self.is_wanted[*at]);
        let numbers = rows.filter_map(|at| ready.numbers(at)).flatten().take(most);
        let named = numbers.filter_map(|number| Some((number, self.name(number)?)));
        Picked {
            best: self.resolve(named.collect()),
            matched: self.total,
            total: self.total,
        }
    }

    /// Reads what the numbers stand for, in the order given.
    fn resolve(&self, named: Vec<(u32, String)>) -> Vec<Candidate> {
        let mut numbers: Vec<u32> = named.iter().map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        let mut found = Vec::with_capacity(numbers.len());
        self.store.each(&numbers, &mut |number, key, definition| {
            found.push((number, key, definition));
        });
        let resolved = named.into_iter().filter_map(|(number, name)| {
            let at = found.binary_search_by_key(&number, |(number, ..)| *number);
            let (number, key, definition) = found.get(at.ok()?)?.clone();
            Some(Candidate {
                number,
                name,
                key,
                definition,
            })
        });
        resolved.collect()
    }

    fn name(&self, number: u32) -> Option<String> {
        let ready = self.store.ready();
        let row = ready.row_of(number) as u32;
        let group = ready.groups.partition_point(|group| group.rows.end <= row);
        let group = ready.groups.get(group)?;
        let mut buffer = Vec::new();
        let names = self.store.names(group, &mut buffer)?;
        let nth = number.checked_sub(ready.first_of(group))?;
        let name = names.split(|b| *b == b'\n').nth(nth as usize)?;
        Some(String::from_utf8_lossy(name).into_owned())
    }

    /// Finds the letters of every wanted name.
    fn look(&self, is_cancelled: &(dyn Fn() -> bool + Sync)) -> Option<Letters> {
        let ready = self.store.ready();
        let all = ready.firsts.last().copied().unwrap_or(0) as usize;
        let mut masks = vec![0; all];
        let mut starts = vec![Vec::new(); ready.groups.len()];
        let (mut rest, mut tasks) = (masks.as_mut_slice(), Vec::new());
        for (group, starts) in ready.groups.iter().zip(&mut starts) {
            let end = ready.firsts.get(group.rows.end as usize).copied();
            let len = end.unwrap_or(0).saturating_sub(ready.first_of(group));
            let (mine, behind) = rest.split_at_mut((len as usize).min(rest.len()));
            rest = behind;
            tasks.push((group, mine, starts));
        }
        let tasks = Mutex::new(tasks.into_iter());
        thread::scope(|scope| {
            for _ in 0..threads() {
                scope.spawn(|| {
                    let mut buffer = Vec::new();
                    loop {
                        let task = tasks.lock().unwrap_or_else(PoisonError::into_inner).next();
                        let Some((group, masks, starts)) = task.filter(|_| !is_cancelled()) else {
                            return;
                        };
                        if let Some(names) = self.store.names(group, &mut buffer) {
                            self.look_at(group, names, masks, starts);
                        }
                    }
                });
            }
        });
        (!is_cancelled()).then_some(Letters { masks, starts })
    }

    fn look_at(&self, group: &Group, names: &[u8], masks: &mut [u32], starts: &mut Vec<u32>) {
        let ready = self.store.ready();
        let base = ready.first_of(group);
        let mut masks = masks.iter_mut();
        let (mut at, mut nth) = (0, 0);
        for row in group.rows.clone() {
            let Some(numbers) = ready.numbers(row as usize) else {
                return;
            };
            debug_assert_eq!(numbers.start, base + nth as u32);
            for _ in numbers {
                let Some(len) = memchr::memchr(b'\n', &names[at..]) else {
                    return;
                };
                if nth % STEP == 0 {
                    starts.push(at as u32);
                }
                if let Some(mask) = masks.next()
                    && self.is_wanted[row as usize]
                {
                    *mask = letters(&names[at..at + len]) | WANTED;
                }
                at += len + 1;
                nth += 1;
            }
        }
    }

    /// Ranks on as many threads as there are cores: the best with their names, all in order if they are not too many,
    /// and how many.
    #[allow(clippy::type_complexity, reason = "three answers of one pass")]
    fn rank(
        &self,
        typed: &str,
        most: usize,
        before: Option<&[u32]>,
        is_cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Option<(Vec<(u32, String)>, Option<Vec<u32>>, usize)> {
        let (groups, need) = (&self.store.ready().groups, needed(typed));
        let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        thread::scope(|scope| {
            for _ in 0..threads() {
                scope.spawn(|| {
                    let mut ranking = Ranking::new(typed, most);
                    let mut buffer = Vec::new();
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        if at >= groups.len() || is_cancelled() {
                            break;
                        }
                        self.rank_group(at, need, before, &mut ranking, &mut buffer);
                    }
                    let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                    results.push(ranking);
                });
            }
        });
        if is_cancelled() {
            return None;
        }
        let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        let matched = results.iter().map(|ranking| ranking.matched).sum();
        let mut matches = (matched <= MOST_KEPT).then(Vec::new);
        let mut best = Vec::new();
        for ranking in results {
            if let Some(matches) = &mut matches {
                matches.extend(ranking.matches);
            }
            best.extend(ranking.best);
        }
        if let Some(matches) = &mut matches {
            matches.sort_unstable();
        }
        best.sort_unstable();
        best.truncate(most);
        let best = best.into_iter().map(|((.., number), name)| (number, name));
        Some((best.collect(), matches, matched))
    }

    fn rank_group(
        &self,
        at: usize,
        need: u32,
        before: Option<&[u32]>,
        ranking: &mut Ranking,
        buffer: &mut Vec<u8>,
    ) {
        let ready = self.store.ready();
        let (group, Some(letters)) = (&ready.groups[at], &self.letters) else {
            return;
        };
        let from = ready.first_of(group) as usize;
        let to = ready.firsts.get(group.rows.end as usize);
        let to = to.map_or(from, |to| *to as usize);
        let has_all = |number: &u32| letters.masks[*number as usize] & need == need;
        let place = (group, letters.starts[at].as_slice());
        if let Some(before) = before {
            let first = before.partition_point(|number| (*number as usize) < from);
            let last = before.partition_point(|number| (*number as usize) < to);
            let numbers = before[first..last].iter().copied().filter(has_all);
            self.rank_numbers(place, numbers, ranking, buffer);
        } else {
            let numbers = (from as u32..to as u32).filter(has_all);
            self.rank_numbers(place, numbers, ranking, buffer);
        }
    }

    fn rank_numbers(
        &self,
        (group, starts): (&Group, &[u32]),
        numbers: impl Iterator<Item = u32>,
        ranking: &mut Ranking,
        buffer: &mut Vec<u8>,
    ) {
        let mut numbers = numbers.peekable();
        if numbers.peek().is_none() {
            return;
        }
        let from = self.store.ready().first_of(group);
        let Some(names) = self.store.names(group, buffer) else {
            return;
        };
        for number in numbers {
            let nth = (number - from) as usize;
            let Some(start) = starts.get(nth / STEP) else {
                return;
            };
            let mut name = &names[*start as usize..];
            for _ in 0..nth % STEP {
                let end = memchr::memchr(b'\n', name);
                name = end.map_or(&[], |end| &name[end + 1..]);
            }
            let end = memchr::memchr(b'\n', name).unwrap_or(name.len());
            ranking.take(number, &name[..end]);
        }
    }
}

/// The best of what one thread looked at.
struct Ranking {
    fuzzy: Fuzzy,
    most: usize,
    best: BinaryHeap<(Rank, String)>,
    matches: Vec<u32>,
    matched: usize,
}

impl Ranking {
    fn new(typed: &str, most: usize) -> Self {
        Self {
            fuzzy: Fuzzy::new(typed),
            most,
            best: BinaryHeap::new(),
            matches: Vec::new(),
            matched: 0,
        }
    }

    fn take(&mut self, number: u32, name: &[u8]) {
        let Some(name) = std::str::from_utf8(name).ok() else {
            return;
        };
        let Some(score) = self.fuzzy.score(name) else {
            return;
        };
        self.matched += 1;
        if self.matches.len() < MOST_KEPT {
            self.matches.push(number);
        }
        let rank = (Reverse(score), name.len() as u32, number);
        if self.best.len() < self.most {
            self.best.push((rank, name.to_owned()));
        } else if self.best.peek().is_some_and(|(worst, _)| rank < *worst) {
            self.best.pop();
            self.best.push((rank, name.to_owned()));
        }
    }
}

/// Set for every name that may be chosen.
const WANTED: u32 = 1 << 31;

/// Returns the letters of a name: a bit each for `a` to `z`, capital or not, and `_`, three for digits, one for the rest.
/// A name that is not ASCII may match anything.
fn letters(name: &[u8]) -> u32 {
    name.iter()
        .fold(0, |mask, byte| mask | BITS[*byte as usize])
}

const BITS: [u32; 256] = {
    let mut bits = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        bits[byte] = match byte as u8 {
            b @ b'a'..=b'z' => 1 << (b - b'a'),
            b @ b'A'..=b'Z' => 1 << (b - b'A'),
            b'_' => 1 << 26,
            b'0'..=b'3' => 1 << 27,
            b'4'..=b'6' => 1 << 28,
            b'7'..=b'9' => 1 << 29,
            0x80..=0xff => u32::MAX >> 1,
            _ => 1 << 30,
        };
        byte += 1;
    }
    bits
};

/// Returns the letters that a name must have to match what is typed.
fn needed(typed: &str) -> u32 {
    let words = typed
        .split_whitespace()
        .filter(|word| !word.starts_with('!'));
    let signs = ['^', '\'', '$', '\\'];
    let chars = words.flat_map(|word| word.chars().filter(|c| c.is_ascii() && !signs.contains(c)));
    chars.fold(WANTED, |mask, c| mask | BITS[c as usize])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_matches_has_the_letters(typed in "[a-cA_0 !'^$é\\\\-]{0,5}", name in "[a-cA_05é$!-]{1,8}") {
            if Fuzzy::new(&typed).score(&name).is_some() {
                let (has, need) = (letters(name.as_bytes()) | WANTED, needed(&typed));
                prop_assert_eq!(has & need, need, "{} {}", typed, name);
            }
        }
    }
}
