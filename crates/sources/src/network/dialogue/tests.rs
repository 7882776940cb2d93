//! Each protocol whole, at every cut and in pieces.

use domain::network::{Conversation, Direction, End, Transport};
use domain::sighting::{Association, Dicom, Executable, Http, Said, Smb, Tls};
use proptest::prelude::*;

use super::{Datagram, Dialogue, Recognised, datagram};

type Part = (Direction, Vec<u8>);

fn to_server(bytes: impl Into<Vec<u8>>) -> Part {
    (Direction::ToServer, bytes.into())
}

fn to_client(bytes: impl Into<Vec<u8>>) -> Part {
    (Direction::ToClient, bytes.into())
}

/// What is said when each part comes in pieces of at most `size` bytes. As the observer does,
/// the protocol is asked for until it is known, by what came first.
fn said(parts: &[Part], size: usize) -> Vec<Said> {
    let mut dialogue: Option<Dialogue> = None;
    let mut first = Vec::new();
    let mut told = Vec::new();
    for (way, bytes) in parts {
        for piece in bytes.chunks(size.max(1)) {
            let mut fed = piece.to_vec();
            if dialogue.is_none() {
                first.extend_from_slice(piece);
                match Dialogue::recognise(*way, &first) {
                    Recognised::Yes(known) => dialogue = Some(known),
                    Recognised::Perhaps => continue,
                    Recognised::No => return told,
                }
                fed = std::mem::take(&mut first);
            }
            if let Some(dialogue) = &mut dialogue {
                dialogue.feed(*way, &fed, &mut |said| told.push(said));
            }
        }
    }
    told
}

/// However the stream is cut, the same is said.
fn check(parts: &[Part]) -> Vec<Said> {
    let whole = said(parts, usize::MAX);
    for size in [1, 2, 3, 7, 64, 1_000] {
        assert_eq!(said(parts, size), whole, "in pieces of {size}");
    }
    for cut in 0..parts.iter().map(|(_, bytes)| bytes.len()).sum() {
        let mut left = cut;
        let mut shorter = Vec::new();
        for (way, bytes) in parts {
            let now = left.min(bytes.len());
            shorter.push((*way, bytes[..now].to_vec()));
            left -= now;
        }
        let fewer = said(&shorter, usize::MAX);
        assert!(whole.starts_with(&fewer), "cut at {cut}: {fewer:?}");
    }
    whole
}

fn pdu(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("short").to_be_bytes();
    [&[kind, 0], length.as_slice(), body].concat()
}

fn item(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).expect("short").to_be_bytes();
    [&[kind, 0], length.as_slice(), body].concat()
}

fn associate(kind: u8) -> Vec<u8> {
    let mut body = vec![0, 1, 0, 0];
    body.extend(b"CENTRAL_PACS    CT_ROOM1        ");
    body.extend([0; 32]);
    body.extend(item(0x10, b"1.2.840.10008.3.1.1.1"));
    let syntax = item(0x30, b"1.2.840.10008.5.1.4.1.1.2");
    body.extend(item(0x20, &[&[1, 0, 0, 0], syntax.as_slice()].concat()));
    let user = [item(0x52, b"1.2.3.4"), item(0x55, b"MAKER_1")].concat();
    body.extend(item(0x50, &user));
    pdu(kind, &body)
}

fn element(number: u16, value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).expect("short").to_le_bytes();
    [&[0, 0], number.to_le_bytes().as_slice(), &length, value].concat()
}

fn value(control: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len() + 2).expect("short").to_be_bytes();
    [length.as_slice(), &[1, control], bytes].concat()
}

fn store() -> Vec<u8> {
    [element(2, b"1.2.840.10008.5.1.4.1.1.2\0"), element(0x100, &[1, 0])].concat()
}

