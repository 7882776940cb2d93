//! What is said: messages of HL7, DICOM, HTTP, TLS, SMB, DNS, DHCP and NTP, as plain as real ones.
//!
//! Refuses to hold anything of a real patient: names and ids are made up.

use std::fmt::Write;

use super::frames::{Host, short};

/// A measurement (HL7 v2.6, IHE PCD-01) with the id of the device that made it.
pub(super) fn observation(device: Host, number: u64) -> Vec<u8> {
    let [one, two, three, four, bed, last] = device.mac;
    let id = format!("{one:02X}{two:02X}{three:02X}FFFE{four:02X}{bed:02X}{last:02X}");
    let mut text = format!(
        "\u{b}MSH|^~\\&|BEDSIDE^{id}^EUI-64|WARD|GATEWAY|HOSPITAL|20260105080000+0000||\
         ORU^R01^ORU_R01|M{number}|P|2.6|||NE|AL||UNICODE UTF-8|||\
         IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO\r\
         PID|||{number:08}^^^HOSPITAL^MR||Sample^Patient^^^^^L||19700101|U\r\
         PV1||I|ICU^^BED{bed:02}\r\
         OBR|1|{number}^BEDSIDE|{number}^BEDSIDE|182777000^monitoring of patient^SCT|||20260105080000\r"
    );
    let parts = [
        ("150456^MDC_PULS_OXIM_SAT_O2^MDC", "98", "262688^MDC_DIM_PERCENT^MDC"),
        ("149530^MDC_PULS_OXIM_PULS_RATE^MDC", "72", "264864^MDC_DIM_BEAT_PER_MIN^MDC"),
        ("147842^MDC_ECG_HEART_RATE^MDC", "71", "264864^MDC_DIM_BEAT_PER_MIN^MDC"),
        ("151562^MDC_RESP_RATE^MDC", "14", "264928^MDC_DIM_RESP_PER_MIN^MDC"),
        ("150033^MDC_PRESS_BLD_ART_SYS^MDC", "118", "266016^MDC_DIM_MMHG^MDC"),
        ("150034^MDC_PRESS_BLD_ART_DIA^MDC", "76", "266016^MDC_DIM_MMHG^MDC"),
        ("150344^MDC_TEMP^MDC", "36.8", "268192^MDC_DIM_DEGC^MDC"),
        ("157784^MDC_FLOW_FLUID_PUMP^MDC", "12.5", "265266^MDC_DIM_MILLI_L_PER_HR^MDC"),
        ("157864^MDC_VOL_FLUID_TBI^MDC", "250", "263762^MDC_DIM_MILLI_L^MDC"),
        ("157872^MDC_VOL_FLUID_TBI_REMAIN^MDC", "101", "263762^MDC_DIM_MILLI_L^MDC"),
    ];
    for (place, (what, value, unit)) in (1..).zip(parts) {
        let _ = write!(
            text,
            "OBX|{place}|NM|{what}|1.1.1.{place}|{value}|{unit}|||||R|||20260105080000||||{id}^^{id}^EUI-64\r"
        );
    }
    text.push_str("\u{1c}\r");
    text.into_bytes()
}

/// The acknowledgement of a message.
pub(super) fn acknowledgement(number: u64) -> Vec<u8> {
    format!(
        "\u{b}MSH|^~\\&|GATEWAY|HOSPITAL|BEDSIDE|WARD|20260105080000+0000||ACK^R01^ACK|A{number}|P|2.6\r\
         MSA|AA|M{number}\r\u{1c}\r"
    )
    .into_bytes()
}

const CT_IMAGE: &[u8] = b"1.2.840.10008.5.1.4.1.1.2";
const IMPLICIT: &[u8] = b"1.2.840.10008.1.2";
const CONTEXT: &[u8] = b"1.2.840.10008.3.1.1.1";
/// Longest PDU that both sides agree on, in bytes (PS3.8, D.1).
pub(super) const PDU_BYTES: usize = 16_384;

fn item(kind: u8, value: &[u8]) -> Vec<u8> {
    [&[kind, 0][..], &short(value.len()).to_be_bytes(), value].concat()
}

fn pdu(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(0);
    [&[kind, 0][..], &length.to_be_bytes(), body].concat()
}

