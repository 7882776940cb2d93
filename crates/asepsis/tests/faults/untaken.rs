//! Answers that nobody takes.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use testkit::http::Client;
use testkit::served::{PASSWORD, Served, example};

/// How long a connection may hold what is not taken: the minute of docs/guides/serve.md, and what
/// the kernel takes beyond that until it tries again.
const PATIENCE: Duration = Duration::from_mins(4);

/// Whether the server still has its end of a connection from an address (proc(5), `/proc/net/tcp`).
fn is_held(from: SocketAddr) -> bool {
    const ESTABLISHED: &str = "01";
    let table = fs::read_to_string("/proc/net/tcp").expect("a table");
    let SocketAddr::V4(from) = from else { return false };
    let address = u32::from_le_bytes(from.ip().octets());
    let remote = format!("{address:08X}:{:04X}", from.port());
    table.lines().any(|line| {
        let mut fields = line.split_whitespace().skip(2);
        fields.next() == Some(remote.as_str()) && fields.next() == Some(ESTABLISHED)
    })
}

#[test]
fn an_answer_that_nobody_takes_ends_its_connection_and_others_are_served_meanwhile() {
    const MANY: usize = 12;
    let served = Served::start(&["--watch", &example()]);
    let client = Client::new(&served.at(""));
    let (anna, form) = client.first_administrator(&served.code, PASSWORD);
    let token = format!("Bearer {}", anna.token(&form, &["read"]));
    let client = client.with("authorization", &token);
    while client.get("/api/v1/devices/SB-CAR-PIC-01").status != 200 {
        thread::sleep(Duration::from_millis(50));
    }
    // Each asks again and again, and reads nothing of what comes.
    let host = served.at("").trim_start_matches("http://").to_owned();
    let request = format!(
        "GET /api/v1/vulnerabilities?limit=500 HTTP/1.1\r\nHost: {host}\r\n\
         Authorization: {token}\r\n\r\n"
    );
    let asked = request.repeat(2_000);
    let mut held: Vec<(TcpStream, SocketAddr)> = Vec::new();
    for _ in 0..MANY {
        let stream = TcpStream::connect(&host).expect("a server");
        let from = stream.local_addr().expect("an address");
        assert_eq!(from.ip(), Ipv4Addr::LOCALHOST);
        stream.set_nonblocking(true).expect("set");
        let _ = std::io::Write::write(&mut &stream, asked.as_bytes());
        held.push((stream, from));
    }
    let begun = Instant::now();
    thread::sleep(Duration::from_secs(1));
    let stuck = held.iter().filter(|(_, from)| is_held(*from)).count();
    assert_eq!(stuck, MANY, "they hold their connections for a while");
    while held.iter().any(|(_, from)| is_held(*from)) {
        assert!(begun.elapsed() < PATIENCE, "they hold them for good");
        let asked = Instant::now();
        assert_eq!(client.get("/api/v1/devices").status, 200);
        assert!(asked.elapsed() < Duration::from_secs(20), "others wait");
        thread::sleep(Duration::from_secs(1));
    }
}
