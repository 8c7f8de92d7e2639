//! What the environment says of the terminal.

use termini::{NumberCapability, TermInfo};

use crate::tui::app::look::{Colors, Terminal};

/// What terminfo says of a terminal's colours.
#[derive(Debug, Clone, Copy)]
struct Described {
    /// It takes any colour: `RGB`, or `Tc`, as tmux writes it.
    direct: bool,
    /// How many it has.
    colors: i32,
}

/// What terminfo says of the terminal of this name, if it knows it.
fn described(term: &str) -> Option<Described> {
    let info = TermInfo::from_name(term).ok().filter(|_| !term.contains('/'))?;
    let direct = ["RGB", "Tc"].into_iter().any(|name| info.extended_cap(name).is_some());
    Some(Described { direct, colors: info.number_cap(NumberCapability::MaxColors).unwrap_or(0) })
}

/// The terminal as it is known before it is asked. `color`: colours are wanted.
pub(super) fn terminal(color: bool, variable: impl Fn(&str) -> Option<String>) -> Terminal {
    let said = |name: &str| variable(name).filter(|value| !value.is_empty());
    let colors = if color { colors(&variable, described) } else { Colors::None };
    let name = said("TERM_PROGRAM").into_iter().chain(said("TERM")).collect::<Vec<_>>().join(" ");
    Terminal { colors, name, calm: said("TOKSCOPE_REDUCED_MOTION").is_some_and(|value| value != "0") }
}

/// How many colours may be used, as the environment has it, then terminfo, then the terminal's name.
fn colors(variable: impl Fn(&str) -> Option<String>, described: impl Fn(&str) -> Option<Described>) -> Colors {
    // Not every host has their entries, and no ssh forwards COLORTERM.
    const TRUE: [&str; 7] = ["-direct", "kitty", "alacritty", "foot", "ghostty", "wezterm", "contour"];
    let said = |name: &str| variable(name).unwrap_or_default();
    let (term, colorterm) = (said("TERM"), said("COLORTERM"));
    match (term.as_str(), described(&term)) {
        _ if !said("NO_COLOR").is_empty() => Colors::None,
        ("dumb", _) => Colors::None,
        _ if matches!(colorterm.as_str(), "truecolor" | "24bit") => Colors::True,
        (_, Some(Described { direct: true, .. })) => Colors::True,
        (term, _) if TRUE.iter().any(|part| term.contains(part)) => Colors::True,
        (_, Some(Described { colors: 256.., .. })) => Colors::Indexed,
        (term, _) if term.contains("256") => Colors::Indexed,
        (_, Some(Described { colors: ..8, .. })) => Colors::None,
        _ => Colors::Ansi,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_used_where_the_environment_has_them() {
        let of = |set: &[(&str, &str)]| {
            let said = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            colors(said, |_| None)
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
    #[test]
    fn terminfo_counts_for_more_than_a_name() {
        let of = |term: &str, direct, colors| {
            let said = |name: &str| (name == "TERM").then(|| term.to_owned());
            super::colors(said, |_| Some(Described { direct, colors }))
        };
        assert_eq!(of("tmux", true, 8), Colors::True);
        assert_eq!(of("st", false, 256), Colors::Indexed);
        assert_eq!(of("linux", false, 8), Colors::Ansi);
        assert_eq!(of("vt220", false, 0), Colors::None, "it has none");
        assert_eq!(of("xterm-kitty", false, 256), Colors::True, "its entry may be old");
    }
}
