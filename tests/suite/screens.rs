//! Screens as a person sees them, styles included, on the demo snapshot.

use crate::support::driven::Driven;
use crate::support::{read, root};
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use std::fmt::Write;

fn demo(size: (u16, u16)) -> (tempfile::TempDir, Driven) {
    let home = tempfile::tempdir().unwrap();
    let driven = Driven::demo(home.path(), size);
    (home, driven)
}

/// The state that the README shows: a finding, reviewed lines, the code of the demo.
fn reviewed(size: (u16, u16)) -> (tempfile::TempDir, Driven) {
    let (home, mut driven) = demo(size);
    driven.open_file("src/auth.c");
    driven.keys("8 G F");
    driven.type_text("Password check overruns its buffer");
    driven.keys("Tab h Tab Tab");
    driven.type_text("120");
    driven.keys("Tab");
    driven.type_text("The caller controls the length of the copy.");
    driven.keys("Tab");
    driven.type_text("sink");
    driven.keys("Alt-Enter");
    driven.until_recorded();
    driven.keys("5 G v 10 G x");
    driven.until_recorded();
    driven.keys("8 G");
    (home, driven)
}

#[test]
fn first_screen() {
    let (_home, mut driven) = demo((80, 24));
    insta::assert_snapshot!(driven.picture());
}

#[test]
fn code_with_a_finding_and_reviewed_lines() {
    let (_home, mut driven) = reviewed((80, 24));
    insta::assert_snapshot!(driven.picture());
}

#[test]
fn tree_code_and_side_pane_stand_together_when_wide() {
    let (_home, mut driven) = reviewed((140, 20));
    insta::assert_snapshot!(driven.text());
}

#[test]
fn search_shows_hits_counts_and_the_preview() {
    let (_home, mut driven) = demo((80, 24));
    driven.keys("s");
    driven.type_text("strcpy( -f:^third_party");
    driven.until("hits", |app| {
        app.search
            .summary
            .as_ref()
            .is_some_and(|s| s.complete && s.lines > 0)
    });
    driven.until("colours", |app| !app.preview.colours.is_empty());
    driven.until("texts", |app| !app.preview.texts.is_empty());
    insta::assert_snapshot!(driven.picture());
}

#[test]
fn composer() {
    let (_home, mut driven) = demo((80, 24));
    driven.open_file("src/auth.c");
    driven.keys("8 G v j F");
    driven.type_text("Overrun");
    driven.keys("Tab c Tab Tab");
    driven.type_text("CWE-120 CWE-121");
    driven.keys("Tab");
    driven.type_text(
        "One line that is long enough to be broken over two rows of the form, and more.",
    );
    insta::assert_snapshot!(driven.text());
}

#[test]
fn list_of_findings() {
    let (_home, mut driven) = reviewed((80, 24));
    driven.keys("c");
    driven.type_text("look at the caller");
    driven.keys("^s");
    driven.until_recorded();
    driven.keys("@");
    insta::assert_snapshot!(driven.text());
}

#[test]
fn snapshot_report() {
    let (_home, mut driven) = demo((80, 40));
    driven.keys("I");
    driven.until("the report", |app| app.is_compared);
    insta::assert_snapshot!(driven.text());
    driven.keys("G");
    insta::assert_snapshot!(driven.text());
}

#[test]
fn trojan_source_is_seen_for_what_it_is() {
    let (_home, mut driven) = demo((80, 12));
    driven.open_file("src/access.js");
    driven.keys("45 G");
    let text = driven.text();
    assert!(text.contains("<U+202E>") && text.contains("bidi"), "{text}");
    assert!(!text.contains('\u{202e}'), "{text}");
}

