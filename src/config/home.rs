//! Where things lie.
//!
//! ```text
//! <home>/config.toml  themes/  demo/  export-log-<uid>.jsonl
//! <home>/reviews/<name>/policy.toml  review.toml  ledger/  index/  objects/  archive/
//! ```

use super::export_log::is_open_to_others;
use super::write::{make_folder, make_private, make_shared};
use super::{Environment, Error};
use crate::model::Policy;
use sha2::{Digest, Sha256};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The folder that holds a reviewer's settings and reviews.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// Finds the folder: the policy's `data_folder`, because the lab's word binds; else `GLASSROOM_HOME`, else
    /// `glassroom` in the account's data folder. Makes nothing.
    pub fn locate(environment: &Environment, policy: &Policy) -> Result<Self, Error> {
        let fixed = (!policy.data_folder.is_empty()).then(|| PathBuf::from(&policy.data_folder));
        let own = || directories::BaseDirs::new().map(|dirs| dirs.data_dir().join("glassroom"));
        let root = fixed
            .or_else(|| environment.home.clone())
            .or_else(own)
            .ok_or(Error::NoHome)?;
        Self::at(&root)
    }

    /// Takes the given folder, made absolute so that a later change of folder does not move it.
    pub fn at(root: &Path) -> Result<Self, Error> {
        let absolute = std::path::absolute(root);
        let root = absolute.map_err(|source| Error::Folder {
            path: root.to_owned(),
            source,
        })?;
        Ok(Self { root })
    }

    /// Returns the folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }
    /// Returns where the settings are read from.
    pub fn settings_file(&self) -> PathBuf {
        self.root.join("config.toml")
    }
    /// Returns where the reviewer's own themes lie.
    pub fn themes(&self) -> PathBuf {
        self.root.join("themes")
    }
    /// Returns where the built-in demo snapshot is unpacked.
    pub fn demo(&self) -> PathBuf {
        self.root.join("demo")
    }
    /// Returns where the reviews lie.
    pub fn reviews_folder(&self) -> PathBuf {
        self.root.join("reviews")
    }

    /// Makes the folder, for its owner only.
    pub fn create(&self) -> Result<(), Error> {
        make_folder(&self.root)
    }

    /// Returns the folder of a review, whether or not it exists.
    pub fn review(&self, name: &str) -> Result<ReviewFolder, Error> {
        if !is_review_name(name) {
            let name = name.chars().filter(|c| !c.is_control()).take(100).collect();
            return Err(Error::ReviewName { name });
        }
        Ok(ReviewFolder {
            name: name.to_owned(),
            root: self.reviews_folder().join(name),
        })
    }

    /// Lists the reviews that exist, by name. Links, files and odd names are no reviews.
    pub fn reviews(&self) -> Result<Vec<ReviewFolder>, Error> {
        let folder = self.reviews_folder();
        let failed = |source| Error::Folder {
            path: folder.clone(),
            source,
        };
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(failed(source)),
        };
        let mut reviews = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let is_folder = entry.file_type().map_err(failed)?.is_dir();
            if let Some(name) = entry.file_name().to_str()
                && is_folder
                && let Ok(review) = self.review(name)
            {
                reviews.push(review);
            }
        }
        reviews.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(reviews)
    }
}

/// The folder of one review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewFolder {
    name: String,
    root: PathBuf,
}

impl ReviewFolder {
    /// Returns the name of the review.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// Returns the folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }
    /// Returns where the review's own policy is read from.
    pub fn policy_file(&self) -> PathBuf {
        self.root.join("policy.toml")
    }
    /// Returns where it is written which snapshots the review is of, see [`super::ReviewRecord`].
    pub fn record_file(&self) -> PathBuf {
        self.root.join("review.toml")
    }
    /// Returns where the reviewer's search queries are kept, see [`crate::model::Queries`].
    pub fn queries_file(&self) -> PathBuf {
        self.root.join("queries.toml")
    }
    /// Returns where a reviewer's drafts are kept.
    pub fn drafts_file(&self, reviewer: &str) -> PathBuf {
        self.root.join(format!("drafts-{reviewer}.json"))
    }
    /// Returns where older versions kept a reviewer's one draft.
    pub fn single_draft_file(&self, reviewer: &str) -> PathBuf {
        self.root.join(format!("draft-{reviewer}.json"))
    }
    /// Returns where the ledgers lie.
    pub fn ledger(&self) -> PathBuf {
        self.root.join("ledger")
    }
    /// Returns where the index lies. It holds vendor code.
    pub fn index(&self) -> PathBuf {
        self.root.join("index")
    }
    /// Returns where objects out of git bundles lie. They are vendor code.
    pub fn objects(&self) -> PathBuf {
        self.root.join("objects")
    }
    /// Returns where the texts of the deliveries lie that are not in the index, see [`crate::archive`]. They are vendor code;
    /// the list of their ids is none.
    pub fn archive(&self) -> PathBuf {
        self.root.join("archive")
    }
    /// Returns whether the review was ever begun.
    pub fn exists(&self) -> bool {
        std::fs::symlink_metadata(&self.root).is_ok_and(|found| found.is_dir())
    }

