//! `asepsis feed sync | import | status | key | bundle`: what others publish of vulnerabilities,
//! fetched into a folder, compiled into a base, and how old it is.
//!
//! Says of each source what came of it. Refuses a configuration with a word that it does not know,
//! and a key that others may read or that stands on the command line.

mod base;
mod dry_run;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use collectors::feeds::asking::Pace;
use collectors::feeds::{self, FeedError, Instead, Settings, Taken, World, status};
use collectors::outward::proxy::{Credentials, Proxy};
use collectors::outward::{Place, Reach, Scheme, System};
use serde::Deserialize;
use serde_json::{Value, json};
use store::secret::Secret;

use self::base::Compiled;
use crate::arguments::feed::{Feed, FeedSync, FeedWork};
use crate::asked;
use crate::compiling::Import;
use crate::keeping::now_ms;
use crate::progress::Fetching;
use crate::{DONE, REACHED, WRONG, output};

const MAY_REACH: &str = "--feeds-may-reach";
const KEY: &str = "ASEPSIS_NVD_KEY";
const PASSWORD: &str = "ASEPSIS_PROXY_PASSWORD";

pub(crate) fn run(options: &Feed) -> Result<u8> {
    match &options.work {
        FeedWork::Sync(options) => sync(options),
        FeedWork::Import(options) => base::import(options),
        FeedWork::Status(options) => match &options.folder {
            Some(folder) => status(folder, options.json),
            None => base::status(&options.base, options.json),
        },
        FeedWork::Key(options) => base::key(options),
        FeedWork::Bundle(options) => base::bundle(options),
    }
}

/// What is asked elsewhere, and how.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Configuration {
    /// A file with whom else to trust, in PEM, beside the configuration.
    authority: Option<PathBuf>,
    /// Whom to ask for connections to what speaks TLS: http://HOST:PORT.
    proxy: Option<String>,
    /// Who asks it.
    proxy_user: Option<String>,
    /// A file with that user's password, beside the configuration.
    proxy_password_file: Option<PathBuf>,
    /// What is asked elsewhere.
    instead: Vec<Elsewhere>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Elsewhere {
    of: String,
    ask: String,
}

/// The real clock.
struct Real;

impl Pace for Real {
    fn now_ms(&self) -> i64 {
        now_ms()
    }

    fn wait(&self, time: Duration) {
        thread::sleep(time);
    }

    fn chance(&self) -> u64 {
        // Without chance many may come back at once, and nothing else is wrong.
        getrandom::u64().unwrap_or_default()
    }
}

fn settings(options: &FeedSync) -> Result<Settings> {
    let (configuration, beside) = match &options.config {
        None => (Configuration::default(), PathBuf::new()),
        Some(path) => {
            let name = path.display();
            let text = fs::read_to_string(path).with_context(|| format!("cannot read `{name}`"))?;
            (
                configuration(&text).with_context(|| format!("cannot use `{name}`"))?,
                path.parent().unwrap_or(Path::new("")).to_owned(),
            )
        }
    };
    let proxy = proxy(&configuration, &beside)?;
    let mut instead = Vec::new();
    for Elsewhere { of, ask } in configuration.instead {
        for address in [&of, &ask] {
            let place: Place = address.parse()?;
            ensure!(
                place.scheme().is_http() && address.ends_with('/'),
                "`{address}` has to begin with https:// or http:// and to end with a slash"
            );
        }
        instead.push(Instead { of, ask });
    }
    let authority = configuration.authority.map(|path| beside.join(path));
    let authority = authority.map(|path| {
        fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))
    });
    Ok(Settings {
        into: options.into.clone(),
        instead,
        authority: authority.transpose()?.unwrap_or_default(),
        proxy,
        reach: Reach::new(options.feeds_may_reach.clone()).named_by(MAY_REACH),
        nvd_key: key(options.nvd_key_file.as_deref())?,
        labels: options.tlp.clone(),
    })
}

