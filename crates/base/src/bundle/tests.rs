//! Bundles as they are made, changed, cut, and taken for others; and minisign itself beside them.

#![expect(clippy::string_slice, reason = "tests may fail")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{BundleError, KeyError, SigningKey, is_one, open, seal};
use crate::{Base, Compiler, Place};

struct Site {
    folder: tempfile::TempDir,
    key: SigningKey,
}

impl Site {
    fn new() -> Self {
        let key = SigningKey::generate().expect("a key");
        Self { folder: tempfile::tempdir().expect("a folder"), key }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A base that was made at a time, sealed.
    fn bundle(&self, made: u64) -> PathBuf {
        let base = self.path("known.base");
        let compiler = Compiler::new(None, made).expect("a compiler");
        compiler.write(Place::take(&base).expect("a place")).expect("a base");
        let bundle = self.path("feeds.bundle");
        seal(&base, &self.key, &bundle).expect("a bundle");
        bundle
    }

    fn open(&self, bundle: &Path, before: u64) -> Result<u64, BundleError> {
        let opened = open(bundle, &self.key.public_text(), (before, self.folder.path()))?;
        Ok(opened.base.made())
    }
}

#[test]
fn what_was_signed_is_opened_and_nothing_is_left_behind() {
    let site = Site::new();
    let bundle = site.bundle(1_700_000_000);
    assert!(is_one(&bundle) && !is_one(&site.path("known.base")));
    assert_eq!(site.open(&bundle, 0).expect("opened"), 1_700_000_000);
    assert_eq!(site.open(&bundle, 1_700_000_000).expect("the same again"), 1_700_000_000);
    let line = site.key.public_text().lines().nth(1).expect("a line").to_owned();
    assert!(open(&bundle, &line, (0, site.folder.path())).is_ok(), "the second line alone");
    let left = fs::read_dir(site.folder.path()).expect("files").count();
    assert_eq!(left, 2, "a base and a bundle");
}

#[test]
fn an_older_one_is_refused() {
    let site = Site::new();
    let bundle = site.bundle(100);
    assert!(matches!(site.open(&bundle, 101), Err(BundleError::Older { .. })));
}

#[test]
fn every_changed_byte_and_every_cut_is_refused() {
    let site = Site::new();
    let bundle = site.bundle(5);
    let whole = fs::read(&bundle).expect("bytes");
    let comment = 12..whole.iter().position(|byte| *byte == b'\n').expect("a line");
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&bundle, &changed).expect("a file");
        // The first line says of itself that nobody vouches for it.
        assert_eq!(site.open(&bundle, 0).is_ok(), comment.contains(&at), "byte {at}");
    }
    for length in 0..whole.len() {
        fs::write(&bundle, &whole[..length]).expect("a file");
        assert!(site.open(&bundle, 0).is_err(), "cut at {length}");
    }
    let longer = [whole.as_slice(), b"more"].concat();
    fs::write(&bundle, longer).expect("a file");
    assert!(matches!(site.open(&bundle, 0), Err(BundleError::Signature { .. })));
}

#[test]
fn another_key_is_not_trusted() {
    let site = Site::new();
    let bundle = site.bundle(5);
    let other = SigningKey::generate().expect("a key").public_text();
    let opened = open(&bundle, &other, (0, site.folder.path()));
    assert!(matches!(opened, Err(BundleError::Signature { .. })));
    let none = open(&bundle, "no key", (0, site.folder.path()));
    assert!(matches!(none, Err(BundleError::Trust)));
}

#[test]
fn what_is_signed_and_no_base_is_refused() {
    let site = Site::new();
    let text = site.path("text");
    fs::write(&text, "no base").expect("a file");
    assert!(matches!(seal(&text, &site.key, &site.path("b")), Err(BundleError::Base(_))));
}

#[test]
fn a_key_comes_back_from_its_file_and_is_never_shown() {
    let key = SigningKey::generate().expect("a key");
    let text = key.secret_text();
    let back = SigningKey::parse(&text).expect("a key");
    assert_eq!(back.public_text(), key.public_text());
    let secret = text.lines().nth(1).expect("a line");
    assert!(!format!("{key:?}").contains(&secret[20..60]));
    for damaged in ["", "one line", "a\nb\n", &text.replace('A', "B"), &text[..text.len() - 9]] {
        assert_eq!(SigningKey::parse(damaged).err(), Some(KeyError::None), "{damaged}");
    }
}

fn minisign(arguments: &[&str]) -> bool {
    let run = Command::new("minisign").args(arguments).output();
    run.expect("minisign: `cargo xtask setup` installs it").status.success()
}

#[test]
fn minisign_takes_our_keys_and_signatures_and_we_take_its_keys() {
    let site = Site::new();
    let bundle = site.bundle(5);
    let bytes = fs::read(&bundle).expect("bytes");
    let length = u32::from_le_bytes(bytes[8..12].try_into().expect("four bytes")) as usize;
    let [base, public] = ["known.base", "key.pub"].map(|name| site.path(name));
    let [signature, secret] = ["known.base.minisig", "key"].map(|name| site.path(name));
    fs::write(&signature, &bytes[12..12 + length]).expect("a signature");
    fs::write(&public, site.key.public_text()).expect("a key");
    let path = |path: &PathBuf| path.display().to_string();
    assert!(minisign(&["-V", "-p", &path(&public), "-m", &path(&base)]));
    // Its own key, made without a password.
    assert!(minisign(&["-G", "-W", "-f", "-p", &path(&public), "-s", &path(&secret)]));
    let text = fs::read_to_string(&secret).expect("a key");
    let theirs = SigningKey::parse(&text).expect("their key");
    let known = fs::read_to_string(&public).expect("a key");
    assert_eq!(theirs.public_text().lines().nth(1), known.lines().nth(1));
    let bundle = site.path("theirs.bundle");
    seal(&base, &theirs, &bundle).expect("a bundle");
    assert!(open(&bundle, &known, (0, site.folder.path())).is_ok());
    // Our secret key signs in its hands.
    fs::write(&secret, site.key.secret_text()).expect("a key");
    fs::write(&public, site.key.public_text()).expect("a key");
    assert!(minisign(&["-S", "-s", &path(&secret), "-m", &path(&base)]));
    assert!(minisign(&["-V", "-p", &path(&public), "-m", &path(&base)]));
    assert!(Base::open(&base).is_ok());
}
