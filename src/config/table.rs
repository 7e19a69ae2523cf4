//! A TOML table that is taken apart key by key, so that every error knows its line.

use super::Error;
use std::fs::File;
use std::io::Read;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// Most bytes read of a configuration file.
const LIMIT: u64 = 1024 * 1024;

/// Reads an open file as text.
pub(super) fn read_open(mut file: &File, path: &Path) -> Result<String, Error> {
    let mut bytes = Vec::new();
    file.by_ref()
        .take(LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
    if bytes.len() as u64 > LIMIT {
        return Err(Error::TooLarge {
            path: path.to_owned(),
            limit: LIMIT,
        });
    }
    String::from_utf8(bytes).map_err(|_| Error::NotText {
        path: path.to_owned(),
    })
}

/// Opens a file; nothing if there is none.
pub(super) fn open(path: &Path) -> Result<Option<File>, Error> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Read {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Reads a file as text; nothing if there is none.
pub(super) fn read(path: &Path) -> Result<Option<String>, Error> {
    open(path)?.map(|file| read_open(&file, path)).transpose()
}

/// Returns the line, 1-based, in which a byte of the text stands.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    let before = &text.as_bytes()[..at.min(text.len())];
    memchr::memchr_iter(b'\n', before).count() + 1
}

/// Turns the parser's error into ours.
pub(super) fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    Error::Syntax {
        path: path.to_owned(),
        line: line_of(text, error.span().map_or(0, |span| span.start)),
        message: error.message().lines().collect::<Vec<_>>().join(" "),
    }
}

/// A table that remembers which of its keys were taken.
pub(super) struct Table<'t> {
    path: PathBuf,
    text: &'t str,
    prefix: String,
    entries: Vec<Entry<'t>>,
    known: Vec<String>,
}

/// A key with its value.
pub(super) struct Entry<'t> {
    /// Its own name, without the tables around it.
    pub(super) key: String,
    /// Where it stands, 1-based.
    pub(super) line: usize,
    value: DeValue<'t>,
}

impl<'t> Table<'t> {
    pub(super) fn parse(path: &Path, text: &'t str) -> Result<Self, Error> {
        let table = DeTable::parse(text).map_err(|error| syntax(path, text, &error))?;
        Ok(Self::new(
            path.to_owned(),
            text,
            String::new(),
            table.into_inner(),
        ))
    }

    fn new(path: PathBuf, text: &'t str, prefix: String, table: DeTable<'t>) -> Self {
        let entries = table
            .into_iter()
            .map(|(key, value)| Entry {
                line: line_of(text, key.span().start),
                key: key.into_inner().into_owned(),
                value: value.into_inner(),
            })
            .collect();
        Self {
            path,
            text,
            prefix,
            entries,
            known: Vec::new(),
        }
    }

