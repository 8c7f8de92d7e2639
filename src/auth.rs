//! **The seam for auth systems.** A provider is one implementation of [`Provider`] and one line in
//! [`crate::providers`]; the form, the command line, validation, masking and listing all follow from its
//! [`Descriptor`].
//!
//! Providers write nothing to disk and keep no state, so dropping one of their futures loses nothing of ours. What its server
//! gave meanwhile would be lost, so [`crate::session`] drops none whose request was sent: [`Context::pause`] says when it may.

pub mod answer;
mod descriptor;
mod error;
pub mod import;
pub mod key_source;
mod readonly;
pub mod rotation;
mod settings;
mod token_set;

use std::{borrow::Cow, collections::BTreeMap, sync::Mutex};

use async_trait::async_trait;
use serde_json::{Map, Value};
use url::Url;

use self::rotation::Ending;
pub use self::{
    descriptor::{Capabilities, Descriptor, Field, FieldKind},
    error::AuthError,
    readonly::ReadOnly,
    settings::{
        NETWORK_FIELDS, ORIGINS, REFRESH_FIELDS, RENEW_ON_401, SECRET_FIELDS, SecretRef, SettingError, Settings,
        applies, curl,
    },
    token_set::{IssuedToken, Scheme, TokenKind, TokenSet},
};
use crate::{clock::Timestamp, http::Http, secret::SecretString};

/// The code for one auth system. What it does not implement the system cannot do, and its [`Capabilities`] say so.
#[async_trait]
pub trait Provider: Send + Sync {
    /// What the system is called, needs and can do.
    fn descriptor(&self) -> &'static Descriptor;

    /// Gets a first token set: the only call that may ask the user something.
    async fn login(&self, _: &Settings, _: &Context<'_>) -> Result<TokenSet, AuthError> {
        Err(AuthError::no_call(self.descriptor(), "login", "paste a token instead"))
    }

    /// Gets a new token set from an old one. Never asks. What the reply leaves out (a refresh token that
    /// does not rotate) is carried over from `token_set`: the result is complete.
    async fn refresh(&self, _: &Settings, _: &TokenSet, _: &Context<'_>) -> Result<TokenSet, AuthError> {
        Err(AuthError::no_call(self.descriptor(), "refresh", "get a new one from the same source"))
    }

    /// Whether [`Self::refresh`] needs no refresh token: such a profile logs in without a user.
    fn renews_alone(&self, _: &Settings) -> bool {
        false
    }

    /// By what a token is ended: what the table says, where not only the server's metadata tell. Sends nothing else.
    async fn ending(&self, _: &Settings, token: &IssuedToken, _: &Context<'_>) -> Result<Ending, AuthError> {
        Ok(self.descriptor().rotation.ending(token))
    }

    /// Asks the server to revoke one token. `hinted`: with its kind as `token_type_hint`; some servers revoke nothing where they
    /// find none, others only without it.
    async fn end(&self, _: &Settings, _: &IssuedToken, _hinted: bool, _: &Context<'_>) -> Result<Fate, AuthError> {
        match self.descriptor().rotation.unrevocable {
            Some(why) => Ok(Fate::Alive(why.to_owned())),
            None => Err(AuthError::no_call(self.descriptor(), "revocation", "revoke it at its source")),
        }
    }

    /// Asks the server to revoke the token set, and says what it could not do.
    async fn revoke(
        &self,
        settings: &Settings,
        token_set: &TokenSet,
        cx: &Context<'_>,
    ) -> Result<Revocation, AuthError> {
        let mut tokens: Vec<(TokenKind, Fate)> = Vec::new();
        for token in token_set.in_order_of_ending() {
            let fate = match self.end(settings, token, true, cx).await {
                Ok(fate) => fate,
                // What is true of the first call need not be told twice; of a later one it must not hide the first.
                Err(error) if tokens.is_empty() => return Err(error),
                Err(error) => Fate::Alive(error.to_string()),
            };
            tokens.push((token.kind, fate));
        }
        Ok(Revocation { tokens })
    }

    /// Shows the token to the system as an API call does, "who am I": is it accepted right now?
    async fn present(&self, _: &Settings, _: &IssuedToken, _: &Context<'_>) -> Result<ProbeVerdict, AuthError> {
        Err(AuthError::unsupported(
            "tokscope does not know where this token is accepted",
            "set probe_url in the profile to an endpoint that answers 2xx if it is",
        ))
    }

    /// Asks the server what it says of a token of any kind (RFC 7662), with its kind as the hint.
    async fn introspect(&self, _: &Settings, _: &IssuedToken, _: &Context<'_>) -> Result<ProbeVerdict, AuthError> {
        Err(AuthError::no_call(self.descriptor(), "introspection", "try the token where it is used"))
    }

