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
    let run = |script: &str| {
        let out = Command::new("bash")
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
    let part = |from: &str, to: &str| {
        let start = readme.find(from).unwrap();
        let end = start + readme[start..].find(to).unwrap();
        readme[start..end].to_owned()
    };
    let signature = part("ssh-keygen -Y verify", "\n\n");
    let sums = part("sha256sum -c", "\n\n");
    let added = part("LC_ALL=C ls", "\n\n");
    let (good, said) = run(&signature);
    assert!(
        good && said.contains("Good \"findings@glassroom\" signature for alice"),
        "{said}"
    );
    assert!(run(&sums).0);
    assert_eq!(run(&added), (true, String::new()));
    // Controls: each command notices what it is there for.
    std::fs::write(folder.join(".*"), "x").unwrap();
    assert!(run(&added).1.contains("ADDED: .*") && run(&sums).0);
    std::fs::write(folder.join("report.md"), "x").unwrap();
    assert!(!run(&sums).0 && run(&signature).0);
    std::fs::write(folder.join("SHA256SUMS"), "x").unwrap();
    assert!(!run(&signature).0);
}
