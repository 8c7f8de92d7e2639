//! **The seam for auth systems.** A provider is one implementation of [`Provider`] and one line in
//! [`crate::providers`]; the form, the command line, validation, masking and listing all follow from its
//! [`Descriptor`].
//!
//! Providers write nothing to disk and keep no state, so dropping one of their futures is always safe.

mod error;
pub mod program;
mod settings;

use std::{borrow::Cow, fmt};

use async_trait::async_trait;

pub use self::error::AuthError;
pub use self::settings::{NETWORK_FIELDS, SecretRef, SettingError, Settings, applies};
use crate::{
    clock::Timestamp,
    http::Http,
    secret::{Fingerprint, SecretString},
};

/// The code for one auth system.
#[async_trait]
pub trait Provider: Send + Sync {
    /// What the system is called, needs and can do.
    fn descriptor(&self) -> &'static Descriptor;

    /// Gets a first token set: the only call that may ask the user something.
    async fn login(&self, settings: &Settings, cx: &Context<'_>) -> Result<TokenSet, AuthError>;

    /// Gets a new token set from an old one. Never asks. What the reply leaves out (a refresh token that
    /// does not rotate) is carried over from `token_set`: the result is complete.
    async fn refresh(&self, settings: &Settings, token_set: &TokenSet, cx: &Context<'_>)
    -> Result<TokenSet, AuthError>;

    /// Asks the server to revoke the token set, and says what it could not do.
    async fn revoke(
        &self,
        settings: &Settings,
        token_set: &TokenSet,
        cx: &Context<'_>,
    ) -> Result<Revocation, AuthError>;

    /// Asks the system "who am I" with this token: is it accepted right now?
    async fn probe(
        &self,
        settings: &Settings,
        token: &IssuedToken,
        cx: &Context<'_>,
    ) -> Result<ProbeVerdict, AuthError>;
}

/// What a provider may use while it works.
pub struct Context<'a> {
    /// The one HTTP client, with the profile's policy applied.
    pub http: &'a Http,
    /// Questions and progress.
    pub interaction: &'a dyn Interaction,
    /// Where `env:`, `file:` and `cmd:` secrets come from.
    pub secrets: &'a dyn SecretSource,
}

impl Context<'_> {
    /// The secret of a field: resolved from its reference, or asked for. `None` where the field is optional and unset.
    pub async fn secret(&self, settings: &Settings, key: &'static str) -> Result<Option<SecretString>, AuthError> {
        let field = settings.field(key);
        match settings.secret_ref(key) {
            None => Ok(None),
            Some(SecretRef::Prompt) => {
                let prompt = Prompt { key, label: field.label.into(), help: field.help.into(), secret: true };
                self.interaction.ask(prompt).await.map(Some)
            }
            Some(SecretRef::Plain(value)) => Ok(Some(value.clone())),
            Some(reference) => self.secrets.resolve(reference).await.map(Some),
        }
    }

    /// Like [`Context::secret`] for a field that the call cannot do without: an unset one is asked for.
    pub async fn required_secret(&self, settings: &Settings, key: &'static str) -> Result<SecretString, AuthError> {
        match self.secret(settings, key).await? {
            Some(secret) => Ok(secret),
            None => {
                let field = settings.field(key);
                self.interaction
                    .ask(Prompt { key, label: field.label.into(), help: field.help.into(), secret: true })
                    .await
            }
        }
    }
}

/// The user, as seen from a provider.
#[async_trait]
pub trait Interaction: Send + Sync {
    /// Tells how far the work has come.
    fn report(&self, step: Step);
    /// Asks a question. [`AuthError::Cancelled`] when the user declines, [`AuthError::NeedsInteraction`] when
    /// nobody can answer.
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError>;
    /// Whether somebody is there who can open a page or type a code elsewhere: without, no login waits for it.
    fn is_attended(&self) -> bool {
        true
    }
}

/// Nobody is there: what a background refresh gets, so that it can never open a browser or a prompt at night.
#[derive(Debug, Clone, Copy)]
pub struct NoInteraction;

#[async_trait]
impl Interaction for NoInteraction {
    fn report(&self, _: Step) {}
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        Err(AuthError::NeedsInteraction { what: prompt.label.into_owned() })
    }
    fn is_attended(&self) -> bool {
        false
    }
}

/// Passes reports on and answers no question: what every call but a login gets.
pub struct Unasked<'a>(pub &'a dyn Interaction);

#[async_trait]
impl Interaction for Unasked<'_> {
    fn report(&self, step: Step) {
        self.0.report(step);
    }
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        NoInteraction.ask(prompt).await
    }
    fn is_attended(&self) -> bool {
        false
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

/// How far a login or refresh has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
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
    /// Something the user should know, in words.
    Remark(String),
}

/// What a provider is: everything that lists, forms, validation and masking need.
#[derive(Debug)]
pub struct Descriptor {
    /// The id in profiles and arguments: `openedx`.
    pub id: &'static str,
    /// The name for people: `Open edX`.
    pub title: &'static str,
    /// One line on what it logs in with.
    pub summary: &'static str,
    /// The settings, in the order of the form.
    pub own_fields: &'static [Field],
    /// What the system can do.
    pub capabilities: Capabilities,
    /// Where the vendor documents it.
    pub documentation: &'static str,
}

