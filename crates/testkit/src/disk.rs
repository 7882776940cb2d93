//! A small disk of a test's own, which can be filled up, or made one that may only be read.
//!
//! Needs root: it is mounted in a folder of its own, and unmounted when it goes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use nix::mount::{MntFlags, MsFlags, mount, umount2};

static DISKS: AtomicU32 = AtomicU32::new(0);

/// A mounted file system in memory (tmpfs).
#[derive(Debug)]
pub struct Disk {
    at: PathBuf,
}

impl Disk {
    /// One with room for so many megabytes.
    ///
    /// # Panics
    /// Where it can't be mounted, as without root; as every function here does where the kernel
    /// does not do what is asked.
    #[must_use]
    pub fn of(megabytes: u32) -> Self {
        let number = DISKS.fetch_add(1, Ordering::Relaxed);
        let name = format!("asepsis-disk-{}-{number}", std::process::id());
        let at = std::env::temp_dir().join(name);
        fs::create_dir_all(&at).expect("a folder");
        let room = format!("size={megabytes}m,mode=700");
        mount(Some("asepsis"), &at, Some("tmpfs"), MsFlags::empty(), Some(room.as_str()))
            .expect("mounted");
        Self { at }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.at
    }

    /// Leaves no room at all.
    pub fn fill(&self) {
        let mut file = fs::File::create(self.at.join("filler")).expect("made");
        let block = [b'x'; 4096];
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
    }

    /// Makes room again.
    pub fn free(&self) {
        fs::remove_file(self.at.join("filler")).expect("removed");
    }

    /// Lets nobody write from now on, or again. The kernel refuses while a file is open for
    /// writing.
    pub fn read_only(&self, only: bool) {
        let flags = if only { MsFlags::MS_RDONLY } else { MsFlags::empty() };
        let none: Option<&str> = None;
        mount(none, &self.at, none, MsFlags::MS_REMOUNT | flags, none).expect("mounted anew");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = umount2(&self.at, MntFlags::MNT_DETACH);
        let _ = fs::remove_dir(&self.at);
    }
}
