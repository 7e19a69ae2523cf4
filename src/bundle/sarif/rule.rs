//! Rules: what is claimed and how severe it is. Trackers read severity, description and tags from the rule of a result, and
//! a rule has one of each; so there is a rule for each weakness and severity that a finding has.

use crate::model::{
    Finding, Kind, OutgoingField, Severity, TextVisitor, Weakness, closed_fields, cwe,
    outgoing_fields,
};
use serde::{Serialize, Serializer};
use std::fmt;

/// What a rule is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RuleSubject {
    /// A weakness of the CWE list by its number.
    Weakness(u32),
    /// A finding that names no weakness.
    Kind(Kind),
}

/// The id of a rule: `CWE-120/critical`, `quality/low`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RuleId {
    subject: RuleSubject,
    severity: Severity,
}

impl RuleId {
    /// Returns the id of the rule of a finding: its first weakness counts.
    pub fn of(finding: &Finding) -> Self {
        let weakness = finding.cwe.first();
        Self {
            subject: weakness.map_or(RuleSubject::Kind(finding.kind), |id| {
                RuleSubject::Weakness(*id)
            }),
            severity: finding.severity,
        }
    }

    /// Returns the number of the weakness that the rule is about.
    pub fn weakness(self) -> Option<u32> {
        match self.subject {
            RuleSubject::Weakness(id) => Some(id),
            RuleSubject::Kind(_) => None,
        }
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.subject {
            RuleSubject::Weakness(id) => write!(f, "CWE-{id}/{}", self.severity),
            RuleSubject::Kind(kind) => write!(f, "{kind}/{}", self.severity),
        }
    }
}
impl Serialize for RuleId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl OutgoingField for RuleId {
    fn visit_texts(&self, item: &str, _: &'static str, visitor: &mut dyn TextVisitor) {
        if let Some(id) = self.weakness() {
            Weakness(&id).visit_texts(item, "cwe", visitor);
        }
    }
}

/// Returns the level of a severity. An undetermined one is a warning, as SARIF's default is: nobody has said that it is
/// harmless.
pub fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Undetermined => "warning",
        Severity::Low | Severity::Informational => "note",
    }
}

/// Returns the number by which GitHub and `DefectDojo` know a severity: each lies in the middle of its range of CVSS scores.
/// It is of the severity that the reviewer chose; a finding's own scores are in its properties.
fn security_severity(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.0"),
        Severity::Informational => Some("0.0"),
        Severity::Undetermined => None,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SarifRule {
    pub id: RuleId,
    pub name: RuleText,
    pub short_description: RuleMessage,
    pub full_description: RuleMessage,
    pub help: RuleHelp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help_uri: Option<RuleText>,
    pub default_configuration: RuleConfiguration,
    pub properties: RuleProperties,
}

#[derive(Serialize)]
pub struct RuleMessage {
    pub text: RuleText,
}

#[derive(Serialize)]
pub struct RuleHelp {
    pub text: RuleText,
    pub markdown: RuleText,
}

#[derive(Serialize)]
pub struct RuleConfiguration {
    pub level: &'static str,
}

#[derive(Serialize)]
pub struct RuleProperties {
    pub tags: Vec<RuleText>,
    #[serde(rename = "security-severity", skip_serializing_if = "Option::is_none")]
    pub security_severity: Option<&'static str>,
}

/// A text of a rule, which the program makes of the rule's id and the titles of its list.
pub struct RuleText {
    rule: RuleId,
    part: RulePart,
}

#[derive(Clone, Copy)]
enum RulePart {
    /// The title in one word, as SARIF wants names: `BufferCopyWithoutCheckingSizeOfInput`.
    Name,
    Title,
    Description,
    Help,
    HelpMarkdown,
    HelpUri,
    SecurityTag,
    WeaknessTag,
}

impl RuleText {
    fn title(&self) -> String {
        match self.rule.subject {
            RuleSubject::Weakness(id) => {
                cwe::title(id).map_or_else(|| format!("Weakness CWE-{id}"), str::to_owned)
            }
            RuleSubject::Kind(Kind::Vulnerability) => "A weakness that can be used".to_owned(),
            RuleSubject::Kind(Kind::BackdoorIndicator) => "A sign of a hidden way in".to_owned(),
            RuleSubject::Kind(Kind::Component) => "A copied or outdated component".to_owned(),
            RuleSubject::Kind(Kind::Quality) => "A lack of engineering quality".to_owned(),
            RuleSubject::Kind(Kind::Pass) => "A check that found nothing".to_owned(),
        }
    }

    fn help(&self, emphasis: &str) -> String {
        let weakness = match self.rule.subject {
            RuleSubject::Weakness(id) if cwe::title(id).is_some() => {
                format!(
                    " CWE-{id} is described in version {} of MITRE's list.",
                    cwe::VERSION
                )
            }
            _ => String::new(),
        };
        format!(
            "A person read the code and claims this; the severity is {emphasis}{}{emphasis}. Each result says what is \
             claimed, how to confirm it and what to do about it.{weakness}",
            self.rule.severity
        )
    }
}

impl fmt::Display for RuleText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.part, self.rule.subject) {
            (RulePart::Name, _) => {
                // What stands in parentheses or quotes is another name of the same.
                let title = self.title();
                let title = title.split(['(', '\'']).next().unwrap_or_default();
                for word in title.split(|c: char| !c.is_ascii_alphanumeric()) {
                    let mut letters = word.chars();
                    if let Some(first) = letters.next() {
                        write!(f, "{}{}", first.to_ascii_uppercase(), letters.as_str())?;
                    }
                }
                Ok(())
            }
            (RulePart::Title, _) => write!(f, "{}.", self.title()),
            (RulePart::Description, RuleSubject::Weakness(id)) => {
                write!(
                    f,
                    "{} (CWE-{id}), severity {}.",
                    self.title(),
                    self.rule.severity
                )
            }
            (RulePart::Description, RuleSubject::Kind(_)) => {
                write!(f, "{}, severity {}.", self.title(), self.rule.severity)
            }
            (RulePart::Help, _) => f.write_str(&self.help("")),
            (RulePart::HelpMarkdown, _) => f.write_str(&self.help("**")),
            (RulePart::HelpUri, subject) => match subject {
                RuleSubject::Weakness(id) => {
                    write!(f, "https://cwe.mitre.org/data/definitions/{id}.html")
                }
                RuleSubject::Kind(_) => Ok(()),
            },
            (RulePart::SecurityTag, RuleSubject::Kind(Kind::Quality)) => {
                f.write_str("maintainability")
            }
            (RulePart::SecurityTag, _) => f.write_str("security"),
            (RulePart::WeaknessTag, RuleSubject::Weakness(id)) => {
                // CodeQL's tag, which GitHub and DefectDojo read, has three digits at least.
                write!(f, "external/cwe/cwe-{id:03}")
            }
            (RulePart::WeaknessTag, RuleSubject::Kind(kind)) => write!(f, "{kind}"),
        }
    }
}

