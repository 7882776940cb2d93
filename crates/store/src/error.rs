//! Why the store can't do something, told so that whoever keeps it knows what to do.

use std::error::Error;
use std::path::PathBuf;

use rusqlite::ErrorCode;

/// What the database says.
pub(crate) type Cause = Box<dyn Error + Send + Sync>;

/// Why the store can't do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The text names no place for a store.
    #[error("`{found}` is no place for a store; expected a path, or postgres://user@host/database")]
    Place {
        /// What was written.
        found: String,
    },
    /// The text is no head of an audit chain.
    #[error(
        "`{found}` is no head of an audit chain; expected a number, a colon and 64 hexadecimal digits"
    )]
    Head {
        /// What was written.
        found: String,
    },
    /// It can't be opened.
    #[error("cannot open the store `{place}`: {cause}")]
    Open {
        /// Which store.
        place: String,
        /// What the database says.
        cause: Cause,
    },
    /// A newer program has written it.
    #[error(
        "the store `{place}` has form {found}, and this program knows forms up to {known}: use the \
         program that wrote it, or restore a backup of before"
    )]
    Newer {
        /// Which store.
        place: String,
        /// The form that it has.
        found: i64,
        /// The newest form that is known.
        known: i64,
    },
    /// No room is left where it stands.
    #[error("cannot {what}: no room is left on the disk; nothing was changed")]
    Full {
        /// What was tried.
        what: &'static str,
    },
    /// It may only be read.
    #[error("cannot {what}: the store may only be read; nothing was changed")]
    ReadOnly {
        /// What was tried.
        what: &'static str,
    },
    /// The file holds something else than was written.
    #[error("cannot {what}: the file is damaged ({cause}); restore a backup")]
    Damaged {
        /// What was tried.
        what: &'static str,
        /// What the database says.
        cause: Cause,
    },
    /// The database refuses.
    #[error("cannot {what}: {cause}")]
    Database {
        /// What was tried.
        what: &'static str,
        /// What the database says.
        cause: Cause,
    },
    /// A file beside the store can't be read or written.
    #[error("cannot {what} `{path}`: {cause}")]
    File {
        /// What was tried.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A value is not what was once written.
    #[error("a stored {what} is not one: somebody has changed it")]
    Unreadable {
        /// What was expected.
        what: &'static str,
    },
}

impl StoreError {
    pub(crate) fn sqlite(what: &'static str) -> impl Fn(rusqlite::Error) -> Self {
        move |error| match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full { what },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { what },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { what, cause: error.into() }
            }
            _ => Self::Database { what, cause: error.into() },
        }
    }

    pub(crate) fn postgres(what: &'static str) -> impl Fn(postgres::Error) -> Self {
        use postgres::error::SqlState;
        move |error| match error.code() {
            Some(state) if *state == SqlState::DISK_FULL => Self::Full { what },
            Some(state) if *state == SqlState::READ_ONLY_SQL_TRANSACTION => Self::ReadOnly { what },
            Some(state) if *state == SqlState::DATA_CORRUPTED => {
                Self::Damaged { what, cause: whole(&error) }
            }
            _ => Self::Database { what, cause: whole(&error) },
        }
    }
}

/// An error with what lies behind it: PostgreSQL's client tells its own part only.
pub(crate) fn whole(error: &dyn Error) -> Cause {
    let mut sentence = error.to_string();
    let mut next = error.source();
    while let Some(behind) = next {
        let said = behind.to_string();
        if !sentence.contains(&said) {
            sentence = format!("{sentence}: {said}");
        }
        next = behind.source();
    }
    sentence.into()
}
