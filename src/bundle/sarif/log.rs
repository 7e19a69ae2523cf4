//! The log and its runs, field for field as the schema names them.

use super::outcome::SarifResult;
use super::place::{PlainText, SarifArtifact};
use super::rule::SarifRule;
use crate::bundle::schema::{PolicyLabel, ReviewName};
use crate::model::{
    Audience, ChosenName, CommitId, GitUrn, OutgoingField, TextVisitor, Weakness, outgoing_fields,
};
use serde::{Serialize, Serializer};
use std::fmt;

#[derive(Serialize)]
pub struct SarifLog {
    #[serde(rename = "$schema")]
    pub schema: &'static str,
    pub version: &'static str,
    pub runs: Vec<SarifRun>,
}

/// The findings in one commit.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SarifRun {
    pub tool: SarifTool,
    pub automation_details: AutomationDetails,
    pub version_control_provenance: [VersionControlDetails; 1],
    pub original_uri_base_ids: UriBases,
    pub column_kind: &'static str,
    pub artifacts: Vec<SarifArtifact>,
    pub taxonomies: Vec<Taxonomy>,
    pub results: Vec<SarifResult>,
    pub properties: RunProperties,
}

#[derive(Serialize)]
pub struct SarifTool {
    pub driver: ToolDriver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolDriver {
    pub name: &'static str,
    pub full_name: FullName,
    pub version: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub supported_taxonomies: Vec<TaxonomyReference>,
    pub rules: Vec<SarifRule>,
}

/// The program with its version.
pub struct FullName(pub String);

impl fmt::Display for FullName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Glassroom {}", self.0)
    }
}
impl Serialize for FullName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl OutgoingField for FullName {
    fn visit_texts(&self, item: &str, _: &'static str, visitor: &mut dyn TextVisitor) {
        ChosenName(&self.0).visit_texts(item, "version", visitor);
    }
}

#[derive(Serialize)]
pub struct AutomationDetails {
    pub id: RunId,
}

/// The identity of a run: trackers take what is before the last `/` for a category in which a later run takes the place of
/// an earlier one. Findings in a commit other than the bundle's are a category of their own.
pub struct RunId {
    pub review: String,
    pub other_commit: Option<CommitId>,
    pub number: u64,
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.other_commit {
            Some(commit) => write!(f, "{}/{commit}/{}", self.review, self.number),
            None => write!(f, "{}/{}", self.review, self.number),
        }
    }
}
impl Serialize for RunId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionControlDetails {
    pub repository_uri: String,
    pub revision_id: CommitId,
    pub mapped_to: UriBase,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UriBase {
    pub uri_base_id: &'static str,
}

/// The folders to which the references of artifacts are relative. Neither has a URI: the snapshot is a tree of git, and
/// where the policy cuts paths the folder is not named.
#[derive(Serialize)]
pub struct UriBases {
    #[serde(rename = "SNAPSHOT")]
    pub snapshot: BaseDescription,
    #[serde(rename = "UNNAMED_FOLDER", skip_serializing_if = "Option::is_none")]
    pub unnamed_folder: Option<BaseDescription>,
}

#[derive(Serialize)]
pub struct BaseDescription {
    pub description: PlainText,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Taxonomy {
    pub name: &'static str,
    pub version: &'static str,
    pub organization: &'static str,
    pub is_comprehensive: bool,
    pub short_description: PlainText,
    pub taxa: Vec<TaxonDescription>,
}

/// A weakness as its taxonomy describes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxonDescription {
    pub id: TaxonId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_description: Option<PlainText>,
}

/// The number of a weakness in its taxonomy: `120`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TaxonId(pub u32);

impl Serialize for TaxonId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
impl OutgoingField for TaxonId {
    fn visit_texts(&self, item: &str, _: &'static str, visitor: &mut dyn TextVisitor) {
        Weakness(&self.0).visit_texts(item, "cwe", visitor);
    }
}

#[derive(Serialize)]
pub struct TaxonomyReference {
    pub name: &'static str,
    pub index: usize,
}

/// The weakness of a result: a reference to its taxonomy.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxonReference {
    pub id: TaxonId,
    pub index: usize,
    pub tool_component: TaxonomyReference,
}

#[derive(Serialize)]
pub struct RunProperties {
    /// The label of the policy: how the whole document is to be handled.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Who the bundle is for.
    pub audience: Audience,
}

outgoing_fields!(SarifLog => { schema, version, runs });
outgoing_fields!(SarifRun => {
    tool, automation_details, version_control_provenance, original_uri_base_ids, column_kind, artifacts, taxonomies,
    results, properties,
});
outgoing_fields!(SarifTool => { driver });
outgoing_fields!(ToolDriver => { name, full_name, version as ChosenName, supported_taxonomies, rules });
outgoing_fields!(AutomationDetails => { id });
outgoing_fields!(RunId => { review as ReviewName, other_commit, number });
outgoing_fields!(VersionControlDetails => { repository_uri as GitUrn, revision_id, mapped_to });
outgoing_fields!(UriBase => { uri_base_id });
outgoing_fields!(UriBases => { snapshot, unnamed_folder });
outgoing_fields!(BaseDescription => { description });
outgoing_fields!(Taxonomy => { name, version, organization, is_comprehensive, short_description, taxa });
outgoing_fields!(TaxonDescription => { id, short_description });
outgoing_fields!(TaxonomyReference => { name, index });
outgoing_fields!(TaxonReference => { id, index, tool_component });
outgoing_fields!(RunProperties => { label as PolicyLabel, audience });
