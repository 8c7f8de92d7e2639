//! The log: a line for each notice, and the one under the cursor opened below them.

use unicode_width::UnicodeWidthStr as _;

use super::{
    canvas::{Canvas, Span, pad},
    dialog, notices,
};
use crate::{
    profile::ProfileName,
    tui::app::{
        Model,
        badge::Badge,
        layout::Area,
        log::{self, Log},
        mode::Wanted,
        mouse::Target,
        notices::{Level, Notice},
        page::{self, Tone},
    },
};

/// A name takes at most so many columns.
const NAME: usize = 18;
/// What is typed to filter by takes at most so many columns.
const FILTER: usize = 24;
/// What badges take.
const BADGE: usize = 4;

/// Draws the log.
pub(super) fn draw(model: &Model, log: &Log, guard: Option<&Badge>, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let area = page::frame(model.size, usize::MAX);
    let inner = dialog::frame(area, guard, &title(model, log), canvas);
    let (list, details) = log::parts(model.size, log.details.len());
    let typed = model.modes.line(&Wanted::Log);
    let filter: Vec<Span<'_>> = match (typed, log.filter()) {
        (Some(input), _) => {
            let [before, under, after] = dialog::typed(input, usize::MAX, FILTER, theme);
            vec![(" /".into(), theme.focus()), before, under, after, (" ".into(), theme.plain())]
        }
        (None, Some(filter)) => vec![(format!(" /{filter} ").into(), theme.focus())],
        (None, None) => Vec::new(),
    };
    let line = area.top(1).shrink(2, 0);
    let used = canvas.write_right(line, filter);
    if let Some(input) = typed {
        let typed = line.from(line.x + (line.width - used) + 2);
        canvas.target(typed, Target::Typed(dialog::first(input, FILTER)));
    }
    if log.entries.is_empty() {
        let words = if typed.is_some() || log.filter().is_some() { "No entry has these words." } else { "No entries." };
        canvas.write(inner, [(words.into(), theme.muted())]);
        return;
    }
    let shown = log.entries.iter().enumerate().skip(log.cursor.offset).take(usize::from(list.height));
    let shown: Vec<_> = shown.filter_map(|(at, id)| Some((at, model.notices.by_id(*id)?))).collect();
    let names = shown.iter().filter_map(|(_, notice)| Some(notice.about.as_ref()?.as_str().width())).max().unwrap_or(0);
    for (row, (at, notice)) in shown.into_iter().enumerate() {
        entry(model, notice, at == log.cursor.index, names.min(NAME), list.below(row as u16), canvas);
    }
    for (row, line) in log.details.iter().take(usize::from(details.height)).enumerate() {
        let spans: [Span<'_>; 2] =
            [(line.head.as_str().into(), theme.muted()), (line.text.as_str().into(), theme.tone(line.tone))];
        canvas.write(details.below(row as u16), spans);
    }
}

/// `Log  46 lines · 1 error`.
fn title(model: &Model, log: &Log) -> String {
    let lines = match log.entries.len() {
        1 => "1 line".to_owned(),
        lines => format!("{lines} lines"),
    };
    let errors = model.notices.all().filter(|notice| notice.severity == Level::Error).count();
    let errors = match errors {
        _ if log.errors_only => " · errors only".to_owned(),
        0 => String::new(),
        1 => " · 1 error".to_owned(),
        errors => format!(" · {errors} errors"),
    };
    format!("Log  {lines}{errors}")
}

fn entry(model: &Model, notice: &Notice, selected: bool, names: usize, row: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let (sign, tone) = notices::sign(notice.severity);
    let marker = if selected { "▌" } else { " " };
    let mut spans: Vec<Span<'_>> = vec![
        (marker.into(), theme.marker(true)),
        (format!("{} ", model.time_of_day(notice.at)).into(), theme.muted()),
        (format!("{sign} ").into(), theme.tone(tone)),
    ];
    if let Some(profile) = &notice.about {
        spans.extend(subject(notice.badge.as_ref(), profile, names, canvas));
    }
    let style = if notice.severity == Level::Error { theme.tone(Tone::Bad) } else { theme.plain() };
    spans.push((notice.text.as_str().into(), style));
    let repeats: Span<'_> = (notice.repeats().into(), theme.strong());
    let used = canvas.write_right(row, vec![repeats]);
    canvas.write(Area { width: row.width - used, ..row }, spans);
}

/// `PROD grades-worker  `: in a column of its own.
fn subject(badge: Option<&Badge>, profile: &ProfileName, names: usize, canvas: &Canvas<'_>) -> Vec<Span<'static>> {
    let theme = canvas.theme;
    let mut spans = Vec::new();
    match badge {
        Some(badge) => {
            let rest = BADGE.saturating_sub(badge.text.width());
            spans.extend(theme.badge(badge));
            spans.push((" ".repeat(rest).into(), theme.plain()));
        }
        None => spans.push((" ".repeat(BADGE + 1).into(), theme.plain())),
    }
    spans.push((format!("{}  ", pad(profile.as_str(), names)).into(), theme.plain()));
    spans
}
