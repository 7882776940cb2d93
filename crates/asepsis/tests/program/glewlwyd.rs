//! Glewlwyd, a provider of identities that we did not write: started on this machine over a
//! database of its own, with one client, one scope and one person.
//!
//! Refuses to be reached from elsewhere, and ends with what holds it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::http::Client;

/// Where Debian puts its program, its database's form, its pages and what belongs to them.
const PROGRAM: &str = "/usr/bin/glewlwyd";
const FORM: &str = "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3";
const PAGES: &str = "/usr/share/glewlwyd/webapp";
const WORDS: &str = "/usr/share/glewlwyd/templates/config.json";
/// How long it may take to begin.
const PATIENCE: Duration = Duration::from_mins(1);
/// The console's name there, the secret between them, and the person's name and password. It takes
/// a secret as it stands in the field, without RFC 6749's escapes, so this one needs none.
pub(crate) const CLIENT: &str = "asepsis";
pub(crate) const SECRET: &str = "between-us-4711";
pub(crate) const PERSON: &str = "berta";
pub(crate) const PASSWORD: &str = "eight birds on a wire";

/// A provider that ends with this.
pub(crate) struct Glewlwyd {
    _program: Running,
    address: String,
    admin: Client,
    _folder: tempfile::TempDir,
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Glewlwyd {
    /// Starts one that leads browsers back to an address.
    pub(crate) fn start(back: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        database(&at("glewlwyd.db"));
        copy(Path::new(PAGES), &at("pages"));
        fs::copy(WORDS, at("pages/config.json")).expect("Debian's glewlwyd-common is installed");
        fs::create_dir(at("none")).expect("made");
        // A port that was free a moment ago: it can't be told to take any.
        let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let port = free.expect("a port").port();
        let address = format!("http://127.0.0.1:{port}");
        fs::write(at("glewlwyd.conf"), configuration(folder.path(), port)).expect("written");
        let program = Command::new(PROGRAM)
            .arg("--config-file")
            .arg(at("glewlwyd.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(Running)
            .expect("Debian's glewlwyd is installed");
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < PATIENCE, "it does not begin");
            thread::sleep(Duration::from_millis(50));
        }
        let admin = signed_in(&address, "admin", "password");
        let (key, public) = (key(&at("key.pem")), public(&at("key.pem")));
        let own = Self { _program: program, address, admin, _folder: folder };
        own.plugin(&key, &public);
        own.people(back);
        own
    }

    /// Its issuer identifier.
    pub(crate) fn issuer(&self) -> String {
        format!("{}/api/oidc", self.address)
    }

    /// Puts the person into other groups.
    pub(crate) fn groups(&self, groups: &[&str]) {
        let scope = ["openid"];
        let person = json!({ "username": PERSON, "name": "Berta Blum", "password": PASSWORD,
                             "enabled": true, "scope": scope, "groups": groups });
        self.told("PUT", &format!("/user/{PERSON}"), &person);
    }

    fn plugin(&self, key: &str, public: &str) {
        let parameters = json!({
            "iss": self.issuer(), "jwt-type": "rsa", "jwt-key-size": "256", "key": key,
            "cert": public, "jwks-show": true, "access-token-duration": 3600,
            "refresh-token-duration": 3600, "code-duration": 600, "refresh-token-rolling": false,
            "allow-non-oidc": false, "auth-type-code-enabled": true,
            "auth-type-token-enabled": false, "auth-type-id-token-enabled": true,
            "auth-type-password-enabled": false, "auth-type-client-enabled": false,
            "auth-type-none-enabled": false, "auth-type-refresh-enabled": true,
            "pkce-allowed": true, "pkce-required": true, "pkce-method-plain-allowed": false,
            "subject-type": "public", "name-claim": "mandatory", "oauth-as-iss-id": true,
            "claims": [claim("groups", "groups"), claim("preferred_username", "username")],
        });
        let plugin = json!({ "module": "oidc", "name": "oidc", "display_name": "OpenID Connect",
                             "parameters": parameters });
        self.told("POST", "/mod/plugin/", &plugin);
    }

    fn people(&self, back: &str) {
        let scope = json!({ "name": "openid", "display_name": "who you are", "scheme": {},
                            "scheme_required": {}, "password_required": true,
                            "password_max_age": 0 });
        self.told("PUT", "/scope/openid", &scope);
        let person = json!({ "username": PERSON, "name": "Berta Blum", "password": PASSWORD,
                             "enabled": true, "scope": ["openid"], "groups": ["kitchen"] });
        self.told("POST", "/user/", &person);
        let client = json!({ "client_id": CLIENT, "name": "Asepsis", "enabled": true,
                             "confidential": true, "password": SECRET, "scope": ["openid"],
                             "redirect_uri": [back], "authorization_type": ["code"],
                             "token_endpoint_auth_method": ["client_secret_basic"] });
        self.told("POST", "/client/", &client);
        // She has allowed the console to know who she is.
        let berta = signed_in(&self.address, PERSON, PASSWORD);
        let kind = [("content-type", "application/json")];
        let granted = json!({ "scope": "openid" }).to_string();
        let path = format!("/api/auth/grant/{CLIENT}");
        let answer = berta.send("PUT", &path, &kind, granted.as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    fn told(&self, method: &str, path: &str, what: &Value) {
        let kind = [("content-type", "application/json")];
        let path = format!("/api{path}");
        let answer = self.admin.send(method, &path, &kind, what.to_string().as_bytes());
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
    }
}

/// A claim of each token, by what is kept of a person.
fn claim(name: &str, of: &str) -> Value {
    json!({ "name": name, "user-property": of, "type": "string", "mandatory": true })
}

fn signed_in(address: &str, name: &str, password: &str) -> Client {
    let client = Client::new(address);
    let kind = [("content-type", "application/json")];
    let typed = json!({ "username": name, "password": password }).to_string();
    let answer = client.send("POST", "/api/auth/", &kind, typed.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    client.with("cookie", &cookie)
}

/// Its database, in which a person has groups.
fn database(path: &Path) {
    let form = fs::read_to_string(FORM).expect("Debian's glewlwyd is installed");
    let database = rusqlite::Connection::open(path).expect("a file");
    database.execute_batch(&form).expect("its form");
    let read = "select gumi_parameters from g_user_module_instance";
    let text: String = database.query_row(read, [], |row| row.get(0)).expect("one");
    let mut parameters: Value = serde_json::from_str(&text).expect("JSON");
    parameters["data-format"]["groups"] = json!({ "multiple": true, "read": true, "write": true });
    let write = "update g_user_module_instance set gumi_parameters = ?1";
    database.execute(write, [parameters.to_string()]).expect("written");
}

fn configuration(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    let kinds = [
        ("html", "text/html"),
        ("js", "application/javascript"),
        ("json", "application/json"),
        ("css", "text/css"),
    ];
    let kinds = kinds
        .map(|(ending, kind)| format!("{{ extension = \".{ending}\"; mime_type = \"{kind}\"; }}"));
    format!(
        r#"port = {port}
bind_address = "127.0.0.1"
external_url = "http://127.0.0.1:{port}"
login_url = "login.html"
api_prefix = "api"
static_files_path = "{folder}/pages/"
static_files_mime_types = ( {} )
log_mode = "file"
log_level = "ERROR"
log_file = "{folder}/log"
cookie_secure = 0
cookie_same_site = "lax"
session_key = "GLEWLWYD2_SESSION_ID"
session_expiration = 3600
admin_scope = "g_admin"
profile_scope = "g_profile"
user_module_path = "/usr/lib/glewlwyd/user"
user_middleware_module_path = "{folder}/none"
client_module_path = "/usr/lib/glewlwyd/client"
user_auth_scheme_module_path = "/usr/lib/glewlwyd/scheme"
plugin_module_path = "/usr/lib/glewlwyd/plugin"
hash_algorithm = "SHA512"
database = {{ type = "sqlite3"; path = "{folder}/glewlwyd.db"; }};
"#,
        kinds.join(", ")
    )
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("made");
    for entry in fs::read_dir(from).expect("Debian's glewlwyd-common is installed").flatten() {
        let to = to.join(entry.file_name());
        // Links lead to what other packages have; that of `config.json` leads to a folder.
        match fs::metadata(entry.path()) {
            Ok(found) if found.is_dir() && entry.file_name() != "config.json" => {
                copy(&entry.path(), &to);
            }
            Ok(found) if found.is_file() => drop(fs::copy(entry.path(), to).expect("copied")),
            _ => {}
        }
    }
}

fn openssl(arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).output().expect("openssl is installed");
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("PEM")
}

fn key(path: &PathBuf) -> String {
    openssl(&["genrsa", "-out", &path.display().to_string(), "2048"]);
    fs::read_to_string(path).expect("a key")
}

fn public(path: &Path) -> String {
    openssl(&["rsa", "-in", &path.display().to_string(), "-pubout"])
}
