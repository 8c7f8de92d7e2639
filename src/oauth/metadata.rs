//! Discovery: what an authorization server says about itself (RFC 8414, OpenID Connect Discovery 1.0).

use std::{borrow::Cow, sync::PoisonError};

use serde_json::{Map, Value};
use url::Url;

use crate::{
    auth::{AuthError, Context, Progress},
    http::{Http, HttpError, Request, Response},
    text::excerpt,
};

/// The end of the discovery address of OpenID Connect.
const OPENID: &str = "/.well-known/openid-configuration";
/// RFC 8414 puts it between host and path.
const OAUTH: &str = "/.well-known/oauth-authorization-server";
/// What Entra ID writes in the place of the tenant where its metadata is for all of them.
const TENANT: &str = "{tenantid}";
/// So many redirects are followed, each within its origin.
const REDIRECTS: usize = 3;

/// What a server says about itself, as far as a client needs it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// The issuer: exactly the text that was asked for, or with `{tenantid}` in the place of its tenant.
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

impl Metadata {
    /// An endpoint by its name in RFC 8414 §2 and the RFCs that extend it.
    pub fn endpoint(&self, name: &str) -> Option<&Url> {
        match name {
            "token_endpoint" => self.token_endpoint.as_ref(),
            "authorization_endpoint" => self.authorization_endpoint.as_ref(),
            "device_authorization_endpoint" => self.device_authorization_endpoint.as_ref(),
            "revocation_endpoint" => self.revocation_endpoint.as_ref(),
            "introspection_endpoint" => self.introspection_endpoint.as_ref(),
            "userinfo_endpoint" => self.userinfo_endpoint.as_ref(),
            _ => None,
        }
    }
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

/// Where an issuer publishes its keys. An issuer may have keys and still issue no tokens to us.
///
/// # Errors
/// As [`discover`]; [`AuthError::Setting`] also where the metadata names no `jwks_uri`; [`AuthError::KeysElsewhere`] where
/// that is another party's address: trusting the issuer does not extend to it.
pub async fn jwks_uri(cx: &Context<'_>, issuer: &str) -> Result<Url, AuthError> {
    let issuer = issuer_of(issuer);
    let members = published(cx, issuer).await?;
    same_issuer(issuer, &members)?;
    let uri = members.get("jwks_uri").and_then(Value::as_str).and_then(|text| Url::parse(text).ok()).filter(has_host);
    let uri = uri.ok_or_else(|| {
        AuthError::setting(
            format!("the metadata of {issuer} names no jwks_uri"),
            "give the URL of its JWK set, or a file with its keys",
        )
    })?;
    match Url::parse(issuer).is_ok_and(|issuer| issuer.origin() == uri.origin()) {
        true => Ok(uri),
        false => Err(AuthError::KeysElsewhere { issuer: issuer.to_owned(), url: uri.into() }),
    }
}

/// Gets what a server publishes: metadata, keys. Unlike a call that carries a secret, it may be redirected, within its
/// origin and no more than `REDIRECTS` times. `aside`: the record of exchanges is not to show it.
///
/// # Errors
/// [`HttpError`] where no answer came; [`HttpError::Redirected`] for a redirect that is not followed.
pub async fn get(http: &Http, mut url: Url, aside: bool) -> Result<Response, HttpError> {
    let mut left = REDIRECTS;
    loop {
        let request = Request::get(url.clone());
        let answer = if aside { http.send_aside(&request).await } else { http.send(request).await };
        match answer {
            Err(HttpError::Redirected { to, status, host }) => match Url::parse(&to) {
                Ok(to) if to.origin() == url.origin() && left > 0 => (url, left) = (to, left - 1),
                _ => return Err(HttpError::Redirected { to, status, host }),
            },
            answer => return answer,
        }
    }
}

/// The issuer of a tenant, where the text is a template for them all.
pub fn of_tenant<'a>(issuer: &'a str, tenant: Option<&str>) -> Cow<'a, str> {
    match tenant {
        Some(tenant) if issuer.contains(TENANT) => Cow::Owned(issuer.replace(TENANT, tenant)),
        _ => Cow::Borrowed(issuer),
    }
}

