//! Text to token classes.
