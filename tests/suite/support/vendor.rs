//! A vendor's texts in memory, for the gate; and chance that is the same in every run.

use super::{files, root};
use glassroom::gate::{self, Corpus, Passage, Question, Watch};
use glassroom::model::{DeliveredText, Policy, RepoPath, Typed, Verdict};
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Names a folder with a git repository, bare or not, for the long forms of the gate's tests.
pub const TREE: &str = "GLASSROOM_GATE_TREE";

/// Every text of a vendor.
pub struct Vendor {
    files: Vec<(RepoPath, Vec<u8>)>,
}

struct Once<'v> {
    files: &'v [(RepoPath, Vec<u8>)],
    next: AtomicUsize,
}

impl Corpus for Once<'_> {
    type Error = Infallible;
    fn visit(&self, see: &mut dyn FnMut(Passage<'_>) -> ControlFlow<()>) -> Result<(), Infallible> {
        while let Some((path, text)) = self.files.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let passage = Passage {
                origin: &DeliveredText::File(path.clone()),
                first_line: 1,
                text,
            };
            if see(passage).is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl Vendor {
    /// Takes texts.
    pub fn of(texts: &[String]) -> Self {
        let file = |(i, text): (usize, &String)| {
            (RepoPath::new(format!("f{i}.c")), text.clone().into_bytes())
        };
        Self {
            files: texts.iter().enumerate().map(file).collect(),
        }
    }

    /// Returns the texts of the demo.
    pub fn demo() -> Self {
        let read = |path: String| {
            (
                RepoPath::new(path.as_bytes()),
                std::fs::read(root().join(path)).unwrap(),
            )
        };
        let all = files("assets/demo").into_iter().map(read);
        let is_text = |file: &(RepoPath, Vec<u8>)| std::str::from_utf8(&file.1).is_ok();
        Self {
            files: all.filter(is_text).collect(),
        }
    }

    /// Returns the texts of the repository that the environment names. Without one a skip is counted and printed.
    pub fn tree(test: &str) -> Option<Self> {
        let Some(folder) = std::env::var_os(TREE) else {
            super::skip(&format!(
                "the long form of {test}: {TREE} names no repository"
            ));
            return None;
        };
        Some(Self::repository(Path::new(&folder)))
    }

    fn repository(folder: &Path) -> Self {
        let repository = git2::Repository::open(folder).unwrap();
        let tree = repository.head().unwrap().peel_to_tree().unwrap();
        let mut waiting = vec![(String::new(), tree.id())];
        let mut files = Vec::new();
        while let Some((folder, id)) = waiting.pop() {
            for entry in &repository.find_tree(id).unwrap() {
                let path = format!("{folder}{}", String::from_utf8_lossy(entry.name_bytes()));
                match entry.kind() {
                    Some(git2::ObjectType::Tree) => waiting.push((format!("{path}/"), entry.id())),
                    Some(git2::ObjectType::Blob) if entry.filemode() != 0o120_000 => {
                        // What was not delivered cannot be compared, by the program neither.
                        let Ok(blob) = repository.find_blob(entry.id()) else {
                            continue;
                        };
                        files.push((RepoPath::new(path), blob.content().to_vec()));
                    }
                    _ => {}
                }
            }
        }
        files.sort();
        Self { files }
    }

    /// Returns the number of texts and of their bytes.
    pub fn size(&self) -> (usize, usize) {
        (
            self.files.len(),
            self.files.iter().map(|(_, text)| text.len()).sum(),
        )
    }

    /// Returns the texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.files
            .iter()
            .filter_map(|(_, text)| std::str::from_utf8(text).ok())
    }

    /// Returns lines that satisfy a condition, without the white space around them: as many as there are, or so many by
    /// chance. No line comes twice.
    pub fn lines(
        &self,
        count: usize,
        chance: &mut Chance,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let mut all: Vec<&str> = self.texts().flat_map(str::lines).map(str::trim).collect();
        all.retain(|line| is_wanted(line));
        all.sort_unstable();
        all.dedup();
        let mut lines = Vec::new();
        while lines.len() < count && !all.is_empty() {
            lines.push(all.swap_remove(chance.below(all.len())).to_owned());
        }
        lines
    }

    /// Returns lines that satisfy a condition, each with those after it until they have so many letters of their own
    /// ([`own_letters`]), without the white space around them: as many as there are, or so many by chance. None comes twice.
    pub fn stretches(
        &self,
        count: usize,
        chance: &mut Chance,
        least: usize,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let mut starts: Vec<(&str, usize)> = Vec::new();
        for text in self.texts() {
            let lines = text.lines().filter(|line| is_wanted(line.trim()));
            starts
                .extend(lines.map(|line| (text, line.as_ptr() as usize - text.as_ptr() as usize)));
        }
        let mut stretches = Vec::new();
        while stretches.len() < count && !starts.is_empty() {
            let (text, from) = starts.swap_remove(chance.below(starts.len()));
            let wanted = text[from..]
                .lines()
                .take_while(|line| line.trim().is_empty() || is_plain(line));
            let mut stretch = String::new();
            for line in wanted.take(MOST_LINES) {
                stretch += line;
                if own_letters(&stretch) >= least {
                    let stretch = stretch.trim().to_owned();
                    if !stretches.contains(&stretch) {
                        stretches.push(stretch);
                    }
                    break;
                }
                stretch.push('\n');
            }
        }
        stretches
    }

    /// Returns stretches of code of 280 characters, from the beginning of a line: as many as there are, or so many by
    /// chance.
    pub fn passages(&self, count: usize, chance: &mut Chance) -> Vec<String> {
        let is_code = |text: &&str| {
            let marks = text.bytes().filter(|b| b";{}=()".contains(b)).count();
            let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
            let is_plain = |b: u8| matches!(b, b'\n' | b'\t' | b' '..=b'~');
            marks >= 12 && words.filter(|w| w.len() > 2).count() >= 16 && text.bytes().all(is_plain)
        };
        let mut all: Vec<&str> = Vec::new();
        for text in self.texts() {
            let starts = memchr::memchr_iter(b'\n', text.as_bytes()).step_by(4);
            let cut = starts.filter_map(|at| text.get(at + 1..at + 281));
            all.extend(cut.filter(is_code));
        }
        let mut passages = Vec::new();
        while passages.len() < count && !all.is_empty() {
            passages.push(all.swap_remove(chance.below(all.len())).to_owned());
        }
        passages
    }

    /// Judges typed texts; identifiers are not limited.
    pub fn judge(&self, typed: &[Typed]) -> Verdict {
        let policy = Policy {
            identifiers_per_finding: u32::MAX,
            identifiers_per_bundle: u32::MAX,
            ..Policy::default()
        };
        let question = Question {
            typed,
            policy: &policy,
            reason: "",
            is_known: &|_| false,
        };
        let watch = Watch {
            is_cancelled: &|| false,
            progress: &mut |_| {},
        };
        let texts = Once {
            files: &self.files,
            next: AtomicUsize::new(0),
        };
        gate::judge(&question, &texts, watch).unwrap()
    }
}

/// Lines that a stretch has at most.
const MOST_LINES: usize = 8;

/// Returns whether a line is of printable ASCII.
fn is_plain(line: &str) -> bool {
    line.bytes().all(|b| matches!(b, b'\t' | b' '..=b'~'))
}

/// Words of languages and of every program, which say nothing of a vendor's own.
const EVERYDAY: &str = "if else for while do switch case break continue return goto default static const struct union enum typedef void int \
    char long short unsigned signed float double bool true false null none sizeof extern inline volatile include define ifdef endif let \
    mut pub fn impl trait use mod match self super where async await move ref dyn crate def class import from with try except raise \
    yield lambda pass func package var type interface map chan range defer new delete this public private protected final try catch \
    throw throws string str size len length data name value key count index flag flags buf buffer ptr ctx err error ret result status \
    state type msg message get set add put init free alloc item list next prev node head tail start end first last begin old cur \
    uint8 uint16 uint32 uint64 int8 int16 int32 int64 test file path line text time";

/// Returns how many letters and digits the different words of a text have that may be its vendor's own: of three and more, taken apart
/// at all that is neither letter nor digit, without those of the languages. The rule knows nothing of the gate's.
pub fn own_letters(text: &str) -> usize {
    let lower = text.to_ascii_lowercase();
    let words = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| w.len() >= 3);
    let is_own = |word: &&str| {
        !EVERYDAY
            .split_ascii_whitespace()
            .any(|known| known == *word)
    };
    let own: std::collections::BTreeSet<&str> = words.filter(is_own).collect();
    own.into_iter().map(str::len).sum()
}

