//! A provider of identities (OpenID Connect) that does what a test wants of it, above all what none
//! should.
//!
//! Speaks plain HTTP on this machine, and signs by ES256. Refuses a code that it has not given,
//! that was used, or that comes without the verifier and the credentials that belong to it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use ring::{hmac, rand};
use serde_json::{Map, Value, json};

/// The console's name at the provider, and the secret between them.
pub const CLIENT: &str = "asepsis";
/// With letters that have to be escaped.
pub const SECRET: &str = "s3cret: & ü/+%";

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Signed {
    /// By the key that is published.
    #[default]
    Well,
    /// By another key under the same name.
    ByAnother,
    /// By a key of a name that is not published yet.
    ByANewKey,
    /// Not at all: `none`.
    NotAtAll,
    /// By HMAC with what is published, as if that were a secret.
    ByThePublicKey,
}

/// How an answer comes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    #[default]
    Plain,
    /// A hundred megabytes of it.
    Endless,
    /// A letter at a time.
    Slow,
    /// It points there.
    Elsewhere(String),
    /// It is this, whatever was asked.
    Text(u16, String),
}

/// What the provider does otherwise than it should.
#[derive(Debug, Clone, Default)]
pub struct Conduct {
    /// Members of its configuration; null takes one away.
    pub metadata: Value,
    /// Claims of its tokens; null takes one away.
    pub claims: Value,
    /// Members of the head of its tokens.
    pub header: Value,
    /// How they are signed.
    pub signed: Signed,
    /// How its configuration, its keys and its answers to a code come.
    pub configuration: Manner,
    /// As above.
    pub keys: Manner,
    /// As above.
    pub token: Manner,
    /// Whether it publishes its new key, too.
    pub has_new_key: bool,
}

struct Asked {
    nonce: String,
    challenge: String,
}

struct Held {
    issuer: String,
    pairs: [EcdsaKeyPair; 3],
    conduct: Mutex<Conduct>,
    codes: Mutex<HashMap<String, Asked>>,
    heard: Mutex<Vec<String>>,
    ends: AtomicBool,
}

/// A provider that ends with this.
pub struct Provider {
    held: Arc<Held>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.held.issuer).finish_non_exhaustive()
    }
}

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pair() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
    EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).expect("a key")
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Provider {
    /// Starts one that does as it should.
    ///
    /// # Panics
    /// Where it can't listen.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let held = Arc::new(Held {
            issuer: format!("http://127.0.0.1:{port}"),
            pairs: [pair(), pair(), pair()],
            conduct: Mutex::default(),
            codes: Mutex::default(),
            heard: Mutex::default(),
            ends: AtomicBool::new(false),
        });
        let own = Arc::clone(&held);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if own.ends.load(Ordering::Acquire) {
                    return;
                }
                let own = Arc::clone(&own);
                thread::spawn(move || drop(own.answer(stream)));
            }
        });
        Self { held }
    }

    /// Its issuer identifier.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.held.issuer
    }

    /// Does otherwise from now on.
    pub fn conduct(&self, conduct: Conduct) {
        *hold(&self.held.conduct) = conduct;
    }

    /// What it was asked, a path each, since this was last looked at.
    #[must_use]
    pub fn heard(&self) -> Vec<String> {
        std::mem::take(&mut hold(&self.held.heard))
    }

    /// Signs somebody in whose browser was sent to an address; the code and the state that it is
    /// sent back with.
    ///
    /// # Panics
    /// Where the address is not what it should be.
    #[must_use]
    pub fn sign_in(&self, address: &str) -> (String, String) {
        let start = format!("{}/authorize?", self.held.issuer);
        let query = address.strip_prefix(&start).expect("the place where it signs people in");
        let fields = fields(query);
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        assert_eq!((field("response_type"), field("client_id")), ("code".into(), CLIENT.into()));
        assert_eq!(field("code_challenge_method"), "S256");
        let code =
            encoded(rand::generate::<[u8; 16]>(&SystemRandom::new()).expect("drawn").expose());
        let asked = Asked { nonce: field("nonce"), challenge: field("code_challenge") };
        hold(&self.held.codes).insert(code.clone(), asked);
        (code, field("state"))
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.held.ends.store(true, Ordering::Release);
        let address = self.held.issuer.trim_start_matches("http://");
        // One more, so that it looks whether to end.
        let _ = TcpStream::connect(address);
    }
}

impl Held {
    fn answer(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let (mut first, mut length, mut authorization) = (String::new(), 0, String::new());
        reader.read_line(&mut first)?;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap_or_default(),
                "authorization" => value.trim().clone_into(&mut authorization),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        hold(&self.heard).push(path.clone());
        let conduct = hold(&self.conduct).clone();
        let (manner, (status, told)) = match path.as_str() {
            "/.well-known/openid-configuration" => {
                (&conduct.configuration, (200, self.configuration(&conduct)))
            }
            "/keys" => (&conduct.keys, (200, self.keys(&conduct))),
            "/token" => {
                let form = String::from_utf8_lossy(&body).into_owned();
                (&conduct.token, self.token(&conduct, &form, &authorization))
            }
            _ => (&Manner::Plain, (404, json!({}))),
        };
        send(stream, manner, status, &told.to_string())
    }

