//! The part of SARIF 2.1.0 that we write, field for field as the schema names them.

use super::super::markup::uri;
use crate::bundle::schema::ReviewName;
use crate::model::{
    BlobId, ChosenName, CommitId, GitUrn, ItemNumber, LocationRole, OutgoingField, Reference,
    RepoPath, Severity, Status, TextVisitor, Vector, Weakness, outgoing_fields,
};
use serde::{Serialize, Serializer};
use std::fmt;
use uuid::Uuid;

#[derive(Serialize)]
pub struct Log {
    #[serde(rename = "$schema")]
    pub schema: &'static str,
    pub version: &'static str,
    pub runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    pub tool: Tool,
    pub automation_details: Automation,
    pub version_control_provenance: [Provenance; 1],
    pub original_uri_base_ids: Bases,
    pub column_kind: &'static str,
    pub taxonomies: Vec<FirstTaxonomy>,
    pub results: Vec<Outcome>,
}

#[derive(Serialize)]
pub struct Tool {
    pub driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Driver {
    pub name: &'static str,
    pub version: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub supported_taxonomies: Vec<Component>,
    pub rules: Vec<Described>,
}

#[derive(Serialize)]
pub struct Automation {
    pub id: RunName,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    pub repository_uri: String,
    pub revision_id: CommitId,
    pub mapped_to: Mapped,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mapped {
    pub uri_base_id: &'static str,
}

#[derive(Serialize)]
pub struct Bases {
    #[serde(rename = "SNAPSHOT")]
    pub snapshot: Base,
}

#[derive(Serialize)]
pub struct Base {
    pub description: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FirstTaxonomy {
    pub name: &'static str,
    pub version: &'static str,
    pub organization: &'static str,
    pub is_comprehensive: bool,
    pub short_description: Text,
    pub taxa: Vec<Described>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Described {
    pub id: FirstRuleId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_description: Option<Text>,
}

#[derive(Serialize)]
pub struct Component {
    pub name: &'static str,
    pub index: usize,
}

/// A text of the program's own.
#[derive(Serialize)]
pub struct Text {
    pub text: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    pub rule_id: FirstRuleId,
    pub rule_index: usize,
    pub kind: &'static str,
    pub level: &'static str,
    pub message: Message,
    pub guid: Uuid,
    pub partial_fingerprints: FirstFingerprints,
    pub locations: Vec<Spot>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub code_flows: Vec<FirstCodeFlow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taxa: Vec<Taxon>,
    pub properties: Properties,
}

#[derive(Serialize)]
pub struct FirstFingerprints {
    #[serde(rename = "glassroomFinding/v1")]
    pub finding: Uuid,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spot {
    pub physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<SpotText>,
}

/// What a location is to the finding: `sink: the copy`.
#[derive(Clone, Serialize)]
pub struct SpotText {
    pub text: SpotWords,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Physical {
    pub artifact_location: Artifact,
    pub region: Region,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    pub uri: FirstArtifactUri,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri_base_id: Option<&'static str>,
    pub properties: Blob,
}

#[derive(Clone, Serialize)]
pub struct Blob {
    pub blob: BlobId,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Region {
    pub start_line: u32,
    pub end_line: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FirstCodeFlow {
    pub thread_flows: [FirstThreadFlow; 1],
}

#[derive(Serialize)]
pub struct FirstThreadFlow {
    pub locations: Vec<Step>,
}

#[derive(Serialize)]
pub struct Step {
    pub location: Spot,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Taxon {
    pub id: FirstRuleId,
    pub index: usize,
    pub tool_component: Component,
}

#[derive(Serialize)]
pub struct Properties {
    pub number: String,
    pub reviewer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cvss: Vec<Vector>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<ReferenceText>,
}

/// Writes a value as the string that it is printed as.
macro_rules! serialized_as_printed {
    ($($type:ty),+) => { $(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+ };
}
serialized_as_printed!(
    RunName,
    FirstRuleId,
    MessageText,
    SpotWords,
    FirstArtifactUri,
    ReferenceText
);

/// The name of a run: the review and the number of the bundle.
pub struct RunName {
    pub review: String,
    pub number: u64,
}

impl fmt::Display for RunName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.review, self.number)
    }
}

/// The id of a rule or of a weakness in its taxonomy.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum FirstRuleId {
    /// `CWE-120`.
    Weakness(u32),
    /// `120`.
    Taxon(u32),
    /// A word of the program's own.
    Word(&'static str),
}

impl fmt::Display for FirstRuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weakness(id) => write!(f, "CWE-{id}"),
            Self::Taxon(id) => write!(f, "{id}"),
            Self::Word(word) => f.write_str(word),
        }
    }
}

impl OutgoingField for FirstRuleId {
    fn visit_texts(&self, item: &str, _: &'static str, visitor: &mut dyn TextVisitor) {
        match self {
            Self::Weakness(id) | Self::Taxon(id) => {
                Weakness(id).visit_texts(item, "cwe", visitor);
            }
            Self::Word(word) => word.visit_texts(item, "rule", visitor),
        }
    }
}

/// The message of a result: its texts with an empty line between.
#[derive(Serialize)]
pub struct Message {
    pub text: MessageText,
}

/// The texts of a message, each under its name.
pub struct MessageText(pub Vec<(&'static str, String)>);

impl fmt::Display for MessageText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (_, text)) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n\n")?;
            }
            f.write_str(text)?;
        }
        Ok(())
    }
}

impl OutgoingField for MessageText {
    fn visit_texts(&self, item: &str, _: &'static str, visitor: &mut dyn TextVisitor) {
        let Self(texts) = self;
        for (field, text) in texts {
            visitor.visit_text(item, field, text);
        }
    }
}

/// The role of a location and the reviewer's words for it.
#[derive(Clone)]
pub struct SpotWords {
    pub role: Option<LocationRole>,
    pub label: String,
}

impl fmt::Display for SpotWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.role, self.label.as_str()) {
            (None, label) => f.write_str(label),
            (Some(role), "") => write!(f, "{role}"),
            (Some(role), label) => write!(f, "{role}: {label}"),
        }
    }
}

