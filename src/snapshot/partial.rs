//! Whether a delivery is a partial clone, and what its filter is: what its settings and packs say of it.

use crate::model::PartialFilter;
use crate::snapshot::SnapshotError;
use crate::snapshot::files::StoredObjects;
use crate::snapshot::source::{Place, settings};

/// Returns the filter of a partial clone; nothing if the delivery is none. A bundle with a filter is refused before.
pub(super) fn of_delivery(
    place: &Place,
    stored: &StoredObjects,
) -> Result<Option<PartialFilter>, SnapshotError> {
    let Place::Repository { git_dir, .. } = place else {
        return Ok(None);
    };
    let settings = settings(git_dir)?;
    let mut filters = settings.iter().filter_map(|s| {
        let is_filter = s.section == "remote" && s.key == "partialclonefilter";
        is_filter.then(|| PartialFilter::parse(s.value.as_bytes()))
    });
    let first = filters.next();
    let is_promised = settings.iter().any(|s| {
        let is_promisor = s.section == "remote" && s.key == "promisor" && is_true(&s.value);
        is_promisor || (s.section == "extensions" && s.key == "partialclone")
    });
    Ok(match first {
        // Of several remotes, each with a filter of its own.
        Some(filter) if filters.any(|other| other != filter) => Some(PartialFilter::Combined),
        Some(filter) => Some(filter),
        None => (is_promised || stored.is_promised).then_some(PartialFilter::Unknown),
    })
}

/// Returns whether git takes the value of a setting for true.
pub(super) fn is_true(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let is_number = lower.parse::<i64>().is_ok_and(|number| number != 0);
    is_number || matches!(lower.as_str(), "true" | "yes" | "on")
}
