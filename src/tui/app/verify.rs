//! "Why is it rejected?": what a resource server would look at, step by step, as of the time that is shown.
//!
//! A signature is computed when a token or the keys change, never for a frame; what depends on the time is looked at
//! anew with each second that is shown.

use std::{collections::HashMap, sync::Arc};

use super::{
    Model, Pane,
    inspector::Tab,
    keymap::Action,
    keyring::{Keyring, Whose},
    list::Cursor,
    page::{Tone, write::wrap},
    tokens::{Row, RowId},
};
use crate::{
    auth::{
        TokenKind,
        keys::{self, KeySource, setting},
    },
    clock,
    profile::ProfileName,
    text,
    token::{
        Form, Token,
        jwe::{self, Decryption, DecryptionKeys},
        verify::{self, Expectations, Outcome, Step, Verdict, Verification, keys::KeySet},
    },
};

/// What is known of the tokens' signatures, and the checklist on screen.
#[derive(Debug, Default)]
pub(crate) struct Verdicts {
    known: HashMap<RowId, (Arc<Token>, Verification)>,
    /// Of the keys with which they were verified.
    edition: u64,
    /// What the keys made of the selected token, if it is encrypted.
    decrypted: Option<(RowId, Arc<Token>, Decryption)>,
    pub(crate) sheet: Sheet,
}

/// The checklist of the selected token, written once for a second and a width.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    pub(crate) lines: Vec<Line>,
    of: Option<Of>,
}

/// A line: texts, each with how it is meant; sanitized.
pub(crate) type Line = Vec<(String, Tone)>;

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

    /// Whether a key is meant for this very token: its profile's, its issuer's, or for one without a profile any.
    pub(crate) fn is_meant(&self, row: &Row) -> bool {
        let issuer = issuer(&row.token);
        let mut given = self.keyring.counting_for(row.profile(), issuer.as_deref());
        row.profile().is_none() || given.any(|given| given.whose != Whose::Everybody)
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
    model.tokens.selected().map(|_| if there { Action::Show(Tab::Verify) } else { Action::Verify })
}

/// Verifies what was not verified with these keys yet; writes the checklist where it is on screen.
pub(super) fn settle(model: &mut Model) {
    let (verdicts, keyring, tokens) = (&mut model.verdicts, &model.keyring, &model.tokens);
    if verdicts.edition != keyring.edition() {
        verdicts.known.clear();
        verdicts.edition = keyring.edition();
        verdicts.decrypted = None;
        // Another key may mean another answer, which stands at the top.
        if model.inspector.tab == Tab::Verify {
            model.inspector.cursor = Cursor::default();
        }
    }
    decrypt(verdicts, keyring, tokens.selected());
    if verdicts.known.len() > tokens.rows().len() {
        verdicts.known.retain(|id, _| tokens.rows().iter().any(|row| row.id == *id));
    }
    // Without keys there is no verdict that would be worth a place in the list.
    let all = tokens.rows().iter().filter(|_| !keyring.is_empty());
    for row in all.chain(tokens.selected()) {
        if verdicts.known.get(&row.id).is_some_and(|(token, _)| Arc::ptr_eq(token, &row.token)) {
            continue;
        }
        let issuer = issuer(&row.token);
        let mut keys = KeySet::default();
        keyring
            .counting_for(row.profile(), issuer.as_deref())
            .for_each(|given| keys.append(given.keys.verification.clone()));
        let verification = verify::verify(&row.token, &keys, &keyring.policy);
        verdicts.known.insert(row.id, (Arc::clone(&row.token), verification));
    }
    write(model);
    // A shorter list may end above the place that was looked at.
    if model.inspector.tab == Tab::Verify {
        let page = model.layout().page(Pane::Inspector);
        let cursor = &mut model.inspector.cursor;
        cursor.index = cursor.index.min(model.verdicts.sheet.lines.len().saturating_sub(page));
        cursor.offset = cursor.index;
    }
}

