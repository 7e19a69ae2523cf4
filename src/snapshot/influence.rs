//! What a vendor put in place that would steer an ordinary tool: nothing of it steers this one.
//!
//! Two halves: files of the tree, judged by path alone, and parts of the repository folder, judged by name
//! and kind. Kinds are words of ours, never bytes of the vendor's.

use crate::model::TreeFile;
use crate::model::{Influence, RepoPath};
use crate::snapshot::SnapshotError;
use crate::snapshot::refs::Refs;
use crate::snapshot::source::{look, read_plain, settings, unreadable};
use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// File names that steer, wherever they stand.
const NAMES: &[(&str, &[&str])] = &[
    ("attributes", &[".gitattributes"]),
    (
        "ignore",
        &[
            ".gitignore",
            ".ignore",
            ".rgignore",
            ".fdignore",
            ".agignore",
            ".hgignore",
            ".bzrignore",
            ".cvsignore",
            ".dockerignore",
            ".tuicrignore",
            ".cursorignore",
            ".cursorindexingignore",
            ".aiderignore",
            ".aiexclude",
            ".codeiumignore",
            ".geminiignore",
            ".semgrepignore",
            ".gitleaksignore",
            ".trivyignore",
            ".eslintignore",
            ".git-blame-ignore-revs",
        ],
    ),
    (
        "editor",
        &[
            ".editorconfig",
            ".vimrc",
            "_vimrc",
            ".gvimrc",
            ".exrc",
            ".nvimrc",
            ".nvim.lua",
            ".lvimrc",
            ".local.vimrc",
            ".dir-locals.el",
            ".dir-locals-2.el",
            ".projectile",
            ".kateconfig",
            ".devcontainer.json",
        ],
    ),
    (
        "agent",
        &[
            "CLAUDE.md",
            "CLAUDE.local.md",
            "AGENTS.md",
            "AGENTS.override.md",
            "AGENT.md",
            "GEMINI.md",
            "QWEN.md",
            "CRUSH.md",
            "WARP.md",
            ".cursorrules",
            ".windsurfrules",
            ".clinerules",
            ".roorules",
            ".goosehints",
            ".rules",
            ".mcp.json",
        ],
    ),
    ("mailmap", &[".mailmap"]),
    ("modules", &[".gitmodules"]),
    ("lfs", &[".lfsconfig"]),
    (
        "tool",
        &[
            ".clang-tidy",
            ".clangd",
            "compile_flags.txt",
            "compile_commands.json",
            ".ccls",
            ".envrc",
            ".gdbinit",
            ".lldbinit",
            ".ripgreprc",
            ".ackrc",
            ".ctags",
            ".tigrc",
            ".globalrc",
            "gtags.conf",
            ".cocciconfig",
            ".shellcheckrc",
            ".pylintrc",
            ".flake8",
            ".bandit",
            ".golangci.yml",
            ".golangci.yaml",
            ".gitleaks.toml",
            ".semgrep.yml",
            ".tool-versions",
            ".mise.toml",
            "mise.toml",
            "rust-toolchain",
            "rust-toolchain.toml",
            "clippy.toml",
            ".clippy.toml",
        ],
    ),
    // Ready-made tables lead a jump to wherever their author wants.
    (
        "tags",
        &["tags", "TAGS", "GTAGS", "GRTAGS", "GPATH", "cscope.out"],
    ),
];

/// Folders whose content steers, wherever they stand.
const FOLDERS: &[(&str, &[&str])] = &[
    (
        "editor",
        &[
            ".vscode",
            ".idea",
            ".zed",
            ".helix",
            ".fleet",
            ".vim",
            ".nvim",
            ".devcontainer",
            ".vs",
        ],
    ),
    (
        "agent",
        &[
            ".cursor",
            ".claude",
            ".codex",
            ".gemini",
            ".windsurf",
            ".clinerules",
            ".roo",
            ".kiro",
            ".continue",
            ".junie",
            ".amazonq",
            ".opencode",
            ".agents",
        ],
    ),
    ("tool", &[".ctags.d", ".semgrep", ".cargo", ".direnv"]),
];

