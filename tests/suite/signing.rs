//! Keys, agents, tokens and the second signature, through the real program and the real tools.

use crate::support::desk::{Desk, has, stock};
use crate::support::skip;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where Debian's package openssh-tests has the software token, unless `GLASSROOM_SK_DUMMY` names it.
const TOKEN: &str = "/usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so";

fn token() -> Option<String> {
    let named = std::env::var("GLASSROOM_SK_DUMMY").unwrap_or_else(|_| TOKEN.to_owned());
    if Path::new(&named).exists() {
        return Some(named);
    }
    skip("no sk-dummy.so");
    None
}

/// A running ssh-agent, which ends with this.
struct Agent {
    process: Pid,
    socket: String,
    folder: PathBuf,
}

impl Agent {
    fn start(desk: &Desk) -> Self {
        let socket = desk.path("agent");
        // It listens before it goes into the background, so that nothing has to be waited for.
        let said = stock("ssh-agent", &["-a", &socket, "-P", "/*"], Path::new("/"));
        let number = said.split("SSH_AGENT_PID=").nth(1).unwrap();
        let number = number.split(';').next().unwrap().parse().unwrap();
        Self {
            process: Pid::from_raw(number).unwrap(),
            socket,
            folder: desk.program.home(),
        }
    }

    /// Runs `ssh-add`.
    fn add(&self, arguments: &[&str]) {
        let mut command = Command::new("ssh-add");
        let command = command.args(arguments).env("SSH_AUTH_SOCK", &self.socket);
        let out = command.stdin(Stdio::null()).output().unwrap();
        assert!(out.status.success(), "{arguments:?}: {out:?}");
    }

    /// Makes a key without a passphrase, adds it and returns what `--key` calls it and its public line.
    fn key(&self, name: &str, arguments: &[&str], add: &[&str]) -> (String, String) {
        let file = ["-q", "-N", "", "-C", "x", "-f", name];
        stock("ssh-keygen", &[&file[..], arguments].concat(), &self.folder);
        let path = self.folder.join(name);
        self.add(&[add, &[path.to_str().unwrap()]].concat());
        let shown = stock("ssh-keygen", &["-l", "-f", name], &self.folder);
        let print = shown.split(' ').nth(1).unwrap();
        let public = fs::read_to_string(path.with_extension("pub")).unwrap();
        (format!("agent:{print}"), public)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = kill_process(self.process, Signal::TERM);
    }
}

/// Checks the signature with OpenSSH.
fn openssh(bundle: &Path, signers: &str, name: &str, release: bool) -> bool {
    let (purpose, file) = if release {
        ("release@glassroom", "SHA256SUMS.release.sig")
    } else {
        ("findings@glassroom", "SHA256SUMS.sig")
    };
    let script = "exec ssh-keygen -Y verify -f \"$0\" -I \"$1\" -n \"$2\" -s \"$3\" < SHA256SUMS";
    let mut command = Command::new("/bin/sh");
    let command = command.args(["-c", script, signers, name, purpose, file]);
    command
        .current_dir(bundle)
        .output()
        .unwrap()
        .status
        .success()
}