impl Descriptor {
    /// All settings in the order of the form: the provider's own, then those that every connection has.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + Clone + use<> {
        self.own_fields.iter().chain(&NETWORK_FIELDS)
    }

    /// The setting of a key.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields().find(|field| field.key == key)
    }
}

/// Which calls of [`Provider`] the system has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Tokens can be obtained.
    pub login: bool,
    /// Tokens can be renewed.
    pub refresh: bool,
    /// At least one kind of token can be revoked at the server.
    pub revoke: bool,
    /// There is a "who am I" call.
    pub probe: bool,
}

/// One setting of a provider.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The key in the profile: `client_id`.
    pub key: &'static str,
    /// The label in forms: `Client ID`.
    pub label: &'static str,
    /// What values it takes.
    pub kind: FieldKind,
    /// Whether a login can do without it. A missing required secret is asked for.
    pub required: bool,
    /// The value of an unset field.
    pub default: Option<&'static str>,
    /// The field is there only while another one has one of these values.
    pub only_if: Option<(&'static str, &'static [&'static str])>,
    /// One line of help.
    pub help: &'static str,
}

impl Field {
    /// An optional field that is always there.
    pub const fn new(key: &'static str, label: &'static str, kind: FieldKind, help: &'static str) -> Self {
        Self { key, label, kind, required: false, default: None, only_if: None, help }
    }

    /// A login cannot do without it.
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// With a value for when it is unset.
    pub const fn with_default(self, value: &'static str) -> Self {
        Self { default: Some(value), ..self }
    }

    /// There only while another field has one of these values.
    pub const fn only_if(self, key: &'static str, values: &'static [&'static str]) -> Self {
        Self { only_if: Some((key, values)), ..self }
    }
}

/// What values a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text of one line.
    Text,
    /// An absolute http or https URL.
    Url,
    /// A reference to a secret, see [`SecretRef`].
    Secret,
    /// One of these.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// Whole seconds, at least one.
    Seconds,
    /// A path of a file, `~` allowed.
    Path,
}

/// Which token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// Goes to the API.
    Access,
    /// Goes to the authorization server, for a new access token.
    Refresh,
    /// Tells the client who logged in (OpenID Connect).
    Id,
    /// Pasted: nobody said.
    Unknown,
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Id => "id",
            Self::Unknown => "token",
        })
    }
}

/// The authentication scheme that goes in front of a token in `Authorization`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme(Cow<'static, str>);

impl Scheme {
    /// RFC 6750.
    pub const BEARER: Self = Self(Cow::Borrowed("Bearer"));
    /// Open edX's own.
    pub const JWT: Self = Self(Cow::Borrowed("JWT"));

    /// Any other scheme; `None` where the text is no RFC 9110 token.
    pub fn new(name: &str) -> Option<Self> {
        let legal = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        (!name.is_empty() && name.chars().all(legal)).then(|| Self(Cow::Owned(name.to_owned())))
    }

    /// The scheme as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One token as the server gave it.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// Which one.
    pub kind: TokenKind,
    /// The token itself.
    pub raw: SecretString,
    /// When the server said that it ends: `expires_in` made absolute, or an absolute expiry of the reply.
    pub expires_at: Option<Timestamp>,
    /// How it is presented to the API.
    pub scheme: Scheme,
}

/// What one login or refresh yields.
#[derive(Debug, Clone)]
pub struct TokenSet {
    /// The tokens, access first.
    pub tokens: Vec<IssuedToken>,
    /// The granted scope where the server named it (RFC 6749 §3.3).
    pub scope: Option<String>,
    /// Whose tokens they are, where the reply says so.
    pub account: Option<String>,
    /// When the reply arrived.
    pub received_at: Timestamp,
    /// What the user should know about this reply: "the server sent no refresh token".
    pub remarks: Vec<String>,
}

impl TokenSet {
    /// The first token of a kind.
    pub fn token(&self, kind: TokenKind) -> Option<&IssuedToken> {
        self.tokens.iter().find(|token| token.kind == kind)
    }

    /// Completes the reply to a refresh: what it left out is still what the old set had. The old access token is not
    /// carried over: a reply without a new one is none.
    pub fn completed_from(mut self, old: &TokenSet) -> Self {
        for token in &old.tokens {
            if token.kind != TokenKind::Access && self.token(token.kind).is_none() {
                self.tokens.push(token.clone());
            }
        }
        self.scope = self.scope.or_else(|| old.scope.clone());
        self.account = self.account.or_else(|| old.account.clone());
        self
    }
}

/// What became of a token set that was to be revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Each token of the set with its fate.
    pub tokens: Vec<(TokenKind, Fate)>,
}

/// What is known of a token after a revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The server said that it is dead. (RFC 7009 answers 200 for unknown tokens too.)
    Revoked,
    /// It lives on, and why.
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

/// A token's fingerprint, for messages.
impl IssuedToken {
    /// The fingerprint by which people may talk about the token.
    pub fn fingerprint(&self) -> Fingerprint {
        use crate::secret::ExposeSecret as _;
        Fingerprint::of(self.raw.expose_secret())
    }
}
