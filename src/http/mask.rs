//! What is a secret in an exchange, and what is shown instead of it.
//!
//! By place, not by look: answers come from where tokens come from, so of a body nothing is shown but the names of members
//! and what is known to be no secret. The look of a word counts only in texts that are shown: the server's own words.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::header::HeaderValue;
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use super::{
    names::{is_address, is_count, is_explanation, is_fact, is_secret_name, is_token_name},
    request::{Request, RequestValue},
    vocabulary::is_plain,
};
use crate::{
    clock,
    secret::{ExposeSecret as _, Fingerprint, SecretString},
    text::typed::looks_like_token,
};

/// Hides the secrets of one exchange: those that were sent, and whatever may be one.
#[derive(Debug, Clone, Default)]
pub(super) struct Mask {
    sent: Vec<Sent>,
}

/// A form of a secret that was sent.
#[derive(Debug, Clone)]
struct Sent {
    text: SecretString,
    is_token: bool,
}

/// What stands in the place of a secret.
pub(super) const HIDDEN: &str = "••••";

/// What is sent as a secret and is shorter than this is not looked for in answers: it would hide half of the words.
const SHORTEST_ECHO: usize = 4;

/// A shorter text can be guessed from its fingerprint.
const SHORTEST_TOKEN: usize = 16;

impl Mask {
    /// The mask for a request and its answer.
    pub(super) fn of(request: &Request) -> Self {
        let headers = request.headers.iter().map(|(name, value)| (name.as_ref(), value));
        let fields = request.body.fields().iter().map(|(name, value)| (name.as_str(), value));
        let mut sent = Vec::new();
        for (name, value) in headers.chain(fields) {
            if let RequestValue::Secret(secret) = value {
                let secret = secret.expose_secret();
                let is_token = is_token_name(name) || bearer(name, secret).is_some();
                sent.extend(forms(secret).into_iter().map(|text| Sent { text, is_token }));
            }
        }
        sent.retain(|sent| sent.text.expose_secret().len() >= SHORTEST_ECHO);
        sent.sort_by_key(|sent| std::cmp::Reverse(sent.text.expose_secret().len()));
        Self { sent }
    }

    /// Whether a text is a secret that was sent.
    pub(super) fn sent(&self, text: &str) -> bool {
        self.sent.iter().any(|sent| sent.text.expose_secret() == text)
    }

    /// A text without secrets that were sent and without words that look like tokens.
    pub(super) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for sent in &self.sent {
            let secret = sent.text.expose_secret();
            if text.contains(secret) {
                text = text.replace(secret, &if sent.is_token { masked_token(secret) } else { HIDDEN.to_owned() });
            }
        }
        let mut shown = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(start) = rest.find(is_token_char) {
            shown.push_str(&rest[..start]);
            let end = start + rest[start..].find(|c| !is_token_char(c)).unwrap_or(rest.len() - start);
            let word = &rest[start..end];
            shown.push_str(if looks_like_token(word) { HIDDEN } else { word });
            rest = &rest[end..];
        }
        shown.push_str(rest);
        shown
    }

    /// A JSON value with everything masked that is not known to be no secret.
    pub(super) fn json(&self, value: &mut Value, refused: bool) {
        self.value("", value, refused, false);
    }

    /// `explains`: it stands in a member that says what is wrong.
    fn value(&self, name: &str, value: &mut Value, refused: bool, explains: bool) {
        let explains = explains || is_explanation(name, refused);
        match value {
            Value::String(text) => *text = self.member(name, text, explains),
            Value::Number(number) if !(is_count(name) || number.to_string().len() <= 3) => *value = HIDDEN.into(),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(name, item, refused, explains)),
            Value::Object(members) => {
                let mut hidden = 0;
                let shown = std::mem::take(members).into_iter().map(|(name, mut member)| {
                    if !is_plain(&name) {
                        hidden += 1;
                        return (format!("{HIDDEN} {hidden}"), HIDDEN.into());
                    }
                    match is_secret_name(&name, refused) {
                        true => hide(&name, &mut member),
                        false => self.value(&name, &mut member, refused, explains),
                    }
                    (name, member)
                });
                *members = shown.collect::<Map<_, _>>();
            }
            _ => {}
        }
    }

    fn member(&self, name: &str, text: &str, explains: bool) -> String {
        if explains || is_fact(name) || is_plain(text) || clock::parse(text).is_some() {
            return self.text(text);
        }
        match Url::parse(text) {
            Ok(url) if is_address(name) => self.text(&bare_url(url)),
            _ if text.is_empty() => String::new(),
            _ => HIDDEN.to_owned(),
        }
    }

    /// A header's value. Of an `Authorization` the scheme stays.
    pub(super) fn header(&self, name: &str, value: &HeaderValue) -> String {
        const FACTS: [&str; 9] = [
            "date",
            "content-type",
            "content-length",
            "transfer-encoding",
            "server",
            "retry-after",
            "cache-control",
            "pragma",
            "www-authenticate",
        ];
        let text = String::from_utf8_lossy(value.as_bytes());
        match text.split_once(' ') {
            Some((scheme, _)) if name == "authorization" => {
                let token = bearer(name, &text).map_or_else(|| HIDDEN.to_owned(), masked_token);
                format!("{scheme} {token}")
            }
            _ if value.is_sensitive() || is_secret_name(name, false) => masked(name, &text),
            _ if FACTS.contains(&name) || is_plain(&text) => self.text(&text),
            _ if text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit()) => text.into_owned(),
            _ => HIDDEN.to_owned(),
        }
    }

    /// The value of a header that the profile has in clear.
    pub(super) fn own_header(&self, name: &str, value: &str) -> String {
        if is_secret_name(name, false) { masked(name, value) } else { self.text(value) }
    }
}

