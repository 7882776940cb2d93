//! Feeds against a server that publishes as the real ones do, and fails as they do.

mod archives;
mod csaf;
mod files;
mod nvd;
mod nvd_files;
mod plan;
mod real;
mod secure;

use std::cell::{Cell, RefCell};
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use testkit::published::Published;

use super::asking::{Pace, Unwatched};
use super::{FeedError, Instead, Label, Settings, Source, Taken, World, known, sync};
use crate::folder;
use crate::outward::{Reach, Resolver};

/// 2026-11-30T12:00:00Z.
const NOON_MS: i64 = 1_796_040_000_000;
const HOUR_MS: i64 = 3_600_000;

/// A clock that goes on by being waited for.
struct Clock {
    now_ms: Cell<i64>,
    /// How long it was waited each time, in milliseconds.
    waits: RefCell<Vec<u64>>,
    /// What happens meanwhile.
    meanwhile: RefCell<Option<Box<dyn FnOnce()>>>,
}

impl Pace for Clock {
    fn now_ms(&self) -> i64 {
        self.now_ms.get()
    }

    fn wait(&self, time: Duration) {
        let ms = u64::try_from(time.as_millis()).expect("a short time");
        self.waits.borrow_mut().push(ms);
        self.now_ms.set(self.now_ms.get() + i64::try_from(ms).expect("a short time"));
        if let Some(happens) = self.meanwhile.borrow_mut().take() {
            happens();
        }
    }

    fn chance(&self) -> u64 {
        0
    }
}

/// Every name is this machine.
struct Here;

impl Resolver for Here {
    fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec![Ipv4Addr::LOCALHOST.into()])
    }
}

struct Bench {
    server: Published,
    folder: TempDir,
    clock: Clock,
    settings: Settings,
}

/// Under which path the server publishes what is published elsewhere.
const PLACES: [(&str, &str); 7] = [
    ("https://nvd.nist.gov", ""),
    ("https://services.nvd.nist.gov", ""),
    ("https://www.cisa.gov", "/cisa"),
    ("https://epss.empiricalsecurity.com", "/epss"),
    ("https://storage.googleapis.com/osv-vulnerabilities", "/osv"),
    ("https://api.github.com/repos/CVEProject/cvelistV5", "/api"),
    ("https://github.com/CVEProject/cvelistV5/releases/download", "/files"),
];

impl Bench {
    fn new() -> Self {
        let server = Published::start();
        let folder = TempDir::new().expect("a folder");
        let mut instead: Vec<Instead> = PLACES
            .iter()
            .map(|(of, path)| (*of, format!("{}{path}", server.address())))
            .map(|(of, ask)| Instead { of: of.to_owned(), ask })
            .collect();
        for host in ["vendor.example", "csaf.data.security.vendor.example"] {
            let ask = format!("{}/{host}/", server.address());
            instead.push(Instead { of: format!("https://{host}/"), ask });
        }
        let reach = Reach::new(vec!["127.0.0.0/8".parse().expect("a range")]);
        let settings = Settings {
            into: folder.path().to_owned(),
            instead,
            authority: String::new(),
            reach: reach.named_by("--feeds-may-reach"),
            proxy: None,
            nvd_key: None,
            labels: vec![Label::White],
        };
        let clock = Clock {
            now_ms: Cell::new(NOON_MS),
            waits: RefCell::default(),
            meanwhile: RefCell::default(),
        };
        Self { server, folder, clock, settings }
    }

    fn try_sync(&self, source: &str) -> Result<Taken, FeedError> {
        let source: Source = source.parse().expect("a source");
        let world = World { resolver: &Here, pace: &self.clock, watch: &Unwatched };
        sync(&[source], &self.settings, world).expect("a mirror").remove(0)
    }

    fn sync(&self, source: &str) -> Taken {
        self.try_sync(source).unwrap_or_else(|error| panic!("{error}"))
    }

