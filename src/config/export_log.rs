//! Where the export log lies: what left this machine is remembered apart from the reviews.
//!
//! ```text
//! <home>/export-log-<uid>.jsonl                              wherever the home is
//! <account's data folder>/glassroom/export-log-<uid>.jsonl   so that another home does not begin to count anew
//! ```
//!
//! The files lie in the home itself and in no folder of their own: in a home that accounts share, whoever makes a folder
//! owns it, and the owner may remove what others have in it, sticky or not.
//!
//! Where the machine's policy fixes `data_folder`, that one alone is written: all accounts share it. Otherwise the
//! account's own folder is written too. Where the machine has a policy, the account's folder is also looked up in
//! `/etc/passwd`, because `HOME` and `XDG_DATA_HOME` are the reviewer's to set.

use super::write::make_folder;
use super::{Error, Home, InForce};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// One folder that holds the export log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportLogFolder {
    /// Where it is.
    pub path: PathBuf,
    /// Whether other accounts may read what is written: the home is the lab's, and they write there too.
    pub is_shared: bool,
    /// Whether exports are written to it; otherwise it is only read.
    pub is_written: bool,
    /// Whether it is the one of the home in use, without which nothing is exported.
    pub is_of_home: bool,
}

impl ExportLogFolder {
    /// Makes the folder, for its owner only, if there is none.
    pub fn create(&self) -> Result<(), Error> {
        make_folder(&self.path)
    }
}

/// Returns the folders that hold the export log, that of the home first; `account_data` is the account's own data folder,
/// `machine` the policy without a review.
pub fn export_log_folders(
    home: &Home,
    account_data: Option<PathBuf>,
    machine: &InForce,
) -> Vec<ExportLogFolder> {
    let listed = machine
        .machine
        .and_then(|_| std::fs::read_to_string("/etc/passwd").ok())
        .and_then(|text| passwd_home(&text, rustix::process::getuid().as_raw()))
        .map(|home| home.join(".local/share/glassroom"));
    let is_fixed = !machine.policy.data_folder.is_empty();
    let mut folders = vec![ExportLogFolder {
        path: home.root().to_owned(),
        is_shared: is_open_to_others(home.root()),
        is_written: true,
        is_of_home: true,
    }];
    for path in [account_data, listed].into_iter().flatten() {
        if folders.iter().all(|known| known.path != path) {
            folders.push(ExportLogFolder {
                path,
                is_shared: false,
                is_written: !is_fixed,
                is_of_home: false,
            });
        }
    }
    folders
}

/// Returns whether others than its owner may write a folder.
pub(super) fn is_open_to_others(folder: &Path) -> bool {
    std::fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o022 != 0)
}

/// Returns the home folder of an account in the form of passwd(5).
fn passwd_home(text: &str, account: u32) -> Option<PathBuf> {
    text.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [_, _, uid, _, _, home, _] = fields[..] else {
            return None;
        };
        (uid.parse() == Ok(account) && home.starts_with('/')).then(|| PathBuf::from(home))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Digest, Policy};

    #[test]
    fn the_home_comes_first_and_a_fixed_folder_is_the_only_one_written() {
        let home = Home::at(Path::new("/x/home")).unwrap();
        let own = Some(PathBuf::from("/x/account"));
        let free = export_log_folders(&home, own.clone(), &InForce::default());
        assert_eq!(free[0].path, Path::new("/x/home"));
        assert!(
            free.len() > 1 && free.iter().all(|f| f.is_written),
            "{free:?}"
        );
        let fixed = InForce {
            policy: Policy {
                data_folder: "/x/home".into(),
                ..Policy::default()
            },
            machine: Some(Digest::ZERO),
            review: None,
        };
        let fixed = export_log_folders(&home, own, &fixed);
        let written: Vec<_> = fixed.iter().filter(|f| f.is_written).collect();
        assert_eq!(written, [&free[0]]);
        assert!(fixed.len() > 1, "the others are read: {fixed:?}");
    }

    #[test]
    fn an_account_is_found_by_its_number() {
        let text = "root:x:0:0:root:/root:/bin/sh\n# odd\nalice:x:1001:1001:A:/home/alice:/bin/sh\n\
                    short:x:7\nno:x:8:8:::/bin/sh\n";
        let home = |account| passwd_home(text, account);
        assert_eq!(home(1001), Some("/home/alice".into()));
        assert_eq!(home(0), Some("/root".into()));
        for account in [7, 8, 9, 101] {
            assert_eq!(home(account), None, "{account}");
        }
    }

    #[test]
    fn a_home_that_is_open_to_accounts_holds_the_reviews_of_all() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        for (open, want) in [
            (0o700, 0o700),
            (0o750, 0o700),
            (0o770, 0o1770),
            (0o1777, 0o1777),
        ] {
            let root = folder.path().join(format!("{open:o}"));
            std::fs::create_dir(&root).unwrap();
            std::fs::set_permissions(&root, std::fs::Permissions::from_mode(open)).unwrap();
            let home = Home::at(&root).unwrap();
            let log = export_log_folders(&home, None, &InForce::default()).remove(0);
            assert_eq!(log.is_shared, want & 0o1000 != 0, "{open:o}");
            let review = home.review("r").unwrap();
            for _ in 0..2 {
                review.create().unwrap();
                assert_eq!(mode(&home.reviews_folder()), want, "{open:o}");
                assert_eq!(mode(review.root()), 0o700);
            }
        }
    }
}