/// A URL without what may be a secret in it.
pub(super) fn bare_url(mut url: Url) -> String {
    url.set_query(None);
    url.set_fragment(None);
    _ = url.set_username("");
    _ = url.set_password(None);
    url.into()
}

/// All texts in which a server could send a secret back: as it is, form-encoded, inside of JSON, and out of an
/// `Authorization` value the token or the password of HTTP Basic alone.
fn forms(secret: &str) -> Vec<SecretString> {
    let quoted = Value::from(secret).to_string();
    let mut forms = vec![secret.to_owned(), form_urlencoded::byte_serialize(secret.as_bytes()).collect()];
    forms.push(quoted[1..quoted.len() - 1].to_owned());
    if let Some((scheme, token)) = secret.split_once(' ') {
        forms.push(token.to_owned());
        let pair = BASE64_STANDARD.decode(token).ok().filter(|_| scheme == "Basic");
        let pair = pair.and_then(|pair| String::from_utf8(pair).ok());
        forms.extend(pair.and_then(|pair| Some(pair.split_once(':')?.1.to_owned())));
    }
    forms.sort();
    forms.dedup();
    forms.into_iter().map(SecretString::from).collect()
}

/// The token of an `Authorization` that is not a pair of name and password.
fn bearer<'a>(name: &str, value: &'a str) -> Option<&'a str> {
    let (scheme, token) = value.split_once(' ').filter(|_| name == "authorization")?;
    (!scheme.eq_ignore_ascii_case("basic")).then_some(token)
}

/// What stands for a secret of this name. Only a token has a fingerprint: a password, a code or a client's secret could be
/// guessed from it.
pub(super) fn masked(name: &str, secret: &str) -> String {
    if is_token_name(name) { masked_token(secret) } else { HIDDEN.to_owned() }
}

/// `•••• ba7816bf`: a token by its fingerprint.
fn masked_token(token: &str) -> String {
    match token.len() {
        ..SHORTEST_TOKEN => HIDDEN.to_owned(),
        _ => format!("{HIDDEN} {}", Fingerprint::of(token)),
    }
}

fn hide(name: &str, value: &mut Value) {
    match value {
        Value::String(text) if !text.is_empty() => *value = Value::String(masked(name, text)),
        Value::Number(_) => *value = HIDDEN.into(),
        Value::Array(items) => items.iter_mut().for_each(|item| hide(name, item)),
        // The names in it may be anything.
        Value::Object(members) if !members.is_empty() => *value = HIDDEN.into(),
        _ => {}
    }
}

