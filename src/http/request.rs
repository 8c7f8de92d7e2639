//! What is sent.

use std::{borrow::Cow, fmt};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{Method, header::HeaderValue};
use url::{Url, form_urlencoded};

use super::HttpError;
use crate::secret::{ExposeSecret as _, SecretString};

/// A value in a request: the exchange record shows plain ones and masks secret ones.
#[derive(Debug, Clone)]
pub enum RequestValue {
    /// Shown.
    Plain(String),
    /// Masked.
    Secret(SecretString),
}

impl RequestValue {
    /// The value itself, for the wire.
    pub(super) fn expose(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.expose_secret(),
        }
    }

    pub(super) fn header(&self) -> Result<HeaderValue, HttpError> {
        let mut value = HeaderValue::from_str(self.expose()).map_err(|_| HttpError::BadHeader)?;
        value.set_sensitive(matches!(self, Self::Secret(_)));
        Ok(value)
    }
}

impl From<&str> for RequestValue {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl From<String> for RequestValue {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

impl From<SecretString> for RequestValue {
    fn from(secret: SecretString) -> Self {
        Self::Secret(secret)
    }
}

impl From<&SecretString> for RequestValue {
    fn from(secret: &SecretString) -> Self {
        Self::Secret(secret.clone())
    }
}

/// The body of a request.
#[derive(Debug, Clone)]
pub enum Body {
    /// None at all.
    Empty,
    /// `application/x-www-form-urlencoded`, in this order.
    Form(Vec<(String, RequestValue)>),
    /// A flat JSON object, in this order.
    Json(Vec<(String, RequestValue)>),
    /// Bytes as they are. Their media type is among the headers.
    Raw(Raw),
}

/// Bytes that may hold a secret.
#[derive(Clone)]
pub struct Raw(pub Vec<u8>);

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Body {
    /// The media type and the text of a body that is made of fields.
    pub(super) fn encode(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Empty | Self::Raw(_) => None,
            Self::Form(fields) => {
                let pairs = fields.iter().map(|(name, value)| (name, value.expose()));
                let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
                Some(("application/x-www-form-urlencoded", text))
            }
            Self::Json(fields) => {
                let object: serde_json::Map<_, _> =
                    fields.iter().map(|(name, value)| (name.clone(), value.expose().into())).collect();
                Some(("application/json", serde_json::Value::Object(object).to_string()))
            }
        }
    }

    pub(super) fn fields(&self) -> &[(String, RequestValue)] {
        match self {
            Self::Empty | Self::Raw(_) => &[],
            Self::Form(fields) | Self::Json(fields) => fields,
        }
    }
}

/// A request of a provider.
#[derive(Debug, Clone)]
pub struct Request {
    /// GET or POST; of a call, any.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Headers besides those that the client sets itself; names in lower case.
    pub headers: Vec<(Cow<'static, str>, RequestValue)>,
    /// The body.
    pub body: Body,
}

impl Request {
    /// A GET.
    pub fn get(url: Url) -> Self {
        Self { method: Method::GET, url, headers: vec![accept("application/json, */*;q=0.5")], body: Body::Empty }
    }

    /// A POST without a body.
    pub fn post(url: Url) -> Self {
        Self { method: Method::POST, url, headers: vec![accept("application/json")], body: Body::Empty }
    }

    /// A POST of a form.
    pub fn post_form<'a>(url: Url, fields: impl IntoIterator<Item = (&'a str, RequestValue)>) -> Self {
        Self { body: Body::Form(owned(fields)), ..Self::post(url) }
    }

    /// A POST of a flat JSON object.
    pub fn post_json<'a>(url: Url, fields: impl IntoIterator<Item = (&'a str, RequestValue)>) -> Self {
        Self { body: Body::Json(owned(fields)), ..Self::post(url) }
    }

    /// With a header; its name in lower case.
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<RequestValue>) -> Self {
        let name = name.into();
        // The profile's word on this one counts.
        self.headers.retain(|(known, _)| *known != ACCEPT || name != ACCEPT);
        self.headers.push((name, value.into()));
        self
    }

    /// With `Authorization: SCHEME TOKEN`.
    pub fn authorization(self, scheme: &str, token: &SecretString) -> Self {
        let value = SecretString::from(format!("{scheme} {}", token.expose_secret()));
        self.header("authorization", value)
    }

    /// With `Authorization: Bearer TOKEN` (RFC 6750 §2.1).
    pub fn bearer(self, token: &SecretString) -> Self {
        self.authorization("Bearer", token)
    }

    /// With HTTP Basic (RFC 7617). The caller form-encodes both parts where RFC 6749 §2.3.1 wants it.
    pub fn basic(self, user: &str, password: &SecretString) -> Self {
        let pair = format!("{user}:{}", password.expose_secret());
        self.authorization("Basic", &BASE64_STANDARD.encode(pair).into())
    }
}

/// Some servers answer who does not ask for JSON in another form.
const ACCEPT: &str = "accept";

fn accept(media_types: &str) -> (Cow<'static, str>, RequestValue) {
    (ACCEPT.into(), media_types.into())
}

fn owned<'a>(fields: impl IntoIterator<Item = (&'a str, RequestValue)>) -> Vec<(String, RequestValue)> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The URL of a call: the path goes below that of `base`, with or without a slash at its end.
pub fn endpoint(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{}", base.path().trim_end_matches('/'), path.trim_start_matches('/')));
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// The host of a URL, with the port where it is not the scheme's own.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_json_are_encoded_in_order() {
        let fields = [("client_id", "a b".into()), ("password", SecretString::from("p@ss:w%rd +/~ü").into())];
        let url = Url::parse("https://lms.example.org/x").unwrap();
        let (_, form) = Request::post_form(url.clone(), fields.clone()).body.encode().unwrap();
        assert_eq!(form, "client_id=a+b&password=p%40ss%3Aw%25rd+%2B%2F%7E%C3%BC");
        let (_, json) = Request::post_json(url, fields).body.encode().unwrap();
        assert_eq!(json, r#"{"client_id":"a b","password":"p@ss:w%rd +/~ü"}"#);
    }

    #[test]
    fn endpoints_live_below_the_base() {
        for (base, url) in [
            ("https://lms.example.org", "https://lms.example.org/oauth2/access_token"),
            ("https://lms.example.org/", "https://lms.example.org/oauth2/access_token"),
            ("https://example.org/lms/?a#b", "https://example.org/lms/oauth2/access_token"),
        ] {
            assert_eq!(endpoint(&Url::parse(base).unwrap(), "oauth2/access_token").as_str(), url);
        }
    }

    #[test]
    fn a_header_with_a_line_break_is_refused() {
        assert_eq!(RequestValue::from("a\r\nevil: 1").header().unwrap_err(), HttpError::BadHeader);
    }
}
