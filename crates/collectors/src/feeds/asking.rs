//! Asking a feed over and over until it answers: conditional requests, redirects, waiting, and
//! archives that go on where they broke off (RFC 9110).
//!
//! Refuses to ask faster than a service allows, to follow from TLS to where there is none, to take
//! a key to another host, and to wait longer than [`FEED_WAIT_SECONDS`].

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::bounded::{
    FEED_ARCHIVE_BYTES, FEED_DOCUMENT_BYTES, FEED_PAGE_BYTES, FEED_REDIRECTS, FEED_TRIES,
    FEED_WAIT_SECONDS,
};
use flate2::read::MultiGzDecoder;
use jiff::fmt::rfc2822;
use serde::{Deserialize, Serialize};

use super::mirror::{self, Mirror, Validators, failed};
use super::{FeedError, Settings, World};
use crate::outward::fetch::{Answer, Asked, Way, open};
use crate::outward::{OutwardError, Place, Reach, Scheme};

/// How long a page or a document may take, and an archive.
const PAGE: Duration = Duration::from_mins(5);
const ARCHIVE: Duration = Duration::from_hours(6);
/// How long nothing may come. The API of the NVD takes a minute now and then.
const SILENCE: Duration = Duration::from_secs(90);
/// The first wait after something failed, which doubles each time, and the longest.
const FIRST_WAIT_MS: u64 = 2_000;
const LONGEST_WAIT_MS: u64 = 120_000;
/// After how long an archive that is not whole is given up.
const GIVEN_UP_MS: i64 = 7 * 24 * 3_600_000;
/// How often an archive may break off and bring something each time.
const PIECES: usize = 100;
/// How much of what is said with a failure is told, in bytes.
const SAID: u64 = 300;

/// The clock, how it is waited, and chance: whoever tests has others.
pub trait Pace {
    /// Milliseconds since 1970.
    fn now_ms(&self) -> i64;
    /// Waits.
    fn wait(&self, time: Duration);
    /// A number that nobody foresees, so that many who failed at once don't come back at once.
    fn chance(&self) -> u64;
}

/// Who is told how far fetching is.
pub trait Watch {
    /// What is done now.
    fn says(&self, what: &str);
    /// Something of so many bytes begins, of which some may be there; its length may be unknown.
    fn begins(&self, there: u64, whole: Option<u64>);
    /// So many bytes came.
    fn came(&self, bytes: u64);
    /// It is waited, because of something that failed.
    fn waits(&self, why: &FeedError, time: Duration);
}

/// A watch that does not care.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn says(&self, _what: &str) {}
    fn begins(&self, _there: u64, _whole: Option<u64>) {}
    fn came(&self, _bytes: u64) {}
    fn waits(&self, _why: &FeedError, _time: Duration) {}
}

/// What is asked for.
pub(super) struct Wanted<'a> {
    pub(super) url: String,
    /// A field that only the host that is named may see.
    pub(super) secret: Option<(&'static str, &'a str)>,
    pub(super) most: u64,
    pub(super) within: Duration,
    /// How long after the request before, in milliseconds.
    pub(super) pause_ms: i64,
    /// Whether 403 means that it was asked too fast.
    pub(super) is_slowed_by_403: bool,
}

impl Wanted<'_> {
    /// A page or a list.
    pub(super) fn page(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            secret: None,
            most: FEED_PAGE_BYTES,
            within: PAGE,
            pause_ms: 0,
            is_slowed_by_403: false,
        }
    }

    /// A single document.
    pub(super) fn document(url: &str) -> Self {
        Self { most: FEED_DOCUMENT_BYTES, ..Self::page(url) }
    }

    /// An archive.
    pub(super) fn archive(url: &str) -> Self {
        Self { most: FEED_ARCHIVE_BYTES, within: ARCHIVE, ..Self::page(url) }
    }
}

