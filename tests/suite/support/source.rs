//! A reader of Rust source that is just good enough to see which paths a file names.
//!
//! Comments, strings and characters are passed over, `use` lists are spelled out, and the inline modules around
//! a path are counted, so that `super::` can be followed. Macros are read as they stand.

/// One token: an identifier, `::` or a single sign; a literal is `"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// As written.
    pub text: String,
    /// 1-based.
    pub line: usize,
}

/// A path that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its parts; the last may be `*`.
    pub parts: Vec<String>,
    /// 1-based.
    pub line: usize,
    /// How many inline modules of the file are around it.
    pub depth: usize,
}

/// Splits source into tokens.
pub fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let get = |at: usize| chars.get(at).copied().unwrap_or('\0');
    let mut out = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < chars.len() {
        let start = at;
        let c = chars[at];
        let mut text = None;
        if c == '/' && get(at + 1) == '/' {
            while at < chars.len() && chars[at] != '\n' {
                at += 1;
            }
        } else if c == '/' && get(at + 1) == '*' {
            at = end_of_comment(&chars, at);
        } else if let Some(end) = end_of_string(&chars, at) {
            at = end;
            text = Some("\"".to_owned());
        } else if c == '\'' {
            if get(at + 1) == '\\' {
                at += 3;
                while at < chars.len() && chars[at] != '\'' {
                    at += 1;
                }
                at += 1;
                text = Some("\"".to_owned());
            } else if get(at + 2) == '\'' {
                at += 3;
                text = Some("\"".to_owned());
            } else {
                at += 1;
                while is_word(get(at)) {
                    at += 1;
                }
            }
        } else if is_word(c) {
            if c == 'r' && get(at + 1) == '#' && is_word(get(at + 2)) {
                at += 2;
            }
            let from = at;
            while is_word(get(at)) {
                at += 1;
            }
            text = Some(chars[from..at].iter().collect());
        } else if c == ':' && get(at + 1) == ':' {
            at += 2;
            text = Some("::".to_owned());
        } else {
            at += 1;
            if !c.is_whitespace() {
                text = Some(c.to_string());
            }
        }
        at = at.min(chars.len());
        if let Some(text) = text {
            out.push(Token { text, line });
        }
        line += chars[start..at].iter().filter(|c| **c == '\n').count();
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Returns where a block comment ends; they nest.
fn end_of_comment(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                at += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

/// Returns where a string ends, if one begins here: plain, byte, C and raw ones.
fn end_of_string(chars: &[char], at: usize) -> Option<usize> {
    let get = |at: usize| chars.get(at).copied().unwrap_or('\0');
    let mut from = at;
    if matches!(get(from), 'b' | 'c') && matches!(get(from + 1), '"' | 'r') {
        from += 1;
    }
    let is_raw = get(from) == 'r';
    let mut hashes = 0;
    if is_raw {
        from += 1;
        while get(from) == '#' {
            hashes += 1;
            from += 1;
        }
    }
    if get(from) != '"' {
        return None;
    }
    from += 1;
    while from < chars.len() {
        match chars[from] {
            '\\' if !is_raw => from += 1,
            '"' if (1..=hashes).all(|n| get(from + n) == '#') => return Some(from + 1 + hashes),
            _ => {}
        }
        from += 1;
    }
    Some(from)
}

/// Lists every path that the tokens name: those of `use`, spelled out, and every other one of two parts or more.
pub fn named(tokens: &[Token]) -> Vec<Named> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut out = Vec::new();
    let mut braces = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let depth = braces.iter().filter(|is_module| **is_module).count();
        let line = tokens[at].line;
        match text(at) {
            "{" => braces.push(at >= 2 && text(at - 2) == "mod"),
            "}" => drop(braces.pop()),
            "use" if text(at + 1) != "<" => {
                at += 1;
                let mut found = Vec::new();
                spell_out(tokens, &mut at, &[], &mut found);
                out.extend(found.into_iter().map(|parts| Named { parts, line, depth }));
                continue;
            }
            word if is_name(word) && !continues(tokens, at) => {
                let mut parts = vec![word.to_owned()];
                while text(at + 1) == "::" && is_name(text(at + 2)) {
                    at += 2;
                    parts.push(text(at).to_owned());
                }
                if parts.len() > 1 {
                    out.push(Named { parts, line, depth });
                }
            }
            _ => {}
        }
        at += 1;
    }
    out
}

/// Returns whether a word is the later part of a path or a field.
fn continues(tokens: &[Token], at: usize) -> bool {
    let text = |back: usize| {
        at.checked_sub(back)
            .map_or("", |at| tokens[at].text.as_str())
    };
    match text(1) {
        "." => true,
        "::" => is_name(text(2)) || text(2) == ">",
        _ => false,
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Spells out one tree of a `use`.
fn spell_out(tokens: &[Token], at: &mut usize, prefix: &[String], out: &mut Vec<Vec<String>>) {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut parts = prefix.to_vec();
    if text(*at) == "::" {
        *at += 1;
    }
    loop {
        match text(*at) {
            "{" => {
                *at += 1;
                while !matches!(text(*at), "}" | "") {
                    let before = *at;
                    spell_out(tokens, at, &parts, out);
                    if text(*at) == "," || *at == before {
                        *at += 1;
                    }
                }
                *at += 1;
                return;
            }
            "*" => {
                *at += 1;
                parts.push("*".to_owned());
                out.push(parts);
                return;
            }
            "self" if !parts.is_empty() => *at += 1,
            word if is_name(word) => {
                parts.push(word.to_owned());
                *at += 1;
            }
            _ => return,
        }
        match text(*at) {
            "::" => *at += 1,
            "as" => {
                *at += 2;
                out.push(parts);
                return;
            }
            _ => {
                out.push(parts);
                return;
            }
        }
    }
}
