//! A vendor's snapshot, read through git2 without its configuration.
