//! The snapshot report.

use super::canvas::Canvas;
use super::status::grouped;
use crate::app::App;
use crate::config::Role;
use crate::job::Work;
use crate::model::{Delivery, NotInSnapshot};

/// Draws the report from the given row on. Returns its rows in sight and in all.
pub fn render(app: &App, top: usize, canvas: &mut Canvas<'_>) -> (u16, usize) {
    let height = canvas.height();
    let Some(delivery) = &app.delivery else {
        match app.failures.get(&Work::Survey) {
            Some(why) => canvas.wrapped(1, height, why, Role::Error),
            None => canvas.say(2, 1, "working out what was delivered...", Role::Quiet),
        };
        return (height, 0);
    };
    let rows = rows(app, delivery);
    let top = top.min(rows.len().saturating_sub(height.into()));
    for (y, (text, role)) in rows.iter().skip(top).take(height.into()).enumerate() {
        canvas.say(1, y as u16, text, *role);
    }
    (height, rows.len())
}

fn rows(app: &App, d: &Delivery) -> Vec<(String, Role)> {
    let mut rows: Vec<(String, Role)> = Vec::new();
    let mut fact =
        |name: &str, value: String| rows.push((format!("{name:<12} {value}"), Role::Text));
    fact(
        "snapshot",
        format!("{} {}", app.identity.name, app.identity.rev),
    );
    fact("commit", d.commit.to_string());
    fact("tree", d.tree.to_string());
    fact(
        "entries",
        format!(
            "{}: files {}, links {}, submodules {}",
            grouped(d.entries),
            grouped(d.files),
            grouped(d.symlinks),
            grouped(d.submodules)
        ),
    );
    fact(
        "text",
        format!(
            "{} lines; {} bytes in all files",
            grouped(d.lines),
            grouped(d.bytes)
        ),
    );
    fact(
        "history",
        if d.shallow {
            "ends here: the delivery is shallow".into()
        } else {
            "as delivered".to_owned()
        },
    );
    fact("work tree", work_tree(app.is_compared, &d.not_in_snapshot));
    for path in d.not_in_snapshot.modified_paths.iter().take(20) {
        rows.push((format!("  {:<10} {path}", "modified"), Role::Warning));
    }
    if let Some(partial) = &d.partial_clone {
        // Two rows, so that what to ask for is in sight on a small screen.
        let text = partial.text();
        let (what, ask) = text.split_once("; ").unwrap_or((&text, ""));
        rows.push((format!("{:<12} {what}", "delivered"), Role::Error));
        rows.push((format!("{:<12} {ask}", ""), Role::Error));
    }
    if !d.complete {
        rows.push((
            "The delivery is NOT complete: see what is not searched.".into(),
            Role::Error,
        ));
    }
    heading(&mut rows, "languages", d.languages.len());
    for l in &d.languages {
        let text = format!(
            "  {:<20} {:>9} files {:>13} lines",
            l.name,
            grouped(l.files),
            grouped(l.lines)
        );
        rows.push((text, Role::Text));
    }
    heading(&mut rows, "not searched", d.not_searched.len());
    for n in &d.not_searched {
        rows.push((format!("  {:<16} {}", n.reason.word(), n.path), Role::Text));
    }
    heading(
        &mut rows,
        "searched as bytes only",
        d.searched_as_bytes.len(),
    );
    for s in &d.searched_as_bytes {
        let size = format!("{} bytes", grouped(s.bytes));
        rows.push((format!("  {size:<16} {}", s.path.label()), Role::Text));
    }
    heading(
        &mut rows,
        "vendor influence: would steer ordinary tools, ignored here",
        d.vendor_influence.len(),
    );
    for i in &d.vendor_influence {
        rows.push((format!("  {:<16} {}", i.kind, i.path), Role::Text));
    }
    heading(
        &mut rows,
        "lines that hide or disguise something",
        d.flags.len(),
    );
    for f in d.flags.iter().take(5000) {
        let text = format!(
            "  {:<16} {}:{}  {}",
            f.flag.word(),
            f.path,
            f.line,
            f.codepoints.join(" ")
        );
        rows.push((text, Role::Warning));
    }
    if d.flags.len() > 5000 {
        rows.push((
            format!(
                "  and {} more: glassroom info --json lists all",
                grouped(d.flags.len() as u64 - 5000)
            ),
            Role::Quiet,
        ));
    }
    rows
}

/// Says what lies beside the snapshot.
fn work_tree(is_compared: bool, beside: &NotInSnapshot) -> String {
    if !is_compared {
        return "being compared with the snapshot...".into();
    }
    if beside.no_work_tree {
        return "none: the delivery is a bare repository or a bundle".into();
    }
    let mut parts = Vec::new();
    if beside.modified + beside.untracked > 0 {
        parts.push(format!(
            "{} modified and {} untracked files are NOT in the snapshot",
            grouped(beside.modified),
            grouped(beside.untracked)
        ));
    }
    for (count, what) in [
        (beside.line_ends, "differ only in line ends"),
        (beside.converted, "differ only in what git converts"),
        (beside.not_checked_out, "are not checked out"),
    ] {
        if count > 0 {
            parts.push(format!("{} {what}", grouped(count)));
        }
    }
    if parts.is_empty() {
        return "nothing beside the snapshot".into();
    }
    parts.join("; ")
}

fn heading(rows: &mut Vec<(String, Role)>, what: &str, n: usize) {
    rows.push((String::new(), Role::Text));
    rows.push((format!("{} {what}", grouped(n as u64)), Role::Accent));
}
