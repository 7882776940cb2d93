//! The orders of versions beside the tools of their ecosystems, on pairs made from a seed.
//!
//! Each tool reads all pairs in one process. Refuses to compare with a stand-in of ours: where a
//! tool is not there, that is said.

mod pairs;

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use domain::version::{Scheme, compare};

use pairs::Form;

/// A tool, and the order that it knows.
#[derive(Debug)]
pub struct Tool {
    /// How it is called here and in the ecosystem.
    pub name: &'static str,
    /// Which order.
    pub scheme: Scheme,
    /// The Debian package that it comes with.
    pub package: &'static str,
    /// Files of which one shows that it is there.
    proofs: &'static [&'static str],
    form: Form,
    program: Program,
}

/// How the tool is asked. It reads lines of two versions with a tabulator between them, and
/// answers each by a line: `<`, `=`, `>`, or `?` where it can't read one of them.
#[derive(Debug)]
enum Program {
    /// A program with these arguments.
    Script(&'static str, &'static [&'static str]),
    /// Go, which is built from a file.
    Go(&'static str),
    /// RPM, whose macros hold Lua that reads a file.
    Lua(&'static str),
    /// Maven's own program, which compares each of its arguments with the next one.
    Maven(&'static str),
}

/// The tools.
pub const TOOLS: [Tool; 8] = [
    Tool {
        name: "dpkg",
        scheme: Scheme::Deb,
        package: "libdpkg-perl",
        proofs: &["/usr/share/perl5/Dpkg/Version.pm"],
        form: Form::Deb,
        program: Program::Script("/usr/bin/perl", &["-MDpkg::Version", "-e", PERL]),
    },
    Tool {
        name: "rpm",
        scheme: Scheme::Rpm,
        package: "rpm",
        proofs: &["/usr/bin/rpm"],
        form: Form::Rpm,
        program: Program::Lua("/usr/bin/rpm"),
    },
    Tool {
        name: "packaging",
        scheme: Scheme::Pep440,
        package: "python3-packaging",
        proofs: &["/usr/lib/python3/dist-packages/packaging/version.py"],
        form: Form::Pep440,
        program: Program::Script("/usr/bin/python3", &["-c", PYTHON]),
    },
    Tool {
        name: "node-semver",
        scheme: Scheme::Semver,
        package: "node-semver",
        proofs: &[
            "/usr/share/nodejs/semver/package.json",
            "/usr/lib/node_modules/npm/node_modules/semver/package.json",
        ],
        form: Form::Semver,
        program: Program::Script("/usr/bin/node", &["-e", NODE]),
    },
    Tool {
        name: "maven-artifact",
        scheme: Scheme::Maven,
        package: "libmaven3-core-java",
        proofs: &["/usr/share/java/maven-artifact-3.x.jar"],
        form: Form::Maven,
        program: Program::Maven("/usr/share/java/maven-artifact-3.x.jar"),
    },
    Tool {
        name: "rubygems",
        scheme: Scheme::Gem,
        package: "ruby",
        proofs: &["/usr/bin/ruby"],
        form: Form::Gem,
        program: Program::Script("/usr/bin/ruby", &["-e", RUBY]),
    },
    Tool {
        name: "go-mod",
        scheme: Scheme::Golang,
        package: "golang-golang-x-mod-dev",
        proofs: &["/usr/share/gocode/src/golang.org/x/mod/semver/semver.go"],
        form: Form::Golang,
        program: Program::Go(GO),
    },
    Tool {
        name: "composer",
        scheme: Scheme::Composer,
        package: "php-composer-semver",
        proofs: &["/usr/share/php/Composer/Semver/autoload.php"],
        form: Form::Composer,
        program: Program::Script("/usr/bin/php", &["-r", PHP]),
    },
];

const PERL: &str = r#"
while (<STDIN>) {
    chomp;
    # dpkg itself refuses a version with nothing after its epoch, the module does not.
    if (/:(\t|$)/) { print "?\n"; next }
    my ($a, $b) = map { Dpkg::Version->new($_, check => 1) } split /\t/;
    my $order = defined $a && defined $b ? ($a <=> $b) : undef;
    print defined $order ? ($order < 0 ? "<" : $order > 0 ? ">" : "=") : "?", "\n";
}
"#;

const PYTHON: &str = "
import sys
from packaging.version import InvalidVersion, Version
for line in sys.stdin:
    try:
        a, b = (Version(text) for text in line.rstrip('\\n').split('\\t'))
        print('<' if a < b else '>' if a > b else '=')
    except InvalidVersion:
        print('?')
";

const NODE: &str = r#"
let semver;
for (const place of ["/usr/share/nodejs/semver", "/usr/lib/node_modules/npm/node_modules/semver"])
    try { semver = semver || require(place); } catch {}
const lines = require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
console.log(lines.map((line) => {
    const [a, b] = line.split("\t");
    try { return "<=>"[semver.compare(a, b) + 1]; } catch { return "?"; }
}).join("\n"));
"#;

const RUBY: &str = r#"
STDIN.each_line(chomp: true) do |line|
  a, b = line.split("\t").map { |text| Gem::Version.correct?(text) ? Gem::Version.new(text) : nil }
  puts(a && b ? ["<", "=", ">"][(a <=> b) + 1] : "?")
end
"#;

const PHP: &str = r#"
require "/usr/share/php/Composer/Semver/autoload.php";
$parser = new Composer\Semver\VersionParser;
while (($line = fgets(STDIN)) !== false) {
    [$a, $b] = explode("\t", rtrim($line, "\n"));
    try {
        $order = version_compare($parser->normalize($a), $parser->normalize($b));
        echo ["<", "=", ">"][$order + 1], "\n";
    } catch (UnexpectedValueException $unreadable) {
        echo "?\n";
    }
}
"#;

const GO: &str = r#"package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/semver"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		a, b, _ := strings.Cut(lines.Text(), "\t")
		if !semver.IsValid(a) || !semver.IsValid(b) {
			fmt.Println("?")
			continue
		}
		fmt.Println(string("<=>"[semver.Compare(a, b)+1]))
	}
}
"#;

/// What came of it.
#[derive(Debug, Default)]
pub struct Differences {
    /// Pairs that were compared.
    pub pairs: usize,
    /// Pairs that the tool can't read, and for how many of those we tell an order nevertheless.
    pub unread: (usize, usize),
    /// Pairs that the tool reads and we do not.
    pub undecided: usize,
    /// What we say otherwise, in words.
    pub wrong: Vec<String>,
}

impl Tool {
    /// Whether it is there.
    #[must_use]
    pub fn is_there(&self) -> bool {
        let is_there = |file: &str| Path::new(file).exists();
        self.proofs.iter().any(|file| is_there(file)) && is_there(self.program.file())
    }

    /// Compares pairs that are made from a seed.
    pub fn differences(&self, pairs: usize, seed: u64) -> io::Result<Differences> {
        let pairs = pairs::pairs(self.form, pairs, seed);
        let told = self.program.ask(&pairs)?;
        if told.len() != pairs.len() {
            let words = format!("{} answers to {} pairs", told.len(), pairs.len());
            return Err(io::Error::other(words));
        }
        let mut found = Differences { pairs: pairs.len(), ..Differences::default() };
        for ((a, b), told) in pairs.iter().zip(told) {
            let ours = compare(self.scheme, a, b);
            match (told, ours) {
                (None, ours) => {
                    found.unread.0 += 1;
                    found.unread.1 += usize::from(ours.is_some());
                }
                (Some(_), None) => {
                    found.undecided += 1;
                    found.wrong.push(format!("{a} and {b}: {told:?}, we can't tell"));
                }
                (Some(told), Some(ours)) if told != ours => {
                    found.wrong.push(format!("{a} and {b}: {told:?}, we say {ours:?}"));
                }
                _ => {}
            }
        }
        Ok(found)
    }
}

/// Most arguments that Maven's program gets at once.
const ARGUMENTS: usize = 10_000;

impl Program {
    fn file(&self) -> &'static str {
        match self {
            Self::Script(program, _) | Self::Lua(program) | Self::Maven(program) => program,
            Self::Go(_) => "/usr/bin/go",
        }
    }

    fn ask(&self, pairs: &[(String, String)]) -> io::Result<Vec<Option<Ordering>>> {
        let mut lines = String::new();
        for (a, b) in pairs {
            writeln!(lines, "{a}\t{b}").map_err(io::Error::other)?;
        }
        match self {
            Self::Script(program, arguments) => {
                Ok(signs(&answers(Command::new(program).args(*arguments), &lines)?))
            }
            Self::Lua(program) => {
                let folder = tempfile::tempdir()?;
                let file = folder.path().join("pairs");
                std::fs::write(&file, lines)?;
                let lua = format!(
                    "%{{lua: for line in io.lines('{}') do local a, b = line:match('(%S+)%s(%S+)') \
                     local o = rpm.vercmp(a, b) \
                     io.write(o < 0 and '<' or o > 0 and '>' or '=', string.char(10)) end}}",
                    file.display()
                );
                Ok(signs(&answers(Command::new(program).args(["-E", &lua]), "")?))
            }
            Self::Go(source) => {
                let folder = tempfile::tempdir()?;
                std::fs::write(folder.path().join("main.go"), source)?;
                let mut go = Command::new("/usr/bin/go");
                go.args(["run", "main.go"]).current_dir(folder.path());
                go.env("GO111MODULE", "off").env("GOPATH", "/usr/share/gocode");
                go.env("GOCACHE", folder.path().join("cache")).env("GOFLAGS", "");
                Ok(signs(&answers(&mut go, &lines)?))
            }
            Self::Maven(jar) => {
                let mut told = Vec::with_capacity(pairs.len());
                for some in pairs.chunks(ARGUMENTS / 2) {
                    let mut java = Command::new("/usr/bin/java");
                    java.args(["-jar", jar]);
                    java.args(some.iter().flat_map(|(a, b)| [a, b]));
                    let text = answers(&mut java, "")?;
                    // Between two versions stands a line that compares them; every second is ours.
                    let between = text.lines().filter(|line| line.starts_with("   "));
                    told.extend(between.step_by(2).map(sign_between));
                }
                Ok(told)
            }
        }
    }
}

/// `   1.0 < 2`: versions have no blanks.
fn sign_between(line: &str) -> Option<Ordering> {
    match line.split_whitespace().nth(1) {
        Some("<") => Some(Ordering::Less),
        Some("==") => Some(Ordering::Equal),
        Some(">") => Some(Ordering::Greater),
        _ => None,
    }
}

fn signs(text: &str) -> Vec<Option<Ordering>> {
    let sign = |line: &str| match line {
        "<" => Some(Ordering::Less),
        "=" => Some(Ordering::Equal),
        ">" => Some(Ordering::Greater),
        _ => None,
    };
    text.lines().filter(|line| !line.is_empty()).map(sign).collect()
}

/// What a program answers to its input.
fn answers(command: &mut Command, input: &str) -> io::Result<String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let pipe = child.stdin.take();
    std::thread::scope(|scope| {
        // A program that answers line by line stops where nobody reads.
        scope.spawn(move || pipe.map(|mut pipe| pipe.write_all(input.as_bytes())));
        let output = child.wait_with_output()?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            let start: String = words.chars().take(500).collect();
            return Err(io::Error::other(format!("{}: {start}", command.get_program().display())));
        }
        String::from_utf8(output.stdout).map_err(io::Error::other)
    })
}
