//! The part of SARIF 2.1.0 that we write, field for field as the schema names them.

use crate::model::{Severity, Status, Vector};
use serde::Serialize;

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
    pub automation_details: Id,
    pub version_control_provenance: [Provenance; 1],
    pub original_uri_base_ids: Bases,
    pub column_kind: &'static str,
    pub taxonomies: Vec<Taxonomy>,
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
pub struct Id {
    pub id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    pub repository_uri: String,
    pub revision_id: String,
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
pub struct Taxonomy {
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
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_description: Option<Text>,
}

#[derive(Serialize)]
pub struct Component {
    pub name: &'static str,
    pub index: usize,
}

#[derive(Serialize)]
pub struct Text {
    pub text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    pub rule_id: String,
    pub rule_index: usize,
    pub kind: &'static str,
    pub level: &'static str,
    pub message: Text,
    pub guid: String,
    pub partial_fingerprints: Fingerprints,
    pub locations: Vec<Spot>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub code_flows: Vec<CodeFlow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taxa: Vec<Taxon>,
    pub properties: Properties,
}

#[derive(Serialize)]
pub struct Fingerprints {
    #[serde(rename = "glassroomFinding/v1")]
    pub finding: String,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spot {
    pub physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<SpotText>,
}

#[derive(Clone, Serialize)]
pub struct SpotText {
    pub text: String,
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
    pub uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri_base_id: Option<&'static str>,
    pub properties: Blob,
}

#[derive(Clone, Serialize)]
pub struct Blob {
    pub blob: String,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Region {
    pub start_line: u32,
    pub end_line: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeFlow {
    pub thread_flows: [ThreadFlow; 1],
}

#[derive(Serialize)]
pub struct ThreadFlow {
    pub locations: Vec<Step>,
}

#[derive(Serialize)]
pub struct Step {
    pub location: Spot,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Taxon {
    pub id: String,
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
    pub references: Vec<String>,
}
