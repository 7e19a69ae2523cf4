//! `sweeps.json`: the proof that every hit of a query was judged.

use super::render::{BundleInput, label};
use super::{place, schema};
use crate::model::{Item, Judgement, SweepState};

/// Returns the document, and the typed texts in the order in which they stand in it.
pub fn document(input: &BundleInput<'_>) -> (schema::Sweeps, Vec<(String, String)>) {
    let mut typed = vec![("policy label".to_owned(), input.policy.label.clone())];
    let mut record = |state: &SweepState| {
        let sweep = &state.sweep;
        let number = label(&sweep.reviewer, 'W', sweep.number);
        typed.push((format!("{number} name"), sweep.name.clone()));
        typed.push((format!("{number} query"), sweep.query.clone()));
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
    let sweeps = input.sweeps().map(&mut record).collect();
    let document = schema::Sweeps {
        schema: schema::SWEEPS.to_owned(),
        label: input.policy.label.clone(),
        sweeps,
    };
    (document, typed)
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
