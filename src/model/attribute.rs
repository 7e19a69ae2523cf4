//! Extended attributes of files: which of them a bundle may carry.

/// Returns whether the operating system or the file system gives a file an attribute of this name by itself: labels of
/// security modules, and what file systems of other systems show of a file. Everything else was put there, can hold
/// anything, and is seen by none of the stock tools that check a bundle.
pub fn is_set_by_system(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 9] = [
        b"security.selinux",
        b"security.ima",
        b"security.evm",
        b"security.apparmor",
        b"security.SMACK64",
        b"system.dos_attrib",
        b"system.nfs4_acl",
        b"system.cifs_acl",
        b"system.smb3_acl",
    ];
    NAMES.contains(&name) || name.starts_with(b"system.ntfs_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_system_sets_is_passed() {
        for (name, is_passed) in [
            ("security.selinux", true),
            ("system.ntfs_acl", true),
            ("user.note", false),
            ("user.selinux", false),
            ("security.capability", false),
            ("security.selinux2", false),
            ("system.posix_acl_access", false),
            ("trusted.overlay.x", false),
        ] {
            assert_eq!(is_set_by_system(name.as_bytes()), is_passed, "{name}");
        }
    }
}
