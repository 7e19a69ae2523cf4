//! `README.txt`: how the receiver checks a bundle with stock tools.

use super::render::BundleInput;
use super::typed::TypedTexts;
use crate::model::{NoteKind, TextVisitor, Typed};

/// Returns how places that are no lines are checked, if the bundle has any.
fn other_places(input: &BundleInput<'_>) -> String {
    let noted = [NoteKind::Question, NoteKind::Remark].map(|kind| input.notes(kind));
    let noted = noted
        .into_iter()
        .flatten()
        .map(|note| note.location.anchor.extent);
    let of_findings = input.findings().flat_map(|finding| &finding.locations);
    let extents: Vec<_> = of_findings.map(|l| l.anchor.extent).chain(noted).collect();
    let mut text = String::new();
    if extents.iter().any(|extent| extent.bytes().is_some()) {
        text.push_str(
            r"
   Of a binary file report.md gives bytes A to B, counted from 0; findings.json has them as
   offset and length. This shows them:

   git --no-replace-objects -C SNAPSHOT cat-file blob BLOB |
     tail -c +$((A + 1)) | head -c $((B - A + 1)) | od -A d -t x1
",
        );
    }
    if extents.iter().any(|extent| extent.whole().is_some()) {
        text.push_str(
            r"
   A place without lines is a file, link, submodule or folder as a whole. The first command
   prints its id, which is a commit's for a submodule and a tree's for a folder. Of the whole
   snapshot this prints it:

   git --no-replace-objects -C SNAPSHOT rev-parse 'COMMIT^{tree}'
",
        );
    }
    text
}

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

   sha256sum -c SHA256SUMS

   Every line must end in OK, and the last line of all must not be a warning.

3. That no file was added. sha256sum does not notice an added file. These lines, pasted
   as they stand, must print "no file was added" and nothing else:

   (LC_ALL=C; export LC_ALL; added=
   for f in * .*; do
     case $f in
     .|..|SHA256SUMS|SHA256SUMS.sig|SHA256SUMS.release.sig) continue;;
     *[!A-Za-z0-9._@-]*) ;;
     *) cut -c67- SHA256SUMS | grep -q -x -F -e "$f" && continue;;
     esac
     if [ -e "$f" ] || [ -L "$f" ]; then echo "ADDED: $f"; added=1; fi
   done
   [ -n "$added" ] || echo "no file was added")

Only SHA256SUMS and the two signatures may be missing from the list.

4. {second}

   ssh-keygen -Y verify -f ../allowed_signers -I NAME -n {purpose} \
     -s SHA256SUMS.release.sig < SHA256SUMS

   NAME is the second person. The key that it prints must be another one than in step 1.{other}

5. The places, with the delivered repository and git alone. findings.json and report.md
   give each place as PATH, lines A to B and BLOB, the git id of the file's content.
   This must print BLOB, so that content stands at that path in the commit:

   git --no-replace-objects -C SNAPSHOT rev-parse COMMIT:PATH

   This shows the lines; of a file whose "encoding" in findings.json is not UTF-8, with
   iconv -f ENCODING -t UTF-8 between the two commands:

   git --no-replace-objects -C SNAPSHOT cat-file blob BLOB | sed -n 'A,Bp'
{others}
   COMMIT is the finding's commit, mostly the one above. A git bundle is made a
   repository by git clone --mirror. In a PATH, %20 stands for a space, and so on. Where
   the policy lets no whole path leave, this finds it:

   git --no-replace-objects -C SNAPSHOT ls-tree -r COMMIT | grep BLOB

Notes
- allowed_signers lies beside this folder here; inside it, step 3 would name it.
- A line of allowed_signers may end a key's time. For a bundle that was signed before,
  add -Overify-time=YYYYMMDDHHMMSSZ to steps 1 and 4, or --at-time to glassroom verify.
  Nothing in a bundle proves when it was signed: take the time from your own records.
- If keys may have been revoked, add -r FILE to steps 1 and 4: a regular file that you
  keep, with one revoked public key a line.
- A key on a FIDO2 token signs with a touch. ssh-keygen does not check that: add -vv to
  see the flags (1 touched, 4 PIN or finger); glassroom verify shows them.
- The commands are those of any Unix, busybox's too. On Windows steps 1 and 4 work in
  cmd, not in PowerShell, whose pipes change bytes; for steps 2 and 3 there is no stock
  command: run glassroom verify, or start a Linux system from a medium.
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
findings.sarif  the findings that claim something, as SARIF 2.1.0, a run for each commit
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
        others = other_places(input),
    )
    .into_bytes();
    let typed = typed.finish_in(&text);
    (text, typed)
}
