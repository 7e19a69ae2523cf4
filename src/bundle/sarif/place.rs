//! Artifacts and locations.

use crate::bundle::place;
use crate::bundle::render::BundleInput;
use crate::model::{
    Anchor, AnchorExtent, BlobId, Location, LocationFacts, LocationRole, OutgoingField, PathDetail,
    RepoPath, TextVisitor, WholeKind, closed_fields, outgoing_fields,
};
use crate::text::Encoding;
use serde::{Serialize, Serializer};
use std::fmt;

/// A text of the program's own.
#[derive(Clone, Serialize)]
pub struct PlainText {
    pub text: &'static str,
}

/// A file that results are in.
#[derive(Serialize)]
pub struct SarifArtifact {
    pub location: ArtifactLocation,
    /// The encoding by its IANA name; missing for a file that is no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<EncodingName>,
}

/// An encoding by the name that IANA registers, where there is one.
pub struct EncodingName(pub Encoding);

impl Serialize for EncodingName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self.0.name() {
            "UTF-8 BOM" => "UTF-8",
            "gb18030" => "GB18030",
            name => name,
        })
    }
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SarifLocation {
    pub physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logical_locations: Vec<LogicalLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<LocationMessage>,
}

/// What a location is to the finding: `sink: the copy`.
#[derive(Clone, Serialize)]
pub struct LocationMessage {
    pub text: LocationWords,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PhysicalLocation {
    pub artifact_location: ArtifactLocation,
    /// Missing if the artifact is meant as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<SarifRegion>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactLocation {
    pub uri: ArtifactUri,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri_base_id: Option<&'static str>,
    /// Position in the artifacts of the run.
    pub index: usize,
    /// The path as a person reads it, if that is not the reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<PathDescription>,
    pub properties: ArtifactBlob,
}

#[derive(Clone, Serialize)]
pub struct PathDescription {
    pub text: RepoPath,
}

#[derive(Clone, Serialize)]
pub struct ArtifactBlob {
    pub blob: BlobId,
}

/// The lines or bytes of an artifact.
#[derive(Clone, Serialize)]
#[serde(untagged)]
pub enum SarifRegion {
    /// Whole lines; the columns say so to readers that need them.
    #[serde(rename_all = "camelCase")]
    Lines {
        start_line: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        start_column: Option<u32>,
        end_line: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        end_column: Option<u32>,
    },
    /// Bytes of a binary file.
    #[serde(rename_all = "camelCase")]
    Bytes { byte_offset: u64, byte_length: u64 },
}

impl SarifRegion {
    fn new(extent: AnchorExtent, facts: LocationFacts) -> Option<Self> {
        match extent {
            AnchorExtent::Lines(span) => Some(Self::Lines {
                start_line: span.start(),
                start_column: facts.end_column.map(|_| 1),
                end_line: span.end(),
                end_column: facts.end_column,
            }),
            AnchorExtent::Bytes(bytes) => Some(Self::Bytes {
                byte_offset: bytes.offset(),
                byte_length: bytes.length(),
            }),
            AnchorExtent::Whole(_) => None,
        }
    }
}

/// The definition around a location.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogicalLocation {
    pub fully_qualified_name: SymbolInBlob,
}

/// A symbol and the blob whose text holds it.
#[derive(Clone)]
pub struct SymbolInBlob {
    pub blob: BlobId,
    pub symbol: String,
}

impl Serialize for SymbolInBlob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.symbol)
    }
}
impl OutgoingField for SymbolInBlob {
    fn visit_texts(&self, item: &str, _: &'static str, visitor: &mut dyn TextVisitor) {
        visitor.visit_symbol(item, &self.blob, &self.symbol);
    }
}

/// The role of a location and the reviewer's words for it.
#[derive(Clone)]
pub struct LocationWords {
    pub role: Option<LocationRole>,
    pub label: String,
}

impl fmt::Display for LocationWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.role, self.label.as_str()) {
            (None, label) => f.write_str(label),
            (Some(role), "") => write!(f, "{role}"),
            (Some(role), label) => write!(f, "{role}: {label}"),
        }
    }
}

