//! The places of an item, as a person names them and as the verbs list them.

use super::target;
use super::{Failure, words};
use crate::job::listing::Listing;
use crate::job::{Desk, place};
use crate::model::{self, AnchorExtent, ByteRange, Location, RepoPath, Span, WholeKind};
use crate::snapshot::Snapshot;
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
        // `all` means all that can be quoted; a number that cannot be is a mistake.
        let is_all = text == "all";
        for (nth, place) in places.iter_mut().enumerate() {
            let has_lines = place.anchor.extent.rows().is_some();
            let is_wanted = numbers.contains(&(nth + 1));
            if is_wanted && !has_lines && !is_all {
                return Err(Failure::failed(
                    format!(
                        "place {}, {}, has no lines of text",
                        nth + 1,
                        place.anchor.text()
                    ),
                    "only lines can be quoted: leave it out",
                ));
            }
            place.is_quoted = is_wanted && has_lines;
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
    let bind = |place| Ok(place::locate(&reader, &listing, place)?);
    places.iter().map(bind).collect()
}

/// One place of an item, and whether the snapshot still has it.
#[derive(Serialize)]
pub(super) struct Where<'a> {
    path: &'a RepoPath,
    #[serde(flatten)]
    extent: ExtentRecord,
    label: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_quoted: bool,
    state: &'static str,
    #[serde(skip)]
    text: String,
}

/// What of an entry a location covers, as the verbs write it: lines; of a binary file rows of the hexadecimal view, and
/// the bytes in them; or what the entry is, if it is meant as a whole.
#[derive(Serialize)]
pub(super) struct ExtentRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    start_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    binary: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    whole: Option<WholeKind>,
}

impl From<AnchorExtent> for ExtentRecord {
    fn from(extent: AnchorExtent) -> Self {
        let bytes = extent.bytes();
        Self {
            start_line: extent.rows().map(Span::start),
            end_line: extent.rows().map(Span::end),
            offset: bytes.map(ByteRange::offset),
            length: bytes.map(ByteRange::length),
            binary: bytes.is_some(),
            whole: extent.whole(),
        }
    }
}

impl<'a> Where<'a> {
    pub(super) fn all(item: &'a [Location], snapshot: &Snapshot, listing: &Listing) -> Vec<Self> {
        let one = |location: &'a Location| {
            let anchor = &location.anchor;
            let is_there = place::is_there(snapshot, listing, anchor);
            Where {
                path: &anchor.path,
                text: anchor.text(),
                extent: anchor.extent.into(),
                label: location.typed(),
                is_quoted: location.is_quoted,
                state: if is_there { "unchanged" } else { "gone" },
            }
        };
        item.iter().map(one).collect()
    }

    /// Returns the place as a person names it.
    pub(super) fn line(&self) -> String {
        let mut text = self.text.clone();
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
