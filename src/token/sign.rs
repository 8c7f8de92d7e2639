//! Making tokens: a JWS in compact serialization (RFC 7515 §5.1) from a header and claims as they were written.
//!
//! The bytes that are signed are the bytes that were given: order, digits, blanks and duplicate members are kept.
//! Keys must keep the same rules as those that verify ([`verify::policy`](super::verify::policy)).

mod signing_keys;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

pub use self::signing_keys::{SigningKey, SigningKeys};
use super::{
    json::{Json, Kind},
    verify::{
        Reason,
        algorithm::Algorithm,
        policy::{self, Judgement, Policy},
    },
};
use crate::trouble::{Code, Told};

/// A token that was made here.
#[derive(Debug)]
pub struct Signed {
    /// The token in compact serialization.
    pub token: String,
    /// The name of the key that signed it. Foreign text.
    pub key: String,
    /// A rule that was waived for that key to be used.
    pub waived: Option<Reason>,
}

/// Why no token was made. Nothing that was given is lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// Header or claims are no JSON.
    #[error("the {part} {are} not JSON at line {line}, column {column}: {message}", are = be(part))]
    Json {
        /// `header` or `claims`.
        part: &'static str,
        /// Counted from 1.
        line: usize,
        /// In characters, counted from 1.
        column: usize,
        /// What is wrong there.
        message: &'static str,
    },
    /// Header or claims are JSON, and no object.
    #[error("the {0} must be a JSON object")]
    NotAnObject(&'static str),
    /// Algorithm and key do not go together, or one of them is missing.
    #[error("{}", .0.why)]
    Refused(Reason),
}

fn be(part: &str) -> &'static str {
    if part == "claims" { "are" } else { "is" }
}

impl Told for SignError {
    fn code(&self) -> Code {
        Code::Usage
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Json { .. } => "put names and strings in double quotes; no comma before a closing bracket",
            Self::NotAnObject(_) => "an object is {\"name\": value, …}",
            Self::Refused(reason) => &reason.fix,
        };
        Some(hint.to_owned())
    }
}

/// Signs with the algorithm that the header's `alg` names and the key that goes with it: the only one, or of several
/// the one with the header's `kid`.
pub fn sign(header: &str, claims: &str, keys: &SigningKeys, policy: &Policy) -> Result<Signed, SignError> {
    let json = object("header", header)?;
    object("claims", claims)?;
    let alg = json.member("alg").and_then(|node| json.string(node)).unwrap_or_default();
    let Some(algorithm) = Algorithm::named(&alg) else { return Err(unknown(&alg)) };
    let kid = json.member("kid").and_then(|node| json.string(node));
    let (entry, key) = keys.choose(kid.as_deref())?;
    let refused =
        |reason: Reason| SignError::Refused(Reason { why: format!("{}: {}", entry.name, reason.why), ..reason });
    let waived = match policy::judge(&key.public, algorithm, policy) {
        Judgement::Accepted => None,
        Judgement::Waived(reason) => Some(reason),
        Judgement::Refused(_, reason) => return Err(refused(reason)),
    };
    if key.public.limits.key_ops.as_ref().is_some_and(|ops| !ops.iter().any(|op| op == "sign")) {
        let fix = "use the key intended for signing";
        return Err(refused(Reason::new("the key's key_ops do not include sign", fix, "RFC 7517 §4.3")));
    }
    let input = signing_input(header, claims);
    let signature = key.sign(algorithm, input.as_bytes()).map_err(|why| {
        refused(Reason { why: why.to_owned(), fix: "give another private key".to_owned(), source: None })
    })?;
    let token = format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature));
    Ok(Signed { token, key: entry.name.clone(), waived })
}

/// An unsecured token (RFC 7518 §3.6), whose header must say `"alg":"none"`: anyone could have made it.
pub fn unsecured(header: &str, claims: &str) -> Result<String, SignError> {
    let json = object("header", header)?;
    if json.member("alg").and_then(|node| json.string(node)).is_none_or(|alg| alg != "none") {
        let fix = "write \"alg\": \"none\" into the header";
        return Err(SignError::Refused(Reason::new("an unsecured token has alg none", fix, "RFC 7518 §3.6")));
    }
    with_signature(header, claims, "")
}

