//! The first start: what can be done now, each with its key.

use super::canvas::{Canvas, Span};
use crate::tui::app::{Model, layout::Area, welcome};

/// Draws it into the empty pane of the tokens.
pub(super) fn draw(model: &Model, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let area = area.shrink(1, 0);
    let found = match model.welcome.sources {
        Some(0) | None => String::new(),
        Some(count) => format!(" ({count} found)"),
    };
    let key = |command| -> Span<'_> { (format!(" {}  ", model.keyed(command)).into(), theme.key()) };
    let said = |words: String| -> Span<'_> { (words.into(), theme.plain()) };
    let muted = |words: &'static str| -> Vec<Span<'_>> { vec![(words.into(), theme.muted())] };
    let wide = area.width >= 56;
    let choices = [
        ("{key:paste}", "paste or type a token".to_owned()),
        (
            "{key:welcome.new}",
            if wide { "new profile: log in somewhere, keep the session" } else { "new profile" }.to_owned(),
        ),
        ("{key:welcome.import}", format!("import profiles{}{found}", if wide { " of other programs" } else { "" })),
        (
            "{key:welcome.demo}",
            if wide { "try the demo: its own server, nothing is saved" } else { "try the demo" }.to_owned(),
        ),
        ("{key:help}", "all keys".to_owned()),
    ];
    // The lower the pane, the less of the prose, and the fewer blank lines.
    let mut room = usize::from(area.height).saturating_sub(1 + choices.len());
    let mut fits = |lines: usize, wanted: bool| {
        let fits = wanted && lines <= room;
        room -= if fits { lines } else { 0 };
        fits
    };
    let first = fits(1, true);
    let end = fits(2, wide && welcome::is_first(model));
    let second = fits(1, wide && first);
    let (before, after) = (fits(1, first), fits(1, end));
    let mut lines: Vec<Vec<Span<'_>>> = vec![vec![("Welcome to tokscope".into(), theme.strong())]];
    if first {
        lines.push(muted("Paste a token now: it is decoded here, offline."));
    }
    if second {
        lines.push(muted("Any text will do: a header, curl, a cookie, a HAR file."));
    }
    if before {
        lines.push(Vec::new());
    }
    lines.extend(choices.into_iter().map(|(command, words)| vec![key(command), said(words)]));
    if after {
        lines.push(Vec::new());
    }
    if end {
        lines.push(muted("Nothing is saved until a login. Then you choose, once,"));
        lines.push(muted("where the vault's key lives: keyring, passphrase, or memory only."));
    }
    for (row, line) in lines.into_iter().take(usize::from(area.height)).enumerate() {
        canvas.write(area.below(row as u16).top(1), line);
    }
}
