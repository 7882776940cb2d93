//! Documents that are large and can't be packed.

use testkit::disk::Disk;
use testkit::http::Client;
use testkit::served::{PASSWORD, Served};

use super::killed::document;
use super::{assert_sound, kilobytes};

/// What taking one in may take of memory, in kilobytes: pieces that wait, what the database holds
/// of what it writes, and no part of the document that grows with it.
const MEMORY: u64 = 32 << 10;

#[test]
fn a_large_document_that_cannot_be_packed_takes_little_memory() {
    const BYTES: usize = 100 << 20;
    let served = Served::start(&[]);
    let client = Client::new(&served.at(""));
    let (anna, form) = client.first_administrator(&served.code, PASSWORD);
    let token = format!("Bearer {}", anna.token(&form, &["read", "documents.write"]));
    let client = client.with("authorization", &token);
    let put = |name: &str, body: &[u8]| {
        let path = format!("/api/v1/documents/{name}/content");
        let put = client.send("PUT", &path, &[], body);
        assert_eq!(put.status, 201, "{}", put.text());
    };
    put("small.bin", b"small");
    // What passwords took counts no more: the most that is held begins anew (proc(5), `clear_refs`).
    let clear = format!("/proc/{}/clear_refs", served.program.id());
    std::fs::write(clear, "5").expect("begun anew");
    let before = kilobytes(&served);
    let body = document("large.bin", BYTES);
    put("large.bin", &body);
    let grown = kilobytes(&served) - before;
    assert!(grown < MEMORY, "it took {grown} KB more");
    let back = client.get("/api/v1/documents/large.bin/content");
    assert!(back.body == body, "{} bytes come back", back.body.len());
}

#[test]
fn a_document_for_which_there_is_no_room_is_refused_and_leaves_nothing() {
    let disk = Disk::of(64);
    let served = Served::start_in(disk.path(), &[]);
    let client = Client::new(&served.at(""));
    let (anna, form) = client.first_administrator(&served.code, PASSWORD);
    let token = format!("Bearer {}", anna.token(&form, &["read", "documents.write"]));
    let client = client.with("authorization", &token);
    let put = |name: &str, bytes: usize| {
        let path = format!("/api/v1/documents/{name}/content");
        client.send("PUT", &path, &[], &document(name, bytes))
    };
    // Once where what is packed finds no room, once where it does and the store does not.
    for bytes in [100 << 20, 40 << 20] {
        let refused = put("large.bin", bytes);
        assert_eq!(refused.status, 503, "{}", refused.text());
        assert_eq!(refused.json().get("code"), Some(&"store.failed".into()));
        assert_eq!(client.get("/api/v1/documents/large.bin").status, 404);
    }
    // What was packed is gone, and there is room for what is small enough.
    assert_eq!(put("small.bin", 4 << 20).status, 201);
    drop(served);
    assert_sound(&disk.path().join("asepsis.db"));
}
