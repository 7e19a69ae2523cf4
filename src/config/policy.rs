//! The lab's policy files.
//!
//! `/etc/glassroom/policy.toml` binds every review on the machine. It is trusted because it and its folder
//! belong to root and nobody else may write them; otherwise it is refused, not ignored. A review may add its
//! own `policy.toml`: a key that it sets counts where it is stricter, a key that it leaves out is the
//! machine's. Without a machine policy the review's stands alone over the defaults.

use super::table::{Table, open, read, read_open};
use super::{Error, ReviewFolder};
use crate::model::{CoverageDetail, Digest, Media, PathDetail, Policy};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Where the machine's policy is read from.
pub const MACHINE_POLICY: &str = "/etc/glassroom/policy.toml";

const PATHS: &[(&str, PathDetail)] = &[
    ("full", PathDetail::Full),
    ("last-two", PathDetail::LastTwo),
    ("blob-id", PathDetail::BlobId),
];
const COVERAGE: &[(&str, CoverageDetail)] = &[
    ("range", CoverageDetail::Range),
    ("file", CoverageDetail::File),
    ("directory", CoverageDetail::Directory),
    ("none", CoverageDetail::None),
];
const MEDIA: &[(&str, Media)] = &[("any", Media::Any), ("removable", Media::Removable)];

/// The policy in force, and what it was made of.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct InForce {
    /// What counts.
    pub policy: Policy,
    /// The digest of the machine's policy, if there is one.
    pub machine: Option<Digest>,
    /// The digest of the policy as the review's own file states it, if there is one.
    pub review: Option<Digest>,
}

impl InForce {
    /// Reads the machine's policy, and the review's if one is given.
    pub fn load(machine: &Path, review: Option<&ReviewFolder>) -> Result<Self, Error> {
        let machine = read_machine(machine)?;
        let base = machine.clone().unwrap_or_default();
        let review = match review {
            Some(review) => {
                let path = review.policy_file();
                read(&path)?
                    .map(|text| parse(&path, &text, base.clone()))
                    .transpose()?
            }
            None => None,
        };
        Ok(Self {
            machine: machine.as_ref().map(Policy::digest),
            review: review.as_ref().map(Policy::digest),
            policy: match (machine, review) {
                (Some(machine), Some(review)) => machine.stricter(review),
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => Policy::default(),
            },
        })
    }
}

fn read_machine(path: &Path) -> Result<Option<Policy>, Error> {
    let Some(file) = open(path)? else {
        return Ok(None);
    };
    let failed = |source| Error::Read {
        path: path.to_owned(),
        source,
    };
    // The open file is asked, not its name, so that it cannot be exchanged in between.
    check(path, &file.metadata().map_err(failed)?)?;
    if let Some(folder) = path.parent() {
        check(folder, &std::fs::metadata(folder).map_err(failed)?)?;
    }
    parse(path, &read_open(&file, path)?, Policy::default()).map(Some)
}

fn check(path: &Path, found: &Metadata) -> Result<(), Error> {
    check_owner(path, found.uid(), (found.gid(), found.mode()))
}

/// Refuses what root does not own or others may write; a group may if it is root's.
fn check_owner(path: &Path, owner: u32, (group, mode): (u32, u32)) -> Result<(), Error> {
    let path = path.to_owned();
    if owner != 0 {
        return Err(Error::NotRoots { path, owner });
    }
    if mode & 0o002 != 0 || (mode & 0o020 != 0 && group != 0) {
        return Err(Error::OpenToOthers {
            path,
            mode: mode & 0o7777,
        });
    }
    Ok(())
}

