//! The few calls that make an entry durable, behind a trait so that tests can make them fail.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

/// What the writer asks of the disk.
pub trait Disk: Send {
    /// Writes at the end, as `write(2)` does: possibly less than asked.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;
    /// Returns once the data is durable.
    fn sync(&mut self) -> io::Result<()>;
    /// Returns the length.
    fn len(&mut self) -> io::Result<u64>;
    /// Cuts to the length.
    fn cut(&mut self, len: u64) -> io::Result<()>;
}

impl Disk for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(self, bytes)
    }
    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
    fn len(&mut self) -> io::Result<u64> {
        self.metadata().map(|m| m.len())
    }
    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }
}

/// Opens for appending, never through a symbolic link.
pub fn open_append(path: &Path) -> io::Result<File> {
    let nofollow = rustix::fs::OFlags::NOFOLLOW.bits() as i32;
    let mut options = OpenOptions::new();
    options
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(nofollow);
    options.open(path)
}

/// Writes all bytes; an interrupted call is repeated, a call that takes nothing is an error.
pub fn write_all(disk: &mut dyn Disk, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match disk.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => bytes = &bytes[n..],
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Writes the head file in place: 86 bytes, so that no write is torn by a sector's end.
pub fn write_head(head: &File, seq: u64, digest: &crate::model::Digest) -> io::Result<()> {
    head.write_all_at(format!("{seq:020} {digest}\n").as_bytes(), 0)
}
