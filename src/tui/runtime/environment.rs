//! What the environment says of the terminal.

use crate::tui::app::look::{Colors, Terminal};

/// The terminal as it is known before it is asked. `color`: colours are wanted.
pub(super) fn terminal(color: bool, variable: impl Fn(&str) -> Option<String>) -> Terminal {
    let said = |name: &str| variable(name).filter(|value| !value.is_empty());
    let colors = if color { colors(&variable) } else { Colors::None };
    let name = said("TERM_PROGRAM").into_iter().chain(said("TERM")).collect::<Vec<_>>().join(" ");
    Terminal { colors, name, calm: said("TOKSCOPE_REDUCED_MOTION").is_some_and(|value| value != "0") }
}

/// How many colours may be used, as the environment has it.
fn colors(variable: impl Fn(&str) -> Option<String>) -> Colors {
    // Their terminfo entries say so (`RGB`, `Tc`), and no ssh forwards COLORTERM.
    const TRUE: [&str; 7] = ["-direct", "kitty", "alacritty", "foot", "ghostty", "wezterm", "contour"];
    let said = |name: &str| variable(name).unwrap_or_default();
    let (term, colorterm) = (said("TERM"), said("COLORTERM"));
    match term.as_str() {
        _ if !said("NO_COLOR").is_empty() => Colors::None,
        "dumb" => Colors::None,
        _ if matches!(colorterm.as_str(), "truecolor" | "24bit") => Colors::True,
        term if TRUE.iter().any(|part| term.contains(part)) => Colors::True,
        term if term.contains("256") => Colors::Indexed,
        _ => Colors::Ansi,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_used_where_the_environment_has_them() {
        let of = |set: &[(&str, &str)]| {
            colors(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        let term = |term| ("TERM", term);
        for (set, expected) in [
            (&[][..], Colors::Ansi),
            (&[term("linux")], Colors::Ansi),
            (&[term("dumb")], Colors::None),
            (&[term("xterm-256color")], Colors::Indexed),
            (&[term("xterm-256color"), ("COLORTERM", "truecolor")], Colors::True),
            (&[term("xterm"), ("COLORTERM", "24bit")], Colors::True),
            (&[term("xterm"), ("COLORTERM", "yes")], Colors::Ansi),
            (&[term("xterm-kitty")], Colors::True),
            (&[term("xterm-direct")], Colors::True),
            (&[term("xterm-kitty"), ("COLORTERM", "truecolor"), ("NO_COLOR", "1")], Colors::None),
            (&[term("xterm-kitty"), ("NO_COLOR", "")], Colors::True),
        ] {
            assert_eq!(of(set), expected, "{set:?}");
        }
    }
}