/// A token with a signature that was made over something else: to see that a server refuses it.
pub fn with_signature(header: &str, claims: &str, signature: &str) -> Result<String, SignError> {
    object("header", header)?;
    object("claims", claims)?;
    Ok(format!("{}.{signature}", signing_input(header, claims)))
}

/// A JSON object, or where it stops being one.
pub fn object(part: &'static str, text: &str) -> Result<Json, SignError> {
    let json = Json::parse(text);
    if let Some(error) = json.error() {
        let (line, column) = error.position(text);
        return Err(SignError::Json { part, line, column, message: error.message });
    }
    match json.root().map(|root| root.kind) {
        Some(Kind::Object) => Ok(json),
        _ => Err(SignError::NotAnObject(part)),
    }
}

/// The algorithm that a key is for by default: the one its JWK names, the one of its curve, else RS256; of
/// a secret HS256.
pub fn natural(key: &SigningKey) -> &'static Algorithm {
    let named = key.public.limits.alg.as_deref().and_then(Algorithm::named);
    let first = || Algorithm::all().iter().find(|algorithm| algorithm.family == key.public.family);
    named.or_else(first).expect("each family has an algorithm in the table")
}

fn unknown(alg: &str) -> SignError {
    let known: Vec<_> = Algorithm::all().iter().map(|algorithm| algorithm.name).collect();
    let (why, fix) = match alg {
        "" => ("the header has no alg".to_owned(), format!("write one of {}", known.join(", "))),
        "none" => (
            "alg is none: there is nothing to sign with".to_owned(),
            "request an unsecured token, without a key".to_owned(),
        ),
        _ => (format!("signing with {alg} is not supported"), format!("supported for signing: {}", known.join(", "))),
    };
    SignError::Refused(Reason::new(why, fix, "RFC 7518 §3.1"))
}

/// RFC 7515 §5.1, step 5.
fn signing_input(header: &str, claims: &str) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> SigningKeys {
        SigningKeys::secret(b"0123456789abcdef0123456789abcdef", "the secret")
    }

    fn error(header: &str, claims: &str) -> String {
        sign(header, claims, &secret(), &Policy::default()).unwrap_err().to_string()
    }

    /// RFC 7515 appendix A.1: to the byte, blanks and line breaks included.
    #[test]
    fn the_example_of_rfc_7515() {
        let jwk = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
        let keys = SigningKeys::read(jwk.as_bytes(), "a1.json").unwrap();
        let header = "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}";
        let claims = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
        let signed = sign(header, claims, &keys, &Policy::default()).unwrap();
        assert_eq!(
            signed.token,
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
             eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
             dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
    }

    /// RFC 7519 §6.1.
    #[test]
    fn an_unsecured_token() {
        let claims = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
        let token = unsecured(r#"{"alg":"none"}"#, claims).unwrap();
        assert!(token.starts_with("eyJhbGciOiJub25lIn0.eyJpc3Mi") && token.ends_with("fQ."), "{token}");
        assert!(unsecured(r#"{"alg":"HS256"}"#, claims).unwrap_err().to_string().contains("alg none"));
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        const HS256: &str = r#"{"alg":"HS256"}"#;
        assert_eq!(
            error(HS256, "{\n  \"ä\": 1,\n  \"b\" 2\n}"),
            "the claims are not JSON at line 3, column 7: missing colon"
        );
        assert_eq!(error("{\"alg\":", "{}"), "the header is not JSON at line 1, column 8: the text ends too early");
        assert_eq!(error(HS256, "[1]"), "the claims must be a JSON object");
        assert_eq!(error("{}", "{}"), "the header has no alg");
        assert_eq!(error(r#"{"alg":"none"}"#, "{}"), "alg is none: there is nothing to sign with");
        assert_eq!(error(r#"{"alg":"HS1"}"#, "{}"), "signing with HS1 is not supported");
        assert_eq!(
            error(r#"{"alg":"RS256"}"#, "{}"),
            "the secret: RS256 takes an RSA key, but this is a secret of 256 bits"
        );
        assert_eq!(
            error(r#"{"alg":"HS512"}"#, "{}"),
            "the secret: HS512 takes a secret of at least 64 bytes, but this one has 32"
        );
    }
}
