//! Tokens as `decode` prints them. Every key is always present; in all strings, what a terminal would act on is `\uXXXX`.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use super::Written;
use crate::{
    cli::decryption,
    clock::{self, Timestamp},
    token::{
        self, Form, Format,
        detect::{self, Purpose},
        findings::{self, findings},
        json::Json,
        jwe::{self, Content, DEEPEST, Layer},
        lifetime::{Lifetime, NumericDate, NumericDates},
    },
};

/// What `decode --json` prints: of one token, or of several.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(in crate::cli) enum Decoded<'a> {
    One(Box<Found<'a>>),
    Several { tokens: Vec<Found<'a>> },
}

/// A token, and what the text said beside it.
#[derive(Serialize, JsonSchema)]
pub(in crate::cli) struct Found<'a> {
    /// Where the token was: `member access_token`, `base64 in data.token`; `null` if it was all of the text.
    place: Option<&'a str>,
    /// `access`, `refresh` or `id`, as its name says.
    purpose: Option<&'static str>,
    /// RFC 3339.
    expires_at: Option<String>,
    #[serde(flatten)]
    token: Token<'a>,
}

/// A token, and what costs more to find out.
#[derive(Serialize, JsonSchema)]
struct Token<'a> {
    #[serde(flatten)]
    brief: Brief<'a>,
    /// `SD-JWT`, `PASETO v4.public`, `SAML`, `macaroon`, `CWT` and the like; `null` for a plain JWT.
    format: Option<&'static str>,
    /// What the header's `typ` says that it is: `DPoP proof`; `null` for a plain JWT.
    r#type: Option<&'static str>,
    /// The footer of a PASETO as it was written.
    footer: Option<Written<'a>>,
    disclosures: Vec<Disclosure<'a>>,
    /// The gravest first.
    findings: Vec<Finding>,
    /// Of a JWE.
    decryption: Option<Decryption<'a>>,
    /// The token inside of a decrypted JWE or of a JWS.
    nested: Option<Box<Token<'a>>>,
}

/// A token, and what is quickly found out: what `decode --lines` prints.
#[derive(Serialize, JsonSchema)]
pub(in crate::cli) struct Brief<'a> {
    /// `jws`, `jwe` or `opaque`.
    form: &'static str,
    /// Of an opaque token, which has nothing else to show: the first 32 bits of its SHA-256 in hex.
    fingerprint: Option<String>,
    /// The JOSE header as it was written, or the COSE header of a CWT. Of broken JSON, what was understood.
    header: Option<Written<'a>>,
    /// The claims set as it was written, or its equivalent: the payload of a PASETO, the caveats of a macaroon.
    claims: Option<Written<'a>>,
    /// A payload that is not JSON, or that of a public PASETO.
    payload: Option<Payload<'a>>,
    /// Of a JWS.
    signature: Option<Signature<'a>>,
    times: Times<'a>,
    /// `valid-by-time`, `expired`, `not-yet-valid` or `unknown`.
    state: &'static str,
    defects: Vec<Defect<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct Payload<'a> {
    bytes: usize,
    /// `null` unless it is UTF-8.
    text: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
struct Signature<'a> {
    alg: Option<Cow<'a, str>>,
    bytes: usize,
    /// Always `not verified`.
    verification: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct Times<'a> {
    nbf: Option<Date<'a>>,
    iat: Option<Date<'a>>,
    exp: Option<Date<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct Date<'a> {
    /// The JSON text of the claim: a string has its quotes in it.
    raw: &'a str,
    /// RFC 3339; `null` for a date that cannot be read.
    utc: Option<String>,
    /// Whole seconds from now, rounded down.
    seconds_left: Option<i64>,
}

/// See [`token::DefectCode`].
#[derive(Serialize, JsonSchema)]
struct Defect<'a> {
    code: &'static str,
    place: &'a str,
    text: &'a str,
    /// Where in the token, if that is known.
    byte: Option<usize>,
}

/// See [`findings::Finding`].
#[derive(Serialize, JsonSchema)]
struct Finding {
    code: &'static str,
    /// `info`, `warning` or `danger`.
    severity: &'static str,
    place: String,
    text: String,
    source: &'static str,
}

impl Finding {
    fn of(findings::Finding { code, severity, place, text, source }: findings::Finding) -> Self {
        Self { code, severity: severity.as_str(), place, text, source }
    }
}

#[derive(Serialize, JsonSchema)]
struct Disclosure<'a> {
    /// `null` for an element of an array.
    name: Option<String>,
    value: Written<'a>,
}

#[derive(Serialize, JsonSchema)]
struct Decryption<'a> {
    #[serde(flatten)]
    decryption: decryption::Decryption<'a>,
    plaintext: Option<Plaintext<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct Plaintext<'a> {
    bytes: usize,
    /// `token`, `json`, `text` or `bytes`.
    kind: &'static str,
    json: Option<Written<'a>>,
    text: Option<&'a str>,
    times: Times<'a>,
    state: &'static str,
}

/// A token that was found, and what is inside of it.
type Opened<'a> = (&'a detect::Found, &'a token::Token, Vec<Layer>);