/// Decrypts the selected token, once for each edition of the keys.
fn decrypt(verdicts: &mut Verdicts, keyring: &Keyring, selected: Option<&Row>) {
    let jwe = selected.filter(|row| matches!(row.token.form(), Form::Jwe(_)));
    let known = |row: &Row| {
        let done = verdicts.decrypted.as_ref();
        done.is_some_and(|(id, token, _)| *id == row.id && Arc::ptr_eq(token, &row.token))
    };
    if jwe.is_some_and(known) {
        return;
    }
    verdicts.decrypted = jwe.filter(|_| !keyring.is_empty()).map(|row| {
        let given = keyring.counting_for(row.profile(), None).map(|given| &given.keys.decryption);
        // The first set that decrypts it; else what the first one that was asked says.
        let mut answers = given.filter(|keys| !keys.entries().is_empty()).map(|keys| jwe::decrypt(&row.token, keys));
        let first = answers.next().unwrap_or_else(|| jwe::decrypt(&row.token, &DecryptionKeys::default()));
        let decrypted = |answer: &Decryption| answer.verdict == jwe::Verdict::Decrypted;
        let answer = if decrypted(&first) { first } else { answers.find(decrypted).unwrap_or(first) };
        (row.id, Arc::clone(&row.token), answer)
    });
}

/// The `iss` claim.
fn issuer(token: &Token) -> Option<String> {
    let claims = token.claims()?;
    claims.string(claims.member("iss")?).map(std::borrow::Cow::into_owned)
}

fn write(model: &mut Model) {
    let Some(row) = model.tokens.selected().filter(|_| model.inspector.tab == Tab::Verify) else {
        model.verdicts.sheet = Sheet::default();
        return;
    };
    let of = Of {
        row: row.id,
        token: Arc::as_ptr(&row.token),
        edition: model.keyring.edition(),
        searches: model.keyring.searches().len(),
        expected: expectations(model, row),
        remembered: remembered(model, row.profile()),
        travels: model.travel.is_some(),
        width: usize::from(model.layout().raw_text().width.max(1)),
    };
    if model.verdicts.sheet.of.as_ref() == Some(&of) {
        return;
    }
    let lines = lines(model, row, &of);
    model.verdicts.sheet = Sheet { lines, of: Some(of) };
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
        expected.issuers.extend(keys::issuer(profile).map(str::to_owned));
    }
    expected
}

/// The source that the profile remembers and that has to be asked for: it is online.
fn remembered(model: &Model, profile: Option<&ProfileName>) -> Option<String> {
    let row = model.profiles.row(profile?)?;
    let sources = KeySource::of(&row.profile).ok()?;
    let online = sources.into_iter().find(KeySource::is_online)?;
    let whose = Whose::Profile(row.profile.name.clone());
    let there = model.keyring.counting_for(profile, None).any(|given| given.whose == whose && given.is_of(&online));
    (!there).then(|| online.to_string())
}

/// The columns of a step's sign and name.
const NAMES: usize = 12;

fn lines(model: &Model, row: &Row, of: &Of) -> Vec<Line> {
    let Some(verification) = model.verification(row) else { return Vec::new() };
    let mut writer = Writer { lines: Vec::new(), width: of.width };
    let steps = match model.decryption(row) {
        Some(decryption) => {
            decrypted(&mut writer, decryption);
            decryption.steps.clone()
        }
        None => {
            let steps = verify::checklist(&row.token, verification, &of.expected);
            verdict(&mut writer, model, verification, &steps, of);
            clock_line(&mut writer, model, row, of);
            steps
        }
    };
    writer.blank();
    for Step { name, outcome } in &steps {
        let (sign, tone, text) = match outcome {
            Outcome::Passed(what) => ("✔", Tone::Good, what.clone()),
            Outcome::Failed { why, .. } => ("✖", Tone::Bad, why.clone()),
            Outcome::NotChecked(why) => ("·", Tone::Muted, format!("not checked: {why}")),
        };
        let text_tone = if tone == Tone::Good { Tone::Plain } else { tone };
        writer.put((format!("{sign} {name:<10}"), tone), (&text, text_tone));
        if let Outcome::Failed { fix, .. } = outcome {
            writer.put((" ".repeat(NAMES), Tone::Muted), (fix, Tone::Muted));
        }
    }
    writer.blank();
    brought_along(&mut writer, &row.token);
    keys_lines(&mut writer, model, row, verification);
    writer.lines
}

