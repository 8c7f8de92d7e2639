//! The last exchange of a profile with its server, as lines to read: what was sent, what came back, how long it took.
//! And the server's clock, which its answers tell.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{
    Model, Pane,
    inspector::Tab,
    keymap::Action,
    page::{Line, Tone, write::Writer},
};
use crate::{
    clock,
    http::{Exchange, ExchangeOutcome},
    profile::ProfileName,
    text,
};

/// A smaller difference of the clocks is the answer's way, and the whole seconds that `Date` counts.
const NOTICEABLE: TimeDelta = TimeDelta::seconds(2);

/// The exchange in the inspector, wrapped once for a width.
#[derive(Debug, Default)]
pub(crate) struct ExchangeSheet {
    /// Whose exchange the tab shows: of the profile that was under the cursor last.
    pub(crate) profile: Option<ProfileName>,
    pub(crate) lines: Vec<Line>,
    of: Option<(Arc<Exchange>, u16)>,
}

/// A profile has talked to its server.
pub(super) fn exchanged(model: &mut Model, profile: &ProfileName, exchange: Exchange) {
    let locked = model.vault.is_locked();
    let Some(row) = model.profiles.row_mut(profile) else { return };
    row.skew = skew(&exchange).unwrap_or(row.skew);
    if locked {
        return;
    }
    row.exchange = Some(Arc::new(exchange));
    let skew = row.skew;
    model.tokens.correct(profile, skew);
    super::tasks::measure(model, profile);
}

/// How far the server's clock is ahead of ours, where its answer tells; nothing that is worth no mention.
pub(crate) fn skew(exchange: &Exchange) -> Option<TimeDelta> {
    let ExchangeOutcome::Answered { clock_skew: Some(skew), .. } = exchange.outcome else { return None };
    Some(if skew.abs() > NOTICEABLE { skew } else { TimeDelta::zero() })
}

/// `3m 12s ahead`: how the server's clock stands; nothing where it agrees with ours.
pub(crate) fn skew_words(skew: TimeDelta) -> Option<String> {
    (skew != TimeDelta::zero())
        .then(|| format!("{} {}", clock::span(skew), if skew > TimeDelta::zero() { "ahead" } else { "behind" }))
}

/// Keeps the tab in line with the cursor, and the lines with the exchange and the width.
pub(super) fn settle(model: &mut Model) {
    if model.focus != Pane::Inspector || model.inspector.exchange.profile.is_none() {
        model.inspector.exchange.profile = match model.focus {
            Pane::Profiles if let Some(row) = model.target() => Some(row.profile.name.clone()),
            _ => model.tokens.selected().and_then(|row| row.profile().cloned()),
        };
    }
    let width = model.layout().text(Tab::Exchange).width;
    let sheet = &model.inspector.exchange;
    let wanted = sheet.profile.as_ref().and_then(|name| of(model, name)).map(|exchange| (Arc::clone(exchange), width));
    let same = match (&wanted, &sheet.of) {
        (Some((new, width)), Some((old, old_width))) => Arc::ptr_eq(new, old) && width == old_width,
        (None, None) => true,
        _ => false,
    };
    if !same {
        let lines = wanted.as_ref().map(|(exchange, width)| lines(model, exchange, *width)).unwrap_or_default();
        let sheet = &mut model.inspector.exchange;
        (sheet.lines, sheet.of) = (lines, wanted);
    }
}

/// Whether there is an exchange to show.
pub(super) fn is_there(model: &Model) -> bool {
    model.inspector.exchange.profile.as_ref().is_some_and(|name| of(model, name).is_some())
}

/// The last one of a profile.
fn of<'a>(model: &'a Model, profile: &ProfileName) -> Option<&'a Arc<Exchange>> {
    model.profiles.row(profile)?.exchange.as_ref()
}

pub(super) fn offer(model: &Model) -> Option<Action> {
    model.target().filter(|row| row.exchange.is_some()).map(|_| Action::ShowExchange)
}

/// `401 in 120 ms`, `no answer after 20.0 s`: how it ended, and how that is meant.
pub(crate) fn ending(exchange: &Exchange) -> (String, Tone) {
    match &exchange.outcome {
        ExchangeOutcome::Unfinished => ("no response: cancelled or still in progress".to_owned(), Tone::Warn),
        ExchangeOutcome::Failed { elapsed, .. } => (format!("no response after {}", milliseconds(*elapsed)), Tone::Bad),
        ExchangeOutcome::Answered { status, elapsed, .. } => {
            let tone = if (200..400).contains(status) { Tone::Good } else { Tone::Bad };
            (format!("{status} after {}", milliseconds(*elapsed)), tone)
        }
    }
}

/// `41 ms`: how long the server took.
pub(super) fn took(exchange: &Exchange) -> Option<String> {
    match &exchange.outcome {
        ExchangeOutcome::Answered { elapsed, .. } => Some(milliseconds(*elapsed)),
        ExchangeOutcome::Failed { .. } | ExchangeOutcome::Unfinished => None,
    }
}

fn milliseconds(elapsed: TimeDelta) -> String {
    match elapsed.num_milliseconds() {
        milliseconds @ ..1_000 => format!("{milliseconds} ms"),
        milliseconds => format!("{:.1} s", milliseconds as f64 / 1_000.0),
    }
}

/// Everything but the request's body is written as HTTP/1.1 writes it, whatever went over the wire.
pub(super) fn lines(model: &Model, exchange: &Exchange, width: u16) -> Vec<Line> {
    let mut writer = Writer::new(width);
    let headers = |writer: &mut Writer, headers: &[(String, String)]| {
        for (name, value) in headers {
            writer.put(Tone::Plain, &format!("{}: ", text::visible(name)), &text::visible(value));
        }
    };
    writer.put(Tone::Heading, "", &text::visible(&exchange.request_line));
    headers(&mut writer, &exchange.request_headers);
    if !exchange.request_fields.is_empty() {
        writer.blank();
    }
    for (name, value) in &exchange.request_fields {
        writer.put(Tone::Plain, &format!("{} = ", text::visible(name)), &text::visible(value));
    }
    writer.blank();
    let (ending, tone) = ending(exchange);
    writer.put(tone, "", &ending);
    match &exchange.outcome {
        ExchangeOutcome::Unfinished => {}
        ExchangeOutcome::Failed { error, .. } => {
            writer.put(Tone::Plain, "", &text::visible(&error.to_string()));
        }
        ExchangeOutcome::Answered { headers: answer, body, .. } => {
            headers(&mut writer, answer);
            writer.blank();
            body.lines().for_each(|line| writer.put(Tone::Plain, "", &text::visible(line)));
        }
    }
    writer.blank();
    let at = clock::to_the_second(exchange.started_at);
    writer.put(
        Tone::Muted,
        "",
        &format!("{} · secrets are shown as ••••, tokens with a fingerprint", clock::local(at, model.zone)),
    );
    writer.lines
}