/// Reads a policy; what it does not say is as in `base`.
fn parse(path: &Path, text: &str, base: Policy) -> Result<Policy, Error> {
    let mut policy = base;
    let mut table = Table::parse(path, text)?;
    for (key, value) in [
        ("excerpt_lines", &mut policy.excerpt_lines),
        (
            "excerpt_lines_per_finding",
            &mut policy.excerpt_lines_per_finding,
        ),
        ("excerpt_lines_per_file", &mut policy.excerpt_lines_per_file),
        (
            "excerpt_lines_per_bundle",
            &mut policy.excerpt_lines_per_bundle,
        ),
        (
            "excerpt_lines_per_review",
            &mut policy.excerpt_lines_per_review,
        ),
        (
            "identifiers_per_finding",
            &mut policy.identifiers_per_finding,
        ),
        ("identifiers_per_bundle", &mut policy.identifiers_per_bundle),
    ] {
        if let Some(number) = table.integer(key, 0..=u64::from(u32::MAX))? {
            *value = number as u32;
        }
    }
    policy.paths = table.word("paths", PATHS)?.unwrap_or(policy.paths);
    policy.coverage = table.word("coverage", COVERAGE)?.unwrap_or(policy.coverage);
    policy.media = table.word("media", MEDIA)?.unwrap_or(policy.media);
    policy.second_signer = table
        .boolean("second_signer")?
        .unwrap_or(policy.second_signer);
    policy.gate_at_release = table
        .boolean("gate_at_release")?
        .unwrap_or(policy.gate_at_release);
    let largest = table.integer("max_bundle_bytes", 0..=i64::MAX as u64)?;
    policy.max_bundle_bytes = largest.unwrap_or(policy.max_bundle_bytes);
    if let Some((label, line)) = table.string("label")? {
        if label.chars().any(char::is_control) || label.chars().count() > 200 {
            return Err(table.wrong_value(
                "label",
                line,
                "must be one line of at most 200 characters",
            ));
        }
        policy.label = label;
    }
    if let Some((folder, line)) = table.string("data_folder")? {
        if !folder.is_empty() && !Path::new(&folder).is_absolute() {
            return Err(table.wrong_value(
                "data_folder",
                line,
                "must be an absolute path or empty",
            ));
        }
        policy.data_folder = folder;
    }
    table.finish()?;
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Home;

    fn parsed(text: &str) -> Result<Policy, Error> {
        parse(Path::new("policy.toml"), text, Policy::default())
    }

    #[test]
    fn the_canonical_text_reads_back_and_holds_every_key() {
        let policy = Policy {
            label: "ROOM \"7\" \\ ü".to_owned(),
            data_folder: "/lab".to_owned(),
            paths: PathDetail::LastTwo,
            coverage: CoverageDetail::None,
            media: Media::Removable,
            second_signer: true,
            gate_at_release: true,
            excerpt_lines: 7,
            ..Policy::default()
        };
        for policy in [policy, Policy::default()] {
            let text = policy.to_toml();
            assert_eq!(parsed(&text).unwrap(), policy);
            assert_eq!(toml::from_str::<Policy>(&text).unwrap(), policy);
            assert_eq!(text.lines().count(), 15);
        }
        assert_eq!(Policy::default().digest(), parsed("").unwrap().digest());
        assert_ne!(
            Policy::default().digest(),
            parsed("excerpt_lines = 1").unwrap().digest()
        );
    }

    #[test]
    fn mistakes_are_errors_with_their_line() {
        for (text, message) in [
            (
                "excerpt_line = 1\n",
                "policy.toml line 1: unknown key `excerpt_line`",
            ),
            (
                "\nmedia = \"usb\"\n",
                "policy.toml line 2: `media` must be one of any, removable",
            ),
            (
                "excerpt_lines = \"9\"\n",
                "policy.toml line 1: `excerpt_lines` must be a whole number, not string",
            ),
            (
                "excerpt_lines = -1\n",
                "policy.toml line 1: `excerpt_lines` must be from 0 to 4294967295",
            ),
            (
                "second_signer = 1\n",
                "policy.toml line 1: `second_signer` must be true or false, not integer",
            ),
            (
                "data_folder = \"x\"\n",
                "policy.toml line 1: `data_folder` must be an absolute path or empty",
            ),
            (
                "label = \"a\\nb\"\n",
                "policy.toml line 1: `label` must be one line of at most 200 characters",
            ),
        ] {
            assert_eq!(parsed(text).unwrap_err().to_string(), message);
        }
        assert!(parsed("media = \"removable\"\nmedia = \"any\"\n").is_err());
    }

    #[test]
    fn only_roots_closed_files_are_trusted() {
        let path = Path::new("/etc/glassroom/policy.toml");
        let check = |owner, group, mode| check_owner(path, owner, (group, mode));
        assert!(check(0, 0, 0o100_644).is_ok());
        assert!(check(0, 0, 0o100_664).is_ok());
        assert!(matches!(
            check(1000, 0, 0o100_644),
            Err(Error::NotRoots { owner: 1000, .. })
        ));
        assert!(matches!(
            check(0, 0, 0o100_646),
            Err(Error::OpenToOthers { mode: 0o646, .. })
        ));
        assert!(matches!(
            check(0, 100, 0o100_664),
            Err(Error::OpenToOthers { .. })
        ));
    }

    #[test]
    fn a_review_may_only_be_stricter() {
        let folder = tempfile::tempdir().unwrap();
        let none = folder.path().join("no-policy.toml");
        let review = Home::at(folder.path()).unwrap().review("r").unwrap();
        review.create().unwrap();
        assert_eq!(
            InForce::load(&none, Some(&review)).unwrap(),
            InForce::default()
        );
        std::fs::write(
            review.policy_file(),
            "excerpt_lines = 9\nsecond_signer = true\n",
        )
        .unwrap();
        let alone = InForce::load(&none, Some(&review)).unwrap();
        assert_eq!(
            (alone.policy.excerpt_lines, alone.policy.second_signer),
            (9, true)
        );
        assert!(alone.machine.is_none() && alone.review.is_some());

        // What InForce::load does with a machine's policy, without needing to be root.
        let machine = parsed("excerpt_lines = 5\nexcerpt_lines_per_file = 3\n").unwrap();
        let own = parse(
            Path::new("r"),
            "excerpt_lines = 9\nsecond_signer = true\n",
            machine.clone(),
        )
        .unwrap();
        let both = machine.stricter(own);
        assert_eq!(
            (
                both.excerpt_lines,
                both.excerpt_lines_per_file,
                both.second_signer
            ),
            (5, 3, true)
        );
    }

    #[test]
    fn a_machine_policy_that_others_may_write_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.toml");
        std::fs::write(&path, "excerpt_lines = 5\n").unwrap();
        let load = |mode: u32| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            InForce::load(&path, None)
        };
        assert!(load(0o666).is_err());
        let control = load(0o644);
        if std::fs::metadata(&path).unwrap().uid() == 0 {
            let policy = control.unwrap();
            assert_eq!(policy.policy.excerpt_lines, 5);
            assert_eq!(policy.machine, Some(policy.policy.digest()));
        } else {
            assert!(matches!(control, Err(Error::NotRoots { .. })));
        }
    }
}
