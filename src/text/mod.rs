//! Pure text: lines, decoding, widths, what may be shown.

mod flag;

pub use flag::FlagKind;