/// A page that was asked for.
pub(super) enum Page {
    /// It is as it was.
    Unchanged,
    /// It is this.
    Fresh(Vec<u8>, Validators),
}

/// What is known of an archive that is not whole yet.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Begun {
    url: String,
    validators: Validators,
    whole: Option<u64>,
    /// When it was begun, in milliseconds since 1970.
    began_ms: i64,
}

pub(super) struct Asker<'a> {
    settings: &'a Settings,
    world: World<'a>,
    mirror: &'a Mirror,
    /// When the last request was made.
    last_ms: Cell<Option<i64>>,
    /// Why the proxy lets nobody through, where it has said so: it is not asked again.
    turned_away: Cell<Option<&'static str>>,
}

impl FeedError {
    /// Whether it may go well in a while.
    fn passes(&self, wanted: &Wanted<'_>) -> bool {
        match self {
            Self::Cut { .. } | Self::Asking { source: OutwardError::Unknown { .. }, .. } => true,
            Self::Asking { source: OutwardError::Failed { cause, .. }, .. } => {
                !matches!(cause.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput)
            }
            Self::Status { status: 403, .. } => wanted.is_slowed_by_403,
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500 | 502..=504),
            _ => false,
        }
    }

    /// Whether it is of the way to a document, and not of the document.
    pub(super) fn is_of_the_way(&self) -> bool {
        match self {
            Self::Cut { .. } | Self::Asking { .. } => true,
            Self::Status { status, .. } => !matches!(status, 404 | 410),
            _ => false,
        }
    }

    /// Whether a proxy lets nobody through: then it was asked once, for all sources.
    #[must_use]
    pub fn is_of_the_proxy(&self) -> bool {
        matches!(self, Self::Asking { source: OutwardError::SignIn { .. }, .. })
    }

    /// Whether there is nothing of that name.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Status { status: 404 | 410, .. })
    }
}

impl<'a> Asker<'a> {
    pub(super) fn new(settings: &'a Settings, world: World<'a>, mirror: &'a Mirror) -> Self {
        Self { settings, world, mirror, last_ms: Cell::new(None), turned_away: Cell::new(None) }
    }

