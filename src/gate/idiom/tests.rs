use super::*;
use crate::model::RepoPath;

fn house(word: &str) -> FileCount {
    // Names of one house: the prefix is everywhere, what ends in `_t` in some files.
    match word {
        "acme_assert" | "ACME_OK" | "acme_log" => COMMON,
        _ if word.ends_with("_t") => 3,
        _ => 1,
    }
}

fn grade_of(text: &str) -> IdiomGrade {
    IdiomGrade::of(weigh(text, false, &house))
}

#[test]
fn idioms_of_many_languages_are_free() {
    for text in [
        "for (i = 0; i <",
        "for (i = 0; i < num_of_rule; i++)",
        "for (size_t at = 0; at != table->count; ++at) {",
        "for x in 0..entries.len() {",
        "for name in names:",
        "for (auto item : items) {",
        "uint8_t *pos = data;",
        "if (len < sizeof(*hdr)) return -EINVAL;",
        "if err != nil {",
        "if (ptr == NULL) {",
        "} else if (!is_valid(buf, len)) {",
        "return ERR_PTR(-ENOMEM);",
        "acme_assert(r != ACME_OK);",
        "acme_session_remove(sess);",
        "mutex_unlock(&priv->lock);",
        "#include <linux/module.h>",
        "use std::collections::HashMap;",
        "import java.util.List;",
        "let mut out = Vec::new();",
        "} catch (IOException e) {",
        "except Exception as e:",
        "if __name__ == \"__main__\":",
        "if [ $? -ne 0 ]; then",
        "const char *name = argv[1];",
        "while (1) {",
        "goto out;",
        "default:",
        "int i, j;",
        "console.log(err);",
    ] {
        let bits = weigh(text, false, &house);
        assert_eq!(IdiomGrade::of(bits), IdiomGrade::Free, "{text}: {bits}");
    }
}

#[test]
fn what_combines_distinctive_names_or_numbers_is_judged() {
    for text in [
        "memcpy(t->slots[key].name, packet->payload, packet->length);",
        "h = (h ^ x[i + 7]) * 0x85ebca6b + rotl(h, 13);",
        "x ^= x << 13; x ^= x >> 7; x ^= x << 17; return x * 2685821657;",
        "session->window = radio_frame_budget(cell, beam_index) / scheduler->slots_per_beam;",
        "static const uint8_t sbox[] = { 0x63, 0x7c, 0x77, 0x7b, 0xf2, 0x6b };",
        "if (key_age_seconds > MAX_AGE && handover_count(cell) < LIMIT_TABLE[cell->band])",
    ] {
        let bits = weigh(text, false, &house);
        assert_eq!(IdiomGrade::of(bits), IdiomGrade::Judged, "{text}: {bits}");
    }
    assert_eq!(
        grade_of("acme_log(\"[%s] Registration accepted\", context->subscriber)"),
        IdiomGrade::Asks
    );
}

#[test]
fn a_blank_between_letters_of_the_vendors_makes_names_and_not_idioms() {
    // Only the vendor's spelling is weighed; this one is what a typed text could look like.
    let spaced: String = "memcpy(t->slots[key].name"
        .chars()
        .flat_map(|c| [c, ' '])
        .collect();
    assert!(
        weigh(&spaced, false, &house)
            < weigh("memcpy(t->slots[key].name, packet->payload", false, &house)
    );
}

#[test]
fn a_copied_folder_does_not_make_its_lines_common() {
    let mut copied = Sightings::default();
    let mut common = Sightings::default();
    for at in 0..20u64 {
        let copy = DeliveredText::File(RepoPath::new(format!("board-{at}/main.c")));
        copied.add(&copy, 7, 1);
        let file = DeliveredText::File(RepoPath::new(format!("src/part{at}.c")));
        common.add(&file, at, at);
    }
    assert!(common.is_common());
    assert!(!copied.is_common());
    let mut both = Sightings::default();
    for at in 0..4 {
        let mut part = Sightings::default();
        for n in 0..2 {
            let file = DeliveredText::File(RepoPath::new(format!("p{at}{n}.c")));
            part.add(&file, 1, at * 2 + n);
        }
        assert!(!both.is_common());
        both.merge(part);
    }
    assert!(both.is_common(), "parts of the corpus add up");
    let mut history = Sightings::default();
    for at in 0..20u8 {
        let blob = crate::model::BlobId::new([at; 20]);
        history.add(&DeliveredText::Blob(blob), 1, at.into());
    }
    assert!(!history.is_common(), "history repeats its files");
}
