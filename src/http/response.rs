//! What comes back.

use std::{borrow::Cow, fmt, time::Duration};

use chrono::{DateTime, TimeDelta};
use reqwest::{
    StatusCode,
    header::{DATE, HeaderMap, HeaderName, RETRY_AFTER},
};

use super::{
    body::{Oddity, Reading},
    mask::Mask,
    vocabulary::is_plain,
};
use crate::{clock::Timestamp, text::excerpt};

/// More of a server's words, in characters, says no more.
const LONGEST_WORDS: usize = 400;

/// An answer, whole and within the size limit.
#[derive(Clone)]
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
    /// The connection ended, or went silent, before the body had its end.
    pub(super) is_cut: bool,
    pub(super) mask: Mask,
}

/// Neither headers nor body: tokens and cookies are in them.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Response");
        shown.field("host", &self.host).field("status", &self.status).field("length", &self.body.len());
        shown.finish_non_exhaustive()
    }
}

impl Response {
    /// An answer that never came over a wire: for the tests and fuzzing of those who read answers.
    pub fn scripted(status: u16, body: &str, received_at: Timestamp) -> Self {
        let (headers, mask) = (HeaderMap::new(), Mask::default());
        let host = "lms.example.org".to_owned();
        Self { status, headers, body: body.into(), received_at, host, is_cut: false, mask }
    }

    /// What the status is called (RFC 9110 §15), whatever the server calls it.
    pub fn reason(&self) -> Option<&'static str> {
        StatusCode::from_u16(self.status).ok()?.canonical_reason()
    }

    /// Whether the status is 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as text, with U+FFFD for what is not UTF-8.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body without a byte order mark and blanks around it.
    pub fn content(&self) -> &[u8] {
        let body = self.body.trim_ascii();
        body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)
    }

    /// The body as JSON, whatever the server calls it, and what is odd about it.
    pub fn read(&self) -> Reading {
        let mut reading = Reading::of(&self.body);
        match reading.is_complete() {
            _ if !self.is_cut => {}
            true => reading.oddities.push(Oddity::CutBehind),
            // It may have been seen in the text already.
            false if reading.oddities.contains(&Oddity::Unfinished) => {}
            false => reading.oddities.push(Oddity::Unfinished),
        }
        reading
    }

    /// The body as JSON, as far as it can be read.
    pub fn json(&self) -> Option<serde_json::Value> {
        self.read().value
    }

    /// Whether a text is one of the secrets that were sent: an answer that repeats it gives nothing.
    pub fn is_echo(&self, text: &str) -> bool {
        self.mask.sent(text)
    }

    /// A header as text; `None` where it is missing or no ASCII.
    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The server's own words without what must not be shown: anything that was sent as a secret, or looks like a token;
    /// the first of them, on one line. Every text of an answer that goes into an error passes here.
    pub fn redacted(&self, words: &str) -> String {
        excerpt(&self.mask.text(words), LONGEST_WORDS)
    }

    /// The server's own words in a JSON refusal, redacted: `detail`, `message`, `error_description` and the like, at the
    /// top, or in the first item of `errors`.
    pub fn words(&self) -> Option<String> {
        const MEMBERS: [&str; 9] = [
            "error_description",
            "detail",
            "message",
            "msg",
            "developer_message",
            "error_message",
            // Okta, and Apigee in its `fault`.
            "errorSummary",
            "faultstring",
            "error",
        ];
        let json = self.json()?;
        let first = |value: &serde_json::Value| {
            MEMBERS
                .iter()
                .find_map(|name| value.get(name)?.as_str())
                .filter(|words| !words.is_empty())
                .map(str::to_owned)
        };
        let nested = || {
            let places = [json.get("error"), json.get("errors").and_then(|errors| errors.get(0)), json.get("fault")];
            places.into_iter().flatten().find_map(first)
        };
        first(&json).or_else(nested).map(|words| self.redacted(&words))
    }

    /// What the body is, in a few words, for an answer that makes no sense: `an HTML page titled "Bad Gateway"`. Nothing
    /// of it is quoted but words that are known to be no secret.
    pub fn description(&self) -> String {
        let text = self.text();
        let start = text.trim_start();
        let is_html =
            ["<html", "<!doc"].iter().any(|head| start.get(..5).is_some_and(|s| s.eq_ignore_ascii_case(head)));
        let length = self.body.len();
        let reading = self.read();
        // Nothing of it could be read as a member.
        let is_torn = [Oddity::BadMember, Oddity::Unfinished].iter().any(|it| reading.oddities.contains(it))
            && reading.members().is_some_and(serde_json::Map::is_empty);
        match reading.value.filter(|_| !is_torn) {
            _ if start.is_empty() => "an empty body".to_owned(),
            _ if is_html => match html_title(start).filter(|title| is_plain(title)) {
                Some(title) => format!("an HTML page titled \"{title}\""),
                None => "an HTML page".to_owned(),
            },
            Some(serde_json::Value::Object(object)) => described(&object),
            Some(serde_json::Value::Array(_)) => "a JSON array".to_owned(),
            Some(_) => "a single JSON value".to_owned(),
            None if std::str::from_utf8(&self.body).is_err() => format!("{length} bytes that are not text"),
            None if start.starts_with('<') => format!("{length} bytes of XML or other markup"),
            None => format!("{length} bytes of text that is not JSON"),
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

/// A date of RFC 9110 §5.6.7 in its current form, `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(text: &str) -> Option<Timestamp> {
    DateTime::parse_from_rfc2822(text.trim()).ok().map(|time| time.to_utc())
}

/// An object by the names of its members, as far as they are known words.
fn described(object: &serde_json::Map<String, serde_json::Value>) -> String {
    let names: Vec<_> = object.keys().map(String::as_str).filter(|name| is_plain(name)).take(8).collect();
    match (names.len(), object.len() - names.len()) {
        (0, 0) => "an empty JSON object".to_owned(),
        (0, others) => format!("a JSON object with {others} members of other names"),
        (_, 0) => format!("a JSON object of {}", names.join(", ")),
        (_, others) => format!("a JSON object of {} and {others} more", names.join(", ")),
    }
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
    use reqwest::header::HeaderValue;

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
    fn debug_shows_no_body_and_no_header() {
        let shown = format!("{:?}", response("marker", &[(RETRY_AFTER, "marker")]));
        assert!(shown.contains("lms.example.org") && !shown.contains("marker"), "{shown}");
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
            ("{\"detail\":1,\"abcdefghijklmnopqrstuv\":2}", "a JSON object of detail and 1 more"),
            ("<html><title>Success code=4/P7q7W91a-oMsCeLv", "an HTML page"),
            ("Too many\nrequests", "17 bytes of text that is not JSON"),
            ("{\"access_token\":\"abc", "20 bytes of text that is not JSON"),
            ("{\0\"\0a\0\"\0:\x001\0}\0", "14 bytes of text that is not JSON"),
            ("{}\u{feff}", "an empty JSON object"),
            ("<token>abc</token>", "18 bytes of XML or other markup"),
        ];
        for (body, words) in cases {
            assert_eq!(response(body, &[]).description(), words);
        }
    }
}
