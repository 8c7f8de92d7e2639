//! Discovery: what an authorization server says about itself (RFC 8414, OpenID Connect Discovery 1.0).

use serde_json::{Map, Value};
use url::Url;

use crate::{
    auth::{AuthError, Context, Step},
    http::{Request, Response},
};

/// The end of the discovery address of OpenID Connect.
const OPENID: &str = "/.well-known/openid-configuration";
/// RFC 8414 puts it between host and path.
const OAUTH: &str = "/.well-known/oauth-authorization-server";

/// What a server says about itself, as far as a client needs it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// The issuer: exactly the text that was asked for.
    pub issuer: String,
    /// Where users approve.
    pub authorization_endpoint: Option<Url>,
    /// Where tokens are issued.
    pub token_endpoint: Option<Url>,
    /// RFC 8628.
    pub device_authorization_endpoint: Option<Url>,
    /// RFC 7009.
    pub revocation_endpoint: Option<Url>,
    /// RFC 7662.
    pub introspection_endpoint: Option<Url>,
    /// OpenID Connect: "who am I".
    pub userinfo_endpoint: Option<Url>,
    /// The server's public keys.
    pub jwks_uri: Option<Url>,
    /// The authorization response always names its issuer (RFC 9207): one without is refused.
    pub names_issuer: bool,
}

/// The issuer that a text names: an issuer, or the address of its OpenID configuration.
pub fn issuer_of(text: &str) -> &str {
    text.strip_suffix(OPENID).unwrap_or(text)
}

/// Asks an issuer about itself: first as OpenID Connect has it, then by RFC 8414.
///
/// # Errors
/// [`AuthError::Discovery`] where no answer came: a refresh that needed it has used up no token.
/// [`AuthError::Setting`] where nothing answers with metadata, or where it is another issuer's (RFC 8414 §3.3).
pub async fn discover(cx: &Context<'_>, issuer: &str) -> Result<Metadata, AuthError> {
    let issuer = issuer_of(issuer);
    read(issuer, &published(cx, issuer).await?)
}

/// Where an issuer publishes its keys. An issuer may issue no tokens to us and have keys all the same.
///
/// # Errors
/// As [`discover`]; [`AuthError::Setting`] also where the metadata names no `jwks_uri`.
pub async fn jwks_uri(cx: &Context<'_>, issuer: &str) -> Result<Url, AuthError> {
    let issuer = issuer_of(issuer);
    let members = published(cx, issuer).await?;
    same_issuer(issuer, &members)?;
    let uri = members.get("jwks_uri").and_then(Value::as_str).and_then(|text| Url::parse(text).ok());
    uri.ok_or_else(|| AuthError::Setting {
        what: format!("the metadata of {issuer} names no jwks_uri"),
        hint: "give the URL of its JWK set, or its keys as a file".to_owned(),
    })
}

