//! A containment from the alarm to the end, as three people meet it in a browser. The hospital is
//! made up and its switch simulated, as the demonstration says; packets, detections, rules, journal
//! and the wire's proof are those of the agent.

use testkit::browser::Browser;

#[path = "console/looks.rs"]
mod looks;
#[path = "console/played.rs"]
mod played;

use played::{Demo, be, come_in};

#[test]
fn three_people_contain_an_attacker_see_the_proof_and_end_it() {
    let demo = Demo::start(&[]);
    let browser = Browser::start(1280, 800);
    browser.go(&demo.enter);
    come_in(&browser);
    // Nobody reloads: the page tells of the attack by itself.
    browser.wait_for("Detected on the network");
    browser.wait_for("Held, or asked to be held");
    browser.click("#open a");
    browser.wait_for("Your answer");
    let order = browser.address();
    assert_eq!(browser.text("#state"), "proposed");
    assert!(browser.run("return !!document.querySelector('.peers')") == true, "no picture");
    // What it would do to care is said before anybody is asked for a yes.
    let care = browser.text("#care");
    assert!(care.starts_with("If this is carried out,"), "{care}");
    assert!(browser.text("#sentence").contains("if nobody answers"));
    let device = browser.text("h1 bdi");

    // A clinician sees one sentence at the bedside.
    be(&browser, "Nora Quinn");
    let place = order.split("/orders/").next().expect("a place");
    let bedside = format!("{place}/devices/{device}/bedside");
    browser.go(&bedside);
    let sentence = browser.text(".sentence");
    assert!(sentence.contains("not cut off yet. Your yes is missing"), "{sentence}");
    let told = browser.text("#bedside");
    assert!(told.contains(&care) && told.contains("if nobody answers"), "{told}");
    browser.click("form[action$=approve] button");
    browser.wait("her yes", "return !document.querySelector('form[action$=approve]')");

    // Security looks on while it is carried out and proved; where more is asked, gives it.
    be(&browser, "Anna Berg");
    browser.go(&order);
    let answered = "return document.querySelector('#state').textContent !== 'proposed'";
    if browser.run(answered) != true {
        browser.click("form[action$=approve] button");
    }
    let verified = "return document.querySelector('#state').textContent === 'verified'";
    browser.wait("the proof", verified);
    let proof = browser.text("#proof");
    assert!(proof.contains("Nora Quinn") || proof.contains("nora (clinical)"), "{proof}");
    assert!(proof.contains("forbidden packet"), "{proof}");
    let care = browser.text("#care");
    assert!(!care.contains("carried out") && care.contains("go on"), "{care}");
    assert!(browser.text("#sentence").contains("Held until"));
    assert_eq!(looks::wrong(&browser), Vec::<String>::new());

    // It is over once somebody lifts it, with a reason.
    browser.fill("form[action$=lift] [name=reason]", "cleaned and looked at");
    browser.click("form[action$=lift] button");
    browser.wait("the end", "return document.querySelector('#state').textContent === 'lifted'");
    browser.wait_for("cleaned and looked at");
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:?}");
}

#[test]
fn a_clinician_breaks_the_glass_and_the_device_is_connected_again_at_once() {
    let demo = Demo::start(&[]);
    let browser = Browser::start(820, 1180);
    browser.go(&demo.enter);
    come_in(&browser);
    browser.wait_for("Held, or asked to be held");
    browser.click("#open a");
    let device = browser.text("h1 bdi");
    let order = browser.address();
    browser.click("form[action$=approve] button");
    browser.wait("a yes", "return !document.querySelector('form[action$=approve]')");
    be(&browser, "Nora Quinn");
    browser.go(&order);
    let waits = "return !!document.querySelector('form[action$=approve]')";
    if browser.run(waits) == true {
        browser.click("form[action$=approve] button");
    }
    let held =
        "return ['applied', 'verified'].includes(document.querySelector('#state').textContent)";
    browser.wait("the hold", held);
    let place = order.split("/orders/").next().expect("a place");
    browser.go(&format!("{place}/devices/{device}/bedside"));
    browser.click("summary.glass");
    browser.click("button.glass");
    browser.wait_for("a clinician broke the glass");
    assert_eq!(looks::wrong(&browser), Vec::<String>::new());
}
