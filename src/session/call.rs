//! A request to an API under the access token of a profile. The token goes to the profile's own origins, its `url` and its
//! `origins`, and nowhere else: the client follows no redirect.

use chrono::TimeDelta;
use serde::de::IgnoredAny;
use url::Url;

use super::{Caller, Demand, Session, fresh::Script, origin::Use, probe::presented};
use crate::{
    auth::{AuthError, Interaction, ORIGINS, Progress, RENEW_ON_401, Settings, TokenKind, TokenSet},
    http::{Body, Http, HttpError, Method, Raw, Request, Response, Streamed, endpoint},
    profile::{Profile, Protected},
    secret::SecretString,
};

/// What is asked of an API.
#[derive(Debug, Clone)]
pub struct ApiCall {
    /// Everything but GET and HEAD may change something.
    pub method: Method,
    /// A path below the profile's `url`, or a whole URL.
    pub target: String,
    /// Headers besides `Authorization`, see [`header`].
    pub headers: Vec<(String, SecretString)>,
    /// The body.
    pub body: Option<Raw>,
    /// The body is not to be sent twice.
    pub once: bool,
    /// How long the token must live from now on.
    pub min_ttl: TimeDelta,
    /// The environment in which the user knows it to be.
    pub environment: Option<String>,
}

/// Reads a method. CONNECT is a proxy's, and TRACE would send the token back.
pub fn method(text: &str) -> Result<Method, &'static str> {
    let upper = text.to_ascii_uppercase();
    let is_word = (1..=20).contains(&upper.len()) && upper.bytes().all(|byte| byte.is_ascii_uppercase());
    match Method::from_bytes(upper.as_bytes()) {
        Ok(method) if is_word && !matches!(method, Method::CONNECT | Method::TRACE) => Ok(method),
        _ => Err("write a method such as GET, POST or DELETE; CONNECT and TRACE are not sent"),
    }
}

/// Reads `Name: value`, a header that a user may set: nothing of the connection's, and not the token's.
pub fn header(text: &str) -> Result<(String, SecretString), &'static str> {
    const CONNECTION: [&str; 10] = [
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    let (name, value) = text.split_once(':').ok_or("write a header as 'Name: value'")?;
    let (name, value) = (name.to_ascii_lowercase(), value.trim_matches([' ', '\t']));
    let legal = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(legal) {
        return Err("the name of a header has letters, digits and - only");
    }
    if !value.chars().all(|c| matches!(c, ' '..='~' | '\t')) {
        return Err("the value of a header is one line of ASCII");
    }
    match name.as_str() {
        "authorization" | "proxy-authorization" => Err("tokscope sets Authorization, with the token of the profile"),
        name if CONNECTION.contains(&name) => Err("this header belongs to the connection, and tokscope sets it"),
        _ => Ok((name, value.into())),
    }
}

impl Session {
    /// Sends a request with the saved access token, or, where it has less life left than is asked for, with the one that a
    /// refresh brings. Its answer is the server's, whatever it says; after a 401 the tokens are renewed once, and it is sent
    /// once more, if the profile says so.
    pub async fn request(
        &self,
        profile: &Profile,
        api: &ApiCall,
        protected: &Protected,
        interaction: &dyn Interaction,
    ) -> Result<Streamed, AuthError> {
        let send = async |http: &Http, request: Request| http.stream(&request).await;
        self.request_by(profile, api, protected, interaction, send, |streamed| streamed.head.status).await
    }

    /// The same with the whole answer, of at most [`crate::http::BODY_LIMIT`] bytes: it stands in [`Session::exchange`].
    pub async fn request_whole(
        &self,
        profile: &Profile,
        api: &ApiCall,
        protected: &Protected,
        interaction: &dyn Interaction,
    ) -> Result<Response, AuthError> {
        let send = async |http: &Http, request: Request| http.send(request).await;
        self.request_by(profile, api, protected, interaction, send, |response| response.status).await
    }

    async fn request_by<T>(
        &self,
        profile: &Profile,
        api: &ApiCall,
        protected: &Protected,
        interaction: &dyn Interaction,
        send: impl AsyncFn(&Http, Request) -> Result<T, HttpError>,
        status: fn(&T) -> u16,
    ) -> Result<T, AuthError> {
        permit(profile, api, protected)?;
        let call = self.call(profile)?;
        let url = address(profile, &call.settings, &api.target)?;
        self.agree_on_current(profile, &call.settings, Use::Issuer, interaction).await?;
        let tokens = self.fresh(profile, &Demand::access(api.min_ttl), interaction).await?;
        let answer = send(&call.http, under_token(&call, api, &url, &tokens, profile, interaction)?).await?;
        if status(&answer) != 401 || call.settings.lookup(RENEW_ON_401) != Some("true") {
            return Ok(answer);
        }
        if api.once && api.body.is_some() {
            let words = format!(
                "the server answered 401, and a body from standard input is not sent twice: `tokscope refresh {}`, then \
                 try again",
                profile.name
            );
            interaction.report(Progress::Remark(words));
            return Ok(answer);
        }
        drop(answer);
        interaction
            .report(Progress::Remark("the server answered 401: refreshing once, then trying once more".to_owned()));
        let script = Script { user: interaction, by_hand: false };
        let renewed = self.refresh(profile, tokens.generation(), &script).await?;
        Ok(send(&call.http, under_token(&call, api, &url, &renewed, profile, interaction)?).await?)
    }
}