/// Settings of a repository's `config` that run a program, read another file or change what is shown.
const SETTINGS: &[(&str, &str, &str)] = &[
    ("include", "", "config-include"),
    ("includeif", "", "config-include"),
    ("alias", "", "config-alias"),
    ("filter", "", "config-filter"),
    ("diff", "", "config-diff"),
    ("difftool", "", "config-difftool"),
    ("merge", "", "config-merge"),
    ("mergetool", "", "config-mergetool"),
    ("pager", "", "config-pager"),
    ("credential", "", "config-credential"),
    ("url", "", "config-url"),
    ("browser", "", "config-browser"),
    ("gpg", "", "config-gpg"),
    ("sequence", "editor", "config-editor"),
    ("blame", "ignorerevsfile", "config-blame"),
    ("log", "excludedecoration", "config-log"),
    ("uploadpack", "packobjectshook", "config-hook"),
    ("core", "fsmonitor", "config-fsmonitor"),
    ("core", "hookspath", "config-hook"),
    ("core", "pager", "config-pager"),
    ("core", "editor", "config-editor"),
    ("core", "sshcommand", "config-ssh"),
    ("core", "gitproxy", "config-proxy"),
    ("core", "askpass", "config-credential"),
    ("core", "attributesfile", "config-attributes"),
    ("core", "excludesfile", "config-ignore"),
    ("core", "worktree", "config-worktree"),
    ("core", "sparsecheckout", "config-sparse"),
    ("core", "alternaterefscommand", "config-alternates"),
    ("extensions", "partialclone", "config-partial"),
    ("remote", "promisor", "config-partial"),
    ("remote", "partialclonefilter", "config-partial"),
    ("core", "sparsecheckoutcone", "config-sparse"),
    ("core", "autocrlf", "config-line-ends"),
    ("core", "eol", "config-line-ends"),
    ("extensions", "worktreeconfig", "config-worktree"),
];

/// Parts of a repository folder that change what git shows, by their mere presence.
const PARTS: &[(&str, &str)] = &[
    ("config", "config"),
    ("config.worktree", "config"),
    ("info/attributes", "attributes"),
    ("info/exclude", "ignore"),
    ("info/sparse-checkout", "sparse"),
    ("info/grafts", "grafts"),
    ("shallow", "shallow"),
    ("modules", "modules"),
    ("worktrees", "worktrees"),
    ("fsmonitor--daemon.ipc", "fsmonitor"),
    ("objects/info/alternates", "alternates"),
    ("objects/info/http-alternates", "alternates"),
    ("objects/info/commit-graph", "commit-graph"),
    ("objects/info/commit-graphs", "commit-graph"),
    ("objects/pack/multi-pack-index", "multi-pack-index"),
];

/// Parts that git itself makes with nothing but comments in them.
const COMMENTED: &[&str] = &["info/exclude", "info/attributes"];
/// Bytes of such a part; a larger one says something.
const COMMENT_BYTES: u64 = 64 << 10;

/// Links and packs that are not read, listed one by one.
const LINKS: usize = 200;
/// Hooks listed one by one.
const HOOKS: usize = 200;

