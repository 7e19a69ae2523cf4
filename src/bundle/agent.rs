//! A client of ssh-agent (the ssh-agent protocol of OpenSSH, draft-ietf-sshm-ssh-agent): which keys it holds, and
//! a signature by one of them. This is how a FIDO2 token signs.
//!
//! The only file of the program that opens a socket: a Unix socket that the user names, on this machine, and only
//! when `--key agent:…` asks for it. Two requests, one connection. An answer is awaited for a bounded time, its
//! length is looked at before it is read, and every byte of it must be understood.
//!
//! ```text
//! message  = u32 length, then so many bytes: u8 type, fields
//! 11 (identities) -> 12: u32 count, then for each: string key, string comment
//! 13 (sign): string key, string data, u32 flags -> 14: string signature; 5 is no
//! ```

use super::BundleError;
use super::sign::PublicKey;
use super::wire::{Wire, put_string};
use ssh_key::public::KeyData;
use ssh_key::{HashAlg, LineEnding, Signature, SshSig};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;

/// The longest answer, and the most keys, that OpenSSH's own client takes.
const LONGEST: u32 = 256 * 1024;
const MOST_KEYS: u32 = 2048;

/// How long an answer may take.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// For the list of keys.
    list: Duration,
    /// For a signature: somebody has to find the token and touch it, or to type its PIN.
    touch: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            list: Duration::from_secs(5),
            touch: Duration::from_secs(90),
        }
    }
}

/// An agent that listens.
#[derive(Debug)]
pub struct Agent {
    stream: UnixStream,
    path: PathBuf,
    patience: Patience,
}

/// A key that an agent holds.
#[derive(Debug)]
pub struct Held {
    agent: Agent,
    key: PublicKey,
}

impl Agent {
    /// Connects to the agent at a socket.
    pub fn connect(path: &Path) -> Result<Self, BundleError> {
        let patience = Patience::default();
        let failed = |source| BundleError::NoAgent {
            path: path.to_owned(),
            source,
        };
        // Connecting waits while the agent's queue is full, and nothing but a thread of its own bounds that.
        let (sender, receiver) = mpsc::channel();
        let socket = path.to_owned();
        thread::spawn(move || sender.send(UnixStream::connect(socket)));
        let stream = receiver
            .recv_timeout(patience.list)
            .map_err(|_| failed(ErrorKind::TimedOut.into()))?
            .map_err(failed)?;
        Ok(Self {
            stream,
            path: path.to_owned(),
            patience,
        })
    }

    /// Finds the key with that fingerprint, which is written as `ssh-add -l` writes it.
    pub fn key(self, fingerprint: &str) -> Result<Held, BundleError> {
        let answer = self.ask(&[REQUEST_IDENTITIES], self.patience.list)?;
        let keys = keys(&answer).ok_or_else(|| self.nonsense("the list of keys"))?;
        let found = keys.iter().find(|(print, _)| print == fingerprint);
        let Some((_, kind)) = found else {
            return Err(BundleError::NotHeld {
                path: self.path,
                fingerprint: fingerprint.to_owned(),
                held: keys.len(),
            });
        };
        match kind {
            Ok(key) => Ok(Held {
                key: key.clone(),
                agent: self,
            }),
            Err(kind) => Err(BundleError::KeyType {
                path: PathBuf::from(format!("agent:{fingerprint}")),
                kind: kind.clone(),
            }),
        }
    }

    fn nonsense(&self, what: &'static str) -> BundleError {
        BundleError::AgentNonsense {
            path: self.path.clone(),
            what,
        }
    }