    pub(super) fn mirror(&self) -> &'a Mirror {
        self.mirror
    }

    pub(super) fn settings(&self) -> &'a Settings {
        self.settings
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.world.pace.now_ms()
    }

    pub(super) fn says(&self, what: &str) {
        self.world.watch.says(what);
    }

    /// A page, whole; nothing of it where it is as `known` says.
    pub(super) fn page(
        &self,
        wanted: &Wanted<'_>,
        known: Option<&Validators>,
    ) -> Result<Page, FeedError> {
        self.again_and_again(wanted, &Cell::new(false), || {
            let mut fields = conditions(known);
            fields.push(("accept-encoding", "gzip".to_owned()));
            let mut answer = self.once(wanted, &fields)?;
            match answer.status {
                200 => {
                    let bytes = self.whole(wanted, &mut answer)?;
                    Ok(Page::Fresh(bytes, validators(&answer)))
                }
                304 if known.is_some() => Ok(Page::Unchanged),
                _ => Err(refused(wanted, answer, self.now_ms())),
            }
        })
    }

    /// A page that is wanted in any case.
    pub(super) fn bytes(&self, wanted: &Wanted<'_>) -> Result<Vec<u8>, FeedError> {
        match self.page(wanted, None)? {
            Page::Fresh(bytes, _) => Ok(bytes),
            Page::Unchanged => unreachable!("invariant: nothing was known that could be as it was"),
        }
    }

    /// The body of an answer, unpacked where it was packed for the way.
    fn whole(&self, wanted: &Wanted<'_>, answer: &mut Answer) -> Result<Vec<u8>, FeedError> {
        let coding = answer.field("content-encoding").unwrap_or("identity").to_ascii_lowercase();
        self.world.watch.begins(0, answer.body.left());
        let mut bytes = Vec::new();
        let most = wanted.most;
        let mut counted = Counted { body: &mut answer.body, world: self.world };
        let read = match &*coding {
            "identity" | "" => counted.read_to_end(&mut bytes),
            "gzip" | "x-gzip" => {
                MultiGzDecoder::new(&mut counted).take(most + 1).read_to_end(&mut bytes)
            }
            other => {
                let why = format!("it is packed by `{}`", domain::bounded::quote(other));
                Err(io::Error::new(ErrorKind::InvalidData, why))
            }
        };
        let cut = |cause| FeedError::Cut { url: wanted.url.clone(), cause };
        read.map_err(cut)?;
        if bytes.len() as u64 > most {
            return Err(FeedError::Content {
                name: wanted.url.clone(),
                expected: "a page within its limit",
                found: format!("more than {most} bytes"),
            });
        }
        Ok(bytes)
    }

    /// An archive, into a file that is not in its place yet, whole as far as its length tells. What
    /// is there of it already is not fetched again, where the server has the same still.
    pub(super) fn archive(&self, wanted: &Wanted<'_>) -> Result<PathBuf, FeedError> {
        let name = mirror::file_name(&wanted.url);
        let part = self.mirror.part(&format!("{name}.part"));
        let notes = self.mirror.part(&format!("{name}.note"));
        let progressed = Cell::new(false);
        self.again_and_again(wanted, &progressed, || {
            let (there, begun) = begun(&part, &notes, &wanted.url);
            if begun.whole.is_some_and(|whole| whole == there) {
                return Ok(part.clone());
            }
            let mut fields = going_on(there, &begun.validators);
            fields.push(("accept-encoding", "identity".to_owned()));
            let mut answer = self.once(wanted, &fields)?;
            let goes_on = answer.status == 206 && continues(&answer, there, &begun);
            match answer.status {
                200 => {}
                206 if goes_on => {}
                // The server has another now, or fewer bytes than are there.
                206 | 416 => {
                    remove(&part)?;
                    return Err(FeedError::Cut {
                        url: wanted.url.clone(),
                        cause: io::Error::other("what is there of it belongs to another"),
                    });
                }
                _ => return Err(refused(wanted, answer, self.now_ms())),
            }
            let begun =
                if goes_on { begun } else { self.begins_anew(wanted, &answer, (&part, &notes))? };
            let from = if goes_on { there } else { 0 };
            self.append(wanted, &mut answer, (&part, from, begun.whole), &progressed)?;
            Ok(part.clone())
        })
    }

    fn begins_anew(
        &self,
        wanted: &Wanted<'_>,
        answer: &Answer,
        (part, notes): (&Path, &Path),
    ) -> Result<Begun, FeedError> {
        // The note goes first: a part without a note is begun anew.
        remove(notes)?;
        File::create(part).map_err(failed("write", part))?;
        let begun = Begun {
            url: wanted.url.clone(),
            validators: validators(answer),
            whole: answer.body.left(),
            began_ms: self.now_ms(),
        };
        let text = serde_json::to_vec(&begun).expect("invariant: a note is plain data");
        mirror::write(notes, &text)?;
        Ok(begun)
    }

    /// Begins with a source: what others were asked for does not count, and what is left of
    /// archives is looked through.
    pub(super) fn begins(&self) -> Result<(), FeedError> {
        self.last_ms.set(None);
        self.tidy()
    }

    /// Removes archives that were begun long ago and are not whole yet: what they are of has
    /// another name by now.
    fn tidy(&self) -> Result<(), FeedError> {
        let parts = self.mirror.part("");
        for entry in fs::read_dir(&parts).map_err(failed("read", &parts))? {
            let notes = entry.map_err(failed("read", &parts))?.path();
            if notes.extension().is_none_or(|extension| extension != "note") {
                continue;
            }
            let read = fs::read(&notes).map_err(failed("read", &notes))?;
            let began_ms = serde_json::from_slice(&read).map_or(0, |begun: Begun| begun.began_ms);
            if self.now_ms() - began_ms > GIVEN_UP_MS {
                remove(&notes.with_extension("part"))?;
                remove(&notes)?;
            }
        }
        Ok(())
    }

    /// Forgets an archive that was fetched.
    pub(super) fn forget(&self, url: &str) -> Result<(), FeedError> {
        let name = mirror::file_name(url);
        remove(&self.mirror.part(&format!("{name}.part")))?;
        remove(&self.mirror.part(&format!("{name}.note")))
    }

    fn append(
        &self,
        wanted: &Wanted<'_>,
        answer: &mut Answer,
        (part, from, whole): (&Path, u64, Option<u64>),
        progressed: &Cell<bool>,
    ) -> Result<(), FeedError> {
        let mut file = File::options().append(true).open(part).map_err(failed("write", part))?;
        self.world.watch.begins(from, whole);
        let mut some = vec![0; 64 << 10];
        let mut there = from;
        loop {
            let cut = |cause| FeedError::Cut { url: wanted.url.clone(), cause };
            let count = match answer.body.read(&mut some) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                other => other.map_err(cut)?,
            };
            if count == 0 {
                break;
            }
            there += count as u64;
            if there > wanted.most {
                remove(part)?;
                return Err(FeedError::Content {
                    name: wanted.url.clone(),
                    expected: "an archive within its limit",
                    found: format!("more than {} bytes", wanted.most),
                });
            }
            file.write_all(some.get(..count).unwrap_or_default()).map_err(failed("write", part))?;
            self.world.watch.came(count as u64);
            progressed.set(true);
        }
        file.sync_all().map_err(failed("write", part))?;
        match whole {
            Some(whole) if whole != there => {
                let why = format!("{there} of {whole} bytes came");
                Err(FeedError::Cut { url: wanted.url.clone(), cause: io::Error::other(why) })
            }
            _ => Ok(()),
        }
    }

    /// Tries until it goes well, fails for good, or has failed too often without anything coming.
    fn again_and_again<T>(
        &self,
        wanted: &Wanted<'_>,
        progressed: &Cell<bool>,
        mut attempt: impl FnMut() -> Result<T, FeedError>,
    ) -> Result<T, FeedError> {
        let mut tries = 0;
        let mut pieces = 0;
        loop {
            self.keep_pace(wanted);
            let error = match attempt() {
                Err(error) if error.passes(wanted) => error,
                other => return other,
            };
            if progressed.replace(false) && pieces < PIECES {
                tries = 0;
                pieces += 1;
            }
            tries += 1;
            let asked = match &error {
                FeedError::Status { retry_after, .. } => *retry_after,
                _ => None,
            };
            if tries >= FEED_TRIES || asked.is_some_and(|seconds| seconds > FEED_WAIT_SECONDS) {
                return Err(error);
            }
            let time = self.wait_for(tries, asked);
            self.world.watch.waits(&error, time);
            self.world.pace.wait(time);
        }
    }

    /// How long to wait: as long as was asked for and up to a second more, or, where nothing was, a
    /// time that doubles, and of it at least half.
    fn wait_for(&self, tries: u32, asked: Option<u64>) -> Duration {
        let chance = self.world.pace.chance();
        let waits_ms = match asked {
            Some(seconds) => seconds * 1_000 + chance % 1_000,
            None => {
                let doubled = FIRST_WAIT_MS.saturating_mul(1 << (tries - 1).min(16));
                let longest = doubled.min(LONGEST_WAIT_MS);
                longest / 2 + chance % (longest / 2 + 1)
            }
        };
        Duration::from_millis(waits_ms)
    }

    /// Waits until the service may be asked again.
    fn keep_pace(&self, wanted: &Wanted<'_>) {
        let now_ms = self.now_ms();
        let left_ms = self.last_ms.get().map_or(0, |last| wanted.pause_ms - (now_ms - last).max(0));
        if let Some(left_ms) = u64::try_from(left_ms).ok().filter(|left| *left > 0) {
            self.world.pace.wait(Duration::from_millis(left_ms));
        }
        self.last_ms.set(Some(self.now_ms()));
    }

    /// Asks, where the proxy that is on the way has turned nobody away.
    fn opened(
        &self,
        request: &Asked<'_>,
        way: Way<'_>,
        reach: &Reach,
    ) -> Result<Answer, OutwardError> {
        let proxy = way.proxy.filter(|_| request.place.scheme() == Scheme::Https);
        if let Some((why, proxy)) = self.turned_away.get().zip(proxy) {
            return Err(OutwardError::SignIn { proxy: proxy.place.to_string(), why });
        }
        let opened = open(request, way, (reach, self.world.resolver));
        if let Err(OutwardError::SignIn { why, .. }) = opened {
            self.turned_away.set(Some(why));
        }
        opened
    }

    /// Asks once, and goes where the answer points to.
    fn once(&self, wanted: &Wanted<'_>, fields: &[(&str, String)]) -> Result<Answer, FeedError> {
        let mut url = wanted.url.clone();
        let mut first = None;
        for _ in 0..=FEED_REDIRECTS {
            let asked = self.settings.instead(&url);
            let asking = |source| FeedError::Asking { url: asked.clone(), source };
            let place: Place = asked.parse().map_err(asking)?;
            let reach = match place.scheme() {
                Scheme::Https => self.settings.reach.clone(),
                Scheme::Http => self.settings.reach.named_only(),
                _ => return Err(elsewhere(&asked, "that is no HTTP")),
            };
            let host = (place.scheme(), place.authority());
            let is_first = *first.get_or_insert_with(|| host.clone()) == host;
            let secret = wanted.secret.filter(|_| is_first);
            let mut sent: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            sent.extend(secret);
            let way = Way { silence: SILENCE, proxy: self.settings.proxy.as_ref() };
            let request = Asked {
                place: &place,
                authority: &self.settings.authority,
                fields: &sent,
                body: None,
                most: usize::try_from(wanted.most).unwrap_or(usize::MAX),
                within: wanted.within,
            };
            let answer = self.opened(&request, way, &reach).map_err(asking)?;
            if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(answer);
            }
            let location = answer.field("location").unwrap_or_default();
            let next = joined(&place, location).ok_or_else(|| elsewhere(&asked, "to nowhere"))?;
            if place.scheme() == Scheme::Https && !next.starts_with("https://") {
                return Err(elsewhere(&asked, "to where there is no TLS"));
            }
            url = next;
        }
        Err(elsewhere(&wanted.url, &format!("more than {FEED_REDIRECTS} times")))
    }
}