/// The address that is asked first for an issuer's metadata; `None` where the issuer is no http or https URL.
pub fn configuration_url(issuer: &str) -> Option<Url> {
    let [url, _] = addresses(issuer_of(issuer)).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

async fn published(cx: &Context<'_>, issuer: &str) -> Result<Map<String, Value>, AuthError> {
    let mut found = String::new();
    for url in addresses(issuer).map_err(|()| unusable(issuer, "is no URL"))? {
        cx.interaction.report(Step::Contacting(url.to_string()));
        let answer = cx.http.send(Request::get(url)).await;
        let response = answer.map_err(|source| AuthError::Discovery { issuer: issuer.to_owned(), source })?;
        match object(&response) {
            Some(members) => return Ok(members),
            None if found.is_empty() => found = format!("HTTP {}, {}", response.status, response.description()),
            None => {}
        }
    }
    Err(unusable(issuer, &format!("publishes no metadata ({found})")))
}

/// Where the metadata of an issuer may be.
fn addresses(issuer: &str) -> Result<[Url; 2], ()> {
    let base = Url::parse(issuer).map_err(|_| ())?;
    let path = base.path().trim_end_matches('/');
    let at = |path: String| {
        let mut url = base.clone();
        url.set_path(&path);
        url.set_query(None);
        url.set_fragment(None);
        url
    };
    Ok([at(format!("{path}{OPENID}")), at(format!("{OAUTH}{path}"))])
}

fn object(response: &Response) -> Option<Map<String, Value>> {
    match response.read().whole() {
        Some(Value::Object(members)) if response.is_success() => Some(members),
        _ => None,
    }
}

/// RFC 8414 §3.3: metadata of another issuer must not be used.
fn same_issuer(issuer: &str, members: &Map<String, Value>) -> Result<(), AuthError> {
    let named = members.get("issuer").and_then(Value::as_str).unwrap_or_default();
    if named != issuer {
        let what = if named.is_empty() {
            format!("the metadata of {issuer} names no issuer")
        } else {
            format!("the metadata of {issuer} is that of another issuer: {named}")
        };
        let hint = "the two must be the same to the letter, a slash at the end included (RFC 8414 §3.3): if you trust \
                    that name, write it as the issuer";
        return Err(AuthError::Setting { what, hint: hint.to_owned() });
    }
    Ok(())
}

fn read(issuer: &str, members: &Map<String, Value>) -> Result<Metadata, AuthError> {
    same_issuer(issuer, members)?;
    let url = |name: &str| members.get(name).and_then(Value::as_str).and_then(|text| Url::parse(text).ok());
    let metadata = Metadata {
        issuer: issuer.to_owned(),
        authorization_endpoint: url("authorization_endpoint"),
        token_endpoint: url("token_endpoint"),
        device_authorization_endpoint: url("device_authorization_endpoint"),
        revocation_endpoint: url("revocation_endpoint"),
        introspection_endpoint: url("introspection_endpoint"),
        userinfo_endpoint: url("userinfo_endpoint"),
        jwks_uri: url("jwks_uri"),
        names_issuer: members.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true)),
    };
    if metadata.token_endpoint.is_none() {
        return Err(unusable(issuer, "publishes metadata without a token_endpoint"));
    }
    Ok(metadata)
}

fn unusable(issuer: &str, why: &str) -> AuthError {
    AuthError::Setting {
        what: format!("{issuer} {why}"),
        hint: "check the issuer; or leave it out and write the endpoints by hand".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn members(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn both_addresses_follow_the_path_of_the_issuer() {
        let at = |issuer: &str| addresses(issuer).unwrap().map(|url| url.to_string());
        let expected = [
            "https://a.example/x/.well-known/openid-configuration",
            "https://a.example/.well-known/oauth-authorization-server/x",
        ];
        assert_eq!(at("https://a.example/x"), expected);
        assert_eq!(at("https://a.example/x/"), expected, "a slash at the end is not doubled");
        assert_eq!(issuer_of("https://a.example/x/.well-known/openid-configuration"), "https://a.example/x");
        assert_eq!(issuer_of("https://a.example/x/"), "https://a.example/x/");
    }

    #[test]
    fn the_issuer_must_be_the_same_to_the_letter() {
        let of = |issuer: &str| {
            let members = members(&json!({"issuer": issuer, "token_endpoint": "https://a.example/token"}));
            read("https://a.example", &members)
        };
        assert!(of("https://a.example").is_ok());
        for other in ["https://a.example/", "https://A.example", "https://evil.example", ""] {
            let error = of(other).unwrap_err();
            assert!(error.hint().is_some_and(|hint| hint.contains("RFC 8414")), "{other}");
        }
    }

    #[test]
    fn a_token_endpoint_must_be_there() {
        let without = members(&json!({"issuer": "https://a.example", "token_endpoint": "not a url"}));
        assert!(read("https://a.example", &without).is_err());
    }
}
