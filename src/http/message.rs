//! What is sent and what comes back.

use std::{borrow::Cow, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta};
use reqwest::{
    Method,
    header::{DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
};
use url::{Url, form_urlencoded};

use super::{HttpError, mask::Mask};
use crate::{
    clock::Timestamp,
    secret::{ExposeSecret as _, SecretString},
};

/// A value in a request: the exchange record shows plain ones and masks secret ones.
#[derive(Debug, Clone)]
pub enum Value {
    /// Shown.
    Plain(String),
    /// Masked.
    Secret(SecretString),
}

impl Value {
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

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

impl From<SecretString> for Value {
    fn from(secret: SecretString) -> Self {
        Self::Secret(secret)
    }
}

impl From<&SecretString> for Value {
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
    Form(Vec<(String, Value)>),
    /// A flat JSON object, in this order.
    Json(Vec<(String, Value)>),
}

impl Body {
    /// The media type and the text of the body.
    pub(super) fn encode(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Empty => None,
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

    pub(super) fn fields(&self) -> &[(String, Value)] {
        match self {
            Self::Empty => &[],
            Self::Form(fields) | Self::Json(fields) => fields,
        }
    }
}

/// A request of a provider.
#[derive(Debug, Clone)]
pub struct Request {
    /// GET or POST.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Headers besides those that the client sets itself; names in lower case.
    pub headers: Vec<(&'static str, Value)>,
    /// The body.
    pub body: Body,
}

impl Request {
    /// A GET.
    pub fn get(url: Url) -> Self {
        Self { method: Method::GET, url, headers: Vec::new(), body: Body::Empty }
    }

    /// A POST without a body.
    pub fn post(url: Url) -> Self {
        Self { method: Method::POST, url, headers: Vec::new(), body: Body::Empty }
    }

    /// A POST of a form.
    pub fn post_form<'a>(url: Url, fields: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        Self { body: Body::Form(owned(fields)), ..Self::post(url) }
    }

    /// A POST of a flat JSON object.
    pub fn post_json<'a>(url: Url, fields: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        Self { body: Body::Json(owned(fields)), ..Self::post(url) }
    }

    /// With a header; its name in lower case.
    pub fn header(mut self, name: &'static str, value: impl Into<Value>) -> Self {
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

fn owned<'a>(fields: impl IntoIterator<Item = (&'a str, Value)>) -> Vec<(String, Value)> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// An answer, whole and within the size limit.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most [`super::BODY_LIMIT`] bytes.
    pub body: Vec<u8>,
    /// When the last byte had come.
    pub received_at: Timestamp,
    /// The host that answered, with its port where it is not the default one.
    pub host: String,
    pub(super) mask: Mask,
}

impl Response {
    /// An answer that never came over a wire: for the tests of those who read answers.
    #[cfg(test)]
    pub(crate) fn scripted(status: u16, body: &str, received_at: Timestamp) -> Self {
        let (headers, mask) = (HeaderMap::new(), Mask::default());
        Self { status, headers, body: body.into(), received_at, host: "lms.example.org".to_owned(), mask }
    }

    /// Whether the status is 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as text, with U+FFFD for what is no UTF-8.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body as JSON, whatever the server calls it.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// A header as text; `None` where it is missing or no ASCII.
    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The server's own words without what must not be shown: anything that was sent as a secret, or looks like a token.
    /// Every text of an answer that goes into an error passes here.
    pub fn redacted(&self, words: &str) -> String {
        self.mask.text(words)
    }

    /// The server's own words in a JSON refusal, redacted: `detail`, `message`, `error_description` and the like, at the
    /// top, or in the first item of `errors`.
    pub fn words(&self) -> Option<String> {
        const MEMBERS: [&str; 7] =
            ["error_description", "detail", "message", "msg", "developer_message", "error_message", "error"];
        let json = self.json()?;
        let first = |value: &serde_json::Value| {
            MEMBERS
                .iter()
                .find_map(|name| value.get(name)?.as_str())
                .filter(|words| !words.is_empty())
                .map(str::to_owned)
        };
        let nested = || {
            let places = [json.get("error"), json.get("errors").and_then(|errors| errors.get(0))];
            places.into_iter().flatten().find_map(first)
        };
        first(&json).or_else(nested).map(|words| excerpt(&self.redacted(&words), 400))
    }

    /// What the body is, in a few words, for an answer that makes no sense: `an HTML page titled "Bad Gateway"`.
    pub fn description(&self) -> String {
        let text = self.text();
        let start = text.trim_start();
        let html = start.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("<html") || head == "<!DOC")
            || start.get(..9).is_some_and(|head| head.eq_ignore_ascii_case("<!doctype"));
        match self.json() {
            _ if start.is_empty() => "an empty body".to_owned(),
            _ if html => match html_title(start) {
                Some(title) => format!("an HTML page titled \"{}\"", self.redacted(&title)),
                None => "an HTML page".to_owned(),
            },
            Some(json) => match &json {
                serde_json::Value::Object(object) if object.is_empty() => "an empty JSON object".to_owned(),
                serde_json::Value::Object(object) => {
                    let names: Vec<_> = object.keys().take(8).map(String::as_str).collect();
                    format!("a JSON object of {}", excerpt(&self.redacted(&names.join(", ")), 80))
                }
                serde_json::Value::Array(_) => "a JSON array".to_owned(),
                _ => "a single JSON value".to_owned(),
            },
            None if std::str::from_utf8(&self.body).is_err() => format!("{} bytes that are no text", self.body.len()),
            None => format!("text that starts with \"{}\"", excerpt(&self.redacted(&head(start, 400)), 80)),
        }
    }

    /// How long the server asks to wait (RFC 9110 §10.2.3): seconds, or a date, seen from when the answer came.
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.header(RETRY_AFTER)?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let until = http_date(text)?.signed_duration_since(self.received_at);
        Some(until.to_std().unwrap_or_default())
    }

    /// How far the server's clock is ahead of ours, from its `Date`. It counts whole seconds, and the answer's way
    /// is in it: less than two seconds mean nothing.
    pub fn clock_skew(&self) -> Option<TimeDelta> {
        Some(http_date(self.header(DATE)?)?.signed_duration_since(self.received_at))
    }
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

