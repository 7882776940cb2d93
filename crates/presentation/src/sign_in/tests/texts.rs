//! Tokens, codes, second factors and passwords against what others compute.

#![expect(clippy::string_slice, reason = "a test may fail by a panic")]

use std::collections::BTreeSet;

use store::secret::{Fingerprint, Secret};

use crate::sign_in::password::{self, Weak};
use crate::sign_in::token::{self, Random};
use crate::sign_in::{code, totp};

/// The secret of the examples of RFC 4226 and RFC 6238.
fn secret() -> Secret<Vec<u8>> {
    Secret::new(b"12345678901234567890".to_vec())
}

#[test]
fn codes_are_those_of_the_standards() {
    // RFC 4226, appendix D.
    let codes = [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871];
    for (step, code) in (0..).zip(codes) {
        assert_eq!(totp::at(&secret(), step), code);
    }
    // RFC 6238, appendix B, for SHA-1; the last six of its eight digits.
    let times = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];
    for (second, code) in times {
        let now_ms = second * 1_000 + 999;
        assert_eq!(totp::step(&secret(), code, now_ms), Some(second / 30), "{second}");
        let spaced = format!(" {} {}", &code[..3], &code[3..]);
        assert_eq!(totp::step(&secret(), &spaced, now_ms), Some(second / 30));
    }
}

#[test]
fn a_code_is_taken_one_step_early_or_late_and_no_more() {
    let step = 37_037_036;
    let code = format!("{:06}", totp::at(&secret(), step));
    let taken = |second: i64| totp::step(&secret(), &code, second * 1_000);
    let begins = step * 30;
    assert_eq!(taken(begins - 31), None);
    assert_eq!(taken(begins - 30), Some(step));
    assert_eq!(taken(begins + 59), Some(step));
    assert_eq!(taken(begins + 60), None);
    for typed in ["", "12345", "1234567", "12345a", "-12345", "１２３４５６"] {
        assert_eq!(totp::step(&secret(), typed, 0), None, "{typed}");
    }
}

#[test]
fn an_app_reads_the_secret() {
    let uri = totp::uri(&secret(), "St. Brigid's", "anna");
    assert_eq!(
        uri.expose(),
        "otpauth://totp/St.%20Brigid%27s:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
         &issuer=St.%20Brigid%27s&algorithm=SHA1&digits=6&period=30"
    );
    let shown = totp::shown(&secret());
    assert_eq!(totp::read_secret(shown.expose()), Some(secret()));
    assert_eq!(totp::read_secret("GEZDGNBV"), None);
}

#[test]
fn a_recovery_code_is_read_as_people_type_it() {
    let shown = code::draw(&mut Random::new([3; 32]));
    let shown = shown.expose();
    assert_eq!(shown.len(), 29);
    let read = code::read(shown).expect("a code");
    for typed in [shown.to_uppercase(), shown.replace('-', " "), format!("  {shown}\n")] {
        assert_eq!(code::read(&typed), Some(read));
    }
    for typed in [&shown[1..], &format!("{shown}a"), "", "123456", &"1".repeat(24)] {
        assert_eq!(code::read(typed), None, "{typed}");
    }
    let codes = code::draw_all(&mut Random::new([3; 32]));
    let different: BTreeSet<&str> = codes.iter().map(|code| code.expose().as_str()).collect();
    assert_eq!(different.len(), code::RECOVERY_CODES);
}

#[test]
fn a_token_of_a_program_is_known_by_its_form_and_one_letter_off_is_none() {
    let shown = token::for_program(&mut Random::new([4; 32]));
    let shown = shown.expose();
    assert!(shown.starts_with(token::PREFIX));
    assert_eq!(shown.len(), token::PREFIX.len() + 60);
    assert_eq!(token::read_of_program(shown), Some(Fingerprint::of(shown)));
    for at in token::PREFIX.len()..shown.len() {
        let mut other = shown.clone().into_bytes();
        other[at] = if other[at] == b'a' { b'b' } else { b'a' };
        let other = String::from_utf8(other).expect("text");
        assert_eq!(token::read_of_program(&other), None, "letter {at}");
        assert_eq!(token::read_of_program(&shown[..at]), None, "{at} letters");
    }
    assert_eq!(token::read_of_program(&shown.to_uppercase()), None);
}

