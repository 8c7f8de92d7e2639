//! The lines of the checklist.

use std::borrow::Cow;

use super::{Of, TonedText, issuer};
use crate::{
    clock, text,
    token::{
        Token, jwe,
        jwe::Decryption,
        verify::{self, Step, StepOutcome, Verdict, Verification},
    },
    tui::app::{
        Model, exchange,
        known_keys::Whose,
        page::{Tone, write::wrap},
        tokens::Row,
    },
};

/// The columns of a step's sign and name.
const NAMES: usize = 12;

/// Writes the checklist.
pub(super) fn lines(model: &Model, row: &Row, of: &Of) -> Vec<TonedText> {
    let Some(verification) = model.verification(row) else { return Vec::new() };
    let mut writer = Writer { lines: Vec::new(), width: of.width };
    let steps = match model.decryption(row) {
        Some(decryption) => {
            decrypted(&mut writer, model, decryption);
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
    // That text and payload are as usual needs no line.
    let usual = |step: &&Step| match (step.name, &step.outcome) {
        ("text", StepOutcome::Passed(words)) => verify::UNTOUCHED.contains(&words.as_str()),
        (name, outcome) => name == "payload" && matches!(outcome, StepOutcome::Passed(_)),
    };
    for Step { name, outcome } in steps.iter().filter(|step| !usual(step)) {
        let (sign, tone, text) = match outcome {
            StepOutcome::Passed(what) => ("✔", Tone::Good, what.clone()),
            StepOutcome::Failed { why, .. } => ("✗", Tone::Bad, why.clone()),
            StepOutcome::NotChecked(why) => ("·", Tone::Muted, format!("not checked: {why}")),
        };
        let text_tone = if tone == Tone::Good { Tone::Plain } else { tone };
        writer.put((format!("{sign} {name:<10}"), tone), (&text, text_tone));
        if let StepOutcome::Failed { fix, .. } = outcome {
            writer.put((" ".repeat(NAMES), Tone::Muted), (fix, Tone::Muted));
        }
    }
    writer.blank();
    brought_along(&mut writer, &row.token);
    keys_lines(&mut writer, model, row, verification);
    writer.lines
}

/// The word for a JWE: what is inside has its own signature, or none.
fn decrypted(writer: &mut Writer, model: &Model, decryption: &Decryption) {
    let (tone, detail) = match (&decryption.verdict, &decryption.key) {
        (jwe::DecryptionVerdict::Decrypted, Some(key)) => (Tone::Good, format!("with {key}")),
        (verdict, _) => (Tone::Warn, verdict.reason().map_or_else(String::new, |reason| reason.why.clone())),
    };
    let detail = if detail.is_empty() { String::new() } else { format!("· {detail}") };
    writer.put((format!("{} ", decryption.verdict.as_str()), tone), (&detail, Tone::Plain));
    if decryption.nested().is_some() {
        let opens = model.keyed("{key:inspector.open-inside} in the Claims tab opens it");
        writer.put_with(("→ ".to_owned(), Tone::Muted), ("contains a token: ", Tone::Plain), &opens);
    }
    for caution in &decryption.cautions {
        writer.put(("▲ ".to_owned(), Tone::Warn), (&caution.why, Tone::Warn));
    }
}

/// The word for the signature, and what becomes of the token.
fn verdict(writer: &mut Writer, model: &Model, verification: &Verification, steps: &[Step], of: &Of) {
    let verdict = &verification.verdict;
    let mut hint = Cow::Borrowed("");
    let detail = match (verdict, &verification.key) {
        (Verdict::Valid, Some(key)) => format!("signed with {key}"),
        (Verdict::NotVerified, _) => match (model.tasks.searches().next(), &of.remembered) {
            (Some((_, source)), _) => {
                hint = model.keyed("{key:cancel-search} cancels");
                format!("looking for the keys of {source}; ")
            }
            (None, Some(source)) => {
                hint = model.keyed("{key:give-key} fetches it, after confirmation");
                format!("the profile remembers {source}: ")
            }
            (None, None) => {
                hint = model.keyed("{key:give-key} gives one");
                "no key; ".to_owned()
            }
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
    writer.put_with(head, (&format!("· {detail}"), Tone::Plain), &hint);
    // Whether a server would refuse it for want of a key is not known here.
    let failed = |step: &&Step| matches!(step.outcome, StepOutcome::Failed { .. });
    let names: Vec<_> = steps.iter().filter(failed).map(|step| step.name).collect();
    match names.iter().find(|name| !SIGNATURE.contains(name)) {
        None if *verdict == Verdict::Valid => {
            writer.put(("✔ ".to_owned(), Tone::Good), ("everything checked has passed", Tone::Good));
        }
        None => {}
        Some(claim) => {
            let names: Vec<_> =
                names.iter().filter(|name| *verdict != Verdict::NotVerified || **name != "key").copied().collect();
            let why = why(steps, claim).map(|why| format!(": {why}")).unwrap_or_default();
            let words = format!("a server with the same checks rejects it: {}{why}", names.join(", "));
            writer.put(("✗ ".to_owned(), Tone::Bad), (&words, Tone::Bad));
        }
    }
}

/// The steps that the verdict tells of already.
const SIGNATURE: [&str; 4] = ["shape", "algorithm", "key", "signature"];

/// Why a step failed.
fn why<'a>(steps: &'a [Step], name: &str) -> Option<&'a str> {
    steps.iter().find(|step| step.name == name).and_then(|step| match &step.outcome {
        StepOutcome::Failed { why, .. } => Some(why.as_str()),
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
    if let Some(skew) = exchange::skew_words(row.skew) {
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
    for given in model.known_keys.counting_for(row.profile(), issuer.as_deref()) {
        let keys = &given.keys.verification;
        let count = keys.entries().len();
        let unit = if count == 1 { "key" } else { "keys" };
        let whose = match &given.whose {
            Whose::Given(..) if !given.is_meant_for(row, issuer.as_deref()) => {
                said.push((format!("{}: {count} {unit}, given for another token", given.name), Tone::Muted));
                continue;
            }
            Whose::Given(..) => "for this token, its issuer and its kid, until tokscope ends".to_owned(),
            Whose::Issuer(_) => "for tokens of this issuer, until tokscope ends".to_owned(),
            Whose::Profile(profile) => format!("of the profile {profile}"),
        };
        said.push((format!("{}: {count} {unit}, {whose}", given.name), Tone::Plain));
        let unusable = keys.entries().iter().filter_map(|entry| Some((entry, entry.key.as_ref().err()?)));
        let unusable = unusable.map(|(entry, why)| format!("{} cannot be used: {why}", entry.name));
        let twice = keys.duplicate_kids().into_iter().map(|kid| format!("more than one key has the kid {kid}"));
        let cautions = keys.cautions().iter().map(|caution| caution.why.clone());
        let odd = unusable.take(SHOWN).chain(twice.take(SHOWN)).chain(cautions.take(SHOWN));
        said.extend(odd.map(|words| (words, Tone::Warn)));
    }
    said.extend(verification.waived.iter().map(|rule| (format!("allowed by option: {}", rule.why), Tone::Warn)));
    said.extend(verification.cautions.iter().map(|caution| (caution.why.clone(), Tone::Warn)));
    if said.is_empty() {
        let gives = model.keyed("{key:give-key} gives one: a secret, a file, a JWK set, discovery");
        return writer.put_with((format!("{:<NAMES$}", "keys"), Tone::Muted), ("none; ", Tone::Muted), &gives);
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
            None => "a key inside the token: never trusted".to_owned(),
        };
        writer.put((format!("▲ {parameter:<10}"), Tone::Warn), (&value, Tone::Warn));
    }
}

fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(200)]
}

/// Writes lines that fit a width.
struct Writer {
    lines: Vec<TonedText>,
    width: usize,
}

impl Writer {
    fn blank(&mut self) {
        self.lines.push(Vec::new());
    }

    /// A text beside its head, its further lines below it. Foreign text is made visible.
    fn put(&mut self, head: (String, Tone), (text, tone): (&str, Tone)) {
        self.put_with(head, (text, tone), "");
    }

    /// The same with a hint of our own behind it.
    fn put_with(&mut self, (head, head_tone): (String, Tone), (text, tone): (&str, Tone), hint: &str) {
        let indent = head.chars().count();
        let room = self.width.saturating_sub(indent).max(8);
        let text = text::visible(text) + hint;
        for (at, part) in wrap(&text, room).into_iter().enumerate() {
            let head = if at == 0 { head.clone() } else { " ".repeat(indent) };
            self.lines.push(vec![(head, head_tone), (part.to_owned(), tone)]);
        }
    }
}
