//! The header with the snapshot's identity, and the footer: what stands where, and the keys valid now.

use super::canvas::Canvas;
use crate::app::export::{self, Export, Focus as Field, View};
use crate::app::layer::{Layer, Pick, PromptKind};
use crate::app::{App, Focus};
use crate::config::Role;
use crate::job::{DeliveryProgress, IndexState, Work};
pub use crate::text::grouped;

/// Draws the one row at the top.
pub fn header(app: &App, canvas: &mut Canvas<'_>) {
    let style = canvas.theme.role(Role::Header);
    canvas.fill(style);
    let id = &app.identity;
    let x = canvas.put(1, 0, &id.name, style);
    let x = canvas.put(x + 1, 0, &id.rev, style);
    let x = canvas.put(x + 2, 0, &id.commit.short(), style);
    let x = canvas.put(x + 2, 0, &format!("tree {}", id.tree.short()), style);
    let x = if id.label.is_empty() {
        x
    } else {
        canvas.put(x + 2, 0, &id.label, style)
    };
    let files = app.tree.files().len() as u64;
    let more = if app.is_truncated { "+ (cut off)" } else { "" };
    let text = if app.is_listed {
        format!("{}{more} files ", grouped(files))
    } else {
        String::new()
    };
    let width = text.len() as u16;
    if let Some(at) = canvas.width().checked_sub(width).filter(|at| *at > x) {
        canvas.put(at, 0, &text, style);
    }
}

/// Draws the two rows at the bottom.
pub fn footer(app: &App, canvas: &mut Canvas<'_>) {
    let style = canvas.theme.role(Role::Footer);
    canvas.fill(style);
    state(app, canvas);
    if let Some(Layer::Prompt(prompt)) = app.layers.last() {
        let sign = match prompt.kind {
            PromptKind::Find => "/",
            PromptKind::Command => ":",
            PromptKind::SaveQuery => "save the query as ",
            PromptKind::Why(..) => "why? ",
        };
        let x = canvas.say(1, 1, sign, Role::Prompt);
        canvas.field(x, 1, prompt.input.text(), Some(prompt.input.cursor()));
        if prompt.kind == PromptKind::Command {
            offers(
                prompt.input.text(),
                canvas,
                x.saturating_add(prompt.input.text().len().min(1000) as u16 + 3),
            );
        }
        return;
    }
    if let Some(Layer::Confirm(confirm)) = app.layers.last() {
        let x = canvas.say(1, 1, &confirm.question, Role::Warning);
        canvas.say(x + 1, 1, "y yes  any other key no", Role::Key);
        return;
    }
    if let Some(alarm) = app.alarms.last().filter(|_| app.layers.is_empty()) {
        let x = canvas.say(1, 1, alarm, Role::Error);
        canvas.say(x + 2, 1, "Esc: seen", Role::Key);
        return;
    }
    if let Some(notice) = &app.notice {
        let role = if notice.is_error {
            Role::Error
        } else {
            Role::Good
        };
        canvas.say(1, 1, &notice.text, role);
        return;
    }
    keys(app, canvas);
}

/// Shows the commands that begin with what is typed.
fn offers(typed: &str, canvas: &mut Canvas<'_>, x: u16) {
    let commands = crate::app::command::COMMANDS;
    let mut x = x;
    for command in commands
        .iter()
        .filter(|c| c.name.starts_with(typed))
        .take(8)
    {
        if x + command.name.len() as u16 > canvas.width() {
            break;
        }
        x = canvas.say(x, 1, command.name, Role::Quiet) + 2;
    }
}

