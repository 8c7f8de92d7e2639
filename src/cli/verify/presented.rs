//! What came to be verified: a token, or the signatures of a JSON serialization.

use super::{case::Case, encrypted::OpenedToken};
use crate::{
    cli::{Failure, input::Source, key_options::Keys},
    token::{
        Form, Token,
        detect::Found,
        verify::{
            self, Expectations, Verdict,
            key_set::KeySet,
            policy::Policy,
            serialization::{Serialized, Signature},
        },
    },
};

/// What came.
pub(super) enum Presented<'a> {
    /// The signatures of a JSON serialization.
    Signatures(Vec<Signature>),
    /// A token in a text, and which one it is if there are several.
    Token(Box<OpenedToken>, &'a str, Option<String>),
}

/// What it is held against.
pub(super) struct Against<'a> {
    pub(super) payload: Option<&'a [u8]>,
    pub(super) given: &'a Keys,
    pub(super) keys: &'a KeySet,
    pub(super) policy: Policy,
    pub(super) expected: Expectations,
    /// What is unwise about how the keys were given.
    pub(super) warnings: Vec<String>,
}

impl<'a> Presented<'a> {
    /// Reads a text that came from this source. A token is decrypted with the keys that were given.
    pub(super) fn read(source: &Source, text: &'a str, given: &Keys) -> Result<Self, Failure> {
        match Serialized::read(text) {
            Some(Ok(serialized)) => Ok(Self::Signatures(serialized.signatures)),
            Some(Err(reason)) => Err(Failure::usage(reason.why).hint(reason.fix)),
            None => {
                let (token, which) = one(source.tokens(text)?);
                Ok(Self::Token(Box::new(OpenedToken::new(token, given)?), text, which))
            }
        }
    }

    /// The token that names who issued it.
    pub(super) fn first(&self) -> Option<&Token> {
        match self {
            Self::Signatures(signatures) => signatures.first().map(|signature| &signature.token),
            Self::Token(opened, ..) => Some(opened.signed()),
        }
    }

    /// What comes of it: one case for each signature.
    pub(super) fn verify(self, against: &Against<'_>) -> Result<Vec<Case>, Failure> {
        let Against { payload, given, keys, policy, expected, warnings } = against;
        let (mut cases, which) = match self {
            Self::Token(opened, text, which) => (vec![against.token(*opened, text)?], which),
            Self::Signatures(signatures) => {
                let case = |signature: Signature| {
                    let verification = signature.verify(*payload, keys, policy);
                    let opened = OpenedToken::new(signature.token, given)?;
                    Ok(Case::new(opened, verification, *payload, &signature.unprotected, keys, expected))
                };
                (signatures.into_iter().map(case).collect::<Result<_, Failure>>()?, None)
            }
        };
        cases.iter_mut().for_each(|case| case.warnings.extend(warnings.iter().chain(&which).cloned()));
        Ok(cases)
    }
}

impl Against<'_> {
    /// What comes of a token that stands in this text.
    fn token(&self, mut opened: OpenedToken, text: &str) -> Result<Case, Failure> {
        let with = |opened: &OpenedToken| match self.payload {
            Some(payload) => verify::verify_detached(opened.signed(), payload, self.keys, &self.policy),
            None => opened.explain(verify::verify(opened.signed(), self.keys, &self.policy)),
        };
        let mut verification = None;
        // A blank in the signature looks like the end of the token, until the signature fits without it.
        if let Some(joined) = verify::joined(opened.outer(), text) {
            let joined = OpenedToken::new(joined, self.given)?;
            verification = Some(with(&joined)).filter(|joined| joined.verdict == Verdict::Valid);
            opened = if verification.is_some() { joined } else { opened };
        }
        let verification = verification.unwrap_or_else(|| with(&opened));
        let verification = verification.of_text(verify::as_it_came(opened.outer(), text));
        Ok(Case::new(opened, verification, self.payload, &[], self.keys, &self.expected))
    }
}

/// Of several tokens the first that is not an opaque one, and a remark that says which.
fn one(mut found: Vec<(Found, Token)>) -> (Token, Option<String>) {
    let count = found.len();
    let at = found.iter().position(|(_, token)| !matches!(token.form(), Form::Opaque)).unwrap_or(0);
    let (Found { place, .. }, token) = found.swap_remove(at);
    let place = place.as_deref().unwrap_or("its start");
    (token, (count > 1).then(|| format!("the text contains {count} tokens; this verifies the one from {place}")))
}
