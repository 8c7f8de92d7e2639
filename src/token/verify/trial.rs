//! Taking the steps of a verification, one after the other.

use std::borrow::Cow;

use aws_lc_rs::signature::VerificationAlgorithm as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    Reason, Step, StepOutcome, Verdict, Verification,
    algorithm::{Algorithm, Engine},
    ecdsa,
    key_set::{KeyEntry, KeySet, Reading, VerificationKey},
    payload,
    policy::{self, Judgement, Policy},
    selective, text,
};
use crate::token::{DefectCode, Form, Jws, Payload, Token, json::Kind};

/// A verification under way.
pub(super) struct Trial<'a> {
    token: &'a Token,
    keys: &'a KeySet,
    policy: &'a Policy,
    /// What it is, in words.
    form: &'static str,
    /// What makes it malformed at first sight.
    fault: Option<&'a Reason>,
    /// What was sent some other way.
    detached: Option<&'a [u8]>,
    key: Option<String>,
    waived: Vec<Reason>,
    cautions: Vec<Reason>,
    steps: Vec<Step>,
}

/// The usual form.
pub(super) const COMPACT: &str = "a JWS in compact serialization";

/// A key that may have made the signature, with the rule that was waived for it.
struct Candidate<'a> {
    entry: &'a KeyEntry,
    key: &'a VerificationKey,
    waived: Option<Reason>,
}

impl<'a> Trial<'a> {
    pub(super) fn new(token: &'a Token, keys: &'a KeySet, policy: &'a Policy) -> Self {
        let (key, waived, cautions, steps) = (None, Vec::new(), Vec::new(), Vec::new());
        Self { token, keys, policy, form: COMPACT, fault: None, detached: None, key, waived, cautions, steps }
    }

    /// Of another form, perhaps with a fault, or with a payload that was sent some other way.
    pub(super) fn of(self, form: &'static str, fault: Option<&'a Reason>, detached: Option<&'a [u8]>) -> Self {
        Self { form, fault, detached, ..self }
    }

    /// Takes all steps.
    pub(super) fn verification(mut self) -> Verification {
        let verdict = self.run().unwrap_or_else(|refused| refused);
        let Self { token, key, waived, cautions, mut steps, .. } = self;
        for name in ["shape", "algorithm", "key", "signature"].into_iter().skip(steps.len()) {
            steps.push(Step { name, outcome: StepOutcome::NotChecked("an earlier step failed".to_owned()) });
        }
        // Whatever the signature is worth.
        steps.push(Step { name: "text", outcome: text::of_token(token) });
        let free = self.detached.is_some() || self.form != COMPACT;
        steps.push(Step { name: "payload", outcome: payload::outcome(token, free) });
        steps.extend(selective::steps(token));
        Verification { verdict, key, waived, cautions, steps }
    }

    /// Takes step after step until one fails.
    fn run(&mut self) -> Result<Verdict, Verdict> {
        let token = self.token;
        let Form::Jws(jws) = token.form() else {
            let reason = not_a_jws(token);
            return Err(self.cannot("shape", reason));
        };
        let (message, signature) = self.shape(jws)?;
        let algorithm = self.algorithm(jws)?;
        let made_by = |key: &VerificationKey| signed_by(key, algorithm, &message, signature);
        let candidates = self.candidates(algorithm, &made_by)?;
        for Candidate { entry, key, waived } in &candidates {
            if made_by(key) {
                self.key = Some(entry.name.clone());
                self.waived.extend(waived.clone());
                self.passed("signature", format!("made by {}, {key}", entry.name));
                return Ok(Verdict::Valid);
            }
        }
        let der = ecdsa::from_der(signature, algorithm.family);
        if let Some(fixed) = &der
            && let Some(Candidate { entry, .. }) =
                candidates.iter().find(|Candidate { key, .. }| signed_by(key, algorithm, &message, fixed))
        {
            let why =
                format!("{} made this signature, but it is in DER where JWS has r and s side by side", entry.name);
            let fix = "have the issuer use the JWS form: many libraries sign in DER by default";
            let reason = Reason::new(why, fix, "RFC 7518 §3.4");
            self.failed("signature", reason.why.clone(), &reason.fix);
            return Err(Verdict::Malformed(reason));
        }
        if self.detached.is_none() && is_empty(jws) {
            let why = "the signature is not over an empty payload: the payload is detached, or was removed";
            let fix = "give the payload separately, or put its base64url between the two dots";
            return Err(self.cannot("signature", Reason::new(why, fix, "RFC 7515 appendix F")));
        }
        let misread = candidates.iter().find_map(|Candidate { entry, key, .. }| Some((entry, misread(key, &made_by)?)));
        let (why, fix) = match (misread, candidates.as_slice()) {
            (Some((entry, (is, fix))), _) => {
                (format!("{} {is}: read that way, it matches this signature", entry.name), fix)
            }
            (None, [Candidate { entry, .. }]) => (
                format!("{} did not make this signature over this header and payload", entry.name),
                "another key signed it, or the token was changed in transit: compare it with the issued one",
            ),
            (None, several) => (
                format!("none of the {} keys that fit made this signature", several.len()),
                "the issuer may have a newer key set, or the token was changed in transit",
            ),
        };
        let why = if der.is_some() { format!("{why}; it is in DER, which JWS does not use") } else { why };
        self.failed("signature", why, fix);
        Ok(Verdict::InvalidSignature)
    }

