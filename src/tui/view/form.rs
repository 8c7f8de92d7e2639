//! The form of a profile: a line for each entry, what is wrong below it, and help for the one that is being typed in.

use super::{
    canvas::{Canvas, Span, pad},
    dialog,
};
use crate::tui::app::{
    Model,
    badge::Badge,
    form::{FormEntry, FormEntryKind, ProfileForm, Stop},
    layout::{Area, overlay},
    mouse::Target,
    page::{Tone, write::wrap},
};

/// A line of the form: an entry, a part of its error, the fold, or the way out.
enum Line<'a> {
    Entry(usize, &'a FormEntry, bool),
    Told(String, Tone),
    Fold(bool),
    Save(bool),
}

/// Draws the form.
pub(super) fn draw(model: &Model, form: &ProfileForm, guard: Option<&Badge>, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let width = 92;
    let room = usize::from(overlay(model.size, width, u16::MAX).width.saturating_sub(4)).max(1);
    let stops = form.stops();
    let entry = |stop: &Stop| if let Stop::Entry(at) = stop { form.entries.get(*at) } else { None };
    let labels = stops.iter().filter_map(entry).map(|entry| entry.label.chars().count());
    let gutter = labels.max().unwrap_or(0).clamp(4, 24).min(room / 3);
    let mut lines = Vec::new();
    let mut focus = 0;
    for stop in stops {
        let focused = stop == form.focus;
        if focused {
            focus = lines.len();
        }
        let at = match stop {
            Stop::Entry(at) => at,
            Stop::Fold => {
                lines.push(Line::Fold(focused));
                continue;
            }
            Stop::Save => {
                lines.push(Line::Save(focused));
                continue;
            }
        };
        let entry = &form.entries[at];
        lines.push(Line::Entry(at, entry, focused));
        let error = entry.error.iter().flat_map(|error| wrap(error, room.saturating_sub(gutter + 6).max(8)));
        lines.extend(
            error
                .enumerate()
                .map(|(at, part)| Line::Told(format!("{} {part}", if at == 0 { "✗" } else { " " }), Tone::Bad)),
        );
        let reading = form.reading(&model.protected).filter(|_| focused);
        for (tone, words) in reading.into_iter().chain(model.files.told(
            entry.path,
            entry.input.text(),
            entry.kind == FormEntryKind::Secret,
        )) {
            let parts = wrap(&words, room.saturating_sub(gutter + 6).max(8)).into_iter();
            lines.extend(parts.map(|part| Line::Told(part.to_owned(), tone)));
        }
    }
    let foot = foot(model, form, room);
    let wanted = lines.len() + foot.len() + 3;
    let height = u16::try_from(wanted).unwrap_or(u16::MAX);
    let area = overlay(model.size, width, height);
    let inner = match &form.old {
        Some(name) => {
            let title = dialog::titled(model, "Edit", Some(name), form.descriptor.title, theme);
            dialog::framed(area, title, canvas)
        }
        None => dialog::frame(area, guard, &format!("New profile  {}", form.descriptor.title), canvas),
    };
    let (at, of) = form.place();
    let save = model.hint_that_works("{key:form.save} save").map(|save| format!("· {save} ")).unwrap_or_default();
    let right = format!(" {at} of {of} {save}");
    let top = area.top(1).shrink(2, 0);
    let rest = Area { x: top.x + top.width / 2, width: top.width - top.width / 2, ..top };
    canvas.write_right(rest, vec![(right.into(), theme.muted())]);
    let foot_height = foot.len().min(usize::from(inner.height) / 2) as u16;
    let body = inner.top(inner.height.saturating_sub(foot_height + u16::from(inner.height > 8)));
    let page = usize::from(body.height);
    // The entry that is being typed in stays in the middle, as far as the ends allow.
    let offset = focus.saturating_sub(page / 2).min(lines.len().saturating_sub(page));
    for (row, line) in lines.iter().skip(offset).take(page).enumerate() {
        let area = body.below(row as u16).top(1);
        match line {
            Line::Entry(at, entry, focused) => {
                canvas.target(area, Target::Entry(*at));
                draw_entry(entry, (*focused, form.shown), gutter, area, canvas);
            }
            Line::Told(text, tone) => {
                let text = format!("{}{text}", " ".repeat(gutter + 4));
                canvas.write(area, [(text.into(), theme.tone(*tone))]);
            }
            Line::Fold(focused) => {
                canvas.target(area, Target::Fold);
                let (marker, style) = if *focused { ("▌ ", theme.strong()) } else { ("  ", theme.key()) };
                canvas.write(area, [(marker.into(), theme.marker(true)), (fold(form).into(), style)]);
            }
            Line::Save(focused) => {
                let words = if form.saving { "saving …" } else { "[ Save ]" };
                let style = if *focused { theme.caret() } else { theme.key() };
                canvas.target(area, Target::Save);
                canvas.write(area, [(" ".repeat(gutter + 4).into(), theme.plain()), (words.into(), style)]);
            }
        }
    }
    let below = inner.below(inner.height.saturating_sub(foot_height));
    for (row, (text, tone)) in foot.iter().take(usize::from(foot_height)).enumerate() {
        canvas.write(below.below(row as u16), [(text.as_str().into(), theme.tone(*tone))]);
    }
}

