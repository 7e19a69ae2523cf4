//! `findings.sarif`: SARIF 2.1.0 with our own types, for the readers that other tools have.
//!
//! It holds no snippet, context region, artifact contents, fix or attachment: those would carry code.

mod format;

use crate::bundle::place;
use crate::bundle::render::{BundleInput, label};
use crate::model::{Anchor, Finding, Kind, Location, Note, NoteKind, PathDetail, Severity, cwe};
use format::{
    Artifact, Base, Bases, Blob, CodeFlow, Component, Described, Driver, Fingerprints, Id, Log,
    Mapped, Outcome, Physical, Properties, Provenance, Region, Run, Spot, SpotText, Step, Taxon,
    Taxonomy, Text, ThreadFlow, Tool,
};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The rules and weaknesses in use, numbered as they first appear.
#[derive(Default)]
struct Tables {
    rules: Vec<Described>,
    taxa: Vec<Described>,
}

fn row(rows: &mut Vec<Described>, id: String, title: Option<&str>) -> usize {
    rows.iter().position(|r| r.id == id).unwrap_or_else(|| {
        let short_description = title.map(|t| Text { text: t.to_owned() });
        rows.push(Described {
            id,
            short_description,
        });
        rows.len() - 1
    })
}

/// Returns the file's bytes and the typed texts in the order in which they stand in it.
pub fn render(input: &BundleInput<'_>) -> (Vec<u8>, Vec<(String, String)>) {
    let mut tables = Tables::default();
    let mut typed = Vec::new();
    let mut results = Vec::new();
    for finding in input.findings() {
        results.push(finding_outcome(
            finding,
            input.policy.paths,
            &mut tables,
            &mut typed,
        ));
    }
    let remarks = input.notes(NoteKind::Remark);
    for note in input.notes(NoteKind::Question).chain(remarks) {
        results.push(note_outcome(
            note,
            input.policy.paths,
            &mut tables,
            &mut typed,
        ));
    }
    let description = Text {
        text: "The top folder of the reviewed commit.".to_owned(),
    };
    let supported = if tables.taxa.is_empty() {
        vec![]
    } else {
        vec![Component {
            name: "CWE",
            index: 0,
        }]
    };
    let taxonomy = Taxonomy {
        name: "CWE",
        version: cwe::VERSION,
        organization: "MITRE",
        is_comprehensive: false,
        short_description: Text {
            text: "Common Weakness Enumeration".to_owned(),
        },
        taxa: tables.taxa,
    };
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: "Glassroom",
                version: input.program.version.to_owned(),
                supported_taxonomies: supported,
                rules: tables.rules,
            },
        },
        automation_details: Id {
            id: format!("{}/{}", input.review_name, input.number),
        },
        version_control_provenance: [Provenance {
            repository_uri: format!("urn:git:{}", input.delivery.tree),
            revision_id: input.delivery.commit.to_string(),
            mapped_to: Mapped {
                uri_base_id: "SNAPSHOT",
            },
        }],
        original_uri_base_ids: Bases {
            snapshot: Base { description },
        },
        column_kind: "unicodeCodePoints",
        taxonomies: if taxonomy.taxa.is_empty() {
            vec![]
        } else {
            vec![taxonomy]
        },
        results,
    };
    (
        crate::bundle::manifest::json(&Log {
            schema: SCHEMA,
            version: "2.1.0",
            runs: [run],
        }),
        typed,
    )
}

