//! `glassroom key`: makes a signing key, and shows what goes on the sign-in sheet.

use super::output::Out;
use super::passphrase::Passphrase;
use super::{Answer, Failure, Who, room};
use crate::bundle::{KeyPair, PublicKey};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::PathBuf;

#[derive(Subcommand)]
pub(super) enum Key {
    /// Writes a new private key and FILE.pub, and prints the same as `key show`.
    New(New),
    /// Prints the line of a key for `allowed_signers`, and its fingerprint and words as comments: the output is such a file.
    ///
    /// The line is for the reviewer's name of the settings, or for the name that --reviewer gives.
    Show(Show),
}

#[derive(Args)]
pub(super) struct New {
    /// Where the private key goes; neither it nor FILE.pub may exist.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
}

#[derive(Args)]
pub(super) struct Show {
    /// A private key, or its public half.
    file: PathBuf,
}

#[derive(Serialize)]
struct Record {
    fingerprint: String,
    public_key: String,
    words: String,
    allowed_signers: String,
}

pub(super) fn run(verb: &Key, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let name = room()?.reviewer(who.reviewer.as_deref())?;
    let public = match verb {
        Key::New(new) => {
            if new.out.symlink_metadata().is_ok() {
                let path = new.out.display();
                return Err(Failure::failed(
                    format!("{path} exists already"),
                    "name a file that does not exist",
                ));
            }
            let passphrase = new.passphrase.make()?;
            let pair = KeyPair::generate(passphrase.as_bytes())?;
            pair.write(&new.out)?;
            pair.public().clone()
        }
        Key::Show(show) if show.file.extension().is_some_and(|e| e == "pub") => {
            PublicKey::read(&show.file)?
        }
        Key::Show(show) => PublicKey::of_private(&show.file)?,
    };
    let record = Record {
        fingerprint: public.fingerprint(),
        public_key: public.line(),
        words: public.words(),
        allowed_signers: public.allowed_signers(&name),
    };
    if out.json {
        out.record(&record);
    } else {
        // As a file it is an `allowed_signers`: what is for people is a comment there.
        out.line(&format!("# fingerprint  {}", record.fingerprint));
        out.line(&format!("# words        {}", record.words));
        out.line(&format!("# public key   {}", record.public_key));
        out.line(&record.allowed_signers);
    }
    Ok(Answer::Yes)
}