    /// Whether the token is accepted right now: by its use, or where that says nothing, by what the server says of it.
    async fn probe(
        &self,
        settings: &Settings,
        token: &IssuedToken,
        cx: &Context<'_>,
    ) -> Result<ProbeVerdict, AuthError> {
        let used = match self.present(settings, token, cx).await {
            Err(AuthError::Unsupported(unsupported)) => Err(AuthError::Unsupported(unsupported)),
            Ok(verdict) if verdict.acceptance == Acceptance::Unclear => Ok(verdict),
            settled => return settled,
        };
        match (self.introspect(settings, token, cx).await, used) {
            (Err(AuthError::Unsupported(_)), used) => used,
            (Ok(verdict), Ok(before)) if verdict.acceptance == Acceptance::Unclear => {
                Ok(ProbeVerdict { detail: format!("{}; {}", before.detail, verdict.detail), ..verdict })
            }
            (said, _) => said,
        }
    }
}

/// What a provider may use while it works.
pub struct Context<'a> {
    /// The one HTTP client, with the profile's policy applied.
    pub http: &'a Http,
    /// Questions and progress.
    pub interaction: &'a dyn Interaction,
    /// Where `env:`, `file:` and `cmd:` secrets come from.
    pub secrets: &'a dyn SecretSource,
    /// Where a provider leaves the ID token that it got, for whoever verifies it once the tokens are saved.
    pub id_token: Mutex<Option<UnverifiedIdToken>>,
    /// What issuers publish of themselves, by their names: asked for once.
    pub published: Mutex<BTreeMap<String, Map<String, Value>>>,
}

impl<'a> Context<'a> {
    /// For one call.
    pub fn new(http: &'a Http, interaction: &'a dyn Interaction, secrets: &'a dyn SecretSource) -> Self {
        Self { http, interaction, secrets, id_token: Mutex::default(), published: Mutex::default() }
    }
}

impl Context<'_> {
    /// Waits for people, for time, or for what can be asked for again. No answer before it held a token: only here may a
    /// call be abandoned that has sent something.
    pub async fn pause<T>(&self, work: impl Future<Output = T>) -> T {
        self.http.sent().pause(work).await
    }

    /// From here on the call may yield tokens, and is not abandoned. Requests say so themselves.
    ///
    /// # Errors
    /// [`AuthError::Cancelled`] where the call is no longer wanted.
    pub fn begin(&self) -> Result<(), AuthError> {
        if self.http.sent().begin() { Ok(()) } else { Err(AuthError::Cancelled) }
    }

    /// Does what the tokens do not depend on. `None`: the user wants to leave, and the tokens do not wait for it.
    pub async fn unless_left<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! { biased;
            () = self.http.sent().unwanted() => None,
            done = work => Some(done),
        }
    }

    /// The secret of a field: resolved from its reference, or asked for. `None` where the field is optional and unset.
    pub async fn secret(&self, settings: &Settings, key: &'static str) -> Result<Option<SecretString>, AuthError> {
        match settings.secret_ref(key) {
            None => Ok(None),
            Some(SecretRef::Prompt) => self.interaction.ask(Prompt::of(settings.field(key))).await.map(Some),
            Some(SecretRef::Plain(value)) => Ok(Some(value.clone())),
            Some(reference) => self.secrets.resolve(reference).await.map(Some),
        }
    }

    /// Like [`Context::secret`] for a field that the call cannot do without: an unset one is asked for.
    pub async fn required_secret(&self, settings: &Settings, key: &'static str) -> Result<SecretString, AuthError> {
        match self.secret(settings, key).await? {
            Some(secret) => Ok(secret),
            None => self.interaction.ask(Prompt::of(settings.field(key))).await,
        }
    }
}

/// An ID token that came by this call, what its claims have against it, and what its signature is verified with.
#[derive(Debug, Clone)]
pub struct UnverifiedIdToken {
    /// The token.
    pub raw: SecretString,
    /// What is wrong with its claims (OpenID Connect Core §3.1.3.7). Foreign text.
    pub faults: Vec<String>,
    /// Where the issuer publishes its keys, if it says so.
    pub jwks_uri: Option<Url>,
    /// That address is of the issuer's or the token endpoint's origin: it may be asked without a question.
    pub may_fetch: bool,
    /// The client's secret, by which an ID token may be signed instead (§10.1).
    pub secret: Option<SecretString>,
}

/// The user, as seen from a provider.
#[async_trait]
pub trait Interaction: Send + Sync {
    /// Tells how far the work has come.
    fn report(&self, step: Progress);
    /// Asks a question. [`AuthError::Cancelled`] when the user declines, [`AuthError::NeedsInteraction`] when
    /// no user can answer.
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError>;
    /// Whether a user is there who can open a page or type a code elsewhere: without, no login waits for it.
    fn is_attended(&self) -> bool {
        true
    }
    /// Returns when the user wants no more of it. What was sent is still finished: [`Progress::Finishing`] says so.
    async fn given_up(&self) {
        std::future::pending::<()>().await;
    }
    /// Whether a person asked for this very call, whether or not they can be asked something: what a person asks for is
    /// sent. Only what the program begins automatically has a limit.
    fn is_by_hand(&self) -> bool {
        self.is_attended()
    }
}

