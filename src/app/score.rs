//! The CVSS calculator: a value for each base metric, and what they come to.

use super::key::{Code, Key};
use crate::model::{BASE_31, BASE_40, Metric, Vector};

/// The CVSS calculator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calculator {
    /// Version 4.0 rather than 3.1.
    pub is_four: bool,
    /// The value chosen for each metric, by its position; the last value until then.
    values: [Vec<usize>; 2],
    /// The metric under the cursor.
    pub cursor: usize,
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Handled.
    Stay,
    /// Take the vector.
    Take,
    /// Leave without it.
    Leave,
}

impl Default for Calculator {
    fn default() -> Self {
        let none = |metrics: &[Metric]| metrics.iter().map(|m| m.values.len() - 1).collect();
        Self {
            is_four: false,
            values: [none(BASE_31), none(BASE_40)],
            cursor: 0,
        }
    }
}

impl Calculator {
    /// Begins with a vector that is there already.
    pub fn of(vector: &Vector) -> Self {
        let mut calculator = Self {
            is_four: vector.version() == "4.0",
            ..Self::default()
        };
        for part in vector.text().split('/').skip(1) {
            let Some((sign, value)) = part.split_once(':') else {
                continue;
            };
            let metrics = calculator.metrics();
            let found = metrics.iter().position(|m| m.sign == sign);
            if let Some(at) = found
                && let Some(nth) = metrics[at].values.iter().position(|(v, _)| *v == value)
            {
                calculator.values[usize::from(calculator.is_four)][at] = nth;
            }
        }
        calculator
    }

    /// Returns the metrics of the version.
    pub fn metrics(&self) -> &'static [Metric] {
        if self.is_four { BASE_40 } else { BASE_31 }
    }

    /// Returns the position of the value chosen for a metric.
    pub fn value(&self, metric: usize) -> usize {
        self.values[usize::from(self.is_four)][metric]
    }

    /// Returns the vector.
    pub fn vector(&self) -> Vector {
        let parts = self.metrics().iter().enumerate().map(|(at, metric)| {
            let (value, _) = metric.values[self.value(at)];
            format!("/{}:{value}", metric.sign)
        });
        let version = if self.is_four { "4.0" } else { "3.1" };
        format!("CVSS:{version}{}", parts.collect::<String>())
            .parse()
            .expect("every combination of base values is a vector")
    }

    /// Handles one key.
    pub fn key(&mut self, key: Key) -> Outcome {
        let metric = &self.metrics()[self.cursor];
        let count = metric.values.len();
        let last = self.metrics().len() - 1;
        let value = self.value(self.cursor);
        let mut choose = |nth: usize| self.values[usize::from(self.is_four)][self.cursor] = nth;
        match key.code {
            Code::Esc => return Outcome::Leave,
            Code::Enter => return Outcome::Take,
            Code::Down | Code::Tab | Code::Char('j') => self.cursor = (self.cursor + 1).min(last),
            Code::Up | Code::BackTab | Code::Char('k') => {
                self.cursor = self.cursor.saturating_sub(1);
            }
            Code::Left => choose(value.saturating_sub(1)),
            Code::Right | Code::Char(' ') => choose((value + 1) % count),
            Code::Char('v') => {
                self.is_four = !self.is_four;
                self.cursor = self.cursor.min(self.metrics().len() - 1);
            }
            Code::Char(c) => {
                let sign = c.to_ascii_uppercase();
                if let Some(nth) = metric.values.iter().position(|(v, _)| v.starts_with(sign)) {
                    choose(nth);
                    self.cursor = (self.cursor + 1).min(last);
                }
            }
            _ => {}
        }
        Outcome::Stay
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::sequence;
    use super::*;

    #[test]
    fn letters_choose_and_go_on() {
        let mut calculator = Calculator::default();
        for key in sequence("n l n n u h h h").unwrap() {
            calculator.key(key);
        }
        let vector = calculator.vector();
        assert_eq!(
            vector.text(),
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
        );
        assert_eq!(Calculator::of(&vector).vector(), vector);
        calculator.key(Key::char('v'));
        assert_eq!(calculator.vector().version(), "4.0");
        assert_eq!(calculator.key(Key::plain(Code::Enter)), Outcome::Take);
    }
}
