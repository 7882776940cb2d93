//! A packet socket with a ring that it shares with the kernel (`TPACKET_V3`; `packet(7)` and the
//! kernel's `Documentation/networking/packet_mmap`).
//!
//! The only module with `unsafe`: the standard library can neither bind a packet socket nor map
//! its ring. Every pointer stays in here; what leaves is a slice that was checked.

#![expect(unsafe_code, reason = "packet sockets and their rings have no safe interface")]

use std::io;
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::network::Moment;
use nix::poll::{PollFd, PollFlags, PollTimeout};

use super::Way;

/// Bytes of one block, which the kernel fills and hands over as a whole.
const BLOCK_BYTES: usize = 1 << 20;
/// Blocks of a ring.
const BLOCKS: usize = 8;
/// After so many milliseconds the kernel hands over a block that is not full.
const HAND_OVER_MS: u32 = 4;
/// Where the fields of a block's header stand (`struct tpacket_block_desc`, `tpacket_hdr_v1`).
const BLOCK_STATUS: usize = 8;
const BLOCK_FRAMES: usize = 12;
const BLOCK_FIRST: usize = 16;
/// Where the fields of a frame's header stand (`struct tpacket3_hdr`).
const NEXT: usize = 0;
const SECONDS: usize = 4;
const NANOSECONDS: usize = 8;
const CAPTURED: usize = 12;
const STATUS: usize = 20;
const MAC: usize = 24;
const VLAN: usize = 32;
const VLAN_PROTOCOL: usize = 36;
/// Where the link-layer address follows it, and in that the packet's type (`sockaddr_ll`).
const ADDRESS: usize = 48;
const PACKET_TYPE: usize = ADDRESS + 10;
/// Ethernet's two addresses, after which a VLAN tag stands.
const ADDRESSES: usize = 12;

/// A socket, and the ring that it shares with the kernel.
#[derive(Debug)]
pub(super) struct Ring {
    socket: OwnedFd,
    memory: NonNull<u8>,
    next: usize,
    tagged: Vec<u8>,
}

// SAFETY: the mapping belongs to this value alone and is not bound to a thread.
unsafe impl Send for Ring {}

impl Ring {
    /// Opens a socket on an interface, and its ring.
    pub(super) fn open(interface: u32) -> io::Result<Self> {
        // SAFETY: no pointer is passed.
        let socket = check(unsafe {
            libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0)
        })?;
        // SAFETY: the kernel has just given this descriptor, and nobody else has it.
        let socket = unsafe { OwnedFd::from_raw_fd(socket) };
        set(&socket, libc::PACKET_VERSION, &libc::tpacket_versions::TPACKET_V3)?;
        let request = libc::tpacket_req3 {
            tp_block_size: as_u32(BLOCK_BYTES),
            tp_block_nr: as_u32(BLOCKS),
            tp_frame_size: 2048,
            tp_frame_nr: as_u32(BLOCK_BYTES * BLOCKS / 2048),
            tp_retire_blk_tov: HAND_OVER_MS,
            tp_sizeof_priv: 0,
            tp_feature_req_word: 0,
        };
        set(&socket, libc::PACKET_RX_RING, &request)?;
        let memory = map(&socket)?;
        let ring = Self { socket, memory, next: 0, tagged: Vec::new() };
        // The socket hears nothing before it is bound, so that the ring misses nothing after.
        ring.bind(interface)?;
        Ok(ring)
    }

    fn bind(&self, interface: u32) -> io::Result<()> {
        let protocol = u16::try_from(libc::ETH_P_ALL).unwrap_or_default().to_be();
        let address = libc::sockaddr_ll {
            sll_family: u16::try_from(libc::AF_PACKET).unwrap_or_default(),
            sll_protocol: protocol,
            sll_ifindex: interface.cast_signed(),
            sll_hatype: 0,
            sll_pkttype: 0,
            sll_halen: 0,
            sll_addr: [0; 8],
        };
        let length = libc::socklen_t::try_from(size_of::<libc::sockaddr_ll>()).unwrap_or_default();
        // SAFETY: the address is a whole `sockaddr_ll`, lives through the call, and its true length
        // is passed.
        check(unsafe { libc::bind(self.socket.as_raw_fd(), (&raw const address).cast(), length) })?;
        let membership = libc::packet_mreq {
            mr_ifindex: interface.cast_signed(),
            mr_type: u16::try_from(libc::PACKET_MR_PROMISC).unwrap_or_default(),
            mr_alen: 0,
            mr_address: [0; 8],
        };
        set(&self.socket, libc::PACKET_ADD_MEMBERSHIP, &membership)
    }

    /// Gives every frame of the blocks that the kernel has handed over, and hands them back.
    pub(super) fn take(&mut self, give: &mut dyn FnMut(Moment, Way, &[u8])) {
        for _ in 0..BLOCKS {
            // SAFETY: `next` is below BLOCKS, so the block lies within the mapping; the status is
            // four bytes aligned to four, for a block begins at a page.
            let status = unsafe {
                let block = self.memory.add(self.next * BLOCK_BYTES);
                AtomicU32::from_ptr(block.add(BLOCK_STATUS).as_ptr().cast())
            };
            if status.load(Ordering::Acquire) & libc::TP_STATUS_USER == 0 {
                return;
            }
            // SAFETY: the kernel has handed the block over and does not write to it until the
            // status is set back, after this slice's last use. The block lies within the mapping,
            // which lives as long as `self`.
            let block = unsafe {
                let begin = self.memory.add(self.next * BLOCK_BYTES);
                std::slice::from_raw_parts(begin.as_ptr(), BLOCK_BYTES)
            };
            frames(block, &mut self.tagged, give);
            status.store(libc::TP_STATUS_KERNEL, Ordering::Release);
            self.next = (self.next + 1) % BLOCKS;
        }
    }

    /// How many frames were dropped since the last call: the kernel sets its count back.
    pub(super) fn dropped(&self) -> u64 {
        let mut statistics =
            libc::tpacket_stats_v3 { tp_packets: 0, tp_drops: 0, tp_freeze_q_cnt: 0 };
        let mut length =
            libc::socklen_t::try_from(size_of::<libc::tpacket_stats_v3>()).unwrap_or_default();
        // SAFETY: the kernel writes at most `length` bytes, which is the size of what is passed.
        let asked = unsafe {
            libc::getsockopt(
                self.socket.as_raw_fd(),
                libc::SOL_PACKET,
                libc::PACKET_STATISTICS,
                (&raw mut statistics).cast(),
                &raw mut length,
            )
        };
        if asked == 0 { u64::from(statistics.tp_drops) } else { 0 }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: this is the mapping that `map` made, of that length; nobody uses it any more.
        let _ = unsafe { libc::munmap(self.memory.as_ptr().cast(), BLOCK_BYTES * BLOCKS) };
    }
}

