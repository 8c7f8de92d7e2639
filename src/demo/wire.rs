//! Requests and answers in the forms that the real servers use.

use std::collections::HashMap;

use axum::{
    body::Body,
    http::{HeaderMap, Response, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose};
use serde_json::Value;

use super::mint::python_json;

/// An answer.
pub(super) type Answer = Response<Body>;

/// A JSON answer, with Python's white space.
pub(super) fn json(status: u16, body: &Value) -> Answer {
    with_body(status, "application/json", python_json(body))
}

/// An HTML page: what proxies and frameworks answer when the application does not.
pub(super) fn html(status: u16, title: &str, text: &str) -> Answer {
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n\
         <p>{text}</p>\n</body>\n</html>\n"
    );
    with_body(status, "text/html; charset=utf-8", page)
}

/// An answer of any content type.
pub(super) fn with_body(status: u16, content_type: &'static str, body: impl Into<Body>) -> Answer {
    Response::builder()
        .status(StatusCode::from_u16(status).expect("our own statuses are legal"))
        .header(header::CONTENT_TYPE, content_type)
        .body(body.into())
        .expect("our own headers are legal")
}

/// The fields of a form; none where the body is something else. Of a repeated field the last one counts, as in Django.
pub(super) fn form(headers: &HeaderMap, body: &[u8]) -> HashMap<String, String> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return HashMap::new();
    }
    url::form_urlencoded::parse(body).into_owned().collect()
}

/// The scheme and the credentials of `Authorization`.
pub(super) fn authorization(headers: &HeaderMap) -> Option<(&str, &str)> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ').map(|(scheme, rest)| (scheme, rest.trim()))
}

/// The token under `Bearer`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    authorization(headers).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token)
}

/// The user and password of HTTP Basic, form-decoded each as RFC 6749 §2.3.1 has it.
pub(super) fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (_, credentials) = authorization(headers).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))?;
    let text = String::from_utf8(general_purpose::STANDARD.decode(credentials).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    let decoded = |text: &str| {
        // A form's key is cut at `&` and `=`, which a value written by the rule never holds unescaped.
        let escaped = text.replace('&', "%26").replace('=', "%3D");
        url::form_urlencoded::parse(escaped.as_bytes()).map(|(key, _)| key.into_owned()).next().unwrap_or_default()
    };
    Some((decoded(user), decoded(password)))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn basic_is_form_decoded() {
        let encoded = general_purpose::STANDARD.encode("id%3A1:p%40ss%3Aw%25rd+%2B%2F~&=");
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_str(&format!("Basic {encoded}")).expect("legal");
        headers.insert(header::AUTHORIZATION, value);
        assert_eq!(basic(&headers), Some(("id:1".to_owned(), "p@ss:w%rd +/~&=".to_owned())));
    }
}
