//! Rule `opaque`, for what is cut up: a stretch of tokens of which most are neither words nor known names.
//!
//! Compressed or encrypted text looks the same whatever it is written in, and blanks between groups of five do not
//! change that. Each token is weighed (`weigh`): words and numbers as prose has them below zero, groups of noise
//! above. The heaviest stretch of a joined text is what counts, so that a filler word between two groups does not
//! help, and neither does cutting the groups up over findings. Names of the vendor, and ids that the review knows,
//! weigh like words.
//!
//! Texts written in a few symbols (Morse, Bacon, bits) have no pairs of letters to be weighed. They are found because
//! no other text of [`FEW_LENGTH`] symbols has only [`FEW`] different ones in so many different orders.
//!
//! Measured: the heaviest stretch of 302 paragraphs of findings weighs 51, of 400 pages of research notes full of
//! figures 213 (longer lists of commit ids apart), of 300 passages of 280 characters in ascii85 in groups of five 384
//! and more, in base64 in groups of eight 1,156 and more.

use super::overlap;
use super::stream::Stream;
use super::weigh::{Weight, weigh};
use crate::model::{Overlap, Rule, Typed};
use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;

/// The least weight that blocks.
const LEAST: i32 = 300;
/// The weight of a name that is known.
const KNOWN: i32 = -20;
/// The longest stretch written in so few symbols that blocks.
const FEW: usize = 6;
/// How many symbols are looked at together.
const FEW_LENGTH: usize = 72;
/// Symbols that follow each other.
const ORDER: usize = 6;
/// The fewest different orders of [`ORDER`] symbols. Rulers and borders of tables repeat a few.
const ORDERS: usize = 24;

/// A stretch that is opaque unless the vendor's names explain it.
pub struct Stretch {
    stream: usize,
    tokens: Vec<(Range<usize>, Weight)>,
}

/// Returns the stretches of the joined texts that only the vendor's names can explain. `is_known` tells ids of the
/// review.
pub fn candidates(streams: &[Stream], is_known: &dyn Fn(&str) -> bool) -> Vec<Stretch> {
    let mut out = Vec::new();
    for (stream, text) in streams.iter().enumerate() {
        let mut tokens = Vec::new();
        let (mut sum, mut most) = (0, 0);
        let mut end = |tokens: &mut Vec<_>, most: i32| {
            let tokens = std::mem::take(tokens);
            if most >= LEAST {
                out.push(Stretch { stream, tokens });
            }
        };
        for (range, token) in tokens_of(&text.text) {
            let mut weight = weigh(token);
            if weight.all > 0 && is_known_id(token, is_known) {
                weight = Weight {
                    all: KNOWN,
                    names: Vec::new(),
                };
            }
            sum += weight.all;
            if sum <= 0 {
                end(&mut tokens, most);
                (sum, most) = (0, 0);
                continue;
            }
            most = most.max(sum);
            tokens.push((range, weight));
        }
        end(&mut tokens, most);
        for range in few_symbols(&text.text) {
            let weight = Weight {
                all: LEAST,
                names: Vec::new(),
            };
            out.push(Stretch {
                stream,
                tokens: vec![(range, weight)],
            });
        }
    }
    out
}

/// Returns the tokens between white space, with where they lie.
fn tokens_of(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let start = text.as_ptr() as usize;
    text.split_whitespace().map(move |token| {
        let at = token.as_ptr() as usize - start;
        (at..at + token.len(), token)
    })
}

fn is_known_id(token: &str, is_known: &dyn Fn(&str) -> bool) -> bool {
    let parts = token.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let mut ids = parts.filter(|p| p.len() >= 7);
    ids.any(is_known)
}

impl Stretch {
    /// Returns the words that may be names of the vendor.
    pub fn words(&self) -> impl Iterator<Item = &[u8]> {
        let names = self.tokens.iter().flat_map(|(_, weight)| &weight.names);
        names.map(|(name, _)| name.as_slice())
    }

    /// Returns the heaviest part if it is opaque, given which of its words are the vendor's.
    fn heaviest(&self, names: &HashSet<Vec<u8>>) -> Option<Range<usize>> {
        let (mut sum, mut start) = (0, 0);
        let mut best = (LEAST - 1, 0..0);
        for (range, weight) in &self.tokens {
            if sum <= 0 {
                (sum, start) = (0, range.start);
            }
            let known = weight.names.iter().filter(|(name, _)| names.contains(name));
            sum += weight.all + known.map(|(_, part)| KNOWN - part).sum::<i32>();
            if sum > best.0 {
                best = (sum, start..range.end);
            }
        }
        Some(best.1).filter(|range| !range.is_empty())
    }

