//! What has no lines: entries of the tree that are annotated or marked as a whole.
//!
//! The list of files knows no ids of folders, so a folder is asked for first; the form opens when the answer is there.

use super::code::Goto;
use super::{App, Effect, Focus};
use crate::app::tree::RowKind;
use crate::job::{Body, Request};
use crate::model::{
    Anchor, AnchorExtent, BlobId, Event, Location, NoteKind, RepoPath, TreeId, WholeKind,
};

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NewRecord {
    /// A finding.
    Finding,
    /// A note, question or remark.
    Note(NoteKind),
    /// A private note on the whole file.
    FileNote,
}

/// What is to be done with a folder once its id is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FolderAction {
    /// Write something on it.
    Write(NewRecord),
    /// Mark it, or take the mark back.
    Mark,
}

/// What is under the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CursorEntry {
    /// A place that is known.
    Place(Location),
    /// A folder, whose id is not known.
    Folder(RepoPath),
}

impl App {
    /// Says so if nothing can be recorded.
    pub(super) fn says_read_only(&mut self) -> bool {
        if let Some(why) = &self.read_only {
            let text = format!("read-only: {why}");
            self.complain(text);
            return true;
        }
        false
    }

    /// Returns what is under the cursor: in the tree the entry, unless it is the file shown; otherwise the lines.
    pub(super) fn entry_here(&mut self) -> Option<CursorEntry> {
        if self.focus == Focus::Tree && self.code.pending.is_none() {
            let row = self.tree.rows().get(self.tree.cursor);
            let shown = self.code.file();
            match row.map(|row| &row.kind) {
                Some(RowKind::Folder { path, .. }) => {
                    let path = RepoPath::new(path.clone());
                    return (!self.says_read_only()).then_some(CursorEntry::Folder(path));
                }
                Some(RowKind::File(at)) => {
                    let file = self.tree.files().get(*at as usize);
                    if let Some(file) = file.filter(|file| Some(*file) != shown) {
                        if file.kind.is_file() {
                            self.say("open the file first: Enter");
                            return None;
                        }
                        let whole = AnchorExtent::Whole(file.kind.into());
                        let anchor = Anchor::new(file.blob, file.path.clone(), whole);
                        let place = CursorEntry::Place(Location::labelled(anchor, ""));
                        return (!self.says_read_only()).then_some(place);
                    }
                }
                None => {}
            }
        }
        self.place_here().map(CursorEntry::Place)
    }

    /// Asks for the id of a folder.
    pub(super) fn ask_for_folder(&mut self, path: RepoPath, action: FolderAction) -> Vec<Effect> {
        self.folder_action = Some((path.clone(), action));
        vec![Effect::Submit(Request::FindFolder(path))]
    }

    /// Does what the folder was asked for.
    pub(super) fn folder_found(&mut self, path: RepoPath, tree: Option<TreeId>) -> Vec<Effect> {
        let is_wanted = self.folder_action.as_ref().is_some_and(|(p, _)| *p == path);
        let Some((_, action)) = self.folder_action.take_if(|_| is_wanted) else {
            return Vec::new();
        };
        let Some(tree) = tree else {
            self.complain(format!("the folder {path} was not delivered"));
            return Vec::new();
        };
        let blob = BlobId::new(*tree.as_bytes());
        let anchor = Anchor::new(blob, path, AnchorExtent::Whole(WholeKind::Folder));
        match action {
            FolderAction::Write(what) => {
                self.write_on(what, Location::labelled(anchor, ""));
                Vec::new()
            }
            FolderAction::Mark => self.mark_whole(&anchor),
        }
    }

    /// Marks an entry as looked at as a whole, or takes the mark back.
    pub(super) fn mark_whole(&mut self, anchor: &Anchor) -> Vec<Effect> {
        let Some(whole) = anchor.extent.whole() else {
            return Vec::new();
        };
        let is_unread = whole != WholeKind::Submodule
            && self.code.doc.as_ref().is_some_and(|doc| {
                doc.file.blob == anchor.blob && matches!(doc.body, Body::Absent(_))
            });
        if is_unread {
            self.say("it was not delivered, so nobody has read it: gq asks the vendor for it");
            return Vec::new();
        }
        if self.is_recording() {
            return Vec::new();
        }
        let is_marked = self.review.is_marked_whole(&anchor.path, &anchor.blob);
        self.record(Event::MarkedWhole {
            blob: anchor.blob,
            path: anchor.path.clone(),
            whole,
            reviewed: !is_marked,
        })
    }

    /// Marks the file shown, or what is under the cursor of the tree, or takes the mark back.
    pub(super) fn mark_entry(&mut self) -> Vec<Effect> {
        let anchor = match self.entry_here() {
            Some(CursorEntry::Place(location)) => location.anchor,
            Some(CursorEntry::Folder(path)) => {
                return self.ask_for_folder(path, FolderAction::Mark);
            }
            None => return Vec::new(),
        };
        let shown = self.code.file();
        if shown.is_some_and(|f| f.blob == anchor.blob && f.path == anchor.path) {
            return self.mark_file();
        }
        if anchor.extent.whole() == Some(WholeKind::Submodule) {
            return self.mark_whole(&anchor);
        }
        self.say("open the file first: Enter");
        Vec::new()
    }

    /// Goes to what an item covers as a whole.
    pub(super) fn jump_to_whole(&mut self, anchor: &Anchor, whole: WholeKind) -> Vec<Effect> {
        match whole {
            WholeKind::Snapshot => self.say("it is about the whole snapshot: I reports on it"),
            WholeKind::Folder => {
                if self.tree.reveal_folder(anchor.path.as_bytes()) {
                    self.layers.clear();
                    self.focus_tree();
                } else {
                    self.complain(format!("{} is not in this snapshot", anchor.path));
                }
            }
            _ => {
                let found = self.tree.find_entry(&anchor.path, &anchor.blob);
                let file = found.map(|(_, file)| file.clone());
                let line = 1;
                let top = Goto {
                    line,
                    ..Goto::default()
                };
                if let Some(file) = file {
                    return self.open(file, top);
                }
                let text = format!("{} with that content is not in this snapshot", anchor.path);
                self.complain(text);
            }
        }
        Vec::new()
    }
}
