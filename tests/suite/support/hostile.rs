//! Deliveries that are made to mislead, hang or break whoever opens them, one function a trick.
//!
//! Each holds a file `needle.c` with the word [`NEEDLE`] where it can, so that a test can tell a delivery that
//! is read from one that is merely survived.

use super::repo::{Entry, FILE, FOLDER, LINK, SUBMODULE, TestRepo};
use git2::Oid;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

/// The word to be found.
pub const NEEDLE: &str = "needle_of_the_vendor";
/// A word that lies outside the delivery and must never be found.
pub const FOREIGN: &str = "word_outside_the_delivery";

/// What opening a delivery must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// It is read, and says of itself whether all of it was delivered.
    Read {
        /// What `complete` must be.
        complete: bool,
        /// Whether the needle is there to be found.
        needle: bool,
    },
    /// It is refused, and the message holds these words.
    Refused(&'static str),
}

/// One delivery.
pub struct Hostile {
    /// Names it in a failure.
    pub name: &'static str,
    /// Keeps the folder.
    pub repo: TestRepo,
    /// What is opened.
    pub path: PathBuf,
    /// What must come of it.
    pub expect: Expect,
}

const WHOLE: Expect = Expect::Read {
    complete: true,
    needle: true,
};
const PARTIAL: Expect = Expect::Read {
    complete: false,
    needle: true,
};

/// Makes one from its builder.
fn make(name: &'static str, expect: Expect, repo: TestRepo) -> Hostile {
    let path = repo.path().to_owned();
    Hostile {
        name,
        repo,
        path,
        expect,
    }
}

fn needle() -> Vec<u8> {
    format!("int {NEEDLE};\n").into_bytes()
}

fn plain() -> TestRepo {
    TestRepo::of(&[("needle.c", &needle())])
}

/// Every delivery that is quick to make.
pub fn quick() -> Vec<Hostile> {
    vec![
        make("control: nothing odd", WHOLE, plain()),
        make("control: one pack", WHOLE, packed()),
        make("alternates", PARTIAL, alternates()),
        make("names", WHOLE, names()),
        make("a missing blob", PARTIAL, missing_blob()),
        make("a missing folder", PARTIAL, missing_tree()),
        make("history ends", WHOLE, shallow()),
        make("settings that include others", WHOLE, settings()),
        make("links and a submodule", WHOLE, links()),
        make("colliding names", WHOLE, colliding()),
        make(
            "a truncated pack",
            Expect::Refused("damaged"),
            truncated_pack(),
        ),
        make(
            "an empty loose object",
            Expect::Refused("damaged"),
            empty_object(),
        ),
        make(
            "the commit's folder is lost",
            Expect::Refused("missing"),
            missing_top(),
        ),
        make(
            "objects named by SHA-256",
            Expect::Refused("SHA-256"),
            sha256(),
        ),
        make("reftable", Expect::Refused("reftable"), reftable()),
        make("no commit", Expect::Refused("no commit"), TestRepo::new()),
        make("HEAD is noise", Expect::Refused("HEAD"), noise_in_head()),
        make(
            "packed-refs is noise",
            Expect::Refused("packed-refs"),
            noise_in_refs(),
        ),
        make("HEAD is a pipe", Expect::Refused("HEAD"), pipe()),
        make(
            "refs that name each other",
            Expect::Refused("--rev"),
            ref_loop(),
        ),
        bundle("control: a bundle", "# v2 git bundle\n", None, WHOLE),
        bundle(
            "a truncated bundle",
            "# v2 git bundle\n",
            Some(40),
            Expect::Refused("truncated or damaged"),
        ),
        bundle(
            "a bundle without refs",
            "# v2 git bundle\n\n",
            None,
            Expect::Refused("bundle"),
        ),
        bundle(
            "a bundle that needs others",
            "# v2 git bundle\n-1111111111111111111111111111111111111111 \n",
            None,
            Expect::Refused("not in it"),
        ),
        bundle(
            "a bundle of version 9",
            "# v9 git bundle\n",
            None,
            Expect::Refused("bundle"),
        ),
        git_file(),
        no_repository(),
    ]
}

fn packed() -> TestRepo {
    let repo = plain();
    repo.pack_all();
    repo
}

