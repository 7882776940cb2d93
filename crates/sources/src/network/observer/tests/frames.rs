//! Frames by hand: between 10.0.0.1, port 40000, and 10.0.0.2, port 104.

pub(super) const FIN: u8 = 1;
pub(super) const SYN: u8 = 2;
pub(super) const RST: u8 = 4;
pub(super) const ACK: u8 = 16;

/// An Ethernet frame.
pub(super) fn wrap(kind: u16, packet: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
    frame.extend(kind.to_be_bytes());
    frame.extend(packet);
    frame
}

fn ip(protocol: u8, ends: [u8; 2], fragment: [u8; 2], payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 20).unwrap().to_be_bytes();
    let mut packet = vec![0x45, 0, length[0], length[1], 0, 9, fragment[0], fragment[1]];
    packet.extend([64, protocol, 0, 0, 10, 0, 0, ends[0], 10, 0, 0, ends[1]]);
    packet.extend(payload);
    packet
}

/// From the client.
pub(super) fn four(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ip(protocol, [1, 2], [0, 0], payload)
}

/// From the server.
pub(super) fn back(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ip(protocol, [2, 1], [0, 0], payload)
}

/// A fragment of UDP, its offset in units of eight bytes.
pub(super) fn fragment(payload: &[u8], eights: u16, more: u8) -> Vec<u8> {
    let [high, low] = (eights & 0x1fff).to_be_bytes();
    ip(17, [1, 2], [high | more << 5, low], payload)
}

pub(super) fn six(protocol: u8, hops: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    let mut packet = vec![0x60, 0, 0, 0, length[0], length[1], protocol, hops];
    packet.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    packet.extend([0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    packet.extend(payload);
    packet
}

/// An ICMP error from the server, quoting a packet as far as its first eight bytes.
pub(super) fn icmp(kind: u8, quoted: &[u8]) -> Vec<u8> {
    let mut message = vec![kind, 1, 0, 0, 0, 0, 0, 0];
    message.extend(&quoted[..28]);
    back(1, &message)
}

pub(super) fn udp(ports: [u16; 2], payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 8).unwrap();
    let words = [ports[0], ports[1], length, 0];
    let mut datagram: Vec<u8> = words.into_iter().flat_map(u16::to_be_bytes).collect();
    datagram.extend(payload);
    datagram
}

/// A segment without options; `numbers` are sequence and acknowledgement.
pub(super) fn segment(ports: [u16; 2], flags: u8, numbers: [u32; 2], payload: &[u8]) -> Vec<u8> {
    let mut segment: Vec<u8> = ports.into_iter().flat_map(u16::to_be_bytes).collect();
    segment.extend(numbers.into_iter().flat_map(u32::to_be_bytes));
    segment.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend(payload);
    segment
}

pub(super) fn tcp(flags: u8, sequence: u32, acknowledges: u32, payload: &[u8]) -> Vec<u8> {
    wrap(0x0800, &four(6, &segment([40_000, 104], flags, [sequence, acknowledges], payload)))
}

pub(super) fn to_client(flags: u8, sequence: u32, acknowledges: u32, payload: &[u8]) -> Vec<u8> {
    wrap(0x0800, &back(6, &segment([104, 40_000], flags, [sequence, acknowledges], payload)))
}

/// An ARP answer.
pub(super) fn arp(mac: [u8; 6], address: [u8; 4]) -> Vec<u8> {
    let mut packet = vec![0, 1, 8, 0, 6, 4, 0, 2];
    packet.extend(mac);
    packet.extend(address);
    packet.extend([0; 10]);
    wrap(0x0806, &packet)
}
