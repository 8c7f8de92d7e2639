//! What went over the wire.

use crate::tui::{
    app::{
        Model, Pane,
        exchange::{ending, skew_words},
        inspector::Tab,
        layout::Layout,
        page::{Line, Tone},
    },
    view::canvas::{Canvas, Span},
};

/// The last exchange with the server of the token's profile, or of the profile under the cursor.
pub(super) fn draw(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let (head, _) = layout.parts(Tab::Exchange);
    let sheet = &model.inspector.exchange;
    let row = sheet.profile.as_ref().and_then(|name| model.profiles.row(name));
    let (profile, words) = match (row, row.and_then(|row| row.exchange.as_ref())) {
        (Some(row), Some(exchange)) => (row.profile.name.as_str(), ending(exchange)),
        (Some(row), None) => (row.profile.name.as_str(), ("no HTTP exchange yet".to_owned(), Tone::Muted)),
        (None, _) => ("", ("the token belongs to no profile, so it has no HTTP exchange".to_owned(), Tone::Muted)),
    };
    let (words, tone) = words;
    canvas.write(head.shrink(1, 0), [(words.into(), theme.tone(tone))]);
    if head.height >= 2 {
        let mut second: Vec<Span<'_>> = Vec::new();
        if !profile.is_empty() {
            second.push((format!("the last exchange of {profile}").into(), theme.muted()));
        }
        if let Some(skew) = row.and_then(|row| skew_words(row.skew)) {
            second.push((format!(" · server clock {skew}").into(), theme.tone(Tone::Warn)));
        }
        canvas.write(head.shrink(1, 0).below(1), second);
    }
    text(model, &sheet.lines, layout, Tab::Exchange, canvas);
}

/// What became of the tokens of the profile.
pub(super) fn history(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let (sheet, theme) = (&model.inspector.history, canvas.theme);
    let (head, rows) = layout.parts(Tab::History);
    if sheet.lines.is_empty() {
        canvas.write(
            head.shrink(1, 0),
            [(
                model.keyed_that_works("No history: {key:log-in} begins one.").unwrap_or("No history.".into()),
                theme.muted(),
            )],
        );
        return;
    }
    canvas.write(head.shrink(1, 0), [(sheet.head.as_str().into(), theme.muted())]);
    text(model, &sheet.lines, layout, Tab::History, canvas);
    let cursor = model.inspector.place(Tab::History);
    let focused = model.focus == Pane::Inspector && model.inspector.tab == Tab::History;
    if let Some(at) = cursor.index.checked_sub(cursor.offset).filter(|at| *at < usize::from(rows.height)) {
        canvas.highlight(rows.below(at as u16).top(1), focused);
    }
}

fn text(model: &Model, lines: &[Line], layout: &Layout, tab: Tab, canvas: &mut Canvas<'_>) {
    let (area, theme) = (layout.text(tab), canvas.theme);
    let lines = lines.iter().skip(model.inspector.place(tab).offset).take(usize::from(area.height));
    for (row, line) in lines.enumerate() {
        let spans: [Span<'_>; 2] =
            [(line.head.as_str().into(), theme.muted()), (line.text.as_str().into(), theme.tone(line.tone))];
        canvas.write(area.below(row as u16), spans);
    }
}
