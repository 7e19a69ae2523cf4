//! No bytes make a parser of what others bring panic, or accept what was not signed.

use super::*;
use crate::bundle::{manifest, signature};
use proptest::prelude::*;

/// A good text with some bytes exchanged, left out or put in.
fn spoiled(good: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    let edit = (any::<prop::sample::Index>(), any::<u8>(), 0..3u8);
    proptest::collection::vec(edit, 0..6).prop_map(move |edits| {
        let mut bytes = good.to_vec();
        for (at, byte, how) in edits {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => _ = bytes.remove(at),
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    })
}

/// The parts of a bundle that are parsed before anything is trusted.
struct Good {
    signature: &'static [u8],
    signers: &'static [u8],
    sums: &'static [u8],
}

fn good() -> &'static Good {
    static GOOD: OnceLock<Good> = OnceLock::new();
    GOOD.get_or_init(|| {
        let sums = rendered(&Policy::default()).manifest().to_vec();
        let signature = signed().signer.sign(NAMESPACE, &sums).unwrap();
        let line = signed()
            .line
            .replace(" namespaces", " valid-after=\"20200101Z\",namespaces");
        Good {
            signature: signature.into_bytes().leak(),
            signers: format!("# who\n{line}\"bob,*\" {}", signed().signer.public().line())
                .into_bytes()
                .leak(),
            sums: sums.leak(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_refused_or_read(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(signature::read(&bytes, NAMESPACE, b"x").is_err());
        let _ = Signers::parse(&bytes);
        let _ = Signers::default().revoke(&bytes);
        let _ = manifest::read(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        let _ = crate::bundle::wire::base64(&text);
        let _ = KeySource::parse(&text);
    }

    #[test]
    fn a_spoiled_signature_is_none(bytes in spoiled(good().signature)) {
        // One more line feed at the end says nothing.
        let good_bytes = good().signature;
        let is_good = bytes == good_bytes || bytes == [good_bytes, b"\n"].concat();
        prop_assert_eq!(signature::read(&bytes, NAMESPACE, good().sums).is_ok(), is_good);
    }

    #[test]
    fn spoiled_signers_let_nobody_else_in(bytes in spoiled(good().signers)) {
        static MALLORY: OnceLock<KeyPair> = OnceLock::new();
        let mallory = MALLORY.get_or_init(|| KeyPair::generate(b"x").unwrap());
        if let Ok(signers) = Signers::parse(&bytes) {
            prop_assert!(!signers.allow(mallory.public(), "alice", NAMESPACE, NOW));
        }
    }

    #[test]
    fn a_spoiled_manifest_is_refused_or_another(bytes in spoiled(good().sums)) {
        if let Ok(files) = manifest::read(&bytes) {
            // What is read has one spelling.
            let line = |(name, digest): &(String, _)| format!("{digest}  {name}\n");
            let again: String = files.iter().map(line).collect();
            prop_assert_eq!(again.into_bytes(), bytes);
        }
    }
}
