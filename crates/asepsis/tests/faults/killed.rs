//! The program is killed while programs bring documents and ask for orders, and while it takes in
//! what an agent tells.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use store::database::Database;
use store::{Place, documents};
use testkit::agent::StandIn;
use testkit::caller::Caller;
use testkit::http::{Answer, Client};
use testkit::served::{PASSWORD, Served};

use super::{KILLS, assert_sound, does};

/// Whoever calls at once.
const CALLERS: u32 = 3;

fn token(served: &Served, scopes: &[&str]) -> String {
    let client = Client::new(&served.at(""));
    let (anna, form) = client.first_administrator(&served.code, PASSWORD);
    format!("Bearer {}", anna.token(&form, scopes))
}

fn program(served: &Served, token: &str) -> Client {
    Client::new(&served.at("")).with("authorization", token)
}

/// A document that can't be packed well, another for each name.
pub(super) fn document(name: &str, bytes: usize) -> Vec<u8> {
    let seed = name.bytes().fold(7_u64, |seed, byte| seed * 31 + u64::from(byte)) | 1;
    let next = |state: &mut u64| {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        Some(*state)
    };
    std::iter::successors(Some(seed), |state| next(&mut { *state }))
        .flat_map(u64::to_le_bytes)
        .take(bytes)
        .collect()
}

/// Brings documents until nobody answers; the names of those that were acknowledged.
fn bring(client: &Client, kill: u32, caller: u32) -> Vec<(String, usize)> {
    let mut acknowledged = Vec::new();
    for number in 0_u32.. {
        let name = format!("{kill}-{caller}-{number}.bin");
        // From what is packed in memory to what is not.
        let bytes = 1 << (10 + number % 4 * 4);
        let path = format!("/api/v1/documents/{name}/content");
        match client.tried("PUT", &path, &[], &document(&name, bytes)) {
            Ok(answer) => {
                assert_eq!(answer.status, 201, "{name}: {}", answer.text());
                acknowledged.push((name, bytes));
            }
            Err(_) => return acknowledged,
        }
    }
    acknowledged
}

#[test]
fn what_was_brought_and_acknowledged_is_there_and_nothing_by_half() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("asepsis.db");
    let mut served = Served::start_in(folder.path(), &[]);
    let token = token(&served, &["read", "documents.write"]);
    let mut acknowledged = Vec::new();
    for kill in 0..KILLS {
        let client = program(&served, &token);
        thread::scope(|scope| {
            let bringing = |caller| {
                let client = &client;
                scope.spawn(move || bring(client, kill, caller))
            };
            let callers: Vec<_> = (0..CALLERS).map(bringing).collect();
            thread::sleep(Duration::from_millis(u64::from(40 + kill * 45)));
            served.program.kill().expect("killed");
            for caller in callers {
                acknowledged.extend(caller.join().expect("it called"));
            }
        });
        drop(served);
        assert_sound(&store);
        served = Served::start_in(folder.path(), &[]);
    }
    let client = program(&served, &token);
    for (name, bytes) in &acknowledged {
        let back = client.get(&format!("/api/v1/documents/{name}/content"));
        assert!(back.status == 200 && back.body == document(name, *bytes), "{name}");
    }
    drop(served);
    // What stands there without having been acknowledged is whole, too.
    let database = Database::open(&Place::File(store)).expect("a store");
    let kept = database.read("test", documents::current).expect("read");
    for current in &kept {
        let bytes = database.read("test", |t| documents::size(t, &current.hash)).expect("read");
        let whole = document(&current.name, usize::try_from(bytes).expect("small"));
        assert_eq!(documents::hash_of(&whole), current.hash, "{}", current.name);
        assert!([1 << 10, 1 << 14, 1 << 18, 1 << 22].contains(&whole.len()), "{}", current.name);
    }
    assert!(acknowledged.len() > KILLS as usize, "{} were acknowledged", acknowledged.len());
    assert!(kept.len() >= acknowledged.len());
    assert_eq!(left_over(folder.path()), Vec::<String>::new());
}

/// What lies in a folder beside the store's own files.
fn left_over(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).expect("a folder").flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| !name.starts_with("asepsis.db")).collect()
}

/// Asks for an order, with a key and a reason that are its alone.
fn ask(client: &Client, key: &str) -> std::io::Result<Answer> {
    let body = json!({ "device": "P-1", "level": "contain", "reason": key, "minutes": 5 });
    let own = [("content-type", "application/json"), ("idempotency-key", key)];
    client.tried("POST", "/api/v1/orders", &own, body.to_string().as_bytes())
}

/// Asks until nobody answers: each key with the answer, if there was one.
fn ask_on(client: &Client, kill: u32, caller: u32) -> Vec<(String, Option<Value>)> {
    let mut asked = Vec::new();
    for number in 0_u32.. {
        let key = format!("{kill}-{caller}-{number}");
        let Ok(answer) = ask(client, &key) else {
            asked.push((key, None));
            return asked;
        };
        assert_eq!(answer.status, 201, "{key}: {}", answer.text());
        asked.push((key, Some(answer.json())));
    }
    asked
}

