//! All about a profile.

use chrono::TimeDelta;

use super::{Line, Tone, files, write::Writer};
use crate::{
    auth::{Field, FieldKind, SecretRef, Settings},
    clock,
    profile::ProfileName,
    secret::Fingerprint,
    session::{Demand, Known, Verdict},
    store::vault::{Condition, EventKind},
    text,
    token::{
        lifetime::TimeState,
        state::{Facts, State},
    },
    tui::app::{
        Model, exchange, facts,
        profiles::ProfileRow,
        renewal::{self, Plan},
        tokens::Row,
        vault,
    },
};

pub(super) fn lines(model: &Model, name: &ProfileName, width: u16) -> Vec<Line> {
    let mut writer = Writer::new(width);
    let Some(row) = model.profiles.row(name) else {
        writer.put(Tone::Muted, "", "this profile is no longer in the file");
        return writer.lines;
    };
    standing(model, row, &mut writer);
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
        let path = field.and_then(|field| files::prefix(field.kind));
        model.files.told(path, value, secret).iter().for_each(|(tone, words)| fact(*tone, "", words));
    }
    match asked(row) {
        Ok(labels) if labels.is_empty() => {}
        Ok(labels) => fact(Tone::Plain, "asked at login", &labels.join(", ")),
        Err(mistakes) => mistakes.iter().for_each(|mistake| fact(Tone::Bad, "not usable", mistake)),
    }
    if let Some(task) = model.tasks.told_of(name, model.now) {
        fact(Tone::Renew, "now", &model.task_told(task, true));
    }
    if let Some(holding) = &row.holding {
        let tokens = held(model, name);
        if !tokens.is_empty() {
            fact(Tone::Plain, "tokens", &tokens.join(" · "));
        }
        let login = row.facts.history.iter().rfind(|event| event.kind == EventKind::Login);
        fact(Tone::Plain, "last login", &since(model, login.map_or(holding.received_at, |login| login.at)));
        holding.account.iter().for_each(|account| fact(Tone::Plain, "account", account));
        holding.scope.iter().for_each(|scope| fact(Tone::Plain, "scope", scope));
        let refresh =
            if holding.refresh.is_some() { "available" } else { "none: log in again when the access token expires" };
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
        Some((at, Ok(()))) => {
            let took = row.exchange.as_deref().filter(|exchange| (exchange.started_at - *at).abs() < NEAR);
            let took = took.and_then(exchange::took).map(|took| format!(", {took}")).unwrap_or_default();
            fact(Tone::Plain, "last renewal", &format!("{} · succeeded{took}", since(model, *at)));
        }
        Some((at, Err(why))) => fact(Tone::Warn, "last renewal", &format!("{} · {why}", since(model, *at))),
        None => {}
    }
    if let Some(words) = renewals(row) {
        fact(Tone::Plain, "renewals", &words);
    }
    if let Some(skew) = exchange::skew_words(row.skew) {
        fact(Tone::Warn, "server clock", &format!("{skew} of the local clock; countdowns are corrected for it"));
    }
    for (tone, words) in &row.fates {
        fact(*tone, "revocation", words);
    }
    row.probed.iter().for_each(|words| fact(Tone::Plain, "who am I", words));
    if let Some(failure) = &row.failure {
        let wire = row.exchange.as_ref().map(|_| model.keyed(" · {key:exchange} shows it")).unwrap_or_default();
        fact(Tone::Bad, "last failure", &format!("{}{wire}", since(model, failure.at)));
        fact(Tone::Bad, failure.noun, &failure.text);
        failure.means.iter().for_each(|means| fact(Tone::Plain, "means", means));
        failure.hint.iter().for_each(|hint| fact(Tone::Plain, "what to do", hint));
    }
    history(model, row, &mut writer);
    writer.lines
}

/// The exchange of a renewal begins so near to its end.
const NEAR: TimeDelta = TimeDelta::minutes(2);