/// Reads a configuration. What is wrong with it is told by its line, which is not shown: somebody
/// may have written a password there.
fn configuration(text: &str) -> Result<Configuration> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        anyhow!("line {}: {}", before.matches('\n').count() + 1, error.message())
    })
}

/// The proxy and who asks it. The password stands in a file of its owner, or in the environment.
fn proxy(configuration: &Configuration, beside: &Path) -> Result<Option<Proxy>> {
    let Configuration { proxy_user: user, proxy_password_file: file, .. } = configuration;
    let Some(proxy) = &configuration.proxy else {
        ensure!(user.is_none() && file.is_none(), "`proxy_user` is nobody without a `proxy`");
        return Ok(None);
    };
    let place: Place = proxy.parse()?;
    ensure!(
        place.scheme() == Scheme::Http && place.path() == "/",
        "`{place}` is no proxy: expected http://HOST:PORT"
    );
    let Some(user) = user else {
        ensure!(file.is_none(), "`proxy_password_file` needs a `proxy_user`");
        return Ok(Some(Proxy { place, credentials: None }));
    };
    let password = match file {
        Some(file) => Some(asked::file(&beside.join(file))?),
        None => std::env::var(PASSWORD).ok().map(Secret::new),
    };
    let Some(password) = password else {
        bail!("`proxy_user` has no password\n\nhint: name proxy_password_file, or set {PASSWORD}");
    };
    let credentials = Credentials::basic(user, password.expose()).map_err(Error::msg)?;
    Ok(Some(Proxy { place, credentials: Some(credentials) }))
}

/// The key for the NVD, where there is one: never on the command line, where others see it.
fn key(file: Option<&Path>) -> Result<Option<String>> {
    let text = match file {
        Some(path) => Some(asked::file(path)?.expose().clone()),
        None => std::env::var(KEY).ok(),
    };
    let key = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if key.as_ref().is_some_and(|key| !key.bytes().all(|byte| byte.is_ascii_graphic())) {
        bail!("the key for the NVD holds a character that no key has");
    }
    Ok(key)
}

fn sync(options: &FeedSync) -> Result<u8> {
    let settings = settings(options)?;
    let mut sources = options.sources.clone();
    if sources.is_empty() && options.into.exists() {
        sources = feeds::known(&options.into)?;
    }
    ensure!(
        !sources.is_empty(),
        "nothing was fetched into `{}` before\n\nhint: name what to fetch, such as kev epss nvd",
        options.into.display()
    );
    if options.dry_run {
        return dry_run::show(&sources, &settings, options.json);
    }
    let watch = Fetching::new(options.quiet);
    let world = World { resolver: &System, pace: &Real, watch: &watch };
    let outcomes = feeds::sync(&sources, &settings, world)?;
    watch.end();
    let mut status = DONE;
    let mut all = Vec::new();
    let mut text = String::new();
    let mut is_turned_away = false;
    for (source, outcome) in sources.iter().zip(&outcomes) {
        if let Err(error) = outcome {
            status = WRONG;
            // The proxy was asked once, and is complained of once.
            let is_told = error.is_of_the_proxy() && is_turned_away;
            is_turned_away |= error.is_of_the_proxy();
            if !options.json {
                let why = if is_told { "not asked for".to_owned() } else { error.to_string() };
                output::complain(&format!("{source}: {why}"));
            }
        } else if let Ok(taken) = outcome {
            let _ = writeln!(text, "{source}: {}", in_words(*taken));
        }
        all.push(as_json(&source.to_string(), outcome));
    }
    // What came is compiled, also where something else did not come.
    let compiled = options.base.as_deref().map(|base| compile(options, base)).transpose()?;
    status = compiled.as_ref().map_or(status, |compiled| status.max(compiled.status()));
    if options.json {
        let folder = options.into.display().to_string();
        let mut told = json!({ "folder": folder, "sources": all });
        if let (Some(compiled), Some(told)) = (&compiled, told.as_object_mut()) {
            told.insert("compiled".to_owned(), compiled.json());
        }
        text = format!("{told}\n");
    } else if let Some(compiled) = &compiled {
        text += &compiled.text();
    }
    output::print(&text)?;
    Ok(status)
}