/// An order that is asked for again, after the server was killed in the midst of it.
#[test]
fn a_key_never_asks_for_two_orders_whenever_the_server_is_killed() {
    let (folder, agent) = (tempfile::tempdir().expect("a folder"), StandIn::start());
    let socket = agent.socket().display().to_string();
    let arguments = ["--agent", socket.as_str()];
    agent.thinks(Duration::from_millis(4));
    let mut served = Served::start_in(folder.path(), &arguments);
    let token = token(&served, &["read", "orders.request"]);
    let (mut broken, mut told) = (0, BTreeMap::new());
    for kill in 0..2 * KILLS {
        let client = program(&served, &token);
        let mut asked = Vec::new();
        thread::scope(|scope| {
            let asking = |caller| {
                let client = &client;
                scope.spawn(move || ask_on(client, kill, caller))
            };
            let callers: Vec<_> = (0..CALLERS).map(asking).collect();
            thread::sleep(Duration::from_millis(u64::from(30 + kill * 7)));
            served.program.kill().expect("killed");
            for caller in callers {
                asked.extend(caller.join().expect("it asked"));
            }
        });
        drop(served);
        assert_sound(&folder.path().join("asepsis.db"));
        served = Served::start_in(folder.path(), &arguments);
        let client = program(&served, &token);
        for (key, before) in asked {
            let again = ask(&client, &key).expect("it answers");
            match (before, again.status) {
                // It was answered: the same answer comes again.
                (Some(before), 201) => {
                    assert_eq!(again.json(), before, "{key}");
                    assert_eq!(again.header("idempotency-replayed"), "true", "{key}");
                }
                // It was not heard of: it is asked for now, or was answered to nobody.
                (None, 201) => {}
                // It was begun: nobody guesses what became of it.
                (None, 409) => {
                    let code = again.json().get("code").cloned().unwrap_or_default();
                    assert_eq!(code, "idempotency.in-progress", "{key}");
                    broken += 1;
                }
                (before, status) => unreachable!("{key}: {before:?} {status} {}", again.text()),
            }
            told.insert(key, (again.status == 201).then(|| again.json()));
        }
    }
    let orders = agent.orders();
    for (key, order) in &told {
        let own = orders.get(key).cloned().unwrap_or_default();
        assert!(own.len() <= 1, "{key} became {own:?}");
        if let Some(order) = order {
            let number = order.get("order").and_then(Value::as_u64);
            assert_eq!(number.as_slice(), own, "{key}: what is told is what the agent has");
        }
    }
    assert!(broken > 0, "none was killed in the midst of {} orders", told.len());
}

#[test]
fn what_an_agent_tells_is_kept_once_whenever_the_server_is_killed() {
    let (folder, agent) = (tempfile::tempdir().expect("a folder"), StandIn::start());
    let socket = agent.socket().display().to_string();
    let store = folder.path().join("asepsis.db");
    let first = Served::start_in(folder.path(), &[]);
    Caller::new(&first.at("")).set_up(&first.code, PASSWORD);
    drop(first);
    does(&store, &["alerts", "add", "SIEM", "syslog+tcp://127.0.0.1:9"]);
    let (over, mut taken) = (AtomicBool::new(false), Vec::new());
    let total = thread::scope(|scope| {
        let telling = scope.spawn(|| {
            let mut number = 0_i64;
            while !over.load(Ordering::Acquire) {
                number += 1;
                agent.step("P-1", &format!("step {number}"));
                agent.detect("P-1", &format!("detection {number}"));
                thread::sleep(Duration::from_millis(4));
            }
            number
        });
        for kill in 0..KILLS {
            let mut served = Served::start_in(folder.path(), &["--agent", &socket]);
            thread::sleep(Duration::from_millis(u64::from(20 + kill * 41)));
            served.program.kill().expect("killed");
            drop(served);
            assert_sound(&store);
            taken.push(counts(&store));
        }
        over.store(true, Ordering::Release);
        telling.join().expect("it told")
    });
    assert!(taken.is_sorted(), "nothing that was kept is gone: {taken:?}");
    assert!(taken.iter().any(|count| *count != [0; 4]), "it was killed in the midst: {taken:?}");
    let mut served = Served::start_in(folder.path(), &["--agent", &socket]);
    let mut caller = Caller::new(&served.at(""));
    caller.sign_in("anna", PASSWORD);
    caller.wait_for("/detections", &format!("detection {total}"));
    served.program.kill().expect("killed");
    drop(served);
    assert_eq!(counts(&store), [total; 4]);
    let steps = agent_steps(&store);
    assert_eq!(steps, (1..=total).map(|number| format!("step {number}")).collect::<Vec<_>>());
}

/// How many steps and detections a store has, and alerts of each.
fn counts(store: &Path) -> [i64; 4] {
    let database = Database::open(&Place::File(store.to_owned())).expect("a clean start");
    let count = |sql: &'static str| {
        let count = database.read("test", |t| t.one("test", sql, &[], |row| row.integer(0)));
        count.expect("read").flatten().unwrap_or_default()
    };
    [
        count("select count(*) from order_step"),
        count("select count(*) from detection"),
        count("select count(*) from alert where topic = 'order'"),
        count("select count(*) from alert where topic = 'detection'"),
    ]
}

fn agent_steps(store: &Path) -> Vec<String> {
    let database = Database::open(&Place::File(store.to_owned())).expect("a clean start");
    let sql = "select what from order_step order by number";
    let steps = database.read("test", |t| t.all("test", sql, &[], |row| row.text(0)));
    steps.expect("read").into_iter().flatten().collect()
}
