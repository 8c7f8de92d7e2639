//! What is a secret in an exchange, and what is shown instead of it.

use std::borrow::Cow;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::header::HeaderValue;
use serde_json::Value as Json;
use url::form_urlencoded;

use super::request::{Request, Value};
use crate::secret::{ExposeSecret as _, Fingerprint, SecretString};

/// Hides the secrets of one exchange: those that were sent, and whatever looks like one.
#[derive(Debug, Clone, Default)]
pub(super) struct Mask {
    sent: Vec<SecretString>,
}

/// What is sent as a secret and is shorter than this is not looked for in answers: it would hide half of the words.
const SHORTEST_ECHO: usize = 4;

impl Mask {
    /// The mask for a request and its answer.
    pub(super) fn of(request: &Request) -> Self {
        let values = request.headers.iter().map(|(_, value)| value);
        let values = values.chain(request.body.fields().iter().map(|(_, value)| value));
        let mut sent = Vec::new();
        for value in values {
            if let Value::Secret(secret) = value {
                sent.extend(forms(secret.expose_secret()));
            }
        }
        sent.retain(|secret| secret.expose_secret().len() >= SHORTEST_ECHO);
        sent.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
        Self { sent }
    }

    /// A text without secrets that were sent and without words that look like tokens.
    pub(super) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.sent {
            let secret = secret.expose_secret();
            if text.contains(secret) {
                text = text.replace(secret, &masked(secret));
            }
        }
        let mut shown = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(start) = rest.find(is_token_char) {
            shown.push_str(&rest[..start]);
            let end = start + rest[start..].find(|c| !is_token_char(c)).unwrap_or(rest.len() - start);
            let word = &rest[start..end];
            shown.push_str(&if looks_like_token(word) { Cow::Owned(masked(word)) } else { word.into() });
            rest = &rest[end..];
        }
        shown.push_str(rest);
        shown
    }

    /// A JSON value with the secret members masked at any depth.
    pub(super) fn json(&self, value: &mut Json, refused: bool) {
        match value {
            Json::String(text) => *text = self.text(text),
            Json::Array(items) => items.iter_mut().for_each(|item| self.json(item, refused)),
            Json::Object(members) => {
                for (name, member) in members {
                    if is_secret_name(name, refused) { hide(member) } else { self.json(member, refused) }
                }
            }
            _ => {}
        }
    }

    /// A header's value. Of an `Authorization` the scheme stays.
    pub(super) fn header(&self, name: &str, value: &HeaderValue) -> String {
        let text = String::from_utf8_lossy(value.as_bytes());
        let carries_secret = value.is_sensitive() || is_secret_name(name, false);
        match text.split_once(' ') {
            Some((scheme, token)) if carries_secret && name == "authorization" => {
                format!("{scheme} {}", masked(token))
            }
            _ if carries_secret => masked(&text),
            _ => self.text(&text),
        }
    }
}

/// All texts in which a server could send a secret back: as it is, form-encoded, and out of an `Authorization` value
/// the token or the password of HTTP Basic alone.
fn forms(secret: &str) -> Vec<SecretString> {
    let mut forms = vec![secret.to_owned(), form_urlencoded::byte_serialize(secret.as_bytes()).collect()];
    if let Some((scheme, token)) = secret.split_once(' ') {
        forms.push(token.to_owned());
        let pair = BASE64_STANDARD.decode(token).ok().filter(|_| scheme == "Basic");
        let pair = pair.and_then(|pair| String::from_utf8(pair).ok());
        forms.extend(pair.and_then(|pair| Some(pair.split_once(':')?.1.to_owned())));
    }
    forms.dedup();
    forms.into_iter().map(SecretString::from).collect()
}

/// `•••• ba7816bf`: a secret by its fingerprint.
pub(super) fn masked(secret: &str) -> String {
    format!("•••• {}", Fingerprint::of(secret))
}