impl Serialize for LocationWords {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where a file is: its path as a relative reference, or its blob.
#[derive(Clone, PartialEq, Eq)]
pub enum ArtifactUri {
    /// A path, as far as the policy lets it leave.
    Path(RepoPath),
    /// The path of a folder, as far as the policy lets it leave.
    Folder(RepoPath),
    /// The top folder of the snapshot.
    Top,
    /// The id alone, after the kind of the object.
    Object(&'static str, BlobId),
}

impl fmt::Display for ArtifactUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.write_str(&place::uri(path)),
            Self::Folder(path) => write!(f, "{}/", place::uri(path)),
            Self::Top => f.write_str("./"),
            Self::Object(kind, id) => write!(f, "urn:git:{kind}:{id}"),
        }
    }
}

impl Serialize for ArtifactUri {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl OutgoingField for ArtifactUri {
    fn visit_texts(&self, item: &str, _: &'static str, visitor: &mut dyn TextVisitor) {
        match self {
            Self::Path(path) | Self::Folder(path) => path.visit_texts(item, "path", visitor),
            Self::Top => {}
            Self::Object(_, id) => id.visit_texts(item, "blob", visitor),
        }
    }
}

/// The artifacts of a run, numbered as they first appear.
#[derive(Default)]
pub struct ArtifactTable {
    pub rows: Vec<SarifArtifact>,
}

impl ArtifactTable {
    /// Returns a location of a finding, whose artifact is in the table from now on.
    pub fn locate(&mut self, location: &Location, input: &BundleInput<'_>) -> SarifLocation {
        let anchor = &location.anchor;
        let facts = input.facts_of(anchor);
        let symbol = anchor.symbol.clone().map(|symbol| LogicalLocation {
            fully_qualified_name: SymbolInBlob {
                blob: anchor.blob,
                symbol,
            },
        });
        let message = || LocationMessage {
            text: LocationWords {
                role: location.role,
                label: location.label.clone(),
            },
        };
        SarifLocation {
            physical_location: PhysicalLocation {
                artifact_location: self.artifact(anchor, facts.encoding, input.policy.paths),
                region: SarifRegion::new(anchor.extent, facts),
            },
            logical_locations: symbol.into_iter().collect(),
            message: (!location.typed().is_empty()).then(message),
        }
    }

    fn artifact(
        &mut self,
        anchor: &Anchor,
        encoding: Option<Encoding>,
        paths: PathDetail,
    ) -> ArtifactLocation {
        let blob = anchor.blob;
        let uri = match (place::shown(&anchor.path, paths), anchor.extent.whole()) {
            (Some(_), Some(WholeKind::Snapshot)) => ArtifactUri::Top,
            (Some(path), Some(WholeKind::Folder)) => ArtifactUri::Folder(path),
            (Some(path), _) => ArtifactUri::Path(path),
            (None, _) => ArtifactUri::Object(place::object_kind(anchor.extent), blob),
        };
        let is_it =
            |row: &SarifArtifact| row.location.properties.blob == blob && row.location.uri == uri;
        if let Some(known) = self.rows.iter().find(|row| is_it(row)) {
            return known.location.clone();
        }
        let location = ArtifactLocation {
            uri_base_id: match paths {
                PathDetail::Full => Some("SNAPSHOT"),
                // Relative to the top it could name another file.
                PathDetail::LastTwo => Some("UNNAMED_FOLDER"),
                PathDetail::BlobId => None,
            },
            index: self.rows.len(),
            description: match &uri {
                ArtifactUri::Path(path) | ArtifactUri::Folder(path)
                    if !uri.to_string().starts_with(&path.to_string()) =>
                {
                    Some(PathDescription { text: path.clone() })
                }
                _ => None,
            },
            properties: ArtifactBlob { blob },
            uri,
        };
        self.rows.push(SarifArtifact {
            location: location.clone(),
            encoding: encoding.map(EncodingName),
        });
        location
    }
}

outgoing_fields!(PlainText => { text });
outgoing_fields!(SarifArtifact => { location, encoding });
closed_fields!(EncodingName);
outgoing_fields!(SarifLocation => { physical_location, logical_locations, message });
outgoing_fields!(LocationMessage => { text });
outgoing_fields!(LocationWords => { role, label });
outgoing_fields!(PhysicalLocation => { artifact_location, region });
outgoing_fields!(ArtifactLocation => { uri, uri_base_id, index, description, properties });
outgoing_fields!(PathDescription => { text: "path" });
outgoing_fields!(ArtifactBlob => { blob });
closed_fields!(SarifRegion);
outgoing_fields!(LogicalLocation => { fully_qualified_name });
