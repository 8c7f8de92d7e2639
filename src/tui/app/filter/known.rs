//! What a filter can ask of the rows of both lists. A profile is asked for what its tokens say, a token for what its profile
//! is.

use std::collections::HashMap;

use super::{Field, Subject};
use crate::{
    auth::TokenKind,
    clock::Timestamp,
    profile::ProfileName,
    token::{
        Form, Token,
        json::Kind,
        lifetime::Lifetime,
        state::{Facts, State},
    },
    tui::app::{
        Model,
        profiles::ProfileRow,
        tokens::{Owner, Row},
    },
};

/// Who is whose, looked up once for all rows.
pub(super) struct Known<'a> {
    model: &'a Model,
    profiles: HashMap<&'a ProfileName, &'a ProfileRow>,
    tokens: HashMap<&'a ProfileName, Vec<&'a Row>>,
}

/// A token and who knows about it.
pub(super) struct OfToken<'a>(pub(super) &'a Known<'a>, pub(super) &'a Row);

/// A profile and who knows about it.
pub(super) struct OfProfile<'a>(pub(super) &'a Known<'a>, pub(super) &'a ProfileRow);

impl<'a> Known<'a> {
    pub(super) fn of(model: &'a Model) -> Self {
        let profiles = model.profiles.rows.iter().map(|row| (&row.profile.name, row)).collect();
        let mut tokens: HashMap<_, Vec<_>> = HashMap::new();
        for row in model.tokens.rows() {
            if let Some(name) = row.profile() {
                tokens.entry(name).or_default().push(row);
            }
        }
        Self { model, profiles, tokens }
    }

    fn tokens_of(&self, profile: &ProfileName) -> &[&'a Row] {
        self.tokens.get(profile).map_or(&[], Vec::as_slice)
    }

    /// What is known of a profile's session, but for the token that it is about.
    fn session(&self, profile: &ProfileName) -> Facts {
        let refresh = self.tokens_of(profile).iter().find(|row| row.kind == TokenKind::Refresh);
        Facts {
            busy: self.model.tasks.of(profile).is_some(),
            failed: self.profiles.get(profile).is_some_and(|row| row.failure.is_some()),
            refresh: refresh.map(|row| row.lifetime),
            ..Facts::default()
        }
    }
}

impl Subject for OfToken<'_> {
    fn any(&self, field: Field, suits: &mut dyn FnMut(&str) -> bool) -> bool {
        let Self(known, row) = self;
        let profile = row.profile().and_then(|name| known.profiles.get(name));
        match (field, &row.owner) {
            (Field::Name, Owner::Profile(name)) => suits(name.as_str()),
            (Field::Name, Owner::Source(source)) => suits(source),
            (Field::Env | Field::Tag | Field::Provider, _) => profile.is_some_and(|row| of_profile(row, field, suits)),
            _ => of_token(row, field, suits),
        }
    }

    fn state(&self, now: Timestamp) -> State {
        let Self(known, row) = self;
        let session = row.profile().map(|name| known.session(name)).unwrap_or_default();
        let facts = Facts {
            access: Some(row.lifetime),
            revoked: row.revoked,
            opaque: matches!(row.token.form(), Form::Opaque),
            // What renews is the access token.
            refresh: session.refresh.filter(|_| row.kind == TokenKind::Access),
            ..session
        };
        facts.state(now)
    }

    fn lifetime(&self) -> Option<Lifetime> {
        Some(self.1.lifetime)
    }
}

impl Subject for OfProfile<'_> {
    fn any(&self, field: Field, suits: &mut dyn FnMut(&str) -> bool) -> bool {
        let Self(known, row) = self;
        of_profile(row, field, suits)
            || known.tokens_of(&row.profile.name).iter().any(|token| of_token(token, field, suits))
    }

    fn state(&self, now: Timestamp) -> State {
        let Self(known, row) = self;
        let held = row.holding.as_ref();
        let facts = Facts {
            locked: held.is_none() && known.model.vault.is_locked(),
            revoked: held.is_some_and(|held| held.revoked),
            access: held.map(|held| held.lifetime),
            ..known.session(&row.profile.name)
        };
        facts.state(now)
    }

    fn lifetime(&self) -> Option<Lifetime> {
        self.1.holding.as_ref().map(|held| held.lifetime)
    }
}

fn of_profile(row: &ProfileRow, field: Field, suits: &mut dyn FnMut(&str) -> bool) -> bool {
    let held = row.holding.as_ref();
    match field {
        Field::Name => suits(row.profile.name.as_str()),
        Field::Env => row.environment.as_deref().is_some_and(suits),
        Field::Tag => row.profile.tags.iter().any(|tag| suits(tag)),
        Field::Provider => suits(&row.profile.provider) || row.descriptor.is_some_and(|found| suits(found.title)),
        Field::Sub => held.and_then(|held| held.account.as_deref()).is_some_and(suits),
        Field::Scope => held.and_then(|held| held.scope.as_deref()).is_some_and(suits),
        _ => false,
    }
}

fn of_token(row: &Row, field: Field, suits: &mut dyn FnMut(&str) -> bool) -> bool {
    match field {
        Field::Kind => suits(kind(row.kind)) || suits(form(&row.token)),
        Field::Sub => suits(&row.subject) || row.token.subject().is_some_and(|subject| suits(&subject)),
        Field::Iss => claim(&row.token, "iss", suits),
        Field::Aud => claim(&row.token, "aud", suits),
        // RFC 9068 has `scope`; `scp` and `scopes` are what others write.
        Field::Scope => ["scope", "scp", "scopes"].into_iter().any(|name| claim(&row.token, name, suits)),
        Field::Fingerprint => suits(&row.fingerprint.to_string()),
        _ => false,
    }
}

/// As the list shows it, without a text for each row.
fn kind(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Access => "access",
        TokenKind::Refresh => "refresh",
        TokenKind::Id => "id",
        TokenKind::Unknown => "token",
    }
}

fn form(token: &Token) -> &'static str {
    match token.form() {
        Form::Jws(_) => "jwt",
        Form::Jwe(_) => "jwe",
        Form::Opaque => "opaque",
    }
}

/// A claim's text, or each of its texts.
fn claim(token: &Token, name: &str, suits: &mut dyn FnMut(&str) -> bool) -> bool {
    let Some(json) = token.claims() else { return false };
    let Some((at, node)) = json.children(0).find(|(_, node)| json.key(node).is_some_and(|key| key == name)) else {
        return false;
    };
    match node.kind {
        Kind::Array => json.children(at).any(|(_, node)| json.string(node).is_some_and(|text| suits(&text))),
        _ => json.string(node).is_some_and(|text| suits(&text)),
    }
}
