//! Sessions between the node and its controller.
//!
//! The C code owns the socket. It hands every datagram to `session_feed` and
//! gets back what to do with it. One `Session` exists per controller; it
//! remembers the key epoch, the window against replays and some counters.
//!
//! Copyright Acme Radio Systems. See LICENSE.

mod replay;

use replay::Window;
use std::slice;

/// Epoch (1), sequence (4), length of the body (2), all in network order.
const HEADER: usize = 7;
/// Longest body that the controller may send.
const BODY_MAX: usize = 4096;
/// Datagrams without a valid sequence after which the session is given up.
const STRIKES_MAX: u32 = 20;

/// What the caller has to do with a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum Verdict {
    /// Pass the body on.
    Deliver = 0,
    /// Forget the datagram.
    Drop = 1,
    /// Close the session.
    Close = 2,
}

/// Why a datagram was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Short,
    TooLong,
    Epoch,
    Replay,
}

/// Counters for the management plane.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Counters {
    pub delivered: u64,
    pub dropped: u64,
    pub replays: u64,
    pub bytes: u64,
}

pub struct Session {
    epoch: u8,
    window: Window,
    strikes: u32,
    counters: Counters,
    body: Vec<u8>,
}

struct Header {
    epoch: u8,
    seq: u32,
    body_len: usize,
}

impl Session {
    pub fn new(epoch: u8) -> Self {
        Session {
            epoch,
            window: Window::new(),
            strikes: 0,
            counters: Counters::default(),
            body: Vec::with_capacity(BODY_MAX),
        }
    }

    /// The key was changed: the next datagram starts a new count.
    pub fn rekey(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
        self.window = Window::new();
        self.strikes = 0;
    }

    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// The body of the datagram that was delivered last.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Takes one datagram in.
    pub fn feed(&mut self, datagram: &[u8]) -> Verdict {
        match self.accept(datagram) {
            Ok(()) => {
                self.strikes = 0;
                self.counters.delivered += 1;
                self.counters.bytes += self.body.len() as u64;
                Verdict::Deliver
            }
            Err(why) => {
                self.counters.dropped += 1;
                if why == Refusal::Replay {
                    self.counters.replays += 1;
                }
                self.strikes += 1;
                if self.strikes >= STRIKES_MAX {
                    Verdict::Close
                } else {
                    Verdict::Drop
                }
            }
        }
    }

    fn accept(&mut self, datagram: &[u8]) -> Result<(), Refusal> {
        let header = read_header(datagram)?;
        if header.epoch != self.epoch {
            return Err(Refusal::Epoch);
        }
        if !self.window.fresh(header.seq) {
            return Err(Refusal::Replay);
        }
        let body = body_of(datagram, &header);
        self.body.clear();
        self.body.extend_from_slice(body);
        self.window.mark(header.seq);
        Ok(())
    }
}

fn read_header(datagram: &[u8]) -> Result<Header, Refusal> {
    if datagram.len() < HEADER {
        return Err(Refusal::Short);
    }
    let body_len = usize::from(u16::from_be_bytes([datagram[5], datagram[6]]));
    if body_len > BODY_MAX {
        return Err(Refusal::TooLong);
    }
    Ok(Header {
        epoch: datagram[0],
        seq: u32::from_be_bytes([datagram[1], datagram[2], datagram[3], datagram[4]]),
        body_len,
    })
}

/// The body behind the header.
fn body_of<'a>(datagram: &'a [u8], header: &Header) -> &'a [u8] {
    // SAFETY: read_header() has checked the length of the body.
    unsafe { slice::from_raw_parts(datagram.as_ptr().add(HEADER), header.body_len) }
}

/// Makes a session. The caller gives it back with `session_free`.
#[no_mangle]
pub extern "C" fn session_new(epoch: u8) -> *mut Session {
    Box::into_raw(Box::new(Session::new(epoch)))
}

/// # Safety
/// `s` comes from `session_new` and is not used afterwards.
#[no_mangle]
pub unsafe extern "C" fn session_free(s: *mut Session) {
    if !s.is_null() {
        drop(Box::from_raw(s));
    }
}

/// # Safety
/// `s` comes from `session_new`; `p` points to `n` readable bytes.
#[no_mangle]
pub unsafe extern "C" fn session_feed(s: *mut Session, p: *const u8, n: usize) -> Verdict {
    if s.is_null() || p.is_null() {
        return Verdict::Drop;
    }
    let datagram = slice::from_raw_parts(p, n);
    (*s).feed(datagram)
}

/// Copies the last body out. Returns its length, or 0 when it does not fit.
///
/// # Safety
/// `s` comes from `session_new`; `out` points to `cap` writable bytes.
#[no_mangle]
pub unsafe extern "C" fn session_body(s: *const Session, out: *mut u8, cap: usize) -> usize {
    if s.is_null() || out.is_null() {
        return 0;
    }
    let body = (*s).body();
    if body.len() > cap {
        return 0;
    }
    out.copy_from_nonoverlapping(body.as_ptr(), body.len());
    body.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(seq: u32, body: &[u8]) -> Vec<u8> {
        let mut d = vec![1];
        d.extend_from_slice(&seq.to_be_bytes());
        d.extend_from_slice(&(body.len() as u16).to_be_bytes());
        d.extend_from_slice(body);
        d
    }

    #[test]
    fn delivers_once() {
        let mut s = Session::new(1);
        let d = datagram(7, b"hello");
        assert_eq!(s.feed(&d), Verdict::Deliver);
        assert_eq!(s.body(), b"hello");
        assert_eq!(s.feed(&d), Verdict::Drop);
        assert_eq!(s.counters().replays, 1);
    }

    #[test]
    fn gives_up_after_many_strikes() {
        let mut s = Session::new(1);
        for _ in 1..STRIKES_MAX {
            assert_eq!(s.feed(&[]), Verdict::Drop);
        }
        assert_eq!(s.feed(&[]), Verdict::Close);
    }
}
