//! What a map is drawn from, on both databases.

use super::{on_both, ward};
use crate::database::Database;
use crate::devices;
use crate::flows::{self, Flow};
use crate::tiles::{Grouped, Spoken, Stratum, spoken, strata, tiles};

fn filled(database: &Database) {
    let mut ward = ward();
    ward[0].care_service = "surgery".to_owned();
    let put = database.write("test", |t| {
        ward.iter().try_for_each(|device| devices::put(t, device, "10.0.0.7 02:00").map(|_| ()))
    });
    put.expect("written");
    database.write("test", devices::tally).expect("counted");
}

#[test]
fn tiles_come_by_unit_the_gravest_first_and_no_more_than_asked_for() {
    on_both(|database| {
        filled(database);
        let drawn = |by, only, most| {
            let tiles = database.read("test", |t| tiles(t, by, only, most)).expect("read");
            tiles.into_iter().map(|tile| tile.id).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(drawn(Grouped::Unit, None, 9), "M-1 P-3 V-1 P-1 P-2");
        assert_eq!(drawn(Grouped::Unit, Some("ICU"), 2), "V-1 P-1");
        assert_eq!(drawn(Grouped::CareService, Some("surgery"), 9), "P-1");
        assert_eq!(drawn(Grouped::CareService, None, 9), "V-1 P-2 P-3 M-1 P-1");
    });
}

#[test]
fn strata_count_every_device_once_by_what_is_to_be_done() {
    on_both(|database| {
        filled(database);
        let counted = database.read("test", |t| strata(t, Grouped::Unit, 9)).expect("read");
        let stratum = |name: &str, by_decision| Stratum { name: name.to_owned(), by_decision };
        let expected = [
            stratum("Cardiology", [1, 0, 0, 0, 0]),
            stratum("Dialysis", [0, 0, 0, 1, 0]),
            stratum("ICU", [0, 0, 0, 0, 3]),
        ];
        assert_eq!(counted, expected);
        assert_eq!(counted.iter().map(Stratum::devices).sum::<i64>(), 5);
        let few = database.read("test", |t| strata(t, Grouped::Unit, 2)).expect("read");
        assert_eq!(few, expected[..2]);
    });
}

#[test]
fn a_device_is_found_by_a_whole_word_and_not_by_its_beginning() {
    on_both(|database| {
        filled(database);
        let found = |word| database.read("test", |t| devices::of_word(t, word, 9)).expect("read");
        assert_eq!(found("10.0.0.7").len(), 5);
        assert_eq!(found("10.0.0").len(), 0);
        assert_eq!(found("v-1")[0].id, "V-1");
    });
}

#[test]
fn who_is_spoken_to_for_care_is_counted_by_unit() {
    on_both(|database| {
        filled(database);
        let flow = |client: &str, server: &str, role: &str| Flow {
            client: client.to_owned(),
            server: server.to_owned(),
            service: "tcp/2575".to_owned(),
            client_device: client.to_owned(),
            // What stands in no inventory has no name of its own.
            server_device: if server.ends_with('3') { "V-1" } else { "02:5a:00" }.to_owned(),
            role: role.to_owned(),
            ..Flow::default()
        };
        let all = [
            flow("P-1", "10.0.0.1", "result"),
            flow("P-2", "10.0.0.1", "result"),
            flow("P-3", "10.0.0.1", "result"),
            flow("P-3", "10.0.0.2", "service"),
            flow("P-3", "10.0.0.3", "alarm"),
            flow("", "10.0.0.1", "result"),
        ];
        let put =
            database.write("test", |t| all.iter().try_for_each(|one| flows::put(t, one).map(drop)));
        put.expect("written");
        let found = database.read("test", |t| spoken(t, Grouped::Unit, &["result", "alarm"], 99));
        let row = |place: &str, devices| Spoken {
            server: "10.0.0.1".to_owned(),
            device: String::new(),
            role: "result".to_owned(),
            place: place.to_owned(),
            devices,
        };
        let alarm = Spoken {
            server: "10.0.0.3".to_owned(),
            device: "V-1".to_owned(),
            role: "alarm".to_owned(),
            ..row("Dialysis", 1)
        };
        assert_eq!(found.expect("read"), [row("Dialysis", 1), row("ICU", 2), alarm]);
    });
}
