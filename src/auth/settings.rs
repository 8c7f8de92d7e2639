//! The settings of a profile, parsed once against the provider's fields. Everything that is wrong is said at once.

use std::{borrow::Cow, collections::BTreeMap};

use url::Url;

use super::{Descriptor, Field, FieldKind, TokenKind, key_source::KeySource, rotation::When};
use crate::{profile::Profile, secret::SecretString, text::typed};

/// The setting that lists where else than to `url` an access token may go: a list in the file, words in a text.
pub const ORIGINS: &str = "origins";

/// The setting that lets a call renew the tokens when the API does not take them.
pub const RENEW_ON_401: &str = "renew_on_401";

/// The settings that every provider has behind its own: where to try a token, and how to connect.
#[rustfmt::skip]
pub static NETWORK_FIELDS: [Field; 5] = [
    Field::url("probe_url", "Probe URL", "A URL that answers 2xx to a valid token; unset: the system's who-am-I call"),
    Field::new(ORIGINS, "Origins", FieldKind::Origins,
        "Where `call` may send the token besides url: https://api.example.org …"),
    Field::new("timeout", "Time-out", FieldKind::Seconds, "Seconds per request").with_default("20"),
    Field::flag("allow_http", "Allow http", "Send secrets over plain http to hosts other than this machine")
        .with_default("false"),
    Field::new("ca_file", "CA file", FieldKind::Path,
        "PEM file of a certificate authority to trust in addition to the system's"),
];

/// The settings of every provider whose tokens can be renewed: whether tokscope does it without being asked, and when.
#[rustfmt::skip]
pub static REFRESH_FIELDS: [Field; 3] = [
    Field::flag("auto_refresh", "Auto-refresh", "Refresh automatically before expiry; unset: as in config.toml"),
    Field::new("refresh_margin", "Refresh margin", FieldKind::Seconds,
        "Seconds before expiry; unset: a tenth of the token's lifetime, at least 30"),
    Field::flag(RENEW_ON_401, "Renew on 401", "`tokscope call`: if the API answers 401, refresh once and try once more")
        .with_default("false"),
];

/// The setting of every provider that has secrets: whether the vault remembers the ones that are asked for.
pub static SECRET_FIELDS: [Field; 1] = [Field::flag(
    "remember_secrets",
    "Remember secrets",
    "Save what is typed at login in the vault for later logins; never one-time codes",
)];

/// Where a secret comes from. A profile never holds the secret itself, unless `plain:` says so by name.
#[derive(Debug, Clone)]
pub enum SecretRef {
    /// `prompt`: asked at login.
    Prompt,
    /// `env:NAME`: an environment variable.
    Env(String),
    /// `file:PATH`: a whole file without the line break at its end: a private key has many lines.
    File(String),
    /// `cmd:PROGRAM ARGS`: the first line that a program prints.
    Command(String),
    /// `plain:SECRET`: in the profile itself.
    Plain(SecretString),
}

impl SecretRef {
    /// What is shown in place of a secret.
    pub const MASK: &str = "••••";

    /// Reads a reference; the error does not repeat the text, which may be a secret.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FORMS: &str =
            "write prompt, env:NAME, file:PATH, cmd:PROGRAM ARGS, or plain:SECRET to keep it in the file";
        match text.split_once(':') {
            None if text == "prompt" => Ok(Self::Prompt),
            Some((_, "")) => Err(FORMS),
            Some(("env", name)) => Ok(Self::Env(name.to_owned())),
            Some(("file", path)) => Ok(Self::File(path.to_owned())),
            Some(("cmd", line)) => Ok(Self::Command(line.to_owned())),
            Some(("plain", secret)) => Ok(Self::Plain(secret.into())),
            _ => Err(FORMS),
        }
    }

    /// What stands in a profile, as it may be shown: a reference is, a secret is not, and what is not a reference may be one.
    /// Foreign text.
    pub fn masked(text: &str) -> Cow<'_, str> {
        match Self::parse(text.trim()) {
            Ok(Self::Plain(_)) => format!("plain:{}", Self::MASK).into(),
            Ok(Self::Prompt | Self::Env(_) | Self::File(_) | Self::Command(_)) => text.into(),
            Err(_) => Self::MASK.into(),
        }
    }
}