/// A file's content lies in a folder that only `objects/info/alternates` names.
fn alternates() -> TestRepo {
    let other = TestRepo::new();
    let repo = TestRepo::new();
    let text = format!("int {FOREIGN};\n");
    let id = other.blob(text.as_bytes());
    let digits = id.to_string();
    let outside = repo.beside().join("outside");
    fs::create_dir_all(outside.join(&digits[..2])).unwrap();
    let name = format!("{}/{}", &digits[..2], &digits[2..]);
    fs::copy(
        other.path().join("objects").join(&name),
        outside.join(&name),
    )
    .unwrap();
    let own = repo.blob(&needle());
    repo.commit(repo.tree(&[(FILE, b"foreign.c", id), (FILE, b"needle.c", own)]));
    repo.put(
        "objects/info/alternates",
        format!("{}\n", outside.display()),
    );
    repo
}

/// Names that no tree should hold.
fn names() -> TestRepo {
    let repo = TestRepo::new();
    let id = repo.blob(&needle());
    let odd: &[&[u8]] = &[
        b"\x1b]0;title\x07.c",
        b"\x1b[2J\x1b[H.c",
        b"\r\n.c",
        b"\xff\xfe.c",
        "\u{202e}c.exe".as_bytes(),
        "a\u{200b}b.c".as_bytes(),
        b"..",
        b".git",
        b"-rf",
        b"%41.c",
        b"a\\b.c",
        b"needle.c",
    ];
    let entries: Vec<Entry<'_>> = odd.iter().map(|name| (FILE, *name, id)).collect();
    let inner = repo.tree(&[(FILE, b"escaped.c", id)]);
    let up = repo.tree(&[(FOLDER, b"..", inner)]);
    let all = [entries, vec![(FOLDER, b"up".as_slice(), up)]].concat();
    repo.commit(repo.tree(&all));
    repo
}

fn missing_blob() -> TestRepo {
    let repo = TestRepo::of(&[("gone.c", b"int gone;\n"), ("needle.c", &needle())]);
    repo.lose(repo.blob(b"int gone;\n"));
    repo
}

fn missing_tree() -> TestRepo {
    let repo = TestRepo::new();
    let id = repo.blob(&needle());
    let lost = repo.tree(&[(FILE, b"x", id)]);
    repo.commit(repo.tree(&[(FOLDER, b"lost", lost), (FILE, b"needle.c", id)]));
    repo.lose(lost);
    repo
}

fn missing_top() -> TestRepo {
    let repo = TestRepo::new();
    let tree = repo.tree_of(&[("needle.c", &needle())]);
    repo.commit(tree);
    repo.lose(tree);
    repo
}

fn shallow() -> TestRepo {
    let repo = TestRepo::of(&[("a.c", b"int a;\n")]);
    let first = repo.last();
    let last = repo.commit_files(&[("needle.c", &needle())]);
    repo.lose(first);
    repo.put("shallow", format!("{last}\n"));
    repo
}

/// Everything that would make git itself run or read something else.
fn settings() -> TestRepo {
    let repo = plain();
    let evil = "[core]\n\tfsmonitor = touch owned\n\tpager = touch owned\n\
        [include]\n\tpath = /etc/passwd\n[alias]\n\tlog = !touch owned\n";
    repo.put("config", evil);
    repo.put("hooks/post-checkout", "#!/bin/sh\ntouch owned\n");
    repo.put("info/grafts", format!("{}\n", repo.last()));
    repo.put("info/attributes", "* filter=evil\n");
    repo
}

fn links() -> TestRepo {
    let repo = TestRepo::new();
    let id = repo.blob(&needle());
    let out = repo.blob(b"/etc/passwd");
    let up = repo.blob(b"../../../..");
    let absent = Oid::from_str("1111111111111111111111111111111111111111").unwrap();
    repo.commit(repo.tree(&[
        (LINK, b"passwd", out),
        (LINK, b"up", up),
        (SUBMODULE, b"lib", absent),
        (FILE, b"needle.c", id),
    ]));
    repo
}

fn colliding() -> TestRepo {
    TestRepo::of(&[
        ("README", b"a\n"),
        ("readme", b"b\n"),
        ("needle.c", &needle()),
    ])
}