fn kind_in(table: &[(&'static str, &[&str])], name: &[u8]) -> Option<&'static str> {
    let holds = |names: &[&str]| names.iter().any(|n| n.as_bytes() == name);
    table
        .iter()
        .find(|(_, names)| holds(names))
        .map(|(kind, _)| *kind)
}

/// Returns how a file of the tree would steer an ordinary tool, judged by its path.
///
/// A path that no checkout may hold (`..`, an empty part, `.git` in any case) is named too.
pub fn influence_of_path(path: &RepoPath) -> Option<&'static str> {
    let bytes = path.as_bytes();
    let is_git =
        |part: &[u8]| part.eq_ignore_ascii_case(b".git") || part.eq_ignore_ascii_case(b"git~1");
    for part in bytes.split(|b| *b == b'/') {
        if part.is_empty() || part == b"." || part == b".." {
            return Some("traversal");
        }
        if is_git(part) {
            return Some("git-folder");
        }
    }
    let name = path.name();
    if let Some(kind) = kind_in(NAMES, name) {
        return Some(kind);
    }
    let folder = path.folder();
    for part in folder.split(|b| *b == b'/') {
        if let Some(kind) = kind_in(FOLDERS, part) {
            return Some(kind);
        }
    }
    let last = folder.rsplit(|b| *b == b'/').next().unwrap_or(&[]);
    if last == b".sourcegraph" && name == b"ignore" {
        return Some("ignore");
    }
    let github = [
        b".github/instructions".as_slice(),
        b".github/prompts",
        b".github/agents",
    ];
    if (last == b".github" && name == b"copilot-instructions.md")
        || github.iter().any(|g| folder.starts_with(g))
        || name.starts_with(b".aider")
    {
        return Some("agent");
    }
    let ends = [b".code-workspace".as_slice(), b".sublime-project"];
    if ends.iter().any(|end| name.ends_with(end)) {
        return Some("editor");
    }
    name.starts_with(b".eslintrc").then_some("tool")
}

/// The kind of a path that stands more than once in its folder.
pub const TWICE: &str = "duplicate-entry";

/// Lists the paths that a tree holds more than once, as git never writes it: as several files, or as a file and a folder.
/// Of such entries git and most other tools show one only.
pub fn duplicate_entries(files: &[TreeFile]) -> Vec<Influence> {
    let mut found = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let path = &file.path;
        if files.get(at + 1).is_some_and(|next| next.path == *path) {
            found.push(path);
            continue;
        }
        // Beside each other in the order of the paths, unless a name such as `a.c` or `a-b` sorts before `a/`.
        let inside = [path.as_bytes(), b"/"].concat();
        let from = files[at + 1..].partition_point(|f| f.path.as_bytes() < inside.as_slice());
        let next = files.get(at + 1 + from);
        if next.is_some_and(|f| f.path.as_bytes().starts_with(&inside)) {
            found.push(path);
        }
    }
    found.dedup();
    let row = |path: &RepoPath| Influence {
        path: path.clone(),
        kind: TWICE.to_owned(),
    };
    found.into_iter().map(row).collect()
}

/// Lists the paths that a file system which ignores case would take for another path of the list: one of them
/// hides the other in a checkout there. Cases are compared in ASCII.
pub fn case_collisions(files: &[TreeFile]) -> Vec<Influence> {
    let mut by_fold: HashMap<Vec<u8>, Vec<&RepoPath>> = HashMap::new();
    for file in files {
        let fold = file.path.as_bytes().to_ascii_lowercase();
        by_fold.entry(fold).or_default().push(&file.path);
    }
    let mut found: Vec<_> = by_fold
        .into_values()
        // The same path twice is no matter of case.
        .filter(|paths| paths.iter().any(|path| *path != paths[0]))
        .flatten()
        .map(|path| Influence {
            path: path.clone(),
            kind: "case-collision".to_owned(),
        })
        .collect();
    found.sort();
    found
}

/// Returns whether a content is only the pointer that Git LFS leaves in place of a file, in the form of
/// its specification, <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>.
pub fn is_lfs_pointer(bytes: &[u8]) -> bool {
    let starts = [
        b"version https://git-lfs.github.com/spec/".as_slice(),
        b"version https://hawser.github.com/spec/",
    ];
    let holds = |key: &[u8]| {
        bytes
            .split(|b| *b == b'\n')
            .any(|line| line.starts_with(key))
    };
    bytes.len() < 1024
        && starts.iter().any(|s| bytes.starts_with(s))
        && holds(b"oid ")
        && holds(b"size ")
}

/// Lists what the repository folder itself holds; paths are relative to it.
pub(super) fn of_repository(git_dir: &Path, refs: &Refs) -> Vec<Influence> {
    let mut found = Vec::new();
    let mut add = |path: &[u8], kind: &str| {
        found.push(Influence {
            path: RepoPath::new(path),
            kind: kind.to_owned(),
        });
    };
    for (path, kind) in PARTS {
        let place = git_dir.join(path);
        // What cannot be looked at is there.
        let is_there = !matches!(look(&place), Ok(None));
        if is_there && !(COMMENTED.contains(path) && is_comment_only(&place)) {
            add(path.as_bytes(), kind);
        }
    }
    for setting in settings(git_dir).unwrap_or_default() {
        let is_it = |(section, key, _): &&(&str, &str, &str)| {
            *section == setting.section && (key.is_empty() || *key == setting.key)
        };
        if let Some((_, _, kind)) = SETTINGS.iter().find(is_it) {
            add(b"config", kind);
        }
    }
    match hooks(git_dir) {
        Ok(names) => names
            .iter()
            .for_each(|n| add(&[b"hooks/", n.as_slice()].concat(), "hook")),
        Err(_) => add(b"hooks", "hook"),
    }
    if refs.has_prefix(b"refs/replace/") {
        add(b"refs/replace", "replace");
    }
    // Git would follow them; what they lead to is not read.
    for name in refs.links().iter().take(LINKS) {
        add(name, "link");
    }
    for (name, kind) in passed_over(&git_dir.join("objects")) {
        add(&[b"objects/", name.as_slice()].concat(), kind);
    }
    found.sort();
    found.dedup();
    found
}

/// Lists what of a folder `objects` is not read: links, which git would follow, and packs without an index, which git
/// does not read either. Marks of partial clones are among it: they say that objects are left out.
fn passed_over(objects: &Path) -> Vec<(Vec<u8>, &'static str)> {
    let mut found = Vec::new();
    let list = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in list(objects) {
        if entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
            found.push((entry.file_name().as_bytes().to_vec(), "link"));
        }
    }
    let folder = objects.join("pack");
    for entry in list(&folder) {
        let name = entry.file_name();
        let name = [b"pack/", name.as_bytes()].concat();
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        let has = |end: &str| {
            let beside = entry.path().with_extension(end);
            !matches!(look(&beside), Ok(None))
        };
        if is_link {
            found.push((name, "link"));
        } else if name.ends_with(b".pack") && !has("idx") {
            found.push((name, "pack-without-index"));
        } else if name.ends_with(b".promisor") {
            found.push((name, "partial-clone"));
        }
    }
    found.sort();
    found.truncate(LINKS);
    found
}

