//! Why a resource server refused a token, in one sentence. Servers say little: what their words name is told with what the
//! token itself says about it, and where they name nothing, the token's own claims may.

mod refused;

use self::refused::Refused;
use crate::{
    auth::{IssuedToken, Scheme},
    http::Response,
    token::Form,
};

/// A row of the table: words that name the cause, where it is written, and how it is told of this token. A row without words
/// goes by the token alone. `None`: the token contradicts it, or has nothing to do with it.
type Row = (&'static [&'static str], &'static str, fn(&Refused<'_>) -> Option<String>);

/// The table. What only one cause can mean comes first: `signature key not found` is not about the signature, and PyJWT's
/// `Signature has expired` is about the time.
const ROWS: &[Row] = &[
    (
        &["insufficient_scope", "insufficient scope", "scope_insufficient", "missing scope", "higher privileges"],
        "RFC 6750 §3.1",
        scope,
    ),
    (&["audience", "aud"], "RFC 7519 §4.1.3", audience),
    (&["issuer", "iss"], "RFC 7519 §4.1.1", issuer),
    (&["algorithm"], "RFC 8725 §3.1", algorithm),
    (
        &["kid", "signing key", "signature key", "matching key", "key to match", "no key", "unknown key"],
        "RFC 7515 §4.1.4",
        key,
    ),
    (&["too far in the future", "short-lived", "timeframe"], "RFC 7519 §4.1.4", ends_too_late),
    (
        &["not yet valid", "valid yet", "valid before", "in the future", "before issued", "too early", "nbf", "iat"],
        "RFC 7519 §4.1.5",
        not_yet,
    ),
    (&["expired", "exp", "lifetime", "no longer valid", "not active"], "RFC 7519 §4.1.4", expired),
    (&["signature"], "RFC 7515 §5.2", signature),
    (&["revoked", "invalidated", "blacklisted", "blocklisted"], "RFC 7009 §1", revoked),
    (&[], "RFC 7519 §4.1.4", |it| it.ended().as_deref().map(expired_ago)),
    (&[], "RFC 7519 §4.1.5", |it| it.starts_later().then(|| not_yet(it)).flatten()),
    (&[], "RFC 9068 §2.1", another_kind),
    (
        &["malformed", "decod", "segments", "compact", "padding", "base64", "pars", "well formed", "well-formed"],
        "RFC 7515 §7.1",
        unreadable,
    ),
    (&["bearer authentication", "bearer prefix", "scheme"], "RFC 6750 §2.1", |it| {
        (!it.is_sent_as("Bearer") && it.says("bearer")).then(|| another_scheme(it, "Bearer"))
    }),
    (&[], "RFC 9110 §11.6.1", |it| it.other_schemes().map(|taken| another_scheme(it, &taken))),
    (UNSEEN, "RFC 9110 §11.6.2", |it| {
        Some(format!(
            "the server saw no token; it takes another scheme than {}, or a proxy removed the Authorization header",
            it.scheme()
        ))
    }),
    (&[], "RFC 7516 §3", |it| matches!(it.form(), Form::Jwe(_)).then(|| ENCRYPTED.to_owned())),
    (&[], "RFC 7515 §2", |it| it.is_padded().then(|| PADDED.to_owned())),
];

/// What is said by who found no credentials, whatever else may be missing.
const UNSEEN: &[&str] = &[
    "not provided",
    "no auth",
    "no token",
    "missing auth",
    "missing bearer",
    "missing jwt",
    "missing token",
    "header is missing",
    "header missing",
    "token is missing",
    "token is empty",
];

/// Why a server refused a token that was sent under this scheme, where its words or the token show it. Foreign text inside.
pub fn of(response: &Response, token: &IssuedToken, scheme: &Scheme) -> Option<String> {
    let refused = Refused::of(response, token, scheme);
    if ["csrf", "xsrf"].iter().any(|other| refused.says(other)) {
        return None;
    }
    // Without a word, a 400 or flask-jwt-extended's 422 may be about anything in the request.
    let alone = matches!(response.status, 401 | 403);
    let applies = |words: &[&str]| if words.is_empty() { alone } else { words.iter().any(|word| refused.says(word)) };
    let mut rows = ROWS.iter().filter(|(words, ..)| applies(words));
    rows.find_map(|(.., tell)| tell(&refused)).filter(|_| alone || matches!(response.status, 400 | 422))
}

const ENCRYPTED: &str =
    "the token is encrypted (JWE), so this server cannot read it; ask the issuer for a token for this audience";

const PADDED: &str = "the parts of the token are padded with =, which strict servers reject";

fn scope(it: &Refused<'_>) -> Option<String> {
    Some(match (it.needed_scope(), it.claim_words("scope").or_else(|| it.claim_words("scp"))) {
        (Some(needed), Some(has)) => format!("this call needs the scope {needed}; the token has {has}"),
        (Some(needed), None) => format!("this call needs the scope {needed}"),
        (None, Some(has)) => format!("the scope of the token does not allow this call; it has {has}"),
        (None, None) => "the token is known, but its scope does not allow this call".to_owned(),
    })
}