#[test]
fn an_agent_signs_without_a_passphrase() {
    if !has("ssh-agent") {
        return;
    }
    let desk = Desk::new();
    let agent = Agent::start(&desk);
    let (key, public) = agent.key("id", &["-t", "ed25519"], &[]);
    let signers = desk.file("signers", &format!("alice {public}"));
    let bundle = desk.program.home().join("bundle");
    let outcome = desk.export(&bundle, &["--key", &key, "--agent", &agent.socket]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.stdout.contains("safe to remove"), "{outcome:?}");
    assert_eq!(desk.verify(&bundle, &signers, &[]).code, Some(0));
    assert!(openssh(&bundle, &signers, "alice", false));
    // The socket is the environment's if none is named.
    let program = env!("CARGO_BIN_EXE_glassroom");
    let socket = format!("SSH_AUTH_SOCK={}", agent.socket);
    let to = desk.path("again");
    let arguments = [
        "export",
        "--snapshot",
        &desk.demo,
        "--to",
        &to,
        "--key",
        &key,
    ];
    let arguments = [&[&socket, program], &arguments[..]].concat();
    let outcome = desk.program.run_command("/usr/bin/env", &arguments);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    // What the agent cannot do is said, and nothing is written.
    let (rsa, _) = agent.key("rsa", &["-t", "rsa"], &[]);
    let unknown = format!("agent:SHA256:{}", "A".repeat(43));
    let to = desk.program.home().join("none");
    for (key, socket, said) in [
        (rsa.as_str(), agent.socket.as_str(), "ssh-rsa"),
        (&unknown, &agent.socket, "ssh-add -l"),
        ("agent:id", &agent.socket, "is no fingerprint"),
        (&key, "/nowhere", "cannot talk to the ssh-agent"),
        (&key, &desk.demo, "cannot talk to the ssh-agent"),
    ] {
        let outcome = desk.export(&to, &["--key", key, "--agent", socket]);
        assert_eq!(outcome.code, Some(3), "{outcome:?}");
        assert!(outcome.stderr.contains(said), "{said}: {outcome:?}");
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
    }
    let outcome = desk.export(&to, &["--key", &key]);
    assert!(
        outcome.stderr.contains("no ssh-agent is named"),
        "{outcome:?}"
    );
    agent.add(&["-D"]);
    let outcome = desk.export(&to, &["--key", &key, "--agent", &agent.socket]);
    assert!(outcome.stderr.contains("has 0 keys"), "{outcome:?}");
    assert!(!to.exists());
}

#[test]
fn a_fido2_token_signs_through_an_agent() {
    let Some(token) = token().filter(|_| has("ssh-agent")) else {
        return;
    };
    let desk = Desk::new();
    let agent = Agent::start(&desk);
    for (name, options, said) in [
        ("touch", &[][..], "FIDO2 token, touched, no PIN or finger"),
        (
            "free",
            &["-O", "no-touch-required"],
            "FIDO2 token, NOT touched",
        ),
    ] {
        let kind = [&["-t", "ed25519-sk", "-w", &token], options].concat();
        let (key, public) = agent.key(name, &kind, &["-S", &token]);
        let signers = desk.file("signers", &format!("alice {public}"));
        let bundle = desk.program.home().join(format!("bundle-{name}"));
        let outcome = desk.export(&bundle, &["--key", &key, "--agent", &agent.socket]);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert!(outcome.stderr.contains("touch the token"), "{outcome:?}");
        let good = desk.verify(&bundle, &signers, &[]);
        assert_eq!(good.code, Some(0), "{good:?}");
        assert!(good.stdout.contains(said), "{good:?}");
        assert!(openssh(&bundle, &signers, "alice", false));
        // The file of such a key is only a handle, and says so.
        let outcome = desk.export(&desk.program.home().join("x"), &["--key", &desk.path(name)]);
        assert_eq!(outcome.code, Some(3));
        assert!(outcome.stderr.contains("ssh-add"), "{outcome:?}");
    }
}

#[test]
fn a_second_person_releases_what_was_verified() {
    let desk = Desk::new();
    let (alice, bob) = (desk.person("alice"), desk.person("bob"));
    desk.policy("second_signer = true\n");
    let bundle = desk.program.home().join("bundle");
    let outcome = desk.export_by(&alice, &bundle);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let signers = desk.file("signers", &format!("{}{}", alice.line, bob.line));
    let before = desk.verify(&bundle, &signers, &["--json"]);
    assert_eq!(before.code, Some(1), "{before:?}");
    assert!(
        before.stdout.contains("SHA256SUMS.release.sig"),
        "{before:?}"
    );
    let to = bundle.to_str().unwrap();
    let release = |person: &crate::support::desk::Person, more: &[&str]| {
        let key = [
            "--key",
            &person.key,
            "--passphrase-file",
            &person.passphrase,
        ];
        desk.program
            .run(&[&["release", to], &key[..], more].concat())
    };
    let claim = ["--signers", &signers, "--as", "alice"];
    // Alice cannot; a bundle that was changed, or is not by her, cannot be released.
    let same = release(&alice, &claim);
    assert_eq!(same.code, Some(3), "{same:?}");
    assert!(
        same.stderr.contains("somebody else must release it"),
        "{same:?}"
    );
    let other = release(&bob, &["--signers", &signers, "--as", "bob"]);
    assert_eq!(other.code, Some(3), "{other:?}");
    let report = bundle.join("report.md");
    let whole = fs::read(&report).unwrap();
    fs::write(&report, [&whole[..], b" "].concat()).unwrap();
    let changed = release(&bob, &claim);
    assert_eq!(changed.code, Some(3), "{changed:?}");
    assert!(
        changed.stderr.contains("report.md: was changed"),
        "{changed:?}"
    );
    fs::write(&report, &whole).unwrap();
    assert!(!bundle.join("SHA256SUMS.release.sig").exists());
    // Bob can, once.
    let done = release(&bob, &claim);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stdout.contains("safe to remove"), "{done:?}");
    let again = release(&bob, &claim);
    assert_eq!(again.code, Some(3), "{again:?}");
    assert!(again.stderr.contains("released already"), "{again:?}");
    for more in [&[][..], &["--released-by", "bob"]] {
        let after = desk.verify(&bundle, &signers, more);
        assert_eq!(after.code, Some(0), "{after:?}");
        assert!(
            after.stdout.contains("released by bob with SHA256:"),
            "{after:?}"
        );
    }
    assert_eq!(
        desk.verify(&bundle, &signers, &["--released-by", "eve"])
            .code,
        Some(1)
    );
    let revoked = desk.file("revoked", bob.line.split_once("\" ").unwrap().1);
    assert_eq!(
        desk.verify(&bundle, &signers, &["--revoked", &revoked])
            .code,
        Some(1)
    );
    if has("ssh-keygen") {
        assert!(openssh(&bundle, &signers, "bob", true));
        assert!(!openssh(&bundle, &signers, "alice", true), "control");
    }
}

