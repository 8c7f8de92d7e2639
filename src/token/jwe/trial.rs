//! Taking the steps of a decryption, one after the other.

use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};
use serde_json::Value;

use super::{
    DecryptionVerdict, LARGEST_PLAINTEXT, Reason, Step, StepOutcome, Trouble,
    content::ContentEncryption,
    decryption_keys::{DecryptionKey, DecryptionKeys},
    management::{KeyManagement, MOST_ITERATIONS},
    message::{Message, Recipient},
};
use crate::{
    secret::Zeroizing,
    token::{DefectCode, Form, Token, verify::key_set::KeyEntry},
};

/// All steps, in their order.
pub(super) const STEPS: [&str; 5] = ["shape", "algorithm", "key", "decryption", "plaintext"];

/// All passphrases for all recipients together may be hashed so often: each has its own limit.
const ITERATIONS_IN_ALL: u64 = 4 * MOST_ITERATIONS as u64;

/// A decryption under way.
pub(super) struct Trial<'a> {
    token: &'a Token,
    keys: &'a DecryptionKeys,
    pub(super) key: Option<String>,
    pub(super) cautions: Vec<Reason>,
    pub(super) steps: Vec<Step>,
}

/// A recipient whose algorithms are known.
struct Envelope<'m> {
    recipient: &'m Recipient,
    management: &'static KeyManagement,
    enc: &'static ContentEncryption,
}

/// A key that may be the one of a recipient.
struct Candidate<'m, 'a> {
    envelope: &'m Envelope<'m>,
    entry: &'a KeyEntry<DecryptionKey>,
    key: &'a DecryptionKey,
}

impl<'a> Trial<'a> {
    pub(super) fn new(token: &'a Token, keys: &'a DecryptionKeys) -> Self {
        Self { token, keys, key: None, cautions: Vec::new(), steps: Vec::new() }
    }

    /// Takes step after step until one fails.
    pub(super) fn run(&mut self) -> Result<Zeroizing<Vec<u8>>, DecryptionVerdict> {
        let message = self.shape()?;
        let envelopes = self.algorithms(&message)?;
        let candidates = self.candidates(&envelopes)?;
        let plaintext = self.decryption(&message, &candidates)?;
        self.plaintext(&message, plaintext)
    }

    /// RFC 7516 §5.2, steps 1 to 5.
    fn shape(&mut self) -> Result<Message, DecryptionVerdict> {
        if let Some(reason) = not_a_jwe(self.token) {
            return Err(self.cannot("shape", reason));
        }
        if let Some(defect) = self.token.defects().iter().find(|defect| defect.code == DefectCode::MissingSegment) {
            return Err(self.malformed("shape", defect.text.clone()));
        }
        let message = Message::read(self.token).map_err(|why| self.malformed("shape", why))?;
        for recipient in &message.recipients {
            let header = &recipient.header;
            for name in ["crit", "zip"] {
                if header.contains_key(name) && !message.protected.contains_key(name) {
                    return Err(self.malformed("shape", format!("header: {name} must be in the protected header")));
                }
            }
        }
        self.crit(&message)?;
        match message.protected.get("zip") {
            None => {}
            Some(Value::String(zip)) if zip == "DEF" => {}
            Some(zip) => {
                let why = format!("zip is {zip}, but only DEF is defined");
                let fix = "decrypt it with a library that supports this compression";
                return Err(self.cannot("shape", Reason::new(why, fix, "RFC 7516 §4.1.3")));
            }
        }
        self.passed(
            "shape",
            match message.recipients.len() {
                1 => "a JWE".to_owned(),
                several => format!("a JWE for {several} recipients"),
            },
        );
        Ok(message)
    }

    /// RFC 7516 §4.1.13: what is critical must be understood, and no extension is.
    fn crit(&mut self, message: &Message) -> Result<(), DecryptionVerdict> {
        const SOURCE: &str = "RFC 7516 §4.1.13";
        let Some(crit) = message.protected.get("crit") else { return Ok(()) };
        let names: Option<Vec<_>> = crit.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
        let Some(name) = names.as_ref().and_then(|names| names.first()) else {
            return Err(self.malformed("shape", "header: crit is not a non-empty list of names".into()));
        };
        let why = format!("crit names {name}, which tokscope does not support, so the token must be rejected");
        Err(self.cannot("shape", Reason::new(why, "decrypt it with a library that supports this extension", SOURCE)))
    }

