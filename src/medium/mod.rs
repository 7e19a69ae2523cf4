//! Removable media, and safe writing of a bundle's folder to one that may be full, read-only or pulled out.
//!
//! The files are written to `FOLDER.part`, synced, dropped from the cache, read again and compared; only then
//! is the folder renamed and its parent synced. So `FOLDER` is whole or not there. On any failure what was
//! there before is as it was, and `FOLDER.part` is removed as far as the medium still allows.
//!
//! No symbolic link is followed, in no part of the path: everything is done relative to open folders.
//! Nothing here decides what may be written, and nothing that exists is ever overwritten or removed.

mod add;
mod error;
mod list;
mod system;
mod write;

pub use add::add;
pub use error::MediumError;
pub use list::{Medium, is_removable, list};
pub use write::{is_safe_name, look, write};