#[test]
fn a_dicom_association_tells_its_ends_its_commands_and_its_end() {
    let command = store();
    let (one, two) = command.split_at(9);
    let stored = [element(0x100, &[1, 0x80]), element(0x900, &[0, 0])].concat();
    let told = check(&[
        to_server(associate(1)),
        to_client(associate(2)),
        to_server(pdu(4, &[value(1, one), value(3, two), value(2, &[9; 300])].concat())),
        to_client(pdu(4, &value(3, &stored))),
        to_server(pdu(5, &[0; 4])),
        to_client(pdu(6, &[0; 4])),
    ]);
    let service = || Some("1.2.840.10008.5.1.4.1.1.2".into());
    let associated = |step, services| {
        Said::Dicom(Dicom::Associate {
            step,
            called: "CENTRAL_PACS".into(),
            calling: "CT_ROOM1".into(),
            implementation: Some("1.2.3.4".into()),
            implementation_version: Some("MAKER_1".into()),
            services,
        })
    };
    let both = vec!["1.2.840.10008.5.1.4.1.1.2".into()];
    let command =
        |command, service, status| Said::Dicom(Dicom::Command { command, service, status });
    assert_eq!(
        told,
        [
            associated(Association::Asked, both.clone()),
            associated(Association::Accepted, both),
            command(1, service(), None),
            command(0x8001, None, Some(0)),
            Said::Dicom(Dicom::Released),
        ]
    );
}

#[test]
fn a_program_in_a_preamble_is_seen_at_the_beginning_of_a_data_set_only() {
    let mut file = vec![0; 132];
    file[..2].copy_from_slice(b"MZ");
    file[128..].copy_from_slice(b"DICM");
    file.extend([0; 100]);
    let harmless = vec![0; 232];
    let send = |data: &[Vec<u8>]| {
        let fragments: Vec<Vec<u8>> = data.iter().map(|bytes| value(0, bytes)).collect();
        let all = [vec![value(3, &store())], fragments].concat().concat();
        check(&[to_server(associate(1)), to_server(pdu(4, &all))])
    };
    let bad = Said::Dicom(Dicom::ExecutablePreamble(Executable::PortableExecutable));
    assert!(send(std::slice::from_ref(&file)).contains(&bad));
    assert!(!send(&[harmless, file]).contains(&bad));
}

const ORU: &str = "MSH|^~\\&|SMARTPUMP^0009FB^EUI-64|ICU|GATEWAY|SB|20261123||ORU^R01^ORU_R01|1|P|2.6|||||||||IHE_PCD_001^IHE\rPID|1||MRN48213^^^SB||Quill^Zacharias||19610407|M\rNK1|1|Quill^Petra\rOBR|1|||69985^Pump\rNTE|1||born 19610407 Quill\rOBX|1|NM|157784^RATE|1.1.1.1|42.5|mL/h||||||R||||Quill||PUMP7^^0009FBFFFE012345^EUI-64\rPRT||UC||EQUIP||||||0009FBFFFE012345^PUMP^0009FB^EUI-64\r";

fn block(message: &str) -> Vec<u8> {
    [b"\x0B", message.as_bytes(), b"\x1C\r"].concat()
}

#[test]
fn a_message_tells_its_header_its_equipment_and_nothing_of_the_patient() {
    let two =
        [block(ORU), block("MSH|^~\\&|A|B|C|D|||ADT^A01|2|P|2.5\rPID|1||MRN48213\r")].concat();
    let answer = block("MSH|^~\\&|GATEWAY|SB|SMARTPUMP|ICU|||ACK^R01^ACK|1|P|2.6\rMSA|AA|1\r");
    let told = check(&[to_server(two), to_client(answer)]);
    let [Said::Hl7(one), Said::Hl7(two), Said::Hl7(answer)] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(one.message, "ORU^R01");
    assert_eq!(one.sending_application.as_deref(), Some("SMARTPUMP"));
    assert_eq!(one.profile.as_deref(), Some("IHE_PCD_001"));
    assert_eq!(one.equipment.len(), 2);
    assert_eq!(two.message, "ADT^A01");
    assert_eq!(answer.acknowledgement.as_deref(), Some("AA"));
    assert_nothing_leaks(&told);
}