    /// RFC 7515 §5.2, steps 1 to 7: the signing input as it came, and the signature's segment without padding.
    fn shape(&mut self, jws: &Jws) -> Result<(Cow<'a, [u8]>, &'a str), Verdict> {
        let token = self.token;
        let (message, signature) = token.signed().unwrap_or_default();
        if let Some(fault) = self.fault {
            return Err(self.malformed(fault.clone()));
        }
        let fatal = token.defects().iter().find(|defect| match defect.code {
            DefectCode::MissingSegment
            | DefectCode::Base64
            | DefectCode::StandardAlphabet
            | DefectCode::TrailingBits
            | DefectCode::AlgMissing
            | DefectCode::AlgNotAString
            | DefectCode::SignatureMissing => true,
            DefectCode::Padding => !text::is_padded_rightly(token),
            DefectCode::NotUtf8 | DefectCode::Json => defect.place == "header",
            DefectCode::DuplicateKey => defect.place.starts_with("header"),
            _ => false,
        });
        let padded =
            signature.ends_with('=') || token.defects().iter().any(|defect| defect.code == DefectCode::Padding);
        let signature = signature.trim_end_matches('=');
        let strict = URL_SAFE_NO_PAD.decode(signature).is_ok();
        let why = match fatal {
            Some(defect) => Some(format!("{}: {}", defect.place, defect.text)),
            // The list of defects may be full.
            None if !strict => Some("signature: it is not base64url".to_owned()),
            None if token.alg().is_none() => Some("header: no alg".to_owned()),
            None => None,
        };
        if let Some(why) = why {
            return Err(self.malformed(Reason::new(why, "copy the whole token again", "RFC 7515 §5.2")));
        }
        let encoded = jws.header.member("b64").is_none_or(|b64| b64.kind != Kind::False);
        self.crit(jws)?;
        let message = match (is_empty(jws), self.detached) {
            (false, Some(_)) => {
                let why = "the token contains its payload, but another one was given";
                return Err(self.cannot("shape", Reason::new(why, "give only one of them", "RFC 7515 appendix F")));
            }
            // An empty payload is one, unless it was given as detached.
            (_, None) => Cow::Borrowed(message),
            (true, Some(payload)) => {
                let encode = || Cow::Owned(URL_SAFE_NO_PAD.encode(payload).into_bytes());
                let payload = if encoded { encode() } else { Cow::Borrowed(payload) };
                Cow::Owned([message, &payload].concat())
            }
        };
        if padded {
            let why = "the segments are padded with =: strict servers reject the token";
            self.cautions.push(Reason::new(why, "have the issuer omit the padding", "RFC 7515 §2"));
        }
        let detached = match self.detached {
            Some(_) => ", its payload detached (RFC 7515 appendix F)",
            None => "",
        };
        let raw = if encoded { "" } else { ", its payload not encoded (RFC 7797), so it is not a JWT" };
        self.passed("shape", format!("{}{detached}{raw}", self.form));
        Ok((message, signature))
    }