/// The characters of JWTs, base64 in both alphabets, and token68 (RFC 9110 §11.2).
fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~+/=".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sent_secret_is_known_in_every_form_it_may_come_back_in() {
        let url = url::Url::parse("https://lms.example.org").unwrap();
        let password = SecretString::from("m4rker!\"");
        let request =
            Request::post_form(url, [("a", RequestValue::from(&password))]).basic("client", &"basic-m4rker".into());
        let mask = Mask::of(&request);
        let echo = "m4rker!\" m4rker%21%22 m4rker!\\\" basic-m4rker Y2xpZW50OmJhc2ljLW00cmtlcg==";
        let text = mask.text(echo);
        assert!(!text.contains("m4rker") && !text.contains("Y2xp"), "{text}");
        assert!(mask.sent("m4rker!\"") && !mask.sent("m4rker"));
    }

    #[test]
    fn only_tokens_have_fingerprints() {
        let long = "a-text-that-is-long-enough";
        for name in ["password", "client_secret", "otp_code", "code", "device_code", "x-master-key-hash", "private_key"]
        {
            assert_eq!(masked(name, long), HIDDEN, "{name}");
        }
        for name in ["access_token", "refreshToken", "refresh", "token"] {
            assert_eq!(masked(name, long), format!("{HIDDEN} {}", Fingerprint::of(long)), "{name}");
            assert_eq!(masked(name, "123456"), HIDDEN, "{name}: it could be guessed");
        }
        let header = |value: &str| {
            let mut value = HeaderValue::from_str(value).unwrap();
            value.set_sensitive(true);
            Mask::default().header("authorization", &value)
        };
        assert_eq!(header("Basic Y2xpZW50OmJhc2ljLW00cmtlcg=="), format!("Basic {HIDDEN}"));
        assert_eq!(header(&format!("Bearer {long}")), format!("Bearer {HIDDEN} {}", Fingerprint::of(long)));
    }

    #[test]
    fn words_stay_and_tokens_go() {
        let mask = Mask::default();
        for token in [
            "VLXK0n3wD4J6iM4m5WdyqQYo8a1b2c",
            "550e8400-e29b-41d4-a716-446655440000",
            "aB3/aB3+aB3/aB3+aB3/aB3+aB3=",
            "abcdefghijklmnopqrstuv",
            "ABCDEFGHIJKLMNOPQRSTUV",
            "aBcDeFgHiJkLmNoPqRsTuV",
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "JBSWY3DPEHPK3PXP",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        ] {
            assert_eq!(mask.text(&format!("({token})")), format!("({HIDDEN})"));
        }
        for words in [
            "see https://docs.example.org/en/latest/oauth2/how-to",
            "2026-11-21",
            "2026-11-21T21:35:38Z",
            "invalid_client_credentials_given",
            "/usr/lib/python3.11/site-packages/azure",
            "accessTokenExpiredAt",
            "AADSTS70008: it is expired",
            "Token is invalid or expired",
        ] {
            assert_eq!(mask.text(words), words);
        }
    }

    #[test]
    fn of_an_answer_only_the_known_is_shown() {
        let mut json = serde_json::json!({
            "access_token": "abc", "expires_in": 3600, "token_type": "JWT", "scope": "openid profile",
            "deep": [{"t": "opaque", "password": 7}], "data": {"value": "abcdefghijklmnop", "abcdefghijklmnopqrstuv": 1},
            "expires_at": "2026-11-21T21:35:38Z", "token_endpoint": "https://a.example/token?x=hidden",
            "error_description": "no such user", "unknownname": "hidden",
        });
        Mask::default().json(&mut json, false);
        let text = json.to_string();
        for hidden in ["\"abc\"", "opaque", ":7", "abcdef", "hidden", "unknownname"] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
        let shown = ["3600", "\"JWT\"", "openid profile", "21:35:38", "https://a.example/token", "no such user"];
        for shown in shown {
            assert!(text.contains(shown), "{shown} in {text}");
        }
        let mut refused = serde_json::json!({"errors": {"provider": "not known"}, "code": "token_not_valid"});
        Mask::default().json(&mut refused, true);
        assert!(
            refused.to_string().contains("token_not_valid") && refused.to_string().contains("not known"),
            "{refused}"
        );
        let mut bare = serde_json::json!(["opaque", 7]);
        Mask::default().json(&mut bare, false);
        assert_eq!(bare, serde_json::json!([HIDDEN, 7]));
        let mut number = serde_json::json!({"value": 48151623, "expires_in": 48151623});
        Mask::default().json(&mut number, false);
        assert_eq!(number, serde_json::json!({"value": HIDDEN, "expires_in": 48151623}));
    }
}
