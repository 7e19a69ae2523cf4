//! What the rank of a file depends on besides its lines.

use super::plan::{Plan, What};
use crate::language::HEAD_BYTES;
use crate::model::{NameStanding, Rank};

/// Works out a file's rank. `holds` says which of the things looked for it holds.
pub(super) fn rank(
    plan: &Plan<'_>,
    file: u32,
    content: &[u8],
    holds: &dyn Fn(&usize) -> bool,
) -> Rank {
    let path = plan.corpus.path(file);
    let name = memchr::memrchr(b'/', path).map_or(path, |slash| &path[slash + 1..]);
    let named = plan.positive.iter().filter(|l| plan.is_named(**l, file));
    let standing = named.filter_map(|look| match &plan.looks[*look].what {
        What::Text { matcher, .. } => matcher.find_at(name, 0),
        What::Name { .. } => None,
    });
    Rank {
        name: standing.map(|found| of_name(name, found)).max(),
        terms: plan.positive.iter().filter(|look| holds(look)).count() as u16,
        of_terms: plan.positive.len() as u16,
        is_aside: plan
            .facts
            .is_aside(file, &content[..content.len().min(HEAD_BYTES)]),
    }
}

fn of_name(name: &[u8], (start, end): (usize, usize)) -> NameStanding {
    let stem = memchr::memrchr(b'.', name).filter(|dot| *dot > 0);
    match (start == 0, end == name.len() || Some(end) == stem) {
        (true, true) => NameStanding::Whole,
        (false, false) => NameStanding::Part,
        _ => NameStanding::Edge,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_or_without_its_extension() {
        for (name, found, want) in [
            ("auth.c", (0, 6), NameStanding::Whole),
            ("auth.c", (0, 4), NameStanding::Whole),
            ("auth.c", (0, 2), NameStanding::Edge),
            ("auth.c", (2, 4), NameStanding::Edge),
            ("auth.c", (1, 3), NameStanding::Part),
            (".gitignore", (1, 4), NameStanding::Part),
        ] {
            assert_eq!(of_name(name.as_bytes(), found), want, "{name}");
        }
    }
}
