//! `README.txt`.

use super::super::render::BundleInput;
use super::super::typed::TypedTexts;
use crate::model::{TextVisitor, Typed};

/// Returns the text, and the free texts in it.
pub fn render(input: &BundleInput<'_>) -> (Vec<u8>, Vec<Typed>) {
    let mut typed = TypedTexts::new("README.txt", input.delivered);
    typed.visit_text("policy", "label", &input.policy.label);
    typed.visit_text("review", "name", input.review_name);
    typed.visit_name("bundle", "reviewer", input.reviewer);
    let name = input.reviewer;
    let label = if input.policy.label.is_empty() {
        String::new()
    } else {
        format!("{}\n\n", input.policy.label)
    };
    let second = if input.policy.gate_at_release {
        "That a second person ran the check for copied text again and released it: the\n   \
         policy asks for that. Without SHA256SUMS.release.sig the bundle is not valid."
    } else if input.policy.second_signer {
        "That a second person released it: the policy asks for one. Without\n   \
         SHA256SUMS.release.sig the bundle is not valid."
    } else {
        "If there is a SHA256SUMS.release.sig, a second person released it:"
    };
    let (purpose, other) = if input.policy.gate_at_release {
        ("release-gated@glassroom", "")
    } else {
        (
            "release@glassroom",
            "\n   If that person ran the check for copied text again, the signature is for\n   \
             -n release-gated@glassroom instead.",
        )
    };
    let code = if input.excerpts.is_empty() {
        "The bundle holds no code of the vendor: a place is a path, lines and a git id. The check\n\
         before it left stops copied text, not what a person remembers."
    } else {
        "Of the vendor's code the bundle holds the lines in excerpts.txt, as policy.toml allows,\n\
         and nothing else: a place is a path, lines and a git id. The check before it left stops\n\
         copied text, not what a person remembers."
    };
    let text = format!(
        r#"{label}FINDINGS BUNDLE {number} OF REVIEW {review}

Reviewed: commit {commit}
          tree   {tree}
Signed by: {name}

HOW TO CHECK IT

You need this folder and a file allowed_signers that you did not get with it: ask
the reviewer for the line with the key, and compare the fingerprint, or its words,
with the sign-in sheet. Then, in this folder:

1. The signature, and with it the list of files:

   ssh-keygen -Y verify -f ../allowed_signers -I {name} -n findings@glassroom \
     -s SHA256SUMS.sig < SHA256SUMS

   It must print: Good "findings@glassroom" signature for {name}

2. The content of every file in the list:

   sha256sum -c --strict SHA256SUMS

   Every line must end in OK.

3. That no file was added. sha256sum does not notice an added file. This must print
   nothing:

   LC_ALL=C ls -Ab |
     grep -v -x -F -e SHA256SUMS -e SHA256SUMS.sig -e SHA256SUMS.release.sig |
     while read -r f; do
       sed 's/^[0-9a-f]*  //' SHA256SUMS | grep -q -x -F -e "$f" || echo "ADDED: $f"
     done

Only SHA256SUMS and the two signatures may be missing from the list.

4. {second}

   ssh-keygen -Y verify -f ../allowed_signers -I NAME -n {purpose} \
     -s SHA256SUMS.release.sig < SHA256SUMS

   NAME is the second person. The key that it prints must be another one than in step 1.{other}

5. The places, with the delivered repository and git alone. findings.json and report.md
   give each place as PATH, lines A to B and BLOB, the git id of the file's content.
   This must print BLOB, so that content stands at that path in the commit:

   git --no-replace-objects -C SNAPSHOT rev-parse COMMIT:PATH

   This shows the lines:

   git --no-replace-objects -C SNAPSHOT cat-file blob BLOB | sed -n 'A,Bp'

   COMMIT is the finding's commit, mostly the one above. A git bundle is made a
   repository by git clone --mirror. In a PATH, %20 stands for a space, and so on. Where
   the policy lets no whole path leave, this finds it:

   git --no-replace-objects -C SNAPSHOT ls-tree -r COMMIT | grep BLOB

Notes
- allowed_signers lies beside this folder here; inside it, step 3 would name it.
- If keys may have been revoked, add -r FILE to steps 1 and 4: a regular file that you
  keep, with one revoked public key a line.
- A key on a FIDO2 token signs with a touch. ssh-keygen does not check that: add -vv to
  see the flags (1 touched, 4 PIN or finger); glassroom verify shows them.
- On Windows use cmd, not PowerShell, whose pipes change bytes:
  cmd /c "ssh-keygen -Y verify ... < SHA256SUMS"
- bundle.json holds the bundle's number and the digest of the bundle before it. Keep
  them: a number that comes twice or not at all was replayed or lost.
- Each ledger-*.jsonl is a chain: "prev" is the SHA-256 of the line before it, without
  the line feed. A line of only seq, prev and sha256 stands for an entry that did not
  leave the room; its sha256 is the digest that the next line names.

WHAT IS IN IT

report.html     the report, to be looked at and printed; it loads and runs nothing
report.md       the same as plain text
questions.md    questions to the vendor
findings.json   the findings, complete
findings.sarif  the same as SARIF 2.1.0
excerpts.txt    the lines of the vendor's that findings quote, if the policy allows any
coverage.json   what was read
sweeps.json     queries of which every hit was judged, with the verdicts
snapshot.json   what was delivered
policy.toml     what the room allowed
bundle.json     who made this bundle, of what, with which program (in-toto Statement v1)
ledger-*.jsonl  who recorded what, when

{code}
"#,
        number = input.number,
        review = input.review_name,
        commit = input.delivery.commit,
        tree = input.delivery.tree,
    )
    .into_bytes();
    let typed = typed.finish_in(&text);
    (text, typed)
}
