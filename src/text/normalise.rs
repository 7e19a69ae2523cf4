//! Text with everything dropped that a copy may change.