    /// RFC 7515 §4.1.11: what is critical must be understood; of all extensions only `b64` is, which must be critical
    /// where it changes anything (RFC 7797 §6).
    fn crit(&mut self, jws: &Jws) -> Result<(), Verdict> {
        const SOURCE: &str = "RFC 7515 §4.1.11";
        let header = &jws.header;
        let Some((index, node)) =
            header.children(0).filter(|(_, node)| header.key(node).is_some_and(|key| key == "crit")).last()
        else {
            return match header.member("b64") {
                Some(b64) if b64.kind == Kind::False => Err(self.malformed(uncritical())),
                _ => Ok(()),
            };
        };
        let mut names = Vec::new();
        for (_, element) in header.children(index) {
            names.push(header.string(element));
        }
        if node.kind != Kind::Array || names.is_empty() || names.contains(&None) {
            let why = "crit is not a non-empty list of names";
            return Err(self.malformed(Reason::new(why, "the issuer must omit it or fill it in", SOURCE)));
        }
        let b64 = header.member("b64").map(|b64| b64.kind);
        if b64 == Some(Kind::False) && !names.contains(&Some("b64".into())) {
            return Err(self.malformed(uncritical()));
        }
        let known = |name: &str| name == "b64" && matches!(b64, Some(Kind::True | Kind::False));
        match names.into_iter().flatten().find(|name| !known(name)) {
            Some(name) => {
                let why = format!("crit names {name}, which tokscope does not support, so the token must be rejected");
                Err(self
                    .cannot("shape", Reason::new(why, "verify it with a library that supports this extension", SOURCE)))
            }
            None => Ok(()),
        }
    }

    fn algorithm(&mut self, jws: &Jws) -> Result<&'static Algorithm, Verdict> {
        let alg = self.token.alg().unwrap_or_default();
        if alg.eq_ignore_ascii_case("none") {
            let why = match jws.signature.is_empty() {
                true => "alg is none: the token is not signed, anyone can have created it",
                false => "alg is none, but there is a signature: this must not be accepted",
            };
            let fix = "have the issuer sign it; no server should accept it like this";
            return Err(self.cannot("algorithm", Reason::new(why, fix, "RFC 7518 §3.6, RFC 8725 §3.2")));
        }
        let Some(algorithm) = Algorithm::named(&alg) else {
            let known: Vec<_> = Algorithm::all().iter().map(|algorithm| algorithm.name).collect();
            let fix = format!("supported for verification: {}", known.join(", "));
            return Err(self.cannot("algorithm", Reason::new(format!("{alg} is not supported"), fix, "RFC 7518 §3.1")));
        };
        let allowed = &self.policy.algorithms;
        if !allowed.is_empty() && !allowed.contains(&algorithm) {
            let allowed: Vec<_> = allowed.iter().map(|algorithm| algorithm.name).collect();
            let why = format!("alg is {alg}, but only {} is accepted", allowed.join(", "));
            let fix = "have the issuer sign with an algorithm that is accepted";
            return Err(self.cannot("algorithm", Reason::new(why, fix, "RFC 8725 §3.1")));
        }
        self.passed("algorithm", algorithm.name.to_owned());
        Ok(algorithm)
    }

    /// The keys that may have made the signature: those with the token's `kid`, else those without any; and of them
    /// those that keep the rules.
    fn candidates(
        &mut self,
        algorithm: &Algorithm,
        made_by: &dyn Fn(&VerificationKey) -> bool,
    ) -> Result<Vec<Candidate<'a>>, Verdict> {
        let entries = self.keys.entries();
        if entries.is_empty() {
            self.failed("key", "no key given".to_owned(), "give the issuer's public key, key set or secret");
            return Err(Verdict::NotVerified);
        }
        let kid = self.token.kid().filter(|_| !self.policy.ignore_kid);
        let with = |kid: Option<&str>| entries.iter().filter(|entry| entry.kid.as_deref() == kid).collect::<Vec<_>>();
        let pool = match &kid {
            None => entries.iter().collect(),
            Some(kid) => Some(with(Some(kid))).filter(|same| !same.is_empty()).unwrap_or_else(|| with(None)),
        };
        if pool.is_empty() {
            let kids: Vec<_> = entries.iter().filter_map(|entry| entry.kid.as_deref()).take(5).collect();
            let more = if entries.len() > 5 { ", …" } else { "" };
            let why = format!("no key has the kid {}; given kids: {}{more}", kid.unwrap_or_default(), kids.join(", "));
            let fix = "fetch the issuer's key set again, it may have changed; or try every key, whatever its kid";
            self.failed("key", why, fix);
            return Err(Verdict::NotVerified);
        }
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        for entry in &pool {
            match &entry.key {
                Err(why) => {
                    let fix = "give a key that can be used";
                    let reason = Reason { why: format!("{}: {why}", entry.name), fix: fix.to_owned(), source: None };
                    refused.push((0, reason));
                }
                Ok(key) => match policy::judge(key, algorithm, self.policy) {
                    Judgement::Accepted => accepted.push(Candidate { entry, key, waived: None }),
                    Judgement::Waived(reason) => accepted.push(Candidate { entry, key, waived: Some(reason) }),
                    Judgement::Refused(place, reason) => {
                        // A secret may be too short because it was read the wrong way.
                        let (is, fix) = match misread(key, made_by) {
                            Some((is, fix)) => (format!(" {is}"), fix.to_owned()),
                            None => (String::new(), reason.fix),
                        };
                        let why = format!("{}{is}: {}", entry.name, reason.why);
                        refused.push((place, Reason { why, fix, ..reason }));
                    }
                },
            }
        }
        if accepted.is_empty() {
            // The key that came furthest is the one that was meant.
            let nearest = refused.into_iter().rev().max_by_key(|(place, _)| *place);
            let (_, reason) = nearest.expect("each key of the pool is accepted or refused, and there is one");
            return Err(self.cannot("key", reason));
        }
        let what = match (accepted.as_slice(), &kid) {
            ([Candidate { entry, .. }], Some(kid)) if entry.kid.is_some() => {
                format!("{}, by its kid {kid}", entry.name)
            }
            ([Candidate { entry, .. }], _) => entry.name.clone(),
            (several, Some(kid)) if several[0].entry.kid.is_some() => {
                format!("{} keys have the same kid {kid}; trying each", several.len())
            }
            (several, _) => format!("{} keys fit; trying each", several.len()),
        };
        self.passed("key", what);
        Ok(accepted)
    }

    fn passed(&mut self, name: &'static str, what: String) {
        self.steps.push(Step { name, outcome: StepOutcome::Passed(what) });
    }

    fn failed(&mut self, name: &'static str, why: String, fix: &str) {
        self.steps.push(Step { name, outcome: StepOutcome::Failed { why, fix: fix.to_owned() } });
    }

    fn cannot(&mut self, name: &'static str, reason: Reason) -> Verdict {
        self.failed(name, reason.why.clone(), &reason.fix);
        Verdict::CannotVerify(reason)
    }

    fn malformed(&mut self, reason: Reason) -> Verdict {
        self.failed("shape", reason.why.clone(), &reason.fix);
        Verdict::Malformed(reason)
    }
}