/// A date of RFC 9110 §5.6.7 in its current form, `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(text: &str) -> Option<Timestamp> {
    DateTime::parse_from_rfc2822(text.trim()).ok().map(|time| time.to_utc())
}

/// The first words of a text, on one line.
fn excerpt(text: &str, characters: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short = head(&line, characters);
    if short.len() < line.len() { format!("{short}…") } else { short }
}

fn head(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

fn html_title(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let open = lower.find("<title")?;
    let start = open + lower[open..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    let title = excerpt(&page[start..end], 80);
    (!title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn response(body: &str, headers: &[(HeaderName, &'static str)]) -> Response {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        Response { headers, ..Response::scripted(200, body, clock::parse("1994-11-06T08:49:00Z").unwrap()) }
    }

    #[test]
    fn a_servers_words_are_found_in_all_their_shapes() {
        let cases = [
            (r#"{"detail":"Invalid token."}"#, Some("Invalid token.")),
            (r#"{"msg":"Token has expired"}"#, Some("Token has expired")),
            (r#"{"errors":[{"code":"x","field":null,"message":"no"}]}"#, Some("no")),
            (
                r#"{"errors":{"provider":"bad"},"message":"Input payload validation failed"}"#,
                Some("Input payload validation failed"),
            ),
            (r#"{"error":{"message":"quota"}}"#, Some("quota")),
            (r#"{"error":"invalid_grant"}"#, Some("invalid_grant")),
            ("{}", None),
            ("<html>", None),
        ];
        for (body, words) in cases {
            assert_eq!(response(body, &[]).words().as_deref(), words, "{body}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let wait = |text| response("", &[(RETRY_AFTER, text)]).retry_after();
        assert_eq!(wait("120"), Some(Duration::from_secs(120)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(37)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO), "a past date");
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("-1"), None);
    }

    #[test]
    fn the_date_header_tells_the_skew() {
        let skew = response("", &[(DATE, "Sun, 06 Nov 1994 08:49:37 GMT")]).clock_skew();
        assert_eq!(skew, Some(TimeDelta::seconds(37)));
    }

    #[test]
    fn bodies_are_described_in_a_few_words() {
        let cases = [
            ("", "an empty body"),
            (
                "<!DOCTYPE html><HTML><head><Title>\n 502 Bad  Gateway</title>",
                "an HTML page titled \"502 Bad Gateway\"",
            ),
            ("<html><body>", "an HTML page"),
            ("{\"detail\":1,\"x\":2}", "a JSON object of detail, x"),
            ("[]", "a JSON array"),
            ("Too many\nrequests", "text that starts with \"Too many requests\""),
        ];
        for (body, words) in cases {
            assert_eq!(response(body, &[]).description(), words);
        }
    }

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
        assert_eq!(Value::from("a\r\nevil: 1").header().unwrap_err(), HttpError::BadHeader);
    }
}
