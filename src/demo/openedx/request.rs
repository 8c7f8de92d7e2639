//! What comes to the token endpoint: its fields, its client, and the errors of RFC 6749 §5.2.

use std::collections::HashMap;

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, header},
};
use serde_json::json;

use super::{
    DEFAULT_SCOPE,
    accounts::{CLIENTS, Client},
};
use crate::demo::wire::{self, Answer};

/// A call of the token endpoint.
pub(super) struct Request {
    form: HashMap<String, String>,
    basic: Option<(String, String)>,
}

impl Request {
    pub(super) fn new(headers: &HeaderMap, body: &Bytes) -> Self {
        Self { form: wire::form(headers, body), basic: wire::basic(headers) }
    }

    pub(super) fn get(&self, field: &str) -> Option<&str> {
        self.form.get(field).map(String::as_str)
    }

    /// A field with something in it.
    pub(super) fn filled(&self, field: &str) -> Option<&str> {
        self.get(field).filter(|value| !value.is_empty())
    }

    /// A field that the grant cannot do without.
    pub(super) fn needed(&self, field: &str) -> Result<&str, OAuthError> {
        let missing = || OAuthError("invalid_request", Some(format!("Request is missing {field} parameter.")));
        self.filled(field).ok_or_else(missing)
    }

    /// The authenticated client: by Basic, else by id and secret in the body; a public one by its id alone.
    pub(super) fn client(&self) -> Result<&'static Client, OAuthError> {
        let by_id = |id: &str| CLIENTS.iter().find(|client| client.id == id);
        let proven = |id: &str, secret: &str| by_id(id).filter(|client| client.secret == Some(secret));
        let body = (self.filled("client_id"), self.filled("client_secret"));
        let client = match (&self.basic, body) {
            (Some((id, secret)), (body_id, body_secret)) => {
                proven(id, secret).or_else(|| proven(body_id?, body_secret?))
            }
            (None, (Some(id), Some(secret))) => proven(id, secret),
            (None, (Some(id), None)) => by_id(id).filter(|client| client.secret.is_none()),
            (None, (None, _)) => None,
        };
        client.ok_or(OAuthError("invalid_client", None))
    }

    /// The scope that is asked for, or the default.
    pub(super) fn scope(&self) -> Result<Vec<String>, OAuthError> {
        let scope: Vec<_> = self.filled("scope").unwrap_or(DEFAULT_SCOPE).split(' ').map(str::to_owned).collect();
        let known = |word: &String| word == "user_id" || DEFAULT_SCOPE.split(' ').any(|other| other == word);
        if scope.iter().all(known) { Ok(scope) } else { Err(OAuthError("invalid_scope", None)) }
    }
}

/// RFC 6749 §5.2: the code, and the description where the real server sends one.
#[derive(Debug)]
pub(super) struct OAuthError(pub(super) &'static str, pub(super) Option<String>);

impl OAuthError {
    pub(super) fn into_answer(self) -> Answer {
        let Self(code, description) = self;
        let mut body = json!({"error": code});
        if let Some(description) = description {
            body["error_description"] = description.into();
        }
        let mut answer = wire::json(if code == "invalid_client" { 401 } else { 400 }, &body);
        if code == "invalid_client" {
            let challenge = HeaderValue::from_static("Bearer error=\"invalid_client\"");
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        answer
    }
}