    /// What became wrong of a source.
    fn wrong(&self, source: &str) -> String {
        self.try_sync(source).expect_err("it fails").to_string()
    }

    /// How long was waited since this was asked last.
    fn waits(&self) -> Vec<u64> {
        std::mem::take(&mut self.clock.waits.borrow_mut())
    }

    fn later(&self, ms: i64) {
        self.clock.now_ms.set(self.clock.now_ms.get() + ms);
    }

    fn paths(&self) -> Vec<String> {
        self.server.asked().into_iter().map(|request| request.path).collect()
    }

    /// The documents that somebody reads who is given the folder, with their formats.
    fn read(&self) -> Vec<(String, String)> {
        let read = folder::read(self.folder.path(), &folder::Unwatched).expect("a folder");
        assert_eq!(read.left_out, [], "nothing lies there that is none");
        let named = |document: domain::fact::Document| (document.name, document.format);
        read.documents.into_iter().map(named).collect()
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn bytes(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// What lies in a folder of the mirror and was not finished.
    fn leftovers(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    walk(&path, found);
                } else if path.extension().is_some_and(|end| end == "part" || end == "note") {
                    found.push(path);
                }
            }
        }
        let mut found = Vec::new();
        walk(self.folder.path(), &mut found);
        found
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

fn zipped(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let plain = zip::write::SimpleFileOptions::default();
    let plain = plain.compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in entries {
        writer.start_file(name, plain).expect("in memory");
        writer.write_all(bytes).expect("in memory");
    }
    writer.finish().expect("in memory").into_inner()
}

/// The documents of a shelf.
fn shelved(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = super::shelf::open(path).expect("an archive");
    let read = |number| super::shelf::document(path, &mut archive, number).expect("a document");
    let count =
        zip::ZipArchive::new(std::fs::File::open(path).expect("a file")).expect("an archive").len();
    let mut all: Vec<_> = (0..count).filter_map(read).collect();
    all.sort();
    all
}

#[test]
fn a_source_is_written_as_it_is_read() {
    for text in
        ["nvd", "nvd:feeds", "cve", "kev", "epss", "osv:PyPI", "osv:Red Hat", "csaf:vendor.example"]
    {
        assert_eq!(text.parse::<Source>().expect("a source").to_string(), text);
    }
    for text in
        ["", "NVD", "nvd:", "osv", "osv:", "csaf:", "x:y", "csaf:a\nb", &"osv:x".repeat(200)]
    {
        assert!(text.parse::<Source>().is_err(), "{text}");
    }
    let place = |text: &str| text.parse::<Source>().expect("a source").place();
    assert_ne!(place("osv:a/b"), place("osv:a_b"), "what is lost of a name makes no two one");
    let odd = place("csaf:../../etc");
    assert!(odd.starts_with("csaf") && !odd.to_string_lossy().contains("/.."), "{odd:?}");
}

#[test]
fn two_programs_do_not_fetch_into_one_folder() {
    let bench = Bench::new();
    let held = super::Mirror::open(bench.folder.path()).expect("a mirror");
    let world = World { resolver: &Here, pace: &bench.clock, watch: &Unwatched };
    let refused = sync(&[Source::Kev], &bench.settings, world);
    assert!(matches!(refused, Err(FeedError::Busy { .. })), "{refused:?}");
    drop(held);
    assert!(sync(&[], &bench.settings, world).is_ok());
}

#[test]
fn a_state_that_cannot_be_read_is_told_and_not_begun_anew() {
    let bench = Bench::new();
    bench.server.put(files::KEV, files::catalogue(1).as_bytes());
    bench.sync("kev");
    std::fs::write(bench.at(".sync/kev.json"), b"{\"source\": 1}").expect("written");
    assert!(bench.wrong("kev").contains("remove the file"), "{}", bench.wrong("kev"));
    assert!(known(bench.folder.path()).is_err());
}
