//! All about a profile.

use super::{Line, Tone, write::Writer};
use crate::{
    auth::{Field, FieldKind, SecretRef, Settings},
    clock,
    profile::ProfileName,
    secret::Fingerprint,
    session::Demand,
    store::vault::{Condition, EventKind},
    text,
    tui::app::{
        Model, exchange,
        profiles::ProfileRow,
        renewal::{self, Plan},
        vault,
    },
};

pub(super) fn lines(model: &Model, name: &ProfileName, width: u16) -> Vec<Line> {
    let mut writer = Writer::new(width);
    let Some(row) = model.profiles.row(name) else {
        writer.put(Tone::Muted, "", "this profile is no longer in the file");
        return writer.lines;
    };
    let mut fact = |tone, label: &str, value: &str| writer.put(tone, &format!("{label:<15} "), value);
    fact(Tone::Plain, "provider", &row.title());
    if let Some(environment) = &row.environment {
        fact(Tone::Plain, "environment", environment);
    }
    if !row.profile.tags.is_empty() {
        fact(Tone::Plain, "tags", &text::visible(&row.profile.tags.join(", ")));
    }
    // In the order of the form.
    let place = |key: &str| row.descriptor.and_then(|d| d.fields().position(|field| field.key == key));
    let mut settings: Vec<_> = row.profile.settings.iter().collect();
    settings.sort_by_key(|(key, _)| place(key).unwrap_or(usize::MAX));
    for (key, value) in settings {
        let field = row.descriptor.and_then(|d| d.field(key));
        let secret = field.is_none_or(|field| field.kind == FieldKind::Secret);
        let label = field.map_or_else(|| text::visible(key).into_owned(), |field| field.label.to_owned());
        fact(Tone::Plain, &label, &if secret { masked(value) } else { text::visible(value).into_owned() });
    }
    match asked(row) {
        Ok(labels) if labels.is_empty() => {}
        Ok(labels) => fact(Tone::Plain, "asked at login", &labels.join(", ")),
        Err(mistakes) => mistakes.iter().for_each(|mistake| fact(Tone::Bad, "not usable", mistake)),
    }
    if let Some(task) = model.tasks.of(name) {
        let seconds = (model.now - task.since).num_seconds().max(0);
        let step = task.step.as_ref().map(|step| format!(": {step}")).unwrap_or_default();
        fact(Tone::Renew, "now", &format!("{} for {seconds}s{step}", model.task_words(task)));
    }
    if let Some(holding) = &row.holding {
        fact(Tone::Plain, "last login", &both(model, holding.received_at));
        holding.account.iter().for_each(|account| fact(Tone::Plain, "account", account));
        holding.scope.iter().for_each(|scope| fact(Tone::Plain, "scope", scope));
        let refresh =
            if holding.has_refresh_token { "available" } else { "none: log in again when the access token expires" };
        fact(Tone::Plain, "refresh token", refresh);
    }
    about_the_vault(model, row, &mut fact);
    let plan = renewal::plan(model, row);
    if plan != Plan::Impossible {
        let tone = match plan {
            Plan::Stopped(_) => Tone::Bad,
            Plan::NoEnd => Tone::Warn,
            _ if row.renewal.failures > 0 => Tone::Warn,
            _ => Tone::Plain,
        };
        fact(tone, "auto-refresh", &renewal::words(model, row));
    }
    if let (Plan::At(at), Some(holding)) = (plan, &row.holding) {
        let margin = clock::span(Demand::ahead(&row.profile, &holding.lifetime).min_ttl);
        let why = match row.renewal.failures {
            0 => format!(" · at least {margin} before expiry"),
            _ => String::new(),
        };
        fact(Tone::Plain, "next refresh", &format!("{}{why}", both(model, at)));
    }
    match &row.renewal.last {
        Some((at, Ok(()))) => fact(Tone::Plain, "last refresh", &format!("{} · succeeded", both(model, *at))),
        Some((at, Err(why))) => fact(Tone::Warn, "last refresh", &format!("{} · {why}", both(model, *at))),
        None => {}
    }
    if let Some(skew) = exchange::skew_words(row.skew) {
        fact(Tone::Warn, "server clock", &format!("{skew} of the local clock; countdowns are corrected for it"));
    }
    for (tone, words) in &row.fates {
        fact(*tone, "revocation", words);
    }
    row.probed.iter().for_each(|words| fact(Tone::Plain, "who am I", words));
    if let Some(failure) = &row.failure {
        fact(Tone::Muted, "last failure", &both(model, failure.at));
        fact(Tone::Bad, failure.noun, &failure.text);
        failure.hint.iter().for_each(|hint| fact(Tone::Plain, "what to do", hint));
    }
    history(model, row, &mut writer);
    writer.lines
}