#[test]
fn small_screens_say_so_and_never_panic() {
    let (_home, mut driven) = reviewed((80, 24));
    driven.size = (40, 10);
    driven.draw();
    insta::assert_snapshot!(driven.text());
    for keys in [
        "", "s", "Esc @", "q I", "q ?", "q f", "Esc F", "Esc E", "Esc :",
    ] {
        if !keys.is_empty() {
            driven.keys(keys);
        }
        for (width, height) in [
            (1, 1),
            (1, 50),
            (200, 1),
            (20, 5),
            (19, 4),
            (21, 6),
            (500, 200),
        ] {
            driven.size = (width, height);
            driven.draw();
            driven.draw();
        }
        driven.size = (80, 24);
        driven.draw();
    }
}

#[test]
fn help_lists_every_command() {
    let (_home, mut driven) = demo((100, 24));
    driven.keys("?");
    let mut seen = String::new();
    for _ in 0..12 {
        seen.push_str(&driven.text());
        driven.keys("Space");
    }
    for command in glassroom::app::command::COMMANDS {
        assert!(
            seen.contains(&format!(":{}", command.name)),
            "{}",
            command.name
        );
    }
}

/// The picture in the README is the real screen; `UPDATE_DOCS=1 cargo test` draws it again.
#[test]
fn the_picture_in_the_readme_is_the_real_screen() {
    let (_home, mut driven) = reviewed((120, 26));
    let svg = svg(&driven.draw());
    let path = "assets/screen.svg";
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(root().join(path), &svg).unwrap();
    }
    assert!(
        read(path) == svg,
        "{path} is out of date: run UPDATE_DOCS=1 cargo test"
    );
}

/// Returns a buffer as a picture: a rectangle for each run of background, a text for each run of style.
fn svg(buffer: &Buffer) -> String {
    let (cell, line) = (8.4, 18.0);
    let area = buffer.area;
    let (width, height) = (f64::from(area.width) * cell, f64::from(area.height) * line);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         font-family=\"monospace\" font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" fill=\"#1c1c1c\"/>\n"
    );
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let style = buffer[(x, y)].style();
            let start = x;
            let mut text = String::new();
            while x < area.width && buffer[(x, y)].style() == style {
                text.push_str(buffer[(x, y)].symbol());
                x += 1;
            }
            let is_reversed = style.add_modifier.contains(Modifier::REVERSED);
            let (mut fg, mut bg) = (rgb(style.fg, "#d0d0d0"), rgb(style.bg, "#1c1c1c"));
            if is_reversed {
                std::mem::swap(&mut fg, &mut bg);
            }
            let (left, top) = (f64::from(start) * cell, f64::from(y) * line);
            let run = f64::from(x - start) * cell;
            if bg != "#1c1c1c" {
                writeln!(out, "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{run:.1}\" height=\"{line}\" fill=\"{bg}\"/>")
                    .unwrap();
            }
            if text.trim().is_empty() {
                continue;
            }
            let bold = if style.add_modifier.contains(Modifier::BOLD) {
                " font-weight=\"bold\""
            } else {
                ""
            };
            let text = text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            writeln!(
                out,
                "<text x=\"{left:.1}\" y=\"{:.1}\" fill=\"{fg}\"{bold} textLength=\"{run:.1}\" xml:space=\"preserve\">{text}</text>",
                top + 13.5
            )
            .unwrap();
        }
    }
    out.push_str("</svg>\n");
    out
}

/// Returns the colour of xterm's 256 that a style names.
fn rgb(color: Option<Color>, default: &str) -> String {
    match color {
        Some(Color::Rgb(r, g, b)) => format!("#{r:02x}{g:02x}{b:02x}"),
        Some(Color::Indexed(n @ 16..=231)) => {
            let part = |v: u8| if v == 0 { 0 } else { 55 + 40 * u16::from(v) };
            let n = n - 16;
            format!(
                "#{:02x}{:02x}{:02x}",
                part(n / 36),
                part(n / 6 % 6),
                part(n % 6)
            )
        }
        Some(Color::Indexed(n @ 232..)) => {
            let grey = 8 + 10 * u16::from(n - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
        Some(Color::Indexed(n)) => {
            let all = [
                "#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd",
                "#e5e5e5", "#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff",
                "#00ffff", "#ffffff",
            ];
            all[usize::from(n)].to_owned()
        }
        _ => default.to_owned(),
    }
}
