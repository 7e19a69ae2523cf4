//! The picture of the state.