fn assert_nothing_leaks(told: &[Said]) {
    let all = format!("{told:?}");
    for word in ["Quill", "Zacharias", "Petra", "MRN48213", "19610407", "42.5"] {
        assert!(!all.contains(word), "`{word}` leaks: {all}");
    }
}

#[test]
fn a_message_whose_segments_ran_together_tells_nothing_of_the_patient() {
    for (glue, with) in [("\rPID", "|PID"), ("\rPID", "^"), ("\r", "|"), ("\r", "\n")] {
        let message = ORU.replace(glue, with);
        assert_nothing_leaks(&check(&[to_server(block(&message))]));
    }
    // The patient's segment in the place of the header's fields.
    for field in 2..21 {
        let mut fields: Vec<&str> =
            "MSH|^~\\&|A|B|C|D|||ORU^R01|1|P|2.6||||||||X".split('|').collect();
        let at = field.min(fields.len());
        fields.insert(at, "Quill^Zacharias^^MRN48213");
        assert!(
            !format!("{:?}", check(&[to_server(block(&fields.join("|")))])).contains("MRN48213")
        );
    }
}

#[test]
fn a_message_without_its_start_is_none_and_the_next_is_read() {
    let headless = "MSH|^~\\&|A|B|C|D|||ORU^R01|1|P|2.6\r\x1C\r";
    assert_eq!(check(&[to_server(headless.as_bytes())]), []);
    let then = [block(ORU), headless.as_bytes().to_vec(), block(ORU)].concat();
    assert_eq!(check(&[to_server(then)]).len(), 2);
}

#[test]
fn requests_and_answers_are_told_without_query_body_or_identifying_path() {
    let told = check(&[
        to_server(
            "GET /druglibrary/v3/patients/MRN48213?name=Quill HTTP/1.1\r\nHost: library.sb\r\nUser-Agent: Pump/2\r\nAuthorization: Basic UXVpbGw=\r\n\r\n",
        ),
        to_client(
            "HTTP/1.1 200 OK\r\nServer: lib\r\nContent-Length: 5\r\n\r\nQuillHTTP/1.1 304 Not Modified\r\n\r\n",
        ),
        to_server(
            "POST http://anna:Quill@library.sb/upload HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nQuill\r\n0\r\n\r\nHEAD / HTTP/1.1\r\n\r\n",
        ),
        to_client("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"),
    ]);
    let status = |status, server: Option<&str>| {
        Said::Http(Http::Answer { status, server: server.map(Into::into) })
    };
    let request = |method: &str, path: &str, host: Option<&str>, agent: Option<&str>| {
        Said::Http(Http::Request {
            method: method.into(),
            host: host.map(Into::into),
            path: path.into(),
            agent: agent.map(Into::into),
        })
    };
    assert_eq!(
        told,
        [
            request("GET", "/druglibrary/*/patients/*", Some("library.sb"), Some("Pump/2")),
            status(200, Some("lib")),
            status(304, None),
            request("POST", "/upload", None, None),
            request("HEAD", "/", None, None),
            status(401, None),
        ]
    );
    assert!(!format!("{told:?}").contains("Quill"));
}

#[test]
fn what_follows_a_tunnel_s_head_is_another_protocol_wherever_it_is_cut() {
    let told = check(&[to_server("CONNECT a:1 HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n")]);
    assert_eq!(told.len(), 1);
}