/// Compiles all that was fetched into a folder.
fn compile(options: &FeedSync, base: &Path) -> Result<Compiled> {
    let paths = [options.into.clone()];
    let import = Import { paths: &paths, trusted: None, base, prune: true };
    base::compile(import, options.quiet || options.json)
}

fn in_words(taken: Taken) -> String {
    let Taken { changed, documents } = taken;
    match changed {
        0 => format!("nothing new, {documents} there"),
        changed => format!("{changed} new or changed, {documents} there"),
    }
}

fn as_json(source: &str, outcome: &Result<Taken, FeedError>) -> Value {
    match outcome {
        Ok(taken) => json!({
            "source": source,
            "outcome": if taken.changed > 0 { "changed" } else { "unchanged" },
            "changed": taken.changed,
            "documents": taken.documents,
        }),
        Err(error) => json!({
            "source": source,
            "outcome": "failed",
            "error": error.to_string(),
        }),
    }
}

fn status(folder: &Path, json: bool) -> Result<u8> {
    let all = status::read(folder)?;
    let now_ms = now_ms();
    let is_due = all.iter().any(|one| one.is_due(now_ms));
    let text = if json {
        let sources: Vec<Value> = all.iter().map(|one| standing(one, now_ms)).collect();
        let folder = folder.display().to_string();
        format!("{}\n", json!({ "folder": folder, "sources": sources }))
    } else {
        table(&all, now_ms)
    };
    output::print(&text)?;
    Ok(if is_due { REACHED } else { DONE })
}

fn time(at_ms: Option<i64>) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(at_ms?).ok()?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn standing(one: &status::Standing, now_ms: i64) -> Value {
    json!({
        "source": one.source.to_string(),
        "documents": one.documents,
        "bytes": one.bytes,
        "last_asked": time(one.asked_ms),
        "last_succeeded": time(one.succeeded_ms),
        "last_changed": time(one.changed_ms),
        "age_days": one.age_days(now_ms),
        "due_after_days": one.source.kind().due_days(),
        "is_due": one.is_due(now_ms),
        "error": one.error,
    })
}

fn table(all: &[status::Standing], now_ms: i64) -> String {
    if all.is_empty() {
        return "nothing was fetched into this folder\n".to_owned();
    }
    let head = ["source", "documents", "size", "asked", "changed", ""].map(str::to_owned);
    let mut rows = vec![head];
    for one in all {
        let days = one.source.kind().due_days();
        let stands = match one.age_days(now_ms) {
            None => "never fetched whole".to_owned(),
            Some(age) if one.is_due(now_ms) => format!("due: {age} days old, {days} at most"),
            Some(_) => String::new(),
        };
        rows.push([
            one.source.to_string(),
            one.documents.to_string(),
            size(one.bytes),
            time(one.asked_ms).unwrap_or_else(|| "never".to_owned()),
            time(one.changed_ms).unwrap_or_else(|| "never".to_owned()),
            stands,
        ]);
    }
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (number, (width, cell)) in widths.iter().zip(row).enumerate() {
            let is_number = number == 1 || number == 2;
            // Memory takes whatever is written.
            let _ = if is_number {
                write!(line, "{cell:>width$}  ")
            } else {
                write!(line, "{cell:<width$}  ")
            };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    for one in all {
        if let Some(error) = &one.error {
            let _ = writeln!(text, "\n{}: {error}", one.source);
        }
    }
    text
}

/// A size in the largest unit of which there is one at least.
fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    let fitting = UNITS.iter().find(|(_, one)| bytes >= *one);
    fitting.map_or_else(
        || format!("{bytes} B"),
        |(unit, one)| format!("{}.{} {unit}", bytes / one, bytes % one * 10 / one),
    )
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn a_size_has_the_unit_that_fits() {
        let sizes = [0, 999, 1_000, 1_234_567, 2_990_000_000].map(size);
        assert_eq!(sizes, ["0 B", "999 B", "1.0 kB", "1.2 MB", "2.9 GB"]);
    }
}
