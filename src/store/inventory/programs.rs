//! Where programs keep tokens: one row each, from their documentation and sources.

mod cloud;
mod code;
mod services;

/// What is known of a program's tokens.
#[derive(Debug)]
pub struct Program {
    /// The word for it: `gh`.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its files, on Linux and macOS: `~` is the home folder, `$NAME` a variable, without which the row's other files
    /// count, and `*` any part of one name.
    pub files: &'static [&'static str],
    /// Names of values that are secrets, besides all that end in `token`; a longer name may end in them.
    pub names: &'static [&'static str],
    /// Of the files that several programs share, only what belongs to these hosts, or begins so, is this program's.
    pub only: &'static [&'static str],
    /// The variables that it reads.
    pub variables: &'static [&'static str],
    /// Whether it prefers the system's keyring, so that a file without a token means little.
    pub keyring: bool,
    /// What ends its tokens at the server: a command, or a page.
    pub revoke: &'static str,
    /// The command that prints a fresh access token, where there is one: a profile of the provider `command` can run it.
    pub command: Option<&'static str>,
}

impl Program {
    pub(super) const fn new(
        id: &'static str,
        name: &'static str,
        files: &'static [&'static str],
        revoke: &'static str,
    ) -> Self {
        let none: &[&str] = &[];
        Self { id, name, files, names: none, only: none, variables: none, keyring: false, revoke, command: None }
    }

    pub(super) const fn names(self, names: &'static [&'static str]) -> Self {
        Self { names, ..self }
    }

    const fn only(self, only: &'static [&'static str]) -> Self {
        Self { only, ..self }
    }

    const fn variables(self, variables: &'static [&'static str]) -> Self {
        Self { variables, ..self }
    }

    const fn or_keyring(self) -> Self {
        Self { keyring: true, ..self }
    }

    const fn prints(self, command: &'static str) -> Self {
        Self { command: Some(command), ..self }
    }
}

/// All of them. Of two rows for one file, the more special stands first.
pub fn programs() -> impl Iterator<Item = &'static Program> {
    [code::PROGRAMS, cloud::PROGRAMS, services::PROGRAMS].into_iter().flatten()
}

/// Prefixes that say that a text is a secret of a certain issuer, wherever it stands, as those that search for leaked secrets know them.
pub(super) const PREFIXES: &[&str] = &[
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "npm_",
    "pypi-",
    "hf_",
    "hvs.",
    "sk-ant-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "xoxb-",
    "xoxp-",
    "dop_v1_",
    "doo_v1_",
    "dor_v1_",
    "pul-",
    "sbp_",
    "nfp_",
    "sntryu_",
    "sntrys_",
    "dckr_pat_",
    "fm2_",
    "ya29.",
    "1//0",
    "sha256~",
];
