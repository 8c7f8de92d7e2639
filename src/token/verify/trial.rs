//! Taking the steps of a verification, one after the other.

use aws_lc_rs::signature::VerificationAlgorithm as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    Outcome, Reason, Step, Verdict,
    algorithm::{Algorithm, Engine},
    keys::{Entry, Key, KeySet},
    policy::{self, Judgement, Policy},
};
use crate::token::{DefectCode, Form, Jws, Payload, Token, json::Kind};

/// A verification under way.
pub(super) struct Trial<'a> {
    token: &'a Token,
    keys: &'a KeySet,
    policy: &'a Policy,
    pub(super) key: Option<String>,
    pub(super) waived: Vec<Reason>,
    pub(super) steps: Vec<Step>,
}

/// A key that may have made the signature, with the rule that was waived for it.
struct Candidate<'a> {
    entry: &'a Entry,
    key: &'a Key,
    waived: Option<Reason>,
}

impl<'a> Trial<'a> {
    pub(super) fn new(token: &'a Token, keys: &'a KeySet, policy: &'a Policy) -> Self {
        Self { token, keys, policy, key: None, waived: Vec::new(), steps: Vec::new() }
    }

    /// Takes step after step until one fails.
    pub(super) fn run(&mut self) -> Result<Verdict, Verdict> {
        let token = self.token;
        let Form::Jws(jws) = token.form() else {
            let reason = not_a_jws(token);
            return Err(self.cannot("shape", reason));
        };
        let (message, signature) = self.shape(jws)?;
        let algorithm = self.algorithm(jws)?;
        let candidates = self.candidates(algorithm)?;
        for Candidate { entry, key, waived } in &candidates {
            if signed_by(key, algorithm, message, signature) {
                self.key = Some(entry.name.clone());
                self.waived.extend(waived.clone());
                self.passed("signature", format!("made by {}, {key}", entry.name));
                return Ok(Verdict::Valid);
            }
        }
        let (why, fix) = match candidates.as_slice() {
            [Candidate { entry, .. }] => (
                format!("{} did not make this signature over this header and payload", entry.name),
                "another key signed it, or the token was changed on its way: compare it with what the issuer gave out",
            ),
            several => (
                format!("none of the {} keys that fit made this signature", several.len()),
                "the issuer may have a newer key set; or the token was changed on its way",
            ),
        };
        self.failed("signature", why, fix);
        Ok(Verdict::InvalidSignature)
    }

    /// RFC 7515 §5.2, steps 1 to 7: the signing input and the signature's segment.
    fn shape(&mut self, jws: &Jws) -> Result<(&'a [u8], &'a str), Verdict> {
        let token = self.token;
        let (message, signature) = token.signed().unwrap_or_default();
        // Before its payload is found to be no base64url.
        if jws.header.member("b64").is_some_and(|b64| b64.kind == Kind::False) {
            let why = "b64 is false: the payload is not encoded, and nothing here verifies that";
            let reason = Reason::new(why, "verify it with a library that knows RFC 7797", "RFC 7797 §3");
            return Err(self.cannot("shape", reason));
        }
        let fatal = token.defects().iter().find(|defect| match defect.code {
            DefectCode::MissingSegment
            | DefectCode::Base64
            | DefectCode::Padding
            | DefectCode::StandardAlphabet
            | DefectCode::TrailingBits
            | DefectCode::AlgMissing
            | DefectCode::AlgNotAString
            | DefectCode::SignatureMissing => true,
            DefectCode::NotUtf8 | DefectCode::Json => defect.place == "header",
            DefectCode::DuplicateKey => defect.place.starts_with("header"),
            _ => false,
        });
        let strict = URL_SAFE_NO_PAD.decode(signature).is_ok();
        let why = match fatal {
            Some(defect) => Some(format!("{}: {}", defect.place, defect.text)),
            // The list of defects may be full.
            None if !strict => Some("signature: it is no base64url".to_owned()),
            None if token.alg().is_none() => Some("header: there is no alg".to_owned()),
            None => None,
        };
        if let Some(why) = why {
            return Err(self.malformed(Reason::new(why, "copy the token anew, all of it", "RFC 7515 §5.2")));
        }
        if matches!(&jws.payload, Payload::Bytes(bytes) if bytes.is_empty()) {
            let why = "the payload is detached: it is sent some other way, or was cut out";
            let fix = "put the payload's base64url between the two dots";
            return Err(self.cannot("shape", Reason::new(why, fix, "RFC 7515 appendix F")));
        }
        self.crit(jws)?;
        self.passed("shape", "a JWS in compact serialization".to_owned());
        Ok((message, signature))
    }

