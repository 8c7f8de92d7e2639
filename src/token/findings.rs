//! What is to be said against a token beside its defects: what an attacker likes and what a server may object to. Each
//! finding has its source. Nothing here is a verdict, and an ordinary token has none above [`Severity::Info`].

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use chrono::TimeDelta;

use super::{
    Form, Format, Jws, Token,
    defect::{DefectCode, excerpt},
    json::{Json, Kind},
    sd_jwt,
};
use crate::{clock::Timestamp, secret::ExposeSecret as _, text};

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Ask the issuer about it.
    Warning,
    /// Whoever accepts the token as it is can be deceived.
    Danger,
}

impl Severity {
    /// The word for programs and people: `info`, `warning`, `danger`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }
}

/// Something to be said against a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// A stable word for programs: `no-exp`.
    pub code: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// Where: a header parameter as `header/kid`, a claim as `/exp`. Foreign text.
    pub place: String,
    /// What it is and why it matters. Foreign text.
    pub text: String,
    /// Where that is written: `RFC 8725 §3.1`.
    pub source: &'static str,
}

/// Says of a token whether something is to be found: the place, and what the text begins with.
type Check = fn(&Subject<'_>) -> Option<(String, String)>;

/// A row of the table: code, severity, explanation, source, and how it is found.
struct Rule(&'static str, Severity, &'static str, &'static str, Check);

/// The table, ranked: the gravest first.
const RULES: &[Rule] = &[
    Rule("alg-none", Severity::Danger, "alg is none: anyone can create such a token", "RFC 8725 §3.2", |it| {
        it.alg("none").then(|| at("header/alg"))
    }),
    Rule("weak-secret", Severity::Danger, "anyone can sign such tokens", "RFC 8725 §3.5, RFC 7518 §3.2", weak_secret),
    Rule("disclosure", Severity::Danger, "a verifier must reject the SD-JWT", "RFC 9901 §7.1", |it| {
        let first = sd_jwt::process(it.token)?.faults.into_iter().next()?;
        Some(("disclosures".to_owned(), format!("{first}: ")))
    }),
    Rule(
        "kid-injection",
        Severity::Danger,
        "kid contains path or SQL characters; a server that looks it up unchecked can be deceived",
        "RFC 8725 §3.10",
        |it| {
            let kid = it.header("kid")?;
            let bad = kid.contains("../")
                || kid.contains("..\\")
                || kid.starts_with('/')
                || kid.contains(['\'', ';', '\0', '`', '|']);
            (bad || kid.contains("--") && kid.contains(' ')).then(|| at("header/kid"))
        },
    ),
    Rule(
        "embedded-key",
        Severity::Warning,
        "the header contains its own key, which proves nothing: attackers can include theirs",
        "RFC 8725 §3.10, RFC 7515 §4.1.3",
        // RFC 9449 §4.2: a DPoP proof must have it.
        |it| (it.has("jwk") && it.header("typ").as_deref() != Some("dpop+jwt")).then(|| at("header/jwk")),
    ),
    Rule(
        "key-url",
        Severity::Warning,
        "the header points to a key that is not at the issuer",
        "RFC 8725 §3.10, RFC 7515 §4.1.2",
        |it| {
            let (name, url) = ["jku", "x5u"].into_iter().find_map(|name| Some((name, it.header(name)?)))?;
            let same = it.claim("iss").is_some_and(|iss| host(&iss).is_some() && host(&iss) == host(&url));
            (!same).then(|| (format!("header/{name}"), String::new()))
        },
    ),
    Rule(
        "deceptive-text",
        Severity::Warning,
        "it contains invisible characters, or look-alike letters of several scripts",
        "RFC 7519 §11.1, UTS #39",
        |it| {
            let name = ["iss", "sub"].into_iter().find(|name| it.claim(name).is_some_and(|text| deceives(&text)))?;
            Some((format!("/{name}"), String::new()))
        },
    ),
    Rule(
        "duplicate-member",
        Severity::Warning,
        "a name is duplicated, and programs differ in which value they use",
        "RFC 7519 §4, RFC 7515 §4",
        |it| {
            let mut defects = it.token.defects().iter();
            defects
                .find(|defect| defect.code == DefectCode::DuplicateKey)
                .map(|found| (found.place.clone(), String::new()))
        },
    ),
    Rule(
        "date-in-milliseconds",
        Severity::Warning,
        "a date is in milliseconds: read as seconds, the token never expires",
        "RFC 7519 §2 (NumericDate)",
        |it| {
            let mut defects = it.token.defects().iter();
            let found = defects.find(|defect| defect.code == DefectCode::DateInMilliseconds)?;
            Some((found.place.clone(), String::new()))
        },
    ),
    Rule(
        "no-exp",
        Severity::Info,
        "the token has no expiry of its own",
        "RFC 7519 §4.1.4, RFC 9700 §2.2.1",
        // DPoP proofs, security events and the like end by other rules.
        |it| {
            let endless = it.token.media_type().is_some_and(|found| !found.expires) || it.is_health_card();
            (it.is_claims_set() && !endless && it.claims?.member("exp").is_none()).then(|| at("/exp"))
        },
    ),
    Rule("long-life", Severity::Info, "a stolen one stays usable for long", "RFC 9700 §2.2.1, RFC 6750 §5.3", |it| {
        let life = it.token.lifetime();
        let days = (life.expires_at? - life.issued_at.unwrap_or(it.now)).num_days();
        (days > LONG.num_days()).then(|| ("/exp".to_owned(), format!("it is valid for {days} days: ")))
    }),
    Rule(
        "no-aud",
        Severity::Info,
        "any server that trusts the issuer may accept it",
        "RFC 8725 §3.9, RFC 9700 §2.3",
        |it| {
            let open = it.token.media_type().is_some_and(|found| !found.addressed) || it.is_health_card();
            (it.is_claims_set() && !open && it.claims?.member("aud").is_none()).then(|| at("/aud"))
        },
    ),
    Rule(
        "certificate-chain",
        Severity::Info,
        "the certificates in the header prove nothing until their chain is checked",
        "RFC 7515 §4.1.6, RFC 8725 §3.10",
        |it| it.has("x5c").then(|| at("header/x5c")),
    ),
    Rule(
        "shared-secret",
        Severity::Info,
        "anyone who can verify this signature can also create it, so only the issuer's own servers should",
        "RFC 7518 §3.2, RFC 8725 §2.1",
        |it| {
            let symmetric = ["HS256", "HS384", "HS512"].iter().any(|alg| it.alg(alg));
            (symmetric && it.claim("iss")?.starts_with("https://")).then(|| at("header/alg"))
        },
    ),
    Rule("personal-data", Severity::Info, "anyone who has the token can read it", "RFC 7519 §12", |it| {
        const PERSONAL: [&str; 7] = ["email", "name", "given_name", "phone_number", "birthdate", "address", "picture"];
        let claims = it.claims?;
        let found: Vec<_> = PERSONAL.into_iter().filter(|name| claims.member(name).is_some()).collect();
        let first = found.first()?;
        Some((format!("/{first}"), format!("it says {}: ", found.join(", "))))
    }),
    Rule(
        "id-token",
        Severity::Info,
        "it looks like an ID token, which is for the client and not for an API",
        "RFC 9068 §2.1, OpenID Connect Core §2",
        |it| {
            let hint = ["nonce", "at_hash", "c_hash"]
                .into_iter()
                .find(|name| it.claims.is_some_and(|all| all.member(name).is_some()))?;
            Some((format!("/{hint}"), String::new()))
        },
    ),
    Rule(
        "typ-at-jwt",
        Severity::Info,
        "it has the claims of an access token but not the type at+jwt",
        "RFC 9068 §2.1",
        |it| {
            let claims = it.claims?;
            let all = ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"];
            let typ = it.header("typ").unwrap_or_default().to_ascii_lowercase();
            let typed = matches!(typ.as_str(), "at+jwt" | "application/at+jwt");
            (all.iter().all(|name| claims.member(name).is_some()) && !typed).then(|| at("header/typ"))
        },
    ),
];

/// A longer life is worth a word.
const LONG: TimeDelta = TimeDelta::days(30);

/// Secrets of tutorials, defaults and carelessness; those of the examples that the wordlists for JWT begin with.
const SECRETS: &[&str] = &[
    "",
    "secret",
    "Secret",
    "SECRET",
    "secret123",
    "secretkey",
    "secret_key",
    "secret-key",
    "my_secret",
    "mysecret",
    "your-256-bit-secret",
    "your-384-bit-secret",
    "your-512-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "your_jwt_secret",
    "jwt_secret",
    "jwt-secret",
    "jwtsecret",
    "JWT_SECRET",
    "password",
    "Password1",
    "passw0rd",
    "123456",
    "12345678",
    "1234567890",
    "changeme",
    "change-me",
    "changeit",
    "default",
    "admin",
    "test",
    "testing",
    "token",
    "key",
    "private",
    "privatekey",
    "qwerty",
    "letmein",
    "example",
    "example_key",
    "dev",
    "development",
    "super-secret",
    "supersecret",
    "super_secret",
    "shhhhh",
    "shhhhhhared-secret",
    "keyboard cat",
    "none",
    "null",
    "undefined",
    "hmac",
    "lms-secret",
    "HS256",
    "django-insecure",
];

/// What is to be said against a token, the gravest first. Pure: `now` only counts for a token without `iat`.
pub fn findings(token: &Token, now: Timestamp) -> Vec<Finding> {
    let subject = Subject { token, claims: token.claims(), now };
    let found = RULES.iter().filter_map(|Rule(code, severity, text, source, check)| {
        let (place, before) = check(&subject)?;
        Some(Finding { code, severity: *severity, place, text: before + text, source })
    });
    found.collect()
}

/// The token that is looked at.
struct Subject<'a> {
    token: &'a Token,
    claims: Option<&'a Json>,
    now: Timestamp,
}

impl Subject<'_> {
    fn alg(&self, name: &str) -> bool {
        self.token.alg().is_some_and(|alg| alg.eq_ignore_ascii_case(name))
    }

    fn has(&self, parameter: &str) -> bool {
        self.token.header().is_some_and(|header| header.member(parameter).is_some())
    }

    fn header(&self, parameter: &str) -> Option<String> {
        let header = self.token.header()?;
        header.string(header.member(parameter)?).map(Into::into)
    }

    fn claim(&self, name: &str) -> Option<String> {
        let claims = self.claims?;
        claims.string(claims.member(name)?).map(Into::into)
    }

    /// For whoever is shown it, for as long as the holder lives.
    fn is_health_card(&self) -> bool {
        self.token.format() == Some(Format::HealthCard)
    }

    /// Whole, so that what is missing is missing indeed.
    fn is_claims_set(&self) -> bool {
        self.claims
            .is_some_and(|json| json.error().is_none() && json.root().is_some_and(|root| root.kind == Kind::Object))
    }
}

