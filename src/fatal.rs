//! Signals that end the process: the terminal is given back first.
//!
//! Owns sigaction. A [`TerminalRescue`] remembers the terminal's settings; while it lives, a signal that would end the
//! process in any thread restores them, writes the bytes that were given, and then does what it would have done. The
//! handler calls nothing but functions that POSIX calls async-signal-safe (signal-safety(7)): write, tcsetattr, sigaction,
//! raise. It deliberately saves nothing and prints no message.
#![allow(unsafe_code)]

use std::io;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Signals that are caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rescued {
    /// Those of a fault or an abort; the others are handled elsewhere.
    Faults,
    /// Those that ask the process to end, too.
    AllSignals,
}

impl Rescued {
    fn signals(self) -> &'static [libc::c_int] {
        const ALL: &[libc::c_int] = &[
            libc::SIGSEGV,
            libc::SIGBUS,
            libc::SIGABRT,
            libc::SIGILL,
            libc::SIGFPE,
            libc::SIGSYS,
            libc::SIGTRAP,
            libc::SIGINT,
            libc::SIGTERM,
            libc::SIGHUP,
            libc::SIGQUIT,
        ];
        match self {
            Self::Faults => &ALL[..7],
            Self::AllSignals => ALL,
        }
    }
}

/// What the handler needs, which is never changed and never freed: a signal may come while it is replaced.
struct Saved {
    settings: libc::termios,
    bytes: &'static [u8],
    /// What each signal did before.
    before: Vec<(libc::c_int, libc::sigaction)>,
}

/// Null while no rescue is armed.
static SAVED: AtomicPtr<Saved> = AtomicPtr::new(std::ptr::null_mut());

/// The terminal of standard input, given back if a signal ends the process before this is dropped.
#[derive(Debug)]
pub struct TerminalRescue(());

impl TerminalRescue {
    /// Remembers the settings of the terminal as they are now, and the bytes that give the screen back. There is one
    /// rescue at a time.
    pub fn arm(rescued: Rescued, bytes: &'static [u8]) -> io::Result<Self> {
        let mut settings = MaybeUninit::uninit();
        // SAFETY: the pointer is to memory for one `termios`, which the call fills if it returns 0.
        let settings = unsafe {
            if libc::tcgetattr(libc::STDIN_FILENO, settings.as_mut_ptr()) != 0 {
                return Err(io::Error::last_os_error());
            }
            settings.assume_init()
        };
        let mut before = Vec::new();
        for signal in rescued.signals() {
            let mut old = MaybeUninit::uninit();
            // SAFETY: a null action only asks for the one in force, which the call fills in if it returns 0.
            unsafe {
                if libc::sigaction(*signal, std::ptr::null(), old.as_mut_ptr()) == 0 {
                    let old: libc::sigaction = old.assume_init();
                    // What is ignored, as under nohup(1), stays ignored.
                    if old.sa_sigaction != libc::SIG_IGN {
                        before.push((*signal, old));
                    }
                }
            }
        }
        // A few bytes for each time that a terminal is taken, which is once or twice in the life of the process.
        let saved = Box::leak(Box::new(Saved {
            settings,
            bytes,
            before,
        }));
        SAVED.store(saved, Ordering::SeqCst);
        for (signal, _) in &saved.before {
            // SAFETY: the handler has the signature that SA_SIGINFO asks for and is async-signal-safe. SA_ONSTACK lets it
            // run on the stack that the standard library gives each thread for the overflow of its own.
            unsafe {
                let mut action: libc::sigaction = std::mem::zeroed();
                action.sa_sigaction = give_back as *const () as usize;
                action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
                libc::sigemptyset(&raw mut action.sa_mask);
                libc::sigaction(*signal, &raw const action, std::ptr::null_mut());
            }
        }
        Ok(Self(()))
    }
}

impl Drop for TerminalRescue {
    fn drop(&mut self) {
        let saved = SAVED.swap(std::ptr::null_mut(), Ordering::SeqCst);
        // SAFETY: what is stored there is leaked, so the pointer is null or valid for ever.
        if let Some(saved) = unsafe { saved.as_ref() } {
            for (signal, old) in &saved.before {
                put_back(*signal, old);
            }
        }
    }
}

/// Puts the action before ours in force again. One that was installed over ours since stays: it hands on to what it found.
fn put_back(signal: libc::c_int, old: &libc::sigaction) {
    // SAFETY: a null action only asks for the one in force, and `old` is the one that the system named before.
    unsafe {
        let mut now = MaybeUninit::<libc::sigaction>::uninit();
        let is_ours = libc::sigaction(signal, std::ptr::null(), now.as_mut_ptr()) == 0
            && now.assume_init().sa_sigaction == give_back as *const () as usize;
        if is_ours {
            libc::sigaction(signal, &raw const *old, std::ptr::null_mut());
        }
    }
}

/// Gives the terminal back, and lets the signal do what it did before.
extern "C" fn give_back(
    signal: libc::c_int,
    info: *mut libc::siginfo_t,
    _context: *mut libc::c_void,
) {
    let saved = SAVED.load(Ordering::SeqCst);
    // SAFETY: the pointer is null or to a leaked value; every function that is called is async-signal-safe; `info` is
    // given by the system because of SA_SIGINFO.
    unsafe {
        if let Some(saved) = saved.as_ref() {
            let mut rest = saved.bytes;
            while !rest.is_empty() {
                let count = libc::write(libc::STDOUT_FILENO, rest.as_ptr().cast(), rest.len());
                let Ok(count @ 1..) = usize::try_from(count) else {
                    break;
                };
                rest = &rest[count.min(rest.len())..];
            }
            libc::tcsetattr(libc::STDIN_FILENO, libc::TCSANOW, &raw const saved.settings);
        }
        // A fault happens again when this returns, now to whoever handled it before: the standard library names a stack
        // that has overflowed. What was sent would not come again, and that handler would let the program go on.
        let is_fault = info.as_ref().is_some_and(|info| info.si_code > 0)
            && matches!(
                signal,
                libc::SIGSEGV | libc::SIGBUS | libc::SIGILL | libc::SIGFPE
            );
        let mut before = saved.as_ref().into_iter().flat_map(|saved| &saved.before);
        match before.find(|(known, _)| *known == signal && is_fault) {
            Some((_, old)) => {
                libc::sigaction(signal, &raw const *old, std::ptr::null_mut());
            }
            None => {
                libc::signal(signal, libc::SIG_DFL);
                libc::raise(signal);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern "C" fn other(_: libc::c_int) {}

    fn set(signal: libc::c_int, handler: usize) -> libc::sigaction {
        // SAFETY: the actions are zeroed or given by the system, and nothing raises the signal.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            let mut old: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handler;
            assert_eq!(libc::sigaction(signal, &raw const action, &raw mut old), 0);
            old
        }
    }

    #[test]
    fn a_handler_that_came_later_stays() {
        let signal = libc::SIGRTMAX();
        let before = set(signal, give_back as *const () as usize);
        put_back(signal, &before);
        assert_eq!(set(signal, libc::SIG_DFL).sa_sigaction, before.sa_sigaction);
        let later = other as *const () as usize;
        set(signal, later);
        put_back(signal, &before);
        assert_eq!(set(signal, libc::SIG_DFL).sa_sigaction, later);
    }
}
