//! `findings.sarif`: SARIF 2.1.0 with our own types, for the readers that other tools have.
//!
//! There is a run for each commit that findings are in, because a run has one provenance: a reader would show the lines of
//! another release otherwise. Findings of the kind `pass`, questions and comments are in no run: most readers know no result
//! that is no defect, and count them as warnings. They are in `findings.json` and the reports.
//!
//! It holds no snippet, context region, artifact contents, fix or attachment: those would carry code.

mod log;
mod outcome;
mod place;
mod rule;

use crate::bundle::render::{BundleInput, label};
use crate::bundle::typed::TypedTexts;
use crate::model::{CommitId, Finding, Kind, LocationRole, PathDetail, Typed, cwe};
use log::{
    AutomationDetails, BaseDescription, FullName, RunId, RunProperties, SarifLog, SarifRun,
    SarifTool, TaxonDescription, TaxonId, TaxonReference, Taxonomy, TaxonomyReference, ToolDriver,
    UriBase, UriBases, VersionControlDetails,
};
use outcome::{
    CodeFlow, Fingerprints, FlowStep, ReferenceWords, ResultMessage, ResultProperties, SarifResult,
    Suppression, ThreadFlow, VectorScores,
};
use place::{ArtifactTable, PlainText};
use rule::{RuleId, SarifRule, level};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The rules, weaknesses and artifacts of a run, numbered as they first appear.
#[derive(Default)]
struct RunTables {
    rules: Vec<SarifRule>,
    taxa: Vec<TaxonDescription>,
    artifacts: ArtifactTable,
}

impl RunTables {
    fn rule(&mut self, id: RuleId) -> usize {
        let known = self.rules.iter().position(|rule| rule.id == id);
        known.unwrap_or_else(|| {
            self.rules.push(SarifRule::new(id));
            self.rules.len() - 1
        })
    }

    fn taxon(&mut self, id: u32) -> TaxonReference {
        let id = TaxonId(id);
        let known = self.taxa.iter().position(|taxon| taxon.id == id);
        let index = known.unwrap_or_else(|| {
            self.taxa.push(TaxonDescription {
                id,
                short_description: cwe::title(id.0).map(|text| PlainText { text }),
            });
            self.taxa.len() - 1
        });
        TaxonReference {
            id,
            index,
            tool_component: CWE,
        }
    }
}

const CWE: TaxonomyReference = TaxonomyReference {
    name: "CWE",
    index: 0,
};

/// Returns the file's bytes and the free texts in it.
pub fn render(input: &BundleInput<'_>) -> (Vec<u8>, Vec<Typed>) {
    let log = SarifLog {
        schema: SCHEMA,
        version: "2.1.0",
        runs: commits(input)
            .into_iter()
            .map(|commit| run(commit, input))
            .collect(),
    };
    let bytes = crate::bundle::manifest::json(&log);
    let mut typed = TypedTexts::new("findings.sarif", input.delivered);
    typed.visit(&log);
    let typed = typed.finish_in(&bytes);
    (bytes, typed)
}

/// Returns the findings that claim something.
fn claims<'a>(input: &BundleInput<'a>) -> impl Iterator<Item = &'a Finding> + use<'a> {
    input
        .findings()
        .filter(|finding| finding.kind != Kind::Pass)
}

/// Returns the bundle's commit, and then the others that findings are in, as they first appear.
fn commits(input: &BundleInput<'_>) -> Vec<CommitId> {
    let mut commits = vec![input.delivery.commit];
    for finding in claims(input) {
        if !commits.contains(&finding.commit) {
            commits.push(finding.commit);
        }
    }
    commits
}