/// What is read of a body, told to whoever looks on.
struct Counted<'a, R> {
    body: &'a mut R,
    world: World<'a>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        self.world.watch.came(count as u64);
        Ok(count)
    }
}

fn elsewhere(url: &str, why: &str) -> FeedError {
    FeedError::Elsewhere { url: url.to_owned(), why: why.to_owned() }
}

/// Where an answer points to (RFC 3986, section 5.2, as far as servers use it).
pub(super) fn joined(place: &Place, location: &str) -> Option<String> {
    let location = location.split('#').next().unwrap_or_default();
    let origin = format!("{}://{}", place.scheme().text(), place.authority());
    match location {
        "" => None,
        whole if whole.contains("://") => Some(whole.to_owned()),
        host if host.starts_with("//") => Some(format!("{}:{host}", place.scheme().text())),
        path if path.starts_with('/') => Some(format!("{origin}{path}")),
        name => {
            let path = place.path().split('?').next().unwrap_or_default();
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            Some(format!("{origin}{folder}/{name}"))
        }
    }
}

/// What makes a server say that nothing is new (RFC 9110, section 13.1).
fn conditions(known: Option<&Validators>) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    if let Some(known) = known {
        fields.extend(known.etag.clone().map(|etag| ("if-none-match", etag)));
        fields.extend(known.modified.clone().map(|time| ("if-modified-since", time)));
    }
    fields
}

