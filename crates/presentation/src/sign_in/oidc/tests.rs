//! Signatures that others have made, and keys, tokens and cookies that are wrong in one thing.

use serde_json::{Value, json};

use super::flow::{Begun, Purpose, Seal, is_same};
use super::keys::{self, Algorithm, Key};
use super::token::apart;
use super::{Refusal, TAKES_MS, decode, is_safe, metadata};
use crate::sign_in::token::Random;

/// A public key and two signatures by OpenSSL's command line, which is not what is used here.
const MODULUS: &str = "\
    rnGbku_H3lo2s7BzNiGmiCpdw5PTgn6fWNMDDWhFXWmqtnm9jmH1pN8RgvbkXJieieoCKKWFb7kWHozBfUgKuidj2U\
    U5Tzbl4gCKLEZn6o4kogymAlS3a6xpGujgM-\
    S2vxyEUhme17VNFCxcvOi_rCp7g5qtcg5tZ5SM6BefvbJRNiftc8EUHu2V6jnujlCHBHranG8M0ELjo8BUMfKyD-\
    5lbIgg5B6SE-_ZKthiU5oKMTNJUizBXtCpA_DJ2iRtUc-\
    JpAzFLMCWoCSyLH4PxKgUrRsStlhDZ_cjDhrY9sZLTGCMkVijTlJfD9OOeI-DVVrPX7rO3g8BKBgvee6_qQ";
const RS256: &str = "\
    eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UifQ.DBkAlobP-OVSQK5u2uI46ojhBd7gxViL1mRKbGqiBg7mw6NzUo\
    DOaxMCdQlAOkN2HdqqSD73G9l4LjgjIYtfzdiywBOZgGcgpihgFVx3fTR4muOSnRwAqwxT_vYwg8H8AWjXqikswGpk\
    dmM20jHpH0KwBbIKiNlsOwoAwe_OLls0lJFt0LtN1PifdP2XkZtT7akMFS67mSAvUjzvVkUa9eJ452Fi2lQUJmLBK8\
    ycwtBeuvr22Hscdca9FmwbTuB0QStAaUpvbIeJIvKaKWEisW5UFFqQuXw_Hs6kWb4GKsrkNtT8_tEkQ0zHiWgx8uiE\
    92yrNhDk9kQfZpCReCODKQ";
const PS256: &str = "\
    eyJhbGciOiJQUzI1NiJ9.eyJpc3MiOiJqb2UifQ.pfAFBvQutabNX-4-6HJAeexRp5u8NNsyKGM-KBDKIsIY-\
    SraoFJl3PZgOsR_JJvvtN32tiy_DUxyiykpSfF0WAGY9D578CbeGfy97IIzjbWbZssJKweal2VbFmE4auQbbxIL-\
    _NpiNirrnxNaHCBNwKfrXU_Fxc4yrdoTOgY83cKvX9NxwNRm2jNi-dBWTV8EHQFTIf2wCO8YxnBrUhSurHO10lPBRw\
    nyH2x_5nCbnLjY84oFB0B3VL3-AjOLibqXoZ64SDwInumCW5yEoAxIunLwivAE04bDdzuJf7s-\
    4ZpDWhOsq6L5wed47MWwCs0Knh7fSi_uq-DbgcGHhVEXQ";
/// RFC 7515, appendix A.3.
const ES256: &str = "\
    eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlL\
    mNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-\
    F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
/// RFC 8037, appendix A.4: what is signed is no object.
const ED25519: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
const SIGNATURE: &str = "\
    hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

fn read(key: &Value) -> Vec<Key> {
    keys::read(json!({ "keys": [key] }).to_string().as_bytes()).expect("a set")
}

fn rsa() -> Value {
    json!({ "kty": "RSA", "n": MODULUS, "e": "AQAB" })
}

fn p256() -> Value {
    json!({ "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" })
}

fn ed25519() -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" })
}

