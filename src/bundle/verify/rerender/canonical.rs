//! Whether a line of JSON is the one form of what it holds.

use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A JSON value that remembers the order and the repetition of its members.
#[derive(PartialEq)]
enum JsonNode {
    Members(Vec<(String, JsonNode)>),
    Elements(Vec<JsonNode>),
    /// A number, a text, `true`, `false` or `null`, as it is written.
    Scalar(String),
}

/// Returns whether a line is what `value` is written as. Members may be missing, because a ledger keeps the lines of
/// programs that did not know them yet; nothing may be there that is not in `value`: no other member, order, blank or
/// spelling.
pub fn is_canonical(line: &[u8], value: &impl Serialize) -> bool {
    let Ok(whole) = serde_json::to_vec(value) else {
        return false;
    };
    if whole == line {
        return true;
    }
    let (Ok(found), Ok(whole)) = (
        serde_json::from_slice::<JsonNode>(line),
        serde_json::from_slice::<JsonNode>(&whole),
    ) else {
        return false;
    };
    let mut written = String::new();
    found.write(&mut written);
    written.as_bytes() == line && found.is_part_of(&whole)
}

impl JsonNode {
    fn is_part_of(&self, whole: &Self) -> bool {
        match (self, whole) {
            (Self::Scalar(a), Self::Scalar(b)) => a == b,
            (Self::Elements(a), Self::Elements(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_part_of(b))
            }
            (Self::Members(a), Self::Members(b)) => {
                let mut rest = b.iter();
                a.iter()
                    .all(|(name, a)| rest.by_ref().any(|(n, b)| n == name && a.is_part_of(b)))
            }
            _ => false,
        }
    }

    fn write(&self, out: &mut String) {
        let quote = |text: &str| serde_json::to_string(text).expect("a text is valid JSON");
        match self {
            Self::Scalar(text) => out.push_str(text),
            Self::Elements(elements) => {
                out.push('[');
                for (nth, element) in elements.iter().enumerate() {
                    out.push_str(if nth > 0 { "," } else { "" });
                    element.write(out);
                }
                out.push(']');
            }
            Self::Members(members) => {
                out.push('{');
                for (nth, (name, value)) in members.iter().enumerate() {
                    out.push_str(if nth > 0 { "," } else { "" });
                    out.push_str(&quote(name));
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

impl<'de> Deserialize<'de> for JsonNode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

fn scalar<E: Error>(value: &impl Serialize) -> Result<JsonNode, E> {
    let text = serde_json::to_string(value).map_err(E::custom)?;
    Ok(JsonNode::Scalar(text))
}

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = JsonNode;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<JsonNode, E> {
        scalar(&value)
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<JsonNode, E> {
        scalar(&value)
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<JsonNode, E> {
        scalar(&value)
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<JsonNode, E> {
        scalar(&value)
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<JsonNode, E> {
        scalar(&value)
    }
    fn visit_unit<E: Error>(self) -> Result<JsonNode, E> {
        scalar(&())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<JsonNode, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element()? {
            elements.push(element);
        }
        Ok(JsonNode::Elements(elements))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<JsonNode, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = access.next_entry()? {
            members.push(member);
        }
        Ok(JsonNode::Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Sample {
        a: u32,
        #[serde(default)]
        b: String,
        #[serde(default)]
        c: Vec<u32>,
    }

    #[test]
    fn one_form_counts_and_members_of_later_programs_may_be_missing() {
        for (line, is_one) in [
            (r#"{"a":1,"b":"x","c":[1,2]}"#, true),
            (r#"{"a":1,"c":[1,2]}"#, true),
            (r#"{"a":1}"#, true),
            (r#"{"a":1,"b":"x","c":[1,2],"d":"vendor code"}"#, false),
            (r#"{"a":1,"c":[1,2],"b":"x"}"#, false),
            (r#"{"a":1, "b":"x","c":[1,2]}"#, false),
            (r#"{"a":1,"b":"\u0078","c":[1,2]}"#, false),
            (r#" {"a":1}"#, false),
            (r#"{"a":1,"c":[1,2] }"#, false),
        ] {
            let value: Sample = serde_json::from_str(line).unwrap();
            assert_eq!(is_canonical(line.as_bytes(), &value), is_one, "{line}");
        }
    }
}
