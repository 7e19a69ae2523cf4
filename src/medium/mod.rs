//! Safe writing to removable media.