    fn configuration(&self, conduct: &Conduct) -> Value {
        let issuer = &self.issuer;
        let told = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "code_challenge_methods_supported": ["S256"],
        });
        with(&told, &conduct.metadata)
    }

    fn keys(&self, conduct: &Conduct) -> Value {
        let key = |place: usize, id: &str| {
            let point = self.pairs.get(place).map(|pair| pair.public_key().as_ref());
            let (x, y) = point.and_then(|point| point.get(1..)?.split_at_checked(32)).expect("one");
            json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": id,
                    "x": encoded(x), "y": encoded(y) })
        };
        let mut keys = vec![key(0, "first")];
        if conduct.has_new_key {
            keys.push(key(1, "second"));
        }
        json!({ "keys": keys })
    }

    fn token(&self, conduct: &Conduct, form: &str, authorization: &str) -> (u16, Value) {
        let form = fields(form);
        let field = |name: &str| form.get(name).cloned().unwrap_or_default();
        let both = format!("{}:{}", escaped(CLIENT), escaped(SECRET));
        if authorization != format!("Basic {}", STANDARD.encode(both)) {
            return (401, json!({ "error": "invalid_client" }));
        }
        let asked = hold(&self.codes).remove(&field("code"));
        let verified = encoded(digest(&SHA256, field("code_verifier").as_bytes()));
        let Some(asked) = asked.filter(|asked| asked.challenge == verified) else {
            return (400, json!({ "error": "invalid_grant", "error_description": "no such code" }));
        };
        let now = Timestamp::now().as_second();
        let claims = json!({
            "iss": self.issuer, "sub": "subject-1", "aud": CLIENT, "nonce": asked.nonce,
            "iat": now, "exp": now + 300, "auth_time": now,
            "preferred_username": "berta", "name": "Berta Blum",
        });
        let token = self.signed(conduct, &with(&claims, &conduct.claims));
        (200, json!({ "token_type": "Bearer", "access_token": "opaque", "id_token": token }))
    }

    fn signed(&self, conduct: &Conduct, claims: &Value) -> String {
        let (algorithm, id, pair) = match conduct.signed {
            Signed::Well => ("ES256", "first", self.pairs.first()),
            Signed::ByAnother => ("ES256", "first", self.pairs.get(2)),
            Signed::ByANewKey => ("ES256", "second", self.pairs.get(1)),
            Signed::NotAtAll => ("none", "first", None),
            Signed::ByThePublicKey => ("HS256", "first", None),
        };
        let header = json!({ "alg": algorithm, "kid": id, "typ": "JWT" });
        let header = with(&header, &conduct.header);
        let message = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
        let signature = match (conduct.signed, pair) {
            (_, Some(pair)) => {
                let signed = pair.sign(&SystemRandom::new(), message.as_bytes()).expect("signed");
                encoded(signed.as_ref())
            }
            (Signed::ByThePublicKey, _) => {
                let public = self.pairs.first().map(|pair| pair.public_key().as_ref());
                let key = hmac::Key::new(hmac::HMAC_SHA256, public.expect("one"));
                encoded(hmac::sign(&key, message.as_bytes()))
            }
            _ => String::new(),
        };
        format!("{message}.{signature}")
    }
}

/// An object with members of another in the place of its own.
fn with(told: &Value, other: &Value) -> Value {
    let mut told: Map<String, Value> = told.as_object().cloned().unwrap_or_default();
    for (name, value) in other.as_object().into_iter().flatten() {
        if value.is_null() {
            told.remove(name);
        } else {
            told.insert(name.clone(), value.clone());
        }
    }
    Value::Object(told)
}

fn send(mut stream: TcpStream, manner: &Manner, status: u16, body: &str) -> std::io::Result<()> {
    let head = |status: u16, length: usize| {
        format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
             connection: close\r\n"
        )
    };
    match manner {
        Manner::Plain => {
            let head = head(status, body.len());
            stream.write_all(format!("{head}\r\n{body}").as_bytes())
        }
        Manner::Text(status, text) => {
            let head = head(*status, text.len());
            stream.write_all(format!("{head}\r\n{text}").as_bytes())
        }
        Manner::Elsewhere(to) => {
            let head = head(302, 0);
            stream.write_all(format!("{head}location: {to}\r\n\r\n").as_bytes())
        }
        Manner::Endless => {
            stream.write_all(b"HTTP/1.1 200 x\r\n\r\n")?;
            let some = vec![b' '; 1 << 20];
            (0..100).try_for_each(|_| stream.write_all(&some))
        }
        Manner::Slow => {
            stream.write_all(head(200, body.len()).as_bytes())?;
            for byte in b"x: ".iter().chain([b'x'; 10_000].iter()) {
                stream.write_all(&[*byte])?;
                thread::sleep(Duration::from_millis(200));
            }
            Ok(())
        }
    }
}

/// The fields of a form or a query (WHATWG URL, section 5.1).
fn fields(query: &str) -> HashMap<String, String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (plain(name), plain(value))).collect()
}

fn plain(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next().unwrap_or(b'0'), rest.next().unwrap_or(b'0')];
                let digits = std::str::from_utf8(&digits).unwrap_or_default();
                u8::from_str_radix(digits, 16).unwrap_or_default()
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn escaped(value: &str) -> String {
    value.bytes().fold(String::new(), |text, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            text + &char::from(byte).to_string()
        }
        _ => format!("{text}%{byte:02X}"),
    })
}