#[test]
fn a_form_of_another_session_is_not_ours() {
    let mut random = Random::new([5; 32]);
    let [own, other] = [token::opaque(&mut random), token::opaque(&mut random)];
    assert_eq!(token::read_opaque(own.expose()), Some(Fingerprint::of(own.expose())));
    assert_eq!(token::read_opaque(&own.expose().to_uppercase()), None);
    assert_eq!(token::read_opaque(""), None);
    let form = token::of_form(own.expose());
    assert!(token::form_is_ours(own.expose(), &form));
    assert!(!token::form_is_ours(other.expose(), &form));
    for carried in ["", "ä", &form[1..], own.expose()] {
        assert!(!token::form_is_ours(own.expose(), carried), "{carried}");
    }
}

#[test]
fn what_is_drawn_does_not_come_again() {
    let mut random = Random::new([6; 32]);
    let drawn: BTreeSet<[u8; 20]> = (0..1_000).map(|_| random.draw()).collect();
    assert_eq!(drawn.len(), 1_000);
    let longer: [u8; 70] = Random::new([6; 32]).draw();
    assert_ne!(longer[..32], longer[32..64]);
    assert_ne!(Random::new([7; 32]).draw::<70>(), longer);
}

#[test]
fn passwords_are_judged_by_length_and_by_what_is_tried_first() {
    let judged = [
        ("four words are enough", Ok(())),
        ("äöüßäöüßäöü!", Ok(())),
        ("correct horse battery", Ok(())),
        ("eleven lett", Err(Weak::Short)),
        // Combining letters are one character.
        ("a\u{308}o\u{308}u\u{308}a\u{308}o\u{308}u\u{308}", Err(Weak::Short)),
        ("I am anna, nobody else", Err(Weak::Name)),
        ("I am ANNA, nobody else", Err(Weak::Name)),
        ("Password1234", Err(Weak::Common)),
        ("aaaaaaaaaaaaaaaa", Err(Weak::Common)),
        ("abcabcabcabcabc", Err(Weak::Common)),
        ("1234567890123", Err(Weak::Common)),
        ("3210987654321", Err(Weak::Common)),
        ("abcdefghijklmnop", Err(Weak::Common)),
        ("four words\nare enough", Err(Weak::Control)),
    ];
    for (password, judgement) in judged {
        assert_eq!(password::judge(password, "Anna"), judgement, "{password}");
    }
    assert_eq!(password::judge(&"four words ".repeat(30), "anna"), Err(Weak::Long));
    assert_eq!(password::judge("words of bo, enough", "bo"), Ok(()));
    assert_eq!(password::judge("four words are enough", ""), Ok(()));
}

#[test]
fn a_password_is_known_again_by_the_hash_that_another_program_makes() {
    // Made by the reference implementation in C, at the costs that are ours.
    let theirs = Secret::new(
        "$argon2id$v=19$m=65536,t=3,p=4$c2l4dGVlbiBieXRlcy4uLg\
         $+Lx4NP4M9izkMYldTa2oqNOQZR77JoswJNB66K/9mME"
            .to_owned(),
    );
    assert!(password::is_right("four words are enough", Some(&theirs)));
    assert!(!password::is_right("four words are enough ", Some(&theirs)));
    assert!(!password::is_outdated(&theirs));
    let ours = password::hash("a\u{308}hnlich, aber anders", &mut Random::new([8; 32]));
    assert!(ours.expose().starts_with("$argon2id$v=19$m=65536,t=3,p=4$"));
    // The same letters, from a keyboard that writes them in one.
    assert!(password::is_right("ähnlich, aber anders", Some(&ours)));
    let long = "four words ".repeat(30);
    let cut = password::hash(&long[..password::LONGEST], &mut Random::new([8; 32]));
    assert!(!password::is_right(&long, Some(&cut)), "what is beyond counts, too");
}

#[test]
fn a_name_that_nobody_has_takes_as_long_as_a_wrong_password() {
    let ours = password::hash("four words are enough", &mut Random::new([8; 32]));
    // The shortest of several: others work on this machine, too.
    let shortest = |hash: Option<&Secret<String>>| {
        let times = (0..5).map(|_| {
            let begun = std::time::Instant::now();
            assert!(!password::is_right("five words are not enough", hash));
            begun.elapsed()
        });
        times.min().expect("some")
    };
    let (wrong, nobody) = (shortest(Some(&ours)), shortest(None));
    let longer = wrong.max(nobody);
    assert!(wrong.min(nobody) * 2 > longer, "{wrong:?} and {nobody:?}");
}

#[test]
fn what_is_no_hash_is_nobodys_password() {
    let huge = "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$BXw8pcWegsCJOz9aGVgzbZwZR1eX";
    for hash in [None, Some(""), Some("four words are enough"), Some(huge)] {
        let hash = hash.map(|hash| Secret::new(hash.to_owned()));
        assert!(!password::is_right("four words are enough", hash.as_ref()));
    }
}