fn smb2(command: u16, status: u32, flags: u32, body: &[u8]) -> Vec<u8> {
    let mut message = b"\xFESMB\x40\0\0\0".to_vec();
    message.extend(status.to_le_bytes());
    message.extend(command.to_le_bytes());
    message.extend([0; 2]);
    message.extend(flags.to_le_bytes());
    message.extend([0; 44]);
    message.extend(body);
    let length = u32::try_from(message.len()).expect("short").to_be_bytes();
    [length.to_vec(), message].concat()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn tree(path: &str) -> Vec<u8> {
    let path = wide(path);
    let length = u16::try_from(path.len()).expect("short").to_le_bytes();
    smb2(3, 0, 0, &[&[9, 0, 0, 0, 72, 0], length.as_slice(), &path].concat())
}

fn create(file: &str, disposition: u32) -> Vec<u8> {
    let file = wide(file);
    let mut body = vec![57, 0];
    body.extend([0; 34]);
    body.extend(disposition.to_le_bytes());
    body.extend([0; 4]);
    body.extend(120_u16.to_le_bytes());
    body.extend(u16::try_from(file.len()).expect("short").to_le_bytes());
    body.extend([0; 8]);
    body.extend(file);
    smb2(5, 0, 0, &body)
}

fn write(offset: u64, data: &[u8]) -> Vec<u8> {
    let mut body = vec![49, 0, 112, 0];
    body.extend(u32::try_from(data.len()).expect("short").to_le_bytes());
    body.extend(offset.to_le_bytes());
    body.extend([0; 32]);
    body.extend(data);
    smb2(9, 0, 0, &body)
}

#[test]
fn movement_over_smb_is_told_without_the_names_of_files() {
    let mut program = b"MZ".to_vec();
    program.extend([0; 9_000]);
    let told = check(&[
        to_server(smb2(0, 0, 0, &[0; 36])),
        to_client(smb2(0, 0, 1, &[65, 0, 1, 0, 0x11, 3])),
        to_client(smb2(1, 0xC000_0016, 1, &[9, 0])),
        to_client(smb2(1, 0xC000_006D, 1, &[9, 0])),
        to_client(smb2(1, 0, 1, &[9, 0])),
        to_server(tree("\\\\10.20.0.9\\ADMIN$")),
        to_server(create("Temp\\Quill.docx", 2)),
        to_server(create("Temp\\quill.exe", 1)),
        to_server(create("Temp\\quill.exe", 5)),
        to_server(write(0, &program)),
        to_server(write(65_536, &program)),
        to_server(create("svcctl", 1)),
    ]);
    let expected = [
        Smb::Negotiated(0x0311),
        Smb::Session(0xC000_006D),
        Smb::Session(0),
        Smb::Share("ADMIN$".into()),
        Smb::ProgramWritten(Executable::PortableExecutable),
        Smb::ProgramWritten(Executable::PortableExecutable),
        Smb::Pipe("svcctl".into()),
    ];
    assert_eq!(told, expected.map(Said::Smb));
}

fn hello() -> Vec<u8> {
    let name = b"library.sb";
    let sni = [&[0, 13, 0, 0, 10], name.as_slice()].concat();
    let extensions =
        [[&[0, 0, 0, 15], sni.as_slice()].concat(), vec![0, 43, 0, 5, 4, 3, 4, 3, 3]].concat();
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0x13, 1, 1, 0]);
    body.extend(u16::try_from(extensions.len()).expect("short").to_be_bytes());
    body.extend(extensions);
    [&[1, 0, 0, u8::try_from(body.len()).expect("short")], body.as_slice()].concat()
}

#[test]
fn a_hello_tells_the_name_asked_for_however_it_is_cut_into_records() {
    let hello = hello();
    for cut in [5, 40, hello.len()] {
        let (one, two) = hello.split_at(cut);
        let record = |bytes: &[u8]| {
            [&[0x16, 3, 1, 0, u8::try_from(bytes.len()).expect("short")], bytes].concat()
        };
        let second = if two.is_empty() { Vec::new() } else { record(two) };
        let told = check(&[to_server([record(one), second].concat())]);
        let server_name = Some("library.sb".into());
        assert_eq!(told, [Said::Tls(Tls::Hello { server_name, version: 0x0304 })]);
    }
}

