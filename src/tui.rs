//! Owns the terminal and the loop: the only module that names the terminal library's backend, the input
//! thread and the process's signals.
//!
//! Invariants: whatever ends the program (a key, a signal, a fault or abort in any thread, a panic, a lost terminal), the
//! terminal is left as it was found; a panic of a worker never touches it. Idle costs nothing: the loop
//! blocks on one channel.

use crate::app::key::{Code, Key};
use crate::app::{App, Effect, Msg, Regions, Start};
use crate::fatal::{Rescued, TerminalRescue};
use crate::job::{Jobs, Report, Work};
use crate::model::RepoPath;
use crate::ui::{self, Theme};
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use std::io::{self, IsTerminal, Stdout, Write};
use std::panic::AssertUnwindSafe;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// Messages handled before a frame is drawn.
const BURST: usize = 256;
/// Time to give the terminal back before the program is ended all the same.
const RESTORE: Duration = Duration::from_secs(1);
/// Time to end in order after a signal, before the program is ended at once.
const END_IN_ORDER: Duration = Duration::from_secs(20);

/// What reaches the loop.
enum Input {
    Msg(Msg),
    Resized,
    /// A signal, or the terminal is gone.
    End,
}

/// Says why the screen could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// Standard input or output is no terminal.
    #[error("there is no terminal to draw on")]
    NoTerminal,
    /// The last entry could not be written.
    #[error("the last entry is not saved: {why}")]
    NotSaved {
        /// The ledger's reason.
        why: String,
    },
    /// What was being written could not be kept.
    #[error("what was being written is not kept: {why}")]
    DraftsNotKept {
        /// The disk's reason.
        why: String,
    },
    /// The terminal refused.
    #[error("the terminal failed")]
    Terminal(#[from] io::Error),
}

impl TuiError {
    /// Returns the next step.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoTerminal => {
                "start it in a terminal; the verbs search, info, finding, … work without one"
            }
            Self::NotSaved { .. } => {
                "everything acknowledged before is in the ledger; check the disk"
            }
            Self::DraftsNotKept { .. } => {
                "everything acknowledged is in the ledger; make room on the disk"
            }
            Self::Terminal(_) => "everything acknowledged is in the ledger; start it again",
        }
    }
}

/// Runs the screen until the reviewer quits. `start_jobs` gets the way back for the workers' reports. Returns the
/// place to come back to.
pub fn run(
    start: Start,
    theme: &Theme,
    start_jobs: impl FnOnce(Box<dyn Fn(Report) + Send + Sync>) -> io::Result<Jobs>,
) -> Result<Option<(RepoPath, u32)>, TuiError> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(TuiError::NoTerminal);
    }
    let (sender, inbox) = mpsc::channel();
    let reports = sender.clone();
    let jobs = start_jobs(Box::new(move |report| {
        let _ = reports.send(Input::Msg(Msg::Report(report)));
    }))?;
    quiet_panics();
    let mut guard = Guard::enter()?;
    watch_signals(sender.clone())?;
    read_keys(sender);
    let (mut app, effects) = App::new(start);
    let ended = live(&mut app, effects, &jobs, &inbox, (&mut guard, theme));
    drop(guard);
    // Waits until what was recorded is on disk, and hears of it if it is not; but not for ever.
    let left = jobs.close();
    if left.is_unsaved() {
        let why = "the disk did not answer in time".to_owned();
        return Err(TuiError::NotSaved { why });
    }
    for object in &left.objects {
        let _ = writeln!(
            io::stderr(),
            "glassroom: ended while object {object} of the delivery was being read"
        );
    }
    let mut drafts = None;
    for input in inbox.try_iter() {
        match input {
            Input::Msg(Msg::Report(Report::Failed {
                what: Work::Record,
                why,
                ..
            })) => return Err(TuiError::NotSaved { why }),
            // The last one counts: what could not be kept may be kept since.
            Input::Msg(Msg::Report(Report::DraftsKept { problem })) => drafts = problem,
            _ => {}
        }
    }
    if let Some(why) = drafts {
        return Err(TuiError::DraftsNotKept { why });
    }
    ended?;
    Ok(app.place())
}