/// The word for a JWE: what is inside has its own signature, or none.
fn decrypted(writer: &mut Writer, decryption: &Decryption) {
    let (tone, detail) = match (&decryption.verdict, &decryption.key) {
        (jwe::Verdict::Decrypted, Some(key)) => (Tone::Good, format!("with {key}")),
        (verdict, _) => (Tone::Warn, verdict.reason().map_or_else(String::new, |reason| reason.why.clone())),
    };
    let detail = if detail.is_empty() { String::new() } else { format!("· {detail}") };
    writer.put((format!("{} ", decryption.verdict.as_str()), tone), (&detail, Tone::Plain));
    if decryption.nested().is_some() {
        writer.put(("→ ".to_owned(), Tone::Accent), ("a token is inside: o in the Claims tab opens it", Tone::Accent));
    }
    for caution in &decryption.cautions {
        writer.put(("▲ ".to_owned(), Tone::Warn), (&caution.why, Tone::Warn));
    }
}

/// The word for the signature, and what becomes of the token.
fn verdict(writer: &mut Writer, model: &Model, verification: &Verification, steps: &[Step], of: &Of) {
    let verdict = &verification.verdict;
    let detail = match (verdict, &verification.key) {
        (Verdict::Valid, Some(key)) => format!("signed with {key}"),
        (Verdict::NotVerified, _) => match (model.keyring.searches().first(), &of.remembered) {
            (Some(search), _) => format!("looking for the keys of {}; Esc cancels", search.source),
            (None, Some(source)) => format!("the profile remembers {source}: K fetches it, after a yes"),
            (None, None) => "no key for it; K gives one".to_owned(),
        },
        (verdict, _) => match verdict.reason() {
            Some(reason) => match reason.source {
                Some(source) => format!("{} ({source})", reason.why),
                None => reason.why.clone(),
            },
            None => why(steps, "signature").unwrap_or_default().to_owned(),
        },
    };
    let head = (format!("{} ", verdict.as_str()), tone(verdict));
    writer.put(head, (&format!("· {detail}"), Tone::Plain));
    // Whether a server would refuse it for want of a key is not known here.
    let failed = |step: &&Step| matches!(step.outcome, Outcome::Failed { .. });
    let names: Vec<_> = steps.iter().filter(failed).map(|step| step.name).collect();
    match names.iter().find(|name| !SIGNATURE.contains(name)) {
        None if *verdict == Verdict::Valid => {
            writer.put(("✔ ".to_owned(), Tone::Good), ("everything that was checked is passed", Tone::Good));
        }
        None => {}
        Some(claim) => {
            let names: Vec<_> =
                names.iter().filter(|name| *verdict != Verdict::NotVerified || **name != "key").copied().collect();
            let why = why(steps, claim).map(|why| format!(": {why}")).unwrap_or_default();
            let words = format!("a server that checks the same refuses it by its {}{why}", names.join(", "));
            writer.put(("✖ ".to_owned(), Tone::Bad), (&words, Tone::Bad));
        }
    }
}

/// The steps that the verdict tells of already.
const SIGNATURE: [&str; 4] = ["shape", "algorithm", "key", "signature"];

/// Why a step failed.
fn why<'a>(steps: &'a [Step], name: &str) -> Option<&'a str> {
    steps.iter().find(|step| step.name == name).and_then(|step| match &step.outcome {
        Outcome::Failed { why, .. } => Some(why.as_str()),
        _ => None,
    })
}

/// How a verdict is meant.
pub(crate) fn tone(verdict: &Verdict) -> Tone {
    match verdict {
        Verdict::Valid => Tone::Good,
        Verdict::InvalidSignature | Verdict::Malformed(_) => Tone::Bad,
        Verdict::NotVerified => Tone::Plain,
        Verdict::CannotVerify(_) => Tone::Warn,
    }
}