#[test]
fn ssh_tells_its_software() {
    let told = check(&[to_client("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\0\0\0rest")]);
    assert_eq!(told, [Said::Ssh("OpenSSH_9.2p1".into())]);
}

fn udp(client: u16, server: u16, bytes: &[u8]) -> Datagram {
    let end = |port| End { address: [10, 0, 0, 1].into(), port, mac: None };
    let transport = Transport::Udp;
    let conversation = Conversation { client: end(client), server: end(server), transport };
    datagram(&conversation, Direction::ToServer, bytes)
}

#[test]
fn a_dns_answer_tells_name_and_addresses_and_a_loop_is_refused() {
    let mut answer = vec![0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0];
    answer
        .extend(b"\x04pacs\x02sb\0\0\x01\0\x01\xC0\x0C\0\x01\0\x01\0\0\0\x3C\0\x04\x0A\x14\0\x05");
    let told = udp(40_000, 53, &answer);
    let [Said::Dns(dns)] = told.said.as_slice() else { panic!("{told:?}") };
    assert_eq!((dns.name.as_str(), dns.answer), ("pacs.sb", Some(0)));
    assert_eq!(dns.addresses, [std::net::IpAddr::from([10, 20, 0, 5])]);
    for cut in 0..answer.len() {
        let _ = udp(40_000, 53, &answer[..cut]);
    }
    let looped = [&answer[..12], b"\xC0\x0C\0\x01\0\x01"].concat();
    assert!(udp(40_000, 53, &looped).said.is_empty());
}

#[test]
fn a_lease_is_read_on_any_port_and_at_every_cut() {
    let mut packet = vec![1, 1, 6, 0];
    packet.extend([0; 24]);
    packet.extend([2, 0, 0, 0, 0, 11]);
    packet.extend([0; 202]);
    packet.extend([99, 130, 83, 99, 53, 1, 3, 12, 7]);
    packet.extend(b"pump-11");
    packet.extend([60, 4]);
    packet.extend(b"PUMP");
    packet.extend([55, 3, 1, 3, 6, 50, 4, 10, 20, 0, 11, 255]);
    let lease = udp(68, 6_767, &packet).lease.expect("a lease");
    assert_eq!(lease.host_name.as_deref(), Some("pump-11"));
    assert_eq!((lease.message, lease.parameters.as_slice()), (3, [1, 3, 6].as_slice()));
    assert_eq!(lease.address, Some([10, 20, 0, 11].into()));
    for cut in 0..packet.len() {
        let _ = udp(68, 67, &packet[..cut]);
    }
}

#[test]
fn a_head_that_does_not_end_is_looked_at_once_for_each_piece() {
    let mut looks = 0;
    let mut pending = super::pending::Pending::default();
    for _ in 0..30 {
        pending.take(&[b'x'; 400], &mut |bytes| {
            looks += 1;
            super::pending::Step::Need(bytes.len() + 1)
        });
    }
    assert_eq!(looks, 30);
}

proptest! {
    #[test]
    fn rubbish_neither_panics_nor_depends_on_how_it_is_cut(
        magic in 0_usize..8,
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        size in 1_usize..50,
    ) {
        let magics: [&[u8]; 8] = [
            b"\x01\x00\x00\x00\x00\x60\x00\x01", b"\x0BMSH|^~\\&|", b"GET / HTTP/1.1\r\n",
            b"HTTP/1.1 200 OK\r\n", b"\x00\x00\x00\x50\xFESMB\x40\0", b"\x00\x00\x00\x50\xFFSMB",
            b"\x16\x03\x01\x00\x30\x01", b"SSH-2.0-",
        ];
        let way = if magic == 3 { Direction::ToClient } else { Direction::ToServer };
        let parts = [(way, [magics[magic], &bytes].concat())];
        prop_assert_eq!(said(&parts, usize::MAX), said(&parts, size));
        let _ = udp(53, 53, &bytes);
    }
}
