//! The demonstration, played for a browser.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use testkit::browser::Browser;

/// A demonstration that runs until this goes.
pub(crate) struct Demo {
    program: Child,
    /// The address by which somebody comes in, once.
    pub(crate) enter: String,
}

impl Demo {
    /// One with these arguments besides.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_asepsis"))
            .args(["demo", "--attack-after", "12"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let said = BufReader::new(program.stdout.take().expect("piped"));
        let enter = said.lines().map_while(Result::ok).find(|line| line.contains("/enter/"));
        Self { program, enter: enter.expect("where to come in").trim().to_owned() }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Asked to, it takes its folders with it.
        let number = self.program.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &number]).status();
        let _ = self.program.wait();
    }
}

/// Comes in at the page that asks for it, and waits until that is so: who goes elsewhere before is
/// not yet in.
pub(crate) fn come_in(browser: &Browser) {
    browser.click("form button");
    browser.wait("somebody", "return !!document.querySelector('.who a')");
}

/// Goes on as somebody else of the cast. A page that is alive may put another button in the place of
/// one that was found, so one is found and pressed at once, once on each page.
pub(crate) fn be(browser: &Browser, name: &str) {
    let turn = format!(
        "if (document.querySelector('.who a')?.textContent === {name:?}) return true; \
         const buttons = [...document.querySelectorAll('.cast button')]; \
         const button = buttons.find(b => b.textContent.includes({name:?})); \
         if (button && !button.dataset.pressed) {{ button.dataset.pressed = 'yes'; button.click(); }} \
         return false"
    );
    browser.wait(name, &turn);
}
