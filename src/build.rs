//! Tells the program which commit it was built from, for `--version` and the bundle. Reads git's files itself and
//! runs nothing; outside a checkout the commit is unknown.

use std::fs;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    let git = Path::new(".git");
    // Naming a file that is missing would build anew every time.
    for file in ["HEAD", "packed-refs"].map(|name| git.join(name)).iter().filter(|f| f.exists()) {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    let commit = commit(git).filter(|c| c.len() == 40 && c.bytes().all(|b| b.is_ascii_hexdigit()));
    println!("cargo::rustc-env=GLASSROOM_COMMIT={}", commit.unwrap_or_else(|| "unknown".to_owned()));
}

fn commit(git: &Path) -> Option<String> {
    let head = fs::read_to_string(git.join("HEAD")).ok()?;
    let head = head.trim();
    let Some(name) = head.strip_prefix("ref: ") else { return Some(head.to_owned()) };
    let loose = git.join(name);
    if let Ok(id) = fs::read_to_string(&loose) {
        println!("cargo::rerun-if-changed={}", loose.display());
        return Some(id.trim().to_owned());
    }
    let packed = fs::read_to_string(git.join("packed-refs")).ok()?;
    packed.lines().find_map(|line| line.strip_suffix(name)?.split(' ').next().map(str::to_owned))
}
