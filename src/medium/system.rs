//! What Linux says of mounts and disks: `/proc/self/mountinfo`, `/sys/dev/block`, `/dev/disk/by-label`. Works without
//! udev, which only adds the labels.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A block device, by the numbers of its driver and of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    pub major: u32,
    pub minor: u32,
}

impl Device {
    fn of(number: u64) -> Self {
        Self {
            major: rustix::fs::major(number),
            minor: rustix::fs::minor(number),
        }
    }

    /// Returns the device that holds a file or folder.
    pub fn holding(path: &Path) -> std::io::Result<Self> {
        Ok(Self::of(fs::metadata(path)?.dev()))
    }
}

/// One line of `/proc/self/mountinfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    pub device: Device,
    pub mount_point: PathBuf,
    pub file_system: String,
    /// The device's file, or whatever the file system has instead.
    pub source: PathBuf,
    pub is_read_only: bool,
}

impl Mount {
    /// Reads a line (`proc_pid_mountinfo(5)`): `36 35 8:17 / /media/usb rw,noatime shared:1 - vfat /dev/sdb1 rw`.
    fn parse(line: &[u8]) -> Option<Self> {
        let mut words = line.split(|b| *b == b' ');
        let device = std::str::from_utf8(words.by_ref().nth(2)?).ok()?;
        let (major, minor) = device.split_once(':')?;
        let mount_point = unescape(words.by_ref().nth(1)?);
        let options = words.next()?;
        // Any number of optional fields, up to a dash.
        words.by_ref().find(|word| *word == b"-")?;
        let file_system = String::from_utf8_lossy(words.next()?).into_owned();
        let source = unescape(words.next()?);
        let of_file_system = words.next().unwrap_or_default();
        let is_read_only = [options, of_file_system]
            .iter()
            .any(|all| all.split(|b| *b == b',').any(|option| option == b"ro"));
        Some(Self {
            device: Device {
                major: major.parse().ok()?,
                minor: minor.parse().ok()?,
            },
            mount_point,
            file_system,
            source,
            is_read_only,
        })
    }
}

/// Undoes the kernel's `\040` for a space, a tab, a line feed and a backslash.
fn unescape(text: &[u8]) -> PathBuf {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind
            .get(..3)
            .filter(|d| d.iter().all(|b| (b'0'..b'8').contains(b)));
        match digits.filter(|_| *first == b'\\') {
            Some(digits) => {
                let number = digits.iter().fold(0u32, |n, b| n * 8 + u32::from(b - b'0'));
                out.push(number as u8);
                rest = &behind[3..];
            }
            None => {
                out.push(*first);
                rest = behind;
            }
        }
    }
    OsString::from_vec(out).into()
}

/// Where the system's files are: `/`, or a folder that looks like it.
#[derive(Clone, Debug)]
pub struct System {
    root: PathBuf,
}

impl Default for System {
    fn default() -> Self {
        Self {
            root: PathBuf::from("/"),
        }
    }
}

impl System {
    #[cfg(test)]
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// Returns the folders in which nothing but media are mounted.
    pub fn media_roots(&self) -> [PathBuf; 2] {
        [self.root.join("media"), self.root.join("run/media")]
    }

    /// Returns the mounts that can be reached, in the order of their mount points' names.
    pub fn mounts(&self) -> std::io::Result<Vec<Mount>> {
        let bytes = fs::read(self.root.join("proc/self/mountinfo"))?;
        let mut mounts: Vec<Mount> = Vec::new();
        for mount in bytes.split(|b| *b == b'\n').filter_map(Mount::parse) {
            // A later mount at the same place hides the earlier one.
            mounts.retain(|m| m.mount_point != mount.mount_point);
            mounts.push(mount);
        }
        mounts.sort_by(|a, b| a.mount_point.cmp(&b.mount_point));
        Ok(mounts)
    }

    /// Returns whether the device is on a disk that can be taken away.
    ///
    /// The kernel says so in the disk's `removable`, or a USB bus is above it (sticks that say 0), or it is an SD card
    /// (an eMMC chip, which is soldered, hangs on the same bus). An encrypted medium is on what it lies on. The
    /// disk that the machine runs from is none: it stays.
    pub fn is_removable(&self, device: Device) -> bool {
        let disks = self.disks(device, 0);
        let root = Device::holding(&self.root).ok();
        let at_root = self.mounts().ok().and_then(|mounts| {
            let top = mounts.into_iter().find(|m| m.mount_point == Path::new("/"));
            top.map(|mount| self.block_device(&mount))
        });
        let running = at_root.or(root).map(|root| self.disks(root, 0));
        let is_running = |disk: &PathBuf| running.iter().flatten().any(|r| r == disk);
        !disks.is_empty() && disks.iter().all(|d| is_removable_disk(d) && !is_running(d))
    }

