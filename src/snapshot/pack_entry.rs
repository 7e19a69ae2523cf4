//! The entries of a pack: their headers, and their bytes inflated under a limit. The format is that of
//! gitformat-pack(5).

use crate::snapshot::refs::Id;
use flate2::{Decompress, FlushDecompress, Status};
use git2::ObjectType;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;

/// The longest header of an entry with its base: 10 bytes of size, 20 of id.
const HEADER: usize = 32;
/// Compressed bytes that are read at once.
const INPUT: usize = 32 << 10;
/// Bytes that are set aside before the first of them is inflated: a header may claim any size.
const FIRST_ROOM: usize = 4 << 20;
/// An object that claims more is damaged; nothing that this program reads is as large.
const LARGEST: u64 = 1 << 40;

/// The bytes between the header and the checksum of a pack, within a file of its own or within a bundle.
#[derive(Debug)]
pub(super) struct PackData {
    file: File,
    /// Where the pack begins in the file.
    start: u64,
    /// Bytes of the pack without its checksum.
    end: u64,
}

/// What an entry is built from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryForm {
    /// The entry is the object.
    Whole(ObjectType),
    /// A delta on the entry at an offset of the same pack.
    OnOffset(u64),
    /// A delta on an object of the same pack.
    OnId(Id),
}

/// The header of an entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct EntryHeader {
    /// How the object is built.
    pub form: EntryForm,
    /// Bytes of the object or of the delta when inflated.
    pub size: u64,
    /// The offset in the pack of the compressed bytes.
    pub body: u64,
}

