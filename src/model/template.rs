//! Templates of findings, from the reviewer's configuration.

/// A template: values for fields of a finding that are still empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// What the reviewer calls it.
    pub name: String,
    /// Values by the names of the fields, see [`TEMPLATE_KEYS`].
    pub values: Vec<(String, String)>,
}

/// The fields that a template may fill.
pub const TEMPLATE_KEYS: &[&str] = &[
    "title",
    "severity",
    "kind",
    "cwe",
    "statement",
    "consequence",
    "confirm",
    "exploit",
    "recommendation",
    "confidence",
    "priority",
    "difficulty",
    "category",
    "cvss",
    "references",
    "audience",
];
