//! Unpacking gzip, xz and zip within limits.
//!
//! Nothing is written to disk, an entry's name is only ever shown, and no declared size is
//! believed: what comes out is counted while it comes.

use std::io::{Cursor, Read};

use domain::bounded::{
    ARCHIVE_BYTES, ARCHIVE_DEPTH, ARCHIVE_ENTRIES, DOCUMENT_BYTES, EXPANSION_FREE_BYTES,
    EXPANSION_RATIO,
};
use domain::location::Location;
use domain::problem::{Code, Loss, Problem};
use sources::format::{Container, container};

/// What stands in a file once it is unpacked: a document, or why there is none.
pub type Unpacked = Result<Vec<u8>, Problem>;

/// Unpacks `bytes`, archives in archives too, and hands on each document under its name:
/// `a.zip!b/c.json`, and for a single compressed file its own name.
pub fn unpack(name: &str, bytes: Vec<u8>, each: &mut dyn FnMut(String, Unpacked)) {
    let mut budget = ARCHIVE_BYTES;
    unpack_level(name.to_owned(), bytes, 0, &mut budget, each);
}

fn unpack_level(
    name: String,
    bytes: Vec<u8>,
    depth: usize,
    budget: &mut u64,
    each: &mut dyn FnMut(String, Unpacked),
) {
    let kind = match container(&bytes) {
        None | Some(Container::Spreadsheet | Container::Prose) => return each(name, Ok(bytes)),
        Some(kind) => kind,
    };
    if depth >= ARCHIVE_DEPTH {
        let expected = format!("at most {ARCHIVE_DEPTH} archives in one another");
        return each(name, Err(refusal(Code::InputExpands, expected)));
    }
    let packed = bytes.len() as u64;
    let unpacked = match kind {
        Container::Gzip => inflate(flate2::read::MultiGzDecoder::new(&*bytes), packed, budget),
        Container::Xz => {
            inflate(lzma_rust2::XzReader::new(Cursor::new(&bytes), true), packed, budget)
        }
        Container::Zip | Container::Spreadsheet | Container::Prose => {
            return unpack_zip(&name, bytes, depth, budget, each);
        }
    };
    drop(bytes);
    match unpacked {
        Ok(inner) => unpack_level(name, inner, depth + 1, budget, each),
        Err(problem) => each(name, Err(problem)),
    }
}

fn unpack_zip(
    name: &str,
    bytes: Vec<u8>,
    depth: usize,
    budget: &mut u64,
    each: &mut dyn FnMut(String, Unpacked),
) {
    let mut archive = match zip::ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        Err(error) => {
            let problem = refusal(Code::InputArchiveDamaged, "a zip archive".into());
            return each(name.to_owned(), Err(problem.found(&error.to_string())));
        }
    };
    if archive.len() > ARCHIVE_ENTRIES {
        let expected = format!("at most {ARCHIVE_ENTRIES} entries");
        return each(name.to_owned(), Err(refusal(Code::InputTooLarge, expected)));
    }
    for index in 0..archive.len() {
        let (entry_name, unpacked) = match archive.by_index(index) {
            Err(error) => {
                let problem = refusal(Code::InputArchiveDamaged, "a readable entry".into());
                (format!("entry {index}"), Err(problem.found(&error.to_string())))
            }
            Ok(entry) if entry.is_dir() || entry.name().is_ok_and(|name| is_hidden(&name)) => {
                continue;
            }
            Ok(entry) => {
                let packed = entry.compressed_size();
                let outside = entry.enclosed_name().is_none();
                let name =
                    entry.name().map_or_else(|_| format!("entry {index}"), |name| shown(&name));
                let unpacked = if outside {
                    Err(refusal(Code::InputNamesOutside, "a name inside the archive".into()))
                } else {
                    inflate(entry, packed, budget)
                };
                (name, unpacked)
            }
        };
        let full_name = format!("{name}!{entry_name}");
        match unpacked {
            Ok(inner) => unpack_level(full_name, inner, depth + 1, budget, each),
            Err(problem) => each(full_name, Err(problem)),
        }
    }
}

/// Reads to the end, or to the first limit. `packed` is how many bytes it came from; `budget` is
/// how many the whole archive may still yield.
fn inflate(reader: impl Read, packed: u64, budget: &mut u64) -> Unpacked {
    let by_ratio = packed.saturating_mul(EXPANSION_RATIO).max(EXPANSION_FREE_BYTES);
    let limit = by_ratio.min(DOCUMENT_BYTES).min(*budget);
    let mut bytes = Vec::new();
    let outcome = reader.take(limit + 1).read_to_end(&mut bytes);
    let size = bytes.len() as u64;
    *budget = budget.saturating_sub(size);
    if size > limit {
        let code = if limit == by_ratio { Code::InputExpands } else { Code::InputTooLarge };
        let expected = format!("at most {limit} bytes from {packed}");
        return Err(refusal(code, expected));
    }
    match outcome {
        Ok(_) => Ok(bytes),
        Err(error) => {
            let problem = refusal(Code::InputArchiveDamaged, "whole compressed data".into());
            Err(problem.found(&error.to_string()))
        }
    }
}

fn refusal(code: Code, expected: String) -> Problem {
    Problem::new(code, Location::whole(), Loss::Document).expected(expected)
}

/// Names that start with a dot are passed over, as in folders, and what a Mac adds to archives.
fn is_hidden(name: &str) -> bool {
    name.split(['/', '\\'])
        .any(|part| part == "__MACOSX" || part.starts_with('.') && !matches!(part, "." | ".."))
}

/// An entry's name as it may be shown: no control characters, no endless length.
fn shown(name: &str) -> String {
    const NAME_CHARS: usize = 200;
    name.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).take(NAME_CHARS).collect()
}

#[cfg(test)]
mod tests;
