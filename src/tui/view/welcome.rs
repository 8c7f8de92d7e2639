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
    let key = |command| -> Span<'_> { (format!(" {:<3}", model.hint(command)).into(), theme.key()) };
    let said = |words: String| -> Span<'_> { (words.into(), theme.plain()) };
    let muted = |words: &'static str| -> Vec<Span<'_>> { vec![(words.into(), theme.muted())] };
    // The narrower and the lower the pane, the less of the prose.
    let wide = area.width >= 56;
    let mut lines: Vec<Vec<Span<'_>>> = vec![vec![("Welcome to tokscope".into(), theme.strong())]];
    if area.height >= 8 {
        lines.push(muted("Paste a token now: it is decoded here, offline."));
    }
    if area.height >= 10 && wide {
        lines.push(muted("Any text will do: a header, curl, a cookie, a HAR file."));
    }
    if area.height >= 12 {
        lines.push(Vec::new());
    }
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
    lines.extend(choices.into_iter().map(|(command, words)| vec![key(command), said(words)]));
    if area.height >= 14 && wide && welcome::is_first(model) {
        lines.push(Vec::new());
        lines.push(muted("Nothing is saved until a login. Then you choose, once,"));
        lines.push(muted("where the vault's key lives: keyring, passphrase, or memory only."));
    }
    for (row, line) in lines.into_iter().take(usize::from(area.height)).enumerate() {
        canvas.write(area.below(row as u16).top(1), line);
    }
}