/// No user: what a background refresh gets, so that it can never open a browser or a prompt at night.
#[derive(Debug, Clone, Copy)]
pub struct NoInteraction;

#[async_trait]
impl Interaction for NoInteraction {
    fn report(&self, _: Progress) {}
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        Err(AuthError::NeedsInteraction(prompt.label.into_owned()))
    }
    fn is_attended(&self) -> bool {
        false
    }
}

/// Passes reports on and answers no question: what every call but a login gets.
pub struct Unasked<'a>(pub &'a dyn Interaction);

#[async_trait]
impl Interaction for Unasked<'_> {
    fn report(&self, step: Progress) {
        self.0.report(step);
    }
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        NoInteraction.ask(prompt).await
    }
    fn is_attended(&self) -> bool {
        false
    }
    fn is_by_hand(&self) -> bool {
        self.0.is_by_hand()
    }
}

/// Resolves references to secrets that live outside of the profile.
#[async_trait]
pub trait SecretSource: Send + Sync {
    /// The secret that `env:`, `file:` or `cmd:` points to.
    async fn resolve(&self, reference: &SecretRef) -> Result<SecretString, AuthError>;
}

/// A question to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The key of the field, or of a question that only this provider asks (`otp_code`).
    pub key: &'static str,
    /// What is asked for: `Password`.
    pub label: Cow<'static, str>,
    /// One line of help.
    pub help: Cow<'static, str>,
    /// Whether the answer is masked while it is typed.
    pub secret: bool,
}

/// Secrets that are used on this machine: no server gets them.
const USED_HERE: [&str; 5] = ["vault_passphrase", "passphrase", "private_key", "verify_secret", "master_key"];

impl Prompt {
    /// For the secret of a field.
    fn of(field: &'static Field) -> Self {
        Self { key: field.key, label: field.label.into(), help: field.help.into(), secret: true }
    }

    /// Whether the answer stays on this machine.
    pub fn stays_here(&self) -> bool {
        USED_HERE.contains(&self.key)
    }
}

/// How far a login or refresh has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A request is under way: `token endpoint of lms.example.org`.
    Contacting(String),
    /// The user has to open this page. The shell opens or prints it.
    OpenPage {
        /// The address to open.
        url: String,
    },
    /// RFC 8628: the user has to enter a code on another page.
    DeviceCode {
        /// What to type in.
        user_code: String,
        /// Where.
        verification_uri: String,
        /// The address that holds the code already, for a QR code.
        verification_uri_complete: Option<String>,
        /// When the code stops working.
        expires_at: Timestamp,
    },
    /// Nothing is sent before this moment: a server that waits for the user is asked again only then.
    Pausing {
        /// When it is asked.
        until: Timestamp,
    },
    /// Something the user should know, in words.
    Remark(String),
    /// It was given up after something was sent: the answer is waited for, and what it brings is saved.
    Finishing,
}

/// What became of a token set that was to be revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Each token of the set with its fate.
    pub tokens: Vec<(TokenKind, Fate)>,
}

impl Revocation {
    /// No token of the set could be revoked, and why.
    pub fn none(token_set: &TokenSet, why: &str) -> Self {
        Self { tokens: token_set.tokens.iter().map(|token| (token.kind, Fate::Alive(why.to_owned()))).collect() }
    }

    /// What no server takes back: a signed access token is checked without asking it. `until`: when it expires, in words.
    pub fn outlasts(until: Option<&str>) -> String {
        let until = until.map_or("still accept it: no expiry given".to_owned(), |end| format!("accept it until {end}"));
        format!("Services that check the access token themselves {until}.")
    }
}

/// What came of a revocation for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The server was asked and answered with this status of success. That proves nothing: RFC 7009 §2.2 has 200 for unknown
    /// tokens too.
    Asked(u16),
    /// It could not be asked, or said no: the token is still active, and why.
    Alive(String),
}

/// The answer to "is this token accepted right now?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeVerdict {
    /// What it comes to.
    pub acceptance: Acceptance,
    /// The HTTP status.
    pub status: u16,
    /// Who the server says we are.
    pub account: Option<String>,
    /// The server's own words, and what they mean.
    pub detail: String,
}

/// Whether a token was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// The call succeeded.
    Accepted,
    /// The server refused this token.
    Rejected,
    /// The answer says nothing about the token (a 404, a 500).
    Unclear,
}
