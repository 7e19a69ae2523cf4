//! Commits, tags and trees, parsed from their bytes in loops and not by recursion, so that neither a name nor a depth of
//! the vendor's can upset the parser.

use crate::snapshot::refs::{Id, parse_id};

/// What is needed of a commit.
pub(super) struct Commit {
    /// Its tree.
    pub tree: Id,
    /// Its parents.
    pub parents: Vec<Id>,
    /// When it was committed, as the committer's clock had it: seconds since 1970; 0 if that cannot be read.
    pub time: i64,
}

/// One entry of a tree.
pub(super) struct TreeEntry<'a> {
    /// The mode's number.
    pub mode: u32,
    /// Raw.
    pub name: &'a [u8],
    /// What it names.
    pub id: Id,
}

/// Reads the head of a commit; nothing if it is malformed.
pub(super) fn parse_commit(text: &[u8]) -> Option<Commit> {
    let tree = field(text, b"tree ")?;
    let lines = text.split(|b| *b == b'\n').skip(1);
    let parents = lines.map_while(|line| line.strip_prefix(b"parent ").and_then(parse_id));
    Some(Commit {
        tree,
        parents: parents.collect(),
        time: committed_at(text),
    })
}

/// Reads the id that a tag names; nothing if the tag is malformed.
pub(super) fn parse_tag_target(text: &[u8]) -> Option<Id> {
    field(text, b"object ")
}

/// Reads the time of a commit: `committer NAME <MAIL> SECONDS ZONE`.
fn committed_at(text: &[u8]) -> i64 {
    let mut head = text
        .split(|b| *b == b'\n')
        .take_while(|line| !line.is_empty());
    let line = head.find_map(|line| line.strip_prefix(b"committer "));
    let seconds = line.and_then(|line| {
        let words = std::str::from_utf8(line.rsplit(|b| *b == b'>').next()?).ok()?;
        words.split_whitespace().next()?.parse().ok()
    });
    seconds.unwrap_or(0)
}

/// Reads the id behind the key that a commit or tag must start with.
fn field(text: &[u8], key: &[u8]) -> Option<Id> {
    let rest = text.strip_prefix(key)?;
    let end = rest.iter().position(|b| *b == b'\n')?;
    parse_id(&rest[..end])
}

/// Takes the next entry off a tree's bytes; nothing if they are malformed.
pub(super) fn next_entry<'a>(rest: &mut &'a [u8]) -> Option<TreeEntry<'a>> {
    let space = rest.iter().take(8).position(|b| *b == b' ')?;
    let mode = rest[..space].iter().try_fold(0, |mode: u32, b| match b {
        b'0'..=b'7' => Some(mode << 3 | u32::from(b - b'0')),
        _ => None,
    })?;
    let behind = &rest[space + 1..];
    let end = memchr::memchr(0, behind)?;
    let bytes = behind.get(end + 1..end + 21)?;
    let mut id = [0; 20];
    id.copy_from_slice(bytes);
    *rest = &behind[end + 21..];
    Some(TreeEntry {
        mode,
        name: &behind[..end],
        id,
    })
}