impl<'a> Decoded<'a> {
    pub(in crate::cli) fn of(tokens: &'a [Opened<'a>], now: Timestamp) -> Self {
        let found = |(found, token, layers): &'a Opened<'a>| Found {
            place: found.place.as_deref(),
            purpose: found.purpose.map(Purpose::as_str),
            expires_at: found.expires_at.map(clock::utc),
            token: Token::of(token, &found.lifetime(token), layers, 0, now),
        };
        match tokens {
            [token] => Self::One(Box::new(found(token))),
            tokens => Self::Several { tokens: tokens.iter().map(found).collect() },
        }
    }
}

impl<'a> Token<'a> {
    /// `layers` is what is inside of the outermost token, `depth` how many of them are around this one.
    fn of(token: &'a token::Token, lifetime: &Lifetime, layers: &'a [Layer], depth: usize, now: Timestamp) -> Self {
        let layer = layers.get(depth);
        let nested = layer.and_then(Layer::token).filter(|_| depth + 1 < DEEPEST);
        let disclosures = token.disclosures().into_iter();
        Self {
            brief: Brief::of(token, lifetime, now),
            format: token.format().map(Format::as_str),
            r#type: token.media_type().map(|found| found.name),
            footer: beside(token, "footer").and_then(Written::of),
            disclosures: disclosures.map(|it| Disclosure { name: it.name, value: Written(it.value.into()) }).collect(),
            findings: findings(token, now).into_iter().map(Finding::of).collect(),
            decryption: match layer {
                Some(Layer::Decryption(decryption)) => Some(Decryption::of(decryption, now)),
                Some(Layer::Payload(_)) | None => None,
            },
            nested: nested.map(|inner| Box::new(Self::of(inner, &inner.lifetime(), layers, depth + 1, now))),
        }
    }
}

impl<'a> Brief<'a> {
    pub(in crate::cli) fn of(token: &'a token::Token, lifetime: &Lifetime, now: Timestamp) -> Self {
        Self {
            form: token.form().as_str(),
            fingerprint: matches!(token.form(), Form::Opaque).then(|| token.fingerprint().to_string()),
            header: token.header().or_else(|| beside(token, "header")).and_then(Written::of),
            claims: token.said().and_then(Written::of),
            payload: payload(token),
            signature: match token.form() {
                Form::Jws(jws) => {
                    Some(Signature { alg: token.alg(), bytes: jws.signature.len(), verification: "not verified" })
                }
                Form::Jwe(_) | Form::Opaque => None,
            },
            times: Times::of(token.dates(), now),
            state: lifetime.state(now).as_str(),
            defects: (token.defects().iter())
                .map(|it| Defect {
                    code: it.code.as_str(),
                    place: &it.place,
                    text: &it.text,
                    byte: it.bytes.as_ref().map(|bytes| bytes.start),
                })
                .collect(),
        }
    }
}

/// What is beside the claims of another format, under this name.
fn beside<'a>(token: &'a token::Token, name: &str) -> Option<&'a Json> {
    let (found, json) = token.content()?.beside.as_ref()?;
    (*found == name).then_some(json)
}

fn payload(token: &token::Token) -> Option<Payload<'_>> {
    if let Some(content) = token.content()
        && let (Format::PasetoPublic(_), Some(json)) = (content.format, &content.claims)
    {
        return Some(Payload { bytes: json.text().len(), text: Some(json.text()) });
    }
    match token.form() {
        Form::Jws(token::Jws { payload: token::Payload::Bytes(bytes), .. }) => {
            Some(Payload { bytes: bytes.len(), text: str::from_utf8(bytes).ok() })
        }
        _ => None,
    }
}

impl<'a> Times<'a> {
    fn of(dates: Option<&'a NumericDates>, now: Timestamp) -> Self {
        let date = |of: fn(&NumericDates) -> &Option<NumericDate>| {
            dates.and_then(|dates| of(dates).as_ref()).map(|date| Date {
                raw: &date.raw,
                utc: date.time.map(clock::utc),
                seconds_left: date.time.map(|time| (time - now).num_milliseconds().div_euclid(1_000)),
            })
        };
        Self { nbf: date(|dates| &dates.nbf), iat: date(|dates| &dates.iat), exp: date(|dates| &dates.exp) }
    }
}

impl<'a> Decryption<'a> {
    fn of(decryption: &'a jwe::Decryption, now: Timestamp) -> Self {
        let plaintext = decryption.plaintext.as_ref().map(|plaintext| {
            let (json, text) = match &plaintext.content {
                Content::Json(json) => (Written::of(json), None),
                Content::Text(text) => (None, Some(text.as_str())),
                Content::Token(_) | Content::Bytes => (None, None),
            };
            Plaintext {
                bytes: plaintext.bytes().len(),
                kind: plaintext.content.as_str(),
                json,
                text,
                times: Times::of(Some(&plaintext.dates), now),
                state: Lifetime::new(Some(&plaintext.dates), None, None).state(now).as_str(),
            }
        });
        Self { decryption: decryption::Decryption::of(decryption), plaintext }
    }
}