fn run(commit: CommitId, input: &BundleInput<'_>) -> SarifRun {
    let mut tables = RunTables::default();
    let findings = claims(input).filter(|finding| finding.commit == commit);
    let results = findings.map(|f| result(f, input, &mut tables)).collect();
    // Every finding is in a snapshot that the ledgers name; a commit is an object of git as well.
    let repository_uri = match input.tree_of(commit) {
        Some(tree) => format!("urn:git:{tree}"),
        None => format!("urn:git:{commit}"),
    };
    let is_cut = input.policy.paths == PathDetail::LastTwo;
    let described = |text| BaseDescription {
        description: PlainText { text },
    };
    let has_taxa = !tables.taxa.is_empty();
    SarifRun {
        tool: SarifTool {
            driver: ToolDriver {
                name: "Glassroom",
                full_name: FullName(input.program.version.to_owned()),
                version: input.program.version.to_owned(),
                supported_taxonomies: has_taxa.then_some(CWE).into_iter().collect(),
                rules: tables.rules,
            },
        },
        automation_details: AutomationDetails {
            id: RunId {
                review: input.review_name.to_owned(),
                other_commit: (commit != input.delivery.commit).then_some(commit),
                number: input.number,
            },
        },
        version_control_provenance: [VersionControlDetails {
            repository_uri,
            revision_id: commit,
            mapped_to: UriBase {
                uri_base_id: "SNAPSHOT",
            },
        }],
        original_uri_base_ids: UriBases {
            snapshot: described("The top folder of the reviewed commit."),
            unnamed_folder: is_cut.then(|| described("A folder that the policy does not name.")),
        },
        column_kind: "unicodeCodePoints",
        artifacts: tables.artifacts.rows,
        taxonomies: has_taxa
            .then_some(Taxonomy {
                name: "CWE",
                version: cwe::VERSION,
                organization: "MITRE",
                is_comprehensive: false,
                short_description: PlainText {
                    text: "Common Weakness Enumeration",
                },
                taxa: tables.taxa,
            })
            .into_iter()
            .collect(),
        results,
        properties: RunProperties {
            label: input.policy.label.clone(),
            audience: input.audience,
        },
    }
}

/// Returns the position of the location that a finding is at: the last sink; of a trace without one its end; else the first.
fn primary(finding: &Finding) -> usize {
    let is_sink = |at: &usize| finding.locations[*at].role == Some(LocationRole::Sink);
    let last = finding.locations.len().saturating_sub(1);
    let end = if finding.is_trail { last } else { 0 };
    (0..finding.locations.len())
        .rev()
        .find(is_sink)
        .unwrap_or(end)
}

fn result(finding: &Finding, input: &BundleInput<'_>, tables: &mut RunTables) -> SarifResult {
    let rule_id = RuleId::of(finding);
    let primary = primary(finding);
    let mut places = Vec::new();
    for location in &finding.locations {
        places.push(tables.artifacts.locate(location, input));
    }
    let steps: Vec<FlowStep> = places
        .iter()
        .filter(|_| finding.is_trail && places.len() > 1)
        .map(|location| FlowStep {
            location: location.clone(),
        })
        .collect();
    let flow = CodeFlow {
        thread_flows: [ThreadFlow { locations: steps }],
    };
    let is_flow = !flow.thread_flows[0].locations.is_empty();
    let locations = if primary < places.len() {
        vec![places.remove(primary)]
    } else {
        Vec::new()
    };
    let at = finding.locations.get(primary);
    SarifResult {
        rule_index: tables.rule(rule_id),
        rule_id,
        kind: "fail",
        level: level(finding.severity),
        message: ResultMessage::of(finding),
        guid: finding.id,
        partial_fingerprints: Fingerprints {
            finding: finding.id,
            line_hash: at.and_then(|at| input.facts_of(&at.anchor).line_hash),
        },
        locations,
        related_locations: places,
        code_flows: is_flow.then_some(flow).into_iter().collect(),
        suppressions: Suppression::of(finding).into_iter().collect(),
        taxa: finding.cwe.iter().map(|id| tables.taxon(*id)).collect(),
        properties: ResultProperties {
            number: label(&finding.reviewer, 'F', finding.number),
            reviewer: finding.reviewer.clone(),
            severity: finding.severity,
            status: finding.status,
            audience: finding.audience,
            cvss: finding.cvss.clone(),
            scores: finding
                .cvss
                .iter()
                .map(|vector| VectorScores {
                    base: vector.base(),
                    overall: vector.overall(),
                })
                .collect(),
            references: finding
                .references
                .iter()
                .cloned()
                .map(ReferenceWords)
                .collect(),
        },
    }
}
