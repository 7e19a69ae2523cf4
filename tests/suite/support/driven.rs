//! The screen without a terminal: state, workers and picture, driven key by key. No sleeps: it waits for what the
//! workers report.

use glassroom::app::key::sequence;
use glassroom::app::{App, Effect, Identity, Msg, Start};
use glassroom::config::{Environment, Home, Settings, Theme};
use glassroom::job::{
    Ask, Body, DeliveryProgress, Desk, Jobs, Recorder, Report, Room, Tools, demo,
};
use glassroom::text::Printer;
use glassroom::ui;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Generous: a debug build on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// The screen on the demo, release 2.4.
pub struct Driven {
    pub app: App,
    pub theme: ui::Theme,
    pub size: (u16, u16),
    jobs: Jobs,
    inbox: Receiver<Report>,
    has_quit: bool,
}

impl Driven {
    /// Opens the demo with the data folder in `home`, at a size, as `alice`.
    pub fn demo(home: &Path, size: (u16, u16)) -> Self {
        let folder = home.join("demo").join("acme-ran.git");
        demo::ensure(&folder).unwrap();
        let ask = Ask {
            source: Some(folder),
            rev: Some("v2.4".into()),
            ..Ask::default()
        };
        Self::open(home, &ask, size)
    }

    /// Opens a snapshot.
    pub fn open(home: &Path, ask: &Ask, size: (u16, u16)) -> Self {
        let room = Room {
            environment: Environment::default(),
            home: Home::at(home).unwrap(),
            settings: Settings::load(&Home::at(home).unwrap()).unwrap(),
        };
        let ask = Ask {
            reviewer: Some("alice".into()),
            ..ask.clone()
        };
        let desk = Desk::open(room, &ask).unwrap();
        let recorder = Recorder::open(&desk).unwrap();
        let start = Start {
            identity: Identity {
                name: desk.snapshot.name().to_owned(),
                rev: desk.snapshot.rev().to_owned(),
                commit: desk.snapshot.commit(),
                tree: desk.snapshot.tree(),
                reviewer: desk.reviewer.clone(),
                confinement: "not confined".into(),
                label: String::new(),
            },
            room: glassroom::app::Room {
                policy: desk.policy.policy.clone(),
                has_machine: desk.policy.machine.is_some(),
                has_review: desk.policy.review.is_some(),
            },
            entries: recorder.entries.clone(),
            others: recorder.others.clone(),
            read_only: recorder.read_only(),
            printer: Printer::default(),
            keys: std::collections::BTreeMap::new(),
            last: desk.last_place(),
            queries: desk.review.read_queries().unwrap(),
            templates: desk.room.settings.templates.clone(),
            drafts: desk.drafts().unwrap().drafts,
            notices: Vec::new(),
            alarms: recorder.alarms.clone(),
            wrap: false,
            line_numbers: true,
        };
        let (sender, inbox) = channel();
        let tools = Tools {
            desk,
            recorder: Mutex::new(recorder),
            confinement: "not confined".into(),
            printer: Printer::default(),
        };
        let sender = Mutex::new(sender);
        let jobs = Jobs::start(
            tools,
            Box::new(move |report| {
                let _ = sender.lock().unwrap().send(report);
            }),
        )
        .unwrap();
        let theme = ui::Theme::new(Theme::load("dark", None).unwrap());
        let (app, effects) = App::new(start);
        let mut driven = Self {
            app,
            theme,
            size,
            jobs,
            inbox,
            has_quit: false,
        };
        driven.perform(effects);
        driven.draw();
        driven.until("the index", |app| app.coverage.is_some());
        driven.until("the delivery", |app| {
            app.delivery_read == DeliveryProgress::Complete
        });
        driven
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Submit(request) => self.jobs.submit(request),
                Effect::Cancel(work) => self.jobs.cancel(work),
                Effect::Quit => self.has_quit = true,
            }
        }
    }

    fn update(&mut self, msg: Msg) {
        let effects = self.app.update(msg);
        self.perform(effects);
    }

    /// Draws, and tells the state what room the panes got.
    pub fn draw(&mut self) -> Buffer {
        let area = Rect::new(0, 0, self.size.0, self.size.1);
        let mut buffer = Buffer::empty(area);
        let regions = ui::render(&self.app, &self.theme, area, &mut buffer);
        self.update(Msg::Placed(regions));
        buffer
    }

    /// Presses keys, written as in the key table.
    pub fn keys(&mut self, keys: &str) {
        for key in sequence(keys).unwrap() {
            self.update(Msg::Key(key));
            self.draw();
        }
    }

    /// Lets the time pass that the state waits for.
    pub fn tick(&mut self) {
        self.update(Msg::Tick);
    }

    /// Types a text as it is.
    pub fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.update(Msg::Key(glassroom::app::key::Key::char(c)));
        }
        self.draw();
    }

    /// Handles reports until the state is as wanted.
    pub fn until(&mut self, what: &str, is_there: impl Fn(&App) -> bool) {
        while !is_there(&self.app) {
            let report = self.inbox.recv_timeout(LIMIT);
            let report = report.unwrap_or_else(|_| panic!("waited for {what}:\n{}", self.text()));
            self.update(Msg::Report(report));
            self.draw();
        }
    }

    /// Opens a file by its path and waits until it is shown in colour.
    pub fn open_file(&mut self, path: &str) {
        self.keys("f");
        self.type_text(path);
        self.keys("Enter");
        let wanted = path.to_owned();
        self.until(path, move |app| {
            app.code
                .file()
                .is_some_and(|f| f.path.to_string() == wanted)
        });
        self.until("colours", |app| {
            app.code.colours.contains_key(&app.code.top) || app.code.count() == 0
        });
        self.until("the outline", |app| {
            let doc = app.code.doc.as_ref();
            let is_text = doc.is_some_and(|doc| matches!(doc.body, Body::Text { .. }));
            app.outline().is_some() || !is_text
        });
    }

    /// Waits until everything is on disk.
    pub fn until_recorded(&mut self) {
        self.until("the ledger", |app| app.recording == 0);
    }

    /// Returns whether the program was told to end.
    pub fn has_quit(&self) -> bool {
        self.has_quit
    }

    /// Returns the screen's text, lines without the blanks at their ends.
    pub fn text(&mut self) -> String {
        text_of(&self.draw())
    }

    /// Returns text and styles: the library's own form of a buffer leaves out the styles.
    pub fn picture(&mut self) -> String {
        let buffer = self.draw();
        let mut out = text_of(&buffer);
        out.push_str("---\n");
        let base = self.theme.role(glassroom::config::Role::Text);
        for y in 0..self.size.1 {
            let mut x = 0;
            while x < self.size.0 {
                let style = buffer[(x, y)].style();
                let start = x;
                while x < self.size.0 && buffer[(x, y)].style() == style {
                    x += 1;
                }
                if !is_plain(style, base) {
                    writeln!(out, "{y}:{start}..{x} {}", words(style)).unwrap();
                }
            }
        }
        out
    }
}

fn text_of(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut out = String::new();
    for y in 0..area.height {
        let line: String = (0..area.width).map(|x| buffer[(x, y)].symbol()).collect();
        writeln!(out, "{}", line.trim_end()).unwrap();
    }
    out
}

fn is_plain(style: Style, base: Style) -> bool {
    style.fg == base.fg.or(Some(ratatui::style::Color::Reset))
        && style.bg == base.bg.or(Some(ratatui::style::Color::Reset))
        && style.add_modifier.is_empty()
}

fn words(style: Style) -> String {
    let fg = style.fg.map(|c| c.to_string()).unwrap_or_default();
    let bg = style.bg.map(|c| c.to_string()).unwrap_or_default();
    let mut words = format!("{fg} on {bg}");
    if !style.add_modifier.is_empty() {
        write!(words, " {:?}", style.add_modifier).unwrap();
    }
    words
}