#[test]
fn a_release_without_signers_says_what_it_did_not_check() {
    let desk = Desk::new();
    let (alice, bob) = (desk.person("alice"), desk.person("bob"));
    let bundle = desk.program.home().join("bundle");
    assert_eq!(desk.export_by(&alice, &bundle).code, Some(0));
    let key = ["--key", &bob.key, "--passphrase-file", &bob.passphrase];
    let arguments = [
        &["release", bundle.to_str().unwrap()],
        &key[..],
        &["--json"],
    ]
    .concat();
    let done = desk.program.run(&arguments);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(
        done.stderr.contains("not checked that it is alice's"),
        "{done:?}"
    );
    let record: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_ne!(record["signer"], record["releaser"], "{record}");
    let signers = desk.file("signers", &format!("{}{}", alice.line, bob.line));
    assert_eq!(desk.verify(&bundle, &signers, &[]).code, Some(0));
}

#[test]
fn bad_keys_and_signers_are_told_on_one_line() {
    let desk = Desk::new();
    let alice = desk.person("alice");
    let bundle = desk.program.home().join("bundle");
    let to = desk.program.home().join("none");
    let wrong = desk.file("wrong", "incorrect horse\n");
    let refused = |key: &str, passphrase: &str, said: &str| {
        let outcome = desk.export(&to, &["--key", key, "--passphrase-file", passphrase]);
        assert_eq!(outcome.code, Some(3), "{outcome:?}");
        assert!(outcome.stderr.contains(said), "{said}: {outcome:?}");
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
        assert!(!to.exists() && !to.with_extension("part").exists());
    };
    refused(&alice.key, &wrong, "the passphrase does not open");
    refused(&alice.key, &desk.file("empty", ""), "it is empty");
    refused(&alice.key, "/nowhere", "cannot read a passphrase");
    refused("/nowhere", &alice.passphrase, "cannot open /nowhere");
    refused(
        &format!("{}.pub", alice.key),
        &alice.passphrase,
        "ublic key",
    );
    stock("chmod", &["640", &alice.key], Path::new("/"));
    refused(
        &alice.key,
        &alice.passphrase,
        &format!("run chmod 600 {}", alice.key),
    );
    stock("chmod", &["600", &alice.key], Path::new("/"));
    assert_eq!(desk.export_by(&alice, &bundle).code, Some(0), "control");
    // A wrong passphrase is no attempt; the export is recorded once.
    assert_eq!(desk.exports().len(), 1, "{:?}", desk.exports());
    let key = alice.line.split_once("\" ").unwrap().1;
    for (signers, code, said) in [
        (format!("junk\n{}", alice.line), 0, "line 1"),
        (
            format!("alice ssh-rsa AAAAB3NzaC1yc2E=\n{}", alice.line),
            0,
            "line 1 holds",
        ),
        (alice.line.replace('\n', "\r\n"), 0, "valid"),
        (
            format!("alice cert-authority {key}"),
            3,
            "certificate authority",
        ),
        (
            "alice ssh-rsa AAAAB3NzaC1yc2E=\n".to_owned(),
            3,
            "not Ed25519",
        ),
        (
            format!("alice valid-before=\"20200101Z\" {key}"),
            1,
            "which expired: it could sign until 2020-01-01T00:00:00Z",
        ),
        (
            format!("alice namespaces=\"git\" {key}"),
            1,
            "which may sign for git and not for findings@glassroom",
        ),
        (String::new(), 1, "which is unknown"),
        (format!("bob {key}"), 1, "allowed_signers has for bob"),
        (alice.line.clone(), 0, "valid"),
    ] {
        let signers = desk.file("signers", &signers);
        let outcome = desk.verify(&bundle, &signers, &[]);
        assert_eq!(outcome.code, Some(code), "{said}: {outcome:?}");
        let told = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(told.contains(said), "{said}: {told}");
    }
    // As of a time within its line the key may sign; ssh-keygen says the same with verify-time.
    let signers = desk.file(
        "signers",
        &format!("alice valid-before=\"20200101Z\" {key}"),
    );
    for (time, code) in [
        ("2019-12-31T23:59:59Z", 0),
        ("20191231Z", 0),
        ("2020-01-01T00:00:01Z", 1),
        ("yesterday", 2),
    ] {
        let outcome = desk.verify(&bundle, &signers, &["--at-time", time]);
        assert_eq!(outcome.code, Some(code), "{time}: {outcome:?}");
    }
    let pipe = desk.path("pipe");
    stock("mkfifo", &[&pipe], Path::new("/"));
    assert_eq!(
        desk.verify(&bundle, &pipe, &[]).code,
        Some(3),
        "a pipe is no file"
    );
}

