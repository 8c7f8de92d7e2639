//! What is verified of a token that is encrypted: the one inside.

use crate::{
    cli::{Failure, decryption, key_options::Keys, style::Style},
    token::{
        Form, Token,
        jwe::{Content, Decryption, DecryptionVerdict, Layer, open},
        verify::{Reason, StepOutcome, Verdict, Verification},
    },
};

/// A token, with what was found inside if it is encrypted.
pub(super) struct OpenedToken {
    outer: Token,
    layers: Vec<Layer>,
}

impl OpenedToken {
    /// Decrypts a JWE with the keys that were given; any other token is left as it is.
    pub(super) fn new(outer: Token, keys: &Keys) -> Result<Self, Failure> {
        let layers = match outer.form() {
            Form::Jwe(_) => open(&outer, &keys.decryption()?),
            _ => Vec::new(),
        };
        Ok(Self { outer, layers })
    }

    /// The token that came.
    pub(super) fn outer(&self) -> &Token {
        &self.outer
    }

    /// The token whose signature counts: the first one inside that has any, else the outer one.
    pub(super) fn signed(&self) -> &Token {
        let inside = self.layers.iter().filter_map(Layer::token);
        inside.into_iter().find(|token| matches!(token.form(), Form::Jws(_))).unwrap_or(&self.outer)
    }

    /// What came of the decryption of the outermost token that could not be opened, else of the outer one.
    pub(super) fn decryption(&self) -> Option<&Decryption> {
        let mut all = self.layers.iter().filter_map(|layer| match layer {
            Layer::Decryption(decryption) => Some(&**decryption),
            Layer::Payload(_) => None,
        });
        let first = all.next()?;
        Some(if first.verdict == DecryptionVerdict::Decrypted {
            all.find(|it| it.verdict != DecryptionVerdict::Decrypted).unwrap_or(first)
        } else {
            first
        })
    }

    /// Says why a JWE cannot be verified, and what would help.
    pub(super) fn explain(&self, mut verification: Verification) -> Verification {
        let (Form::Jwe(_), Some(decryption)) = (self.signed().form(), self.decryption()) else { return verification };
        let reason = match (&decryption.plaintext, decryption.verdict.reason()) {
            (Some(plaintext), _) => {
                let what = match plaintext.content {
                    Content::Token(_) => "another encrypted token",
                    Content::Json(_) => "unsigned claims",
                    Content::Text(_) | Content::Bytes => "neither a token nor claims",
                };
                Reason {
                    why: format!("it was decrypted and contains {what}: there is no signature to verify"),
                    fix: "`tokscope decode` with the same key shows it".to_owned(),
                    source: Some("RFC 7519 §5.2"),
                }
            }
            (None, Some(reason)) => Reason { why: format!("it is encrypted: {}", reason.why), ..reason.clone() },
            (None, None) => {
                let failed = decryption.steps.iter().find_map(|step| match &step.outcome {
                    StepOutcome::Failed { why, fix } => Some((why.clone(), fix.clone())),
                    _ => None,
                });
                let (why, fix) = failed.unwrap_or_default();
                Reason { why: format!("it is encrypted: {why}"), fix, source: Some("RFC 7516 §3") }
            }
        };
        if let Some(step) = verification.steps.first_mut() {
            step.outcome = StepOutcome::Failed { why: reason.why.clone(), fix: reason.fix.clone() };
        }
        verification.verdict = match decryption.verdict {
            DecryptionVerdict::Malformed(_) => Verdict::Malformed(reason),
            _ => Verdict::CannotVerify(reason),
        };
        verification
    }

    /// A line that says that the token inside is the one that was looked at.
    pub(super) fn line(&self, style: Style) -> String {
        match self.decryption() {
            Some(decryption) if decryption.verdict == DecryptionVerdict::Decrypted => {
                decryption::line(decryption, style) + &decryption::cautions(decryption, style)
            }
            _ => String::new(),
        }
    }
}