/// A-ASSOCIATE-RQ and -AC (PS3.8, 9.3.2 and 9.3.3).
pub(super) fn associations(modality: u16) -> [Vec<u8>; 2] {
    let titles = |mut body: Vec<u8>| {
        body.extend(format!("{:16}{:16}", "ARCHIVE", format!("CT{modality}")).bytes());
        body.extend([0; 32]);
        body.extend(item(0x10, CONTEXT));
        body
    };
    let user = item(
        0x50,
        &[
            item(0x51, &16_384_u32.to_be_bytes()),
            item(0x52, b"1.2.826.0.1.3680043.9.9999.1"),
            item(0x55, b"MIX_1"),
        ]
        .concat(),
    );
    let mut asks = titles(vec![0, 1, 0, 0]);
    let context = [&[1, 0, 0, 0][..], &item(0x30, CT_IMAGE), &item(0x40, IMPLICIT)].concat();
    asks.extend(item(0x20, &context));
    asks.extend(&user);
    let mut accepts = titles(vec![0, 1, 0, 0]);
    accepts.extend(item(0x21, &[&[1, 0, 0, 0][..], &item(0x40, IMPLICIT)].concat()));
    accepts.extend(user);
    [pdu(1, &asks), pdu(2, &accepts)]
}

/// A-RELEASE-RQ and -RP.
pub(super) fn releases() -> [Vec<u8>; 2] {
    [pdu(5, &[0; 4]), pdu(6, &[0; 4])]
}

fn element(group: u16, element: u16, value: &[u8]) -> Vec<u8> {
    let pad: &[u8] = if value.len().is_multiple_of(2) { &[] } else { &[0] };
    let length = u32::try_from(value.len() + pad.len()).unwrap_or(0);
    [&group.to_le_bytes()[..], &element.to_le_bytes(), &length.to_le_bytes(), value, pad].concat()
}

/// A command set in a PDU of its own (PS3.7, 6.3 and 9.3.1).
fn command(elements: &[Vec<u8>]) -> Vec<u8> {
    let body = elements.concat();
    let length = u32::try_from(body.len()).unwrap_or(0);
    let set = [element(0, 0, &length.to_le_bytes()), body].concat();
    values(0x03, &set)
}

/// One presentation data value in a PDU (PS3.8, 9.3.5).
fn values(control: u8, fragment: &[u8]) -> Vec<u8> {
    let length = u32::try_from(fragment.len() + 2).unwrap_or(0);
    pdu(4, &[&length.to_be_bytes()[..], &[1, control], fragment].concat())
}

/// The PDUs of a C-STORE request with an image of about so many bytes.
pub(super) fn store(number: u16, bytes: usize) -> Vec<Vec<u8>> {
    let instance = format!("1.2.826.0.1.3680043.9.9999.2.{number}");
    let mut pdus = vec![command(&[
        element(0, 0x0002, CT_IMAGE),
        element(0, 0x0100, &1_u16.to_le_bytes()),
        element(0, 0x0110, &number.to_le_bytes()),
        element(0, 0x0700, &0_u16.to_le_bytes()),
        element(0, 0x0800, &1_u16.to_le_bytes()),
        element(0, 0x1000, instance.as_bytes()),
    ])];
    let pixels: Vec<u8> = (0..bytes).map(|at| u8::try_from(at * 7 % 251).unwrap_or(0)).collect();
    let data = [
        element(0x0008, 0x0016, CT_IMAGE),
        element(0x0008, 0x0018, instance.as_bytes()),
        element(0x0008, 0x0060, b"CT"),
        element(0x0010, 0x0010, b"Sample^Patient"),
        element(0x7FE0, 0x0010, &pixels),
    ]
    .concat();
    let mut fragments = data.chunks(PDU_BYTES - 12).peekable();
    while let Some(fragment) = fragments.next() {
        pdus.push(values(if fragments.peek().is_some() { 0 } else { 2 }, fragment));
    }
    pdus
}

/// The answer to a C-STORE request.
pub(super) fn stored(number: u16) -> Vec<u8> {
    command(&[
        element(0, 0x0002, CT_IMAGE),
        element(0, 0x0100, &0x8001_u16.to_le_bytes()),
        element(0, 0x0120, &number.to_le_bytes()),
        element(0, 0x0800, &0x0101_u16.to_le_bytes()),
        element(0, 0x0900, &0_u16.to_le_bytes()),
    ])
}

/// A request for a drug library, and its answer with so many bytes.
pub(super) fn library(bytes: usize) -> [Vec<u8>; 2] {
    let asks = "GET /druglibrary/adult/current HTTP/1.1\r\nHost: library.hospital.example\r\n\
                User-Agent: pump/4.1\r\nAccept: */*\r\nConnection: close\r\n\r\n";
    let mut answers = format!(
        "HTTP/1.1 200 OK\r\nServer: library/2.0\r\nContent-Type: application/octet-stream\r\n\
         Content-Length: {bytes}\r\n\r\n"
    )
    .into_bytes();
    answers.extend((0..bytes).map(|at| u8::try_from(at % 253).unwrap_or(0)));
    [asks.into(), answers]
}

