//! Desktop notifications, through the terminal: it is where the user is, also over SSH.
//!
//! No terminal says whether it has shown one, and none says beforehand whether it can. So the sequence is chosen by what
//! the environment tells of the terminal, and what may stand in the way is said.
//!
//! | sequence | who takes it |
//! |---|---|
//! | OSC 9 | iTerm2, WezTerm, Ghostty, kitty, foot |
//! | OSC 777 | urxvt (with its `notify` extension), VTE where the distribution's patch is in it |
//! | none | the Linux console, which would print it |

use std::ffi::OsString;

use crate::text::visible;

/// A notification for the terminal.
#[derive(Debug, PartialEq, Eq)]
pub struct Notification {
    /// What to write to the terminal; empty where it is known to be no use.
    pub sequence: String,
    /// What may keep the terminal from showing it. It does not say whether it did.
    pub doubt: Option<String>,
}

impl Notification {
    /// The sequence for a text, which is made safe here. `variable` reads the environment.
    pub fn new(text: &str, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let read = |name| variable(name).and_then(|value| value.into_string().ok()).unwrap_or_default();
        let set = |name| !read(name).is_empty();
        let text = visible(text);
        let (term, program) = (read("TERM"), read("TERM_PROGRAM"));
        if term == "linux" {
            return Self { sequence: String::new(), doubt: Some("the Linux console has no notifications".to_owned()) };
        }
        let known = matches!(program.as_str(), "iTerm.app" | "WezTerm" | "ghostty")
            || set("KITTY_WINDOW_ID")
            || term.starts_with("foot");
        let by_777 = !known && (term.starts_with("rxvt") || set("VTE_VERSION"));
        let plain = if by_777 {
            // A semicolon ends the title, and an older parser the text.
            format!("\x1b]777;notify;tokscope;{}\x1b\\", text.replace(';', ","))
        } else {
            format!("\x1b]9;tokscope: {text}\x1b\\")
        };
        if set("TMUX") {
            // tmux passes on what stands in a DCS of its own, each escape doubled.
            let sequence = format!("\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b"));
            return Self {
                sequence,
                doubt: Some("tmux passes it on only with: set -g allow-passthrough on".to_owned()),
            };
        }
        if set("STY") {
            let sequence = format!("\x1bP{}\x1b\\", plain.trim_end_matches("\x1b\\").to_owned() + "\x07");
            return Self { sequence, doubt: Some("GNU screen may not pass it on".to_owned()) };
        }
        let doubt = match (known, by_777) {
            (true, _) => None,
            (false, true) => Some("this terminal shows it only with an extension or a patch".to_owned()),
            (false, false) => Some("this terminal is not known to show notifications (OSC 9)".to_owned()),
        };
        Self { sequence: plain, doubt }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(environment: &[(&str, &str)], text: &str) -> Notification {
        Notification::new(text, |name| {
            environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
        })
    }

    #[test]
    fn each_terminal_gets_its_sequence() {
        let kitty = sent(&[("KITTY_WINDOW_ID", "1")], "a; b");
        assert_eq!(kitty, Notification { sequence: "\x1b]9;tokscope: a; b\x1b\\".to_owned(), doubt: None });
        let urxvt = sent(&[("TERM", "rxvt-unicode-256color")], "a; b");
        assert_eq!(urxvt.sequence, "\x1b]777;notify;tokscope;a, b\x1b\\");
        assert!(urxvt.doubt.is_some());
        assert!(sent(&[("TERM", "xterm-256color")], "a").doubt.is_some_and(|doubt| doubt.contains("not known")));
        assert_eq!(sent(&[("TERM", "linux")], "a").sequence, "");
    }

    #[test]
    fn a_multiplexer_is_asked_to_pass_it_on() {
        let tmux = sent(&[("TERM", "tmux-256color"), ("TMUX", "/tmp/x")], "a");
        assert_eq!(tmux.sequence, "\x1bPtmux;\x1b\x1b]9;tokscope: a\x1b\x1b\\\x1b\\");
        assert!(tmux.doubt.is_some_and(|doubt| doubt.contains("allow-passthrough")));
        let screen = sent(&[("TERM", "screen"), ("STY", "1.pts")], "a");
        assert_eq!(screen.sequence, "\x1bP\x1b]9;tokscope: a\x07\x1b\\");
    }

    #[test]
    fn a_text_cannot_break_out() {
        for environment in [&[("TERM", "xterm")][..], &[("TMUX", "1")], &[("VTE_VERSION", "7600")]] {
            let plain = sent(environment, "").sequence;
            let hostile = sent(environment, "a\x1b\\\x07\u{9c}b\n").sequence;
            let controls = |text: &str| text.chars().filter(|c| c.is_control()).count();
            assert_eq!(controls(&hostile), controls(&plain), "{hostile:?}");
        }
    }
}
