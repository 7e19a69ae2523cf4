//! Pure text: bytes to text with the encoding named, lines, case folding, and what may be shown.

#[rustfmt::skip]
mod frequent;
mod blanks;
mod decode;
mod encoding;
mod flag;
mod fold;
mod fuzzy;
mod grouped;
mod guess;
mod invisible;
mod line_ends;
mod line_hash;
mod lines;
mod mixed;
mod normalise;
mod printable;
mod quote;
mod ruler;
#[cfg(test)]
mod samples;
mod spellings;
mod wide;

pub use blanks::{Tidied, tidy_blanks};
pub use decode::{Content, decode, decode_as};
pub use encoding::Encoding;
pub use flag::FlagKind;
pub use fold::{fold, fold_char};
pub use fuzzy::{Fuzzy, narrows};
pub use grouped::grouped;
pub use invisible::hidden;
pub use line_ends::{LineEnds, odd_line_ends};
pub use line_hash::{LineHash, line_hashes};
pub use lines::{LineIndex, column, count_lines, strip_end};
pub use mixed::{Decoded, decode_name};
pub use normalise::{Keep, normalise, normalise_each};
pub use printable::{CellKind, Piece, Printer, badge, flags, printable, width};
pub use quote::quoted;
pub use ruler::{Ruler, Waypoints, widened};
pub use spellings::{composed, decomposed, spellings};
pub use wide::{StringSources, WideStrings};
