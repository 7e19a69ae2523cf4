//! States kept on the way down a text, so that most lines can be reached again from near by.

/// Lines between two checkpoints, to begin with.
pub(super) const SPACING: u32 = 200;
/// Checkpoints kept at most; with more, every second one goes.
const MOST: usize = 1024;

/// The states before some lines (0-based), and at the frontier: the first line not reached from the top.
pub(super) struct Checkpoints<S> {
    states: Vec<S>,
    spacing: u32,
    frontier: u32,
    ahead: Option<S>,
}

impl<S: Clone> Checkpoints<S> {
    pub(super) fn new() -> Self {
        Self {
            states: Vec::new(),
            spacing: SPACING,
            frontier: 0,
            ahead: None,
        }
    }

    /// Returns the first line (0-based) not reached from the top.
    pub(super) fn frontier(&self) -> u32 {
        self.frontier
    }

    /// Returns how far checkpoints lie apart now.
    pub(super) fn spacing(&self) -> u32 {
        self.spacing
    }

    /// Takes the state at the frontier, to be given back by [`Self::reach`]; nothing at the very top.
    pub(super) fn take(&mut self) -> Option<S> {
        self.ahead.take()
    }

    /// Returns the last known line at or before `line` with its state; nothing at the very top.
    pub(super) fn nearest(&self, line: u32) -> Option<(u32, &S)> {
        if let Some(ahead) = self.ahead.as_ref().filter(|_| self.frontier <= line) {
            return Some((self.frontier, ahead));
        }
        let last = u32::try_from(self.states.len()).ok()?.checked_sub(1)?;
        let index = (line / self.spacing).min(last);
        Some((index * self.spacing, self.states.get(index as usize)?))
    }

    /// Moves the frontier: `state` holds before `line`.
    pub(super) fn reach(&mut self, line: u32, state: S) {
        let is_due = |spacing: u32, kept: usize| {
            line.is_multiple_of(spacing) && (line / spacing) as usize == kept
        };
        if self.states.len() == MOST && is_due(self.spacing, MOST) {
            let mut index = 0;
            self.states.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.spacing = self.spacing.saturating_mul(2);
        }
        if is_due(self.spacing, self.states.len()) {
            self.states.push(state.clone());
        }
        self.frontier = line;
        self.ahead = Some(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_checkpoint_holds_the_state_of_its_line_however_long_the_text() {
        let mut checkpoints = Checkpoints::new();
        assert_eq!(checkpoints.nearest(7), None);
        for line in 0..=1_000_000 {
            checkpoints.reach(line, line);
        }
        assert!(checkpoints.states.len() <= MOST);
        for line in [0, 1, 199, 200, 500_000, 999_999, 1_000_000, 5_000_000] {
            let (at, state) = checkpoints.nearest(line).unwrap();
            assert_eq!(at, *state);
            assert!(
                at <= line && line.min(1_000_000) - at <= checkpoints.spacing(),
                "{line}: {at}"
            );
        }
    }
}