    /// Returns the block device behind a mount: some file systems (btrfs) have a number of their own.
    pub fn block_device(&self, mount: &Mount) -> Device {
        if mount.device.major != 0 {
            return mount.device;
        }
        let source = mount.source.strip_prefix("/").ok();
        let about = source.and_then(|source| fs::metadata(self.root.join(source)).ok());
        about.map_or(mount.device, |about| Device::of(about.rdev()))
    }

    /// Returns the block device behind whatever holds a folder.
    pub fn behind(&self, device: Device) -> Device {
        if device.major != 0 {
            return device;
        }
        let mounts = self.mounts().unwrap_or_default();
        let mount = mounts.iter().find(|mount| mount.device == device);
        mount.map_or(device, |mount| self.block_device(mount))
    }

    /// Returns the folders in `/sys` of the disks that the device lies on; none for what is no block device.
    fn disks(&self, device: Device, depth: usize) -> Vec<PathBuf> {
        let number = format!("{}:{}", device.major, device.minor);
        let link = self.root.join("sys/dev/block").join(number);
        let Ok(folder) = fs::canonicalize(link) else {
            return Vec::new();
        };
        // A partition's folder is inside its disk's.
        let is_partition = folder.join("partition").exists();
        let disk = match folder.parent() {
            Some(parent) if is_partition => parent.to_owned(),
            _ => folder,
        };
        let below: Vec<PathBuf> = match fs::read_dir(disk.join("slaves")) {
            Ok(list) if depth < 8 => list
                .filter_map(Result::ok)
                .filter_map(|entry| fs::read_to_string(entry.path().join("dev")).ok())
                .filter_map(|number| parse_number(number.trim()))
                .flat_map(|device| self.disks(device, depth + 1))
                .collect(),
            _ => Vec::new(),
        };
        if below.is_empty() { vec![disk] } else { below }
    }

    /// Returns the label of the file system on a device, if udev wrote it down.
    pub fn label(&self, source: &Path) -> Option<String> {
        let folder = self.root.join("dev/disk/by-label");
        let name = source.file_name()?;
        let entries = fs::read_dir(folder).ok()?.filter_map(Result::ok);
        let mut labels = entries.filter(|entry| {
            fs::read_link(entry.path()).is_ok_and(|target| target.file_name() == Some(name))
        });
        let label = labels.next()?.file_name();
        Some(unhex(&String::from_utf8_lossy(label.as_bytes())))
    }
}

fn parse_number(text: &str) -> Option<Device> {
    let (major, minor) = text.split_once(':')?;
    Some(Device {
        major: major.parse().ok()?,
        minor: minor.parse().ok()?,
    })
}

fn is_removable_disk(disk: &Path) -> bool {
    let says = |folder: &Path, name: &str, what: &str| {
        fs::read_to_string(folder.join(name)).is_ok_and(|text| text.trim() == what)
    };
    let is_usb = disk.components().any(|part| {
        let name = part.as_os_str().as_bytes();
        name.strip_prefix(b"usb")
            .is_some_and(|n| n.first().is_some_and(u8::is_ascii_digit))
    });
    let is_card = disk.ancestors().any(|folder| says(folder, "type", "SD"));
    says(disk, "removable", "1") || is_usb || is_card
}

