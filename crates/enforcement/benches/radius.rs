//! How long an exchange with a RADIUS server takes, with and without loss: our client, `FreeRADIUS`,
//! and between them a relay that loses packets each way by chance from a seed.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use domain::device::MacAddress;
use enforcement::radius::answer::Answer;
use enforcement::radius::attribute::{Attribute, StationForm, number};
use enforcement::radius::client::{Client, Kind, Outcome, Request};
use enforcement::radius::pace::Pace;
use enforcement::radius::seal::{MessageAuthenticator, Secret};
use testkit::radius::relay::Relay;
use testkit::radius::server::{Server, Settings};

const SECRET: &str = "a secret of sixteen";
/// Exchanges for each line, and how many of them are open at a time.
const EXCHANGES: usize = 1_000;
const TOGETHER: usize = 50;
/// Packets lost each way, of a hundred.
const LOSSES: [u64; 4] = [0, 10, 30, 50];
const SEED: u64 = 2_026;

fn main() {
    let listen = free();
    let settings = Settings { namespace: None, listen, secret: SECRET, script: None, folder: None };
    let _server = Server::start(settings);
    println!("{EXCHANGES} exchanges, {TOGETHER} at a time; ms from first try to answer");
    println!("lost each way   p50   p95   p99   worst   tries   no answer   packets lost");
    for loss in LOSSES {
        let relay = Relay::start(listen, loss, SEED);
        let outcomes = run(relay.address());
        let (came, lost) = relay.lost();
        println!("{}", line(loss, &outcomes, lost as f64 / came as f64));
    }
}

fn run(server: SocketAddr) -> Vec<Outcome> {
    let secret = Secret::new(SECRET).expect("a secret");
    let message = MessageAuthenticator::Optional;
    let mut client = Client::new(server, secret, message, Pace::DEFAULT);
    let requests: Vec<Request> = (0..EXCHANGES).filter_map(request).collect();
    let rounds = requests.chunks(TOGETHER);
    rounds.flat_map(|round| client.ask(round).expect("a socket").each).collect()
}

fn request(exchange: usize) -> Option<Request> {
    let [.., high, low] = exchange.to_be_bytes();
    let station = Attribute::station(MacAddress([2, 0, 0, 0, high, low]), StationForm::default());
    let filter = Attribute::text(number::FILTER_ID, "contain")?;
    Request::new(Kind::Change, vec![station, filter]).ok()
}

fn line(loss: u64, outcomes: &[Outcome], share: f64) -> String {
    let mut took: Vec<Duration> = outcomes
        .iter()
        .filter(|outcome| outcome.answer == Some(Answer::Ack))
        .map(|outcome| outcome.took)
        .collect();
    took.sort();
    let silent = outcomes.len() - took.len();
    let tries: u32 = outcomes.iter().map(|outcome| outcome.tries).sum();
    let at = |percent: usize| {
        // Of all exchanges: one without an answer took for ever.
        let place = outcomes.len() * percent / 100;
        took.get(place.min(outcomes.len() - 1))
            .map_or("never".to_owned(), |took| format!("{:.0}", took.as_secs_f64() * 1e3))
    };
    format!(
        "{loss:>11} %{:>8}{:>6}{:>6}{:>8}{:>8.2}{silent:>12}{:>13.1} %",
        at(50),
        at(95),
        at(99),
        at(100),
        f64::from(tries) / outcomes.len() as f64,
        share * 100.0
    )
}

fn free() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    socket.local_addr().expect("an address")
}
