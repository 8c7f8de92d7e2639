//! The ID token of OpenID Connect: whose it is, and whether it belongs to this login. Claims only: its signature is not
//! verified here. It came from the token endpoint itself over TLS, which OpenID Connect Core §3.1.3.7 (6) takes for
//! enough.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::client::Client;
use crate::{
    auth::{AuthError, TokenKind, TokenSet},
    secret::ExposeSecret as _,
};

/// Checks that the ID token of a login belongs to it. What is odd becomes a remark.
///
/// # Errors
/// [`AuthError::UnexpectedAnswer`] where the token repeats another nonce than this login's: it was made for somebody
/// else's.
pub fn check_nonce(set: &mut TokenSet, issuer: Option<&str>, nonce: Option<&str>) -> Result<(), AuthError> {
    let Some(claims) = set.token(TokenKind::Id).and_then(|token| claims(token.raw.expose_secret())) else {
        return Ok(());
    };
    match (nonce, text(&claims, "nonce")) {
        (Some(sent), Some(repeated)) if sent != repeated => {
            return Err(AuthError::UnexpectedAnswer {
                host: issuer.unwrap_or("the token endpoint").to_owned(),
                status: 200,
                expected: "an ID token of this login",
                found: "one with another nonce".to_owned(),
            });
        }
        (Some(_), None) => set.remarks.push("the ID token does not repeat the nonce of this login".to_owned()),
        _ => {}
    }
    Ok(())
}

/// Reads the claims of the set's ID token and takes the account from it. What is odd becomes a remark, and no more: the
/// refresh token that came with it may exist nowhere else.
pub fn look_over(set: &mut TokenSet, client: &Client, issuer: Option<&str>) {
    let Some(token) = set.token(TokenKind::Id) else { return };
    let Some(claims) = claims(token.raw.expose_secret()) else {
        set.remarks.push("the ID token is no JWT that can be read".to_owned());
        return;
    };
    if let (Some(named), Some(expected)) = (text(&claims, "iss"), issuer)
        && named != expected
    {
        set.remarks.push(format!("the ID token's iss is not the issuer of the profile: {named}"));
    }
    let meant_for_us = match claims.get("aud") {
        Some(Value::Array(several)) => several.iter().any(|one| *one == client.id),
        Some(one) => *one == client.id,
        None => false,
    };
    if !meant_for_us {
        set.remarks.push("the ID token's aud does not name this client".to_owned());
    }
    let names = ["preferred_username", "email", "sub"];
    set.account = names.into_iter().find_map(|name| text(&claims, name)).map(str::to_owned);
}

/// Compares the ID token of a refresh with the one before it: it must be about the same user, from the same issuer
/// (OpenID Connect Core §12.2). One that is not is dropped with a remark, and the rest of the set stays.
pub fn same_user(set: &mut TokenSet, old: &TokenSet) {
    let claims_of = |set: &TokenSet| set.token(TokenKind::Id).and_then(|token| claims(token.raw.expose_secret()));
    let (Some(new), Some(before)) = (claims_of(set), claims_of(old)) else { return };
    if let Some(claim) = ["iss", "sub"].into_iter().find(|name| new.get(name) != before.get(name)) {
        set.remarks.push(format!("the new ID token is about somebody else (another {claim}): it is not kept"));
        set.tokens.retain(|token| token.kind != TokenKind::Id);
        set.account.clone_from(&old.account);
    }
}

fn text<'a>(claims: &'a Value, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

/// The claims of a JWT, decoded and not verified.
fn claims(token: &str) -> Option<Value> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok().filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        auth::{IssuedToken, Scheme},
        clock,
        oauth::client::Authentication,
    };

    fn checked(claims: &Value, nonce: Option<&str>) -> Result<TokenSet, AuthError> {
        let raw = format!("e30.{}.", URL_SAFE_NO_PAD.encode(claims.to_string())).into();
        let token = IssuedToken { kind: TokenKind::Id, raw, expires_at: None, scheme: Scheme::BEARER };
        let received_at = clock::parse("0").unwrap();
        let mut set = TokenSet { tokens: vec![token], scope: None, account: None, received_at, remarks: Vec::new() };
        let authentication = Authentication::None;
        let client = Client { id: "cli".to_owned(), authentication, audience: None, headers: Vec::new() };
        look_over(&mut set, &client, Some("https://a.example"));
        check_nonce(&mut set, Some("https://a.example"), nonce)?;
        Ok(set)
    }

    #[test]
    fn another_nonce_is_another_login() {
        let claims = json!({"iss": "https://a.example", "aud": ["x", "cli"], "sub": "1", "email": "a@b", "nonce": "n"});
        let set = checked(&claims, Some("n")).unwrap();
        assert_eq!((set.account.as_deref(), set.remarks.len()), (Some("a@b"), 0));
        assert!(checked(&claims, Some("other")).is_err());
        assert!(checked(&claims, None).unwrap().remarks.is_empty(), "no nonce was sent");
    }

    #[test]
    fn odd_claims_are_remarked_upon() {
        let set = checked(&json!({"iss": "https://b.example", "aud": "x", "sub": "1"}), Some("n")).unwrap();
        assert_eq!(set.remarks.len(), 3, "{:?}", set.remarks);
    }
}