#[test]
fn what_others_have_signed_is_proved_and_nothing_that_was_changed() {
    for (token, key) in [(RS256, rsa()), (PS256, rsa()), (ES256, p256())] {
        let keys = read(&key);
        assert!(apart(token).expect("a token").prove(&keys).is_ok(), "{token}");
        // One letter of what was signed, and one of the signature.
        let (message, signature) = token.rsplit_once('.').expect("two");
        let (header, claims) = message.split_once('.').expect("two");
        let changed = claims.replacen("eyJpc3MiOiJqb2Ui", "eyJpc3MiOiJqb2Yi", 1);
        let letter = if signature.starts_with('A') { "B" } else { "A" };
        for other in [
            format!("{header}.{changed}.{signature}"),
            format!("{message}.{letter}{}", signature.get(1..).expect("more")),
            format!("{message}."),
        ] {
            let proved = apart(&other).expect("a token").prove(&keys).expect_err("changed");
            assert_eq!(proved.why, Refusal::Signature, "{other}");
        }
    }
    let keys = read(&ed25519());
    let signature = decode(SIGNATURE).expect("base64url");
    assert!(keys[0].has_signed(Algorithm::EdDsa, ED25519.as_bytes(), &signature));
    assert!(!keys[0].has_signed(Algorithm::EdDsa, b"else", &signature));
}

#[test]
fn a_key_signs_only_as_it_may() {
    let with = |key: Value, more: Value| {
        let mut key = key;
        let own = key.as_object_mut().expect("an object");
        own.extend(more.as_object().cloned().unwrap_or_default());
        read(&key)
    };
    for none in [
        with(rsa(), json!({ "use": "enc" })),
        with(rsa(), json!({ "key_ops": ["encrypt"] })),
        with(rsa(), json!({ "alg": "HS256" })),
        with(rsa(), json!({ "alg": "none" })),
        with(json!({ "kty": "oct", "k": "c2VjcmV0" }), json!({})),
        with(p256(), json!({ "crv": "P-384" })),
        with(p256(), json!({ "x": "AAAA" })),
    ] {
        assert!(none.is_empty(), "{none:?}");
    }
    let named = with(rsa(), json!({ "kid": "a", "alg": "RS256", "use": "sig" }));
    let may = |id, algorithm| named[0].may_sign(id, algorithm);
    assert!(may(Some("a"), Algorithm::Rs256) && may(None, Algorithm::Rs256));
    assert!(!may(Some("b"), Algorithm::Rs256) && !may(Some("a"), Algorithm::Ps256));
    assert!(!may(Some("a"), Algorithm::Es256));
    // A short key is none that could prove anything.
    let short = with(rsa(), json!({ "n": "rnGbku_H3lo2s7BzNiGmiCpdw5PTgn6fWNMDDWhFXWk" }));
    assert!(apart(RS256).expect("a token").prove(&short).is_err());
}

#[test]
fn what_is_no_token_is_refused_and_nothing_panics() {
    for end in 0..RS256.len() {
        let cut = RS256.get(..end).expect("letters");
        let proved = apart(cut).and_then(|token| token.prove(&read(&rsa())));
        assert!(proved.is_err(), "{cut}");
    }
    for (token, why) in [
        ("", Refusal::Token),
        ("..", Refusal::Token),
        ("a.b.c.d.e", Refusal::Token),
        // `none` and HS256, and a header that is no object.
        ("eyJhbGciOiJub25lIn0.e30.", Refusal::Algorithm),
        ("eyJhbGciOiJOb25lIn0.e30.", Refusal::Algorithm),
        ("eyJhbGciOiJIUzI1NiJ9.e30.AAAA", Refusal::Algorithm),
        ("W10.e30.AAAA", Refusal::Token),
        ("e30=.e30.AAAA", Refusal::Token),
    ] {
        assert_eq!(apart(token).expect_err(token).why, why, "{token}");
    }
}