fn audience(it: &Refused<'_>) -> Option<String> {
    if !it.has_claims() {
        return Some("this server takes tokens for another audience".to_owned());
    }
    Some(match (it.claim_words("aud"), it.claim_words("client_id")) {
        (Some(aud), _) if it.is_id_token() => {
            format!("this is an ID token for {aud}, not for this server; most APIs take only the access token")
        }
        (Some(aud), _) => format!("the token is for the audience {aud}, which is not this server's"),
        (None, Some(client)) => format!("the token names no audience (aud), only the client_id {client}"),
        (None, None) => "the token names no audience (aud)".to_owned(),
    })
}

fn issuer(it: &Refused<'_>) -> Option<String> {
    // That of a certificate is another one.
    (it.has_claims() && !it.says("certificate")).then(|| match it.claim_words("iss") {
        Some(iss) => format!("the server expects another issuer than {iss}; a slash or dot at the end counts"),
        None => "the token names no issuer (iss)".to_owned(),
    })
}

fn algorithm(it: &Refused<'_>) -> Option<String> {
    let alg = it.alg()?;
    Some(format!("the server does not take the algorithm {alg}, or has no key for it"))
}

fn key(it: &Refused<'_>) -> Option<String> {
    it.has_claims().then(|| match it.kid() {
        Some(kid) => format!("the server has no key with the kid {kid}; its key set may be old, or of another issuer"),
        None => "the token names no key (kid), and the server has none that fits".to_owned(),
    })
}

fn ends_too_late(it: &Refused<'_>) -> Option<String> {
    let exp = it.exp().map(|exp| format!(", {}", it.relative(exp))).unwrap_or_default();
    Some(format!("the token ends later than the server allows{exp}; the clock that dated it may be fast"))
}

fn not_yet(it: &Refused<'_>) -> Option<String> {
    Some(match it.starts() {
        Some((claim, start)) if it.starts_later() => {
            let start = it.relative(start);
            format!("by the server's clock the token starts {start} ({claim}); its clock and the issuer's differ")
        }
        _ => "the server considers the token not valid yet; its clock may be slow".to_owned(),
    })
}

fn expired(it: &Refused<'_>) -> Option<String> {
    match (it.ended(), it.exp()) {
        (Some(ended), _) => Some(expired_ago(&ended)),
        // `Token is invalid or expired` names nothing, and a password may have expired.
        _ if it.is_vague() || !it.is_about_a_token() => None,
        (None, Some(exp)) => Some(format!(
            "the server considers the token expired, but it ends {}; the clocks differ, or its session has ended",
            it.relative(exp)
        )),
        (None, None) => Some("the token has expired".to_owned()),
    }
}

fn expired_ago(ago: &str) -> String {
    format!("the token expired {ago}")
}

fn signature(it: &Refused<'_>) -> Option<String> {
    let alg = it.alg()?;
    Some(match alg.starts_with("HS") {
        true => format!("the server's secret does not match the signature ({alg}); it may be in another encoding"),
        false => format!("the server's key does not match the signature ({alg})"),
    })
}

fn revoked(it: &Refused<'_>) -> Option<String> {
    (!it.is_vague() && it.is_about_a_token()).then(|| "the token was revoked".to_owned())
}

const ID_TOKEN: &str = "this is an ID token, which is for the client; most APIs take only the access token";

/// Who answers 403 has accepted the token.
fn another_kind(it: &Refused<'_>) -> Option<String> {
    if it.status() != 401 {
        return None;
    }
    if it.is_refresh_token() {
        return Some("this is a refresh token, which only the token endpoint takes; send the access token".to_owned());
    }
    it.is_id_token().then(|| ID_TOKEN.to_owned())
}

fn unreadable(it: &Refused<'_>) -> Option<String> {
    Some(match it.form() {
        _ if it.is_vague() => return None,
        Form::Jwe(_) => ENCRYPTED.to_owned(),
        Form::Opaque if !["jwt", "json web token", "jws", "segments"].iter().any(|word| it.says(word)) => return None,
        Form::Opaque => "the token is opaque, and this server takes only JWTs".to_owned(),
        Form::Jws(_) if it.is_padded() => PADDED.to_owned(),
        Form::Jws(_) => match (it.defect(), it.kid()) {
            (Some(place), _) => format!("the token is damaged in its {place}"),
            (None, Some(kid)) => {
                format!(
                    "the token is well formed, but the server cannot use it; its kid {kid} may be of another issuer"
                )
            }
            (None, None) => "the token is well formed, but the server may expect another issuer or key".to_owned(),
        },
    })
}

fn another_scheme(it: &Refused<'_>, taken: &str) -> String {
    format!("the server takes the scheme {taken}, and the token was sent as {}", it.scheme())
}

#[cfg(test)]
mod tests;
