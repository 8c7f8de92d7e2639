//! What a person is told when something did not work: what happened, and what to do.
//!
//! Where a decision hangs on it, an error is an enum and [`Told`]. At the borders, in a shell or as a part of a larger error,
//! all of them become [`Trouble`], by the one conversion below.

use std::{error::Error, fmt, io, sync::Arc};

/// What kind of trouble it is, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table below says what each means")]
pub enum Code {
    Refused,
    LoginRequired,
    RateLimited,
    NoAnswer,
    Setting,
    Unsupported,
    Unsettled,
    Locked,
    Busy,
    Cancelled,
    Readonly,
    Usage,
    Failed,
}

impl Code {
    /// All codes in the order of the enum: the word, which stays as it is, and what it means.
    pub const ALL: [(Self, &str, &str); 13] = [
        (Self::Refused, "refused", "the server answered, and the answer is no"),
        (Self::LoginRequired, "login_required", "only a new login helps"),
        (Self::RateLimited, "rate_limited", "the server asks to wait"),
        (Self::NoAnswer, "no_answer", "the server could not be reached, or gave no usable answer"),
        (Self::Setting, "setting", "a setting of the profile or of config.toml is missing or wrong"),
        (Self::Unsupported, "unsupported", "the auth system or this machine has no such function"),
        (Self::Unsettled, "unsettled", "a refresh token was sent, and its state is unknown"),
        (Self::Locked, "locked", "the vault or its keyring is locked"),
        (Self::Busy, "busy", "another process holds what is needed"),
        (Self::Cancelled, "cancelled", "a person or a signal ended it"),
        (Self::Readonly, "readonly", "the profile is read-only: nothing was sent"),
        (Self::Usage, "usage", "the arguments or the input are wrong"),
        (Self::Failed, "failed", "anything else"),
    ];

    /// The word.
    pub fn as_str(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// What the operating system says.
    pub fn of_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ReadOnlyFilesystem => Self::Readonly,
            _ => Self::Failed,
        }
    }
}

/// An error that knows what the user can do about it. Its `Display` says what happened.
pub trait Told: Error + Send + Sync + 'static {
    /// What kind of trouble it is.
    fn code(&self) -> Code {
        Code::Failed
    }

    /// What the user can do about it.
    fn hint(&self) -> Option<String>;

    /// What it means, where that is not plain from what happened.
    fn means(&self) -> Option<String> {
        None
    }

    /// Both on one line.
    fn line(&self) -> String {
        line(self, self.hint())
    }
}

/// What happened, and what to do. Neither may hold a secret; both may hold foreign text.
///
/// Its cause is kept for those who look for it by its type. Neither `Display` nor `Debug` shows it: its own words may
/// be less careful.
#[derive(Clone)]
pub struct Trouble {
    /// What happened.
    pub what: String,
    /// What it means, where that is not plain from it.
    pub means: Option<Box<str>>,
    /// What the user can do.
    pub hint: Option<String>,
    /// What kind of trouble it is.
    pub code: Code,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl Trouble {
    /// What happened, and what to do.
    pub fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..Self::bare(what) }
    }

    /// What happened, where nothing can be advised.
    pub fn bare(what: impl Into<String>) -> Self {
        Self { what: what.into(), means: None, hint: None, code: Code::Failed, source: None }
    }

    /// An error of another library in its own words, where nothing can be advised. It is kept as the cause.
    pub fn of(error: impl Error + Send + Sync + 'static) -> Self {
        Self::bare(error.to_string()).because(error)
    }

    /// What could not be done, and what the operating system says.
    pub fn of_io(what: impl fmt::Display, error: io::Error) -> Self {
        Self { code: Code::of_io(&error), ..Self::bare(format!("{what}: {error}")) }.because(error)
    }

    /// Says what kind it is.
    #[must_use]
    pub fn coded(self, code: Code) -> Self {
        Self { code, ..self }
    }

    /// What was going on when it happened stands before it: `cannot use ca_file: …`.
    #[must_use]
    pub fn under(self, heading: impl fmt::Display) -> Self {
        Self { what: format!("{heading}: {}", self.what), ..self }
    }

    /// Keeps what caused it.
    #[must_use]
    pub fn because(self, source: impl Error + Send + Sync + 'static) -> Self {
        Self { source: Some(Arc::new(source)), ..self }
    }

    /// What the user can do, where what it means is told apart.
    pub fn to_do(&self) -> Option<&str> {
        let hint = self.hint.as_deref()?;
        let means = self.means.as_deref().and_then(|means| hint.strip_prefix(means)?.strip_prefix(": "));
        Some(means.unwrap_or(hint))
    }

    /// What happened and what to do, on one line.
    pub fn line(&self) -> String {
        line(self, self.hint.as_ref())
    }
}

fn line(what: &(impl fmt::Display + ?Sized), hint: Option<impl fmt::Display>) -> String {
    hint.map_or_else(|| what.to_string(), |hint| format!("{what}; {hint}"))
}

impl<E: Told> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self {
            what: error.to_string(),
            means: error.means().map(Into::into),
            hint: error.hint(),
            code: error.code(),
            source: None,
        }
        .because(error)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl fmt::Debug for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trouble").field("what", &self.what).field("hint", &self.hint).finish()
    }
}

impl Error for Trouble {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}

/// Two are the same if they say the same.
impl PartialEq for Trouble {
    fn eq(&self, other: &Self) -> bool {
        (&self.what, &self.hint) == (&other.what, &other.hint)
    }
}

impl Eq for Trouble {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Its `Debug` is careless.
    #[derive(Debug, thiserror::Error)]
    #[error("cannot read a file")]
    struct Careless(#[allow(dead_code, reason = "Debug reads it")] &'static str);

    impl Told for Careless {
        fn hint(&self) -> Option<String> {
            Some("check the path".to_owned())
        }
    }

    #[test]
    fn each_code_has_its_row() {
        for (at, (code, word, _)) in Code::ALL.into_iter().enumerate() {
            assert_eq!((code as usize, code.as_str()), (at, word));
        }
        let error = io::Error::from(io::ErrorKind::ReadOnlyFilesystem);
        let trouble = Trouble::of_io("cannot write the vault", error);
        assert_eq!((trouble.code, trouble.what.starts_with("cannot write the vault: ")), (Code::Readonly, true));
        assert!(trouble.source().is_some_and(|source| source.is::<io::Error>()));
    }

    #[test]
    fn the_cause_is_kept_and_not_shown() {
        let trouble = Trouble::from(Careless("marker"));
        assert_eq!((trouble.line(), Careless("").line()), (Careless("").line(), trouble.line()));
        let trouble = trouble.under("cannot use ca_file");
        assert_eq!(trouble.line(), "cannot use ca_file: cannot read a file; check the path");
        assert!(!format!("{trouble} {trouble:?}").contains("marker"), "{trouble:?}");
        assert!(trouble.source().is_some_and(|source| source.is::<Careless>()));
        assert_eq!(Trouble::bare("it failed").line(), "it failed");
    }
}