fn state(app: &App, canvas: &mut Canvas<'_>) {
    let mut parts: Vec<(String, Role)> = Vec::new();
    if let Some((reviewed, all)) = app.coverage {
        let tenths = (reviewed * 1000).checked_div(all).unwrap_or(0);
        let percent = format!("{}.{} %", tenths / 10, tenths % 10);
        let text = match canvas.width() {
            100.. => format!(
                "reviewed {} of {} lines ({percent})",
                grouped(reviewed),
                grouped(all)
            ),
            _ => format!("reviewed {percent} of {} lines", grouped(all)),
        };
        parts.push((text, Role::Footer));
    }
    match app.review.findings().count() {
        0 => {}
        1 => parts.push(("1 finding".into(), Role::Footer)),
        n => parts.push((format!("{n} findings"), Role::Footer)),
    }
    match app.drafts.count() {
        _ if canvas.width() < 100 => {}
        0 => {}
        1 => parts.push(("1 draft".into(), Role::Footer)),
        n => parts.push((format!("{n} drafts"), Role::Footer)),
    }
    let index_failed = app.failures.contains_key(&Work::Index);
    parts.push(match &app.index {
        _ if index_failed => ("NOT INDEXED (:index tries again)".into(), Role::Error),
        IndexState::Unknown => ("index: waiting".into(), Role::Footer),
        IndexState::Building { done, total } => {
            let percent = (done * 100).checked_div(*total).unwrap_or(0);
            (format!("indexing {percent} %"), Role::Accent)
        }
        IndexState::Damaged => ("index damaged: building it anew".into(), Role::Warning),
        IndexState::Elsewhere => ("another program is indexing".into(), Role::Accent),
        IndexState::Ready { .. } => match app.delivery_read {
            DeliveryProgress::Reading { done, total } => {
                let percent = (done * 100).checked_div(total).unwrap_or(0);
                (format!("reading history {percent} %"), Role::Accent)
            }
            _ => ("indexed".into(), Role::Footer),
        },
    });
    let is_confined = app.identity.confinement == "confined";
    let role = if is_confined {
        Role::Footer
    } else {
        Role::Warning
    };
    parts.push((app.identity.confinement.clone(), role));
    parts.push(match (&app.read_only, app.recording) {
        (Some(why), _) => (format!("read-only: {why}"), Role::Warning),
        (None, 0) => ("ledger saved".into(), Role::Footer),
        (None, _) => ("recording...".into(), Role::Accent),
    });
    let gap = if canvas.width() >= 100 { 3 } else { 2 };
    let mut x = 1;
    for (text, role) in parts {
        x = canvas.say(x, 0, &text, role) + gap;
    }
    let mut typed = app.count.map(|n| n.to_string()).unwrap_or_default();
    typed.push_str(&crate::app::key::written(&app.keys));
    if !typed.is_empty() {
        canvas.right(x, 0, &format!("{typed} "), Role::Accent);
    }
}

/// Returns the keys of the export screen.
fn export_keys(screen: &Export) -> &'static [(&'static str, &'static str)] {
    match (screen.work, screen.view, screen.focus) {
        (export::Work::Writing, ..) => &[],
        (export::Work::Judging | export::Work::JudgingToWrite, ..) => &[("Esc", "cancel")],
        (_, View::Officer, _) => &[("j k Space", "scroll"), ("o Esc", "back")],
        _ if screen.is_done() => &[
            ("j k Space", "move"),
            ("f p", "files, overlaps"),
            ("o", "officer's view"),
            ("Esc", "close"),
        ],
        (_, View::Overlaps, Field::List) => &[
            ("Enter", "edit the text"),
            ("Tab", "fields"),
            ("j k", "move"),
            ("r", "judge again"),
            ("f o", "files, officer's view"),
            ("Esc", "close"),
        ],
        (.., Field::List) => &[
            ("^s", "sign and write"),
            ("Tab", "fields"),
            ("a", "audience"),
            ("m", "media"),
            ("o", "officer"),
            ("j k", "move"),
            ("r", "again"),
            ("Esc", "close"),
        ],
        (.., Field::To) => &[
            ("^s", "sign and write"),
            ("Tab", "next"),
            ("^p", "removable media"),
            ("Esc", "close"),
        ],
        (.., Field::Reason) => &[
            ("^s", "sign and write"),
            ("Tab", "next"),
            ("Enter", "judge with this reason"),
            ("Esc", "close"),
        ],
        _ => &[("^s", "sign and write"), ("Tab", "next"), ("Esc", "close")],
    }
}