    /// Makes the folder and those in it, for their owner only; folders that are there are closed to others.
    pub fn create(&self) -> Result<(), Error> {
        if let Some(reviews) = self.root.parent() {
            // A home that the lab opened to several accounts holds the reviews of all of them.
            match reviews.parent().filter(|home| is_open_to_others(home)) {
                Some(home) => make_shared(reviews, home)?,
                None => make_folder(reviews)?,
            }
        }
        make_private(&self.root)?;
        [self.ledger(), self.index(), self.objects(), self.archive()]
            .iter()
            .try_for_each(|folder| make_private(folder))
    }
}

/// Review names are `[A-Za-z0-9._-]{1,100}` without a dot in front: they name a folder and are typed by hand.
fn is_review_name(name: &str) -> bool {
    (1..=100).contains(&name.len()) && !name.starts_with('.') && name.chars().all(is_name_letter)
}

fn is_name_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

/// Returns the name a review has by default: the stem, and eight digits of the SHA-256 of the path's bytes.
///
/// The path is the canonical one of the repository or bundle, so that the same delivery finds its review
/// again. What a name may not hold becomes `-`.
pub fn review_name(canonical: &Path, stem: &str) -> String {
    let digest = Sha256::digest(canonical.as_os_str().as_bytes());
    let stem: String = stem
        .chars()
        .map(|c| if is_name_letter(c) { c } else { '-' })
        .collect();
    let stem = stem.trim_matches(|c| c == '.' || c == '-');
    let stem = if stem.is_empty() {
        "snapshot"
    } else {
        &stem[..stem.len().min(91)]
    };
    let number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    format!("{stem}-{number:08x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_policy_then_the_variable_then_the_account() {
        let environment = Environment {
            home: Some("/a".into()),
            ..Environment::default()
        };
        let policy = Policy {
            data_folder: "/lab".to_owned(),
            ..Policy::default()
        };
        let root = |environment: &Environment, policy: &Policy| {
            Home::locate(environment, policy).unwrap().root().to_owned()
        };
        assert_eq!(root(&environment, &policy), Path::new("/lab"));
        assert_eq!(root(&environment, &Policy::default()), Path::new("/a"));
    }

    #[test]
    fn a_review_is_made_private_and_listed() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path()).unwrap();
        assert!(home.reviews().unwrap().is_empty());
        let review = home.review("acme-1234abcd").unwrap();
        assert!(!review.exists());
        review.create().unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for path in [
            review.root(),
            &review.ledger(),
            &review.index(),
            &review.objects(),
            &home.reviews_folder(),
        ] {
            assert_eq!(mode(path), 0o700, "{}", path.display());
        }
        std::fs::set_permissions(review.index(), std::fs::Permissions::from_mode(0o755)).unwrap();
        review.create().unwrap();
        assert_eq!(mode(&review.index()), 0o700);
        std::fs::write(home.reviews_folder().join("file"), "").unwrap();
        std::os::unix::fs::symlink("/tmp", home.reviews_folder().join("link")).unwrap();
        let names: Vec<_> = home
            .reviews()
            .unwrap()
            .iter()
            .map(|r| r.name().to_owned())
            .collect();
        assert_eq!(names, ["acme-1234abcd"]);
        let error = home.review("link").unwrap().create().unwrap_err();
        assert!(matches!(error, Error::NotAFolder { .. }), "{error}");
    }

    #[test]
    fn names_that_would_leave_the_folder_are_refused() {
        let home = Home::at(Path::new("/x")).unwrap();
        for bad in [
            "",
            ".",
            "..",
            ".a",
            "a/b",
            "a b",
            "a\n",
            "é",
            &"a".repeat(101),
        ] {
            assert!(
                matches!(home.review(bad), Err(Error::ReviewName { .. })),
                "{bad}"
            );
        }
        assert!(home.review(&"a".repeat(100)).is_ok());
    }

    #[test]
    fn a_default_name_is_always_a_name() {
        // printf %s /srv/acme.git | sha256sum
        assert_eq!(
            review_name(Path::new("/srv/acme.git"), "acme"),
            "acme-ebcc28b3"
        );
        let home = Home::at(Path::new("/x")).unwrap();
        for stem in ["", "..", "größe 2.4", "../../etc", &"a".repeat(300), "\0"] {
            let name = review_name(Path::new("/srv/acme"), stem);
            assert!(home.review(&name).is_ok(), "{name}");
        }
    }
}