/// Where a file is: its path as a relative reference, or its blob.
#[derive(Clone)]
pub enum FirstArtifactUri {
    /// A path, as far as the policy lets it leave.
    Path(RepoPath),
    /// The blob alone.
    Blob(BlobId),
}

impl fmt::Display for FirstArtifactUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.write_str(&uri(path)),
            Self::Blob(blob) => write!(f, "urn:git:blob:{blob}"),
        }
    }
}

impl OutgoingField for FirstArtifactUri {
    fn visit_texts(&self, item: &str, _: &'static str, visitor: &mut dyn TextVisitor) {
        match self {
            Self::Path(path) => path.visit_texts(item, "path", visitor),
            Self::Blob(blob) => blob.visit_texts(item, "blob", visitor),
        }
    }
}

/// A reference as one string.
pub struct ReferenceText(pub Reference);

impl fmt::Display for ReferenceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl OutgoingField for ReferenceText {
    fn visit_texts(&self, item: &str, _: &'static str, visitor: &mut dyn TextVisitor) {
        let Self(reference) = self;
        reference.visit_texts(item, "reference", visitor);
    }
}

outgoing_fields!(Log => { schema, version, runs });
outgoing_fields!(Run => {
    tool, automation_details, version_control_provenance, original_uri_base_ids, column_kind, taxonomies, results,
});
outgoing_fields!(Tool => { driver });
outgoing_fields!(Driver => { name, version as ChosenName, supported_taxonomies, rules });
outgoing_fields!(Automation => { id });
outgoing_fields!(RunName => { review as ReviewName, number });
outgoing_fields!(Provenance => { repository_uri as GitUrn, revision_id, mapped_to });
outgoing_fields!(Mapped => { uri_base_id });
outgoing_fields!(Bases => { snapshot });
outgoing_fields!(Base => { description });
outgoing_fields!(FirstTaxonomy => { name, version, organization, is_comprehensive, short_description, taxa });
outgoing_fields!(Described => { id, short_description });
outgoing_fields!(Component => { name, index });
outgoing_fields!(Text => { text });
outgoing_fields!(Outcome, item = |o| o.properties.number => {
    rule_id, rule_index, kind, level, message, guid, partial_fingerprints, locations, code_flows, taxa, properties,
});
outgoing_fields!(Message => { text });
outgoing_fields!(FirstFingerprints => { finding });
outgoing_fields!(Spot => { physical_location, message });
outgoing_fields!(SpotText => { text });
outgoing_fields!(SpotWords => { role, label });
outgoing_fields!(Physical => { artifact_location, region });
outgoing_fields!(Artifact => { uri, uri_base_id, properties });
outgoing_fields!(Blob => { blob });
outgoing_fields!(Region => { start_line, end_line });
outgoing_fields!(FirstCodeFlow => { thread_flows });
outgoing_fields!(FirstThreadFlow => { locations });
outgoing_fields!(Step => { location });
outgoing_fields!(Taxon => { id, index, tool_component });
outgoing_fields!(Properties => {
    number as ItemNumber, reviewer as ChosenName, severity, status, cvss, references,
});
