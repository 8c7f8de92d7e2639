//! The authorization endpoint: a page with a button, and what it sends back (RFC 6749 §4.1, RFC 7636, RFC 9207).

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Query, State},
    http::{HeaderValue, Uri, header},
};
use url::{Host, Url};

use super::{
    OAuthError, Oidc, USERS,
    client::{self, CODE, Client},
    grant::Grant,
};
use crate::demo::wire::{self, Answer};

/// The path of every client's registered redirect URI, on loopback at any port (RFC 8252 §7.3).
const REDIRECT_PATH: &str = "/callback";

/// What a person or a script decided.
pub(super) enum Decision {
    Open,
    Approved,
    Denied,
}

impl Decision {
    pub(super) fn of(query: &HashMap<String, String>) -> Self {
        match query.get("auto").map(String::as_str) {
            Some("deny") => Self::Denied,
            Some(_) => Self::Approved,
            None if query.get("prompt").is_some_and(|prompt| prompt == "none") => Self::Approved,
            None => Self::Open,
        }
    }
}

pub(super) async fn page(
    State(oidc): State<Arc<Oidc>>,
    uri: Uri,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let field = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    // Before these two are known to be good, nothing is sent to the redirect URI (RFC 6749 §4.1.2.1).
    let Some(client) = client::by_id(field("client_id")) else {
        return wire::html(400, "Unknown client", "client_id is not a client of this server.");
    };
    let Some(redirect_uri) = loopback_redirect(field("redirect_uri")) else {
        let words = "redirect_uri must be http://127.0.0.1:PORT/callback or http://[::1]:PORT/callback.";
        return wire::html(400, "Unknown redirect URI", words);
    };
    let outcome = match (check(client, &query), Decision::of(&query)) {
        (Err(error), _) => Err(error),
        (Ok(_), Decision::Open) => {
            let path = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
            let path = format!("{}{path}", oidc.world.prefix);
            return question(&format!("{} wants: {}", client.id, field("scope")), &path);
        }
        (Ok(_), Decision::Denied) => Err(OAuthError::new("access_denied", "the user denied the request")),
        (Ok(scope), Decision::Approved) => {
            let now = oidc.world.seconds();
            let hint = field("login_hint");
            let user = USERS.iter().find(|user| user.username == hint).or(USERS.first());
            let grant = Grant {
                family: oidc.family(client, user),
                client,
                user,
                scope,
                audience: query.get("resource").or_else(|| query.get("audience")).cloned(),
                nonce: query.get("nonce").cloned(),
                auth_time: now,
            };
            Ok(oidc.ledger().code(grant, field("redirect_uri"), field("code_challenge"), now))
        }
    };
    let mut to = redirect_uri;
    {
        let mut pairs = to.query_pairs_mut();
        match &outcome {
            Ok(code) => _ = pairs.append_pair("code", code),
            Err(OAuthError(code, words)) => {
                pairs.append_pair("error", code).append_pair("error_description", words);
            }
        }
        if let Some(state) = query.get("state") {
            pairs.append_pair("state", state);
        }
        pairs.append_pair("iss", &oidc.issuer());
    }
    let mut answer = wire::with_body(302, "text/plain", "");
    let to = HeaderValue::from_str(to.as_str()).expect("a URL is ASCII");
    answer.headers_mut().insert(header::LOCATION, to);
    answer
}

/// The granted scope, where the request is in order.
fn check(client: &Client, query: &HashMap<String, String>) -> Result<String, OAuthError> {
    let field = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    if !client.grants.contains(&CODE) {
        return Err(OAuthError::new("unauthorized_client", format!("{} may not use {CODE}", client.id)));
    }
    if field("response_type") != "code" {
        return Err(OAuthError::new("unsupported_response_type", "response_type must be code"));
    }
    if field("code_challenge_method") != "S256" || field("code_challenge").len() != 43 {
        return Err(OAuthError::new("invalid_request", "PKCE with S256 is required"));
    }
    client::checked_scope(query.get("scope").map_or("openid", String::as_str))
}

fn loopback_redirect(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let loopback = match url.host()? {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(_) => false,
    };
    (url.scheme() == "http" && loopback && url.path() == REDIRECT_PATH).then_some(url)
}

/// A page with two buttons, which lead to `path` with the decision added.
pub(super) fn question(words: &str, path: &str) -> Answer {
    let joint = if path.contains('?') { '&' } else { '?' };
    let (words, path, joint) = (escaped(words), escaped(path), escaped(&joint.to_string()));
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Demo sign-in</title>\n\
         <style>body{{font:18px system-ui;margin:4em auto;max-width:30em}}a{{display:inline-block;padding:.5em 1.5em;\
         margin:1em 1em 0 0;border:1px solid;border-radius:.4em;text-decoration:none}}</style></head>\n<body>\n\
         <h1>Demo sign-in</h1>\n<p>{words}</p>\n<a href=\"{path}{joint}auto=approve\">Approve</a>\n\
         <a href=\"{path}{joint}auto=deny\">Deny</a>\n</body>\n</html>\n"
    );
    wire::with_body(200, "text/html; charset=utf-8", page)
}

/// Text in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