    /// Returns an overlap for every rendering of the typed texts that it lies in; none if the vendor's names explain it.
    pub fn overlaps(
        &self,
        names: &HashSet<Vec<u8>>,
        streams: &[Stream],
        typed: &[Typed],
    ) -> Vec<Overlap> {
        let Some(range) = self.heaviest(names) else {
            return Vec::new();
        };
        let origins = streams[self.stream].origins(range.clone());
        let texts: HashSet<&str> = origins
            .iter()
            .map(|(i, _)| typed[*i].text.as_str())
            .collect();
        let length = streams[self.stream].text[range].chars().count() as u64;
        let here = typed.iter().filter(|t| texts.contains(t.text.as_str()));
        here.map(|t| overlap(t, Rule::Opaque, length)).collect()
    }
}

/// Returns where a text is written in a few symbols: characters, or tokens that stand for them.
fn few_symbols(text: &str) -> Vec<Range<usize>> {
    let chars = text.char_indices().filter(|(_, c)| !c.is_whitespace());
    let chars = chars.map(|(at, c)| (at..at + c.len_utf8(), u64::from(c.to_ascii_lowercase())));
    let mut out = few_of(chars);
    let mut numbers: HashMap<&str, u64> = HashMap::new();
    let tokens = tokens_of(text).map(|(range, token)| {
        let next = numbers.len() as u64;
        (range, *numbers.entry(token).or_insert(next))
    });
    out.extend(few_of(tokens));
    out
}