    /// The recipients with algorithms that are known.
    fn algorithms<'m>(&mut self, message: &'m Message) -> Result<Vec<Envelope<'m>>, DecryptionVerdict> {
        let (mut envelopes, mut unknown) = (Vec::new(), None);
        for recipient in &message.recipients {
            let text = |name| {
                recipient.text(name).map_err(|trouble| match trouble {
                    Trouble::Malformed(why) => why,
                    Trouble::WrongKey | Trouble::Refused(_) | Trouble::TooMany(_) => {
                        format!("header: cannot read {name}")
                    }
                })
            };
            let alg = text("alg").map_err(|why| self.malformed("algorithm", why))?;
            let enc = text("enc").map_err(|why| self.malformed("algorithm", why))?;
            match (KeyManagement::named(alg), ContentEncryption::named(enc)) {
                (Some(management), Some(enc)) => envelopes.push(Envelope { recipient, management, enc }),
                (None, _) => {
                    let known: Vec<_> = KeyManagement::all().iter().map(|algorithm| algorithm.name).collect();
                    unknown = Some(unsupported("alg", alg, &known, "RFC 7518 §4.1"));
                }
                (_, None) => {
                    let known: Vec<_> = ContentEncryption::all().iter().map(|algorithm| algorithm.name).collect();
                    unknown = Some(unsupported("enc", enc, &known, "RFC 7518 §5.1"));
                }
            }
        }
        if let (true, Some(reason)) = (envelopes.is_empty(), unknown) {
            return Err(self.cannot("algorithm", reason));
        }
        for Envelope { recipient, management, enc } in &envelopes {
            let (iv, tag) = enc.lengths();
            let (has_iv, has_tag) = (message.iv.len(), message.tag.len());
            let why = match () {
                () if has_iv != iv => {
                    format!("the initialization vector has {has_iv} bytes where {} has {iv}", enc.name)
                }
                () if has_tag != tag => {
                    format!("the authentication tag has {has_tag} bytes where {} has {tag}", enc.name)
                }
                () if management.sends_no_key() && !recipient.encrypted_key.is_empty() => {
                    format!("there is an encrypted key, but {} has none", management.name)
                }
                () if !management.sends_no_key() && recipient.encrypted_key.is_empty() => {
                    format!("the encrypted key is missing, but {} needs one", management.name)
                }
                () => continue,
            };
            return Err(self.malformed("algorithm", why));
        }
        let names: Vec<_> = envelopes.iter().map(|it| format!("{} and {}", it.management.name, it.enc.name)).collect();
        self.passed("algorithm", names.join("; "));
        Ok(envelopes)
    }

    /// Each recipient with each key that may be its own: of the keys with its `kid`, else of all, those that keep the
    /// rules.
    fn candidates<'m>(&mut self, envelopes: &'m [Envelope<'m>]) -> Result<Vec<Candidate<'m, 'a>>, DecryptionVerdict> {
        let entries = self.keys.entries();
        if entries.is_empty() {
            self.failed("key", "no key given".into(), "give the recipient's private key, or the shared secret");
            return Err(DecryptionVerdict::NoKey);
        }
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        for envelope in envelopes {
            let kid = envelope.recipient.header.get("kid").and_then(Value::as_str);
            let same = |entry: &&KeyEntry<DecryptionKey>| kid.is_some() && entry.kid.as_deref() == kid;
            let named = entries.iter().any(|entry| same(&entry));
            for entry in entries.iter().filter(|entry| !named || same(entry)) {
                let judged = match &entry.key {
                    Err(why) => Err((0, Reason::plain(why, "give a key that can be used"))),
                    Ok(key) => {
                        envelope.management.judge(key, envelope.enc).map(|()| Candidate { envelope, entry, key })
                    }
                };
                match judged {
                    Ok(candidate) => accepted.push(candidate),
                    Err((place, reason)) => {
                        refused.push((place, Reason { why: format!("{}: {}", entry.name, reason.why), ..reason }));
                    }
                }
            }
        }
        if accepted.is_empty() {
            // The key that came furthest is the one that was meant.
            let nearest = refused.into_iter().rev().max_by_key(|(place, _)| *place);
            let (_, reason) = nearest.expect("each key is accepted or refused, and there is one");
            return Err(self.cannot("key", reason));
        }
        self.passed(
            "key",
            match accepted.as_slice() {
                [Candidate { entry, .. }] => entry.name.clone(),
                several => format!("{} ways fit; trying each", several.len()),
            },
        );
        Ok(accepted)
    }

    /// RFC 7516 §5.2, steps 6 to 16.
    fn decryption(
        &mut self,
        message: &Message,
        candidates: &[Candidate<'_, '_>],
    ) -> Result<Zeroizing<Vec<u8>>, DecryptionVerdict> {
        let iterations: u64 = (candidates.iter())
            .map(|Candidate { envelope, .. }| {
                envelope.management.iterations(envelope.recipient).min(MOST_ITERATIONS.into())
            })
            .sum();
        if iterations > ITERATIONS_IN_ALL {
            let why = "too many iterations: several passphrases or recipients with a large p2c";
            return Err(self.cannot("decryption", Reason::new(why, "give only the right passphrase", "RFC 7518 §8.6")));
        }
        let mut tried = 0;
        let mut otherwise = None;
        for Candidate { envelope, entry, key } in candidates {
            let Envelope { recipient, management, enc } = envelope;
            let content_key = match management.content_key(recipient, enc, key) {
                Ok(content_key) => content_key,
                Err(Trouble::WrongKey) => {
                    tried += 1;
                    continue;
                }
                Err(trouble) => {
                    if !matches!(otherwise, Some(Trouble::TooMany(_))) {
                        otherwise = Some(trouble);
                    }
                    continue;
                }
            };
            tried += 1;
            let Message { iv, aad, ciphertext, tag, .. } = message;
            if let Some(plaintext) = enc.decrypt(&content_key, iv, aad, ciphertext, tag) {
                self.key = Some(entry.name.clone());
                self.cautions.extend(management.caution());
                self.passed("decryption", format!("{}, {key}; nothing was changed since", entry.name));
                return Ok(plaintext);
            }
        }
        match otherwise {
            // It was not tried.
            Some(Trouble::TooMany(reason)) => Err(self.cannot("decryption", reason)),
            Some(Trouble::Refused(reason)) if tried == 0 => Err(self.cannot("decryption", reason)),
            Some(Trouble::Malformed(why)) if tried == 0 => Err(self.malformed("decryption", why)),
            _ => {
                let why = match candidates {
                    [Candidate { entry, .. }] => {
                        format!("{} does not decrypt it, or the token was changed", entry.name)
                    }
                    _ => "none of the keys that fit decrypts it, or the token was changed".to_owned(),
                };
                let fix = "a wrong key and a changed token look the same: try the recipient's other keys, and copy the \
                           whole token again";
                self.failed("decryption", why, fix);
                Err(DecryptionVerdict::WrongKey)
            }
        }
    }

    /// `zip` (RFC 7516 §4.1.3).
    fn plaintext(
        &mut self,
        message: &Message,
        packed: Zeroizing<Vec<u8>>,
    ) -> Result<Zeroizing<Vec<u8>>, DecryptionVerdict> {
        if !message.protected.contains_key("zip") {
            self.passed("plaintext", format!("{} bytes", packed.len()));
            return Ok(packed);
        }
        match decompress_to_vec_with_limit(&packed, LARGEST_PLAINTEXT) {
            Ok(plaintext) => {
                self.passed("plaintext", format!("{} bytes, unpacked from {}", plaintext.len(), packed.len()));
                Ok(Zeroizing::new(plaintext))
            }
            Err(error) => {
                drop(Zeroizing::new(error.output));
                self.key = None;
                if error.status == TINFLStatus::HasMoreOutput {
                    let why = format!("{} bytes unpack to more than {LARGEST_PLAINTEXT}", packed.len());
                    let fix = "a token is never that large: this may be an attack";
                    return Err(self.cannot("plaintext", Reason::new(why, fix, "RFC 7518 §8.6, CVE-2024-28180")));
                }
                Err(self.malformed("plaintext", "zip is DEF, but the plaintext is not DEFLATE data".into()))
            }
        }
    }

    fn passed(&mut self, name: &'static str, what: String) {
        self.steps.push(Step { name, outcome: StepOutcome::Passed(what) });
    }

    fn failed(&mut self, name: &'static str, why: String, fix: &str) {
        self.steps.push(Step { name, outcome: StepOutcome::Failed { why, fix: fix.to_owned() } });
    }

    fn cannot(&mut self, name: &'static str, reason: Reason) -> DecryptionVerdict {
        self.failed(name, reason.why.clone(), &reason.fix);
        DecryptionVerdict::CannotDecrypt(reason)
    }

    fn malformed(&mut self, name: &'static str, why: String) -> DecryptionVerdict {
        let reason = Reason::new(why, "copy the whole token again; else its issuer made a mistake", "RFC 7516 §5.2");
        self.failed(name, reason.why.clone(), &reason.fix);
        DecryptionVerdict::Malformed(reason)
    }
}

fn unsupported(parameter: &str, name: &str, known: &[&str], source: &'static str) -> Reason {
    let fix = format!("supported for decryption: {}", known.join(", "));
    Reason::new(format!("the {parameter} {name} is not supported"), fix, source)
}

fn not_a_jwe(token: &Token) -> Option<Reason> {
    let why = match token.form() {
        Form::Jwe(_) => return None,
        Form::Jws(_) => "it is a JWS: signed, not encrypted; its content is readable",
        Form::Opaque => "it is opaque: only its issuer can interpret it",
    };
    Some(Reason::new(why, "a JWE is five segments separated by dots, or JSON with a ciphertext", "RFC 7516 §3"))
}