/// One thing that is wrong with the settings of a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct SettingError {
    /// The key of the setting.
    pub key: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

/// The settings of a profile, checked: every key is a field of the provider, every value is of its kind, nothing
/// required is missing.
#[derive(Debug, Clone)]
pub struct Settings {
    descriptor: &'static Descriptor,
    values: BTreeMap<&'static str, String>,
    secrets: BTreeMap<&'static str, SecretRef>,
}

impl Settings {
    /// Checks a profile against the provider's fields. All errors are returned at once.
    pub fn parse(descriptor: &'static Descriptor, profile: &Profile) -> Result<Self, Vec<SettingError>> {
        let mut settings = Self { descriptor, values: BTreeMap::new(), secrets: BTreeMap::new() };
        let mut errors = Vec::new();
        let mut wrong = |key: &str, problem: String| errors.push(SettingError { key: key.to_owned(), problem });
        for key in profile.settings.keys() {
            if !descriptor.fields().any(|field| field.key == key) {
                let known: Vec<_> = descriptor.fields().map(|field| field.key).collect();
                // A value without its key may stand here.
                wrong(
                    typed::word(key).unwrap_or("…"),
                    format!("{} has no such setting; its settings are {}", descriptor.title, known.join(", ")),
                );
            }
        }
        for field in descriptor.fields() {
            let given = profile.settings.get(field.key).map(|value| value.trim()).filter(|value| !value.is_empty());
            if !applies(field, descriptor, profile) {
                continue;
            }
            match given.or(field.default) {
                None if field.kind == FieldKind::Secret && (field.required || asks(field, descriptor, profile)) => {
                    settings.secrets.insert(field.key, SecretRef::Prompt);
                }
                None if field.required => wrong(field.key, format!("is missing: {}", field.help)),
                None => {}
                Some(value) if field.kind == FieldKind::Secret => match SecretRef::parse(value) {
                    Ok(reference) => _ = settings.secrets.insert(field.key, reference),
                    Err(problem) => wrong(field.key, problem.to_owned()),
                },
                Some(value) => match check(field.kind, value) {
                    Ok(()) => _ = settings.values.insert(field.key, value.to_owned()),
                    Err(problem) => wrong(field.key, problem),
                },
            }
        }
        if let Err(problem) = KeySource::of(profile) {
            wrong("verify_key", problem.to_owned());
        }
        if errors.is_empty() { Ok(settings) } else { Err(errors) }
    }

