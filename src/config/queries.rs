//! `queries.toml`: the search queries of a review's reviewer.
//!
//! ```toml
//! history = ["strcpy(", "f:^net/ memcpy"]   # newest last
//!
//! [[saved]]
//! name = "unsafe copies"
//! query = "/str(cpy|cat)\\(/ -f:^vendor/"
//! ```
//!
//! A convenience, like `review.toml`: losing it loses no finding. What the reviewer looks for is the reviewer's secret;
//! no bundle carries it.

use super::table::{read, syntax};
use super::write::replace;
use super::{Error, ReviewFolder};
use crate::model::Queries;

impl ReviewFolder {
    /// Reads `queries.toml`; empty if there is none yet.
    pub fn read_queries(&self) -> Result<Queries, Error> {
        let path = self.queries_file();
        let Some(text) = read(&path)? else {
            return Ok(Queries::default());
        };
        toml::from_str(&text).map_err(|error| syntax(&path, &text, &error))
    }

    /// Replaces `queries.toml` in one step.
    pub fn write_queries(&self, queries: &Queries) -> Result<(), Error> {
        let path = self.queries_file();
        let text = toml::to_string(queries).map_err(|error| Error::Write {
            path: path.clone(),
            source: std::io::Error::other(error),
        })?;
        replace(&path, text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Home;
    use crate::model::Queries;

    #[test]
    fn queries_come_back_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let review = Home::at(folder.path()).unwrap().review("r").unwrap();
        review.create().unwrap();
        assert_eq!(review.read_queries().unwrap(), Queries::default());
        let mut queries = Queries::default();
        for query in ["\"a\\\" b\"", "/x\\/\n\u{202e}/", "'''"] {
            queries.remember(query);
            queries.save(query, query);
        }
        review.write_queries(&queries).unwrap();
        assert_eq!(review.read_queries().unwrap(), queries);
        std::fs::write(review.queries_file(), "odd = 1\n").unwrap();
        assert!(
            review
                .read_queries()
                .unwrap_err()
                .to_string()
                .contains("odd")
        );
    }
}