fn at(place: &str) -> (String, String) {
    (place.to_owned(), String::new())
}

/// Tries the secrets of the list.
fn weak_secret(it: &Subject<'_>) -> Option<(String, String)> {
    let Form::Jws(Jws { signature, segments, .. }) = it.token.form() else { return None };
    let algorithm = match it.token.alg()?.as_ref() {
        "HS256" => hmac::HMAC_SHA256,
        "HS384" => hmac::HMAC_SHA384,
        "HS512" => hmac::HMAC_SHA512,
        _ => return None,
    };
    // What is no tag of this algorithm was made with none of them.
    if signature.len() != algorithm.digest_algorithm().output_len() {
        return None;
    }
    let signed = &it.token.raw().expose_secret()[..segments[1].end];
    let fits = |secret: &&&str| {
        let tag = hmac::sign(&hmac::Key::new(algorithm, secret.as_bytes()), signed.as_bytes());
        verify_slices_are_equal(tag.as_ref(), signature).is_ok()
    };
    let secret = SECRETS.iter().find(fits)?;
    let words = if secret.is_empty() {
        "the secret is empty: ".to_owned()
    } else {
        format!("the secret is the well-known {}: ", excerpt(secret))
    };
    Some(("signature".to_owned(), words))
}

/// The host of a URL, in small letters.
fn host(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    Some(authority.rsplit('@').next()?.to_ascii_lowercase())
}

/// Invisible characters, or Latin letters beside Cyrillic or Greek ones in one word.
fn deceives(text: &str) -> bool {
    let latin = |word: &str| word.contains(|c: char| c.is_ascii_alphabetic());
    let other = |word: &str| {
        word.contains(|c: char| matches!(c, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}' | '\u{ff21}'..='\u{ff5a}'))
    };
    text.contains(text::hidden) || text.split(|c: char| !c.is_alphanumeric()).any(|word| latin(word) && other(word))
}

#[cfg(test)]
mod tests;