fn few_of(symbols: impl Iterator<Item = (Range<usize>, u64)>) -> Vec<Range<usize>> {
    let mut window: VecDeque<(Range<usize>, u64)> = VecDeque::new();
    // How often each symbol is in the window: there are never more than a few.
    let mut counts: Vec<(u64, usize)> = Vec::new();
    let mut out: Vec<Range<usize>> = Vec::new();
    for (range, symbol) in symbols {
        match counts.iter_mut().find(|(s, _)| *s == symbol) {
            Some((_, count)) => *count += 1,
            None => counts.push((symbol, 1)),
        }
        window.push_back((range, symbol));
        while counts.len() > FEW || window.len() > FEW_LENGTH {
            let Some((_, oldest)) = window.pop_front() else {
                break;
            };
            if let Some(at) = counts.iter().position(|(s, _)| *s == oldest) {
                counts[at].1 -= 1;
                if counts[at].1 == 0 {
                    counts.swap_remove(at);
                }
            }
        }
        if window.len() == FEW_LENGTH && counts.len() > 1 {
            let whole = window[0].0.start..window[FEW_LENGTH - 1].0.end;
            let symbols: Vec<u64> = window.iter().map(|(_, s)| *s).collect();
            let orders: HashSet<&[u64]> = symbols.windows(ORDER).collect();
            if orders.len() >= ORDERS {
                out.push(whole);
            }
            // The next half of it is looked at together with what comes after.
            for _ in 0..FEW_LENGTH / 2 {
                window.pop_front();
            }
            counts.clear();
            for (_, symbol) in &window {
                match counts.iter_mut().find(|(s, _)| s == symbol) {
                    Some((_, count)) => *count += 1,
                    None => counts.push((*symbol, 1)),
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_opaque(text: &str, names: &[&str]) -> bool {
        let typed = Typed {
            file: "f".into(),
            line: 1,
            text: text.to_owned(),
            what: "alice/F1 statement".into(),
        };
        let typed = [typed];
        let streams = super::super::stream::join(&typed);
        let names = names.iter().map(|n| n.as_bytes().to_vec()).collect();
        let is_known =
            |id: &str| id.len() >= 7 && "0b6a1f8e2c9d4e7fa1b2c3d4e5f60718293a4b5c".starts_with(id);
        let all = candidates(&streams, &is_known);
        all.iter()
            .any(|s| !s.overlaps(&names, &streams, &typed).is_empty())
    }

    #[test]
    fn groups_of_noise_are_opaque() {
        for text in [
            "H4sIAAAA AAAAA8tM U9BIzszT VCjOSE1J Tcks0uQC AM3yQvLQ a7cXk9Wz",
            "1f8b 0800 0000 0000 0003 cb4c 53d0 48cc cce3 5228 ce48 4d49 4dc9 2cd2 e402 00cd f242 f2d0 9b1c 7a2e c3d8 11f7 5ab0",
            "NFTC AKDB FEQG EKBJ HM2D SNRV GE3D OOBZ K5XW 4Z3B MJQX I5LF OQ2W 6YTB NR7X",
            &"aWYg and KGxl then biA+ or IE1B but WCkg and cmV0 then dXJu so IC0x and Ow== and aZ9x then Qk2P. ".repeat(5),
            "\u{2801}\u{2803} \u{2809}\u{2819}\u{2811} \u{280b}\u{281b}\u{2813}\u{280a}\u{281a}\u{2805}\u{2807}\u{280d}\u{281d}\u{2815}\u{280f}\u{281f}\u{2817}\u{280e}\u{281e}\u{2825}\u{2827} \u{283a}\u{282d}\u{2801}\u{2803}\u{2809}\u{2819}\u{2811}\u{280b}",
            &".-.. . -. --. - .... .. ... -. --- - -.-. .... . -.-. -.- . -.. -... . ..-. --- .-. . ".repeat(2),
            "aabab abbba baaba ababb babab aabba bbaab abaab aaabb babba ababa abbab bbbaa ababb aabab",
            &(0..160_u32).map(|i| if (i * i + i).wrapping_mul(0x85eb_ca6b) >> 31 == 0 { "dot " } else { "dash " }).collect::<String>(),
        ] {
            assert!(is_opaque(text, &[]), "{text}");
        }
    }

    #[test]
    fn what_a_reviewer_lists_is_none() {
        let hashes = "0b6a1f8e2c9d 0b6a1f8e2c 0b6a1f8e2 0b6a1f8e2c9d4 0b6a1f8e2c9d4e7fa1b2 0b6a1f8e 0b6a1f8 0b6a1f8e2c9d4e";
        for text in [
            "The network functions are AMF, SMF, UPF, AUSF, UDM, UDR, PCF, NSSF, NRF, BSF, SCP, SEPP, NEF, CHF and SMSF.",
            "SHA1, SHA256, SHA384, SHA512, MD5, AES128, AES256, DES3, RC4, P256, P384, X25519, TLS12, TLS13, IKEv2",
            "at 0x7fff5fbff8c0, 0x7fff5fbff8c8, 0x7fff5fbff8d0 the constants 0x01, 0x02, 0x7e, 0xff, 0x10, 0x20 occur",
            "T3413, T3422, T3450, T3460, T3470, T3512, T3502, T3513, T3522, T3550, T3555, T3560, T3565, T3570, t3540",
            "lines 118, 142, 215, 300, 341, 388, 402, 415, 433, 501, 502, 503, 560, 601, 640, 702, 733, 801, 802, 990",
            "CWE-120, CWE-121, CWE-122, CWE-125, CWE-126, CWE-127, CWE-129, CWE-131, CWE-787, CWE-788, CWE-805, CWE-806",
            "| id | size | kind |\n|----|------|------|\n| 1 | 24 | a |\n| 2 | 25 | b |\n+----+------+------+\n+----+------+------+",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H, then CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            "see https://cwe.mitre.org/data/definitions/120.html and mail to psirt@example.com, version 2.7.1-rc3 of 2026-11-25",
            "memcpy(dst, src, len), strncpy(a, b, n), snprintf(buf, sizeof buf, \"%s\", p) and ogs_pkbuf_free(pkbuf)",
            "Die Länge wird nicht geprüft, bevor der Name in den Puffer kopiert wird; ein Angreifer überschreibt ihn.",
            "Wskaźnik jest używany po zwolnieniu pamięci, ponieważ licznik odwołań nie jest sprawdzany przed wywołaniem.",
            "Длина записи берётся из пакета и используется до проверки, поэтому злоумышленник может переписать стек.",
            "认证令牌没有经过验证就被复制到固定长度的缓冲区中去了，攻击者可以覆盖返回地址并执行任意代码，因此严重性为高。",
            "메시지의 길이를 확인하지 않고 버퍼에 복사하므로 원격 공격자가 스택을 덮어쓸 수 있습니다. 길이를 먼저 검사해야 합니다.",
            "レコードの長さは検査される前に使用されるため、攻撃者はスタックを上書きすることができます。先に長さを検査してください。",
            "------------------------------------ ==================================== ************************",
            "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
            hashes,
        ] {
            assert!(!is_opaque(text, &[]), "{text}");
        }
        let names = [
            "xq7zk2j", "wvb4nq8m", "zt6p3m1r", "kq9wz3xv", "pz4tk8rq", "jw2xq6vn",
        ];
        let text = names.join(" ");
        assert!(is_opaque(&text, &[]), "the control");
        assert!(!is_opaque(&text, &names), "names of the vendor");
    }
}
