//! A sliding window against replayed datagrams.
//!
//! Bit 0 of `seen` stands for the highest sequence number so far, bit n for
//! the number n below it. Anything older than the window is not fresh.
//!
//! Copyright Acme Radio Systems. See LICENSE.

const WIDTH: u32 = 64;

#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    top: u32,
    seen: u64,
}

impl Window {
    pub fn new() -> Self {
        Window::default()
    }

    /// True when this number was not marked before and is not too old.
    pub fn fresh(&self, seq: u32) -> bool {
        if self.seen == 0 || seq > self.top {
            return true;
        }
        let age = self.top - seq;
        age < WIDTH && self.seen & (1 << age) == 0
    }

    /// Marks a number as seen. Numbers that are too old change nothing.
    pub fn mark(&mut self, seq: u32) {
        if self.seen == 0 {
            self.top = seq;
            self.seen = 1;
            return;
        }
        if seq > self.top {
            let step = seq - self.top;
            self.seen = if step < WIDTH { self.seen << step } else { 0 };
            self.seen |= 1;
            self.top = seq;
        } else {
            let age = self.top - seq;
            if age < WIDTH {
                self.seen |= 1 << age;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_once() {
        let mut w = Window::new();
        for seq in [5, 3, 9, 4, 80] {
            assert!(w.fresh(seq));
            w.mark(seq);
            assert!(!w.fresh(seq));
        }
    }

    #[test]
    fn too_old() {
        let mut w = Window::new();
        w.mark(100);
        assert!(w.fresh(37));
        assert!(!w.fresh(36));
    }
}