/// Shows the keys that matter where the reviewer is.
fn keys(app: &App, canvas: &mut Canvas<'_>) {
    let fixed: &[(&str, &str)] = match app.layers.last() {
        Some(Layer::Search) => &[
            ("Enter", "open"),
            ("Alt-r", "regex"),
            ("Alt-&", "refine"),
            ("Alt-o", "order"),
            ("Alt-w", "why"),
            ("Alt-v", "sweep"),
            ("Alt-p", "earlier"),
            ("Alt-s", "save"),
            ("Alt-l", "list"),
            ("Esc", "close"),
        ],
        Some(Layer::Pick(Pick::Draft(_) | Pick::Query { .. }, _)) => &[
            ("Enter", "open"),
            ("Alt-d", "discard"),
            ("^n ^p", "next, previous"),
            ("Esc", "close"),
        ],
        Some(Layer::Pick(..)) => &[
            ("Enter", "choose"),
            ("^n ^p", "next, previous"),
            ("Esc", "close"),
        ],
        Some(Layer::Items(items)) if items.is_filtering => {
            &[("Enter", "keep filter"), ("Esc", "no filter")]
        }
        Some(Layer::Items(_)) => &[
            ("Enter", "jump"),
            ("e", "edit"),
            ("s", "status"),
            ("R", "reply"),
            ("l", "places"),
            ("d", "drop"),
            ("/", "filter"),
            ("o g", "order, group"),
            ("q", "close"),
        ],
        Some(Layer::Compose(_)) => &[
            ("^s", "save"),
            ("Tab", "next"),
            ("^p", "pick"),
            ("^t", "template"),
            ("^q", "quote lines"),
            ("^x", "drop place"),
            ("Alt-Up Alt-Down", "move it"),
            ("Esc", "leave"),
        ],
        Some(Layer::Sweep(_)) => &[
            ("o", "ok"),
            ("f", "finding"),
            ("n", "note"),
            ("l", "later"),
            ("d", "take back"),
            ("Tab", "next open"),
            ("Enter", "read"),
            ("q", "close"),
        ],
        Some(Layer::Coverage(_)) => &[
            ("Tab", "by what"),
            ("n", "of what"),
            ("Enter", "into, open"),
            ("h", "out"),
            ("q", "close"),
        ],
        Some(Layer::Score(_)) => &[
            ("j k", "metric"),
            ("letter", "value"),
            ("v", "3.1 or 4.0"),
            ("Enter", "take it"),
            ("Esc", "leave"),
        ],
        Some(Layer::Export(screen)) => export_keys(screen),
        Some(Layer::Delivery(_) | Layer::Policy(_) | Layer::Help(_)) => {
            &[("j k Space", "scroll"), ("any other key", "close")]
        }
        _ => &[],
    };
    let mut x = 1;
    if !fixed.is_empty() {
        let room = |(key, what): &(&str, &str)| (key.len() + what.len() + 3) as u16;
        // The last one says how to get out: it has its room.
        let (last, others) = fixed.split_last().unwrap_or((&("", ""), &[]));
        let end = canvas.width().saturating_sub(room(last));
        let mut shown = others.to_vec();
        while x + shown.iter().map(room).sum::<u16>() > end && shown.pop().is_some() {}
        for (key, what) in shown.iter().chain([last]) {
            x = canvas.say(x, 1, key, Role::Key) + 1;
            x = canvas.say(x, 1, what, Role::Footer) + 2;
        }
        return;
    }
    let names: &[(&str, &str)] = if app.code.select.is_some() {
        &[
            ("note", "note"),
            ("finding", "finding"),
            ("mark", "reviewed"),
            ("select", "stop"),
        ]
    } else if app.focus == Focus::Tree {
        &[
            ("open", "open"),
            ("files", "pick file"),
            ("search", "search"),
            ("report", "report"),
            ("list", "findings"),
            ("export", "export"),
            ("help", "all keys"),
            ("quit", "quit"),
        ]
    } else {
        &[
            ("note", "note"),
            ("finding", "finding"),
            ("select", "select"),
            ("mark", "reviewed"),
            ("search", "search"),
            ("find", "find"),
            ("next-unreviewed", "next"),
            ("tree", "tree"),
            ("help", "all keys"),
        ]
    };
    for (name, what) in names {
        let Some(key) = app.keymap.keys_of(name).into_iter().next() else {
            continue;
        };
        if usize::from(x) + key.len() + 1 + what.len() > usize::from(canvas.width()) {
            break;
        }
        x = canvas.say(x, 1, &key, Role::Key) + 1;
        x = canvas.say(x, 1, what, Role::Footer) + 2;
    }
}
