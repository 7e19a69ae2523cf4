//! The places of an item, as a person names them and as the verbs list them.

use super::target;
use super::{Failure, words};
use crate::job::listing::Listing;
use crate::job::{Desk, place};
use crate::model::{self, Location, RepoPath};
use clap::Args;
use serde::Serialize;
use std::fmt::Write;

/// Which places of a finding are quoted.
#[derive(Args)]
pub(super) struct Quoted {
    /// Places whose lines the bundle quotes, as far as the policy lets code leave: 1,3 or all; none takes it back.
    #[arg(long, value_name = "N,...|all|none")]
    quote: Option<String>,
}

impl Quoted {
    pub(super) fn is_empty(&self) -> bool {
        self.quote.is_none()
    }

    /// Marks the places that are named, and no others; without the option all stay as they are.
    pub(super) fn apply(&self, places: &mut [Location]) -> Result<(), Failure> {
        let Some(text) = &self.quote else {
            return Ok(());
        };
        let numbers: Vec<usize> = match text.as_str() {
            "none" => Vec::new(),
            "all" => (1..=places.len()).collect(),
            text => text
                .split(',')
                .map(|number| number.trim().parse().ok())
                .collect::<Option<_>>()
                .ok_or_else(|| {
                    let what = format!("`{text}` names no places");
                    Failure::usage(what, "write numbers as in 1,3, or all, or none")
                })?,
        };
        let count = places.len();
        if let Some(wrong) = numbers.iter().find(|n| !(1..=count).contains(*n)) {
            return Err(Failure::failed(
                format!("the finding has {count} places, so there is no place {wrong}"),
                "count from 1, in the order in which finding list shows them",
            ));
        }
        for (nth, place) in places.iter_mut().enumerate() {
            place.is_quoted = numbers.contains(&(nth + 1));
        }
        Ok(())
    }
}

/// Reads places.
pub(super) fn places(texts: &[String]) -> Result<Vec<model::Place>, Failure> {
    texts.iter().map(|text| words::place(text)).collect()
}

/// Binds places to what stands there.
pub(super) fn locate(desk: &Desk, places: &[model::Place]) -> Result<Vec<Location>, Failure> {
    let listing = target::listing(desk)?;
    let encodings = desk.encodings()?;
    let reader = desk.reader(&encodings);
    // From the delivery, so that what is written down never depends on an index.
    let bind = |place| Ok(place::locate(&reader, &listing, None, place)?);
    places.iter().map(bind).collect()
}

/// One place of an item, and whether the snapshot still has it.
#[derive(Serialize)]
pub(super) struct Where<'a> {
    path: &'a RepoPath,
    start_line: u32,
    end_line: u32,
    label: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_quoted: bool,
    state: &'static str,
}

impl<'a> Where<'a> {
    pub(super) fn all(item: &'a [Location], listing: &Listing) -> Vec<Self> {
        let one = |location: &'a Location| {
            let anchor = &location.anchor;
            let there = listing.find(&anchor.path);
            let is_there = there.is_some_and(|file| file.blob == anchor.blob);
            Where {
                path: &anchor.path,
                start_line: anchor.span.start(),
                end_line: anchor.span.end(),
                label: location.typed(),
                is_quoted: location.is_quoted,
                state: if is_there { "unchanged" } else { "gone" },
            }
        };
        item.iter().map(one).collect()
    }

    /// Returns the place as a person names it.
    pub(super) fn line(&self) -> String {
        let mut text = format!("{}:{}", self.path, self.start_line);
        if self.end_line != self.start_line {
            let _ = write!(text, "-{}", self.end_line);
        }
        if !self.label.is_empty() {
            let _ = write!(text, "@{}", self.label);
        }
        if self.is_quoted {
            text.push_str(" (quoted)");
        }
        if self.state != "unchanged" {
            let _ = write!(text, " ({})", self.state);
        }
        text
    }
}
