//! `glassroom info`: what was delivered.

use super::output::{Out, remark};
use super::target::{Opened, Source, Traces};
use super::{Answer, Failure, Who};
use crate::job::listing::Listing;
use crate::job::{Cancel, survey};
use crate::model::Delivery;
use crate::snapshot::TWICE;
use clap::Args;

/// Modified files that are named to a person.
const MOST_MODIFIED: usize = 20;

#[derive(Args)]
pub(super) struct Info {
    #[command(flatten)]
    source: Source,
}

pub(super) fn run(verb: &Info, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let opened = Opened::new(&verb.source, who, Traces::None)?;
    // Walked and not opened as it was kept: this says what the delivery has now.
    let listing = Listing::of(&opened.snapshot, &|| false)?;
    let index = Some(&opened.index).filter(|i| !i.is_empty());
    if opened.index.is_damaged() {
        remark("the index of this review is damaged; glassroom index builds it anew");
    }
    let delivery = survey::run(&opened.reader(), &listing, index, &Cancel::never())?;
    if out.json {
        out.record(&delivery);
    } else {
        describe(&delivery, out);
    }
    Ok(Answer::Yes)
}

fn describe(d: &Delivery, out: &mut Out) {
    let word = |yes| if yes { "yes" } else { "NO" };
    out.line(&format!("commit          {}", d.commit));
    out.line(&format!("tree            {}", d.tree));
    out.line(&format!("object format   {}", d.object_format));
    out.line(&format!("complete        {}", word(d.complete)));
    let history = if d.shallow {
        "cut off (shallow)"
    } else {
        "whole"
    };
    out.line(&format!("history         {history}"));
    if let Some(partial) = &d.partial_clone {
        out.line(&format!("not delivered   {}", partial.text()));
    }
    out.line(&format!(
        "entries         {}: {} files, {} symlinks, {} submodules",
        d.entries, d.files, d.symlinks, d.submodules
    ));
    out.line(&format!("bytes           {}", d.bytes));
    out.line(&format!("lines           {}", d.lines));
    for l in &d.languages {
        out.line(&format!(
            "language        {}: {} files, {} lines",
            l.name, l.files, l.lines
        ));
    }
    for n in &d.not_searched {
        out.line(&format!(
            "not searched    {} ({}, {} bytes)",
            n.path,
            n.reason.word(),
            n.bytes
        ));
    }
    for s in &d.searched_as_bytes {
        out.line(&format!("as bytes only   {} ({} bytes)", s.path, s.bytes));
    }
    let beside = &d.not_in_snapshot;
    if !beside.no_work_tree {
        out.line(&format!("work tree       {}", beside.text()));
    }
    for path in beside.modified_paths.iter().take(MOST_MODIFIED) {
        out.line(&format!("modified        {path}"));
    }
    let named = beside.modified_paths.len().min(MOST_MODIFIED) as u64;
    if beside.modified > named {
        out.line(&format!(
            "modified        and {} more",
            beside.modified - named
        ));
    }
    for i in &d.vendor_influence {
        // Not a setting that steers, but a tree that git would not write.
        if i.kind == TWICE {
            out.line(&format!(
                "in the tree     {} stands twice in its folder",
                i.path
            ));
        } else {
            out.line(&format!("influence       {} ({})", i.path, i.kind));
        }
    }
    for f in &d.flags {
        out.line(
            format!(
                "flagged         {}:{} {} {}",
                f.path,
                f.line,
                f.flag.word(),
                f.codepoints.join(" ")
            )
            .trim_end(),
        );
    }
}