    /// Asks for these secrets, whatever the profile says: those that it does not have are left out.
    pub fn ask_for(&mut self, keys: &[&'static str]) {
        for key in keys {
            self.secrets.entry(key).and_modify(|secret| *secret = SecretRef::Prompt);
        }
    }

    /// A value, or the field's default; `None` for an optional field that is unset.
    pub fn text(&self, key: &'static str) -> Option<&str> {
        self.field(key);
        self.values.get(key).map(String::as_str)
    }

    /// A value of a field that this provider may not have at all, such as one of [`NETWORK_FIELDS`].
    pub fn lookup(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// A value that the descriptor says is always there: required, or with a default.
    pub fn required(&self, key: &'static str) -> &str {
        self.text(key).expect("Settings::parse refuses a profile without its required settings")
    }

    /// A URL that the descriptor says is always there.
    pub fn url(&self, key: &'static str) -> Url {
        Url::parse(self.required(key)).expect("Settings::parse checks URLs")
    }

    /// The addresses among the values, with their keys.
    pub fn urls(&self) -> impl Iterator<Item = (&'static str, Url)> {
        let urls = self.values.iter().filter(|(key, _)| self.field(key).kind == FieldKind::Url);
        urls.filter_map(|(key, text)| Some((*key, Url::parse(text).ok()?)))
    }

    /// The origin of the server that the profile logs in at, where a setting names it.
    pub fn server(&self) -> Option<String> {
        let field = |key: &str| self.descriptor.fields().position(|field| field.key == key);
        let urls =
            self.urls().filter(|(key, _)| !["resource", "redirect_uri", "probe_url", "verify_issuer"].contains(key));
        let first = urls.min_by_key(|(key, _)| field(key))?;
        Some(first.1.origin().ascii_serialization())
    }

    /// Whether a flag is set.
    pub fn flag(&self, key: &'static str) -> bool {
        self.text(key) == Some("true")
    }

    /// Where a secret comes from; `None` for an optional one that is unset.
    pub fn secret_ref(&self, key: &'static str) -> Option<&SecretRef> {
        self.field(key);
        self.secrets.get(key)
    }

    /// The field of a key.
    ///
    /// # Panics
    /// When the provider asks for a key that its own descriptor does not have.
    pub fn field(&self, key: &str) -> &'static Field {
        self.descriptor.field(key).expect("a provider asks for fields of its descriptor")
    }
}

/// A command that asks this program for a fresh token, so that none is in a history or an argument, and sends it to the
/// server of the profile.
pub fn curl(profile: &Profile, descriptor: Option<&'static Descriptor>, kind: TokenKind) -> String {
    let settings = descriptor.and_then(|descriptor| Settings::parse(descriptor, profile).ok());
    let server = settings.and_then(|settings| settings.server()).unwrap_or_else(|| "URL".to_owned());
    let kind = match kind {
        TokenKind::Access | TokenKind::Unknown => String::new(),
        kind => format!(" --kind {kind}"),
    };
    let (name, server) = (shell_words::quote(profile.name.as_str()), shell_words::quote(&server));
    format!("tokscope token {name}{kind} --format header | curl -H @- {server}")
}

/// Whether a field is in play, given what the profile says about the field it depends on.
pub fn applies(field: &Field, descriptor: &Descriptor, profile: &Profile) -> bool {
    field.only_if.is_none() || holds(field.only_if, descriptor, profile)
}

/// Whether a login asks for a secret that is unset, although others do without it.
fn asks(field: &Field, descriptor: &Descriptor, profile: &Profile) -> bool {
    holds(field.asked_if, descriptor, profile)
}

/// Whether another field has one of these values.
fn holds(condition: When, descriptor: &Descriptor, profile: &Profile) -> bool {
    let Some((key, values)) = condition else { return false };
    let default = || descriptor.field(key).and_then(|other| other.default);
    profile.settings.get(key).map(String::as_str).or_else(default).is_some_and(|value| values.contains(&value))
}

fn check(kind: FieldKind, value: &str) -> Result<(), String> {
    match kind {
        FieldKind::Url => match Url::parse(value) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
                if url.username().is_empty() && url.password().is_none() {
                    Ok(())
                } else {
                    Err("must not contain a user name or password".to_owned())
                }
            }
            _ => Err("must be a full http:// or https:// URL".to_owned()),
        },
        FieldKind::Origins => match value.split_whitespace().all(is_origin) {
            true => Ok(()),
            false => Err("must list origins only, without a path: https://api.example.org".to_owned()),
        },
        FieldKind::Choice(choices) if !choices.contains(&value) => {
            Err(format!("must be one of {}", choices.join(", ")))
        }
        FieldKind::Flag if !matches!(value, "true" | "false") => Err("must be true or false".to_owned()),
        FieldKind::Seconds => match value.parse::<u32>() {
            Ok(1..) => Ok(()),
            _ => Err("must be a whole number of seconds, at least 1".to_owned()),
        },
        _ if value.chars().any(char::is_control) => Err("must be one line without control characters".to_owned()),
        _ => Ok(()),
    }
}

/// Whether a text is an http or https origin (RFC 6454), with or without the slash behind it.
fn is_origin(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let bare = url.origin().ascii_serialization();
    matches!(url.scheme(), "http" | "https") && url.has_host() && url.as_str().trim_end_matches('/') == bare
}