fn finding_outcome(
    finding: &Finding,
    paths: PathDetail,
    tables: &mut Tables,
    typed: &mut Vec<(String, String)>,
) -> Outcome {
    let (rule_id, title) = match finding.cwe.first() {
        Some(id) => (format!("CWE-{id}"), cwe::title(*id)),
        None => (finding.kind.word().to_owned(), None),
    };
    let taxa = finding.cwe.iter().map(|id| Taxon {
        id: id.to_string(),
        index: row(&mut tables.taxa, id.to_string(), cwe::title(*id)),
        tool_component: Component {
            name: "CWE",
            index: 0,
        },
    });
    let taxa = taxa.collect();
    let (kind, level) = match (finding.kind, finding.severity) {
        (Kind::Pass, _) => ("pass", "none"),
        (_, Severity::Critical | Severity::High) => ("fail", "error"),
        (_, Severity::Medium) => ("fail", "warning"),
        _ => ("fail", "note"),
    };
    let number = label(&finding.reviewer, 'F', finding.number);
    typed.push((format!("{number} title"), finding.title.clone()));
    let mut text = finding.title.clone();
    for (what, words) in finding.words.each() {
        if !words.is_empty() {
            typed.push((format!("{number} {what}"), words.to_owned()));
            text = format!("{text}\n\n{words}");
        }
    }
    let locations: Vec<Spot> = finding.locations.iter().map(|l| spot(l, paths)).collect();
    let mut labels = || {
        for location in &finding.locations {
            typed.push((format!("{number} label"), location.label.clone()));
        }
    };
    labels();
    let mut code_flows = Vec::new();
    if finding.is_trail && locations.len() > 1 {
        labels();
        let steps = locations
            .iter()
            .map(|l| Step {
                location: l.clone(),
            })
            .collect();
        code_flows.push(CodeFlow {
            thread_flows: [ThreadFlow { locations: steps }],
        });
    }
    Outcome {
        rule_index: row(&mut tables.rules, rule_id.clone(), title),
        rule_id,
        kind,
        level,
        message: Text { text },
        guid: finding.id.to_string(),
        partial_fingerprints: Fingerprints {
            finding: finding.id.to_string(),
        },
        locations,
        code_flows,
        taxa,
        properties: Properties {
            number,
            reviewer: finding.reviewer.clone(),
            severity: Some(finding.severity),
            status: Some(finding.status),
            cvss: finding.cvss.clone(),
            references: finding.references.iter().map(ToString::to_string).collect(),
        },
    }
}

fn note_outcome(
    note: &Note,
    paths: PathDetail,
    tables: &mut Tables,
    typed: &mut Vec<(String, String)>,
) -> Outcome {
    let number = label(&note.reviewer, note.kind.letter(), note.number);
    let (rule, title, kind) = match note.kind {
        NoteKind::Question => ("question", "A question to the vendor", "open"),
        _ => ("remark", "A remark", "informational"),
    };
    typed.push((format!("{number} text"), note.text.clone()));
    typed.push((format!("{number} label"), note.location.label.clone()));
    Outcome {
        rule_index: row(&mut tables.rules, rule.to_owned(), Some(title)),
        rule_id: rule.to_owned(),
        kind,
        level: "none",
        message: Text {
            text: note.text.clone(),
        },
        guid: note.id.to_string(),
        partial_fingerprints: Fingerprints {
            finding: note.id.to_string(),
        },
        locations: vec![spot(&note.location, paths)],
        code_flows: Vec::new(),
        taxa: Vec::new(),
        properties: Properties {
            number,
            reviewer: note.reviewer.clone(),
            severity: None,
            status: None,
            cvss: Vec::new(),
            references: Vec::new(),
        },
    }
}

fn spot(location: &Location, paths: PathDetail) -> Spot {
    let Anchor {
        blob, path, span, ..
    } = &location.anchor;
    let text = || SpotText {
        text: location.typed(),
    };
    Spot {
        physical_location: Physical {
            artifact_location: Artifact {
                uri: place::shown(path, paths)
                    .map_or_else(|| format!("urn:git:blob:{blob}"), |p| place::uri(&p)),
                // The last two parts of a path are relative to a folder that is not named.
                uri_base_id: (paths == PathDetail::Full).then_some("SNAPSHOT"),
                properties: Blob {
                    blob: blob.to_string(),
                },
            },
            region: Region {
                start_line: span.start(),
                end_line: span.end(),
            },
        },
        message: (!location.typed().is_empty()).then(text),
    }
}
