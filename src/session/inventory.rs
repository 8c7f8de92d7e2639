//! What this machine holds: the tokens of other programs, and our own profiles'. Nothing is sent, and no token leaves it.

use std::path::PathBuf;

use super::Session;
use crate::{
    clock::Timestamp,
    profile::Profile,
    secret::{ExposeSecret as _, Fingerprint},
    store::{
        inventory::{self, Held, Place},
        vault::VaultError,
    },
    token::{
        Form, Token,
        detect::Found,
        lifetime::Lifetime,
        state::{Facts, State},
    },
};

/// A token or another secret that this machine holds.
#[derive(Debug, Clone)]
pub struct Holding {
    /// The word for whose it is: `gh`, `tokscope`.
    pub id: &'static str,
    /// Its name.
    pub program: &'static str,
    /// Where it is.
    pub place: Place,
    /// Whose it is, or what it belongs to there: an account, a host, a profile. Foreign text.
    pub account: Option<String>,
    /// Who issued it, as a JWT says. Foreign text.
    pub issuer: Option<String>,
    /// `access`, `refresh`, `id`, `token`, or `key` for a secret that never was a token.
    pub kind: String,
    /// What its state follows from.
    pub facts: Facts,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// What ends it at the server.
    pub revoke: String,
    /// The command that prints a fresh one.
    pub command: Option<&'static str>,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Holdings {
    /// What was found, program by program.
    pub all: Vec<Holding>,
    /// What was there and could not be read. Partly foreign text.
    pub unread: Vec<String>,
    /// What was not looked at, and why. Partly foreign text.
    pub remarks: Vec<String>,
}

impl Holding {
    /// Its state at a time.
    pub fn state(&self, now: Timestamp) -> State {
        self.facts.state(now)
    }

    /// When it ends.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.facts.access.and_then(|life| life.expires_at)
    }

    fn of(held: Held) -> Self {
        let Held { program, place, name, of, kind, found } = held;
        let token = found.inspect();
        let said = |name: &str| {
            let claims = token.claims()?;
            Some(claims.string(claims.member(name)?)?.into_owned())
        };
        let account = token.account().or_else(|| token.subject()).map(Into::into).or(of).or(name);
        let opaque = matches!(token.form(), Form::Opaque);
        let facts = Facts { access: Some(found.lifetime(&token)), opaque, ..Facts::default() };
        let (id, program, revoke, command) = (program.id, program.name, program.revoke.to_owned(), program.command);
        let (issuer, fingerprint) = (said("iss"), token.fingerprint());
        Self { id, program, place, account, issuer, kind: kind.to_owned(), facts, fingerprint, revoke, command }
    }
}

/// A token or another secret that another program keeps, with its text: for a list in memory.
#[derive(Debug)]
pub struct HeldToken {
    /// The word for the program: `gh`.
    pub id: &'static str,
    /// Its name.
    pub program: &'static str,
    /// Where it is.
    pub place: Place,
    /// What it belongs to there: a host, a section, its name. Foreign text.
    pub of: Option<String>,
    /// What ends it at the server.
    pub revoke: &'static str,
    /// The command that prints a fresh one.
    pub command: Option<&'static str>,
    /// The secret, and what is said beside it.
    pub found: Found,
}

/// All of them.
#[derive(Debug, Default)]
pub struct HeldTokens {
    /// Program by program.
    pub all: Vec<HeldToken>,
    /// What was there and could not be read. Partly foreign text.
    pub unread: Vec<String>,
    /// What was not looked at, and why. Partly foreign text.
    pub remarks: Vec<String>,
}

/// What the files and variables of other programs hold. Nothing is sent.
pub fn of_other_programs() -> HeldTokens {
    let inventory::Inventory { held, unread, remarks } = inventory::take(&[]);
    let all = held.into_iter().map(|held| {
        let Held { program, place, name, of, found, .. } = held;
        let &inventory::Program { id, name: title, revoke, command, .. } = program;
        HeldToken { id, program: title, place, of: of.or(name), revoke, command, found }
    });
    HeldTokens { all: all.collect(), unread, remarks }
}

impl Session {
    /// What the files and variables of other programs hold, those below the named paths, and the tokens of these profiles, which
    /// are kept in this file or folder. A profile of a locked vault is named in a remark.
    pub fn holdings(&self, profiles: &[Profile], vault: PathBuf, paths: &[PathBuf], now: Timestamp) -> Holdings {
        let found = inventory::take(paths);
        let mut holdings = Holdings { unread: found.unread, remarks: found.remarks, ..Holdings::default() };
        holdings.all.extend(found.held.into_iter().map(Holding::of));
        let mut locked = 0;
        let place = inventory::place_of(vault);
        for profile in profiles {
            let record = match self.vault.read(&profile.name) {
                Ok(record) => record.unwrap_or_default(),
                Err(VaultError::Locked) => {
                    locked += usize::from(self.vault.keeps(&profile.name));
                    continue;
                }
                Err(error) => {
                    holdings.unread.push(format!("{}: {error}", profile.name));
                    continue;
                }
            };
            for set in record.sets(now) {
                holdings.all.extend(set.tokens.iter().map(|token| {
                    let raw = token.raw.as_ref().map(|raw| Token::inspect(raw.expose_secret()));
                    let issuer = raw.as_ref().and_then(|token| {
                        let claims = token.claims()?;
                        Some(claims.string(claims.member("iss")?)?.into_owned())
                    });
                    let mut facts = set.facts(token, &record.evidence);
                    facts.access.get_or_insert(Lifetime::new(None, token.expires_at, None));
                    Holding {
                        id: "tokscope",
                        program: "tokscope",
                        place: place.clone(),
                        account: Some(profile.name.to_string()),
                        issuer,
                        kind: token.kind.to_string(),
                        facts,
                        fingerprint: token.fingerprint,
                        revoke: format!("`tokscope logout {}`", profile.name),
                        command: None,
                    }
                }));
            }
        }
        if locked > 0 {
            holdings.remarks.push(format!("tokscope: the vault is locked, with tokens of {locked} profiles"));
        }
        holdings
    }
}
