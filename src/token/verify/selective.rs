//! The steps of an SD-JWT (RFC 9901 §7): its disclosures, and the key-binding JWT by which a holder shows that the key in
//! `cnf` is theirs.

use super::{Step, StepOutcome, Verdict, key_set::KeySet, policy::Policy, verify};
use crate::{
    clock,
    token::{
        Token,
        json::Json,
        sd_jwt::{self, SdJwt},
    },
};

/// Both steps; none for a token of another kind.
pub(super) fn steps(token: &Token) -> Vec<Step> {
    let Some(sd_jwt) = sd_jwt::process(token) else { return Vec::new() };
    let binding = binding(&sd_jwt).unwrap_or_else(|why| {
        let fix = "ask the holder to present it again, to you and now".to_owned();
        StepOutcome::Failed { why, fix }
    });
    vec![Step { name: "disclosed", outcome: disclosures(&sd_jwt) }, Step { name: "binding", outcome: binding }]
}

fn disclosures(sd_jwt: &SdJwt) -> StepOutcome {
    const SHOWN: usize = 3;
    let faults = &sd_jwt.faults;
    if !faults.is_empty() {
        let more = if faults.len() > SHOWN { format!("; and {} more", faults.len() - SHOWN) } else { String::new() };
        let why = format!("{}{more}", faults[..faults.len().min(SHOWN)].join("; "));
        return StepOutcome::Failed { why, fix: "use the SD-JWT as the issuer issued it".to_owned() };
    }
    StepOutcome::Passed(match sd_jwt.disclosures.len() {
        0 => "nothing is disclosed".to_owned(),
        1 => "1 disclosure, its digest in the claims".to_owned(),
        several => format!("{several} disclosures, their digests in the claims"),
    })
}

/// RFC 9901 §7.3. Whether nonce and time are those of this presentation, only who asked for it knows.
fn binding(sd_jwt: &SdJwt) -> Result<StepOutcome, String> {
    let jwk = holder_key(&sd_jwt.claims);
    let Some(text) = &sd_jwt.binding else {
        let unproven = "no key-binding JWT: the holder did not prove possession of the key in cnf";
        let unbound = "no key-binding JWT, and the issuer names no key of the holder";
        return Ok(StepOutcome::NotChecked(if jwk.is_some() { unproven } else { unbound }.to_owned()));
    };
    let jwk = jwk.ok_or("there is a key-binding JWT, but cnf has no jwk to verify it with")?;
    let keys = KeySet::read(jwk.as_bytes(), "cnf").map_err(|_| "cannot read the key in cnf")?;
    let token = Token::inspect(text);
    if token.raw_len() != text.len() || token.typ().as_deref() != Some("kb+jwt") {
        return Err("the text after the last ~ is not a key-binding JWT (typ kb+jwt)".to_owned());
    }
    let policy = Policy { ignore_kid: true, ..Policy::default() };
    let verdict = verify(&token, &keys, &policy).verdict;
    match (&verdict, verdict.reason()) {
        (Verdict::Valid, _) => {}
        (_, Some(reason)) => return Err(format!("the key-binding JWT cannot be verified: {}", reason.why)),
        _ => return Err("the key in cnf did not sign the key-binding JWT".to_owned()),
    }
    let claims = token.claims().filter(|claims| claims.error().is_none()).ok_or("the key-binding JWT has no claims")?;
    let text = |name: &str| claims.member(name).and_then(|node| claims.string(node));
    if text("sd_hash").as_deref() != sd_jwt.sd_hash.as_deref() || sd_jwt.sd_hash.is_none() {
        return Err("the key-binding JWT is for other disclosures: its sd_hash does not match".to_owned());
    }
    let iat = token.dates().and_then(|dates| dates.iat.as_ref()?.time);
    let iat = iat.ok_or("the key-binding JWT has no issue time (iat)")?;
    match (text("aud"), text("nonce")) {
        (Some(aud), Some(nonce)) => Ok(StepOutcome::Passed(format!(
            "the key in cnf signed for {aud} at {}; whether that and the nonce are yours is not checked: {nonce}",
            clock::utc(iat)
        ))),
        _ => Err("the key-binding JWT has no aud or no nonce".to_owned()),
    }
}

/// For whom an SD-JWT is presented: the `aud` of its key binding, which must have been checked.
pub(super) fn presented_to(sd_jwt: &SdJwt) -> Option<String> {
    let token = Token::inspect(sd_jwt.binding.as_ref()?);
    let claims = token.claims()?;
    claims.string(claims.member("aud")?).map(Into::into)
}

/// The JWK of `cnf` (RFC 7800 §3.2), as text.
fn holder_key(claims: &Json) -> Option<String> {
    let named = |parent: usize, name: &str| {
        claims.children(parent).find(|(_, node)| claims.key(node).is_some_and(|key| key == name)).map(|(at, _)| at)
    };
    let cnf = named(0, "cnf")?;
    Some(claims.compact(named(cnf, "jwk")?))
}
