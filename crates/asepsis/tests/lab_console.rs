//! A containment in the lab, on the real kernel, as three people meet it in a browser: one says
//! yes for security, one at the bedside, one sees the proof and ends it. Ledgers at both ends say what it did. Needs root.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use testkit::browser::Browser;
use testkit::lab::account::Line;
use testkit::lab::clock::Stop;
use testkit::lab::defence::{Console, Defence, Disturbance, Speakers};
use testkit::lab::ledger::Entry;
use testkit::lab::scene::{self, Play, Rhythm, Scene};
use testkit::served::{PASSWORD, Served};

#[path = "console/looks.rs"]
mod looks;

/// Who is at the console: the first has made it, the others were added.
const PEOPLE: [(&str, &str); 3] = [("anna", "security"), ("bo", "security"), ("cleo", "clinical")];
/// What those who were added have to change.
const FIRST: &str = "a password of the keeper";

/// The console, and a browser at which people take turns.
#[derive(Default)]
struct Desk {
    folder: PathBuf,
    at_work: Mutex<Option<(Served, Browser)>>,
}

impl Desk {
    fn held(&self) -> MutexGuard<'_, Option<(Served, Browser)>> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, name: &str, duty: &str) {
        let file = self.folder.join("password");
        fs::write(&file, FIRST).expect("kept");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("kept");
        let added = Command::new(env!("CARGO_BIN_EXE_asepsis"))
            .args(["people", "add", name, "--duty", duty, "--password-file"])
            .arg(&file)
            .env("ASEPSIS_STORE", self.folder.join("asepsis.db"))
            .output()
            .expect("it starts");
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    }
}

/// Whoever was there leaves, and somebody else signs in.
fn be(served: &Served, browser: &Browser, name: &str, password: &str) {
    browser.click(".who button");
    browser.wait_for("Sign in");
    browser.go(&served.at("/sign-in"));
    browser.fill("[name=name]", name);
    browser.fill("[name=password]", password);
    browser.click("form button");
    browser.wait("them in", "return !!document.querySelector('.who a')");
}

fn state(is: &str) -> String {
    format!("return document.querySelector('#state')?.textContent === {is:?}")
}

impl Console for Desk {
    fn begin(&self, socket: &Path, inventory: &Path) {
        let [agent, watched] = [socket, inventory].map(|path| path.display().to_string());
        let served = Served::start_in(&self.folder, &["--agent", &agent, "--watch", &watched]);
        let browser = Browser::start(1280, 800);
        browser.go(&served.at("/setup"));
        browser.fill("[name=code]", &served.code);
        for (field, text) in [("hospital", "The lab"), ("name", "anna"), ("shown", "anna")] {
            browser.fill(&format!("[name={field}]"), text);
        }
        browser.fill("[name=password]", PASSWORD);
        browser.fill("[name=again]", PASSWORD);
        browser.click("[name=security]");
        browser.click("form button");
        browser.wait("them in", "return !!document.querySelector('.who a')");
        let [_, others @ ..] = PEOPLE;
        for (name, duty) in others {
            self.add(name, duty);
            be(&served, &browser, name, FIRST);
            browser.wait_for("Somebody else has set your password");
            browser.fill("[name=password]", PASSWORD);
            browser.fill("[name=again]", PASSWORD);
            browser.click("form.sheet button");
            browser.wait("their own password", "return !document.querySelector('.alert')");
        }
        be(&served, &browser, "anna", PASSWORD);
        browser.go(&served.at("/"));
        *self.held() = Some((served, browser));
    }

    fn contain(&self, device: &str) {
        let held = self.held();
        let (served, browser) = held.as_ref().expect("it began");
        // Today tells of the attack by itself.
        browser.wait_for("Detected on the network");
        browser.go(&served.at(&format!("/devices/{device}/contain?level=contain")));
        browser.wait_for("Who has to say yes");
        let preview = browser.text(".headline");
        assert!(preview.contains("Nothing that care needs would break"), "{preview}");
        assert_eq!(looks::wrong(browser), Vec::<String>::new());
        // It was proposed as it was detected, so nobody asks for it a second time.
        browser.click(".alert a");
        browser.wait("the order", &state("proposed"));
        let order = browser.address();
        browser.click("form[action$=approve] button");
        browser.wait("a yes", "return document.querySelector('#proof').innerText.includes('anna')");
        let sentence = browser.text("#sentence");
        assert!(sentence.contains("cares for the patient still has to say yes"), "{sentence}");

        be(served, browser, "cleo", PASSWORD);
        browser.go(&served.at(&format!("/devices/{device}/bedside")));
        let sentence = browser.text(".sentence");
        assert!(sentence.contains("not cut off yet"), "{sentence}");
        browser.click("form[action$=approve] button");
        browser.wait("her yes", "return !document.querySelector('form[action$=approve]')");
        browser.wait_for("reaches nothing but what its patient needs");

        be(served, browser, "bo", PASSWORD);
        browser.go(&order);
        browser.wait("the proof", &state("verified"));
        let proof = browser.text("#proof");
        assert!(proof.contains("cleo (clinical)"), "{proof}");
        assert!(proof.contains("forbidden packet"), "{proof}");
        assert_eq!(looks::wrong(browser), Vec::<String>::new());
    }

    fn lift(&self, device: &str) {
        let held = self.held();
        let (served, browser) = held.as_ref().expect("it began");
        assert_eq!(browser.run(&state("verified")), true, "it held until now");
        browser.fill("form[action$=lift] [name=reason]", "the device was cleaned");
        browser.click("form[action$=lift] button");
        browser.wait("the end", &state("lifted"));
        browser.go(&served.at(&format!("/devices/{device}/bedside")));
        browser.wait_for("is free of this order");
        let complaints = browser.complaints();
        assert!(complaints.is_empty(), "{complaints:?}");
    }
}

#[test]
fn three_people_at_a_console_contain_a_pump_on_the_real_kernel_and_its_patient_is_not_cut_off() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lab-console");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let desk = Arc::new(Desk { folder: folder.clone(), ..Desk::default() });
    let program = PathBuf::from(env!("CARGO_BIN_EXE_asepsis"));
    let play = Play {
        scene: Scene::Ransomware,
        rhythm: Rhythm::Short,
        defence: Defence::Console(program, Speakers(desk)),
        disturbance: Disturbance::None,
        folder,
        tell: Arc::new(|what: &str| println!("{what}")),
        stop: Stop::default(),
    };
    let outcome = scene::play(&play).expect("the lab needs root and the packages of its setup");
    let lost: Vec<&Line> = outcome.care.iter().filter(|line| !line.is_whole()).collect();
    assert_eq!(lost, [] as [&Line; 0]);
    let pump = outcome.care.iter().find(|line| line.from == "pump-1").expect("its line");
    assert_eq!((pump.opened, pump.broken), (1, 0), "one session from beginning to end: {pump}");
    assert_eq!(outcome.forbidden, [] as [&str; 0]);
    assert_eq!(outcome.reached(), [] as [&Entry; 0]);
    assert!(outcome.blocked().len() >= 20, "{}", outcome.blocked().len());
    assert_eq!(outcome.shut, [] as [&str; 0]);
}
