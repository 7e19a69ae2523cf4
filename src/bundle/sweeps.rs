//! `sweeps.json`: the proof that every hit of a query was judged.

use super::render::{BundleInput, label};
use super::{place, schema};
use crate::model::{Item, Judgement, SweepState};

/// Returns the document.
pub fn document(input: &BundleInput<'_>) -> schema::Sweeps {
    let record = |state: &SweepState| {
        let sweep = &state.sweep;
        let number = label(&sweep.reviewer, 'W', sweep.number);
        let judged = state.judged().into_iter();
        schema::SweepRecord {
            id: sweep.id,
            number,
            reviewer: sweep.reviewer.clone(),
            name: sweep.name.clone(),
            query: sweep.query.clone(),
            commit: sweep.commit,
            hits: sweep.hits,
            list: sweep.list,
            decided: state.decided(),
            verdicts: judged
                .filter(|(_, judgement)| is_for(input, judgement))
                .map(|(hit, judgement)| schema::VerdictRecord {
                    path: place::shown(&hit.path, input.policy.paths),
                    blob: hit.blob,
                    line: hit.line,
                    ruling: judgement.ruling,
                    reviewer: judgement.reviewer.clone(),
                    item: judgement
                        .item
                        .and_then(|id| input.review.item(id))
                        .map(named),
                })
                .collect(),
        }
    };
    schema::Sweeps {
        schema: schema::SWEEPS.to_owned(),
        label: input.policy.label.clone(),
        sweeps: input.sweeps().map(record).collect(),
    }
}

/// Returns whether a verdict may be read by whom the bundle is for: not if it speaks of a finding that they may not
/// read. How many are decided is said all the same, so that what is left out is seen.
fn is_for(input: &BundleInput<'_>, judgement: &Judgement) -> bool {
    match judgement.item.and_then(|id| input.review.item(id)) {
        Some(Item::Finding(finding)) => finding.is_for(input.audience),
        _ => true,
    }
}

/// Returns `alice/F1`.
fn named(item: &Item) -> String {
    format!("{}/{}", item.reviewer(), item.label())
}
