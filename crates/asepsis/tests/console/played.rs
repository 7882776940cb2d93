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

/// Goes on as somebody else of the cast.
pub(crate) fn be(browser: &Browser, name: &str) {
    let button = format!(
        "const b = [...document.querySelectorAll('.cast button')].find(b => b.textContent.includes({name:?})); \
         b.id = 'be'; return true"
    );
    browser.run(&button);
    browser.click("#be");
    browser
        .wait(name, &format!("return document.querySelector('.who a').textContent === {name:?}"));
}