#[test]
fn a_sign_in_on_its_way_is_opened_by_its_own_program_and_not_for_long() {
    let mut random = Random::new([1; 32]);
    let (seal, other) = (Seal::new(&mut random), Seal::new(&mut random));
    let begun = Begun::new(Purpose::SignIn, "/devices", 1_000_000, &mut random);
    let cookie = begun.sealed(&seal).expose().clone();
    let open = |cookie: &str, seal, now_ms| Begun::open(cookie, seal, now_ms);
    assert_eq!(open(&cookie, &seal, 1_000_000 + TAKES_MS - 1), Some(begun.clone()));
    assert_eq!(open(&cookie, &seal, 1_000_000 + TAKES_MS), None);
    assert_eq!(open(&cookie, &other, 1_000_000), None);
    let (text, mac) = cookie.split_once('.').expect("two");
    for changed in [format!("{text}."), format!("{text}A.{mac}"), text.to_owned(), String::new()] {
        assert_eq!(open(&changed, &seal, 1_000_000), None, "{changed}");
    }
    let parts = [begun.state(&seal), begun.nonce(&seal), begun.verifier(&seal).expose().clone()];
    let all: std::collections::BTreeSet<_> = parts.iter().collect();
    assert_eq!(all.len(), 3, "none tells another");
    assert!(parts.iter().all(|part| part.len() == 43), "as RFC 7636 has it");
    assert!(is_same("a", "a") && !is_same("a", "b") && !is_same("", "a"));
    assert!(!format!("{begun:?}").contains(&parts[0]));
    let far = Begun::new(Purpose::SignIn, &"/a".repeat(2_000), 0, &mut random);
    assert_eq!(far.next, "/");
}

#[test]
fn what_is_not_reached_safely_is_no_address() {
    for safe in [
        "https://id.example",
        "https://id.example:8443/realm?a=b",
        "http://127.0.0.1:1/",
        "http://[::1]:1/",
        "http://localhost",
    ] {
        assert!(is_safe(safe), "{safe}");
    }
    for other in [
        "http://id.example/",
        "http://127.0.0.1.example/",
        "http://localhost.example/",
        "http://127.0.0.1@id.example/",
        "https://user@id.example/",
        "https://id.example/#a",
        "https://id.example/ a",
        "https://id.example/\r\nx: y",
        "HTTPS://id.example/",
        "javascript:alert(1)",
        "//id.example",
        "",
    ] {
        assert!(!is_safe(other), "{other}");
    }
}

#[test]
fn a_configuration_counts_for_the_issuer_that_was_asked_alone() {
    let issuer = "https://id.example/realm";
    assert_eq!(
        metadata::place("https://id.example/realm/"),
        "https://id.example/realm/.well-known/openid-configuration"
    );
    let told = |name: &str, value: Value| {
        let mut told = json!({
            "issuer": issuer,
            "authorization_endpoint": "https://id.example/a",
            "token_endpoint": "https://id.example/t",
            "jwks_uri": "https://id.example/k",
        });
        told[name] = value;
        metadata::read(told.to_string().as_bytes(), issuer)
    };
    assert!(told("x", Value::Null).is_ok_and(|own| !own.names_issuer));
    let names = "authorization_response_iss_parameter_supported";
    assert!(told(names, json!(true)).is_ok_and(|own| own.names_issuer));
    for (name, value) in [
        ("issuer", json!("https://id.example/realm/")),
        ("issuer", json!("https://id.example")),
        ("issuer", Value::Null),
        ("authorization_endpoint", json!("javascript:alert(1)")),
        ("authorization_endpoint", json!("https://id.example/\"")),
        ("token_endpoint", json!("http://10.0.0.1/t")),
        ("jwks_uri", json!(["https://id.example/k"])),
        ("jwks_uri", json!("https://".to_owned() + &"a".repeat(3_000))),
    ] {
        assert!(told(name, value.clone()).is_err(), "{name} {value}");
    }
}
