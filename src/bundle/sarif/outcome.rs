//! Results: the findings as SARIF has them.

use super::log::TaxonReference;
use super::place::SarifLocation;
use super::rule::RuleId;
use crate::bundle::page::{inline, paragraphs};
use crate::bundle::render::label;
use crate::bundle::report::{handling, heading};
use crate::model::{
    Audience, ChosenName, Finding, ItemNumber, OutgoingField, Reference, Score, Severity, Status,
    TextVisitor, Vector, outgoing_fields,
};
use crate::text::LineHash;
use serde::{Serialize, Serializer};
use std::fmt;
use std::rc::Rc;
use uuid::Uuid;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SarifResult {
    pub rule_id: RuleId,
    pub rule_index: usize,
    pub kind: &'static str,
    pub level: &'static str,
    pub message: ResultMessage,
    pub guid: Uuid,
    pub partial_fingerprints: Fingerprints,
    /// The sink alone: SARIF wants several locations only where each has to be changed, and most readers take the first
    /// for the place of the finding.
    pub locations: Vec<SarifLocation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related_locations: Vec<SarifLocation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub code_flows: Vec<CodeFlow>,
    /// Empty for a finding that is open: a missing list would say that nobody knows.
    pub suppressions: Vec<Suppression>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taxa: Vec<TaxonReference>,
    pub properties: ResultProperties,
}

#[derive(Serialize)]
pub struct Fingerprints {
    #[serde(rename = "glassroomFinding/v1")]
    pub finding: Uuid,
    /// What GitHub takes two results for the same by.
    #[serde(
        rename = "primaryLocationLineHash",
        skip_serializing_if = "Option::is_none"
    )]
    pub line_hash: Option<LineHash>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeFlow {
    pub thread_flows: [ThreadFlow; 1],
}

#[derive(Serialize)]
pub struct ThreadFlow {
    pub locations: Vec<FlowStep>,
}

#[derive(Serialize)]
pub struct FlowStep {
    pub location: SarifLocation,
}

/// Why a finding is not open any more.
#[derive(Serialize)]
pub struct Suppression {
    pub kind: &'static str,
    pub status: &'static str,
    pub justification: Justification,
}

/// The status and the reason that was given for it.
pub struct Justification {
    pub status: Status,
    pub why: String,
}

impl fmt::Display for Justification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.why.as_str() {
            "" => write!(f, "{}", self.status),
            why => write!(f, "{}: {why}", self.status),
        }
    }
}
impl Serialize for Justification {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Suppression {
    /// Returns the suppression of a finding that is decided; none of one that is open.
    pub fn of(finding: &Finding) -> Option<Self> {
        if finding.status == Status::Open {
            return None;
        }
        let decision = finding.history.iter().rev();
        let mut decision = decision.filter(|change| change.status == finding.status);
        Some(Self {
            kind: "external",
            status: "accepted",
            justification: Justification {
                status: finding.status,
                why: decision.next().map_or(String::new(), |c| c.why.clone()),
            },
        })
    }
}

/// The message of a result: the same words twice.
#[derive(Serialize)]
pub struct ResultMessage {
    pub text: TextMessage,
    pub markdown: MarkdownMessage,
}

impl ResultMessage {
    /// Puts the words of a finding together.
    pub fn of(finding: &Finding) -> Self {
        let words = Rc::new(MessageWords {
            reviewer: finding.reviewer.clone(),
            number: finding.number,
            title: finding.title.clone(),
            audience: finding.audience,
            paragraphs: finding
                .words
                .each()
                .into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|(what, text)| (what, text.to_owned()))
                .collect(),
        });
        Self {
            text: TextMessage(Rc::clone(&words)),
            markdown: MarkdownMessage(words),
        }
    }
}

/// The words of a message. It begins with the number of the finding, so that a list of messages names them and no cell of
/// a table begins with a sign that a spreadsheet takes for a formula.
struct MessageWords {
    reviewer: String,
    number: u32,
    title: String,
    audience: Audience,
    paragraphs: Vec<(&'static str, String)>,
}

impl MessageWords {
    fn name(&self) -> String {
        label(&self.reviewer, 'F', self.number)
    }