/// The first line: how it stands with the access token, and when it is renewed.
fn standing(model: &Model, row: &ProfileRow, writer: &mut Writer) {
    let Some(holding) = &row.holding else {
        return writer.put(Tone::Muted, "", if model.vault.is_locked() { "■ locked" } else { "○ no tokens" });
    };
    let now = model.shown_now();
    // The same as in every list, whatever is done with it right now.
    let state = Facts { busy: false, failed: false, ..facts::of_profile(model, row) }.state(now);
    let (mut words, tone) = match (holding.revoked, holding.lifetime.state(now), holding.lifetime.expires_at) {
        (true, ..) if state == State::Revoked => ("⊘ refused by the server after revocation".to_owned(), Tone::Bad),
        (true, ..) => ("! was to be revoked, not known to be dead".to_owned(), Tone::Bad),
        (_, TimeState::ValidByTime, Some(end)) => {
            (format!("● expires in {}, at {}", clock::span(end - now), model.time_of_day(end)), Tone::Good)
        }
        (_, TimeState::NotYetValid, _) => ("◌ not valid yet".to_owned(), Tone::Muted),
        (_, TimeState::Expired, Some(end)) => {
            (format!("{} access ended {} ago", state.sign(), clock::span(now - end)), Tone::Warn)
        }
        _ => ("? no expiry given".to_owned(), Tone::Muted),
    };
    if let Plan::At(at) = renewal::plan(model, row) {
        words.push_str(&format!(" · renews automatically at {}", model.time_of_day(at)));
    }
    writer.put(tone, "", &words);
    writer.blank();
}

/// `access 48s`, `refresh 23h 12m`: what is held, and how long it lasts.
fn held(model: &Model, name: &ProfileName) -> Vec<String> {
    let now = model.shown_now();
    let left = |row: &Row| match row.lifetime.expires_at {
        Some(end) if end > now => format!(" {}", clock::span(end - now)),
        Some(_) => " ended".to_owned(),
        None => String::new(),
    };
    let rows = model.tokens.rows().iter().filter(|row| row.is_current_of(name));
    rows.map(|row| format!("{}{}", row.kind, left(row))).collect()
}

/// `3 since login, 1 failed since`: how often it was renewed.
fn renewals(row: &ProfileRow) -> Option<String> {
    let history = &row.facts.history;
    let login = history.iter().rposition(|event| event.kind == EventKind::Login)?;
    let count = history[login..].iter().filter(|event| event.kind == EventKind::Refresh).count();
    let failed =
        if row.renewal.failures > 0 { format!(", {} failed since", row.renewal.failures) } else { String::new() };
    (count > 0 || !failed.is_empty()).then(|| format!("{count} since login{failed}"))
}

/// A time, and how long ago that was.
fn since(model: &Model, time: clock::Timestamp) -> String {
    format!("{}, {}", both(model, time), clock::relative(time, model.now))
}

/// What the vault keeps besides the tokens, and what has to be known of it.
fn about_the_vault(model: &Model, row: &ProfileRow, fact: &mut impl FnMut(Tone, &str, &str)) {
    if let Some((words, tone)) = vault::home_words(model) {
        fact(tone, "kept", &words);
    }
    let Condition { in_flight, retired, doubt, rotating, unsaved } = &row.facts.condition;
    if let Some(reason) = unsaved {
        fact(Tone::Bad, "not saved", &format!("{}; still usable, tokscope tries again", text::visible(reason)));
    }
    if let Some(mark) = in_flight {
        let again = model.keyed("{key:refresh} finds out");
        let words =
            format!("cut off at {}: the old or the new token may be the good one; {again}", both(model, mark.since));
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
    if let Some(run) = rotating {
        fact(Tone::Warn, "rotating", &format!("run {run} is not finished: only it changes the tokens"));
    }
    if !row.old.is_empty() {
        let survivors = row.old.iter().filter(|old| old.survives(&row.facts.evidence, model.now)).count();
        let words = match survivors {
            0 => format!("{} kept until their tokens end", row.old.len()),
            alive => format!("{} kept until their tokens end · {alive} alive although revoked", row.old.len()),
        };
        fact(if survivors > 0 { Tone::Bad } else { Tone::Plain }, "old generations", &words);
        for old in row.old.iter().rev() {
            for (place, token) in old.tokens.iter().enumerate() {
                let known = Known::of(token, row.facts.evidence.get(&token.fingerprint), model.now);
                let tone = if known.verdict == Verdict::Dead { Tone::Muted } else { Tone::Plain };
                let label = if place == 0 { format!("  {}", old.number) } else { String::new() };
                let time = |time| model.time_of_day(time);
                let (verdict, why) = (known.verdict(time), known.why(time));
                fact(tone, &label, &format!("{} {} · {verdict}: {why}", token.kind, token.fingerprint));
            }
        }
    }
}

/// What became of the tokens, the newest first, with their fingerprints.
fn history(model: &Model, row: &ProfileRow, writer: &mut Writer) {
    if row.facts.history.is_empty() {
        return;
    }
    writer.blank();
    writer.put(Tone::Heading, "", "History");
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
