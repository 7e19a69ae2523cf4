//! Work that combines floor 1, and the workers that run it.
