//! What a bundle uses of the lines that the policy lets it quote.

use crate::model::{BlobId, Budget, Marks, Policy, Quote, RepoPath};
use std::collections::BTreeMap;

/// Returns the amounts of quoted lines that the policy meters, none if nothing is quoted; `before` is what earlier bundles
/// of all reviewers quoted.
///
/// Lines are counted once, however many findings or bundles quote them. A file is a path and a content: neither may
/// give more than the policy allows, so that no copy and no second release of a file doubles what leaves of it.
pub fn excerpts(
    quotes: &[Quote],
    before: &BTreeMap<BlobId, Marks>,
    policy: &Policy,
) -> Vec<Budget> {
    if quotes.is_empty() {
        return Vec::new();
    }
    let mut bundle = Lines::default();
    let mut findings: BTreeMap<&str, Lines> = BTreeMap::new();
    let mut paths: BTreeMap<&RepoPath, Lines> = BTreeMap::new();
    let mut review = Lines(before.clone());
    for quote in quotes {
        bundle.add(quote);
        findings.entry(&quote.finding).or_default().add(quote);
        if let Some(path) = &quote.path {
            paths.entry(path).or_default().add(quote);
        }
        review.add(quote);
    }
    let contents = bundle.0.values().map(Marks::lines);
    let files = contents.chain(paths.values().map(Lines::count));
    let most = |counts: &mut dyn Iterator<Item = u64>| counts.max().unwrap_or(0);
    let spans = bundle.0.values().flat_map(Marks::spans);
    let row = |name: &str, used, limit: u32| Budget {
        name: name.to_owned(),
        used,
        limit: limit.into(),
    };
    vec![
        row(
            "excerpt_lines",
            most(&mut spans.map(|s| s.lines().into())),
            policy.excerpt_lines,
        ),
        row(
            "excerpt_lines_per_finding",
            most(&mut findings.values().map(Lines::count)),
            policy.excerpt_lines_per_finding,
        ),
        row(
            "excerpt_lines_per_file",
            most(&mut { files }),
            policy.excerpt_lines_per_file,
        ),
        row(
            "excerpt_lines_per_bundle",
            bundle.count(),
            policy.excerpt_lines_per_bundle,
        ),
        row(
            "excerpt_lines_per_review",
            review.count(),
            policy.excerpt_lines_per_review,
        ),
    ]
}

/// Lines of contents.
#[derive(Default)]
struct Lines(BTreeMap<BlobId, Marks>);

impl Lines {
    fn add(&mut self, quote: &Quote) {
        self.0.entry(quote.blob).or_default().set(quote.span);
    }

    fn count(&self) -> u64 {
        self.0.values().map(Marks::lines).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Span;

    fn quote(finding: &str, path: &str, blob: u8, lines: (u32, u32)) -> Quote {
        Quote {
            finding: finding.into(),
            path: Some(RepoPath::new(path)),
            blob: BlobId::new([blob; 20]),
            span: Span::between(lines.0, lines.1),
        }
    }

    fn used(quotes: &[Quote], before: &[Quote]) -> Vec<u64> {
        let mut lines = Lines::default();
        before.iter().for_each(|quote| lines.add(quote));
        let budgets = excerpts(quotes, &lines.0, &Policy::default());
        budgets.iter().map(|b| b.used).collect()
    }

    #[test]
    fn each_amount_is_counted_as_its_key_says() {
        let one = quote("a/F1", "a.c", 1, (1, 3));
        // Longest, of a finding, of a file, of the bundle, of the review.
        for (quotes, before, want) in [
            (vec![], vec![one.clone()], vec![]),
            (vec![one.clone()], vec![], vec![3, 3, 3, 3, 3]),
            (vec![one.clone()], vec![one.clone()], vec![3, 3, 3, 3, 3]),
            (
                vec![one.clone()],
                vec![quote("b/F1", "a.c", 1, (3, 9))],
                vec![3, 3, 3, 3, 9],
            ),
            // The next lines by another finding: one excerpt, counted apart by finding.
            (
                vec![one.clone(), quote("a/F2", "a.c", 1, (4, 5))],
                vec![],
                vec![5, 3, 5, 5, 5],
            ),
            // A copy under another path is the same content.
            (
                vec![one.clone(), quote("a/F2", "b.c", 1, (7, 8))],
                vec![],
                vec![3, 3, 5, 5, 5],
            ),
            // Another release of a file is the same file.
            (
                vec![one.clone(), quote("a/F2", "a.c", 2, (7, 8))],
                vec![],
                vec![3, 3, 5, 5, 5],
            ),
            // Another file.
            (
                vec![one.clone(), quote("a/F1", "b.c", 2, (7, 8))],
                vec![],
                vec![3, 5, 3, 5, 5],
            ),
            // The same lines twice.
            (
                vec![one.clone(), quote("a/F2", "a.c", 1, (2, 3))],
                vec![],
                vec![3, 3, 3, 3, 3],
            ),
        ] {
            assert_eq!(used(&quotes, &before), want, "{quotes:?} {before:?}");
        }
    }
}