/// Waits until one of the rings has a block for us.
pub(super) fn wait(rings: &[Ring], wait: Duration) -> io::Result<()> {
    let mut polled: Vec<PollFd<'_>> =
        rings.iter().map(|ring| PollFd::new(ring.socket.as_fd(), PollFlags::POLLIN)).collect();
    let wait = PollTimeout::try_from(wait).unwrap_or(PollTimeout::MAX);
    match nix::poll::poll(&mut polled, wait) {
        Ok(_) | Err(nix::Error::EINTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The frames of one block. Every offset is the kernel's and is checked all the same.
fn frames(block: &[u8], tagged: &mut Vec<u8>, give: &mut dyn FnMut(Moment, Way, &[u8])) {
    let count = u32_at(block, BLOCK_FRAMES).unwrap_or(0);
    let mut begin = u32_at(block, BLOCK_FIRST).unwrap_or(0) as usize;
    for _ in 0..count {
        let Some(header) = block.get(begin..) else { return };
        let Some((at, way, bytes)) = frame(header) else { return };
        let tag = u32_at(header, STATUS).unwrap_or(0) & libc::TP_STATUS_VLAN_VALID != 0;
        match (tag, bytes.split_at_checked(ADDRESSES)) {
            (true, Some((addresses, rest))) => {
                let tag = u32_at(header, VLAN).unwrap_or(0).to_be_bytes();
                let protocol = u16_at(header, VLAN_PROTOCOL).unwrap_or(0x8100).to_be_bytes();
                tagged.clear();
                tagged.extend_from_slice(addresses);
                tagged.extend_from_slice(&protocol);
                tagged.extend_from_slice(tag.get(2..).unwrap_or_default());
                tagged.extend_from_slice(rest);
                give(at, way, tagged);
            }
            _ => give(at, way, bytes),
        }
        match u32_at(header, NEXT).unwrap_or(0) {
            0 => return,
            next => begin += next as usize,
        }
    }
}

fn frame(header: &[u8]) -> Option<(Moment, Way, &[u8])> {
    let seconds = i64::from(u32_at(header, SECONDS)?);
    let nanoseconds = i64::from(u32_at(header, NANOSECONDS)?);
    let begin = usize::from(u16_at(header, MAC)?);
    let length = u32_at(header, CAPTURED)? as usize;
    let bytes = header.get(begin..begin.checked_add(length)?)?;
    let way = match header.get(PACKET_TYPE)? {
        &libc::PACKET_OUTGOING => Way::Out,
        _ => Way::In,
    };
    Some((Moment(seconds * 1_000_000 + nanoseconds / 1_000), way, bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn map(socket: &OwnedFd) -> io::Result<NonNull<u8>> {
    // SAFETY: a new mapping at a place of the kernel's choice touches nothing that exists.
    let memory = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            BLOCK_BYTES * BLOCKS,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED,
            socket.as_raw_fd(),
            0,
        )
    };
    if memory == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    NonNull::new(memory.cast()).ok_or_else(|| io::Error::other("an empty mapping"))
}

/// Sets an option of the packet layer.
fn set<T>(socket: &OwnedFd, option: libc::c_int, value: &T) -> io::Result<()> {
    let length = libc::socklen_t::try_from(size_of::<T>()).unwrap_or_default();
    let value: *const T = value;
    // SAFETY: the value is a whole `T`, lives through the call, and its true length is passed; the
    // kernel only reads it, and refuses a length that does not fit the option.
    check(unsafe {
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_PACKET, option, value.cast(), length)
    })?;
    Ok(())
}

fn check(returned: libc::c_int) -> io::Result<libc::c_int> {
    if returned < 0 { Err(io::Error::last_os_error()) } else { Ok(returned) }
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).expect("invariant: the sizes of a ring are small constants")
}
