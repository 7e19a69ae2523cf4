//! The picture of coverage: a bar for all text and one for each folder at the top.

use super::super::page::template;
use super::super::render::BundleInput;
use super::super::schema::{Coverage, CoverageRow};
use super::HtmlPage;
use crate::model::{FolderLines, RepoPath};
use std::collections::BTreeMap;

/// Columns and rows of the picture, in its own units.
const WIDTH: f64 = 860.0;
const ROW: f64 = 22.0;
/// Most folders shown; the others are put together.
const FOLDERS: usize = 24;

/// What a bar is about.
enum BarName<'a> {
    All,
    Folder(&'a RepoPath),
    Others(usize),
}

struct CoverageBar<'a> {
    name: BarName<'a>,
    lines: u64,
    shown: u64,
    reviewed: u64,
}

/// Draws what was read of all text, and of each folder if the policy lets folders leave.
pub fn draw(page: &mut HtmlPage<'_>, input: &BundleInput<'_>, coverage: &Coverage) {
    page.add("<h2>Coverage</h2>\n");
    let Some(all) = coverage.summary else {
        page.add("<p>The policy of the room lets no coverage leave.</p>\n");
        return;
    };
    let percent = |n: u64| {
        if all.lines == 0 {
            0.0
        } else {
            n as f64 * 100.0 / all.lines as f64
        }
    };
    page.add(template!(
        "<p>Of {} lines in {} text files, {} ({:.2} %) were on screen and {} ({:.2} %) are marked reviewed. \
         {} searches of the whole snapshot ran to their end.</p>\n",
        all.lines,
        all.files,
        all.shown,
        percent(all.shown),
        all.reviewed,
        percent(all.reviewed),
        input.review.searches(),
    ));
    let mut bars = vec![CoverageBar {
        name: BarName::All,
        lines: all.lines,
        shown: all.shown,
        reviewed: all.reviewed,
    }];
    bars.extend(folder_bars(&coverage.folders, &coverage.rows));
    picture(page, &bars);
}

/// Returns a bar for each folder at the top of the snapshot over all its lines, read or not: those with most reviewed lines
/// first, then the largest.
fn folder_bars<'a>(folders: &'a [FolderLines], rows: &[CoverageRow]) -> Vec<CoverageBar<'a>> {
    let mut read: BTreeMap<&[u8], [u64; 2]> = BTreeMap::new();
    for row in rows {
        let path = row.path.as_ref().map_or(&b""[..], RepoPath::as_bytes);
        // A row without a blob is a folder.
        let top = match memchr::memchr(b'/', path) {
            Some(end) => &path[..end],
            None if row.blob.is_none() => path,
            None => b".",
        };
        let sums = read.entry(top).or_default();
        for (sum, n) in sums.iter_mut().zip([row.shown, row.reviewed]) {
            *sum += n;
        }
    }
    let bar = |folder: &'a FolderLines| {
        let [shown, reviewed] = read
            .get(folder.path.as_bytes())
            .copied()
            .unwrap_or_default();
        CoverageBar {
            name: BarName::Folder(&folder.path),
            lines: folder.lines,
            shown,
            reviewed,
        }
    };
    let mut bars: Vec<CoverageBar<'a>> = folders.iter().map(bar).collect();
    bars.sort_by_key(|bar| std::cmp::Reverse((bar.reviewed, bar.shown, bar.lines)));
    let others = bars.split_off(bars.len().min(FOLDERS));
    if !others.is_empty() {
        let sum = |of: fn(&CoverageBar<'_>) -> u64| others.iter().map(of).sum();
        bars.push(CoverageBar {
            name: BarName::Others(others.len()),
            lines: sum(|bar| bar.lines),
            shown: sum(|bar| bar.shown),
            reviewed: sum(|bar| bar.reviewed),
        });
    }
    bars
}

/// Draws a bar a row: what there is, what was shown, what was reviewed.
fn picture(page: &mut HtmlPage<'_>, bars: &[CoverageBar<'_>]) {
    let height = ROW * bars.len() as f64 + 8.0;
    page.add(template!(
        "<figure>\n<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"coverage\">\n",
        WIDTH,
        height
    ));
    let (left, room) = (200.0, 440.0);
    for (nth, bar) in bars.iter().enumerate() {
        let y = ROW * nth as f64 + 4.0;
        let part = |n: u64| {
            if bar.lines == 0 {
                0.0
            } else {
                room * (n.min(bar.lines) as f64) / bar.lines as f64
            }
        };
        page.add(template!("<text x=\"0\" y=\"{}\">", y + 12.0));
        match bar.name {
            BarName::All => page.add("all text"),
            BarName::Folder(path) if path.as_bytes() == b"." => page.add("files at the top"),
            BarName::Folder(path) => page.folder(path).add("/"),
            BarName::Others(count) => page.add(template!("{} others", count)),
        };
        page.add("</text>");
        for (class, width) in [
            ("track", room),
            ("shown", part(bar.shown)),
            ("done", part(bar.reviewed)),
        ] {
            page.add(template!(
                "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{:.1}\" height=\"14\" rx=\"2\"/>",
                class,
                left,
                y,
                width
            ));
        }
        page.add(template!(
            "<text class=\"q\" x=\"{}\" y=\"{}\">{} of {}</text>\n",
            left + room + 10.0,
            y + 12.0,
            bar.reviewed,
            bar.lines
        ));
    }
    page.add(
        "</svg>\n<figcaption class=\"quiet\">Dark: marked reviewed. Light: on screen. Numbers: lines marked reviewed, of all \
         lines of text.</figcaption>\n</figure>\n",
    );
}
