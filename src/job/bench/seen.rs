//! The index as one worker sees it.

use super::{Shared, locked};
use crate::index::Index;
use crate::job::JobError;
use crate::model::Encodings;
use std::sync::atomic::Ordering;

/// The index as one worker last saw it, for the encodings that the reviewers said then.
#[derive(Default)]
pub(super) struct Seen(Option<(u64, Encodings, Index)>);

impl Seen {
    /// Returns the number of the state that was seen, if it is damaged.
    pub(super) fn damaged_generation(&self) -> Option<u64> {
        let (generation, _, index) = self.0.as_ref()?;
        index.is_damaged().then_some(*generation)
    }

    pub(super) fn newest(&mut self, shared: &Shared) -> Result<&Index, JobError> {
        let generation = shared.generation.load(Ordering::Acquire);
        let is_newest = {
            let recorder = locked(&shared.tools.recorder);
            let said = recorder.review().encodings();
            let seen = self.0.as_ref();
            seen.is_some_and(|(seen, honoured, _)| *seen == generation && honoured == said)
        };
        if !is_newest {
            let said = locked(&shared.tools.recorder).review().encodings().clone();
            let index = Index::open(&shared.tools.desk.review.index())?.honouring(&said);
            self.0 = Some((generation, said, index));
        }
        match &self.0 {
            Some((_, _, index)) => Ok(index),
            None => Err(JobError::Cancelled),
        }
    }
}