fn live(
    app: &mut App,
    first: Vec<Effect>,
    jobs: &Jobs,
    inbox: &Receiver<Input>,
    (guard, theme): (&mut Guard, &Theme),
) -> Result<(), TuiError> {
    // Since when a tick is wanted, and how long after.
    let mut wanted: Option<(Instant, Duration)> = None;
    if perform(first, jobs) {
        return Ok(());
    }
    loop {
        // Twice at most: a new size may scroll what was drawn.
        for _ in 0..2 {
            let mut regions = Regions::default();
            guard
                .terminal
                .draw(|f| regions = ui::render(app, theme, f.area(), f.buffer_mut()))?;
            let is_new = regions != app.regions;
            if perform(app.update(Msg::Placed(regions)), jobs) {
                return Ok(());
            }
            if !is_new {
                break;
            }
        }
        wanted = app.wants_tick().map(|after| match wanted {
            Some((since, same)) if same == after => (since, after),
            _ => (Instant::now(), after),
        });
        let first = match wanted {
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some((since, after)) => inbox.recv_timeout(after.saturating_sub(since.elapsed())),
        };
        let first = match first {
            Ok(input) => input,
            Err(RecvTimeoutError::Timeout) => {
                wanted = None;
                Input::Msg(Msg::Tick)
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        for input in std::iter::once(first).chain(inbox.try_iter().take(BURST)) {
            let is_over = match input {
                Input::Msg(msg) => perform(app.update(msg), jobs),
                Input::Resized => {
                    guard.fit()?;
                    false
                }
                Input::End => {
                    // What was on screen is recorded before leaving.
                    perform(app.update(Msg::Tick), jobs);
                    true
                }
            };
            if is_over {
                return Ok(());
            }
        }
    }
}

/// Does what the state asks for. Returns whether to end.
fn perform(effects: Vec<Effect>, jobs: &Jobs) -> bool {
    let mut is_over = false;
    for effect in effects {
        match effect {
            Effect::Submit(request) => jobs.submit(request),
            Effect::Cancel(work) => jobs.cancel(work),
            Effect::Quit => is_over = true,
        }
    }
    is_over
}

/// The terminal while it is ours; dropping it gives it back as it was.
struct Guard {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    /// Does the same if a signal ends the process.
    _rescue: TerminalRescue,
}

/// Ends marks around pastes, leaves the other screen and shows the cursor: what [`restore`] writes.
const GIVE_BACK: &[u8] = b"\x1b[?2004l\x1b[?1049l\x1b[?25h";

impl Guard {
    fn enter() -> io::Result<Self> {
        let rescue = TerminalRescue::arm(Rescued::Faults, GIVE_BACK)?;
        enable_raw_mode()?;
        // From here on every way out restores. Asking for a key once makes the library listen for changes of size:
        // left to the thread that reads keys, a change right after the first frame could go unheard.
        let made = event::poll(Duration::ZERO)
            .and_then(|_| Terminal::new(CrosstermBackend::new(io::stdout())));
        let mut guard = match made {
            Ok(terminal) => Self {
                terminal,
                _rescue: rescue,
            },
            Err(error) => {
                restore();
                return Err(error);
            }
        };
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            event::EnableBracketedPaste,
            cursor::Hide
        )?;
        guard.fit()?;
        Ok(guard)
    }
}

impl Guard {
    /// Takes the terminal's size and draws everything anew: a size that changed and came back before we saw it
    /// has blanked the screen all the same. The terminal is asked nothing that it would have to answer.
    fn fit(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.resize(size.into())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back. Errors are of no use here: there is nowhere left to say them.
fn restore() {
    let mut out = io::stdout();
    let _ = execute!(
        out,
        event::DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = out.flush();
    let _ = disable_raw_mode();
}

/// Makes a panic of the main thread restore the terminal first, and one of a worker silent: the worker turns it
/// into a report. The message names the place in our code, never data.
fn quiet_panics() {
    let main = thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if thread::current().id() == main {
            restore();
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(
                io::stderr(),
                "glassroom: internal error at {place}; everything acknowledged is in the ledger"
            );
        }
    }));
}

/// Ends the process by the signal that it was sent, after an attempt to give the terminal back.
fn end_at_once(signal: i32) {
    let _ = disable_raw_mode();
    // The main thread may hold the lock of the output, and the terminal may take no more bytes: neither keeps the program.
    let (sender, is_restored) = mpsc::channel();
    let give_back = move || {
        restore();
        let _ = sender.send(());
    };
    if thread::Builder::new().spawn(give_back).is_ok() {
        let _ = is_restored.recv_timeout(RESTORE);
    }
    let _ = signal_hook::low_level::emulate_default_handler(signal);
}

/// Ends the program on a signal: in order if it can be done in time, otherwise at once, as a second signal does.
fn watch_signals(sender: Sender<Input>) -> io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT])?;
    let watch = move || {
        let mut caught = signals.forever();
        let Some(signal) = caught.next() else {
            return;
        };
        // Nobody hears of it if the main thread is past its loop, and that is what was asked for.
        let _ = sender.send(Input::End);
        let last_resort = move || {
            thread::sleep(END_IN_ORDER);
            end_at_once(signal);
        };
        let _ = thread::Builder::new().spawn(last_resort);
        if let Some(signal) = caught.next() {
            end_at_once(signal);
        }
    };
    thread::Builder::new().name("signals".into()).spawn(watch)?;
    Ok(())
}

/// Reads keys for as long as the program lives; the thread ends with the process.
fn read_keys(sender: Sender<Input>) {
    let end = sender.clone();
    let read = move || {
        loop {
            let input = match event::read() {
                Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => match convert(key) {
                    Some(key) => Input::Msg(Msg::Key(key)),
                    None => continue,
                },
                Ok(Event::Paste(text)) => Input::Msg(Msg::Paste(text)),
                Ok(Event::Resize(..)) => Input::Resized,
                Ok(_) => continue,
                Err(_) => Input::End,
            };
            let is_end = matches!(input, Input::End);
            if sender.send(input).is_err() || is_end {
                break;
            }
        }
    };
    // Without the thread there are no keys; the signals still end the program.
    let _ = thread::Builder::new().name("keys".into()).spawn(move || {
        // A program without keys would hold the terminal for ever.
        if std::panic::catch_unwind(AssertUnwindSafe(read)).is_err() {
            let _ = end.send(Input::End);
        }
    });
}

fn convert(key: KeyEvent) -> Option<Key> {
    let code = match key.code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::F(n) => Code::F(n),
        _ => return None,
    };
    Some(Key {
        code,
        ctrl: key.modifiers.contains(KeyModifiers::CONTROL),
        alt: key.modifiers.contains(KeyModifiers::ALT),
    })
}
