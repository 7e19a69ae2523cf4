//! The signed findings bundle.
