use super::*;
use crate::model::{BlobId, CommitId, DeliveredText, ObjectId};
use std::fs;
use std::path::Path;

fn blob(n: u8) -> (ObjectId, DeliveredText) {
    (
        ObjectId::new([n; 20]),
        DeliveredText::Blob(BlobId::new([n; 20])),
    )
}

fn fill(folder: &Path, from: u8, count: u8, fresh: u64) {
    let mut writer = ArchiveWriter::open(folder, fresh).unwrap();
    let mut block = PassageBlock::default();
    let mut rows = Vec::new();
    for n in from..from + count {
        let (id, origin) = blob(n);
        block.push(
            &origin,
            u64::from(n) + 1,
            format!("text of blob {n}").as_bytes(),
        );
        rows.push((id, ObjectState::Archived));
    }
    writer.append(&mut block).unwrap();
    writer.commit(&rows).unwrap();
}

fn passages(folder: &Path) -> Vec<(DeliveredText, u64, String)> {
    let log = ObjectLog::open(folder).unwrap();
    let texts = ArchivedTexts::open(folder, &log).unwrap();
    let mut out = Vec::new();
    for block in 0..texts.blocks() {
        let mut see = |origin: &DeliveredText, line, text: &[u8]| {
            out.push((
                origin.clone(),
                line,
                String::from_utf8(text.to_vec()).unwrap(),
            ));
            true
        };
        texts.read_block(block, &mut see).unwrap();
    }
    out
}

#[test]
fn what_is_committed_comes_back_and_what_is_not_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), 0, 3, 1);
    let mut writer = ArchiveWriter::open(folder.path(), 2).unwrap();
    let mut block = PassageBlock::default();
    block.push(
        &DeliveredText::Message(CommitId::new([9; 20])),
        1,
        b"never committed",
    );
    writer.append(&mut block).unwrap();
    drop(writer);
    assert_eq!(passages(folder.path()).len(), 3);
    fill(folder.path(), 3, 1, 3);
    let all = passages(folder.path());
    assert_eq!(all.len(), 4);
    assert_eq!(all[3], (blob(3).1, 4, "text of blob 3".to_owned()));
}

#[test]
fn a_purge_of_the_texts_keeps_the_ids_and_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), 0, 3, 1);
    fs::remove_file(folder.path().join("texts")).unwrap();
    let log = ObjectLog::open(folder.path()).unwrap();
    assert!(
        !ArchivedTexts::open(folder.path(), &log)
            .unwrap()
            .is_present()
    );
    let writer = ArchiveWriter::open(folder.path(), 5).unwrap();
    assert_eq!(writer.log().state(&blob(0).0), None);
    assert_eq!(writer.log().known_texts().count(), 3);
    drop(writer);
    fill(folder.path(), 1, 1, 6);
    assert_eq!(passages(folder.path()).len(), 1);
    let log = ObjectLog::open(folder.path()).unwrap();
    assert_eq!(log.state(&blob(1).0), Some(ObjectState::Archived));
    assert_eq!(log.state(&blob(2).0), None);
}

#[test]
fn damage_of_the_texts_is_found_before_a_passage_is_handed_out() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), 0, 3, 1);
    let path = folder.path().join("texts");
    let whole = fs::read(&path).unwrap();
    let log = ObjectLog::open(folder.path()).unwrap();
    for at in 16..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        fs::write(&path, &flipped).unwrap();
        let read = ArchivedTexts::open(folder.path(), &log)
            .and_then(|texts| texts.read_block(0, &mut |_, _, _| true));
        assert!(
            matches!(
                read,
                Err(ArchiveError::Damaged { .. } | ArchiveError::Io { .. })
            ),
            "{at}"
        );
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(passages(folder.path()).len(), 3, "the control");
}

#[test]
fn one_program_writes_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = ArchiveWriter::open(folder.path(), 1).unwrap();
    assert!(matches!(
        ArchiveWriter::open(folder.path(), 2),
        Err(ArchiveError::Busy { .. })
    ));
    drop(first);
    assert!(ArchiveWriter::open(folder.path(), 2).is_ok(), "the control");
}
