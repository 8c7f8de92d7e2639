//! The JWTs of the LMS: what they say, and how it verifies them, offline.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Value, json};

use super::{
    OpenEdx, TokenForm,
    accounts::{Client, User},
};
use crate::demo::mint;

/// The key of the tokens in Open edX's documentation, and of a development LMS.
const SECRET: &[u8] = b"lms-secret";
/// The header of the tokens that `asymmetric_jwt` yields.
const ASYMMETRIC_HEADER: &str = r#"{"alg":"RS512","kid":"devstack_key"}"#;
const AUDIENCE: &str = "lms-key";

impl OpenEdx {
    pub(super) fn claims(&self, client: &Client, user: &User, scopes: &[String], iat: i64, exp: i64) -> Value {
        let filters: &[&str] = if client.grant_type == "password" { &["user:me"] } else { &[] };
        let mut claims = json!({
            "aud": AUDIENCE,
            "exp": exp,
            "grant_type": client.grant_type,
            "iat": iat,
            "iss": self.issuer(),
            "preferred_username": user.username,
            "scopes": scopes,
            "version": "1.2.0",
            "sub": user.sub,
            "filters": filters,
            "is_restricted": false,
            "email_verified": true,
        });
        for scope in scopes {
            match scope.as_str() {
                "user_id" => claims["user_id"] = user.id.into(),
                "email" => claims["email"] = user.email.into(),
                "profile" => {
                    claims["name"] = user.name.into();
                    claims["family_name"] = "".into();
                    claims["given_name"] = "".into();
                    claims["administrator"] = user.staff.into();
                    claims["superuser"] = false.into();
                }
                _ => {}
            }
        }
        claims
    }

    fn issuer(&self) -> String {
        format!("{}/oauth2", self.world.url)
    }

    pub(super) fn sign(&self, claims: &Value, form: TokenForm) -> String {
        let payload = mint::python_json(claims);
        if form == TokenForm::AsymmetricJwt {
            mint::jws(ASYMMETRIC_HEADER, &payload, &self.world.rsa().encoding_key(), Algorithm::RS512)
        } else {
            mint::jws(r#"{"alg":"HS256"}"#, &payload, &EncodingKey::from_secret(SECRET), Algorithm::HS256)
        }
    }

    /// The user of a JWT. Whatever is wrong with it, the answer is the same.
    pub(super) fn jwt_user(&self, token: &str) -> Result<String, Value> {
        let claims = if token.starts_with(&mint::segment(ASYMMETRIC_HEADER)) {
            mint::verified(token, &self.world.rsa().decoding_key(), Algorithm::RS512).ok()
        } else {
            mint::verified(token, &DecodingKey::from_secret(SECRET), Algorithm::HS256).ok()
        };
        claims
            .filter(|claims| claims["aud"] == AUDIENCE && claims["iss"] == self.issuer())
            .filter(|claims| claims["exp"].as_i64().is_some_and(|exp| exp > self.world.seconds()))
            .and_then(|claims| claims["preferred_username"].as_str().map(str::to_owned))
            .ok_or_else(|| json!({"detail": "Invalid token."}))
    }
}