/// A TLS 1.3 record (RFC 8446, section 5.1).
pub(super) fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3][..], &short(body.len()).to_be_bytes(), body].concat()
}

/// The hello of a client that asks for the record, and that of the server.
pub(super) fn hellos() -> [Vec<u8>; 2] {
    let name = b"ehr.hospital.example";
    let length = short(name.len());
    let entry = [&(length + 3).to_be_bytes()[..], &[0], &length.to_be_bytes(), name].concat();
    let extension = |kind: u16, body: &[u8]| {
        [&kind.to_be_bytes()[..], &short(body.len()).to_be_bytes(), body].concat()
    };
    let asks = [extension(0, &entry), extension(43, &[4, 3, 4, 3, 3])].concat();
    let hello = |kind: u8, middle: &[u8], extensions: &[u8]| {
        let mut body = vec![3, 3];
        body.extend([0x5A; 32]);
        body.extend([32]);
        body.extend([0xA5; 32]);
        body.extend(middle);
        body.extend(short(extensions.len()).to_be_bytes());
        body.extend(extensions);
        let [_, a, b, c] = u32::try_from(body.len()).unwrap_or(0).to_be_bytes();
        record(22, &[&[kind, a, b, c][..], &body].concat())
    };
    let client = hello(1, &[0, 4, 0x13, 1, 0x13, 2, 1, 0], &asks);
    let mut server = hello(2, &[0x13, 1, 0], &extension(43, &[3, 4]));
    server.extend(record(20, &[1]));
    server.extend(record(23, &[0x77; 2_400]));
    [client, server]
}

