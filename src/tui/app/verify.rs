//! "Why is it rejected?": what a resource server would look at, step by step, as of the time that is shown.
//!
//! A signature is computed when a token or the keys change, never for a frame; what depends on the time is looked at
//! anew with each second that is shown.

mod lines;

use std::{collections::HashMap, sync::Arc};

pub(crate) use self::lines::tone;

use super::{
    Model, Pane,
    inspector::Tab,
    keymap::Action,
    known_keys::{KnownKeys, Whose},
    list::{Cursor, Motion},
    page::Tone,
    tokens::{Row, RowId},
};
use crate::{
    auth::{
        TokenKind,
        key_source::{self, KeySource, setting},
    },
    clock,
    profile::ProfileName,
    token::{
        Form, Token,
        jwe::{self, Decryption, DecryptionKeys},
        verify::{self, Expectations, StepOutcome, Verdict, Verification, key_set::KeySet},
    },
};

/// What is known of the tokens' signatures, and the checklist on screen.
#[derive(Debug, Default)]
pub(crate) struct Verdicts {
    known: HashMap<RowId, (Arc<Token>, Verification)>,
    /// Of the keys with which they were verified.
    edition: u64,
    /// The keys and the rows with which all were looked at; none without keys.
    of: Option<(u64, u64)>,
    /// What the keys made of the selected token, if it is encrypted.
    decrypted: Option<(RowId, Arc<Token>, Decryption)>,
    pub(crate) sheet: VerifySheet,
}

/// The checklist of the selected token, written once for a second and a width.
#[derive(Debug, Default)]
pub(crate) struct VerifySheet {
    pub(crate) lines: Vec<TonedText>,
    of: Option<Of>,
}

/// A line: texts, each with how it is meant; sanitized.
pub(crate) type TonedText = Vec<(String, Tone)>;

/// What a checklist depends on.
#[derive(Debug, PartialEq)]
struct Of {
    row: RowId,
    token: *const Token,
    edition: u64,
    searches: usize,
    expected: Expectations,
    remembered: Option<String>,
    travels: bool,
    width: usize,
}

impl Model {
    /// What is known of a token's signature.
    pub(crate) fn verification(&self, row: &Row) -> Option<&Verification> {
        let (token, verification) = self.verdicts.known.get(&row.id)?;
        Arc::ptr_eq(token, &row.token).then_some(verification)
    }

    /// What the keys made of the selected token, if it is encrypted.
    pub(crate) fn decryption(&self, row: &Row) -> Option<&Decryption> {
        let (id, token, decryption) = self.verdicts.decrypted.as_ref()?;
        (*id == row.id && Arc::ptr_eq(token, &row.token)).then_some(decryption)
    }
}

/// Shows the checklist; where it is on screen, from its top.
pub(super) fn offer(model: &Model) -> Option<Action> {
    let there = model.focus == Pane::Inspector && model.inspector.tab == Tab::Verify;
    model.tokens.selected().map(|_| if there { Action::Move(Motion::First) } else { Action::Verify })
}

/// The same for whom a page or the log is about.
pub(super) fn offer_for_profile(model: &Model) -> Option<Action> {
    let held = model.target()?.holding.as_ref()?;
    // Behind the lock there is nothing to verify.
    (!held.veiled).then_some(Action::Verify)
}

/// From the page of a profile it is about the profile's first token.
pub(super) fn select(model: &mut Model) {
    let Some(name) = model.modes.profile() else { return };
    let first = model.tokens.rows().iter().find(|row| row.is_current_of(name)).map(|row| row.id);
    first.into_iter().for_each(|id| crate::tui::app::scope::show(model, id));
}

/// Verifies what was not verified with these keys yet; writes the checklist where it is on screen.
pub(super) fn settle(model: &mut Model) {
    let (verdicts, known_keys, tokens) = (&mut model.verdicts, &model.known_keys, &model.tokens);
    if verdicts.edition != known_keys.edition() {
        verdicts.known.clear();
        verdicts.edition = known_keys.edition();
        verdicts.decrypted = None;
        // Another key may mean another answer, which stands at the top.
        *model.inspector.place_mut(Tab::Verify) = Cursor::default();
    }
    decrypt(verdicts, known_keys, tokens.selected());
    if verdicts.known.len() > tokens.rows().len() {
        verdicts.known.retain(|id, _| tokens.rows().iter().any(|row| row.id == *id));
    }
    // Without keys there is no verdict that would be worth a place in the list; and what has one keeps it.
    let of = Some((known_keys.edition(), tokens.revision())).filter(|_| !known_keys.is_empty());
    let others = of.is_some() && verdicts.of != of;
    verdicts.of = of;
    let all = others.then(|| tokens.rows()).into_iter().flatten();
    for row in all.chain(tokens.selected()) {
        if verdicts.known.get(&row.id).is_some_and(|(token, _)| Arc::ptr_eq(token, &row.token)) {
            continue;
        }
        let mut verification = verified(known_keys, row);
        if let Some(outcome) = &row.came {
            verification = verification.of_text(outcome.clone());
        }
        verdicts.known.insert(row.id, (Arc::clone(&row.token), verification));
    }
    write(model);
}

