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
    /// The value whose name may be being typed in full.
    name: Option<TypedName>,
}

/// Value that a letter chose, and the letters typed since: `h` chooses, and `igh` may be the rest of `high`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct TypedName {
    name: &'static str,
    typed: String,
    /// Some letter could only belong to the name.
    is_certain: bool,
    /// Values and cursor right after the first letter.
    after: ([Vec<usize>; 2], usize),
}

/// What became of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Handled.
    Stay,
    /// Take the vector.
    Take,
    /// Leave without it.
    Leave,
    /// The letter is no value of the metric; this says which there are.
    Refused(String),
}

impl Default for Calculator {
    fn default() -> Self {
        let none = |metrics: &[Metric]| metrics.iter().map(|m| m.values.len() - 1).collect();
        Self {
            is_four: false,
            values: [none(BASE_31), none(BASE_40)],
            cursor: 0,
            name: None,
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
        if let Code::Char(c) = key.code
            && let Some(outcome) = self.letter(c.to_ascii_lowercase())
        {
            return outcome;
        }
        self.name = None;
        let count = self.metrics()[self.cursor].values.len();
        let last = self.metrics().len() - 1;
        let value = self.value(self.cursor);
        match key.code {
            Code::Esc => return Outcome::Leave,
            Code::Enter => return Outcome::Take,
            Code::Down | Code::Tab | Code::Char('j') => self.cursor = (self.cursor + 1).min(last),
            Code::Up | Code::BackTab | Code::Char('k') => {
                self.cursor = self.cursor.saturating_sub(1);
            }
            Code::Left => self.choose(value.saturating_sub(1)),
            Code::Right | Code::Char(' ') => self.choose((value + 1) % count),
            Code::Char('v') => {
                self.is_four = !self.is_four;
                self.cursor = self.cursor.min(self.metrics().len() - 1);
            }
            _ => {}
        }
        Outcome::Stay
    }

    fn choose(&mut self, value: usize) {
        self.values[usize::from(self.is_four)][self.cursor] = value;
    }

    /// Handles a letter: the first letter of a value chooses it and goes on, and the rest of its name is taken as such.
    /// Returns nothing if the letter is a command.
    fn letter(&mut self, c: char) -> Option<Outcome> {
        let metric = &self.metrics()[self.cursor];
        let sign = c.to_ascii_uppercase();
        let fits = metric.values.iter().position(|(v, _)| v.starts_with(sign));
        let refused = |what: &str| {
            let values = metric.values.iter().map(|(v, name)| format!("{v} {name}"));
            let values = values.collect::<Vec<_>>().join(", ");
            Some(Outcome::Refused(format!(
                "no {} is \"{what}\": {values}",
                metric.name
            )))
        };
        if let Some(mut name) = self.name.take() {
            name.typed.push(c);
            if name.name.starts_with(&name.typed) {
                if let (Some(value), false) = (fits, name.is_certain) {
                    // Either the next metric's letter or the name's: what is typed next tells.
                    self.choose(value);
                    self.cursor = (self.cursor + 1).min(self.metrics().len() - 1);
                } else {
                    name.is_certain = true;
                    self.values.clone_from(&name.after.0);
                    self.cursor = name.after.1;
                }
                self.name = Some(name);
                return Some(Outcome::Stay);
            }
            let whole = name.typed.len() > name.name.len();
            if name.is_certain && !whole {
                let outcome = refused(&name.typed);
                name.typed.pop();
                self.name = Some(name);
                return outcome;
            }
        }
        if let Some(value) = fits {
            self.choose(value);
            self.cursor = (self.cursor + 1).min(self.metrics().len() - 1);
            self.name = Some(TypedName {
                name: metric.values[value].1,
                typed: c.to_string(),
                is_certain: false,
                after: (self.values.clone(), self.cursor),
            });
            return Some(Outcome::Stay);
        }
        (!matches!(c, 'j' | 'k' | 'v' | ' ')).then(|| refused(&c.to_string()))?
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

    /// A value's name typed in full is that value, and none of its letters chooses anything else.
    #[test]
    fn values_typed_by_their_names_are_the_values_chosen() {
        for is_four in [false, true] {
            let metrics = if is_four { BASE_40 } else { BASE_31 };
            for (at, metric) in metrics.iter().enumerate() {
                for (sign, name) in metric.values {
                    let mut calculator = Calculator {
                        is_four,
                        cursor: at,
                        ..Calculator::default()
                    };
                    let mut wanted = calculator.clone();
                    let value = metric.values.iter().position(|(v, _)| v == sign);
                    wanted.choose(value.unwrap());
                    let mut refused = 0;
                    for c in name.chars() {
                        let outcome = calculator.key(Key::char(c));
                        refused += usize::from(matches!(outcome, Outcome::Refused(_)));
                    }
                    assert_eq!(calculator.values, wanted.values, "{} {name}", metric.name);
                    assert_eq!(refused, 0, "{} {name}", metric.name);
                }
            }
        }
    }

    /// What is no value changes nothing, and the values are named.
    #[test]
    fn letters_that_fit_no_value_are_refused() {
        for (keys, refused, vector) in [
            ("x", 1, "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:C/C:N/I:N/A:N"),
            ("nexl", 2, "CVSS:3.1/AV:N/AC:H/PR:H/UI:R/S:C/C:N/I:N/A:N"),
            (
                "networkl",
                0,
                "CVSS:3.1/AV:N/AC:L/PR:H/UI:R/S:C/C:N/I:N/A:N",
            ),
            ("phn", 0, "CVSS:3.1/AV:P/AC:H/PR:N/UI:R/S:C/C:N/I:N/A:N"),
        ] {
            let mut calculator = Calculator::default();
            let outcomes: Vec<_> = sequence(keys)
                .unwrap()
                .into_iter()
                .map(|key| calculator.key(key))
                .collect();
            let says = |o: &&Outcome| matches!(o, Outcome::Refused(why) if why.contains(", "));
            assert_eq!(outcomes.iter().filter(says).count(), refused, "{keys}");
            assert_eq!(calculator.vector().text(), vector, "{keys}");
        }
    }
}
