//! Deltas: an object as pieces of another one, in the form of gitformat-pack(5).

use crate::snapshot::pack_entry::damaged;
use std::io;

/// The longest start of a delta that holds both sizes.
pub(super) const SIZES: usize = 20;

/// Reads the size of the base and of the result from the start of a delta. Returns them and what follows.
pub(super) fn read_sizes(delta: &[u8]) -> io::Result<(u64, u64, &[u8])> {
    let mut rest = delta;
    let base = read_size(&mut rest)?;
    let result = read_size(&mut rest)?;
    Ok((base, result, rest))
}

fn read_size(rest: &mut &[u8]) -> io::Result<u64> {
    let mut size = 0;
    for shift in (0..63).step_by(7) {
        let byte = take(rest)?;
        size |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(size);
        }
    }
    Err(damaged("a size in a delta overflows"))
}

fn take(rest: &mut &[u8]) -> io::Result<u8> {
    let (first, behind) = rest
        .split_first()
        .ok_or_else(|| damaged("a delta ends early"))?;
    *rest = behind;
    Ok(*first)
}

/// Builds an object from its base. The result has exactly the size that the delta claims, which the caller has found
/// acceptable.
pub(super) fn apply(base: &[u8], delta: &[u8]) -> io::Result<Vec<u8>> {
    let (base_size, result_size, mut rest) = read_sizes(delta)?;
    if base_size != base.len() as u64 {
        return Err(damaged("a delta is for a base of another size"));
    }
    let size = usize::try_from(result_size).map_err(|_| damaged("a size overflows"))?;
    let mut out = Vec::with_capacity(size);
    while let Some((command, behind)) = rest.split_first() {
        rest = behind;
        let piece = if command & 0x80 != 0 {
            let mut number = |bits: std::ops::Range<u32>| -> io::Result<usize> {
                let mut number = 0;
                for (at, bit) in bits.enumerate() {
                    if command & (1 << bit) != 0 {
                        number |= usize::from(take(&mut rest)?) << (8 * at);
                    }
                }
                Ok(number)
            };
            let offset = number(0..4)?;
            let length = match number(4..7)? {
                0 => 0x10000,
                length => length,
            };
            base.get(offset..)
                .and_then(|from| from.get(..length))
                .ok_or_else(|| damaged("a delta copies from behind its base"))?
        } else if *command > 0 {
            let (piece, behind) = rest
                .split_at_checked(usize::from(*command))
                .ok_or_else(|| damaged("a delta ends early"))?;
            rest = behind;
            piece
        } else {
            return Err(damaged("a delta holds a reserved command"));
        };
        if piece.len() > size - out.len() {
            return Err(damaged("a delta builds more than it says"));
        }
        out.extend_from_slice(piece);
    }
    if out.len() < size {
        return Err(damaged("a delta builds less than it says"));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_copied_and_inserted() {
        let base: Vec<u8> = (0..=255).cycle().take(0x10010).collect();
        // 0x10010 bytes to 0x10003: a copy of 0x10000 from 1, and three bytes.
        let delta = [0x90, 0x80, 4, 0x83, 0x80, 4, 0x81, 1, 3, b'a', b'b', b'c'];
        let built = apply(&base, &delta).unwrap();
        assert_eq!(built, [&base[1..0x10001], b"abc"].concat());
    }

    #[test]
    fn deltas_that_lie_are_refused() {
        let base = b"0123456789";
        for (delta, why) in [
            (&[10][..], "a delta ends early"),
            (&[9, 1, 1, b'x'], "a delta is for a base of another size"),
            (&[10, 1, 0x91, 10, 1], "a delta copies from behind its base"),
            (&[10, 1, 0x91, 0, 2], "a delta builds more than it says"),
            (&[10, 3, 0x91, 0, 2], "a delta builds less than it says"),
            (&[10, 3, 3, b'x'], "a delta ends early"),
            (&[10, 1, 0], "a delta holds a reserved command"),
            (&[0xff; 12], "a size in a delta overflows"),
        ] {
            assert_eq!(apply(base, delta).unwrap_err().to_string(), why);
        }
        assert_eq!(apply(base, &[10, 2, 0x91, 8, 2]).unwrap(), b"89", "control");
    }
}
