//! The data types of SSH on the wire (RFC 4251 §5): numbers and length-prefixed strings, and base64 around them.

/// Bytes that are read from the front. Every read fails rather than going past the end.
pub struct Wire<'a>(&'a [u8]);

impl<'a> Wire<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub fn u32(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    pub fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()? as usize;
        let (string, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Appends a length-prefixed string.
pub fn put_string(out: &mut Vec<u8>, string: &[u8]) {
    let length = u32::try_from(string.len()).expect("nothing of ours has four gigabytes");
    out.extend(length.to_be_bytes());
    out.extend(string);
}

/// Decodes padded base64 without white space.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let data = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || text.len() - data.len() > 2 {
        return None;
    }
    let mut out = Vec::with_capacity(data.len() / 4 * 3 + 2);
    let (mut bits, mut held) = (0u32, 0);
    for b in data.bytes() {
        bits = bits << 6 | u32::from(digit(b)?);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_read_past_the_end() {
        let mut out = Vec::new();
        put_string(&mut out, b"ab");
        out.push(7);
        let mut wire = Wire::new(&out);
        assert_eq!(wire.string(), Some(&b"ab"[..]));
        assert_eq!((wire.u32(), wire.byte()), (None, Some(7)));
        assert!(wire.is_empty());
        assert_eq!(wire.byte(), None);
        assert_eq!(Wire::new(&[0, 0, 0, 2, b'a']).string(), None);
        assert_eq!(Wire::new(&[0xff; 8]).string(), None);
    }

    #[test]
    fn base64_is_read_and_nothing_else() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("YQ==", b"a"),
            ("YWI=", b"ab"),
            ("YWJj", b"abc"),
        ] {
            assert_eq!(base64(text).as_deref(), Some(bytes), "{text}");
        }
        for bad in ["Y", "YQ", "YQ=", "Y===", "Y Q=", "YQ==\n"] {
            assert_eq!(base64(bad), None, "{bad}");
        }
    }
}