/// Makes an error about bytes that are not what they should be.
pub(super) fn damaged(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

impl PackData {
    /// Takes the pack of `bytes` bytes that begins at `start`. Returns nothing if it is too short or of another version.
    pub(super) fn new(file: File, start: u64, bytes: u64) -> io::Result<Option<Self>> {
        if bytes < 12 + 20 {
            return Ok(None);
        }
        let mut header = [0; 8];
        file.read_exact_at(&mut header, start)?;
        let is_known = matches!(&header, b"PACK\0\0\0\x02" | b"PACK\0\0\0\x03");
        let end = bytes - 20;
        Ok(is_known.then_some(Self { file, start, end }))
    }

    /// Returns the number of objects that the pack's header claims.
    pub(super) fn count(&self) -> io::Result<u32> {
        let mut count = [0; 4];
        self.file.read_exact_at(&mut count, self.start + 8)?;
        Ok(u32::from_be_bytes(count))
    }

    /// Returns the checksum at the end of the pack.
    pub(super) fn checksum(&self) -> io::Result<[u8; 20]> {
        let mut checksum = [0; 20];
        self.file
            .read_exact_at(&mut checksum, self.start + self.end)?;
        Ok(checksum)
    }

    /// Returns the bytes of the pack without its checksum.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Reads as many bytes as there are, at most those of the buffer.
    pub(super) fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = self.end.saturating_sub(offset);
        let room = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let mut filled = 0;
        while filled < room {
            let at = self.start + offset + filled as u64;
            match self.file.read_at(&mut bytes[filled..room], at) {
                Ok(0) => break,
                Ok(got) => filled += got,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    /// Reads the header of the entry at an offset.
    pub(super) fn header(&self, offset: u64) -> io::Result<EntryHeader> {
        let mut header = [0; HEADER];
        let got = self.read_at(&mut header, offset)?;
        let bytes = &mut header[..got].iter();
        let short = || damaged("the pack ends in the header of an entry");
        let first = *bytes.next().ok_or_else(short)?;
        let mut size = u64::from(first & 15);
        let (mut shift, mut last) = (4, first);
        while last & 0x80 != 0 {
            last = *bytes.next().ok_or_else(short)?;
            if shift > 57 {
                return Err(damaged("the size of an entry overflows"));
            }
            size |= u64::from(last & 0x7f) << shift;
            shift += 7;
        }
        if size > LARGEST {
            return Err(damaged("an entry is larger than any object"));
        }
        let form = match first >> 4 & 7 {
            1 => EntryForm::Whole(ObjectType::Commit),
            2 => EntryForm::Whole(ObjectType::Tree),
            3 => EntryForm::Whole(ObjectType::Blob),
            4 => EntryForm::Whole(ObjectType::Tag),
            6 => {
                let mut byte = *bytes.next().ok_or_else(short)?;
                let mut back = u64::from(byte & 0x7f);
                while byte & 0x80 != 0 {
                    byte = *bytes.next().ok_or_else(short)?;
                    let next = (back + 1).checked_mul(128);
                    back = next.ok_or_else(|| damaged("the distance of a base overflows"))?
                        | u64::from(byte & 0x7f);
                }
                if back == 0 || back >= offset {
                    return Err(damaged("a base lies before the pack"));
                }
                EntryForm::OnOffset(offset - back)
            }
            7 => {
                let id = bytes.as_slice().first_chunk().ok_or_else(short)?;
                bytes.nth(19);
                EntryForm::OnId(*id)
            }
            _ => return Err(damaged("an entry is of a reserved type")),
        };
        let body = offset + (got - bytes.as_slice().len()) as u64;
        Ok(EntryHeader { form, size, body })
    }
}

/// Reads compressed bytes at an offset, as many as there are.
pub(super) type ReadInput<'a> = &'a dyn Fn(&mut [u8], u64) -> io::Result<usize>;

/// The state of inflating, kept from one object to the next.
#[derive(Debug)]
pub(super) struct Inflater {
    state: Decompress,
    input: Vec<u8>,
    /// A piece of what comes out, where nobody keeps it.
    piece: Vec<u8>,
}

impl Default for Inflater {
    fn default() -> Self {
        Self {
            state: Decompress::new(true),
            input: vec![0; INPUT],
            piece: Vec::new(),
        }
    }
}

impl Inflater {
    /// Inflates a stream that must hold exactly `size` bytes. Returns them and the number of compressed bytes.
    pub(super) fn inflate(
        &mut self,
        read: ReadInput<'_>,
        at: u64,
        size: usize,
    ) -> io::Result<(Vec<u8>, u64)> {
        let mut out = vec![0; size.min(FIRST_ROOM)];
        let mut filled = 0;
        let used = self.run(read, at, size, &mut |state, input| {
            if filled == out.len() && filled < size {
                out.resize(size.min(out.len() * 2), 0);
            }
            // One byte more than there should be shows a stream that goes on.
            let mut spare = [0];
            let room = if filled < size {
                &mut out[filled..]
            } else {
                &mut spare[..]
            };
            let step = Step::of(state, input, room)?;
            filled += step.made;
            if filled > size {
                return Err(damaged("an object is longer than its header says"));
            }
            Ok(step)
        })?;
        if filled < size {
            return Err(damaged("an object is shorter than its header says"));
        }
        Ok((out, used))
    }

    /// Inflates the first bytes of a stream, at most those of the buffer. Returns their number.
    pub(super) fn inflate_start(
        &mut self,
        read: ReadInput<'_>,
        at: u64,
        room: &mut [u8],
    ) -> io::Result<usize> {
        let mut filled = 0;
        let length = room.len();
        self.run(read, at, length, &mut |state, input| {
            let mut step = Step::of(state, input, &mut room[filled..])?;
            filled += step.made;
            step.is_end |= filled == length;
            Ok(step)
        })?;
        Ok(filled)
    }

    /// Inflates a stream that must hold exactly `size` bytes, and calls with one piece of it after the other. Returns the
    /// number of compressed bytes.
    pub(super) fn visit(
        &mut self,
        read: ReadInput<'_>,
        at: u64,
        size: u64,
        see: &mut dyn FnMut(&[u8]),
    ) -> io::Result<u64> {
        let mut piece = std::mem::take(&mut self.piece);
        piece.resize(INPUT, 0);
        let mut made = 0;
        let expected = usize::try_from(size).unwrap_or(INPUT).min(INPUT);
        let used = self.run(read, at, expected, &mut |state, input| {
            let step = Step::of(state, input, &mut piece)?;
            see(&piece[..step.made]);
            made += step.made as u64;
            if made > size {
                return Err(damaged("an object is longer than its header says"));
            }
            Ok(step)
        });
        self.piece = piece;
        let used = used?;
        if made < size {
            return Err(damaged("an object is shorter than its header says"));
        }
        Ok(used)
    }

    /// Feeds a stream to `step` until it ends. Returns the number of compressed bytes. `expected` is a guess at the
    /// number of bytes that come out, so that little more than needed is read.
    fn run(
        &mut self,
        read: ReadInput<'_>,
        at: u64,
        expected: usize,
        step: &mut dyn FnMut(&mut Decompress, &[u8]) -> io::Result<Step>,
    ) -> io::Result<u64> {
        self.state.reset(true);
        let mut room = expected.saturating_add(expected / 512 + 64).min(INPUT);
        let mut used = 0;
        loop {
            let got = read(&mut self.input[..room], at + used)?;
            let mut input = &self.input[..got];
            let is_last = got < room;
            loop {
                let done = step(&mut self.state, input)?;
                used += done.used as u64;
                input = &input[done.used..];
                if done.is_end {
                    return Ok(used);
                }
                if done.used == 0 && done.made == 0 {
                    break;
                }
            }
            // A stream that takes nothing from a whole buffer never will.
            if is_last || input.len() == got {
                return Err(damaged("the compressed bytes of an object end early"));
            }
            room = INPUT;
        }
    }
}

/// What one call of the inflater did.
struct Step {
    used: usize,
    made: usize,
    is_end: bool,
}

impl Step {
    fn of(state: &mut Decompress, input: &[u8], room: &mut [u8]) -> io::Result<Self> {
        let (before_in, before_out) = (state.total_in(), state.total_out());
        let status = state
            .decompress(input, room, FlushDecompress::None)
            .map_err(|_| damaged("the compressed bytes of an object are damaged"))?;
        Ok(Self {
            used: (state.total_in() - before_in) as usize,
            made: (state.total_out() - before_out) as usize,
            is_end: status == Status::StreamEnd,
        })
    }
}
