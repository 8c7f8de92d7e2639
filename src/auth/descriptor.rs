//! What a provider is, as data: its name, its settings, and what it can do.

use super::{
    NETWORK_FIELDS, REFRESH_FIELDS, SECRET_FIELDS,
    import::Importer,
    key_source::VERIFY_FIELDS,
    rotation::{Rotation, When},
};

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
    /// What a rotation may count on.
    pub rotation: Rotation,
    /// What other programs keep that profiles can be made of.
    pub importers: &'static [Importer],
    /// Where the vendor documents it.
    pub documentation: &'static str,
}

impl Descriptor {
    /// All settings in the order of the form: the provider's own, then those that everything that can be renewed has,
    /// then those that every connection has, those by which its tokens are verified, and whether secrets are remembered.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + Clone + use<> {
        let refresh: &[Field] = if self.capabilities.refresh { &REFRESH_FIELDS } else { &[] };
        let has_secrets = self.own_fields.iter().any(|field| field.kind == FieldKind::Secret);
        let secrets: &[Field] = if has_secrets { &SECRET_FIELDS } else { &[] };
        self.own_fields.iter().chain(refresh).chain(&NETWORK_FIELDS).chain(&VERIFY_FIELDS).chain(secrets)
    }

    /// The setting of a key.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields().find(|field| field.key == key)
    }
}

/// Which calls of [`super::Provider`] the system has.
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
    pub only_if: When,
    /// A secret without which a login asks for it while another field has one of these values.
    pub asked_if: When,
    /// Whether the vault may remember a secret that was typed, where the profile's `remember_secrets` says so.
    pub remembered: bool,
    /// Few profiles need it: the form shows it only when asked, or when it holds something.
    pub folded: bool,
    /// One line of help.
    pub help: &'static str,
}

impl Field {
    /// An optional field that is always there, in the fold of the form.
    pub const fn new(key: &'static str, label: &'static str, kind: FieldKind, help: &'static str) -> Self {
        Self {
            key,
            label,
            kind,
            required: false,
            default: None,
            only_if: None,
            asked_if: None,
            remembered: true,
            folded: true,
            help,
        }
    }

    /// An optional field, see [`FieldKind::Text`].
    pub const fn text(key: &'static str, label: &'static str, help: &'static str) -> Self {
        Self::new(key, label, FieldKind::Text, help)
    }

    /// An optional field, see [`FieldKind::Url`].
    pub const fn url(key: &'static str, label: &'static str, help: &'static str) -> Self {
        Self::new(key, label, FieldKind::Url, help)
    }

    /// An optional field, see [`FieldKind::Secret`].
    pub const fn secret(key: &'static str, label: &'static str, help: &'static str) -> Self {
        Self::new(key, label, FieldKind::Secret, help)
    }

    /// An optional field, see [`FieldKind::Flag`].
    pub const fn flag(key: &'static str, label: &'static str, help: &'static str) -> Self {
        Self::new(key, label, FieldKind::Flag, help)
    }

    /// An optional field, see [`FieldKind::Choice`].
    pub const fn choice(
        key: &'static str,
        label: &'static str,
        choices: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        Self::new(key, label, FieldKind::Choice(choices), help)
    }

    /// A login cannot do without it: the form shows it.
    pub const fn required(self) -> Self {
        Self { required: true, folded: false, ..self }
    }

    /// Many profiles need it: the form shows it.
    pub const fn in_sight(self) -> Self {
        Self { folded: false, ..self }
    }

    /// Required, but its default suits nearly all.
    pub const fn folded(self) -> Self {
        Self { folded: true, ..self }
    }

    /// With a value for when it is unset.
    pub const fn with_default(self, value: &'static str) -> Self {
        Self { default: Some(value), ..self }
    }

    /// There only while another field has one of these values.
    pub const fn only_if(self, key: &'static str, values: &'static [&'static str]) -> Self {
        Self { only_if: Some((key, values)), ..self }
    }

    /// A secret that a login asks for while another field has one of these values.
    pub const fn asked_if(self, key: &'static str, values: &'static [&'static str]) -> Self {
        Self { asked_if: Some((key, values)), ..self }
    }

    /// A secret that is kept nowhere once it was typed: one that opens everything, or that a login or refresh uses up.
    pub const fn never_remembered(self) -> Self {
        Self { remembered: false, ..self }
    }
}

/// What values a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text of one line.
    Text,
    /// An absolute http or https URL.
    Url,
    /// A reference to a secret, see [`super::SecretRef`].
    Secret,
    /// One of these.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// Whole seconds, at least one.
    Seconds,
    /// Origins of http or https URLs, with blanks between them.
    Origins,
    /// A path of a file, `~` allowed.
    Path,
}