/// Bytes of typed texts from which on a bundle is judged: what is undone of it is laid out up to a limit, and beyond it the gate blocks
/// the bundle as a whole instead of naming its passages.
const TOGETHER: usize = 40_000;

impl Vendor {
    /// Judges items, each of which may have several texts, in as many bundles as the limit of what is undone asks for.
    pub fn judge_items(&self, items: impl Iterator<Item = Vec<Typed>>) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        let mut bundle: Vec<Typed> = Vec::new();
        for item in items {
            bundle.extend(item);
            if bundle.iter().map(|t| t.text.len()).sum::<usize>() > TOGETHER {
                verdicts.push(self.judge(&std::mem::take(&mut bundle)));
            }
        }
        verdicts.push(self.judge(&bundle));
        verdicts
    }
}

/// One typed text in a file of its own, so that it is joined with nothing but what has the same file.
pub fn typed(file: usize, text: impl Into<String>) -> Typed {
    Typed {
        file: format!("{file}.json"),
        line: 1,
        text: text.into(),
        what: format!("alice/F{file} statement"),
    }
}

/// Returns which of the files that [`typed`] names have an overlap that satisfies a condition.
pub fn caught(
    verdict: &Verdict,
    counts: impl Fn(&glassroom::model::Overlap) -> bool,
) -> std::collections::BTreeSet<usize> {
    let caught = verdict.overlaps.iter().filter(|o| counts(o));
    caught
        .map(|o| o.file.trim_end_matches(".json").parse().unwrap())
        .collect()
}

/// Numbers by chance, the same in every run (xorshift64*).
pub struct Chance(u64);

impl Chance {
    /// Begins with a number.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Returns the next number.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Returns a number below another.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 33) as usize % limit
    }
}
