//! Owns the terminal and the loop.
