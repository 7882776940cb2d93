//! Signing in by a provider of identities, by the whole program: as it should be, and by a provider
//! that lies, is slow, or says too much.

#![expect(clippy::indexing_slicing, reason = "a test that fails by a panic says why")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use presentation::sign_in::oidc::{KEYS_MS, Refusal};
use serde_json::{Value, json};
use store::Place;
use store::audit;
use store::database::Database;
use store::people;
use testkit::http::{Answer, Client};
use testkit::provider::{CLIENT, Conduct, Manner, Provider, SECRET, Signed};
use testkit::served::PASSWORD;

/// How long the program may take to begin.
const PATIENCE: Duration = Duration::from_mins(1);

/// A program over a store of its own, the provider that it asks, and its first administrator.
struct House {
    folder: tempfile::TempDir,
    program: Child,
    address: String,
    provider: Provider,
    anna: Client,
    form: String,
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Where the log says something, what stands behind it.
fn told(log: &PathBuf, before: &str) -> String {
    let began = Instant::now();
    loop {
        let text = fs::read_to_string(log).unwrap_or_default();
        let found = text.lines().find_map(|line| line.split_once(before));
        if let Some((_, rest)) = found {
            return rest.trim().trim_end_matches('/').to_owned();
        }
        assert!(began.elapsed() < PATIENCE, "{text}");
        thread::sleep(Duration::from_millis(20));
    }
}

impl House {
    fn new(reach: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        let file = fs::File::create(&log).expect("a log");
        let program = Command::new(env!("CARGO_BIN_EXE_asepsis"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(reach)
            .env("ASEPSIS_STORE", folder.path().join("asepsis.db"))
            .stdout(file.try_clone().expect("the same"))
            .stderr(file)
            .stdin(Stdio::null())
            .spawn()
            .expect("it starts");
        let address = told(&log, "answers at ");
        let code = told(&log, "for a day: ");
        let (anna, form) = Client::new(&address).first_administrator(&code, PASSWORD);
        let provider = Provider::start();
        let house = Self { folder, program, address, provider, anna, form };
        let secret = house.folder.path().join("secret");
        fs::write(&secret, SECRET).expect("written");
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("set");
        house.set(&[]);
        house
    }

    /// Ask what is on this machine, too.
    fn here() -> Self {
        Self::new(&["--sign-in-may-reach", "127.0.0.0/8"])
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_asepsis"))
            .args(arguments)
            .env("ASEPSIS_STORE", self.folder.path().join("asepsis.db"))
            .env("ASEPSIS_SIGN_IN_MAY_REACH", "127.0.0.0/8")
            .output()
            .expect("it starts")
    }

    fn said(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }

    /// Asks the provider from now on, with nothing known of it.
    fn set(&self, more: &[&str]) {
        let secret = self.folder.path().join("secret").display().to_string();
        let issuer = self.provider.issuer();
        let mut arguments = vec!["sign-in", "set", issuer, "--client", CLIENT];
        arguments.extend(["--secret-file", &secret, "--console", &self.address]);
        arguments.extend(more);
        self.said(&arguments);
    }

    /// Begins to come in: with the cookie of that, and where the browser is sent.
    fn begin(&self) -> (Client, String) {
        let answer = Client::new(&self.address).get("/sign-in/provider?next=%2Fdevices%3Fq%3Da");
        assert_eq!(answer.status, 303, "{}", answer.text());
        let to = answer.header("location").to_owned();
        (with_cookies(&Client::new(&self.address), &answer), to)
    }

    /// Goes all the way.
    fn come(&self) -> Answer {
        let (browser, to) = self.begin();
        let (code, state) = self.provider.sign_in(&to);
        browser.get(&format!("/sign-in/provider/back?code={code}&state={state}"))
    }

    fn entries(&self) -> Vec<audit::Entry> {
        let place = Place::File(self.folder.path().join("asepsis.db"));
        let database = Database::open(&place).expect("a store");
        let entries = database.read("test", |t| audit::last(t, i64::MAX, 1_000)).expect("read");
        entries.into_iter().map(|(_, entry)| entry).collect()
    }

    /// Why somebody was last not let in, as the chain has it.
    fn why(&self) -> String {
        let entries = self.entries();
        let last = entries.iter().find(|entry| entry.action == "sign-in.refuse").expect("one");
        let detail: Value = serde_json::from_str(&last.detail).expect("JSON");
        detail["why"].as_str().unwrap_or_default().to_owned()
    }

    fn person(&self, name: &str) -> Option<people::Person> {
        let place = Place::File(self.folder.path().join("asepsis.db"));
        let database = Database::open(&place).expect("a store");
        database.read("test", |t| people::by_name(t, name)).expect("read")
    }
}

fn with_cookies(client: &Client, answer: &Answer) -> Client {
    let cookies = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
    let cookies = cookies.filter_map(|(_, value)| value.split(';').next());
    client.clone().with("cookie", &cookies.collect::<Vec<_>>().join("; "))
}

/// That nobody was let in, for that reason, and that the page says it.
fn refused(answer: &Answer, why: Refusal) {
    let text = answer.text();
    assert!((400..=599).contains(&answer.status), "{}: {text}", answer.status);
    let plain = text.replace("&#39;", "'").replace("&#x27;", "'");
    assert!(plain.contains(why.text()), "{}: {text}", why.code());
    let cookies = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
    for (_, cookie) in cookies {
        assert!(cookie.starts_with("asepsis-provider=;"), "only taken away: {cookie}");
    }
}

/// The place where a page offers to sign out at the provider, taken apart: address and query.
fn leaves(answer: &Answer) -> (String, String) {
    let text = answer.text();
    let rest = text.split_once("id=\"provider\" href=\"").map(|(_, rest)| rest.to_owned());
    let rest = rest.unwrap_or_else(|| unreachable!("no such offer: {text}"));
    let address = rest.split('"').next().unwrap_or_default().replace("&#38;", "&");
    let address = address.replace("&amp;", "&");
    let (place, query) = address.split_once('?').expect("a query");
    (place.to_owned(), query.to_owned())
}

#[test]
fn whoever_signs_out_is_offered_to_do_so_at_the_provider_too() {
    let house = House::here();
    let issuer = house.provider.issuer().to_owned();
    let out = |answer: &Answer| {
        let person = with_cookies(&Client::new(&house.address), answer);
        let page = person.get("/sign-in/waiting").text();
        let (_, form) = page.split_once("name=\"form\" value=\"").expect("a form");
        let form = form.split('"').next().unwrap_or_default();
        let answer = person.form("/sign-out", &[("form", form)]);
        let after = person.get("/sign-in/waiting");
        assert_eq!(after.header("location"), "/sign-in?next=%2Fsign-in%2Fwaiting", "it has ended");
        answer
    };
    // It names no such place.
    let answer = out(&house.come());
    assert_eq!((answer.status, answer.header("location")), (303, "/sign-in"));
    // Nobody is led where anybody between may read along.
    let named = |place: &str| {
        let metadata = json!({ "end_session_endpoint": place });
        house.provider.conduct(Conduct { metadata, ..Conduct::default() });
        house.set(&[]);
    };
    named("http://elsewhere.example/end");
    assert_eq!(out(&house.come()).status, 303);
    named(&format!("{issuer}/end?tenant=1"));
    let answer = out(&house.come());
    assert_eq!(answer.status, 200, "{}", answer.text());
    let (place, query) = leaves(&answer);
    assert_eq!(place, format!("{issuer}/end"));
    let fields: Vec<(&str, &str)> =
        query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let field = |name: &str| fields.iter().find(|(own, _)| *own == name).map(|(_, value)| *value);
    assert_eq!(field("tenant"), Some("1"));
    assert_eq!(field("client_id"), Some(CLIENT));
    let console = house.address.replace(':', "%3A").replace('/', "%2F");
    assert_eq!(field("post_logout_redirect_uri"), Some(format!("{console}%2Fsign-in").as_str()));
    let token = field("id_token_hint").expect("the token by which she came");
    assert_eq!(token.split('.').count(), 3, "{token}");
    // Whoever has a password here is led nowhere.
    let anna = house.anna.form("/sign-out", &[("form", house.form.as_str())]);
    assert_eq!((anna.status, anna.header("location")), (303, "/sign-in"));
}

#[test]
fn whoever_is_new_sees_one_page_until_an_administrator_says_what_they_are_there_for() {
    let house = House::here();
    let answer = house.come();
    assert_eq!((answer.status, answer.header("location")), (303, "/sign-in/waiting"));
    let berta = with_cookies(&Client::new(&house.address), &answer);
    for path in ["/", "/devices", "/orders", "/people", "/account", "/settings/sign-in"] {
        let answer = berta.get(path);
        assert_eq!((answer.status, answer.header("location")), (303, "/sign-in/waiting"), "{path}");
    }
    assert_eq!(berta.get("/api/v1/devices").status, 403);
    assert!(
        berta.get("/sign-in/waiting").text().contains("<bdi>Berta Blum</bdi>, nobody has said yet")
    );

    let person = house.person("berta").expect("she is known");
    let fields = [("form", house.form.as_str()), ("clinical", "1")];
    let given = house.anna.form(&format!("/people/{}/duties", person.id.0), &fields);
    assert_eq!(given.status, 303, "{}", given.text());
    assert_eq!(berta.get("/devices").status, 200, "it counts at once");

    // Again, and elsewhere: the same person, led to where she wanted to go, by another session.
    let again = house.come();
    assert_eq!((again.status, again.header("location")), (303, "/devices?q=a"));
    assert!(house.person("berta").is_some_and(|again| again.id == person.id));
    let actions: Vec<String> = house.entries().into_iter().map(|entry| entry.action).collect();
    for action in ["provider.set", "person.link", "person.add", "sign-in.provider"] {
        assert!(actions.iter().any(|own| own == action), "{action}: {actions:?}");
    }

    // Whoever is let in no more is out at once, and does not come back by the provider's word.
    house.said(&["people", "disable", "berta"]);
    assert_eq!(berta.get("/devices").status, 303, "her session has ended");
    refused(&house.come(), Refusal::Disabled);
    assert_eq!(house.why(), "oidc.disabled");
    house.said(&["people", "enable", "berta"]);
    assert_eq!(house.come().status, 303);

    house.said(&["sign-in", "unlink", "berta"]);
    assert_eq!(house.come().header("location"), "/sign-in/waiting", "somebody else, who is new");
    house.said(&["sign-in", "remove"]);
    assert_eq!(Client::new(&house.address).get("/sign-in/provider").status, 404);
}

#[test]
fn a_claim_gives_duties_and_takes_them_away_at_each_sign_in() {
    let house = House::here();
    house.set(&["--scope", "groups", "--claim", "groups", "--give", "icu=clinical"]);
    let in_groups = |groups: Value| {
        let claims = json!({ "groups": groups });
        house.provider.conduct(Conduct { claims, ..Conduct::default() });
        house.come()
    };
    refused(&in_groups(json!(["kitchen"])), Refusal::NoDuty);
    refused(&in_groups(json!([])), Refusal::NoDuty);
    refused(&in_groups(json!(["ICU", "icu2", "icu=clinical"])), Refusal::NoDuty);
    assert!(house.person("berta").is_none(), "nobody was added");
    let answer = in_groups(json!(["kitchen", "icu"]));
    assert_eq!(answer.header("location"), "/devices?q=a");
    let berta = with_cookies(&Client::new(&house.address), &answer);
    let duties = || house.person("berta").map(|own| format!("{:?}", own.duties));
    assert_eq!(duties().as_deref(), Some("{Acts(Clinical)}"));
    // Another group, another duty, also in the session that was there.
    house.set(&["--claim", "groups", "--give", "icu=clinical", "--give", "buyers=reader"]);
    assert_eq!(in_groups(json!("buyers")).header("location"), "/devices?q=a");
    assert_eq!(duties().as_deref(), Some("{Reads}"));
    assert_eq!(berta.get("/devices").status, 200, "she reads");
    assert_eq!(in_groups(json!([])).header("location"), "/sign-in/waiting");
    assert_eq!(berta.get("/devices").header("location"), "/sign-in/waiting");

    // Whoever is the last that may administer stays so, whatever the provider says.
    house.said(&["sign-in", "link", "anna", "subject-2"]);
    let claims = json!({ "sub": "subject-2", "groups": ["icu"] });
    house.provider.conduct(Conduct { claims, ..Conduct::default() });
    assert_eq!(house.come().status, 303);
    let anna = house.person("anna").expect("anna");
    assert_eq!(format!("{:?}", anna.duties), "{Acts(Clinical), Administers}");
}

#[test]
fn a_token_that_is_wrong_in_one_thing_lets_nobody_in() {
    let house = House::here();
    let now = jiff::Timestamp::now().as_second();
    let claims = |claims: Value| Conduct { claims, ..Conduct::default() };
    let header = |header: Value| Conduct { header, ..Conduct::default() };
    let signed = |signed| Conduct { signed, ..Conduct::default() };
    let wrongs = [
        (claims(json!({ "iss": "https://elsewhere.example" })), Refusal::Issuer),
        (claims(json!({ "iss": null })), Refusal::Issuer),
        (claims(json!({ "aud": "another" })), Refusal::Audience),
        (claims(json!({ "aud": [] })), Refusal::Audience),
        (claims(json!({ "aud": [CLIENT, "another"] })), Refusal::Audience),
        (claims(json!({ "azp": "another" })), Refusal::Audience),
        (claims(json!({ "nonce": "another" })), Refusal::Nonce),
        (claims(json!({ "nonce": null })), Refusal::Nonce),
        (claims(json!({ "exp": now - 300 })), Refusal::Expired),
        (claims(json!({ "exp": null })), Refusal::Expired),
        (claims(json!({ "exp": "never" })), Refusal::Expired),
        (claims(json!({ "iat": now - 3_600 })), Refusal::Expired),
        (claims(json!({ "iat": now + 3_600 })), Refusal::Expired),
        (claims(json!({ "nbf": now + 3_600 })), Refusal::Expired),
        (claims(json!({ "sub": "" })), Refusal::Subject),
        (claims(json!({ "sub": 7 })), Refusal::Subject),
        (header(json!({ "crit": ["exp"] })), Refusal::Algorithm),
        (header(json!({ "alg": "RS256" })), Refusal::Key),
        (header(json!({ "alg": "es256" })), Refusal::Algorithm),
        (header(json!({ "typ": "at+jwt" })), Refusal::Token),
        (signed(Signed::NotAtAll), Refusal::Algorithm),
        (signed(Signed::ByThePublicKey), Refusal::Algorithm),
        (signed(Signed::ByAnother), Refusal::Signature),
        (signed(Signed::ByANewKey), Refusal::Key),
    ];
    for (conduct, why) in wrongs {
        house.provider.conduct(conduct.clone());
        let answer = house.come();
        refused(&answer, why);
        assert_eq!(house.why(), why.code(), "{conduct:?}");
    }
    assert!(house.person("berta").is_none(), "nobody has come to be");
    house.provider.conduct(claims(json!({ "aud": [CLIENT, "another"], "azp": CLIENT })));
    assert_eq!(house.come().status, 303);
    no_secret_is_told(&house);
}

/// Neither the log nor the chain nor a page holds what only the program and the provider may know.
fn no_secret_is_told(house: &House) {
    let log = fs::read_to_string(house.folder.path().join("log")).expect("a log");
    let page = house.anna.get("/settings/sign-in").text();
    let chain = format!("{:?}", house.entries());
    let shown = house.said(&["sign-in", "show"]) + &house.said(&["sign-in", "show", "--json"]);
    for told in [&log, &page, &chain, &shown] {
        for secret in [SECRET, "s3cret", "Basic ", "eyJ", "code_verifier"] {
            assert!(!told.contains(secret), "{secret} in {told}");
        }
    }
}

#[test]
fn an_answer_that_belongs_to_no_sign_in_of_this_browser_is_refused_and_asks_nobody() {
    let house = House::here();
    let (browser, to) = house.begin();
    let (other, to_other) = house.begin();
    let (code, state) = house.provider.sign_in(&to);
    let (_, state_other) = house.provider.sign_in(&to_other);
    let _ = house.provider.heard();
    let back =
        |state: &str, more: &str| format!("/sign-in/provider/back?code={code}&state={state}{more}");
    // Without a cookie, with that of another sign-in, with one that was changed, without a state.
    refused(&Client::new(&house.address).get(&back(&state, "")), Refusal::NotAsked);
    refused(&other.get(&back(&state, "")), Refusal::NotAsked);
    refused(&browser.get(&back(&state_other, "")), Refusal::NotAsked);
    refused(&browser.get(&back("", "")), Refusal::NotAsked);
    let forged = Client::new(&house.address).with("cookie", "asepsis-provider=e30.e30");
    refused(&forged.get(&back(&state, "")), Refusal::NotAsked);
    assert_eq!(house.provider.heard(), [""; 0], "nobody was asked");
    // By its word another issuer has answered (RFC 9207).
    refused(&browser.get(&back(&state, "&iss=https://elsewhere.example")), Refusal::Issuer);
    // The sign-in is used up by that.
    refused(&browser.get(&back(&state, "")), Refusal::Used);

    let (browser, to) = house.begin();
    let (code, state) = house.provider.sign_in(&to);
    let back = format!("/sign-in/provider/back?code={code}&state={state}");
    assert_eq!(browser.get(&back).status, 303);
    refused(&browser.get(&back), Refusal::Used);
    // The same code in another sign-in: the provider does not know the verifier that comes with it.
    let (browser, to) = house.begin();
    let (_, state) = house.provider.sign_in(&to);
    refused(
        &browser.get(&format!("/sign-in/provider/back?code={code}&state={state}")),
        Refusal::Code,
    );
    let (browser, to) = house.begin();
    let (_, state) = house.provider.sign_in(&to);
    let denied = format!("/sign-in/provider/back?error=access_denied&state={state}");
    refused(&browser.get(&denied), Refusal::Denied);
    // Nobody is led elsewhere.
    let away = Client::new(&house.address).get("/sign-in/provider?next=https%3A%2F%2Fx.example%2F");
    let (_, state) = house.provider.sign_in(away.header("location"));
    let (code, _) = house.provider.sign_in(away.header("location"));
    let browser = with_cookies(&Client::new(&house.address), &away);
    let came = browser.get(&format!("/sign-in/provider/back?code={code}&state={state}"));
    assert_eq!(came.header("location"), "/sign-in/waiting");
    no_secret_is_told(&house);
}

#[test]
fn a_provider_that_does_not_answer_as_it_should_locks_nobody_out() {
    let house = House::here();
    let metadata = |metadata: Value| Conduct { metadata, ..Conduct::default() };
    let elsewhere = Manner::Elsewhere("http://127.0.0.1:1/".to_owned());
    let text = |text: &str| Manner::Text(200, text.to_owned());
    let plain = Conduct::default;
    let wrongs = [
        (metadata(json!({ "issuer": "https://elsewhere.example" })), Refusal::Metadata, "another"),
        (metadata(json!({ "token_endpoint": null })), Refusal::Metadata, "no token_endpoint"),
        // Where a cloud keeps its machines' secrets, and in plain text to another machine.
        (
            metadata(json!({ "jwks_uri": "https://169.254.169.254/latest" })),
            Refusal::Silent,
            "which nothing is ever sent to",
        ),
        (
            metadata(json!({ "jwks_uri": "http://10.0.0.1/keys" })),
            Refusal::Metadata,
            "not reached over TLS",
        ),
        (metadata(json!({ "jwks_uri": "file:///etc/passwd" })), Refusal::Metadata, "over TLS"),
        (
            metadata(json!({ "code_challenge_methods_supported": ["plain"] })),
            Refusal::Metadata,
            "S256",
        ),
        (Conduct { configuration: elsewhere.clone(), ..plain() }, Refusal::Metadata, "elsewhere"),
        (Conduct { configuration: text("<html>"), ..plain() }, Refusal::Metadata, "no JSON"),
        (Conduct { configuration: Manner::Endless, ..plain() }, Refusal::Silent, "longer than"),
        (Conduct { configuration: Manner::Slow, ..plain() }, Refusal::Silent, "timed out"),
        (Conduct { keys: text("{}"), ..plain() }, Refusal::Metadata, "no set of keys"),
        (Conduct { keys: Manner::Endless, ..plain() }, Refusal::Silent, "longer than"),
        (Conduct { keys: Manner::Text(500, String::new()), ..plain() }, Refusal::Metadata, "500"),
    ];
    for (conduct, why, more) in wrongs {
        // Nothing is known of it.
        house.set(&[]);
        house.provider.conduct(conduct.clone());
        let answer = Client::new(&house.address).get("/sign-in/provider");
        refused(&answer, why);
        let page = house.anna.get("/settings/sign-in").text();
        assert!(page.contains(more), "{conduct:?}: {page}");
        let checked = house.run(&["sign-in", "check"]);
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(checked.status.code() == Some(2) && said.contains(more), "{conduct:?}: {said}");
    }
    let wrongs = [
        (Conduct { token: elsewhere, ..plain() }, Refusal::Code, "302"),
        (Conduct { token: text("<html>"), ..plain() }, Refusal::Token, "there is none"),
        (Conduct { token: text(r#"{"id_token":"a.b.c"}"#), ..plain() }, Refusal::Token, "read"),
        (Conduct { token: Manner::Endless, ..plain() }, Refusal::Silent, "longer than"),
        (Conduct { token: Manner::Slow, ..plain() }, Refusal::Silent, "timed out"),
    ];
    house.provider.conduct(plain());
    house.set(&[]);
    for (conduct, why, more) in wrongs {
        house.provider.conduct(conduct.clone());
        refused(&house.come(), why);
        let page = house.anna.get("/settings/sign-in").text();
        assert!(page.contains(more), "{conduct:?}: {page}");
    }
    // By name and password people come in as ever.
    let fields = [("name", "anna"), ("password", PASSWORD)];
    let answer = Client::new(&house.address).form("/sign-in", &fields);
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    no_secret_is_told(&house);
}

#[test]
fn within_the_own_network_nobody_is_asked_whom_the_command_line_does_not_name() {
    let house = House::new(&[]);
    let answer = Client::new(&house.address).get("/sign-in/provider");
    refused(&answer, Refusal::Silent);
    let fields = [("form", house.form.as_str())];
    let page = house.anna.form("/settings/sign-in", &fields).text();
    assert!(page.contains("allows it with --sign-in-may-reach"), "{page}");
    assert_eq!(house.provider.heard(), [""; 0], "nobody was asked");
}

#[test]
fn a_new_key_is_asked_for_once_a_minute_and_no_more_often() {
    let house = House::here();
    assert_eq!(house.come().status, 303);
    house.provider.conduct(Conduct { signed: Signed::ByANewKey, ..Conduct::default() });
    let _ = house.provider.heard();
    let asked = || house.provider.heard().iter().filter(|path| *path == "/keys").count();
    for _ in 0..3 {
        refused(&house.come(), Refusal::Key);
    }
    assert_eq!(asked(), 0, "they were asked for less than {KEYS_MS} ms ago");
    // Nothing is known of it, and then it changes its key.
    let has_new_key = true;
    house.provider.conduct(Conduct {
        signed: Signed::ByANewKey,
        has_new_key,
        ..Conduct::default()
    });
    house.set(&[]);
    assert_eq!(house.come().status, 303);
    assert_eq!(asked(), 1);
}

#[test]
fn what_needs_somebody_to_be_there_asks_the_provider_anew() {
    let house = House::here();
    house.said(&["sign-in", "link", "anna", "subject-1"]);
    let now = jiff::Timestamp::now().as_second();
    let signed_in =
        |at: Value| Conduct { claims: json!({ "auth_time": at }), ..Conduct::default() };
    // She signed in there in the morning.
    house.provider.conduct(signed_in(json!(now - 20_000)));
    let came = house.come();
    let anna = with_cookies(&Client::new(&house.address), &came);
    let page = anna.get("/people");
    assert_eq!((page.status, page.header("location")), (303, "/confirm?next=%2Fpeople"));
    let text = anna.get("/confirm?next=/people").text();
    assert!(
        text.contains("Confirm with <bdi>the hospital") && text.contains("/confirm/provider?next="),
        "{text}"
    );
    let confirm = |conduct: Conduct| {
        house.provider.conduct(conduct);
        let answer = anna.get("/confirm/provider?next=/people");
        let to = answer.header("location").to_owned();
        assert!(to.contains("prompt=login") && to.contains("max_age=300"), "{to}");
        let (code, state) = house.provider.sign_in(&to);
        let session =
            came.headers.iter().find(|(_, value)| value.starts_with("asepsis=")).expect("one");
        let on_its_way = answer.headers.iter().find(|(name, _)| name == "set-cookie").expect("one");
        let both = [session, on_its_way].map(|(_, value)| value.split(';').next().unwrap_or(""));
        let browser = Client::new(&house.address).with("cookie", &both.join("; "));
        browser.get(&format!("/sign-in/provider/back?code={code}&state={state}"))
    };
    // The provider takes the morning for now, says nothing of it, or somebody else has come.
    refused(&confirm(signed_in(json!(now - 20_000))), Refusal::NotFresh);
    refused(&confirm(signed_in(Value::Null)), Refusal::NotFresh);
    let claims = json!({ "sub": "subject-9" });
    refused(&confirm(Conduct { claims, ..Conduct::default() }), Refusal::Somebody);
    assert_eq!(anna.get("/people").status, 303);
    let answer = confirm(Conduct::default());
    assert_eq!((answer.status, answer.header("location")), (303, "/people"));
    assert_eq!(anna.get("/people").status, 200);
}

#[test]
fn a_stronger_way_is_asked_for_and_looked_at() {
    let house = House::here();
    house.set(&["--acr", "urn:strong", "--amr", "mfa"]);
    let (_, to) = house.begin();
    assert!(to.contains("acr_values=urn%3Astrong"), "{to}");
    for claims in [json!({}), json!({ "acr": "urn:strong" }), json!({ "amr": ["mfa"] })] {
        house.provider.conduct(Conduct { claims, ..Conduct::default() });
        refused(&house.come(), Refusal::Strength);
    }
    let claims = json!({ "acr": "urn:strong", "amr": ["pwd", "mfa"] });
    house.provider.conduct(Conduct { claims, ..Conduct::default() });
    assert_eq!(house.come().status, 303);
}

#[test]
fn what_cannot_be_a_provider_is_not_set() {
    let house = House::here();
    let secret = house.folder.path().join("secret").display().to_string();
    let console = house.address.clone();
    let set = |issuer: &str, more: &[&str]| {
        let mut arguments = vec!["sign-in", "set", issuer, "--client", CLIENT];
        arguments.extend(more);
        let output = house.run(&arguments);
        assert!(!output.status.success(), "{issuer} {more:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let own = ["--secret-file", &secret, "--console", &console];
    for issuer in ["http://id.example", "id.example", "https://id.example/?a=b", "https://a@b/"] {
        let said = set(issuer, &own);
        assert!(said.contains("An issuer is an address"), "{issuer}: {said}");
    }
    assert!(set("https://2130706433", &own).contains("that is a number"));
    let far = ["--secret-file", &secret, "--console", "http://asepsis.example"];
    assert!(set("https://id.example", &far).contains("where browsers reach the console"));
    let public = ["--console", &console, "--authentication", "post"];
    assert!(set("https://id.example", &public).contains("needs a secret"));
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).expect("set");
    assert!(set("https://id.example", &own).contains("others may read"));
}
