//! What a resource server says about a token it was shown (RFC 6750 §3).

use reqwest::header::WWW_AUTHENTICATE;

use crate::{
    auth::{Acceptance, AuthError, ProbeVerdict},
    http::Response,
};

/// The verdict in an answer to a call with a token.
///
/// # Errors
/// [`AuthError::RateLimited`]: then the answer is about the caller and not about the token.
pub fn verdict(response: &Response) -> Result<ProbeVerdict, AuthError> {
    if let limited @ AuthError::RateLimited { .. } = AuthError::of_answer(response, "an answer") {
        return Err(limited);
    }
    let challenge = response.header(WWW_AUTHENTICATE).map(|text| response.redacted(text)).unwrap_or_default();
    let (acceptance, meaning) = match response.status {
        200..=299 => (Acceptance::Accepted, "the token is accepted"),
        401 => (Acceptance::Rejected, "the token is not accepted"),
        403 if challenge.contains("invalid_token") => (Acceptance::Rejected, "the token is not accepted"),
        403 if challenge.contains("insufficient_scope") => {
            (Acceptance::Unclear, "the token is known, and its scope does not reach this call")
        }
        403 => (Acceptance::Unclear, "this call is not allowed; that says nothing about the token"),
        404 => (Acceptance::Unclear, "nothing lives at this URL; that says nothing about the token"),
        _ => (Acceptance::Unclear, "the answer says nothing about the token"),
    };
    let mut detail = meaning.to_owned();
    if !response.is_success() {
        let words = response.words().unwrap_or_else(|| response.description());
        detail = format!("{detail}: {words}");
        if !challenge.is_empty() {
            detail = format!("{detail} (WWW-Authenticate: {challenge})");
        }
    }
    Ok(ProbeVerdict { acceptance, status: response.status, account: None, detail })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn judged(status: u16, body: &str) -> ProbeVerdict {
        verdict(&Response::scripted(status, body, clock::parse("0").unwrap())).unwrap()
    }

    #[test]
    fn only_401_and_invalid_token_reject() {
        assert_eq!(judged(204, "").acceptance, Acceptance::Accepted);
        let rejected = judged(401, r#"{"detail":"Invalid token."}"#);
        assert_eq!(rejected.acceptance, Acceptance::Rejected);
        assert_eq!(rejected.detail, "the token is not accepted: Invalid token.");
        for status in [403, 404, 500, 302] {
            assert_eq!(judged(status, "").acceptance, Acceptance::Unclear, "{status}");
        }
    }
}