/// What makes a server send the rest of what it sent before, or all of something else (RFC 9110,
/// sections 13.1.5 and 14.2).
fn going_on(there: u64, known: &Validators) -> Vec<(&'static str, String)> {
    if there == 0 {
        return Vec::new();
    }
    let same = strong(known);
    let mut fields = vec![("range", format!("bytes={there}-"))];
    fields.extend(same.map(|same| ("if-range", same.to_owned())));
    fields
}

/// What tells one version from another byte by byte; a weak etag does not.
fn strong(known: &Validators) -> Option<&str> {
    let etag = known.etag.as_deref().filter(|etag| !etag.starts_with("W/"));
    etag.or(known.modified.as_deref())
}

fn validators(answer: &Answer) -> Validators {
    let field = |name: &str| answer.field(name).map(str::to_owned);
    Validators { etag: field("etag"), modified: field("last-modified") }
}

/// How much of an archive is there, where it can be gone on with.
fn begun(part: &Path, notes: &Path, url: &str) -> (u64, Begun) {
    let read = || -> Option<(u64, Begun)> {
        let begun: Begun = serde_json::from_slice(&fs::read(notes).ok()?).ok()?;
        let there = fs::metadata(part).ok()?.len();
        (begun.url == url && strong(&begun.validators).is_some()).then_some((there, begun))
    };
    read().unwrap_or_default()
}

