//! The check that no vendor code leaves.