/// Whether a field, member or header of this name holds a secret. In a refusal `code` is an error code.
pub(super) fn is_secret_name(name: &str, refused: bool) -> bool {
    const PARTS: [&str; 11] = [
        "token",
        "secret",
        "password",
        "passphrase",
        "assertion",
        "credential",
        "cookie",
        "otp",
        "jwt",
        "signature",
        "authorization",
    ];
    const WHOLE: [&str; 5] = ["access", "refresh", "session", "key", "apikey"];
    // `token_type`, `accessTokenExpiredAt`: about a token, not the token.
    const ABOUT: [&str; 3] = ["type", "expire", "lifetime"];
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    !has(&ABOUT)
        && (has(&PARTS) || WHOLE.contains(&name.as_str()) || (name.contains("code") && !refused && name != "errorcode"))
}

fn hide(value: &mut Json) {
    match value {
        Json::String(text) if !text.is_empty() => *value = Json::String(masked(text)),
        Json::Number(number) => *value = Json::String(masked(&number.to_string())),
        Json::Array(items) => items.iter_mut().for_each(hide),
        Json::Object(members) => members.values_mut().for_each(hide),
        _ => {}
    }
}

/// The characters of JWTs, base64 in both alphabets, and token68 (RFC 9110 §11.2).
fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~+/=".contains(c)
}

/// A JWT, or a long word in a mixture that nobody writes by hand: capitals, small letters and digits, or hexadecimal.
/// Paths and host names, mostly in small letters, stay.
fn looks_like_token(word: &str) -> bool {
    let has = |kind: fn(&char) -> bool| word.chars().any(|c| kind(&c));
    let mixed = has(char::is_ascii_digit) && has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase);
    let hex = has(char::is_ascii_digit) && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    (word.starts_with("eyJ") && word.len() >= 16) || (word.len() >= 28 && (mixed || hex))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_secrets_from_facts_about_them() {
        for secret in ["access_token", "refreshToken", "client_secret", "code", "user_code", "Set-Cookie", "refresh"] {
            assert!(is_secret_name(secret, false), "{secret}");
        }
        for fact in ["token_type", "expires_in", "accessTokenExpiredAt", "scope", "error_code", "username"] {
            assert!(!is_secret_name(fact, false), "{fact}");
        }
        assert!(!is_secret_name("code", true), "an error code");
    }

    #[test]
    fn a_sent_secret_is_known_in_every_form_it_may_come_back_in() {
        let url = url::Url::parse("https://lms.example.org").unwrap();
        let password = SecretString::from("m4rker!");
        let request = Request::post_form(url, [("a", Value::from(&password))]).basic("client", &"basic-m4rker".into());
        let mask = Mask::of(&request);
        let echo = "m4rker! m4rker%21 basic-m4rker Y2xpZW50OmJhc2ljLW00cmtlcg==";
        let text = mask.text(echo);
        assert!(!text.contains("m4rker") && !text.contains("Y2xp"), "{text}");
    }

    #[test]
    fn answers_lose_their_tokens_and_keep_their_words() {
        let mask = Mask { sent: vec!["hunter22".into()] };
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln";
        let text = mask.text(&format!("the password hunter22 is wrong, see {jwt}. Token is invalid or expired"));
        assert!(!text.contains("hunter22") && !text.contains("eyJ"), "{text}");
        assert!(text.ends_with("Token is invalid or expired"), "{text}");
        for token in
            ["VLXK0n3wD4J6iM4m5WdyqQYo8a1b2c", "550e8400-e29b-41d4-a716-446655440000", "aB3/aB3+aB3/aB3+aB3/aB3+aB3="]
        {
            assert!(!mask.text(&format!("({token})")).contains(token), "{token}");
        }
        for words in
            ["see https://docs.example.org/en/latest/oauth2/how-to", "2026-11-21", "invalid_client_credentials_given"]
        {
            assert_eq!(mask.text(words), words);
        }

        let mut json = serde_json::json!({"access_token": "abc", "expires_in": 3600, "deep": [{"t": jwt, "password": 7}],
            "token_type": "JWT", "error_description": "no such user hunter22"});
        mask.json(&mut json, false);
        let text = json.to_string();
        for hidden in ["\"abc\"", "eyJ", ":7", "hunter22"] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
        assert!(text.contains("3600") && text.contains("\"JWT\"") && text.contains("no such user"), "{text}");
    }
}