    fn full(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    fn take(&mut self, key: &str) -> Option<Entry<'t>> {
        self.known.push(key.to_owned());
        let at = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.swap_remove(at))
    }

    fn wrong_type(&self, entry: &Entry<'_>, expected: &'static str) -> Error {
        Error::WrongType {
            path: self.path.clone(),
            line: entry.line,
            key: self.full(&entry.key),
            expected,
            found: entry.value.type_str(),
        }
    }

    /// Makes the error of a value of the right type that cannot be.
    pub(super) fn wrong_value(&self, key: &str, line: usize, why: impl Into<String>) -> Error {
        Error::WrongValue {
            path: self.path.clone(),
            line,
            key: self.full(key),
            why: why.into(),
        }
    }

    /// Takes a text and its line.
    pub(super) fn string(&mut self, key: &str) -> Result<Option<(String, usize)>, Error> {
        let Some(entry) = self.take(key) else {
            return Ok(None);
        };
        self.text_of(&entry).map(|text| Some((text, entry.line)))
    }

    /// Returns the text of an entry.
    pub(super) fn text_of(&self, entry: &Entry<'_>) -> Result<String, Error> {
        let text = entry.value.as_str().map(str::to_owned);
        text.ok_or_else(|| self.wrong_type(entry, "a text"))
    }

    /// Returns the texts of an entry that is a text or a list of them.
    pub(super) fn texts_of(&self, entry: &Entry<'_>) -> Result<Vec<String>, Error> {
        const EXPECTED: &str = "a text or a list of texts";
        if let Some(text) = entry.value.as_str() {
            return Ok(vec![text.to_owned()]);
        }
        let list = entry
            .value
            .as_array()
            .ok_or_else(|| self.wrong_type(entry, EXPECTED))?;
        list.iter()
            .map(|item| item.get_ref().as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| self.wrong_type(entry, EXPECTED))
    }

    /// Takes `true` or `false`.
    pub(super) fn boolean(&mut self, key: &str) -> Result<Option<bool>, Error> {
        let Some(entry) = self.take(key) else {
            return Ok(None);
        };
        let value = entry
            .value
            .as_bool()
            .ok_or_else(|| self.wrong_type(&entry, "true or false"))?;
        Ok(Some(value))
    }

    /// Takes a whole number of a range.
    pub(super) fn integer(
        &mut self,
        key: &str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u64>, Error> {
        let Some(entry) = self.take(key) else {
            return Ok(None);
        };
        let DeValue::Integer(number) = &entry.value else {
            return Err(self.wrong_type(&entry, "a whole number"));
        };
        let value = u64::from_str_radix(number.as_str(), number.radix()).ok();
        let value = value.filter(|value| range.contains(value)).ok_or_else(|| {
            let why = format!("must be from {} to {}", range.start(), range.end());
            self.wrong_value(key, entry.line, why)
        })?;
        Ok(Some(value))
    }

    /// Takes one of some words.
    pub(super) fn word<T: Copy>(
        &mut self,
        key: &str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Error> {
        let Some((text, line)) = self.string(key)? else {
            return Ok(None);
        };
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| Some(*value)).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.wrong_value(key, line, format!("must be one of {}", words.join(", ")))
        })
    }

    /// Takes a table inside this one.
    pub(super) fn table(&mut self, key: &str) -> Result<Option<Self>, Error> {
        let Some(entry) = self.take(key) else {
            return Ok(None);
        };
        if !entry.value.is_table() {
            return Err(self.wrong_type(&entry, "a table"));
        }
        let DeValue::Table(table) = entry.value else {
            return Ok(None);
        };
        let prefix = format!("{}{key}.", self.prefix);
        Ok(Some(Self::new(self.path.clone(), self.text, prefix, table)))
    }

    /// Takes a list of tables, in the order of the file.
    pub(super) fn tables(&mut self, key: &str) -> Result<Vec<Self>, Error> {
        const EXPECTED: &str = "a list of tables, each under [[...]]";
        let Some(entry) = self.take(key) else {
            return Ok(Vec::new());
        };
        if !entry.value.is_array() {
            return Err(self.wrong_type(&entry, EXPECTED));
        }
        let DeValue::Array(list) = entry.value else {
            return Ok(Vec::new());
        };
        let mut tables = Vec::new();
        for value in list {
            let line = line_of(self.text, value.span().start);
            let item = Entry {
                key: key.to_owned(),
                line,
                value: value.into_inner(),
            };
            if !item.value.is_table() {
                return Err(self.wrong_type(&item, EXPECTED));
            }
            if let DeValue::Table(table) = item.value {
                let prefix = format!("{}{key}.", self.prefix);
                tables.push(Self::new(self.path.clone(), self.text, prefix, table));
            }
        }
        Ok(tables)
    }

    /// Takes all that is left, in the order of the file.
    pub(super) fn rest(&mut self) -> Vec<Entry<'t>> {
        let mut rest = std::mem::take(&mut self.entries);
        rest.sort_by_key(|entry| entry.line);
        rest
    }

    /// Makes the error of a key that should be there.
    pub(super) fn missing(&self, key: &str) -> Error {
        Error::MissingKey {
            path: self.path.clone(),
            key: self.full(key),
        }
    }

    /// Ends the reading: whatever was not taken is unknown.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        let Some(entry) = self.rest().into_iter().next() else {
            return Ok(());
        };
        Err(Error::UnknownKey {
            key: self.full(&entry.key),
            path: self.path,
            line: entry.line,
            known: self.known,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_files_are_errors_with_their_line() {
        let path = Path::new("x.toml");
        let error = Table::parse(path, "a = 1\nb = = 2\n")
            .map(|_| ())
            .unwrap_err();
        assert!(error.to_string().starts_with("x.toml line 2: "), "{error}");
        let mut table = Table::parse(path, "n = -1\nm = 0x10\n").unwrap();
        assert_eq!(table.integer("m", 0..=99).unwrap(), Some(16));
        assert_eq!(
            table.integer("n", 0..=99).unwrap_err().to_string(),
            "x.toml line 1: `n` must be from 0 to 99"
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        std::fs::write(&file, [0xff]).unwrap();
        assert!(matches!(read(&file), Err(Error::NotText { .. })));
        std::fs::write(&file, vec![b'#'; 1024 * 1024 + 1]).unwrap();
        assert!(matches!(read(&file), Err(Error::TooLarge { .. })));
        assert!(read(&folder.path().join("b")).unwrap().is_none());
    }
}
