//! Phrases that belong to everybody: a run inside one of them is no vendor's text.
//!
//! These are the titles of MITRE's CWE list, which reviewers are asked to name, and the long names and idioms below.
//! A phrase is taken out of a run; what is left is judged as if it stood alone.

use super::block::RUN;
use super::skeleton::{self, is_letter};
use crate::model::cwe;
use memchr::memmem;
use std::sync::OnceLock;

/// Names and idioms of 32 letters or more that texts on software security share.
const PHRASES: &[&str] = &[
    "Advanced Encryption Standard in Galois/Counter Mode",
    "Elliptic Curve Digital Signature Algorithm",
    "Elliptic Curve Diffie-Hellman Ephemeral",
    "Hash-based Message Authentication Code (HMAC)",
    "keyed-hash message authentication code",
    "HMAC-based extract-and-expand key derivation function",
    "password-based key derivation function 2",
    "Extensible Authentication Protocol",
    "Internet Control Message Protocol version 6",
    "Internet Key Exchange protocol version 2",
    "Internet Protocol version 6 (IPv6)",
    "Lightweight Directory Access Protocol",
    "Simple Network Management Protocol",
    "Stream Control Transmission Protocol",
    "Transmission Control Protocol/Internet Protocol",
    "Transport Layer Security (TLS) protocol",
    "Datagram Transport Layer Security (DTLS)",
    "Dynamic Host Configuration Protocol",
    "Online Certificate Status Protocol",
    "Certificate Revocation List (CRL)",
    "National Institute of Standards and Technology",
    "Institute of Electrical and Electronics Engineers",
    "European Telecommunications Standards Institute",
    "International Organization for Standardization",
    "Federal Information Processing Standards",
    "3rd Generation Partnership Project (3GPP)",
    "Non-Access Stratum (NAS) signalling",
    "General Packet Radio Service Tunnelling Protocol",
    "Common Vulnerability Scoring System",
    "Common Vulnerabilities and Exposures",
    "Common Weakness Enumeration",
    "address space layout randomization",
    "time-of-check to time-of-use race condition",
    "a denial of service (DoS) attack by an unauthenticated remote attacker",
    "allows a remote attacker to execute arbitrary code",
    "could allow an attacker to execute arbitrary code",
    "insufficient validation of untrusted input",
    "distributed denial of service attack",
    "cryptographically secure pseudorandom number generator",
    "cryptographically secure random number generator",
    "undefined behaviour according to the C standard",
    "function is called from the interrupt handler",
    "function is called from the interrupt context",
    "returns 0 for success and 1 for failure",
    "returns 0 on success and -1 on failure",
    "returns zero on success and a negative error code on failure",
    "MIME-Version: 1.0 Content-Type: text/plain; charset=utf-8",
    "Content-Type: application/x-www-form-urlencoded",
    "THIS SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND",
];

fn phrases() -> &'static [Vec<u8>] {
    static ALL: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    ALL.get_or_init(|| {
        let titles = || cwe::entries().map(|w| w.title);
        // What stands in brackets behind a title is often left out.
        let short = titles().filter_map(|t| Some(t.split_once(" (")?.0));
        let all = titles().chain(short).chain(PHRASES.iter().copied());
        let all = all.map(letters);
        all.filter(|p| p.len() >= RUN / 2).collect()
    })
}

fn letters(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    skeleton::each(text.as_bytes(), |byte, _| {
        out.extend(Some(byte).filter(|b| is_letter(*b)));
    });
    out
}

/// Returns whether less than a run is left of `typed[at..at + len]` when every phrase is taken out of it.
pub fn covers(typed: &[u8], at: usize, len: usize) -> bool {
    // A phrase counts if it stands in the typed text whole, also where it begins before the run.
    let longest = phrases().iter().map(Vec::len).max().unwrap_or(0);
    let from = at.saturating_sub(longest);
    let around = &typed[from..(at + len + longest).min(typed.len())];
    let mut is_common = vec![false; around.len()];
    for phrase in phrases() {
        for start in memmem::find_iter(around, phrase) {
            is_common[start..start + phrase.len()].fill(true);
        }
    }
    let run = &is_common[at - from..at - from + len];
    run.split(|common| *common).all(|left| left.len() < RUN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_taken_out_and_the_rest_is_judged() {
        let typed = letters(
            "see Hash-based Message Authentication Code (HMAC) of the session, as the vendor computes it over the header",
        );
        assert!(covers(&typed, 3, 38));
        assert!(covers(&typed, 3, 38 + 31), "31 letters are left");
        assert!(!covers(&typed, 3, 38 + 32));
        assert!(!covers(&typed, 50, 32), "the control");
        let title = letters("Buffer Copy without Checking Size of Input");
        assert!(covers(&title, 0, title.len()));
    }
}
