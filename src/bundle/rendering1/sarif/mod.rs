//! `findings.sarif`: SARIF 2.1.0 with our own types, for the readers that other tools have.
//!
//! It holds no snippet, context region, artifact contents, fix or attachment: those would carry code.

mod format;

use crate::bundle::place;
use crate::bundle::render::{BundleInput, label};
use crate::bundle::typed::TypedTexts;
use crate::model::{
    Anchor, Finding, Kind, Location, Note, NoteKind, PathDetail, Severity, Typed, cwe,
};
use format::{
    Artifact, Automation, Base, Bases, Blob, Component, Described, Driver, FirstArtifactUri,
    FirstCodeFlow, FirstFingerprints, FirstRuleId, FirstTaxonomy, FirstThreadFlow, Log, Mapped,
    Message, MessageText, Outcome, Physical, Properties, Provenance, ReferenceText, Region, Run,
    RunName, Spot, SpotText, SpotWords, Step, Taxon, Text, Tool,
};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The rules and weaknesses in use, numbered as they first appear.
#[derive(Default)]
struct Tables {
    rules: Vec<Described>,
    taxa: Vec<Described>,
}

fn row(rows: &mut Vec<Described>, id: FirstRuleId, title: Option<&'static str>) -> usize {
    rows.iter().position(|r| r.id == id).unwrap_or_else(|| {
        let short_description = title.map(|text| Text { text });
        rows.push(Described {
            id,
            short_description,
        });
        rows.len() - 1
    })
}

/// Returns the file's bytes and the free texts in it.
pub fn render(input: &BundleInput<'_>) -> (Vec<u8>, Vec<Typed>) {
    let mut tables = Tables::default();
    let mut results = Vec::new();
    for finding in input.findings() {
        results.push(finding_outcome(finding, input.policy.paths, &mut tables));
    }
    let remarks = input.notes(NoteKind::Remark);
    for note in input.notes(NoteKind::Question).chain(remarks) {
        results.push(note_outcome(note, input.policy.paths, &mut tables));
    }
    let description = Text {
        text: "The top folder of the reviewed commit.",
    };
    let supported = if tables.taxa.is_empty() {
        vec![]
    } else {
        vec![Component {
            name: "CWE",
            index: 0,
        }]
    };
    let taxonomy = FirstTaxonomy {
        name: "CWE",
        version: cwe::VERSION,
        organization: "MITRE",
        is_comprehensive: false,
        short_description: Text {
            text: "Common Weakness Enumeration",
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
        automation_details: Automation {
            id: RunName {
                review: input.review_name.to_owned(),
                number: input.number,
            },
        },
        version_control_provenance: [Provenance {
            repository_uri: format!("urn:git:{}", input.delivery.tree),
            revision_id: input.delivery.commit,
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
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [run],
    };
    let bytes = crate::bundle::manifest::json(&log);
    let mut typed = TypedTexts::new("findings.sarif", input.delivered);
    typed.visit(&log);
    let typed = typed.finish_in(&bytes);
    (bytes, typed)
}

fn finding_outcome(finding: &Finding, paths: PathDetail, tables: &mut Tables) -> Outcome {
    let (rule_id, title) = match finding.cwe.first() {
        Some(id) => (FirstRuleId::Weakness(*id), cwe::title(*id)),
        None => (FirstRuleId::Word(finding.kind.word()), None),
    };
    let taxa = finding.cwe.iter().map(|id| Taxon {
        id: FirstRuleId::Taxon(*id),
        index: row(&mut tables.taxa, FirstRuleId::Taxon(*id), cwe::title(*id)),
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
    let mut texts = vec![("title", finding.title.clone())];
    let words = finding.words.each().into_iter();
    texts.extend(
        words
            .filter(|(_, text)| !text.is_empty())
            .map(|(what, text)| (what, text.to_owned())),
    );
    let locations: Vec<Spot> = finding.locations.iter().map(|l| spot(l, paths)).collect();
    let mut code_flows = Vec::new();
    if finding.is_trail && locations.len() > 1 {
        let steps = locations
            .iter()
            .map(|l| Step {
                location: l.clone(),
            })
            .collect();
        code_flows.push(FirstCodeFlow {
            thread_flows: [FirstThreadFlow { locations: steps }],
        });
    }
    Outcome {
        rule_index: row(&mut tables.rules, rule_id, title),
        rule_id,
        kind,
        level,
        message: Message {
            text: MessageText(texts),
        },
        guid: finding.id,
        partial_fingerprints: FirstFingerprints {
            finding: finding.id,
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
            references: finding
                .references
                .iter()
                .cloned()
                .map(ReferenceText)
                .collect(),
        },
    }
}

fn note_outcome(note: &Note, paths: PathDetail, tables: &mut Tables) -> Outcome {
    let number = label(&note.reviewer, note.kind.letter(), note.number);
    let (rule, title, kind) = match note.kind {
        NoteKind::Question => ("question", "A question to the vendor", "open"),
        _ => ("remark", "A remark", "informational"),
    };
    Outcome {
        rule_index: row(&mut tables.rules, FirstRuleId::Word(rule), Some(title)),
        rule_id: FirstRuleId::Word(rule),
        kind,
        level: "none",
        message: Message {
            text: MessageText(vec![("text", note.text.clone())]),
        },
        guid: note.id,
        partial_fingerprints: FirstFingerprints { finding: note.id },
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
    let Anchor { blob, path, .. } = &location.anchor;
    let span = super::span(&location.anchor);
    let text = || SpotText {
        text: SpotWords {
            role: location.role,
            label: location.label.clone(),
        },
    };
    Spot {
        physical_location: Physical {
            artifact_location: Artifact {
                uri: place::shown(path, paths)
                    .map_or(FirstArtifactUri::Blob(*blob), FirstArtifactUri::Path),
                // The last two parts of a path are relative to a folder that is not named.
                uri_base_id: (paths == PathDetail::Full).then_some("SNAPSHOT"),
                properties: Blob { blob: *blob },
            },
            region: Region {
                start_line: span.start(),
                end_line: span.end(),
            },
        },
        message: (!location.typed().is_empty()).then(text),
    }
}