    /// Sends a request and returns the answer.
    fn ask(&self, request: &[u8], patience: Duration) -> Result<Vec<u8>, BundleError> {
        let mut message = Vec::with_capacity(request.len() + 4);
        put_string(&mut message, request);
        let end = Instant::now() + patience;
        let failed = |source: io::Error| match source.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => BundleError::AgentSilent {
                path: self.path.clone(),
                seconds: patience.as_secs(),
            },
            _ => BundleError::NoAgent {
                path: self.path.clone(),
                source,
            },
        };
        self.write(&message, end).map_err(failed)?;
        let mut length = [0; 4];
        self.read(&mut length, end).map_err(failed)?;
        let length = u32::from_be_bytes(length);
        if length == 0 || length > LONGEST {
            return Err(self.nonsense("the length of an answer"));
        }
        let mut answer = vec![0; length as usize];
        self.read(&mut answer, end).map_err(failed)?;
        Ok(answer)
    }

    fn write(&self, mut bytes: &[u8], end: Instant) -> io::Result<()> {
        while !bytes.is_empty() {
            self.stream.set_write_timeout(Some(left(end)?))?;
            match (&self.stream).write(bytes) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Fills the buffer. An agent that sends byte by byte does not get more time.
    fn read(&self, mut buffer: &mut [u8], end: Instant) -> io::Result<()> {
        while !buffer.is_empty() {
            self.stream.set_read_timeout(Some(left(end)?))?;
            match (&self.stream).read(buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => buffer = &mut buffer[count..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Held {
    /// Returns the public half.
    pub fn public(&self) -> &PublicKey {
        &self.key
    }

    /// Has the agent sign the bytes. Waits for a touch of the token if the key is a token's.
    pub fn sign(&self, namespace: &str, bytes: &[u8]) -> Result<String, BundleError> {
        let failed = |source| BundleError::Encode {
            what: "signature",
            source,
        };
        let data = SshSig::signed_data(namespace, HashAlg::Sha512, bytes).map_err(failed)?;
        let mut request = vec![SIGN_REQUEST];
        put_string(&mut request, &self.key.blob());
        put_string(&mut request, &data);
        request.extend(0u32.to_be_bytes());
        let agent = &self.agent;
        let answer = agent.ask(&request, agent.patience.touch)?;
        if answer[0] != SIGN_RESPONSE {
            return Err(BundleError::AgentRefused {
                path: agent.path.clone(),
                fingerprint: self.key.fingerprint(),
            });
        }
        let mut wire = Wire::new(&answer[1..]);
        let signature = wire.string().filter(|_| wire.is_empty());
        let signature = signature
            .and_then(|bytes| Signature::try_from(bytes).ok())
            .ok_or_else(|| agent.nonsense("a signature"))?;
        let signature = SshSig::new(
            self.key.data().clone(),
            namespace,
            HashAlg::Sha512,
            signature,
        );
        signature
            .and_then(|signature| signature.to_pem(LineEnding::LF))
            .map_err(failed)
    }
}

/// Returns the time that is left; none is an error.
fn left(end: Instant) -> io::Result<Duration> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(ErrorKind::TimedOut.into());
    }
    Ok(left)
}

/// A key that we can use, or the name of its type.
type Usable = Result<PublicKey, String>;

/// Reads the list of keys, each with its fingerprint.
fn keys(answer: &[u8]) -> Option<Vec<(String, Usable)>> {
    let mut wire = Wire::new(answer);
    if wire.byte()? != IDENTITIES_ANSWER {
        return None;
    }
    let count = wire.u32().filter(|count| *count <= MOST_KEYS)?;
    let mut keys = Vec::new();
    for _ in 0..count {
        let (blob, _comment) = (wire.string()?, wire.string()?);
        let kind = String::from_utf8_lossy(Wire::new(blob).string()?).into_owned();
        let key = ssh_key::PublicKey::from_bytes(blob).ok();
        let key = key.map(|key| key.key_data().clone());
        let usable = match key {
            Some(key @ (KeyData::Ed25519(_) | KeyData::SkEd25519(_))) => {
                Ok(PublicKey::from_data(key))
            }
            _ => Err(kind),
        };
        keys.push((super::sign::fingerprint(blob), usable));
    }
    wire.is_empty().then_some(keys)
}

#[cfg(test)]
mod tests;