    /// Returns the end of the first sentence: some readers show no more.
    fn stop(&self) -> &'static str {
        if self
            .title
            .ends_with(['.', '!', '?', '\u{3002}', '\u{2026}'])
        {
            ""
        } else {
            "."
        }
    }

    /// Returns who may read the finding, if not everybody who may read the bundle.
    fn handling(&self) -> Option<&'static str> {
        (self.audience == Audience::Agency).then(|| handling(self.audience))
    }

    fn visit(&self, item: &str, visitor: &mut dyn TextVisitor) {
        visitor.visit_name(item, "reviewer", &self.reviewer);
        visitor.visit_text(item, "title", &self.title);
        for (field, text) in &self.paragraphs {
            visitor.visit_text(item, field, text);
        }
    }
}

/// A message as plain text, with an empty line between its paragraphs.
pub struct TextMessage(Rc<MessageWords>);

impl fmt::Display for TextMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = &self.0;
        write!(f, "{}: {}{}", words.name(), words.title, words.stop())?;
        if let Some(handling) = words.handling() {
            write!(f, "\n\nHandling: {handling}.")?;
        }
        for (what, text) in &words.paragraphs {
            write!(f, "\n\n{}: {text}", heading(what))?;
        }
        Ok(())
    }
}

/// A message as Markdown, in which every text shows as it is.
pub struct MarkdownMessage(Rc<MessageWords>);

impl fmt::Display for MarkdownMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = &self.0;
        let name = inline(&words.name());
        write!(f, "**{name}: {}{}**", inline(&words.title), words.stop())?;
        if let Some(handling) = words.handling() {
            write!(f, "\n\n**Handling: {handling}.**")?;
        }
        for (what, text) in &words.paragraphs {
            write!(
                f,
                "\n\n**{}.** {}",
                heading(what),
                paragraphs(text, "").trim_end()
            )?;
        }
        Ok(())
    }
}

macro_rules! message_form {
    ($($form:ident),+) => { $(
        impl Serialize for $form {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl OutgoingField for $form {
            fn visit_texts(&self, item: &str, _: &'static str, visitor: &mut dyn TextVisitor) {
                self.0.visit(item, visitor);
            }
        }
    )+ };
}
message_form!(TextMessage, MarkdownMessage);

#[derive(Serialize)]
pub struct ResultProperties {
    pub number: String,
    pub reviewer: String,
    pub severity: Severity,
    pub status: Status,
    /// Who may read it.
    pub audience: Audience,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cvss: Vec<Vector>,
    /// The scores of each vector, in the same order.
    #[serde(rename = "cvssScores", skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<VectorScores>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<ReferenceWords>,
}

/// The scores of a vector.
#[derive(Serialize)]
pub struct VectorScores {
    pub base: Score,
    pub overall: Score,
}

/// A reference as one string.
pub struct ReferenceWords(pub Reference);

impl Serialize for ReferenceWords {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
impl OutgoingField for ReferenceWords {
    fn visit_texts(&self, item: &str, _: &'static str, visitor: &mut dyn TextVisitor) {
        self.0.visit_texts(item, "reference", visitor);
    }
}

outgoing_fields!(SarifResult, item = |result| result.properties.number => {
    rule_id, rule_index, kind, level, message, guid, partial_fingerprints, locations, related_locations, code_flows,
    suppressions, taxa, properties,
});
outgoing_fields!(Fingerprints => { finding, line_hash });
outgoing_fields!(CodeFlow => { thread_flows });
outgoing_fields!(ThreadFlow => { locations });
outgoing_fields!(FlowStep => { location });
outgoing_fields!(Suppression => { kind, status, justification });
outgoing_fields!(Justification => { status, why: "reason" });
outgoing_fields!(ResultMessage => { text, markdown });
outgoing_fields!(ResultProperties => {
    number as ItemNumber, reviewer as ChosenName, severity, status, audience, cvss, scores, references,
});
outgoing_fields!(VectorScores => { base, overall });
