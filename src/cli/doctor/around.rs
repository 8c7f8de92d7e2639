//! What is around the program: clipboard, terminal, clock, network settings.

use std::{
    ffi::OsString,
    io::{self, IsTerminal as _},
    path::Path,
};

use chrono::Datelike as _;
use url::Url;

use super::Check;
use crate::{
    clock::{self, Timestamp, Zone},
    host::{clipboard::Way, tmux},
};

/// All of them. `variable` reads the environment.
pub(super) async fn checks(variable: impl Fn(&str) -> Option<OsString>) -> Vec<Check> {
    let variable = &|name: &str| {
        let value = variable(name).map(|value| value.to_string_lossy().into_owned());
        value.filter(|value| !value.is_empty())
    };
    let tmux = match variable("TMUX") {
        Some(_) => tmux::set_clipboard().await,
        None => None,
    };
    let mut checks = vec![
        clipboard(variable, tmux.as_deref()),
        terminal(variable, io::stdout().is_terminal()),
        clock(clock::now(), Path::new(SYNCHRONIZED).exists()),
        certificates(variable, |path| Path::new(path).exists()),
    ];
    checks.extend(proxies(variable));
    checks
}

/// Where systemd says that it has set the clock by the network.
const SYNCHRONIZED: &str = "/run/systemd/timesync/synchronized";

/// The year of this program: an earlier one cannot be now.
const BUILT: i32 = 2026;

fn clipboard(variable: impl Fn(&str) -> Option<String>, tmux: Option<&str>) -> Check {
    const NAME: &str = "clipboard";
    const TMUX: &str = "in tmux: set -s set-clipboard on";
    if Way::choose(|name| variable(name).map(OsString::from)) == Way::Desktop {
        return Check::ok(NAME, "the desktop's clipboard, marked to stay out of histories");
    }
    let way = "through the terminal (OSC 52), which does not confirm";
    match (variable("TMUX"), tmux) {
        (Some(_), Some("on")) => Check::ok(NAME, format!("{way}; tmux passes it on")),
        (Some(_), Some(word)) => {
            Check::attention(NAME, format!("{way}; tmux does not pass it on (set-clipboard {word})"), TMUX)
        }
        (Some(_), None) => Check::attention(NAME, format!("{way}; tmux does not say whether it passes it on"), TMUX),
        (None, _) if variable("STY").is_some() => Check::attention(
            NAME,
            format!("{way}; GNU screen does not pass it on"),
            "copy outside of screen, or use tmux",
        ),
        (None, _) => Check::ok(NAME, way),
    }
}

fn terminal(variable: impl Fn(&str) -> Option<String>, is_terminal: bool) -> Check {
    const NAME: &str = "terminal";
    let name = variable("TERM").unwrap_or_else(|| "without a name".to_owned());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(&variable).unwrap_or_default();
    let utf8 = locale.to_ascii_lowercase().replace('-', "").contains("utf8");
    let colour = match variable("NO_COLOR") {
        Some(_) => "no colour (NO_COLOR)",
        None => "colour",
    };
    let remote = if variable("SSH_CONNECTION").is_some() { ", over SSH" } else { "" };
    let place = if is_terminal { "" } else { "; standard output is not the terminal now" };
    let text = format!("{name}{remote}, {colour}{place}");
    if name == "dumb" || variable("TERM").is_none() {
        return Check::attention(NAME, text, "the terminal program needs cursor keys and colours: set TERM");
    }
    match utf8 || cfg!(target_os = "macos") {
        true => Check::ok(NAME, format!("{text}, UTF-8")),
        false => Check::attention(
            NAME,
            format!("{text}; the locale {locale:?} does not specify UTF-8"),
            "if lines look broken: LANG=C.UTF-8",
        ),
    }
}

fn clock(now: Timestamp, synchronized: bool) -> Check {
    const NAME: &str = "clock";
    let now = clock::to_the_second(now);
    let text = format!("{} · {}", clock::local(now, Zone::System), clock::utc(now));
    if now.year() < BUILT {
        return Check::problem(
            NAME,
            format!("{text}: that is before this program was built"),
            "set the clock: expiry depends on it",
        );
    }
    match synchronized {
        true => Check::ok(NAME, format!("{text}, set by the network")),
        false => Check::ok(
            NAME,
            format!("{text}; the Exchange tab of the terminal program compares it with a server's clock"),
        ),
    }
}

