//! What is a secret in an exchange, and what is shown instead of it.

use reqwest::header::HeaderValue;
use serde_json::Value as Json;

use super::message::{Request, Value};
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
                let text = secret.expose_secret();
                // An `Authorization` value: the token alone may come back as well.
                sent.extend(text.split_once(' ').map(|(_, token)| SecretString::from(token)));
                sent.push(secret.clone());
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
            if looks_like_token(word) {
                shown.push_str(&masked(word))
            } else {
                shown.push_str(word)
            }
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

/// A JWT, or a long word of letters and digits that nobody wrote by hand.
fn looks_like_token(word: &str) -> bool {
    let has = |kind: fn(&char) -> bool| word.chars().any(|c| kind(&c));
    (word.starts_with("eyJ") && word.len() >= 16)
        || (word.len() >= 28 && has(char::is_ascii_digit) && has(char::is_ascii_alphabetic))
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
    fn answers_lose_their_tokens_and_keep_their_words() {
        let mask = Mask { sent: vec!["hunter22".into()] };
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln";
        let text = mask.text(&format!("the password hunter22 is wrong, see {jwt}. Token is invalid or expired"));
        assert!(!text.contains("hunter22") && !text.contains("eyJ"), "{text}");
        assert!(text.ends_with("Token is invalid or expired"), "{text}");

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
