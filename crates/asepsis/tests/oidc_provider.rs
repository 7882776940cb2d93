//! Signing in by a real provider of identities, in a real browser.

#![expect(clippy::indexing_slicing, reason = "a test that fails by a panic says why")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use testkit::browser::Browser;
use testkit::http::Client;
use testkit::served::{PASSWORD, Served};

#[path = "program/glewlwyd.rs"]
mod glewlwyd;

use glewlwyd::Glewlwyd;

fn run(store: &str, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_asepsis"))
        .args(arguments)
        .env("ASEPSIS_STORE", store)
        .env("ASEPSIS_SIGN_IN_MAY_REACH", "127.0.0.0/8")
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    said
}

/// Goes through the provider's own pages, where it shows any, until the browser is back.
fn through(browser: &Browser, served: &Served) {
    let address = served.at("");
    let back = format!("location.origin === '{address}'");
    let seen = |what: &str| browser.run(&format!("return {what}")).as_bool() == Some(true);
    let has = |selector: &str| format!("document.querySelector('{selector}') !== null");
    let (form, go_on) = (has("#loginbut"), has(".card-footer .btn-success"));
    browser.wait("a page of the provider, or ours", &format!("return {back} || {form} || {go_on}"));
    if seen(&form) {
        browser.fill("#username", glewlwyd::PERSON);
        browser.fill("#password", glewlwyd::PASSWORD);
        browser.click("#loginbut");
        browser.wait("whether to go on", &format!("return {back} || {go_on}"));
    }
    if !seen(&back) {
        browser.click(".card-footer .btn-success");
    }
    browser.wait("our page", &format!("return {back}"));
}

#[test]
fn somebody_comes_in_by_a_real_provider_with_the_duties_that_their_groups_give() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = Served::start_in(folder.path(), &["--sign-in-may-reach", "127.0.0.0/8"]);
    let _ = Client::new(&served.at("/")).first_administrator(&served.code, PASSWORD);
    let provider = Glewlwyd::start(&served.at("/sign-in/provider/back"));
    let store = folder.path().join("asepsis.db").display().to_string();
    let secret = folder.path().join("secret");
    fs::write(&secret, glewlwyd::SECRET).expect("written");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("set");
    let (issuer, console) = (provider.issuer(), served.at(""));
    let secret = secret.display().to_string();
    let mut set = vec!["sign-in", "set", &issuer, "--client", glewlwyd::CLIENT];
    set.extend(["--secret-file", &secret, "--console", &console, "--scope", "openid"]);
    set.extend(["--claim", "groups", "--give", "icu=clinical"]);
    set.extend(["--name", "the hospital's directory"]);
    run(&store, &set);
    assert!(run(&store, &["sign-in", "check"]).contains("It answers"));

    let browser = Browser::start(1280, 800);
    browser.go(&served.at("/orders"));
    browser.wait_for("Sign in with the hospital's directory");
    browser.click("#provider");
    through(&browser, &served);
    // She is only in the kitchen.
    let said = browser.text("main");
    assert!(said.contains("none of your groups there is for this console"), "{said}");
    provider.groups(&["kitchen", "icu"]);
    browser.go(&served.at("/orders"));
    browser.click("#provider");
    through(&browser, &served);
    browser.wait("she is in", "return location.pathname === '/orders'");
    browser.wait_for("Berta Blum");
    let shown = run(&store, &["people", "--store", &store, "list"]);
    assert!(shown.contains("berta  Berta Blum  clinical"), "{shown}");

    // What needs her to be there asks the provider anew, and that asks for her password.
    let database = rusqlite::Connection::open(&store).expect("a store");
    let long_ago = database.execute("update session set confirmed_ms = 0", []);
    assert!(long_ago.expect("written") > 0);
    browser.go(&served.at("/account"));
    browser.wait_for("Confirm with the hospital's directory");
    assert!(
        !browser
            .run("return document.querySelector('[name=password]') !== null")
            .as_bool()
            .unwrap_or(true)
    );
    browser.click("#provider");
    browser.wait("its form", "return document.querySelector('#loginbut') !== null");
    through(&browser, &served);
    // Over SQLite this provider says of everybody that they signed in in 1970, and that is not
    // taken for now; `oidc.rs` confirms by one that tells the time.
    let said = browser.text("main");
    assert!(said.contains("does not say that you signed in there just now"), "{said}");
    browser.go(&served.at("/orders"));
    browser.wait_for("Berta Blum");
    // A page that says that nobody was let in says so by its status, too.
    let ours = |text: &String| text.contains(&served.at("")) && !text.contains("(Unauthorized)");
    assert_eq!(browser.complaints().into_iter().filter(ours).collect::<Vec<_>>(), [""; 0]);
}
