//! Who the client is, and how it proves it at every endpoint that asks (RFC 6749 §2.3, RFC 7521, RFC 7523).

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use url::{Url, form_urlencoded};

use super::random_text;
use crate::{
    auth::{AuthError, Context, Progress},
    clock::{self, Timestamp},
    http::{Body, Request, RequestValue, Response},
    secret::{ExposeSecret as _, SecretString},
    trouble::Trouble,
};

/// The life of a client assertion. Long enough for a slow way and a clock that goes wrong by half a minute.
const ASSERTION_TTL: TimeDelta = TimeDelta::seconds(60);

/// A client of an authorization server.
#[derive(Debug)]
pub struct Client {
    /// The client ID.
    pub id: String,
    /// How it proves who it is.
    pub authentication: Authentication,
    /// Whom a client assertion is for: the issuer, else the token endpoint (RFC 7523 §3).
    pub audience: Option<String>,
    /// Headers that every call of this server carries.
    pub headers: Vec<(String, String)>,
}

/// How a client proves who it is (`token_endpoint_auth_method` of RFC 7591 §2).
#[derive(Debug)]
pub enum Authentication {
    /// `none`: a public client says its ID only.
    None,
    /// `client_secret_basic`: HTTP Basic, ID and secret form-encoded (RFC 6749 §2.3.1).
    Basic(SecretString),
    /// `client_secret_post`: in the body.
    Body(SecretString),
    /// `private_key_jwt`: a short-lived JWT signed with the client's key.
    PrivateKeyJwt(AssertionKey),
}

/// What client assertions are signed with.
#[derive(Debug)]
pub struct AssertionKey {
    key: EncodingKey,
    algorithm: Algorithm,
    key_id: Option<String>,
}

impl AssertionKey {
    /// Reads a private key. Without an algorithm its kind decides: RS256, ES256, ES384 or EdDSA. Why it is none holds
    /// nothing of the text.
    pub fn from_pem(pem: &SecretString, algorithm: Option<Algorithm>, key_id: Option<String>) -> Result<Self, Trouble> {
        let text = pem.expose_secret().trim();
        match text {
            _ if text.contains("ENCRYPTED") => {
                let hint = "write it without a passphrase: openssl pkey -in KEY.pem -out PLAIN.pem";
                return Err(Trouble::new("this private key is encrypted", hint));
            }
            // SEC 1.
            _ if text.contains("BEGIN EC PRIVATE KEY") => {
                let hint = "convert it: openssl pkcs8 -topk8 -nocrypt -in KEY.pem -out KEY8.pem";
                return Err(Trouble::new("this EC key is not in the PKCS#8 form", hint));
            }
            _ => {}
        }
        let pem = text.as_bytes();
        let key = [EncodingKey::from_rsa_pem, EncodingKey::from_ec_pem, EncodingKey::from_ed_pem]
            .into_iter()
            .find_map(|read| read(pem).ok())
            .filter(|_| text.contains("PRIVATE KEY"))
            .ok_or_else(no_private_key)?;
        let candidates = match algorithm {
            Some(algorithm) => vec![algorithm],
            None => vec![Algorithm::RS256, Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA],
        };
        // Only signing tells whether a curve fits.
        let signs = |algorithm: &Algorithm| jsonwebtoken::crypto::sign(b"", &key, *algorithm).is_ok();
        let fitting = candidates.into_iter().find(signs);
        let algorithm = fitting.ok_or_else(|| algorithm.map_or_else(no_private_key, unfit))?;
        Ok(Self { key, algorithm, key_id })
    }

    /// A client assertion (RFC 7523 §3).
    fn assertion(&self, client_id: &str, audience: &str, now: Timestamp) -> Result<SecretString, Trouble> {
        let header = Header { kid: self.key_id.clone(), ..Header::new(self.algorithm) };
        let (issued_at, expires_at) = (now.timestamp(), (now + ASSERTION_TTL).timestamp());
        let claims = json!({
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "iat": issued_at,
            "exp": expires_at,
            "jti": random_text(),
        });
        let signed = jsonwebtoken::encode(&header, &claims, &self.key);
        signed.map(SecretString::from).map_err(|_| unfit(self.algorithm))
    }
}

fn no_private_key() -> Trouble {
    let hint = "give the private key as a PEM file: PKCS#8, or PKCS#1 for RSA";
    Trouble::new("this is not a PEM file with a private key", hint)
}

fn unfit(algorithm: Algorithm) -> Trouble {
    let hint = "choose an algorithm that fits the type of key, or leave it unset";
    Trouble::new(format!("this key cannot sign with {algorithm:?}"), hint)
}

impl Client {
    /// The secret that client and server share, where there is one.
    pub fn secret(&self) -> Option<SecretString> {
        match &self.authentication {
            Authentication::Basic(secret) | Authentication::Body(secret) => Some(secret.clone()),
            Authentication::None | Authentication::PrivateKeyJwt(_) => None,
        }
    }

    /// Posts a form to an endpoint of the server, authenticated. `what` is the endpoint's name, for people.
    pub async fn post(
        &self,
        cx: &Context<'_>,
        url: &Url,
        what: &str,
        fields: Vec<(&str, RequestValue)>,
    ) -> Result<Response, AuthError> {
        let mut request = Request::post_form(url.clone(), fields);
        for (name, value) in &self.headers {
            request = request.header(name.to_ascii_lowercase(), value.as_str());
        }
        let request = self.authenticate(request, clock::now())?;
        let host = url.host_str().unwrap_or_default();
        cx.interaction.report(Progress::Contacting(format!("{what} of {host}")));
        Ok(cx.http.send(request).await?)
    }

    /// Adds the proof to a form.
    fn authenticate(&self, mut request: Request, now: Timestamp) -> Result<Request, Trouble> {
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let mut fields: Vec<(&str, RequestValue)> = Vec::new();
        match &self.authentication {
            Authentication::None => fields.push(("client_id", self.id.as_str().into())),
            Authentication::Basic(secret) => {
                let secret = SecretString::from(encoded(secret.expose_secret()));
                request = request.basic(&encoded(&self.id), &secret);
            }
            Authentication::Body(secret) => {
                fields.push(("client_id", self.id.as_str().into()));
                fields.push(("client_secret", secret.into()));
            }
            Authentication::PrivateKeyJwt(key) => {
                const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
                let audience = self.audience.as_deref().unwrap_or(request.url.as_str());
                let assertion = key.assertion(&self.id, audience, now)?;
                fields.push(("client_id", self.id.as_str().into()));
                fields.push(("client_assertion_type", KIND.into()));
                fields.push(("client_assertion", assertion.into()));
            }
        }
        if let Body::Form(form) = &mut request.body {
            form.extend(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
        }
        Ok(request)
    }
}
