//! Every string of a bundle, for a judge that does not rely on how its documents were rendered.

use super::super::BundleError;
use super::folder::{DOCUMENT, Folder};
use crate::model::Typed;
use serde_json::Value;
use std::path::Path;

/// What such a text is called.
pub const STRING: &str = "any string of the file";

/// Returns every string of the JSON documents and ledgers of a bundle and every line of its other files; of a page of HTML
/// what stands between the tags, with its entities resolved. A file above the limit of a document is refused by `verify`
/// and is left out.
pub fn strings(folder: &Path) -> Result<Vec<Typed>, BundleError> {
    let (folder, _) = Folder::open(folder)?;
    let mut found = Vec::new();
    let names: Vec<String> = folder.names().map(str::to_owned).collect();
    for name in names.iter().filter(|name| !name.starts_with("SHA256SUMS")) {
        let Ok(bytes) = folder.read(name, DOCUMENT)? else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        let mut say = |line: usize, text: &str| {
            if !text.trim().is_empty() {
                found.push(Typed {
                    file: name.clone(),
                    line: line as u64,
                    text: text.trim().to_owned(),
                    what: STRING.to_owned(),
                });
            }
        };
        if let Ok(value) = serde_json::from_slice::<Value>(&bytes) {
            walk(&value, &mut |text| say(1, text));
            continue;
        }
        let is_html = name.ends_with(".html");
        for (nth, line) in text.lines().enumerate() {
            match serde_json::from_str::<Value>(line) {
                Ok(value) if name.ends_with(".jsonl") => {
                    walk(&value, &mut |text| say(nth + 1, text));
                }
                _ if is_html => say(nth + 1, &without_tags(line)),
                _ => say(nth + 1, line),
            }
        }
    }
    Ok(found)
}

fn walk(value: &Value, say: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => say(text),
        Value::Array(values) => values.iter().for_each(|value| walk(value, say)),
        Value::Object(members) => {
            for (name, value) in members {
                say(name);
                walk(value, say);
            }
        }
        _ => {}
    }
}

/// Returns a line of HTML without its tags. What a tag or a comment holds beyond its name is kept: it may be anything.
fn without_tags(line: &str) -> String {
    let plain: String = line
        .chars()
        .map(|c| if matches!(c, '<' | '>') { ' ' } else { c })
        .collect();
    plain
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_file_gives_its_strings() {
        let temp = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("a.json", r#"{"one":["two",3]}"#),
            ("b.jsonl", "{\"x\":\"three\"}\nno json\n"),
            ("c.html", "<p>a &lt; b<!-- four --></p>\n"),
            ("d.txt", "five\n\n six \n"),
        ] {
            std::fs::write(temp.path().join(name), text).unwrap();
        }
        let found = strings(temp.path()).unwrap();
        let texts: Vec<_> = found.iter().map(|t| (t.line, t.text.as_str())).collect();
        let wanted = [
            (1, "one"),
            (1, "two"),
            (1, "x"),
            (1, "three"),
            (2, "no json"),
            (1, "p a < b !-- four --  /p"),
            (1, "five"),
            (3, "six"),
        ];
        assert_eq!(texts, wanted);
    }
}