    /// RFC 7515 §4.1.11: what is critical must be understood; of all extensions only `b64: true` is.
    fn crit(&mut self, jws: &Jws) -> Result<(), Verdict> {
        const SOURCE: &str = "RFC 7515 §4.1.11";
        let header = &jws.header;
        let Some((index, node)) =
            header.children(0).filter(|(_, node)| header.key(node).is_some_and(|key| key == "crit")).last()
        else {
            return Ok(());
        };
        let mut names = Vec::new();
        for (_, element) in header.children(index) {
            names.push(header.string(element));
        }
        if node.kind != Kind::Array || names.is_empty() || names.contains(&None) {
            let why = "crit is no list of names, with at least one in it";
            return Err(self.malformed(Reason::new(why, "the issuer must leave it out or fill it in", SOURCE)));
        }
        let encoded = header.member("b64").is_some_and(|b64| b64.kind == Kind::True);
        match names.into_iter().flatten().find(|name| !(name == "b64" && encoded)) {
            Some(name) => {
                let why = format!("crit names {name}, which nothing here understands, so the token must be refused");
                Err(self
                    .cannot("shape", Reason::new(why, "verify it with a library that knows this extension", SOURCE)))
            }
            None => Ok(()),
        }
    }

    fn algorithm(&mut self, jws: &Jws) -> Result<&'static Algorithm, Verdict> {
        let alg = self.token.alg().unwrap_or_default();
        if alg.eq_ignore_ascii_case("none") {
            let why = match jws.signature.is_empty() {
                true => "alg is none: nobody signed the token, anyone can have written it",
                false => "alg is none, yet there is a signature: nobody may accept that",
            };
            let fix = "have the issuer sign it; no server should take it as it is";
            return Err(self.cannot("algorithm", Reason::new(why, fix, "RFC 7518 §3.6, RFC 8725 §3.2")));
        }
        let Some(algorithm) = Algorithm::named(&alg) else {
            let known: Vec<_> = Algorithm::all().iter().map(|algorithm| algorithm.name).collect();
            let fix = format!("what can be verified: {}", known.join(", "));
            return Err(
                self.cannot("algorithm", Reason::new(format!("nothing here knows {alg}"), fix, "RFC 7518 §3.1"))
            );
        };
        let allowed = &self.policy.algorithms;
        if !allowed.is_empty() && !allowed.contains(&algorithm) {
            let allowed: Vec<_> = allowed.iter().map(|algorithm| algorithm.name).collect();
            let why = format!("alg is {alg}, and only {} is accepted", allowed.join(", "));
            let fix = "have the issuer sign with an algorithm that is accepted";
            return Err(self.cannot("algorithm", Reason::new(why, fix, "RFC 8725 §3.1")));
        }
        self.passed("algorithm", algorithm.name.to_owned());
        Ok(algorithm)
    }

    /// The keys that may have made the signature: those with the token's `kid`, else those without any; and of them
    /// those that keep the rules.
    fn candidates(&mut self, algorithm: &Algorithm) -> Result<Vec<Candidate<'a>>, Verdict> {
        let entries = self.keys.entries();
        if entries.is_empty() {
            self.failed("key", "no key was given".to_owned(), "give the issuer's public key, key set or secret");
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
            let why = format!("no key has the kid {}; there are {}{more}", kid.unwrap_or_default(), kids.join(", "));
            let fix = "fetch the issuer's key set anew, it may have changed; or have every key tried, whatever its kid";
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
                        refused.push((place, Reason { why: format!("{}: {}", entry.name, reason.why), ..reason }));
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
                format!("{} keys have the same kid {kid}; each is tried", several.len())
            }
            (several, _) => format!("{} keys fit; each is tried", several.len()),
        };
        self.passed("key", what);
        Ok(accepted)
    }

    fn passed(&mut self, name: &'static str, what: String) {
        self.steps.push(Step { name, outcome: Outcome::Passed(what) });
    }

    fn failed(&mut self, name: &'static str, why: String, fix: &str) {
        self.steps.push(Step { name, outcome: Outcome::Failed { why, fix: fix.to_owned() } });
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

fn not_a_jws(token: &Token) -> Reason {
    match token.form() {
        Form::Jwe(_) => Reason::new(
            "it is encrypted: a JWE has no signature of its own, one may be inside",
            "decrypt it first",
            "RFC 7516 §3",
        ),
        _ => Reason::new(
            "it is opaque: there is no signature that anybody but its issuer could check",
            "ask the issuer's introspection endpoint (RFC 7662)",
            "RFC 6749 §1.4",
        ),
    }
}

/// Whether the key made the signature. The rules have been kept: the key fits the algorithm.
fn signed_by(key: &Key, algorithm: &Algorithm, message: &[u8], signature: &str) -> bool {
    match &algorithm.engine {
        Engine::Jsonwebtoken(name) => {
            jsonwebtoken::crypto::verify(signature, message, &key.decoding, *name).unwrap_or(false)
        }
        Engine::AwsLc(ecdsa) => URL_SAFE_NO_PAD.decode(signature).is_ok_and(|signature| {
            key.decoding.try_get_as_bytes().is_ok_and(|point| ecdsa.verify_sig(point, message, &signature).is_ok())
        }),
    }
}
