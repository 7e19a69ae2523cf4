//! What the process allows others to see of its memory.

use super::output::remark;
use rustix::process::{DumpableBehavior, Resource, Rlimit};

/// Keeps the memory, which may hold a passphrase, out of core dumps and away from other programs of the same account.
pub(super) fn protect_memory() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let is_limited = rustix::process::setrlimit(Resource::Core, none).is_ok();
    let behaviour = DumpableBehavior::NotDumpable;
    let is_closed = rustix::process::set_dumpable_behavior(behaviour).is_ok();
    if !(is_limited && is_closed) {
        remark(
            "the system does not let core dumps be turned off: a crash may write a passphrase to disk",
        );
    }
}
