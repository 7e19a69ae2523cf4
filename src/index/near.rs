//! Contents that may hold a short text, by their trigrams alone: where a quick look is worth while.

use super::content::TextKind;
use super::open::Index;
use crate::model::BlobId;
use crate::query::Need;

/// The contents of an index by the groups in which their trigrams are. Made once, for many questions.
#[derive(Debug, Default)]
pub struct Contents(Vec<Content>);

/// Where a content's trigrams are.
#[derive(Debug)]
struct Content {
    group: u32,
    groups: u16,
    blob: BlobId,
}

impl Index {
    /// Lists the contents that can be read.
    pub fn contents(&self) -> Contents {
        let Some(ready) = self.ready() else {
            return Contents::default();
        };
        let read = |(at, blob): (u32, BlobId)| {
            let is_last = ready.store.find(&blob) == Some(at);
            let row = ready.store.row(at).ok();
            if row.is_none() {
                self.note_damage();
            }
            let row = row.filter(|_| is_last)?;
            (row.kind != TextKind::TooLarge).then_some(Content {
                group: row.group,
                groups: row.groups,
                blob,
            })
        };
        Contents(ready.store.ids().filter_map(read).collect())
    }

    /// Returns the contents that may hold all of the trigrams, see [`crate::query::grams`]; all if there are none. It
    /// never leaves out a content that holds them on one line.
    pub fn may_hold(&self, grams: &[u32], of: &Contents) -> Vec<BlobId> {
        let Some(ready) = self.ready() else {
            return Vec::new();
        };
        let need = grams
            .iter()
            .fold(Need::All, |need, gram| need.and(Need::Gram(*gram)));
        let groups = ready.reader.candidates(&need);
        if ready.reader.is_damaged() {
            self.note_damage();
        }
        let may = |c: &&Content| {
            let first = c.group as usize;
            (first..first + usize::from(c.groups)).any(|group| groups.has(group))
        };
        of.0.iter().filter(may).map(|c| c.blob).collect()
    }
}
