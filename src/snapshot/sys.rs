//! The library's process-wide options, set once before anything else of it is used.
//!
//! The only file of the module that may use `unsafe`: git2 marks these setters unsafe because they write C
//! globals without a lock. Every path into git2 in this program goes through [`prepare`] first, and `Once`
//! keeps a second thread waiting until the globals are written.
#![allow(unsafe_code)]

use git2::{ConfigLevel, opts};
use std::sync::Once;

/// Beneath a device nothing can ever be created, so no configuration is ever found there.
const NOWHERE: &str = "/dev/null";
/// Bytes of commits and trees that libgit2 may keep; it keeps no blobs.
const CACHE_BYTES: isize = 32 << 20;
/// Packs kept open at once, well below the usual limit of 1,024 descriptors.
const OPEN_PACKS: usize = 256;

/// Cuts the library off from every configuration file of the machine and bounds its memory.
pub(super) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        const WHY: &str = "an option that is known to the linked library only stores a value";
        for level in [
            ConfigLevel::ProgramData,
            ConfigLevel::System,
            ConfigLevel::XDG,
            ConfigLevel::Global,
        ] {
            // SAFETY: no other thread is inside the library yet; see the module's header.
            unsafe { opts::set_search_path(level, NOWHERE) }.expect(WHY);
        }
        // SAFETY: as above.
        unsafe { opts::set_cache_max_size(CACHE_BYTES) }.expect(WHY);
        // SAFETY: as above.
        unsafe { opts::set_mwindow_file_limit(OPEN_PACKS) }.expect(WHY);
        opts::strict_hash_verification(true);
    });
}
