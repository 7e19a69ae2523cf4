//! The leak check compares with everything that was delivered, whichever way the reviewer came to see it.

use crate::support::program::{Outcome, Program};
use crate::support::repo::TestRepo;
use git2::ObjectType;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

const NOW: &[u8] = b"int session_open(struct ctx *ctx)\n{\n\treturn ctx->opened_sessions + 1;\n}\n";
const BEFORE: &[u8] = b"int session_open(struct ctx *ctx)\n{\n\
    \tctx->legacy_counter = previous_release_counter(ctx, LEGACY_SLOT);\n\treturn 0;\n}\n";
/// The line of [`BEFORE`] that a reviewer copies.
const OLD_LINE: &str = "ctx->legacy_counter = previous_release_counter(ctx, LEGACY_SLOT);";
const OWN_WORDS: &str = "The function trusts the counter that the caller hands over.";

/// A repository with a past, and a review of its newest commit with one finding.
struct Room {
    program: Program,
    repo: TestRepo,
}

impl Room {
    fn new(repo: TestRepo) -> Self {
        let room = Self {
            program: Program::new(),
            repo,
        };
        let indexed = room.program.on("index", room.repo.path(), &[]);
        assert_eq!(indexed.code, Some(0), "{indexed:?}");
        room
    }

    fn source(&self) -> &str {
        self.repo.path().to_str().unwrap()
    }

    fn finding(&self, text: &str) {
        let added = self.program.run(&[
            "finding",
            "add",
            "--snapshot",
            self.source(),
            "--severity",
            "high",
            "--title",
            "A counter is trusted",
            "--at",
            "a.c:1",
            "--text",
            text,
        ]);
        assert_eq!(added.code, Some(0), "{added:?}");
    }

    fn export(&self) -> Outcome {
        self.program
            .run(&["export", "--snapshot", self.source(), "--dry-run", "--json"])
    }

    /// Returns the overlaps of a blocked export.
    fn overlaps(&self) -> Vec<Value> {
        let outcome = self.export();
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        let record: Value = serde_json::from_str(outcome.stdout.trim()).unwrap();
        record["overlaps"].as_array().unwrap().clone()
    }

    fn assert_free(&self) {
        let outcome = self.export();
        assert_eq!(outcome.code, Some(0), "the control: {outcome:?}");
    }

    fn review(&self) -> PathBuf {
        let reviews = fs::read_dir(self.program.home().join("reviews")).unwrap();
        reviews.map(|entry| entry.unwrap().path()).next().unwrap()
    }

    fn purge(&self) {
        let name = self
            .review()
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let purged = self
            .program
            .run(&["review", "purge", "--review", &name, "--yes"]);
        assert_eq!(purged.code, Some(0), "{purged:?}");
    }
}

fn with_history() -> TestRepo {
    let repo = TestRepo::of(&[("a.c", BEFORE)]);
    repo.commit_files(&[("a.c", NOW)]);
    repo
}

#[test]
fn an_older_version_that_no_snapshot_holds_is_compared_and_named() {
    let repo = TestRepo::of(&[("a.c", BEFORE)]);
    let first = repo.last().to_string();
    repo.commit_files(&[("a.c", NOW)]);
    let room = Room::new(repo);
    room.finding(OWN_WORDS);
    room.assert_free();
    room.finding(&format!("It did {OLD_LINE} before."));
    let overlaps = room.overlaps();
    let is_named = |o: &Value| o["path"] == "a.c" && o["commit"] == first && o["at"] == 3;
    assert!(overlaps.iter().any(is_named), "{overlaps:?}");
}

#[test]
fn blobs_without_a_commit_and_messages_are_compared() {
    const SENTENCE: &str =
        "the watchdog is disabled whenever the factory jumper is set on the board";
    let message = format!("Disable the watchdog\n\nWe found that {SENTENCE}.\n");
    let tag_text = "the maintenance port answers to anybody who knows the serial number\n";
    for way in ["control", "blob", "message", "tag"] {
        let repo = with_history();
        let (text, field) = match way {
            "blob" => {
                repo.blob(format!("/* {SENTENCE} */\n").as_bytes());
                (SENTENCE, "blob")
            }
            "message" => {
                repo.commit_as(repo.tree_of(&[("a.c", NOW)]), &message);
                (SENTENCE, "commit")
            }
            "tag" => {
                let tag = format!(
                    "object {}\ntype commit\ntag v1\ntagger a <a@b> 1 +0000\n\n{tag_text}",
                    repo.last()
                );
                repo.raw(ObjectType::Tag, tag.as_bytes());
                (tag_text.trim(), "tag")
            }
            _ => (SENTENCE, ""),
        };
        let room = Room::new(repo);
        room.finding(&format!(
            "They say that {text}, which we could not confirm."
        ));
        if way == "control" {
            room.assert_free();
            continue;
        }
        let overlaps = room.overlaps();
        assert!(
            overlaps.iter().all(|o| !o[field].is_null()),
            "{way}: {overlaps:?}"
        );
    }
}

#[test]
fn no_setting_of_the_reviewer_blinds_the_check() {
    let large = [b"int filler;\n".repeat(120_000), BEFORE.to_vec()].concat();
    let room = Room::new(TestRepo::of(&[("a.c", NOW), ("large.c", &large)]));
    room.finding(OWN_WORDS);
    room.assert_free();
    fs::write(
        room.program.home().join("config.toml"),
        "max_blob_mib = 1\n",
    )
    .unwrap();
    room.purge();
    room.assert_free();
    room.finding(&format!("It did {OLD_LINE} before."));
    let overlaps = room.overlaps();
    assert!(
        overlaps
            .iter()
            .any(|o| o["path"] == "large.c" && o["at"] == 120_003),
        "{overlaps:?}"
    );
}

#[test]
fn what_was_readable_once_and_is_gone_makes_the_check_blind() {
    let room = Room::new(with_history());
    room.finding(OWN_WORDS);
    room.assert_free();
    let old = git2::Oid::hash_object(ObjectType::Blob, BEFORE).unwrap();
    room.repo.lose(old);
    // What was read is kept, so it is still compared.
    room.assert_free();
    room.purge();
    let outcome = room.export();
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.stderr.contains(&old.to_string()), "{outcome:?}");
    room.repo.blob(BEFORE);
    room.assert_free();
}

#[test]
fn another_delivery_that_a_verb_opened_in_the_review_is_compared() {
    let other = TestRepo::of(&[("b.c", BEFORE)]);
    let room = Room::new(TestRepo::of(&[("a.c", NOW)]));
    room.finding(&format!("It did {OLD_LINE} before."));
    room.assert_free();
    let name = room
        .review()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    let searched = room
        .program
        .on("search", other.path(), &["session_open", "--review", &name]);
    assert_eq!(searched.code, Some(0), "{searched:?}");
    let overlaps = room.overlaps();
    assert!(overlaps.iter().any(|o| o["path"] == "b.c"), "{overlaps:?}");
    let record = fs::read_to_string(room.review().join("review.toml")).unwrap();
    assert!(record.contains("[[deliveries]]"));
}

#[test]
fn a_damaged_archive_is_refused_and_read_anew() {
    let room = Room::new(with_history());
    room.finding(OWN_WORDS);
    room.assert_free();
    let texts = room.review().join("archive/texts");
    let mut bytes = fs::read(&texts).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&texts, &bytes).unwrap();
    let outcome = room.export();
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.stderr.contains("is damaged"), "{outcome:?}");
    room.assert_free();
    room.finding(&format!("It did {OLD_LINE} before."));
    assert!(!room.overlaps().is_empty());
}
