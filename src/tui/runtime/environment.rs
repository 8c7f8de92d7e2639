//! What the environment says of the terminal.

use std::{env, path::PathBuf};

use termini::{NumberCapability, TermInfo};

use crate::{
    store::files,
    tui::app::look::{Colors, Terminal},
};

/// What terminfo says of a terminal's colours.
#[derive(Debug, Clone, Copy)]
struct Described {
    /// It takes any colour: `RGB`, or `Tc`, as tmux writes it.
    direct: bool,
    /// How many it has.
    colors: i32,
}

/// What terminfo says of the terminal of this name, if it knows it. `TermInfo::from_name` reads a number at a time from the
/// file: that took half a millisecond of each start.
fn described(term: &str, databases: &[PathBuf]) -> Option<Described> {
    let first = term.chars().next().filter(|_| !term.contains('/'))?;
    let folders = [first.to_string(), format!("{:x}", u32::from(first))];
    let entries = databases.iter().flat_map(|database| folders.clone().map(|folder| database.join(folder).join(term)));
    let entry = entries.into_iter().find_map(|path| files::read(&path).ok())?;
    let info = TermInfo::parse(&*entry).ok()?;
    let direct = ["RGB", "Tc"].into_iter().any(|name| info.extended_cap(name).is_some());
    Some(Described { direct, colors: info.number_cap(NumberCapability::MaxColors).unwrap_or(0) })
}

/// Where entries of terminfo are, the first before the others: terminfo(5), "Fetching Compiled Descriptions".
fn databases() -> Vec<PathBuf> {
    let named = env::var_os("TERMINFO").map(PathBuf::from);
    let own = named.or_else(|| Some(env::home_dir()?.join(".terminfo")));
    let listed = env::var_os("TERMINFO_DIRS").unwrap_or_default();
    let listed = env::split_paths(&listed).filter(|folder| !folder.as_os_str().is_empty()).collect::<Vec<_>>();
    let common = ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo"].map(PathBuf::from);
    own.into_iter().chain(listed).chain(common).collect()
}

/// The terminal as it is known before it is asked. `color`: colours are wanted.
pub(super) fn terminal(color: bool, variable: impl Fn(&str) -> Option<String>) -> Terminal {
    let said = |name: &str| variable(name).filter(|value| !value.is_empty());
    let colors = if color { colors(&variable, |term| described(term, &databases())) } else { Colors::None };
    let name = said("TERM_PROGRAM").into_iter().chain(said("TERM")).collect::<Vec<_>>().join(" ");
    Terminal { colors, name, calm: said("TOKSCOPE_REDUCED_MOTION").is_some_and(|value| value != "0") }
}

/// How many colours may be used, as the environment has it, then terminfo, then the terminal's name.
fn colors(variable: impl Fn(&str) -> Option<String>, described: impl Fn(&str) -> Option<Described>) -> Colors {
    // Not every host has their entries, and no ssh forwards COLORTERM.
    const TRUE: [&str; 7] = ["-direct", "kitty", "alacritty", "foot", "ghostty", "wezterm", "contour"];
    let said = |name: &str| variable(name).unwrap_or_default();
    let (term, colorterm) = (said("TERM"), said("COLORTERM"));
    match term.as_str() {
        _ if !said("NO_COLOR").is_empty() => Colors::None,
        "dumb" => Colors::None,
        _ if matches!(colorterm.as_str(), "truecolor" | "24bit") => Colors::True,
        term if TRUE.iter().any(|part| term.contains(part)) => Colors::True,
        term => match described(term) {
            Some(Described { direct: true, .. }) => Colors::True,
            Some(Described { colors: 256.., .. }) => Colors::Indexed,
            _ if term.contains("256") => Colors::Indexed,
            Some(Described { colors: ..8, .. }) => Colors::None,
            _ => Colors::Ansi,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

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

    #[test]
    fn an_entry_is_found_under_its_letter_or_the_number_of_it() {
        // term(5): the magic number, the sizes of the names, flags, numbers, strings and their table; the 14th number is max_colors.
        let header = [0x011a_i16, 4, 0, 14, 0, 0];
        let numbers = [-1; 13].into_iter().chain([256_i16]);
        let bytes = |numbers: &mut dyn Iterator<Item = i16>| numbers.flat_map(i16::to_le_bytes).collect::<Vec<_>>();
        let entry = [bytes(&mut header.into_iter()), b"xyz\0".to_vec(), bytes(&mut { numbers })].concat();
        let folder = tempfile::tempdir().unwrap();
        let databases = ["none", "letter", "number"].map(|name| folder.path().join(name));
        assert!(described("xyz", &databases).is_none());
        for place in ["number/78", "letter/x"] {
            let place = folder.path().join(place);
            fs::create_dir_all(&place).unwrap();
            fs::write(place.join("xyz"), &entry).unwrap();
            assert_eq!(described("xyz", &databases).unwrap().colors, 256);
        }
        assert!(described("../letter/x/xyz", &databases).is_none(), "no path");
        fs::write(folder.path().join("letter/x/xyz"), "rubbish").unwrap();
        assert!(described("xyz", &databases).is_none());
    }
}
