//! Copying: to the desktop's clipboard, or through the terminal (OSC 52) where there is no desktop or it is far away.

use std::{
    ffi::OsString,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

use crossterm::{Command as _, clipboard::CopyToClipboard};

use crate::secret::{ExposeSecret as _, SecretString};

/// How long a desktop may take to accept a text. X servers have been seen to never answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Many terminals ignore a longer sequence; in bytes.
const OSC52_LIMIT: usize = 74_994;

/// Which way a text reaches the user's clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The clipboard of the desktop that the program runs on.
    Desktop,
    /// The terminal is asked to take it.
    Terminal,
}

impl Way {
    /// Over SSH the desktop at hand is the wrong one; without a display there is none. `variable` reads the environment.
    pub fn choose(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let remote = set("SSH_CONNECTION") || set("SSH_TTY");
        let desktop = cfg!(target_os = "macos") || set("DISPLAY") || set("WAYLAND_DISPLAY");
        if desktop && !remote { Self::Desktop } else { Self::Terminal }
    }
}

/// A text on its way to the clipboard of the terminal.
pub struct Osc52 {
    /// What to write to the terminal.
    pub sequence: String,
    /// What may keep the terminal from taking the text. It does not say whether it did.
    pub doubt: Option<String>,
}

impl Osc52 {
    /// The sequence for a text. `variable` reads the environment, for the doubts.
    pub fn new(text: &SecretString, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let mut sequence = String::new();
        let copy = CopyToClipboard::to_clipboard_from(text.expose_secret());
        copy.write_ansi(&mut sequence).expect("writing to a String does not fail");
        let set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let doubt = if sequence.len() > OSC52_LIMIT {
            Some(format!("{} bytes: many terminals take {OSC52_LIMIT} at most", sequence.len()))
        } else if set("TMUX") {
            Some("tmux passes it on only with: set -g set-clipboard on".to_owned())
        } else if set("STY") {
            Some("GNU screen does not pass it on".to_owned())
        } else {
            None
        };
        Self { sequence, doubt }
    }
}

/// The desktop's clipboard, opened at the first copy, on a thread of its own: a desktop that hangs holds up nobody.
/// It stays open as long as this value lives, because on X11 and Wayland the text dies with its owner.
#[derive(Debug, Default)]
pub struct Desktop {
    requests: Option<Sender<Request>>,
}

#[derive(Debug)]
struct Request {
    text: SecretString,
    reply: Sender<Result<(), String>>,
}

impl Desktop {
    /// Puts a text on the clipboard and keeps it out of clipboard histories. `done` is called once, from another
    /// thread, within two seconds; the error says why there is nothing on the clipboard.
    pub fn copy(&mut self, text: SecretString, done: impl FnOnce(Result<(), String>) + Send + 'static) {
        let (reply, answer) = mpsc::channel();
        let sent = self.send(Request { text, reply });
        let waiter = thread::Builder::new().name("copy".to_owned());
        let waiting = move || {
            done(sent.and_then(|()| match answer.recv_timeout(PATIENCE) {
                Ok(result) => result,
                Err(RecvTimeoutError::Timeout) => Err("the desktop does not answer".to_owned()),
                Err(RecvTimeoutError::Disconnected) => Err("the clipboard is gone".to_owned()),
            }));
        };
        // Without a thread to be had the program has other troubles than a missing notice.
        let _ = waiter.spawn(waiting);
    }

    fn send(&mut self, request: Request) -> Result<(), String> {
        let request = match &self.requests {
            Some(requests) => match requests.send(request) {
                Ok(()) => return Ok(()),
                Err(mpsc::SendError(request)) => request,
            },
            None => request,
        };
        let (requests, received) = mpsc::channel();
        let owner = thread::Builder::new().name("clipboard".to_owned());
        owner.spawn(move || own(&received)).map_err(|error| format!("no thread for the clipboard: {error}"))?;
        let sent = requests.send(request).map_err(|_| "the clipboard is gone".to_owned());
        self.requests = Some(requests);
        sent
    }
}

/// Owns the clipboard until the last request can have come.
#[allow(clippy::disallowed_methods, reason = "the one place that owns the clipboard")]
fn own(requests: &Receiver<Request>) {
    let mut clipboard = None;
    for Request { text, reply } in requests {
        let result = match &mut clipboard {
            Some(clipboard) => put(clipboard, &text),
            None => arboard::Clipboard::new().and_then(|opened| put(clipboard.insert(opened), &text)),
        };
        if result.is_err() {
            clipboard = None;
        }
        let _ = reply.send(result.map_err(|error| error.to_string()));
    }
}

fn put(clipboard: &mut arboard::Clipboard, text: &SecretString) -> Result<(), arboard::Error> {
    #[cfg(target_os = "macos")]
    use arboard::SetExtApple as _;
    #[cfg(all(unix, not(target_os = "macos")))]
    use arboard::SetExtLinux as _;
    #[cfg(windows)]
    use arboard::SetExtWindows as _;

    #[cfg(windows)]
    let set = clipboard.set().exclude_from_cloud().exclude_from_history();
    #[cfg(not(windows))]
    let set = clipboard.set().exclude_from_history();
    set.text(text.expose_secret())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(set: &'static [&'static str]) -> impl Fn(&str) -> Option<OsString> {
        move |name| set.contains(&name).then(|| "1".into())
    }

    #[test]
    fn the_nearest_desktop_is_chosen() {
        let cases: &[(&[&str], Way)] = &[
            (&["DISPLAY"], Way::Desktop),
            (&["WAYLAND_DISPLAY"], Way::Desktop),
            (&["DISPLAY", "SSH_CONNECTION"], Way::Terminal),
            (&["WAYLAND_DISPLAY", "SSH_TTY"], Way::Terminal),
        ];
        for (set, way) in cases {
            assert_eq!(Way::choose(environment(set)), *way, "{set:?}");
        }
        assert_eq!(Way::choose(environment(&[])) == Way::Desktop, cfg!(target_os = "macos"));
        assert_eq!(
            Way::choose(|name| (name == "DISPLAY").then(OsString::new)) == Way::Desktop,
            cfg!(target_os = "macos")
        );
    }

    #[test]
    fn the_terminal_gets_base64() {
        let osc52 = Osc52::new(&"token".into(), environment(&[]));
        assert_eq!(osc52.sequence, "\x1b]52;c;dG9rZW4=\x1b\\");
        assert_eq!(osc52.doubt, None);
    }

    #[test]
    fn doubts_are_said() {
        let doubt = |length: usize, set| Osc52::new(&"x".repeat(length).into(), environment(set)).doubt;
        assert_eq!(doubt(56_000, &[]), None);
        assert!(doubt(57_000, &[]).is_some_and(|doubt| doubt.contains("74994")));
        assert!(doubt(731, &["TMUX"]).is_some_and(|doubt| doubt.contains("set-clipboard")));
        assert!(doubt(731, &["STY"]).is_some_and(|doubt| doubt.contains("screen")));
    }
}
