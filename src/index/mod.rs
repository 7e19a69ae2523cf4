//! The search index and the text store.