impl Serialize for RuleText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl SarifRule {
    /// Describes a rule.
    pub fn new(id: RuleId) -> Self {
        let text = |part| RuleText { rule: id, part };
        let is_listed = id.weakness().is_some_and(|id| cwe::title(id).is_some());
        Self {
            id,
            name: text(RulePart::Name),
            short_description: RuleMessage {
                text: text(RulePart::Title),
            },
            full_description: RuleMessage {
                text: text(RulePart::Description),
            },
            help: RuleHelp {
                text: text(RulePart::Help),
                markdown: text(RulePart::HelpMarkdown),
            },
            help_uri: is_listed.then(|| text(RulePart::HelpUri)),
            default_configuration: RuleConfiguration {
                level: level(id.severity),
            },
            properties: RuleProperties {
                tags: vec![text(RulePart::SecurityTag), text(RulePart::WeaknessTag)],
                security_severity: security_severity(id.severity),
            },
        }
    }
}

// Made of the rule's id alone, whose number is classed with the id.
closed_fields!(RuleText);
outgoing_fields!(SarifRule => {
    id, name, short_description, full_description, help, help_uri, default_configuration, properties,
});
outgoing_fields!(RuleMessage => { text });
outgoing_fields!(RuleHelp => { text, markdown });
outgoing_fields!(RuleConfiguration => { level });
outgoing_fields!(RuleProperties => { tags, security_severity });

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(subject: RuleSubject, severity: Severity) -> serde_json::Value {
        serde_json::to_value(SarifRule::new(RuleId { subject, severity })).unwrap()
    }

    #[test]
    fn every_rule_has_what_trackers_ask_for() {
        let kinds = Kind::ALL.iter().map(|kind| RuleSubject::Kind(*kind));
        let weaknesses = cwe::entries().map(|w| RuleSubject::Weakness(w.id));
        let unlisted = [RuleSubject::Weakness(4_000_000)];
        for subject in kinds.chain(weaknesses).chain(unlisted) {
            let rule = rule(subject, Severity::High);
            let name = rule["name"].as_str().unwrap();
            let is_word = name.bytes().all(|b| b.is_ascii_alphanumeric());
            assert!(is_word && !name.is_empty() && name.len() <= 255, "{name}");
            for text in [
                &rule["shortDescription"]["text"],
                &rule["fullDescription"]["text"],
                &rule["help"]["text"],
                &rule["help"]["markdown"],
            ] {
                let text = text.as_str().unwrap();
                assert!(text.len() > 5 && text.len() <= 1024, "{text}");
                assert!(text.ends_with('.'), "{text}");
            }
            assert_eq!(rule["defaultConfiguration"]["level"], "error");
            assert_eq!(rule["properties"]["security-severity"], "8.0");
        }
    }

    #[test]
    fn a_rule_is_of_a_weakness_and_a_severity() {
        let copy = rule(RuleSubject::Weakness(120), Severity::Critical);
        assert_eq!(copy["id"], "CWE-120/critical");
        assert_eq!(copy["name"], "BufferCopyWithoutCheckingSizeOfInput");
        assert_eq!(copy["properties"]["tags"][1], "external/cwe/cwe-120");
        let leak = rule(RuleSubject::Weakness(20), Severity::Low);
        assert_eq!(leak["properties"]["tags"][1], "external/cwe/cwe-020");
        let sign = rule(
            RuleSubject::Kind(Kind::BackdoorIndicator),
            Severity::Undetermined,
        );
        assert_eq!(sign["id"], "backdoor-indicator/undetermined");
        assert_eq!(sign["defaultConfiguration"]["level"], "warning");
        assert_eq!(sign["properties"].get("security-severity"), None);
        assert_eq!(sign.get("helpUri"), None);
    }
}