fn certificates(variable: impl Fn(&str) -> Option<String>, exists: impl Fn(&str) -> bool) -> Check {
    const NAME: &str = "certificates";
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        let Some(path) = variable(name) else { continue };
        return match exists(&path) {
            true => Check::ok(NAME, format!("trusted: the certificates in {path} ({name})")),
            false => {
                Check::problem(NAME, format!("{name} names {path}, which does not exist"), format!("unset {name}"))
            }
        };
    }
    Check::ok(NAME, "trusted: the system's certificates; a profile can add its own (ca_file)")
}

/// A proxy sees the names of servers. Its own password is not shown.
fn proxies(variable: impl Fn(&str) -> Option<String>) -> Vec<Check> {
    const NAME: &str = "proxy";
    let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    let set: Vec<_> = names.into_iter().filter_map(|name| Some((name, variable(name)?))).collect();
    if set.is_empty() {
        return vec![Check::ok(NAME, "none: direct connections")];
    }
    let except = ["NO_PROXY", "no_proxy"].into_iter().find_map(&variable);
    let except = except.map(|hosts| format!(", except {hosts}")).unwrap_or_default();
    let check = |(name, value): (&'static str, String)| {
        let url = Url::parse(&value).or_else(|_| Url::parse(&format!("http://{value}")));
        match url.ok().and_then(|url| Some((url.host_str()?.to_owned(), url.port_or_known_default()?))) {
            Some((host, port)) => Check::ok(NAME, format!("{host}:{port} ({name}){except}")),
            None => Check::problem(NAME, format!("{name} is not a proxy URL"), format!("unset {name}")),
        }
    };
    set.into_iter().map(check).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::State, *};

    type Variables = &'static [(&'static str, &'static str)];

    fn environment(set: Variables) -> impl Fn(&str) -> Option<String> {
        move |name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn the_way_to_the_clipboard_is_named_with_what_stands_in_it() {
        let cases: [(Variables, Option<&str>, State, &str); 6] = [
            (&[("DISPLAY", ":0")], None, State::Ok, "the desktop"),
            (&[("DISPLAY", ":0"), ("SSH_TTY", "x")], None, State::Ok, "OSC 52"),
            (&[("SSH_TTY", "x"), ("TMUX", "x")], Some("on"), State::Ok, "passes it on"),
            (&[("SSH_TTY", "x"), ("TMUX", "x")], Some("external"), State::Attention, "set-clipboard external"),
            (&[("SSH_TTY", "x"), ("TMUX", "x")], None, State::Attention, "does not say"),
            (&[("SSH_TTY", "x"), ("STY", "x")], None, State::Attention, "screen"),
        ];
        for (set, tmux, state, words) in cases {
            let check = clipboard(environment(set), tmux);
            assert!(check.state == state && check.text.contains(words), "{check:?}");
        }
    }

    #[test]
    fn a_proxys_password_is_never_shown() {
        let set =
            &[("HTTPS_PROXY", "http://ada:marker@proxy.example:3128"), ("no_proxy", "localhost"), ("ALL_PROXY", "//")];
        let checks = proxies(environment(set));
        assert_eq!(checks[0], Check::ok("proxy", "proxy.example:3128 (HTTPS_PROXY), except localhost"));
        assert_eq!(checks[1].state, State::Problem);
        assert!(!format!("{checks:?}").contains("marker"));
        assert_eq!(proxies(environment(&[]))[0].state, State::Ok);
    }

    #[test]
    fn certificates_that_are_not_there_and_a_clock_of_the_past_are_problems() {
        let set = &[("SSL_CERT_FILE", "/no/such.pem")];
        assert_eq!(certificates(environment(set), |_| false).state, State::Problem);
        assert_eq!(certificates(environment(set), |_| true).state, State::Ok);
        let at = |time: &str| clock(clock::parse(time).unwrap(), false).state;
        assert_eq!((at("1970-01-01T00:00:10Z"), at("2027-01-01T00:00:00Z")), (State::Problem, State::Ok));
    }

    #[test]
    fn a_terminal_without_a_name_or_without_utf8_is_told() {
        let state = |set| terminal(environment(set), true).state;
        assert_eq!(state(&[("TERM", "xterm-256color"), ("LANG", "de_DE.UTF-8")]), State::Ok);
        assert_eq!(state(&[("TERM", "xterm"), ("LANG", "C.UTF-8"), ("LC_ALL", "C")]), State::Attention);
        assert_eq!(state(&[("LANG", "C.UTF-8")]), State::Attention);
    }
}