/// Returns whether a file has no line that says anything.
fn is_comment_only(path: &Path) -> bool {
    let says = |line: &[u8]| !line.trim_ascii().is_empty() && !line.starts_with(b"#");
    match read_plain(path, COMMENT_BYTES) {
        Ok(Some(bytes)) => !bytes.split(|b| *b == b'\n').any(says),
        _ => false,
    }
}

/// Lists the hooks that git would run: samples are not run.
fn hooks(git_dir: &Path) -> Result<Vec<Vec<u8>>, SnapshotError> {
    let folder = git_dir.join("hooks");
    if look(&folder)?.is_some_and(|m| !m.is_dir()) {
        return Ok(vec![Vec::new()]);
    }
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(unreadable(&folder, e)),
    };
    let names = entries.flatten().map(|e| e.file_name().as_bytes().to_vec());
    let live = |name: &Vec<u8>| !name.ends_with(b".sample") && !name.starts_with(b"README");
    Ok(names.filter(live).take(HOOKS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::testing::TestRepo;

    #[test]
    fn files_that_steer_are_found_by_path_and_others_are_not() {
        for (path, kind) in [
            (".gitattributes", "attributes"),
            ("src/.gitignore", "ignore"),
            ("x/.sourcegraph/ignore", "ignore"),
            ("a/.vscode/deep/settings.json", "editor"),
            ("app.code-workspace", "editor"),
            ("sub/AGENTS.md", "agent"),
            (".cursor/rules/x.mdc", "agent"),
            (".github/copilot-instructions.md", "agent"),
            (".aider.conf.yml", "agent"),
            (".mailmap", "mailmap"),
            (".gitmodules", "modules"),
            (".lfsconfig", "lfs"),
            (".clang-tidy", "tool"),
            ("tags", "tags"),
            ("a/../b", "traversal"),
            ("/etc/passwd", "traversal"),
            (".GIT/config", "git-folder"),
        ] {
            assert_eq!(
                influence_of_path(&RepoPath::new(path)),
                Some(kind),
                "{path}"
            );
        }
        for path in [
            "README.md",
            ".github/workflows/ci.yml",
            ".clang-format",
            "src/tags.c",
            "gitignore",
        ] {
            assert_eq!(influence_of_path(&RepoPath::new(path)), None, "{path}");
        }
    }

    #[test]
    fn paths_that_differ_in_case_only_are_found() {
        let files = ["Makefile", "a/X.h", "a/x.h", "b/x.h", "makefile"].map(|path| TreeFile {
            path: RepoPath::new(path),
            kind: crate::model::FileKind::Regular,
            blob: crate::model::BlobId::new([0; 20]),
        });
        let found: Vec<_> = case_collisions(&files)
            .iter()
            .map(|i| i.path.to_string())
            .collect();
        assert_eq!(found, ["Makefile", "a/X.h", "a/x.h", "makefile"]);
    }

    #[test]
    fn a_path_that_stands_twice_is_found_and_is_no_matter_of_case() {
        let files = [
            "A.c", "a", "a-b", "a.c", "a.c", "a/x", "b", "c.c", "c.c", "c.c",
        ];
        let files = files.map(|path| TreeFile {
            path: RepoPath::new(path),
            kind: crate::model::FileKind::Regular,
            blob: crate::model::BlobId::new([0; 20]),
        });
        let paths = |found: Vec<Influence>| {
            let paths = found.iter().map(|i| i.path.to_string());
            paths.collect::<Vec<_>>()
        };
        assert_eq!(paths(duplicate_entries(&files)), ["a", "a.c", "c.c"]);
        assert_eq!(paths(case_collisions(&files)), ["A.c", "a.c", "a.c"]);
    }

    #[test]
    fn pointers() {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        assert!(is_lfs_pointer(pointer.as_bytes()));
        assert!(!is_lfs_pointer(
            b"version https://git-lfs.github.com/spec/v1\n"
        ));
        assert!(!is_lfs_pointer(pointer.replace("size", "sise").as_bytes()));
        assert!(!is_lfs_pointer(
            format!("{pointer}{}", " ".repeat(1024)).as_bytes()
        ));
    }

    #[test]
    fn a_repository_that_steers_is_listed_without_a_byte_of_its_own() {
        let repo = TestRepo::new();
        let commit = repo.commit_file("a", b"a");
        assert_eq!(repo.open().vendor_influence(), [], "control");
        let put = |name: &str, text: &str| {
            let path = repo.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put(
            "config",
            "[include] path=/x\n[core]\nfsmonitor=evil\nbare\n[alias]\n\x1b=x\nst=y\n",
        );
        put("hooks/post-checkout", "");
        put("hooks/pre-commit.sample", "");
        put("info/exclude", "# a comment\n\n");
        put("info/attributes", "*.c -diff\n");
        put("info/grafts", "");
        put("objects/info/alternates", "/elsewhere\n");
        put(&format!("refs/replace/{commit}"), &commit.to_string());
        let listed: Vec<_> = repo
            .open()
            .vendor_influence()
            .iter()
            .map(|i| format!("{} {}", i.path, i.kind))
            .collect();
        assert_eq!(
            listed,
            [
                "config config",
                "config config-alias",
                "config config-fsmonitor",
                "config config-include",
                "hooks/post-checkout hook",
                "info/attributes attributes",
                "info/grafts grafts",
                "objects/info/alternates alternates",
                "refs/replace replace",
            ]
        );
    }
}
