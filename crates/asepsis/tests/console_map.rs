//! The map during an attack, as somebody meets it in a browser: who stands out, what containing a
//! device would do, and the same map while it is done.

use testkit::browser::Browser;

#[path = "console/looks.rs"]
mod looks;
#[path = "console/played.rs"]
mod played;

use played::{Demo, be, come_in};

fn count(browser: &Browser, selector: &str) -> u64 {
    let script = format!("return document.querySelectorAll({selector:?}).length");
    browser.run(&script).as_u64().expect("a number")
}

#[test]
fn a_device_is_seen_on_the_map_thought_of_contained_and_proved() {
    let demo = Demo::start(&[]);
    let browser = Browser::start(1280, 800);
    browser.go(&demo.enter);
    come_in(&browser);
    let place = demo.enter.split("/enter/").next().expect("a place");
    let map = format!("{place}/map");
    browser.go(&map);
    // Nobody reloads: the page tells of the attack by itself.
    browser.wait_for("Who stands out");
    browser.wait("an order", "return !!document.querySelector('#map use[href=\"#s-asked\"]')");
    let device = browser.text("#outstanding a");
    browser.click("#outstanding a");
    browser.wait("ways", "return !!document.querySelector('#map .way.stays')");
    assert!(count(&browser, "#map .way.ends .cross") > 0, "nothing would end");
    assert!(count(&browser, "#map .system.clinical") > 0, "no clinical system");
    assert_eq!(looks::wrong(&browser), Vec::<String>::new());

    // Another level, thought of: nothing stays, and the order is as it was.
    browser.go(&format!("{map}?device={device}&level=isolate"));
    browser.wait_for("would end");
    assert_eq!(count(&browser, "#map .way.stays"), 0);
    assert!(count(&browser, "#map .way.ends") > 0);
    assert_eq!(browser.text("#state"), "proposed");
    assert_eq!(looks::wrong(&browser), Vec::<String>::new());

    // From the order back to the map, where it is seen how it is carried out and proved.
    browser.click("#chosen .ways a");
    browser.wait_for("Your answer");
    let order = browser.address();
    browser.click("form[action$=approve] button");
    browser.wait("a yes", "return !document.querySelector('form[action$=approve]')");
    be(&browser, "Nora Quinn");
    browser.go(&order);
    browser.click("a[href^='/map?device=']");
    browser.wait("the device", "return !!document.querySelector('#chosen')");
    let approve = format!(
        "const form = document.querySelector('[name=form]').value; \
         fetch({:?}, {{ method: 'POST', body: new URLSearchParams({{ form, role: 'clinical' }}) }}); return true",
        format!("{}/approve", order.trim_start_matches(place))
    );
    browser.run(&approve);
    browser.wait("the proof", "return document.querySelector('#state').textContent === 'verified'");
    assert!(count(&browser, "#map use[href='#s-held']") > 0, "its tile says so");
    browser.wait_for("is cut");
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:?}");
}

#[test]
fn a_map_is_gone_over_by_keyboard_and_leads_to_an_order() {
    let demo = Demo::start(&[]);
    let browser = Browser::start(820, 1180);
    browser.go(&demo.enter);
    come_in(&browser);
    let place = demo.enter.split("/enter/").next().expect("a place");
    browser.go(&format!("{place}/map?by=service"));
    browser.wait("the map", "return !!document.querySelector('#map .t')");
    let first = "const t = document.querySelector('#map .t'); t.focus(); \
                 t.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true })); \
                 return document.activeElement !== t && document.activeElement.matches('#map .t')";
    assert_eq!(browser.run(first), true);
    // A device at work is asked to be held, with a reason, from the map and back to it.
    browser.go(&format!("{place}/map?device=SB-ICU-PCU-01"));
    browser.wait_for("It was seen to speak with");
    browser.go(&format!("{place}/map?device=SB-ICU-PCU-01&level=contain"));
    browser.wait_for("stay open");
    browser.fill("#chosen [name=reason]", "it behaves oddly");
    browser.click("#chosen form button");
    browser.wait("the order", "return !!document.querySelector('#chosen #state')");
    assert!(browser.address().contains("/map?device=SB-ICU-PCU-01"), "{}", browser.address());
    assert_eq!(looks::wrong(&browser), Vec::<String>::new());
}
