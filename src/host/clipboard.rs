//! Copying: to the desktop's clipboard, or through the terminal (OSC 52) where there is no desktop or it is far away.

use std::{
    ffi::OsString,
    io,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

use crossterm::{Command as _, clipboard::CopyToClipboard};

use crate::{
    host::panics,
    secret::{ExposeSecret as _, SecretString},
    trouble::Trouble,
};

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
            Some(format!("{} bytes: many terminals accept at most {OSC52_LIMIT}", sequence.len()))
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

/// The desktop's clipboard, opened at the first copy, on a thread of its own: a desktop that hangs blocks no caller.
/// It stays open as long as this value lives, because on X11 and Wayland the text dies with its owner.
#[derive(Debug, Default)]
pub struct Desktop {
    owner: Option<Owner>,
}

/// The thread that owns the clipboard.
#[derive(Debug)]
struct Owner {
    requests: Sender<Request>,
    /// Closed when the thread has ended.
    ended: Receiver<()>,
}

#[derive(Debug)]
struct Request {
    /// What goes on the clipboard; `None`: what we put there last comes off.
    text: Option<SecretString>,
    reply: Sender<Result<bool, Trouble>>,
}

impl Desktop {
    /// Puts a text on the clipboard and keeps it out of clipboard histories. `done` is called once, from another
    /// thread, within two seconds; the error says why there is nothing on the clipboard.
    pub fn copy(&mut self, text: SecretString, done: impl FnOnce(Result<(), Trouble>) + Send + 'static) {
        self.ask(Some(text), |result| done(result.map(|_| ())));
    }

    /// Takes the last text off the clipboard if it is still there: whether it was. `done` is called as for a copy.
    pub fn clear(&mut self, done: impl FnOnce(Result<bool, Trouble>) + Send + 'static) {
        self.ask(None, done);
    }

    /// Ends it: what was asked for is still done, if the desktop does not take longer than that.
    pub fn close(&mut self, patience: Duration) {
        if let Some(Owner { requests, ended }) = self.owner.take() {
            drop(requests);
            let _ = ended.recv_timeout(patience);
        }
    }

    fn ask(&mut self, text: Option<SecretString>, done: impl FnOnce(Result<bool, Trouble>) + Send + 'static) {
        let (reply, answer) = mpsc::channel();
        let sent = self.send(Request { text, reply });
        let waiter = thread::Builder::new().name("copy".to_owned());
        let waiting = move || {
            done(sent.and_then(|()| match answer.recv_timeout(PATIENCE) {
                Ok(result) => result,
                Err(RecvTimeoutError::Timeout) => Err(silent()),
                Err(RecvTimeoutError::Disconnected) => Err(gone()),
            }));
        };
        // Without a thread to be had the program has other troubles than a missing notice.
        let _ = waiter.spawn(waiting);
    }

    fn send(&mut self, request: Request) -> Result<(), Trouble> {
        let request = match &self.owner {
            Some(owner) => match owner.requests.send(request) {
                Ok(()) => return Ok(()),
                Err(mpsc::SendError(request)) => request,
            },
            None => request,
        };
        let (requests, received) = mpsc::channel();
        let (alive, ended) = mpsc::channel::<()>();
        let thread = thread::Builder::new().name("clipboard".to_owned());
        let work = move || {
            panics::if_asked_for("clipboard");
            own(&received);
            drop(alive);
        };
        thread.spawn(work).map_err(no_thread)?;
        let sent = requests.send(request).map_err(|_| gone());
        self.owner = Some(Owner { requests, ended });
        sent
    }
}

/// Owns the clipboard until the last request can have come.
fn own(requests: &Receiver<Request>) {
    let mut clipboard = None;
    let mut last: Option<SecretString> = None;
    for Request { text, reply } in requests {
        let result = match (&mut clipboard, &text, last.take()) {
            (Some(clipboard), None, Some(ours)) => take_off(clipboard, &ours),
            (_, None, _) => Ok(false),
            (Some(clipboard), Some(text), _) => put(clipboard, text).map(|()| true),
            (None, Some(text), _) => open().and_then(|opened| put(clipboard.insert(opened), text)).map(|()| true),
        };
        last = text.filter(|_| result.is_ok());
        if result.is_err() {
            clipboard = None;
        }
        let _ = reply.send(result.map_err(Trouble::of));
    }
}

/// Clears the clipboard if this text is on it; whether it was. Anything else on it was copied by another program.
fn take_off(clipboard: &mut arboard::Clipboard, ours: &SecretString) -> Result<bool, arboard::Error> {
    let there: SecretString = match clipboard.get_text() {
        Ok(text) => text.into(),
        // A picture, or nothing at all.
        Err(arboard::Error::ContentNotAvailable | arboard::Error::ConversionFailure) => return Ok(false),
        Err(error) => return Err(error),
    };
    if there.expose_secret() != ours.expose_secret() {
        return Ok(false);
    }
    clipboard.clear().map(|()| true)
}

/// A text on the desktop's clipboard that a thread answers for, as the owner has to on X11 and Wayland.
pub struct HeldText(SecretString);

impl HeldText {
    /// Puts a text on the clipboard. `replaced` is called from another thread when something else was copied, or
    /// with an error when the desktop has taken nothing after all. Where a desktop keeps texts itself (macOS, Windows), it
    /// is never called.
    pub fn new(
        text: SecretString,
        replaced: impl FnOnce(Result<(), Trouble>) + Send + 'static,
    ) -> Result<Self, Trouble> {
        let ours = text.clone();
        within_patience("hold", move |opened| match open() {
            Ok(mut clipboard) => {
                let _ = opened.send(Ok(()));
                serve(&mut clipboard, &text, replaced);
            }
            Err(error) => _ = opened.send(Err(Trouble::of(error))),
        })?;
        Ok(Self(ours))
    }

    /// Takes the text off the clipboard if it is still there: whether it was.
    pub fn release(self) -> Result<bool, Trouble> {
        within_patience("release", move |done| {
            let _ = done.send(open().and_then(|mut opened| take_off(&mut opened, &self.0)).map_err(Trouble::of));
        })
    }
}

/// Runs something on a thread of its own, and waits two seconds for what it tells.
fn within_patience<T: Send + 'static>(
    name: &str,
    work: impl FnOnce(&Sender<Result<T, Trouble>>) + Send + 'static,
) -> Result<T, Trouble> {
    let (tell, told) = mpsc::channel();
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(move || work(&tell)).map_err(no_thread)?;
    told.recv_timeout(PATIENCE).unwrap_or_else(|_| Err(silent()))
}

