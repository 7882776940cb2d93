//! Captures made in the switch: what machines sent into it, and what it let out to them.
//!
//! Two files in the form of pcap with microseconds (Ethernet, as libpcap writes it). Refuses to
//! change a frame; what the socket lost is found by the ports' own counters.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufWriter, IoSliceMut, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType,
    recvmsg, setsockopt, socket, sockopt,
};
use nix::sys::time::{TimeSpec, TimeVal};

use super::Error;
use super::cast::SWITCH;
use super::clock::{Stop, now};
use super::network::{Network, go};

/// Longest frame that is kept whole.
const FRAME_BYTES: usize = 65_536 + 64;
/// What the kernel may hold for us.
const BUFFER_BYTES: usize = 64 << 20;
/// How long the socket is waited for before the end is looked for, in microseconds.
const WAIT: i64 = 100_000;
/// A frame that leaves the switch (packet(7), `PACKET_OUTGOING`).
const OUTGOING: u8 = 4;

/// A capture that runs.
#[derive(Debug)]
pub(crate) struct Capture {
    stop: Stop,
    thread: Option<JoinHandle<std::io::Result<Captured>>>,
    folder: PathBuf,
}

/// How many frames were captured.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Captured {
    /// That came in from machines.
    pub(crate) sent: u64,
    /// That went out to machines.
    pub(crate) delivered: u64,
}

/// What machines sent.
pub(crate) const SENT: &str = "sent.pcap";
/// What reached machines.
pub(crate) const DELIVERED: &str = "delivered.pcap";

impl Capture {
    /// Begins; every frame from now on is in it.
    pub(crate) fn begin(network: &Network, folder: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Network { machine: SWITCH.to_owned(), source };
        let (stop, namespace) = (Stop::default(), network.run.path(SWITCH));
        let (ready, begun): (Sender<()>, Receiver<()>) = channel();
        let (own, into) = (stop.clone(), folder.to_owned());
        let thread = std::thread::spawn(move || {
            go(&namespace)?;
            let (socket, ports) = open()?;
            let _ = ready.send(());
            record(&socket, &ports, &into, &own)
        });
        let capture = Self { stop, thread: Some(thread), folder: folder.to_owned() };
        match begun.recv() {
            Ok(()) => Ok(capture),
            Err(_) => Err(capture.end().err().unwrap_or_else(|| {
                failed(std::io::Error::other("the capture ended before it began"))
            })),
        }
    }

    /// Ends; says how many frames there are.
    pub(crate) fn end(mut self) -> Result<Captured, Error> {
        self.stop.end();
        let failed = |source| Error::File { path: self.folder.clone(), source };
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(captured)) => captured.map_err(failed),
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Ok(Captured::default()),
        }
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.stop.end();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The ports of the switch, by the kernel's number.
type Ports = HashMap<usize, String>;

fn open() -> std::io::Result<(OwnedFd, Ports)> {
    let (kind, flags) = (SockType::Raw, SockFlag::SOCK_CLOEXEC);
    let socket = socket(AddressFamily::Packet, kind, flags, SockProtocol::EthAll)?;
    setsockopt(&socket, sockopt::RcvBufForce, &BUFFER_BYTES)?;
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
    setsockopt(&socket, sockopt::ReceiveTimeout, &TimeVal::new(0, WAIT))?;
    let all = nix::net::if_::if_nameindex()?;
    let ports = all.iter().filter_map(|interface| {
        let name = interface.name().to_str().ok()?;
        let number = usize::try_from(interface.index()).ok()?;
        name.starts_with('p').then(|| (number, name.to_owned()))
    });
    Ok((socket, ports.collect()))
}

fn record(
    socket: &OwnedFd,
    ports: &Ports,
    folder: &Path,
    stop: &Stop,
) -> std::io::Result<Captured> {
    let mut captured = Captured::default();
    let (mut sent, mut delivered) = (pcap(&folder.join(SENT))?, pcap(&folder.join(DELIVERED))?);
    let mut bytes = vec![0; FRAME_BYTES];
    let mut control = nix::cmsg_space!(TimeSpec);
    loop {
        let ended = stop.is_over();
        let got = {
            let mut into = [IoSliceMut::new(&mut bytes)];
            let (number, flags) = (socket.as_raw_fd(), MsgFlags::empty());
            match recvmsg::<LinkAddr>(number, &mut into, Some(&mut control), flags) {
                Ok(message) => {
                    let at = message.cmsgs()?.find_map(|control| match control {
                        ControlMessageOwned::ScmTimestampns(at) => {
                            Some(at.tv_sec() * 1_000_000 + at.tv_nsec() / 1_000)
                        }
                        _ => None,
                    });
                    let from = message.address.map(|from| (from.ifindex(), from.pkttype()));
                    Some((message.bytes, at.unwrap_or_else(now), from))
                }
                Err(Errno::EAGAIN | Errno::EINTR) => None,
                Err(error) => return Err(error.into()),
            }
        };
        match got {
            Some((length, at, Some((port, way)))) if ports.contains_key(&port) => {
                let frame = bytes.get(..length).unwrap_or_default();
                let (file, count) = match way {
                    OUTGOING => (&mut delivered, &mut captured.delivered),
                    _ => (&mut sent, &mut captured.sent),
                };
                *count += 1;
                write(file, at, frame)?;
            }
            // What came before the end is in it; then it is over.
            None if ended => break,
            _ => {}
        }
    }
    sent.flush()?;
    delivered.flush()?;
    Ok(captured)
}

/// A file with the head of pcap: version 2.4, frames whole, Ethernet.
fn pcap(path: &Path) -> std::io::Result<BufWriter<File>> {
    let mut file = BufWriter::new(File::create(path)?);
    for word in [0xA1B2_C3D4_u32, 0x0004_0002, 0, 0, 262_144, 1] {
        file.write_all(&word.to_le_bytes())?;
    }
    Ok(file)
}

fn write(file: &mut impl Write, at: i64, frame: &[u8]) -> std::io::Result<()> {
    let word = |number: i64| u32::try_from(number).unwrap_or(0).to_le_bytes();
    let length = u32::try_from(frame.len()).unwrap_or(0).to_le_bytes();
    for part in [word(at / 1_000_000), word(at % 1_000_000), length, length] {
        file.write_all(&part)?;
    }
    file.write_all(frame)
}

/// The frames of a capture of the lab's own, with their moments.
pub(crate) fn read(path: &Path) -> Result<Vec<(i64, Vec<u8>)>, Error> {
    let bytes = fs::read(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    let mut rest = bytes.get(24..).unwrap_or_default();
    let mut frames = Vec::new();
    while let Some((head, later)) = rest.split_first_chunk::<16>() {
        let word = |at: usize| {
            let four = head.get(at..).and_then(|word| word.first_chunk::<4>());
            u32::from_le_bytes(four.copied().unwrap_or_default())
        };
        let length = usize::try_from(word(8)).unwrap_or(usize::MAX);
        let Some((frame, later)) = later.split_at_checked(length) else {
            let what = "its last frame is not whole".to_owned();
            return Err(Error::Content { path: path.to_owned(), what });
        };
        frames.push((i64::from(word(0)) * 1_000_000 + i64::from(word(4)), frame.to_vec()));
        rest = later;
    }
    Ok(frames)
}
