//! The command line: one file a verb. Owns clap.
//!
//! Conventions (each verb keeps them): `--json` prints one line of JSON a record; exit 0 done, 1 "no", 2 usage,
//! 3 failed; one line on standard error names the thing and the next step. To anything but a terminal no file
//! content, no commit subject and no author is printed.

mod coverage;
mod encoding;
mod export;
mod failure;
mod finding;
mod index;
mod info;
mod key;
mod ledger;
mod leftovers;
mod mark;
mod media;
mod note;
mod open;
mod outline;
mod output;
mod passphrase;
mod places;
mod policy;
mod process;
mod regate;
mod release;
mod review;
mod search;
mod show;
mod sweep;
mod symbol;
mod target;
mod unlock;
mod verify;
mod version;
mod words;

pub use failure::Failure;

use crate::job::Room;
use crate::model::NoteKind;
use crate::snapshot::{SlowRead, watch_slow_reads};
use clap::{Args, Parser, Subcommand};
use output::Out;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::time::Duration;
use target::Source;

/// An object that is read for longer is named.
const SLOW_READ: Duration = Duration::from_secs(10);

/// How a verb that did not fail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Done.
    Yes,
    /// Nothing found, blocked, not valid.
    No,
}

impl Answer {
    fn of(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

#[derive(Parser)]
#[command(name = "glassroom", about, disable_version_flag = true)]
struct Line {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Prints version, commit and digest of the program.
    #[arg(long)]
    version: bool,
    /// Prints one line of JSON a record.
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    who: Who,
}

/// Whose review.
#[derive(Args, Clone, Debug, Default)]
struct Who {
    /// The review's name; default: made from the snapshot's path.
    #[arg(long, global = true, value_name = "NAME")]
    review: Option<String>,
    /// The reviewer's name; default: from the settings, else the login name.
    #[arg(long, global = true, value_name = "NAME")]
    reviewer: Option<String>,
}

#[derive(Subcommand)]
enum Verb {
    /// Opens the screen at the last place.
    Open(open::Open),
    /// Says what was delivered; writes nothing.
    Info(info::Info),
    /// Builds or updates the index.
    Index(index::Index),
    /// Lists every line that matches, by path and line.
    Search(search::Search),
    /// Lists the symbols of a file.
    Outline(outline::Outline),
    /// Lists where a name is defined, or every place where it stands.
    Symbol(symbol::Symbol),
    /// Shows lines, on a terminal only.
    Show(show::Show),
    /// Records and lists findings.
    #[command(subcommand)]
    Finding(finding::Finding),
    /// Records and lists notes.
    #[command(subcommand)]
    Note(note::Note),
    /// Records and lists questions to the vendor.
    #[command(subcommand)]
    Question(note::Question),
    /// Records and lists remarks for the vendor.
    #[command(subcommand)]
    Remark(note::Question),
    /// Judges every hit of a query.
    #[command(subcommand)]
    Sweep(sweep::Sweep),
    /// Marks lines as reviewed, or takes the mark back.
    Mark(mark::Mark),
    /// Lists what was shown and reviewed.
    Coverage(coverage::Coverage),
    /// Says in which encoding a file is read, or sets it.
    Encoding(encoding::Encode),
    /// Lets the gate judge the bundle, signs and writes it.
    Export(export::Export),
    /// Signs a bundle as the second person, who lets it leave.
    Release(release::Release),
    /// Checks a bundle.
    Verify(verify::Verify),
    /// Makes and shows keys.
    #[command(subcommand)]
    Key(key::Key),
    /// Lists removable media.
    #[command(subcommand)]
    Media(media::Media),
    /// Shows and checks what the room allows.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Lists, shows and purges reviews.
    #[command(subcommand)]
    Review(review::Review),
    /// Checks the ledgers.
    #[command(subcommand)]
    Ledger(ledger::Ledger),
}

/// Runs the command line. The first argument is the program's name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Result<Answer, Failure> {
    let line = match Line::try_parse_from(args) {
        Ok(line) => line,
        Err(error) => return failure::usage(&error),
    };
    process::protect_memory();
    leftovers::remove_from(&std::env::temp_dir());
    let is_screen = matches!(line.verb, None | Some(Verb::Open(_)));
    if !is_screen {
        name_slow_reads();
    }
    let mut out = Out::new(line.json);
    let answer = verb(&line, &mut out)?;
    out.finish()?;
    Ok(answer)
}

/// Says on standard error which object takes long to be read. It only helps, so that a thread that cannot be started is no
/// failure.
fn name_slow_reads() {
    let tell = |read: &SlowRead| {
        let seconds = read.time.as_secs();
        output::remark(&format!(
            "object {} of the delivery has been read for {seconds} s and is not done",
            read.id
        ));
    };
    let _ = watch_slow_reads(SLOW_READ, tell);
}

fn verb(line: &Line, out: &mut Out) -> Result<Answer, Failure> {
    let who = &line.who;
    if line.version {
        return version::run(out);
    }
    let Some(verb) = &line.verb else {
        let is_screen = std::io::stdout().is_terminal() && !line.json;
        return if is_screen {
            open::resume(who)
        } else {
            review::resumable(&room()?, out)
        };
    };
    match verb {
        Verb::Open(verb) => open::run(verb, who),
        Verb::Info(verb) => info::run(verb, who, out),
        Verb::Index(verb) => index::run(verb, who, out),
        Verb::Search(verb) => search::run(verb, who, out),
        Verb::Outline(verb) => outline::run(verb, who, out),
        Verb::Symbol(verb) => symbol::run(verb, who, out),
        Verb::Show(verb) => show::run(verb, who, out),
        Verb::Finding(verb) => finding::run(verb, who, out),
        Verb::Note(verb) => note::run(verb, who, out),
        Verb::Question(verb) => note::apart(verb, who, NoteKind::Question, out),
        Verb::Remark(verb) => note::apart(verb, who, NoteKind::Remark, out),
        Verb::Sweep(verb) => sweep::run(verb, who, out),
        Verb::Mark(verb) => mark::run(verb, who, out),
        Verb::Coverage(verb) => coverage::run(verb, who, out),
        Verb::Encoding(verb) => encoding::run(verb, who, out),
        Verb::Export(verb) => export::run(verb, who, out),
        Verb::Release(verb) => release::run(verb, out),
        Verb::Verify(verb) => verify::run(verb, out),
        Verb::Key(verb) => key::run(verb, who, out),
        Verb::Media(verb) => media::run(verb, out),
        Verb::Policy(verb) => policy::run(verb, who, out),
        Verb::Review(verb) => review::run(verb, who, out),
        Verb::Ledger(verb) => ledger::run(verb, who, out),
    }
}

/// Finds folders and settings.
fn room() -> Result<Room, Failure> {
    let room = Room::enter()?;
    leftovers::remove_from(room.home.root());
    Ok(room)
}
