//! The authorization code grant of a native app: PKCE, a browser, and a listener on loopback (RFC 6749 §4.1, RFC 7636,
//! RFC 8252, RFC 9207).

mod listener;
mod redirect;

use std::time::Duration;

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use url::Url;

use self::listener::Listener;
pub use self::redirect::RedirectUri;
use super::random_text;
use crate::{
    auth::{AuthError, Context, Progress},
    secret::SecretString,
};

/// How long the browser may take.
const LIMIT: Duration = Duration::from_secs(600);

/// What is asked of the authorization endpoint.
#[derive(Debug)]
pub struct AuthorizationRequest<'a> {
    /// Where users approve.
    pub endpoint: &'a Url,
    /// The client ID.
    pub client_id: &'a str,
    /// Where the browser is sent afterwards.
    pub redirect_uri: &'a RedirectUri,
    /// `scope`, `resource` and whatever else the server wants.
    pub parameters: Vec<(String, String)>,
    /// The issuer that the answer must come from, where it is known.
    pub issuer: Option<&'a str>,
    /// The answer must name its issuer (RFC 9207 §2.4).
    pub names_issuer: bool,
}

/// A code, and what it is redeemed with.
#[derive(Debug)]
pub struct Authorization {
    /// The authorization code.
    pub code: SecretString,
    /// The redirect URI of the request, with its port.
    pub redirect_uri: String,
    /// PKCE: what the challenge was made from.
    pub code_verifier: SecretString,
    /// What the ID token has to repeat.
    pub nonce: String,
}

/// Sends the user to the authorization endpoint and waits for the browser to come back. Dropping the future closes the
/// port.
///
/// # Errors
/// [`AuthError::Refused`] where the user or the server said no; [`AuthError::NeedsInteraction`] where no user is there;
/// [`AuthError::Unfinished`] where no response came within ten minutes.
pub async fn authorize(cx: &Context<'_>, request: AuthorizationRequest<'_>) -> Result<Authorization, AuthError> {
    if !cx.interaction.is_attended() {
        return Err(AuthError::NeedsInteraction("an approval in the browser".to_owned()));
    }
    let listener = Listener::bind(request.redirect_uri).await?;
    let redirect_uri = listener.redirect_uri().to_string();
    let (state, nonce, code_verifier) = (random_text(), random_text(), random_text());
    let url = authorization_url(&request, &redirect_uri, [&state, &nonce, &challenge(&code_verifier)]);
    cx.interaction.report(Progress::Remark(format!("waiting for the browser's response at {redirect_uri}")));
    cx.interaction.report(Progress::OpenPage { url: url.into() });
    let expected =
        redirect::Expected { state, issuer: request.issuer.map(str::to_owned), names_issuer: request.names_issuer };
    let remark = |words| cx.interaction.report(Progress::Remark(words));
    let answer = listener.answer(expected, &remark);
    let code = tokio::time::timeout(LIMIT, answer).await.map_err(|_| {
        AuthError::unfinished(
            format!("no response from the browser within {} minutes", LIMIT.as_secs() / 60),
            "log in again",
        )
    })??;
    Ok(Authorization { code, redirect_uri, code_verifier: code_verifier.into(), nonce })
}

fn authorization_url(request: &AuthorizationRequest<'_>, redirect_uri: &str, random: [&str; 3]) -> Url {
    let [state, nonce, challenge] = random;
    let mut url = request.endpoint.clone();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", request.client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("state", state)
        .append_pair("code_challenge", challenge)
        .append_pair("code_challenge_method", "S256")
        .extend_pairs(&request.parameters);
    // Only OpenID Connect knows a nonce; a strict OAuth server refuses what it does not know.
    if request.parameters.iter().any(|(name, value)| name == "scope" && value.split(' ').any(|word| word == "openid")) {
        url.query_pairs_mut().append_pair("nonce", nonce);
    }
    url
}

/// The S256 challenge of a verifier (RFC 7636 §4.2).
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_rfc_7636_appendix_b() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn the_address_keeps_the_query_of_the_endpoint() {
        let endpoint = Url::parse("https://a.example/authorize?tenant=1").unwrap();
        let redirect_uri = RedirectUri::parse("http://127.0.0.1/callback").unwrap();
        let request = |scope: &str| AuthorizationRequest {
            endpoint: &endpoint,
            client_id: "a b",
            redirect_uri: &redirect_uri,
            parameters: vec![("scope".to_owned(), scope.to_owned())],
            issuer: None,
            names_issuer: false,
        };
        let url = authorization_url(&request("openid"), "http://127.0.0.1:1/callback", ["s", "n", "c"]);
        let expected = "https://a.example/authorize?tenant=1&response_type=code&client_id=a+b\
                        &redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcallback&state=s&code_challenge=c\
                        &code_challenge_method=S256&scope=openid&nonce=n";
        assert_eq!(url.as_str(), expected);
        let url = authorization_url(&request("read"), "http://127.0.0.1:1/callback", ["s", "n", "c"]);
        assert!(!url.as_str().contains("nonce"), "{url}");
    }
}