#[allow(clippy::disallowed_methods, reason = "the one place that opens the clipboard")]
fn open() -> Result<arboard::Clipboard, arboard::Error> {
    arboard::Clipboard::new()
}

fn silent() -> Trouble {
    Trouble::bare("the desktop does not respond")
}

fn gone() -> Trouble {
    Trouble::bare("the clipboard is gone")
}

fn no_thread(error: io::Error) -> Trouble {
    Trouble::of_io("cannot start a thread for the clipboard", error)
}

#[cfg(all(unix, not(target_os = "macos")))]
fn serve(clipboard: &mut arboard::Clipboard, text: &SecretString, replaced: impl FnOnce(Result<(), Trouble>)) {
    use arboard::SetExtLinux as _;
    let served = clipboard.set().exclude_from_history().wait().text(text.expose_secret());
    replaced(served.map_err(Trouble::of));
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn serve(clipboard: &mut arboard::Clipboard, text: &SecretString, replaced: impl FnOnce(Result<(), Trouble>)) {
    if let Err(error) = put(clipboard, text) {
        replaced(Err(Trouble::of(error)));
    }
}

/// Reads what is selected on the desktop, as the middle button pastes it. `done` is called once, from another thread, within
/// two seconds; the error says why there is nothing.
pub fn primary_selection(
    variable: impl Fn(&str) -> Option<OsString>,
    done: impl FnOnce(Result<String, Trouble>) + Send + 'static,
) {
    if Way::choose(variable) == Way::Terminal {
        return done(Err(Trouble::new("no desktop is in reach", "use your terminal's own paste")));
    }
    let waiter = thread::Builder::new().name("selection".to_owned());
    // Without a thread to be had the program has other troubles than a paste.
    let _ = waiter.spawn(move || {
        done(within_patience("primary", |read| {
            _ = read.send(open().and_then(|mut opened| selected(&mut opened)).map_err(Trouble::of));
        }));
    });
}

#[cfg(all(unix, not(target_os = "macos")))]
fn selected(clipboard: &mut arboard::Clipboard) -> Result<String, arboard::Error> {
    use arboard::{GetExtLinux as _, LinuxClipboardKind};
    clipboard.get().clipboard(LinuxClipboardKind::Primary).text()
}

/// There is no selection apart from the clipboard.
#[cfg(not(all(unix, not(target_os = "macos"))))]
fn selected(clipboard: &mut arboard::Clipboard) -> Result<String, arboard::Error> {
    clipboard.get_text()
}

/// Marks the text as a secret, which clipboard managers keep out of their histories: `x-kde-passwordManagerHint` on X11
/// and Wayland, `org.nspasteboard.ConcealedType` on macOS, the clipboard formats for it on Windows.
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