/// What the vault keeps besides the tokens, and what has to be known of it.
fn about_the_vault(model: &Model, row: &ProfileRow, fact: &mut impl FnMut(Tone, &str, &str)) {
    if let Some((words, tone)) = vault::home_words(model) {
        fact(tone, "kept", &words);
    }
    let Condition { in_flight, retired, doubt, unsaved } = &row.facts.condition;
    if let Some(reason) = unsaved {
        fact(Tone::Bad, "NOT SAVED", &format!("{}; retrying automatically", text::visible(reason)));
    }
    if let Some(mark) = in_flight {
        let again = model.hint("{key:refresh} tries again");
        let words = format!("{} · outcome unknown; {again}", both(model, mark.since));
        fact(Tone::Warn, "refresh sent", &words);
    }
    if let Some(retired) = retired {
        // Its words stay behind the lock.
        let why =
            if retired.words.is_empty() { String::new() } else { format!(" · {}", text::visible(&retired.words)) };
        fact(Tone::Bad, "refused", &format!("{}{why}", both(model, retired.at)));
    }
    if let Some(doubt) = doubt {
        fact(
            Tone::Bad,
            "ID token",
            &format!("not valid · {} · {}", both(model, doubt.at), text::visible(&doubt.words)),
        );
    }
    if !row.old.is_empty() {
        let survivors = row.old.iter().filter(|old| old.survives(&row.facts.evidence, model.now)).count();
        let words = match survivors {
            0 => format!("{} kept until their tokens end", row.old.len()),
            alive => format!("{} kept until their tokens end · {alive} alive although revoked", row.old.len()),
        };
        fact(if survivors > 0 { Tone::Bad } else { Tone::Plain }, "old generations", &words);
    }
}

/// What became of the tokens, the newest first.
fn history(model: &Model, row: &ProfileRow, writer: &mut Writer) {
    if row.facts.history.is_empty() {
        return;
    }
    writer.blank();
    writer.put(Tone::Heading, "", "History");
    events(model, row, writer);
}

/// The events of a profile's tokens, the newest first.
pub(in crate::tui::app) fn events(model: &Model, row: &ProfileRow, writer: &mut Writer) {
    for event in row.facts.history.iter().rev() {
        let of = |kind: &str, fingerprint: Option<Fingerprint>| fingerprint.map(|print| format!("{kind} {print}"));
        let until = event.expires_at.map(|end| format!("until {}", clock::of_day(end, event.at, model.zone)));
        let parts = [of("access", event.access), of("refresh", event.refresh), until];
        let words = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let tone = if event.kind == EventKind::Retired { Tone::Bad } else { Tone::Plain };
        let at = clock::local(clock::to_the_second(event.at), model.zone);
        writer.put(tone, &format!("{at}  {:<8} ", event.kind.as_str()), &words);
    }
}

fn both(model: &Model, time: clock::Timestamp) -> String {
    format!("{} · {}", clock::local(time, model.zone), clock::utc(clock::to_the_second(time)))
}

/// The labels of the secrets that a login asks for; else what is wrong with the profile, sanitized.
fn asked(row: &ProfileRow) -> Result<Vec<&'static str>, Vec<String>> {
    let Some(descriptor) = row.descriptor else { return Ok(Vec::new()) };
    let settings = Settings::parse(descriptor, &row.profile)
        .map_err(|mistakes| mistakes.iter().map(|m| text::visible(&m.to_string()).into_owned()).collect::<Vec<_>>())?;
    let prompted = |field: &&Field| {
        field.kind == FieldKind::Secret && matches!(settings.secret_ref(field.key), Some(SecretRef::Prompt))
    };
    Ok(descriptor.fields().filter(prompted).map(|field| field.label).collect())
}

/// The reference to a secret is shown, a secret that stands in the profile itself is not.
fn masked(value: &str) -> String {
    match value {
        "prompt" => "asked at login".to_owned(),
        value => text::visible(&SecretRef::masked(value)).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_a_profile_is_masked() {
        for secret in ["plain:hunter2", "hunter2", "hunter:2"] {
            assert!(!masked(secret).contains("hunter"), "{secret}");
        }
        assert_eq!(masked("env:EDX_PASSWORD"), "env:EDX_PASSWORD");
    }
}
