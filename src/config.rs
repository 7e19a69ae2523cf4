//! Settings, folders, keys, themes and policy files.