/// Why it could not be saved, else what the entry takes.
fn foot(model: &Model, form: &ProfileForm, room: usize) -> Vec<(String, Tone)> {
    let (text, tone) = match (&form.problem, form.focused()) {
        (Some(problem), _) => (format!("✗ {problem}"), Tone::Bad),
        (None, Some(entry)) => {
            let how = match entry.kind {
                FormEntryKind::Secret => model.hint(
                    " · prompt, env:NAME, file:PATH, cmd:PROGRAM ARGS or plain:SECRET · {key:form.show-typed} shows it",
                ),
                FormEntryKind::Choice(_) => model.hint(" · {key:form.left} {key:form.right} choose"),
                FormEntryKind::Text if entry.required => " · required".into(),
                FormEntryKind::Text => "".into(),
            };
            (format!("{}{how}", entry.help), Tone::Muted)
        }
        (None, None) => {
            let words = match (form.focus, form.unfolded) {
                (Stop::Fold, false) => "{key:form.next} shows what few profiles need",
                (Stop::Fold, true) => "{key:form.left} folds what few profiles need",
                _ => "{key:form.next} saves the profile",
            };
            (model.hint(words).into_owned(), Tone::Muted)
        }
    };
    wrap(&text, room).into_iter().map(|line| (line.to_owned(), tone)).collect()
}

/// `▸ 14 more: Tags, Timeout, CA file`.
fn fold(form: &ProfileForm) -> String {
    let labels = form.folded();
    match form.unfolded {
        true => format!("▾ {} more", labels.len()),
        false => format!("▸ {} more: {}", labels.len(), labels.join(", ")),
    }
}

fn draw_entry(entry: &FormEntry, (focused, shown): (bool, bool), gutter: usize, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let marker = if focused { "▌ " } else { "  " };
    let label_style = if focused { theme.strong() } else { theme.muted() };
    let mut spans: Vec<Span<'_>> =
        vec![(marker.into(), theme.marker(true)), (format!("{}  ", pad(&entry.label, gutter)).into(), label_style)];
    let room = usize::from(area.width).saturating_sub(gutter + 5).max(1);
    let field = area.from(area.x + gutter as u16 + 4);
    match entry.kind {
        FormEntryKind::Choice(choices) if focused => {
            // As many as there are may not fit: the chosen one always does.
            let all: usize = choices.iter().map(|choice| choice.len() + 1).sum();
            let mut x = field.x;
            for choice in choices.iter().filter(|_| all <= room) {
                canvas.target(Area { x, width: choice.len() as u16, ..field }, Target::Value(choice));
                x += choice.len() as u16 + 1;
                let style = if *choice == entry.value() { theme.caret() } else { theme.muted() };
                spans.push(((*choice).into(), style));
                spans.push((" ".into(), theme.plain()));
            }
            if all > room {
                canvas.target(field, Target::keys("Right"));
                spans.push((format!("‹ {} ›", entry.value()).into(), theme.plain()));
            }
        }
        _ if focused => {
            let readable = if shown { usize::MAX } else { entry.readable() };
            canvas.target(field, Target::Typed(dialog::first(&entry.input, room)));
            spans.extend(dialog::typed(&entry.input, readable, room, theme));
        }
        _ if entry.input.text().trim().is_empty() => {
            let words = match (entry.default, entry.kind, entry.required) {
                (Some(default), ..) => default.to_owned(),
                (None, FormEntryKind::Secret, true) => "asked at login".to_owned(),
                (None, _, true) => "required".to_owned(),
                (None, ..) => "—".to_owned(),
            };
            spans.push((words.into(), theme.muted()));
        }
        _ => {
            let readable = entry.readable();
            let shown = entry.input.text().chars().enumerate().map(|(at, c)| dialog::glyph(c, at >= readable));
            spans.push((shown.collect::<String>().into(), theme.plain()));
        }
    }
    canvas.write(area, spans);
}
