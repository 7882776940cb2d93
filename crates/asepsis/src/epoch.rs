//! When what is written out was made, as reproducible builds say it (reproducible-builds.org,
//! specification of `SOURCE_DATE_EPOCH`, version 1.1).
//!
//! Refuses any value but whole seconds since 1970 in plain digits: a time that was meant otherwise
//! is an error, and never another time.

use std::env;
use std::ffi::OsStr;

use anyhow::{Result, bail};
use jiff::Timestamp;

const NAME: &str = "SOURCE_DATE_EPOCH";

/// What the environment says; nothing where it says nothing.
pub(crate) fn stated() -> Result<Option<Timestamp>> {
    env::var_os(NAME).map(|text| read(&text)).transpose()
}

fn read(text: &OsStr) -> Result<Timestamp> {
    let digits = text.to_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let seconds = digits.and_then(|digits| digits.parse::<i64>().ok());
    match seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()) {
        Some(at) => Ok(at),
        None => bail!(
            "{NAME} is `{}`, and no number of seconds since 1970\n\nhint: set it as `date +%s` \
             prints it, or unset it",
            text.to_string_lossy().escape_default()
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::read;

    #[test]
    fn only_whole_seconds_in_digits_are_a_time() {
        let at = read(OsStr::new("1700000000")).expect("a time");
        assert_eq!(at.to_string(), "2023-11-14T22:13:20Z");
        assert_eq!(read(OsStr::new("0")).expect("a time").as_second(), 0);
        let wrong = [
            "",
            " 1",
            "1 ",
            "+1",
            "-1",
            "1.5",
            "1e9",
            "0x10",
            "now",
            "99999999999999999999",
            "253402207201",
        ];
        for text in wrong {
            let error = read(OsStr::new(text)).expect_err(text).to_string();
            assert!(error.starts_with("SOURCE_DATE_EPOCH is `"), "{error}");
        }
    }
}
