//! Files as memory, memory given back, and memory for secrets.
//!
//! Owns memmap2 and the allocator's one call. The files are those of the review's index: only ever appended to, and
//! replaced by unlinking.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::ops::{Deref, DerefMut};

/// The first bytes of a file, mapped read-only.
#[derive(Default)]
pub struct Mapped(Option<memmap2::Mmap>);

/// Maps the first `len` bytes of a file that is at least that long.
pub fn map(file: &File, len: u64) -> io::Result<Mapped> {
    if file.metadata()?.len() < len {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if len == 0 {
        return Ok(Mapped(None));
    }
    let len = usize::try_from(len).map_err(|_| io::ErrorKind::FileTooLarge)?;
    // SAFETY: whoever writes the file only ever appends behind the mapped bytes, and replaces it by unlinking it. The
    // folder belongs to the reviewer: whoever else cuts the file short can end the process, not change what it
    // believes, because every part is checked against its checksum before it is used.
    let map = unsafe { memmap2::MmapOptions::new().len(len).map(file)? };
    Ok(Mapped(Some(map)))
}

/// Zeroed memory for a short time, which the system has back as soon as it is dropped: an allocator keeps what was freed.
pub struct Pages(AnonymousMemory);

enum AnonymousMemory {
    Mapped(memmap2::MmapMut),
    /// The system refused a mapping.
    Allocated(Vec<u8>),
}

impl Pages {
    /// Takes so many bytes.
    pub fn new(len: usize) -> Self {
        Self(match memmap2::MmapMut::map_anon(len) {
            Ok(map) => AnonymousMemory::Mapped(map),
            Err(_) => AnonymousMemory::Allocated(vec![0; len]),
        })
    }
}

impl Deref for Pages {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match &self.0 {
            AnonymousMemory::Mapped(map) => map,
            AnonymousMemory::Allocated(bytes) => bytes,
        }
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut [u8] {
        match &mut self.0 {
            AnonymousMemory::Mapped(map) => map,
            AnonymousMemory::Allocated(bytes) => bytes,
        }
    }
}

/// Gives memory that is free but kept for later back to the system: a build leaves its threads' share behind, and
/// the program then idles for days.
pub fn give_back() {
    // SAFETY: it takes no pointer and may be called at any time from any thread.
    #[cfg(target_env = "gnu")]
    unsafe {
        libc::malloc_trim(0);
    }
}

impl Deref for Mapped {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.0.as_deref().unwrap_or(&[])
    }
}

/// Text of a fixed capacity for a passphrase.
///
/// It lies in pages of its own, which never move, so that growing leaves no copy; they are kept out of the swap and out of
/// core dumps where the system allows that, and are wiped when it is dropped. It is not [`Clone`], and does not print.
pub struct SecretBuffer {
    /// Nothing if the system had no page for it: then it takes no text.
    pages: Option<memmap2::MmapMut>,
    len: usize,
    is_locked: bool,
}

impl SecretBuffer {
    /// Bytes that it takes: far more than a passphrase has.
    pub const CAPACITY: usize = 4096;

    /// Makes an empty one.
    pub fn new() -> Self {
        let pages = memmap2::MmapMut::map_anon(Self::CAPACITY).ok();
        let is_locked = pages.as_ref().is_some_and(|pages| pages.lock().is_ok());
        #[cfg(target_os = "linux")]
        if let Some(pages) = &pages {
            // Core dumps are off for the whole process; this holds if somebody turns them on.
            let _ = pages.advise(memmap2::Advice::DontDump);
        }
        Self {
            pages,
            len: 0,
            is_locked,
        }
    }

    /// Returns the text; an empty one if the bytes are not UTF-8.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// Returns the bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.pages.as_deref().unwrap_or(&[])[..self.len]
    }

    /// Returns whether the system keeps it out of the swap.
    pub fn is_locked(&self) -> bool {
        self.is_locked
    }

    /// Appends a text. Returns false if there is no room for all of it, and appends nothing.
    pub fn push_str(&mut self, text: &str) -> bool {
        self.push_bytes(text.as_bytes())
    }

    /// Appends bytes, which may be a part of a character. Returns false if there is no room for all of them.
    pub fn push_bytes(&mut self, bytes: &[u8]) -> bool {
        let end = self.len + bytes.len();
        let room = self
            .pages
            .as_deref_mut()
            .and_then(|pages| pages.get_mut(self.len..end));
        let Some(room) = room else { return false };
        room.copy_from_slice(bytes);
        self.len = end;
        true
    }

    /// Appends a character. Returns false if there is no room for it.
    pub fn push(&mut self, c: char) -> bool {
        let mut bytes = zeroize::Zeroizing::new([0; 4]);
        self.push_str(c.encode_utf8(&mut bytes[..]))
    }

    /// Removes the last character.
    pub fn pop(&mut self) {
        let is_first = |byte: &u8| byte & 0xc0 != 0x80;
        let last = self.as_bytes().iter().rposition(is_first);
        self.truncate(last.unwrap_or(0));
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    fn truncate(&mut self, len: usize) {
        if let Some(pages) = self.pages.as_deref_mut() {
            zeroize::Zeroize::zeroize(&mut pages[len..]);
        }
        self.len = len;
    }
}

impl Default for SecretBuffer {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for SecretBuffer {
    fn drop(&mut self) {
        self.clear();
        if let Some(pages) = &self.pages {
            let _ = pages.unlock();
        }
    }
}

impl std::fmt::Debug for SecretBuffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretBuffer")
    }
}

/// Bytes of the stack that [`wipe_stack`] overwrites: deriving a key from a passphrase takes a few kilobytes.
const STACK: usize = 64 << 10;

/// Overwrites the stack below the caller, where functions that have returned may have left parts of a secret. To be
/// called by the function that called them.
#[inline(never)]
#[allow(
    clippy::large_stack_arrays,
    reason = "it is the stack that is to be overwritten"
)]
pub fn wipe_stack() {
    let mut below = [0xa5_u8; STACK];
    zeroize::Zeroize::zeroize(&mut below[..]);
    std::hint::black_box(&below);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_removed_from_a_secret_is_gone() {
        let mut secret = SecretBuffer::new();
        let at = secret.pages.as_ref().unwrap().as_ptr();
        for c in "größe und mehr".chars() {
            assert!(secret.push(c));
        }
        assert_eq!(secret.as_str(), "größe und mehr");
        (0..9).for_each(|_| secret.pop());
        assert_eq!(secret.as_str(), "größe");
        let bytes = |secret: &SecretBuffer| secret.pages.as_ref().unwrap().to_vec();
        assert!(bytes(&secret)[7..].iter().all(|b| *b == 0));
        assert!(!secret.push_str(&"x".repeat(SecretBuffer::CAPACITY)));
        assert_eq!(secret.as_str(), "größe");
        secret.clear();
        assert!(bytes(&secret).iter().all(|b| *b == 0));
        assert_eq!(
            secret.pages.as_ref().unwrap().as_ptr(),
            at,
            "it never moves"
        );
        assert_eq!(format!("{secret:?}"), "SecretBuffer");
    }
}
