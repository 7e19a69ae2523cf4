//! `README.txt`: how the receiver checks a bundle with stock tools.

use super::render::BundleInput;

/// Returns the text.
pub fn render(input: &BundleInput<'_>) -> Vec<u8> {
    let name = input.reviewer;
    let label = if input.policy.label.is_empty() {
        String::new()
    } else {
        format!("{}\n\n", input.policy.label)
    };
    format!(
        "{label}FINDINGS BUNDLE {number} OF REVIEW {review}\n\
\n\
Reviewed: commit {commit}\n\
          tree   {tree}\n\
Signed by: {name}\n\
\n\
HOW TO CHECK IT\n\
\n\
You need this folder and a file allowed_signers that you did not get with it: ask\n\
the reviewer for the line with the key, and compare the fingerprint, or its words,\n\
with the sign-in sheet. Then, in this folder:\n\
\n\
1. The signature, and with it the list of files:\n\
\n\
   ssh-keygen -Y verify -f allowed_signers -I {name} -n findings@glassroom \\\n\
     -s SHA256SUMS.sig < SHA256SUMS\n\
\n\
   It must print: Good \"findings@glassroom\" signature for {name}\n\
\n\
2. The content of every file in the list:\n\
\n\
   sha256sum -c --strict SHA256SUMS\n\
\n\
   Every line must end in OK.\n\
\n\
3. That no file was added. sha256sum does not notice an added file. This must print\n\
   nothing:\n\
\n\
   LC_ALL=C ls -Ab |\n\
     grep -v -x -F -e SHA256SUMS -e SHA256SUMS.sig -e SHA256SUMS.release.sig |\n\
     while read -r f; do\n\
       sed 's/^[0-9a-f]*  //' SHA256SUMS | grep -q -x -F -e \"$f\" || echo \"ADDED: $f\"\n\
     done\n\
\n\
Only SHA256SUMS and the two signatures may be missing from the list.\n\
\n\
Notes\n\
- allowed_signers must not lie in this folder, or step 3 names it: give its path.\n\
- If keys may have been revoked, add -r FILE to step 1. FILE must be a regular file:\n\
  given a pipe, ssh-keygen accepts a revoked key.\n\
- On Windows use cmd, not PowerShell, whose pipes change bytes:\n\
  cmd /c \"ssh-keygen -Y verify ... < SHA256SUMS\"\n\
- If there is a SHA256SUMS.release.sig, a second person released the bundle: repeat\n\
  step 1 with -n release@glassroom, that person's name and that file.\n\
- bundle.json holds the bundle's number and the digest of the bundle before it. Keep\n\
  them: a number that comes twice or not at all was replayed or lost.\n\
- Each ledger-*.jsonl is a chain: \"prev\" is the SHA-256 of the line before it, without\n\
  the line feed. A line of only seq, prev and sha256 stands for an entry that did not\n\
  leave the room; its sha256 is the digest that the next line names.\n\
\n\
WHAT IS IN IT\n\
\n\
report.md       the report, for people\n\
questions.md    questions to the vendor\n\
findings.json   the findings, complete\n\
findings.sarif  the same as SARIF 2.1.0\n\
coverage.json   what was read\n\
snapshot.json   what was delivered\n\
policy.toml     what the room allowed\n\
bundle.json     who made this bundle, of what, with which program (in-toto Statement v1)\n\
ledger-*.jsonl  who recorded what, when\n\
\n\
The bundle holds no code of the vendor. A place is a path, lines and a git blob id;\n\
with the delivered repository, git cat-file -p BLOB shows the text. The check before\n\
it left stops copied text, not what a person remembers.\n",
        number = input.number,
        review = input.review_name,
        commit = input.delivery.commit,
        tree = input.delivery.tree,
    )
    .into_bytes()
}
