//! Pure text: lines, decoding, widths, what may be shown.

mod flag;
mod normalise;

pub use flag::FlagKind;
pub use normalise::{Keep, normalise, normalise_each};
