//! The commands of `README.txt`, run as they stand there.

use super::*;

#[test]
fn stock_tools_accept_the_bundle_and_the_readme_says_how() {
    let (_temp, folder) = written(&Policy::default());
    if !is_there("ssh-keygen") {
        return;
    }
    std::fs::write(
        folder.parent().unwrap().join("allowed_signers"),
        &signed().line,
    )
    .unwrap();
    let readme = std::fs::read_to_string(folder.join("README.txt")).unwrap();
    let run = |shell: &[&str], script: &str| {
        let out = Command::new(shell[0])
            .args(&shell[1..])
            .arg("-c")
            .arg(script)
            .current_dir(&folder)
            .output()
            .unwrap();
        (
            out.status.success(),
            String::from_utf8_lossy(&out.stdout).into_owned(),
        )
    };
    let bash = ["bash"];
    let part = |from: &str, to: &str| {
        let start = readme.find(from).unwrap();
        let end = start + readme[start..].find(to).unwrap();
        readme[start..end].to_owned()
    };
    let signature = part("ssh-keygen -Y verify", "\n\n");
    let sums = part("sha256sum -c", "\n\n");
    let added = part("(LC_ALL=C", "\n\n");
    let (good, said) = run(&bash, &signature);
    assert!(
        good && said.contains("Good \"findings@glassroom\" signature for alice"),
        "{said}"
    );
    assert!(run(&bash, &sums).0);
    // The shells and tools of a small system too.
    let mut shells = vec![vec!["bash"], vec!["sh"]];
    if is_there("busybox") {
        shells.push(vec!["busybox", "sh"]);
    }
    let nothing = (true, "no file was added\n".to_owned());
    for shell in &shells {
        assert_eq!(run(shell, &added), nothing, "{shell:?}");
        assert!(run(shell, &sums).0, "{shell:?}");
    }
    // Names that a listing, a pattern or a line-wise tool would pass over or take for another.
    for name in [
        ".*",
        ".hidden",
        "report.md ",
        " report.md",
        "report.md\nbundle.json",
        "SHA256SUMS\n",
        "-n",
        "*",
        "REPORT.md",
        "b\u{fc}ndle.json",
        "f",
    ] {
        let path = folder.join(name);
        std::fs::write(&path, "x").unwrap();
        for shell in &shells {
            let (_, said) = run(shell, &added);
            assert!(said.contains("ADDED: "), "{shell:?} {name:?}: {said}");
            assert!(!said.contains("no file was added"), "{shell:?} {name:?}");
        }
        assert!(run(&bash, &sums).0, "the digests do not notice {name:?}");
        std::fs::remove_file(&path).unwrap();
    }
    std::fs::create_dir(folder.join("folder")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.join("link")).unwrap();
    let (_, said) = run(&bash, &added);
    assert!(said.contains("ADDED: folder") && said.contains("ADDED: link"));
    std::fs::remove_dir(folder.join("folder")).unwrap();
    std::fs::remove_file(folder.join("link")).unwrap();
    // Without the tools that it calls it says no more that nothing was added.
    let bare = format!("PATH=/nowhere; {added}");
    let (_, said) = run(&bash, &bare);
    assert!(!said.contains("no file was added"), "{said}");
    // Controls: each command notices what it is there for.
    std::fs::write(folder.join("report.md"), "x").unwrap();
    assert!(!run(&bash, &sums).0 && run(&bash, &signature).0);
    std::fs::write(folder.join("SHA256SUMS"), "x").unwrap();
    assert!(!run(&bash, &signature).0);
}