/// A message of SMB 2 (MS-SMB2, 2.2.1) over a `NetBIOS` session.
fn smb(command: u16, number: u64, is_answer: bool, body: &[u8]) -> Vec<u8> {
    let mut message = b"\xFESMB".to_vec();
    message.extend([64, 0, 1, 0, 0, 0, 0, 0]);
    message.extend(command.to_le_bytes());
    message.extend([1, 0, u8::from(is_answer), 0, 0, 0, 0, 0, 0, 0]);
    message.extend(number.to_le_bytes());
    message.extend([0; 8]);
    message.extend([9, 0, 0, 0, 0, 0, 0, 0]);
    message.extend([0; 16]);
    message.extend(body);
    let [_, a, b, c] = u32::try_from(message.len()).unwrap_or(0).to_be_bytes();
    [&[0, a, b, c][..], &message].concat()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A visit to a file share: each request with its answer; the last reads so many bytes.
pub(super) fn share(bytes: usize) -> Vec<[Vec<u8>; 2]> {
    let length = u32::try_from(bytes).unwrap_or(0).to_le_bytes();
    let mut read = vec![49, 0, 80, 0];
    read.extend(length);
    read.extend([0; 41]);
    let mut data = vec![17, 0, 80, 0];
    data.extend(length);
    data.extend([0; 8]);
    data.extend((0..bytes).map(|at| u8::try_from(at % 249).unwrap_or(0)));
    let [greeting, login] = sign_in();
    let steps = [
        greeting,
        login,
        tree("\\\\files\\radiology"),
        open("rota\\week.pdf", Makes::Nothing),
        (8, read, data),
    ];
    visit(steps)
}

/// A step of SMB: the command, what is asked, what is answered.
pub(super) type SmbStep = (u16, Vec<u8>, Vec<u8>);

/// The messages of a visit, each request with its answer.
pub(super) fn visit(steps: impl IntoIterator<Item = SmbStep>) -> Vec<[Vec<u8>; 2]> {
    let steps = (0..).zip(steps);
    steps
        .map(|(number, (command, asks, answers))| {
            [smb(command, number, false, &asks), smb(command, number, true, &answers)]
        })
        .collect()
}

/// The choice of a dialect, and a login that is taken.
pub(super) fn sign_in() -> [SmbStep; 2] {
    let mut negotiate = vec![36, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    negotiate.extend([0x33; 16]);
    negotiate.extend([0; 8]);
    negotiate.extend([2, 3]);
    let mut negotiated = vec![65, 0, 1, 0, 2, 3, 0, 0];
    negotiated.extend([0x44; 16]);
    negotiated.extend([7, 0, 0, 0]);
    negotiated.extend([0, 0, 16, 0].repeat(3));
    negotiated.extend([0; 16]);
    negotiated.extend([128, 0, 0, 0, 0, 0, 0, 0]);
    let mut login = vec![25, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 88, 0, 8, 0];
    login.extend([0; 8]);
    login.extend(b"NTLMSSP\0");
    let let_in = vec![9, 0, 0, 0, 72, 0, 0, 0];
    [(0, negotiate, negotiated), (1, login, let_in)]
}

/// A share that is opened (MS-SMB2, 2.2.9).
pub(super) fn tree(path: &str) -> SmbStep {
    let path = wide(path);
    let mut tree = vec![9, 0, 0, 0, 72, 0];
    tree.extend(short(path.len()).to_le_bytes());
    tree.extend(path);
    (3, tree, vec![16, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 1, 0x1F, 0])
}

/// Whether a file that is opened may be made (MS-SMB2, 2.2.13, its disposition).
#[derive(Debug, Clone, Copy)]
pub(super) enum Makes {
    Nothing = 1,
    It = 2,
}

/// A file or a pipe that is opened (MS-SMB2, 2.2.13).
pub(super) fn open(name: &str, makes: Makes) -> SmbStep {
    let name = wide(name);
    let mut open = vec![57, 0, 0, 0, 2, 0, 0, 0];
    open.extend([0; 16]);
    open.extend([0x89, 0, 0x12, 0, 0, 0, 0, 0, 7, 0, 0, 0, makes as u8, 0, 0, 0]);
    open.extend([0, 0, 0, 0, 120, 0]);
    open.extend(short(name.len()).to_le_bytes());
    open.extend([0; 8]);
    open.extend(name);
    let mut opened = vec![89, 0, 0, 0, 1, 0, 0, 0];
    opened.extend([0; 72]);
    opened.extend([0; 8]);
    (5, open, opened)
}

/// What is written to a file from its beginning (MS-SMB2, 2.2.21).
pub(super) fn write(data: &[u8]) -> SmbStep {
    let length = u32::try_from(data.len()).unwrap_or(0).to_le_bytes();
    let mut write = vec![49, 0, 112, 0];
    write.extend(length);
    write.extend([0; 40]);
    write.extend(data);
    let written = [&[17, 0, 0, 0][..], &length, &[0; 8]].concat();
    (9, write, written)
}

/// An answer with a status other than success (MS-SMB2, 2.2.1): the login failed.
pub(super) fn refused(mut answer: Vec<u8>) -> Vec<u8> {
    /// `STATUS_LOGON_FAILURE` (MS-ERREF, 2.3.1).
    const LOGON_FAILURE: u32 = 0xC000_006D;
    answer.splice(12..16, LOGON_FAILURE.to_le_bytes());
    answer
}

/// A question for a name and its answer (RFC 1035), for an address of IPv4 or IPv6.
pub(super) fn name(number: u16, label: &str, host: Host, is_six: bool) -> [Vec<u8>; 2] {
    let [high, low] = number.to_be_bytes();
    let kind = if is_six { 28 } else { 1 };
    let mut question = vec![high, low, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in [label, "hospital", "example"] {
        question.push(u8::try_from(label.len()).unwrap_or(0));
        question.extend(label.bytes());
    }
    question.extend([0, 0, kind, 0, 1]);
    let mut answer = question.clone();
    answer.splice(2..8, [0x81, 0x80, 0, 1, 0, 1]);
    answer.extend([0xC0, 12, 0, kind, 0, 1, 0, 0, 1, 0x2C]);
    if is_six {
        answer.extend([0, 16]);
        answer.extend(host.six.octets());
    } else {
        answer.extend([0, 4]);
        answer.extend(host.four.octets());
    }
    [question, answer]
}

/// A lease asked for and given (RFC 2131).
pub(super) fn lease(host: Host, server: Host, name: &str) -> [Vec<u8>; 2] {
    let message = |operation: u8, kind: u8| {
        let mut message = vec![operation, 1, 6, 0, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0];
        message.extend(host.four.octets());
        message.extend(if operation == 2 { host.four.octets() } else { [0; 4] });
        message.extend([0; 8]);
        message.extend(host.mac);
        message.resize(236, 0);
        message.extend([99, 130, 83, 99, 53, 1, kind]);
        message
    };
    let mut asks = message(1, 3);
    asks.extend([12, u8::try_from(name.len()).unwrap_or(0)]);
    asks.extend(name.bytes());
    asks.extend([55, 4, 1, 3, 6, 42, 255]);
    let mut gives = message(2, 5);
    gives.extend([54, 4]);
    gives.extend(server.four.octets());
    gives.extend([51, 4, 0, 0, 0x70, 0x80, 255]);
    [asks, gives]
}

/// The time asked for and told (RFC 5905).
pub(super) fn time() -> [Vec<u8>; 2] {
    let packet = |first: u8| {
        let mut packet = vec![first, 2, 6, 0xEC];
        packet.resize(48, 0);
        packet
    };
    [packet(0x23), packet(0x24)]
}
