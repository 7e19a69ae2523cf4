//! Agents that answer as they should, and agents that do not. The real one is in `tests/suite/signing.rs`.

use super::*;
use std::os::unix::net::UnixListener;

/// Two keys: an Ed25519 key, and one of a type that we cannot use.
fn blobs() -> [Vec<u8>; 2] {
    let mut good = Vec::new();
    put_string(&mut good, b"ssh-ed25519");
    put_string(&mut good, &[9; 32]);
    let mut other = Vec::new();
    put_string(&mut other, b"ssh-rsa");
    put_string(&mut other, &[3]);
    put_string(&mut other, &[7; 128]);
    [good, other]
}

fn list() -> Vec<u8> {
    let mut answer = vec![IDENTITIES_ANSWER];
    answer.extend(2u32.to_be_bytes());
    for blob in blobs() {
        put_string(&mut answer, &blob);
        put_string(&mut answer, b"a comment");
    }
    answer
}

fn framed(answer: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_string(&mut out, answer);
    out
}

/// Returns an agent that sends these bytes after each request and then goes away.
fn agent(answers: Vec<Vec<u8>>) -> Agent {
    let (stream, mut other) = UnixStream::pair().unwrap();
    thread::spawn(move || {
        for answer in answers {
            let mut length = [0; 4];
            other.read_exact(&mut length).unwrap();
            let mut request = vec![0; u32::from_be_bytes(length) as usize];
            other.read_exact(&mut request).unwrap();
            let _ = other.write_all(&answer);
        }
    });
    let patience = Patience {
        list: Duration::from_secs(30),
        touch: Duration::from_secs(30),
    };
    let path = PathBuf::from("/run/agent");
    Agent {
        stream,
        path,
        patience,
    }
}

fn print(blob: &[u8]) -> String {
    super::super::sign::fingerprint(blob)
}

#[test]
fn a_key_is_found_by_its_fingerprint() {
    let [good, other] = blobs();
    let found = agent(vec![framed(&list())]).key(&print(&good)).unwrap();
    assert_eq!(found.public().blob(), good);
    let refused = agent(vec![framed(&list())]).key(&print(&other));
    let Err(BundleError::KeyType { kind, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(kind, "ssh-rsa");
    let missing = agent(vec![framed(&list())]).key(&print(b"x"));
    assert!(matches!(missing, Err(BundleError::NotHeld { held: 2, .. })));
    let empty = framed(&[IDENTITIES_ANSWER, 0, 0, 0, 0]);
    let missing = agent(vec![empty]).key(&print(&good));
    assert!(matches!(missing, Err(BundleError::NotHeld { held: 0, .. })));
}

#[test]
fn an_answer_is_understood_whole_or_refused() {
    let [good, _] = blobs();
    let whole = list();
    let key = |answer: Vec<u8>| agent(vec![answer]).key(&print(&good)).map(|_| ());
    assert!(key(framed(&whole)).is_ok(), "control");
    for cut in 1..whole.len() {
        let refused = key(framed(&whole[..cut]));
        assert!(
            matches!(refused, Err(BundleError::AgentNonsense { .. })),
            "{cut}"
        );
    }
    let longer = [&whole[..], b"x"].concat();
    let mut more = whole.clone();
    more[4] = 3;
    let mut many = whole.clone();
    many[1] = 0x7f;
    for wrong in [longer, more, many, vec![5], vec![0xff; 100]] {
        let refused = key(framed(&wrong));
        assert!(
            matches!(refused, Err(BundleError::AgentNonsense { .. })),
            "{wrong:?}"
        );
    }
    // The length alone: none, and more than is ever read.
    for length in [0, LONGEST + 1, u32::MAX] {
        let refused = key(length.to_be_bytes().to_vec());
        assert!(
            matches!(refused, Err(BundleError::AgentNonsense { .. })),
            "{length}"
        );
    }
    for gone in [Vec::new(), framed(&whole)[..20].to_vec()] {
        let refused = key(gone);
        assert!(
            matches!(refused, Err(BundleError::NoAgent { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn a_wrong_signature_is_not_passed_on() {
    let [good, _] = blobs();
    let signed = |answer: Vec<u8>| {
        let held = agent(vec![framed(&list()), framed(&answer)]).key(&print(&good));
        held.unwrap().sign("findings@glassroom", b"x")
    };
    assert!(matches!(
        signed(vec![5]),
        Err(BundleError::AgentRefused { .. })
    ));
    let response = |parts: &[&[u8]]| {
        let mut signature = Vec::new();
        parts
            .iter()
            .for_each(|part| put_string(&mut signature, part));
        let mut answer = vec![SIGN_RESPONSE];
        put_string(&mut answer, &signature);
        answer
    };
    // Well formed, so that it is what is signed that is wrong: the signer looks at that.
    let formed = response(&[b"ssh-ed25519", &[7; 64]]);
    assert!(signed(formed.clone()).is_ok(), "control");
    for wrong in [
        response(&[b"ssh-ed25519", &[7; 63]]),
        response(&[b"ssh-ed25519"]),
        [&formed[..], b"x"].concat(),
        vec![SIGN_RESPONSE],
        formed[..formed.len() - 1].to_vec(),
    ] {
        let refused = signed(wrong);
        assert!(
            matches!(refused, Err(BundleError::AgentNonsense { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn nobody_waits_for_ever() {
    let [good, _] = blobs();
    let (stream, silent) = UnixStream::pair().unwrap();
    let patience = Patience {
        list: Duration::from_millis(50),
        touch: Duration::from_millis(50),
    };
    let path = PathBuf::from("/run/agent");
    let agent = Agent {
        stream,
        path,
        patience,
    };
    let refused = agent.key(&print(&good));
    assert!(
        matches!(refused, Err(BundleError::AgentSilent { .. })),
        "{refused:?}"
    );
    drop(silent);
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("socket");
    let refused = Agent::connect(&path);
    assert!(matches!(refused, Err(BundleError::NoAgent { .. })));
    let _listener = UnixListener::bind(&path).unwrap();
    assert!(Agent::connect(&path).is_ok(), "control");
}

proptest::proptest! {
    #[test]
    fn no_list_of_keys_makes_it_panic(tail in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let _ = keys(&tail);
        let _ = keys(&[&[IDENTITIES_ANSWER, 0, 0, 0, 1][..], &tail].concat());
    }
}