/// The request, under the access token of a set.
fn under_token(
    call: &Caller,
    api: &ApiCall,
    url: &Url,
    tokens: &TokenSet,
    profile: &Profile,
    interaction: &dyn Interaction,
) -> Result<Request, AuthError> {
    let token = tokens.token(TokenKind::Access).or_else(|| tokens.token(TokenKind::Unknown));
    let token = token.ok_or_else(|| super::no_tokens(&profile.name, "access token"))?;
    let mut request = Request { method: api.method.clone(), ..Request::get(url.clone()) };
    request = api.headers.iter().fold(request, |request, (name, value)| request.header(name.clone(), value));
    if let Some(Raw(bytes)) = &api.body {
        if !api.headers.iter().any(|(name, _)| name == "content-type") {
            request = request.header("content-type", media_type(bytes));
        }
        request.body = Body::Raw(Raw(bytes.clone()));
    }
    let request = request.authorization(presented(&call.settings, token)?.as_str(), &token.raw);
    interaction.report(Progress::Contacting(url.authority().to_owned()));
    Ok(request)
}

/// What a body is by default.
fn media_type(body: &[u8]) -> &'static str {
    match serde_json::from_slice::<IgnoredAny>(body) {
        Ok(_) => "application/json",
        Err(_) => "application/x-www-form-urlencoded",
    }
}

/// Whether the user knows where it goes, in an environment in which nothing is changed without that.
fn permit(profile: &Profile, api: &ApiCall, protected: &Protected) -> Result<(), AuthError> {
    let name = &profile.name;
    match (profile.environment.as_deref(), api.environment.as_deref()) {
        (None, Some(_)) => Err(AuthError::setting(
            format!("the profile {name} has no environment; nothing was sent"),
            "leave out --yes-env, or choose another profile",
        )),
        (Some(environment), Some(named)) if environment.to_lowercase() != named.to_lowercase() => {
            Err(AuthError::setting(
                format!("the profile {name} is in {environment}, not in {named}; nothing was sent"),
                "choose another profile, or name its environment",
            ))
        }
        (Some(environment), None) if !is_reading(&api.method) && protected.covers(environment) => {
            Err(AuthError::setting(
                format!(
                    "the profile {name} is in {environment}, which is protected, and {} may change something there; \
                     nothing was sent",
                    api.method
                ),
                format!("--yes-env {environment} confirms it"),
            ))
        }
        _ => Ok(()),
    }
}

/// Whether a method changes nothing by its definition, and says so to everybody.
pub fn is_reading(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Where a request goes: one of the profile's own origins.
fn address(profile: &Profile, settings: &Settings, target: &str) -> Result<Url, AuthError> {
    let listed = settings.lookup(ORIGINS).unwrap_or_default().split_whitespace();
    let own: Vec<_> =
        settings.lookup("url").into_iter().chain(listed).filter_map(|text| Url::parse(text).ok()).collect();
    let origin = |url: &Url| url.origin().ascii_serialization();
    let mut url = match (target.starts_with('/'), own.first()) {
        (true, Some(base)) => below(base, target),
        (true, None) => {
            return Err(AuthError::setting(
                format!("the profile {} says nowhere where its token may go", profile.name),
                "list the API's origin in the profile: origins = [\"https://api.example.org\"]",
            ));
        }
        (false, _) => Url::parse(target).ok().filter(|url| url.has_host()).ok_or_else(|| {
            AuthError::setting("the address is neither a path nor a URL", "begin it with / or with https://")
        })?,
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AuthError::setting(
            "the URL contains a user name or password; nothing was sent",
            "leave them out: the token is sent instead",
        ));
    }
    url.set_fragment(None);
    if own.iter().any(|own| own.origin() == url.origin()) {
        return Ok(url);
    }
    let known: Vec<_> = own.iter().map(origin).collect();
    let known = if known.is_empty() { "nowhere".to_owned() } else { format!("only to {}", known.join(" and ")) };
    Err(AuthError::setting(
        format!("the token of {} goes {known}, not to {}; nothing was sent", profile.name, origin(&url)),
        "if you trust that server with the token, add its origin to origins in the profile",
    ))
}

/// A path with its query, below the address of the profile.
fn below(base: &Url, target: &str) -> Url {
    let target = target.split('#').next().unwrap_or_default();
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let mut url = endpoint(base, path);
    url.set_query(query);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leaves_the_host() {
        for (base, path, url) in [
            ("https://a.example", "/x", "https://a.example/x"),
            ("https://a.example/lms/", "/x?q=1&r=/#f", "https://a.example/lms/x?q=1&r=/"),
            ("https://a.example", "//evil.example/x", "https://a.example/evil.example/x"),
            ("https://a.example", "/\\evil.example", "https://a.example//evil.example"),
            ("https://a.example", "/@evil.example/", "https://a.example/@evil.example/"),
            ("https://a.example", "/x\r\nHost: evil.example", "https://a.example/xHost:%20evil.example"),
            ("https://a.example/b", "/../../x", "https://a.example/x"),
        ] {
            let found = below(&Url::parse(base).unwrap(), path);
            assert_eq!(found.as_str(), url, "{path:?}");
        }
    }

    #[test]
    fn a_header_is_one_line_and_not_the_tokens() {
        let (name, _) = header("X-Trace_Id:  a b ").unwrap();
        assert_eq!(name, "x-trace_id");
        for wrong in [
            "x",
            ": v",
            "a b: v",
            "a\r\nb: v",
            "a: v\r\nAuthorization: Bearer x",
            "a: v\nb",
            "a: \0",
            "a: ü",
            "Authorization: Bearer x",
            "authorization : x",
            "PROXY-AUTHORIZATION: x",
            "Host: evil.example",
            "Content-Length: 0",
            "Transfer-Encoding: chunked",
        ] {
            assert!(header(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_body_is_json_or_a_form() {
        assert_eq!(media_type(br#"{"a":1}"#), "application/json");
        assert_eq!(media_type(b"a=1&b=2"), "application/x-www-form-urlencoded");
    }
}