/// Verifies with the keys that are meant for the token. One that was given for another may have made the signature, too; if
/// it did not, that says nothing.
fn verified(known_keys: &KnownKeys, row: &Row) -> Verification {
    let issuer = issuer(&row.token);
    let (mut meant, mut others) = (KeySet::default(), KeySet::default());
    for given in known_keys.counting_for(row.profile(), issuer.as_deref()) {
        let keys = if given.is_meant_for(row, issuer.as_deref()) { &mut meant } else { &mut others };
        keys.append(given.keys.verification.clone());
    }
    let with = |keys: &KeySet| verify::verify(&row.token, keys, &known_keys.policy);
    let mut verification = with(&meant);
    if verification.verdict == Verdict::Valid || others.entries().is_empty() {
        return verification;
    }
    let other = with(&others);
    if other.verdict == Verdict::Valid {
        return other;
    }
    if let Some(key) = verification.steps.iter_mut().find(|step| meant.entries().is_empty() && step.name == "key")
        && verification.verdict == Verdict::NotVerified
    {
        let why = "none of the keys given for other tokens made this signature".to_owned();
        key.outcome = StepOutcome::Failed { why, fix: "give a key for this token".to_owned() };
    }
    verification
}

/// Decrypts the selected token, once for each edition of the keys.
fn decrypt(verdicts: &mut Verdicts, known_keys: &KnownKeys, selected: Option<&Row>) {
    let jwe = selected.filter(|row| matches!(row.token.form(), Form::Jwe(_)));
    let known = |row: &Row| {
        let done = verdicts.decrypted.as_ref();
        done.is_some_and(|(id, token, _)| *id == row.id && Arc::ptr_eq(token, &row.token))
    };
    if jwe.is_some_and(known) {
        return;
    }
    verdicts.decrypted = jwe.filter(|_| !known_keys.is_empty()).map(|row| {
        let given = known_keys.counting_for(row.profile(), None).map(|given| &given.keys.decryption);
        // The first set that decrypts it; else what the first one that was asked says.
        let mut answers = given.filter(|keys| !keys.entries().is_empty()).map(|keys| jwe::decrypt(&row.token, keys));
        let first = answers.next().unwrap_or_else(|| jwe::decrypt(&row.token, &DecryptionKeys::default()));
        let decrypted = |answer: &Decryption| answer.verdict == jwe::DecryptionVerdict::Decrypted;
        let answer = if decrypted(&first) { first } else { answers.find(decrypted).unwrap_or(first) };
        (row.id, Arc::clone(&row.token), answer)
    });
}

/// The `iss` claim.
pub(super) fn issuer(token: &Token) -> Option<String> {
    let claims = token.claims()?;
    claims.string(claims.member("iss")?).map(std::borrow::Cow::into_owned)
}

fn write(model: &mut Model) {
    let Some(row) = model.tokens.selected().filter(|_| model.layout().shows(Tab::Verify)) else {
        model.verdicts.sheet = VerifySheet::default();
        return;
    };
    let of = Of {
        row: row.id,
        token: Arc::as_ptr(&row.token),
        edition: model.known_keys.edition(),
        searches: model.tasks.searches().count(),
        expected: expectations(model, row),
        remembered: remembered(model, row.profile()),
        travels: model.travel.is_some(),
        width: usize::from(model.layout().text(Tab::Verify).width.max(1)),
    };
    if model.verdicts.sheet.of.as_ref() == Some(&of) {
        return;
    }
    let lines = lines::lines(model, row, &of);
    model.verdicts.sheet = VerifySheet { lines, of: Some(of) };
}

/// What the token's profile expects, by the clock of its server. An ID token is for the client (OpenID Connect Core
/// §3.1.3.7), a refresh token for its issuer alone.
fn expectations(model: &Model, row: &Row) -> Expectations {
    let mut expected = Expectations::at(clock::to_the_second(model.shown_now() + row.skew));
    let Some(profile) = row.profile().and_then(|name| model.profiles.row(name)).map(|row| &row.profile) else {
        return expected;
    };
    let audience = match row.kind {
        TokenKind::Access | TokenKind::Unknown => setting(profile, "verify_audience"),
        TokenKind::Id => setting(profile, "client_id"),
        TokenKind::Refresh => None,
    };
    expected.audiences.extend(audience.map(str::to_owned));
    if row.kind != TokenKind::Refresh {
        expected.issuers.extend(key_source::issuer(profile).map(str::to_owned));
    }
    expected
}

/// The source that the profile remembers and that has to be asked for: it is online.
fn remembered(model: &Model, profile: Option<&ProfileName>) -> Option<String> {
    let row = model.profiles.row(profile?)?;
    let sources = KeySource::of(&row.profile).ok()?;
    let online = sources.into_iter().find(KeySource::is_online)?;
    let whose = Whose::Profile(row.profile.name.clone());
    let there = model.known_keys.counting_for(profile, None).any(|given| given.whose == whose && given.is_of(&online));
    (!there).then(|| online.to_string())
}