/// Whether a part of something is the next of what was begun: from the right byte on, of as many
/// bytes, and of the same version. Not every server does as `If-Range` says.
fn continues(answer: &Answer, there: u64, begun: &Begun) -> bool {
    let read = || -> Option<(u64, Option<u64>)> {
        let range = answer.field("content-range")?.strip_prefix("bytes ")?;
        let (range, of) = range.split_once('/')?;
        Some((range.split_once('-')?.0.parse().ok()?, of.parse().ok()))
    };
    let Some((from, of)) = read() else { return false };
    let is_of_same = of.is_none() || begun.whole.is_none() || of == begun.whole;
    let etag = answer.field("etag");
    let is_same = etag.is_none_or(|etag| begun.validators.etag.as_deref() == Some(etag));
    from == there && is_of_same && is_same
}

pub(super) fn remove(path: &Path) -> Result<(), FeedError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Why an answer is none, with what was said of it: in a field (NVD) or in its body.
fn refused(wanted: &Wanted<'_>, mut answer: Answer, now_ms: i64) -> FeedError {
    let mut text = answer.field("message").unwrap_or_default().to_owned();
    let is_text = answer.field("content-type").is_some_and(|kind| kind.starts_with("text/plain"));
    if text.is_empty() && is_text {
        let mut bytes = Vec::new();
        // What is said with a failure is for people to look at; that it ends early changes nothing.
        let _ = (&mut answer.body).take(SAID).read_to_end(&mut bytes);
        text = String::from_utf8_lossy(&bytes).into_owned();
    }
    let text = domain::bounded::quote(text.trim());
    FeedError::Status {
        url: wanted.url.clone(),
        status: answer.status,
        said: if text.is_empty() { text } else { format!(": {text}") },
        retry_after: answer.field("retry-after").and_then(|text| seconds(text, now_ms)),
    }
}

/// After how many seconds to come again: a number, or a time (RFC 9110, section 10.2.3).
pub(super) fn seconds(text: &str, now_ms: i64) -> Option<u64> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let time = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        u64::try_from((time.as_millisecond() - now_ms).max(0) / 1_000 + 1).ok()
    })
}