fn is_empty(jws: &Jws) -> bool {
    matches!(&jws.payload, Payload::Bytes(bytes) if bytes.is_empty())
}

fn uncritical() -> Reason {
    let why = "b64 is false, but crit does not name it: programs differ in what was signed";
    Reason::new(why, "the issuer must put b64 into crit", "RFC 7797 §6")
}

fn not_a_jws(token: &Token) -> Reason {
    match token.form() {
        Form::Jwe(_) => Reason::new(
            "it is encrypted: a JWE has no signature of its own; it may contain a signed token",
            "decrypt it first",
            "RFC 7516 §3",
        ),
        _ => Reason::new(
            "it is opaque: only its issuer can check it",
            "ask the issuer's introspection endpoint (RFC 7662)",
            "RFC 6749 §1.4",
        ),
    }
}

/// What a secret is that was given in another way than it was meant.
fn misread(key: &VerificationKey, made_by: &dyn Fn(&VerificationKey) -> bool) -> Option<Reading> {
    key.other_readings().find_map(|(other, words)| made_by(&other).then_some(words))
}

/// Whether the key made the signature. The rules have been kept: the key fits the algorithm.
fn signed_by(key: &VerificationKey, algorithm: &Algorithm, message: &[u8], signature: &str) -> bool {
    match &algorithm.engine {
        Engine::Jsonwebtoken(name) => {
            jsonwebtoken::crypto::verify(signature, message, &key.decoding, *name).unwrap_or(false)
        }
        Engine::AwsLc(ecdsa) => URL_SAFE_NO_PAD.decode(signature).is_ok_and(|signature| {
            key.decoding.try_get_as_bytes().is_ok_and(|point| ecdsa.verify_sig(point, message, &signature).is_ok())
        }),
    }
}