fn truncated_pack() -> TestRepo {
    let repo = plain();
    let path = repo.pack_all();
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    repo
}

fn empty_object() -> TestRepo {
    let repo = plain();
    let digits = repo.last().to_string();
    let name = format!("objects/{}/{}", &digits[..2], &digits[2..]);
    repo.lose(repo.last());
    repo.put(&name, "");
    repo
}

fn sha256() -> TestRepo {
    let repo = plain();
    repo.put(
        "config",
        "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n",
    );
    repo
}

fn reftable() -> TestRepo {
    let repo = plain();
    repo.put("reftable/tables.list", "0x1-0x1-1.ref\n");
    repo.put("HEAD", "ref: refs/heads/.invalid\n");
    repo
}

fn noise_in_head() -> TestRepo {
    let repo = plain();
    repo.put("HEAD", b"\x1b[2J\xff\xfe\0\n");
    repo
}

fn noise_in_refs() -> TestRepo {
    let repo = plain();
    repo.put("packed-refs", b"\x1b[2J\xff\xfe\0\nnot a ref\n");
    repo
}

fn pipe() -> TestRepo {
    let repo = plain();
    let head = repo.path().join("HEAD");
    fs::remove_file(&head).unwrap();
    mknodat(CWD, &head, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    repo
}

fn ref_loop() -> TestRepo {
    let repo = plain();
    repo.put("HEAD", "ref: refs/heads/a\n");
    repo.put("refs/heads/a", "ref: refs/heads/b\n");
    repo.put("refs/heads/b", "ref: refs/heads/a\n");
    repo
}

fn bundle(name: &'static str, head: &str, keep: Option<usize>, expect: Expect) -> Hostile {
    let repo = plain();
    let path = repo.bundle(head);
    if let Some(less) = keep {
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - less]).unwrap();
    }
    Hostile {
        name,
        repo,
        path,
        expect,
    }
}

/// A work tree whose `.git` names a repository elsewhere.
fn git_file() -> Hostile {
    let repo = plain();
    let path = repo.beside().join("tree");
    fs::create_dir(&path).unwrap();
    fs::write(
        path.join(".git"),
        format!("gitdir: {}\n", repo.path().display()),
    )
    .unwrap();
    let expect = Expect::Refused("points to a repository elsewhere");
    Hostile {
        name: "a .git that names another folder",
        repo,
        path,
        expect,
    }
}

fn no_repository() -> Hostile {
    let repo = TestRepo::new();
    let path = repo.beside().join("\u{1b}]0;x\u{7}");
    fs::create_dir(&path).unwrap();
    symlink("/", path.join("HEAD")).unwrap();
    let expect = Expect::Refused("git");
    Hostile {
        name: "no repository, in a folder with an odd name",
        repo,
        path,
        expect,
    }
}

/// Three folders that each hold the next one three times, 27 files in all: with lowered caps as good as any number.
pub fn repeated() -> Hostile {
    let repo = TestRepo::new();
    let own = repo.blob(&needle());
    let same = repo.blob(b"int same;\n");
    let mut tree = repo.tree(&[(FILE, b"f", same)]);
    for _ in 0..3 {
        let names: [&[u8]; 3] = [b"0", b"1", b"2"];
        let entries = names.map(|name| (FOLDER, name, tree));
        tree = repo.tree(&entries);
    }
    repo.commit(repo.tree(&[(FOLDER, b"z", tree), (FILE, b"needle.c", own)]));
    make("folders that hold each other", WHOLE, repo)
}

/// Twelve folders in a row.
pub fn nested() -> Hostile {
    let repo = TestRepo::new();
    let id = repo.blob(&needle());
    let mut tree = repo.tree(&[(FILE, b"f", id)]);
    for _ in 0..12 {
        tree = repo.tree(&[(FOLDER, b"d", tree)]);
    }
    repo.commit(repo.tree(&[(FOLDER, b"d", tree), (FILE, b"needle.c", id)]));
    make("folders in a row", WHOLE, repo)
}

/// Two mebibytes that a few kilobytes on disk inflate to.
pub fn inflating() -> Hostile {
    let repo = TestRepo::of(&[("needle.c", &needle()), ("zeros.bin", &vec![0; 2 << 20])]);
    make("a blob of zeros", WHOLE, repo)
}
