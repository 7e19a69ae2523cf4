//! Files as memory, and memory given back.
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
