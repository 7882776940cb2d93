//! The list of devices at the size of a large group of hospitals: pages and searches, in a file and
//! at a server. `cargo xtask bench devices [COUNT]`.

#![expect(clippy::print_stdout, clippy::indexing_slicing, reason = "a benchmark")]

use std::time::{Duration, Instant};

use store::Place;
use store::database::Database;
use store::devices::{self, Count, Device, Filter, Order};
use testkit::postgres::Server;

/// Devices that are written in one transaction.
const BATCH: usize = 10_000;
const ROUNDS: usize = 200;

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let count = count.unwrap_or(350_000);
    println!("{count} devices; milliseconds, median and 95th percentile\n");
    println!("| store | written in s | page | deep page | one unit | search | two words | count |");
    println!("|---|---|---|---|---|---|---|---|");
    let folder = tempfile::tempdir().expect("a folder");
    measure("SQLite", &Place::File(folder.path().join("asepsis.db")), count);
    let server = Server::start();
    measure("PostgreSQL", &server.url().parse().expect("a URL"), count);
}

fn measure(name: &str, place: &Place, count: usize) {
    let database = Database::open(place).expect("opened");
    let begun = Instant::now();
    for from in (0..count).step_by(BATCH) {
        let some = from..(from + BATCH).min(count);
        let put = |transaction: &mut store::database::Transaction<'_>| {
            some.clone()
                .try_for_each(|number| devices::put(transaction, &device(number), "").map(|_| ()))
        };
        database.write("write", put).expect("written");
    }
    let written = begun.elapsed().as_secs_f64();
    let all = Filter::default();
    let deep = device(count / 2);
    let unit = Filter { unit: Some("Unit 37"), ..all };
    let (one, two) = (Filter { search: "infus", ..all }, Filter { search: "spac ward", ..all });
    let page = |filter: &Filter<'_>, after: Option<&Device>| {
        timed(|| {
            let page = database.read("read", |transaction| {
                devices::page(transaction, filter, Order::Decision, after, 100)
            });
            assert!(!page.expect("read").is_empty());
        })
    };
    println!(
        "| {name} | {written:.0} | {} | {} | {} | {} | {} | {} |",
        page(&all, None),
        page(&all, Some(&deep)),
        page(&unit, None),
        page(&one, None),
        page(&two, None),
        timed(|| {
            let counted = database.read("read", |t| devices::count(t, &one, 10_000));
            assert_eq!(counted.expect("counted"), Count::MoreThan(10_000));
        }),
    );
}

fn timed(mut act: impl FnMut()) -> String {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            act();
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    let at = |part: usize| times[times.len() * part / 100].as_secs_f64() * 1_000.0;
    format!("{:.1}, {:.1}", at(50), at(95))
}

/// A device of a skewed fleet: half of them are of a tenth of the models.
fn device(number: usize) -> Device {
    const MODELS: [(&str, &str); 6] = [
        ("B. Braun", "Infusomat Space"),
        ("Baxter", "Sigma Spectrum"),
        ("Philips", "IntelliVue MX40"),
        ("Dräger", "Evita V500"),
        ("GE HealthCare", "CARESCAPE B650"),
        ("BD", "Alaris PC Unit 8015"),
    ];
    let mixed = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    let (maker, model) = MODELS[(mixed % 6) as usize];
    Device {
        id: format!("AT-{number:06}"),
        manufacturer: maker.to_owned(),
        model: format!("{model} {}", mixed / 6 % 600),
        version: format!("{}.{}", mixed % 9, mixed / 9 % 40),
        site: format!("Site {}", mixed % 40),
        unit: format!("Unit {}", mixed / 40 % 400),
        room: format!("{}", mixed / 7 % 900),
        care_service: "Ward".to_owned(),
        criticality: i64::try_from(mixed % 6).expect("small"),
        in_use: Some(mixed.is_multiple_of(3)),
        decision: i64::try_from(mixed % 100 / 20).expect("small"),
        risk: (0.0, (mixed % 1_000) as f64 / 10.0),
        end_of_support: mixed.is_multiple_of(2).then(|| format!("20{:02}-01-01", 20 + mixed % 15)),
        rest: "{}".to_owned(),
        ..Device::default()
    }
}
