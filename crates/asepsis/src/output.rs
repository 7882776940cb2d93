//! Where output goes: standard output, standard error, files.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, Result};
use presentation::terminal::{Colour, Page};

use crate::arguments::When;

/// Writes to standard output.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes a line to standard error; where that is closed there is nobody to tell.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes to a file, or to standard output where it is called `-`. A file appears whole or not at
/// all.
pub(crate) fn write(
    path: &Path,
    render: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    if path.as_os_str() == "-" {
        let mut out = io::BufWriter::new(io::stdout().lock());
        render(&mut out)?;
        out.flush()?;
        return Ok(());
    }
    // A device or a pipe, `/dev/null` above all, is written to and stays what it is; only a file is
    // put in the place of another, where a link points to.
    let whole = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let fill = |file| {
        let mut out = io::BufWriter::new(file);
        render(&mut out)?;
        out.flush()
    };
    if fs::metadata(&whole).is_ok_and(|there| !there.is_file()) {
        let open = File::options().write(true).open(&whole);
        return open.and_then(fill).with_context(|| format!("cannot write `{}`", path.display()));
    }
    let mut name = whole.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = whole.with_file_name(name);
    if let Err(error) = File::create(&part).and_then(fill) {
        // What is half written is of no use to anyone; the error that counts is the first.
        let _ = fs::remove_file(&part);
        return Err(error).with_context(|| format!("cannot write `{}`", path.display()));
    }
    fs::rename(&part, &whole).with_context(|| format!("cannot write `{}`", path.display()))
}

/// The page that standard output is: its width, and whether it shows colour.
pub(crate) fn page(when: When) -> Page {
    const WIDTH: usize = 120;
    const NARROWEST: u16 = 60;
    let is_terminal = io::stdout().is_terminal();
    let terminal = terminal_size::terminal_size().filter(|_| is_terminal);
    let stated = || std::env::var("COLUMNS").ok()?.trim().parse().ok();
    let width = terminal.map(|(width, _)| width.0).or_else(stated);
    let width = width.map_or(WIDTH, |width| usize::from(width.max(NARROWEST)));
    let wanted = match when {
        When::Always => true,
        When::Never => false,
        When::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
    };
    Page { width, colour: if wanted { Colour::Shown } else { Colour::Plain } }
}

/// Whether an error is only that the reader of our output went away, as `| head` does.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