/// Undoes udev's `\x20` for a space.
fn unhex(text: &str) -> String {
    let mut parts = text.split("\\x");
    let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let byte = part
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) => {
                out.push(byte);
                out.extend(&part.as_bytes()[2..]);
            }
            None => {
                out.extend(b"\\x");
                out.extend(part.as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    const MOUNTS: &str = "\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
22 27 0:21 / /proc rw,relatime - proc proc rw
40 27 8:17 / /media/alice/MY\\040STICK rw,nosuid shared:9 master:2 - vfat /dev/sdb1 rw,uid=1000
41 27 8:33 / /mnt/old rw - ext4 /dev/sdc1 rw
42 27 8:34 / /mnt/old ro,noatime - iso9660 /dev/sr0 ro
43 27 179:1 / /mnt/emmc rw - vfat /dev/mmcblk0p1 rw
44 27 179:9 / /mnt/card rw - vfat /dev/mmcblk1p1 rw
45 27 0:50 /@ /mnt/btrfs rw - btrfs /dev/sdb2 rw
46 27 253:5 / /mnt/secret rw - ext4 /dev/mapper/luks-1 rw
junk
";

    /// Makes a folder that looks like a machine with a stick, a card, a soldered chip and a disk inside.
    fn machine() -> (tempfile::TempDir, System) {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path();
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("proc/self/mountinfo", MOUNTS);
        let devices = [
            ("254:0", "pci0/virtio1/block/vda", "", "0"),
            ("8:17", "pci0/usb2/2-1/host6/block/sdb", "sdb1", "0"),
            ("8:34", "pci0/ata2/host1/block/sr0", "", "1"),
            (
                "179:1",
                "pci0/mmc_host/mmc0/mmc0:0001/block/mmcblk0",
                "mmcblk0p1",
                "0",
            ),
            (
                "179:9",
                "pci0/mmc_host/mmc1/mmc1:aaaa/block/mmcblk1",
                "mmcblk1p1",
                "0",
            ),
            ("253:5", "virtual/block/dm-5", "", "0"),
        ];
        fs::create_dir_all(root.join("sys/dev/block")).unwrap();
        for (number, disk, partition, removable) in devices {
            let disk = format!("sys/devices/{disk}");
            write(&format!("{disk}/removable"), removable);
            let mut folder = disk;
            if !partition.is_empty() {
                folder = format!("{folder}/{partition}");
                write(&format!("{folder}/partition"), "1");
            }
            write(&format!("{folder}/dev"), &format!("{number}\n"));
            let link = root.join("sys/dev/block").join(number);
            symlink(root.join(folder), link).unwrap();
        }
        write("sys/devices/pci0/mmc_host/mmc0/mmc0:0001/type", "MMC\n");
        write("sys/devices/pci0/mmc_host/mmc1/mmc1:aaaa/type", "SD\n");
        let slaves = root.join("sys/devices/virtual/block/dm-5/slaves");
        fs::create_dir_all(&slaves).unwrap();
        let stick = root.join("sys/devices/pci0/usb2/2-1/host6/block/sdb/sdb1");
        symlink(stick, slaves.join("sdb1")).unwrap();
        fs::create_dir_all(root.join("dev/disk/by-label")).unwrap();
        symlink("../../sdb1", root.join("dev/disk/by-label/MY\\x20STICK")).unwrap();
        let system = System::at(temp.path());
        (temp, system)
    }

    #[test]
    fn mounts_are_read_and_hidden_ones_are_not() {
        let (_temp, system) = machine();
        let mounts = system.mounts().unwrap();
        let points: Vec<_> = mounts
            .iter()
            .map(|m| m.mount_point.to_str().unwrap())
            .collect();
        assert_eq!(points.len(), 8, "{points:?}");
        assert!(points.contains(&"/media/alice/MY STICK"));
        let old = mounts
            .iter()
            .find(|m| m.mount_point == Path::new("/mnt/old"))
            .unwrap();
        assert_eq!(
            (old.file_system.as_str(), old.is_read_only),
            ("iso9660", true)
        );
        assert_eq!(unescape(b"a\\134b\\0\\x"), Path::new("a\\b\\0\\x"));
        assert_eq!(system.label(Path::new("/dev/sdb1")).unwrap(), "MY STICK");
        assert_eq!(system.label(Path::new("/dev/sdc1")), None);
    }

    #[test]
    fn sticks_cards_and_what_is_encrypted_on_them_can_be_taken_away() {
        let (_temp, system) = machine();
        let is = |major, minor| system.is_removable(Device { major, minor });
        for (major, minor, expected, what) in [
            (8, 17, true, "a stick"),
            (8, 34, true, "a drive for discs"),
            (179, 9, true, "a card"),
            (253, 5, true, "an encrypted stick"),
            (179, 1, false, "a soldered chip"),
            (254, 0, false, "the disk inside"),
            (0, 21, false, "memory"),
            (9, 9, false, "nothing"),
        ] {
            assert_eq!(is(major, minor), expected, "{what}");
        }
        // The same stick is no medium for a machine that runs from it.
        let mountinfo = "27 1 8:17 / / rw - ext4 /dev/sdb1 rw\n";
        fs::write(system.root.join("proc/self/mountinfo"), mountinfo).unwrap();
        assert!(!is(8, 17) && !is(253, 5) && is(179, 9));
    }

    proptest::proptest! {
        #[test]
        fn no_line_makes_it_panic(text in "[0-9:/ rwo,\\\\-]{0,60}", bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..60)) {
            let _ = Mount::parse(text.as_bytes());
            let _ = Mount::parse(&bytes);
            let _ = unescape(&bytes);
            let _ = unhex(&String::from_utf8_lossy(&bytes));
        }
    }
}