/// Takes the commands out of README.txt as they stand, puts a place's values in, and runs them.
#[test]
fn git_alone_confirms_every_place() {
    if !has("git") {
        return;
    }
    let desk = Desk::new();
    desk.finding("src/mgmt/mgmt_server.cpp:10", "One line.");
    desk.finding("docs/notes_cn.txt:2-3", "Not every text is UTF-8.");
    let alice = desk.person("alice");
    let bundle = desk.program.home().join("bundle");
    assert_eq!(desk.export_by(&alice, &bundle).code, Some(0));
    let readme = fs::read_to_string(bundle.join("README.txt")).unwrap();
    let commands = readme
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("git --no"));
    let commands: Vec<&str> = commands.collect();
    assert_eq!(commands.len(), 3, "{commands:?}");
    let findings = fs::read(bundle.join("findings.json")).unwrap();
    let findings: Value = serde_json::from_slice(&findings).unwrap();
    let mut places = 0;
    for finding in findings["findings"].as_array().unwrap() {
        for place in finding["locations"].as_array().unwrap() {
            let text = |value: &Value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            };
            let [blob, path] = ["blob", "path"].map(|name| text(&place[name]));
            let [first, last] = ["start_line", "end_line"].map(|name| text(&place[name]));
            let run = |command: &str, path: &str| {
                let command = command
                    .replace("COMMIT", &text(&finding["commit"]))
                    .replace("PATH", path)
                    .replace("BLOB", &blob)
                    .replace("'A,Bp'", &format!("'{first},{last}p'"))
                    .replace("SNAPSHOT", &desk.demo);
                let mut shell = Command::new("/bin/sh");
                shell.args(["-c", &command]).output().unwrap()
            };
            let found = run(commands[0], &path);
            assert_eq!(String::from_utf8_lossy(&found.stdout).trim(), blob);
            let lines = run(commands[1], &path);
            let count = String::from_utf8_lossy(&lines.stdout).lines().count() as u64;
            let [first, last] = ["start_line", "end_line"].map(|n| place[n].as_u64().unwrap());
            assert_eq!(count, last - first + 1, "{path}");
            let listed = run(commands[2], &path);
            assert!(String::from_utf8_lossy(&listed.stdout).contains(&path));
            assert!(!run(commands[0], "src/none.c").status.success(), "control");
            places += 1;
        }
    }
    assert_eq!(places, 3);
    let signers = desk.file("signers", &alice.line);
    let checked = desk.verify(&bundle, &signers, &["--snapshot", &desk.demo]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
}
