//! What language a file is.