/// As of when, and with how much leeway.
fn clock_line(writer: &mut Writer, model: &Model, row: &Row, of: &Of) {
    let mut words = format!("at {}, leeway {}s", clock::utc(of.expected.now), of.expected.leeway);
    if let Some(skew) = super::exchange::skew_words(row.skew) {
        words += &format!(" · by the server's clock, {skew}");
    }
    if model.travel.is_some() {
        words += " · time travel";
    }
    writer.put((String::new(), Tone::Muted), (&words, Tone::Muted));
}

/// The keys that counted, the odd ones among them, and those that are not there yet.
fn keys_lines(writer: &mut Writer, model: &Model, row: &Row, verification: &Verification) {
    const SHOWN: usize = 8;
    let mut said: Vec<(String, Tone)> = Vec::new();
    let issuer = issuer(&row.token);
    for given in model.keyring.counting_for(row.profile(), issuer.as_deref()) {
        let count = given.keys.verification.entries().len();
        let whose = match &given.whose {
            Whose::Everybody => "for every token, until the program ends".to_owned(),
            Whose::Issuer(_) => "for tokens of this issuer, until the program ends".to_owned(),
            Whose::Profile(profile) => format!("of the profile {profile}"),
        };
        let unit = if count == 1 { "key" } else { "keys" };
        said.push((format!("{}: {count} {unit}, {whose}", given.name), Tone::Plain));
        let unusable =
            given.keys.verification.entries().iter().filter_map(|entry| Some((entry, entry.key.as_ref().err()?)));
        let unusable = unusable.map(|(entry, why)| format!("{} cannot be used: {why}", entry.name));
        let twice = given
            .keys
            .verification
            .duplicate_kids()
            .into_iter()
            .map(|kid| format!("more than one key has the kid {kid}"));
        said.extend(unusable.take(SHOWN).chain(twice.take(SHOWN)).map(|words| (words, Tone::Warn)));
    }
    said.extend(verification.waived.iter().map(|rule| (format!("let pass on request: {}", rule.why), Tone::Warn)));
    if said.is_empty() {
        said.push(("none; K gives one: a secret, a file, a JWK set, discovery".to_owned(), Tone::Muted));
    }
    for (at, (words, tone)) in said.iter().enumerate() {
        let head = if at == 0 { "keys" } else { "" };
        writer.put((format!("{head:<NAMES$}"), Tone::Muted), (words, *tone));
    }
}

/// Header parameters by which a token brings its own key (RFC 7515 §4.1.2–§4.1.6): who forged it would do so, too.
fn brought_along(writer: &mut Writer, token: &Token) {
    let Some(header) = token.header() else { return };
    for parameter in ["jku", "x5u", "jwk", "x5c"] {
        let Some(node) = header.member(parameter) else { continue };
        let value = match header.string(node) {
            Some(url) => format!("{}: shown, never fetched", head(&url)),
            None => "a key that the token brings along: never trusted".to_owned(),
        };
        writer.put((format!("▲ {parameter:<10}"), Tone::Warn), (&value, Tone::Warn));
    }
}

fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(200)]
}

/// Writes lines that fit a width.
struct Writer {
    lines: Vec<Line>,
    width: usize,
}

impl Writer {
    fn blank(&mut self) {
        self.lines.push(Vec::new());
    }

    /// A text beside its head, its further lines below it. Foreign text is made visible.
    fn put(&mut self, (head, head_tone): (String, Tone), (text, tone): (&str, Tone)) {
        let indent = head.chars().count();
        let room = self.width.saturating_sub(indent).max(8);
        let text = text::visible(text);
        for (at, part) in wrap(&text, room).into_iter().enumerate() {
            let head = if at == 0 { head.clone() } else { " ".repeat(indent) };
            self.lines.push(vec![(head, head_tone), (part.to_owned(), tone)]);
        }
    }
}