/// Whether an issuer calls itself what it was expected to: to the letter, but for Entra's `{tenantid}`, which stands for
/// one segment of the path.
pub fn is_issuer(expected: &str, named: &str) -> bool {
    match expected.split_once(TENANT) {
        None => expected == named,
        Some((before, after)) => {
            let tenant = named.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            // Behind the slash of a path: a name of its own never stands for the host.
            let in_path =
                Url::parse(before).is_ok_and(|url| url.path().ends_with('/')) && before.matches('/').count() > 2;
            in_path && tenant.is_some_and(|tenant| !tenant.is_empty() && !tenant.contains('/'))
        }
    }
}

/// The address that is asked first for an issuer's metadata; `None` where the issuer is not an http or https URL.
pub fn configuration_url(issuer: &str) -> Option<Url> {
    let [url, _] = addresses(issuer_of(issuer)).ok()?;
    has_host(&url).then_some(url)
}

/// Whether something can be asked at an address: `file:` and the like name no server.
fn has_host(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

async fn published(cx: &Context<'_>, issuer: &str) -> Result<Map<String, Value>, AuthError> {
    let known = || cx.published.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(members) = known().get(issuer) {
        return Ok(members.clone());
    }
    let not_had = |source| AuthError::Discovery { issuer: issuer.to_owned(), source: Box::new(source) };
    let (mut found, mut trouble) = (String::new(), None);
    for url in addresses(issuer).map_err(|()| unusable(issuer, "is not a URL"))? {
        cx.interaction.report(Progress::Contacting(url.to_string()));
        let response = get(cx.http, url, false).await.map_err(|source| not_had(source.into()))?;
        match object(&response) {
            Some(members) => {
                known().insert(issuer.to_owned(), members.clone());
                return Ok(members);
            }
            None if matches!(response.status, 408 | 429 | 500..) => {
                trouble = trouble.or(Some(AuthError::of_answer(&response, "metadata")));
            }
            None if found.is_empty() => found = format!("HTTP {}, {}", response.status, response.description()),
            None => {}
        }
    }
    // A server in trouble has said nothing about what it publishes.
    match trouble {
        Some(trouble) => Err(not_had(trouble)),
        None => Err(unusable(issuer, &format!("publishes no metadata ({found})"))),
    }
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

/// RFC 8414 §3.3: metadata of another issuer must not be used. The name that the metadata has.
fn same_issuer<'a>(issuer: &str, members: &'a Map<String, Value>) -> Result<&'a str, AuthError> {
    let named = members.get("issuer").and_then(Value::as_str).unwrap_or_default();
    if !is_issuer(named, issuer) {
        let what = if named.is_empty() {
            format!("the metadata of {issuer} names no issuer")
        } else {
            format!("the metadata of {issuer} belongs to another issuer: {}", excerpt(named, 400))
        };
        let hint = "the two must match exactly, including a trailing slash (RFC 8414 §3.3): if you trust \
                    that name, write it as issuer";
        return Err(AuthError::setting(what, hint));
    }
    Ok(named)
}

fn read(issuer: &str, members: &Map<String, Value>) -> Result<Metadata, AuthError> {
    let named = same_issuer(issuer, members)?;
    let url = |name: &str| {
        let url = members.get(name).and_then(Value::as_str).and_then(|text| Url::parse(text).ok());
        url.filter(has_host)
    };
    let metadata = Metadata {
        issuer: named.to_owned(),
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
    AuthError::setting(format!("{issuer} {why}"), "check the issuer; or omit it and write the endpoints")
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
    fn a_template_stands_for_one_tenant_of_the_same_host() {
        let entra = "https://login.example/{tenantid}/v2.0";
        assert!(
            is_issuer(entra, "https://login.example/common/v2.0") && is_issuer(entra, "https://login.example/8ea/v2.0")
        );
        for other in
            ["https://evil.example/common/v2.0", "https://login.example/a/b/v2.0", "https://login.example//v2.0"]
        {
            assert!(!is_issuer(entra, other), "{other}");
        }
        for template in ["https://{tenantid}/v2.0", "{tenantid}", "https://login.example{tenantid}/v2.0"] {
            assert!(!is_issuer(template, "https://login.example/v2.0"), "{template}");
        }
        assert!(!is_issuer("", "https://a.example") && is_issuer("https://a.example", "https://a.example"));
    }

    #[test]
    fn a_token_endpoint_must_be_there() {
        let without = members(&json!({"issuer": "https://a.example", "token_endpoint": "not a url"}));
        assert!(read("https://a.example", &without).is_err());
    }
}
