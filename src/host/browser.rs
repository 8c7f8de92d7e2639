//! Opening a page: with the desktop's own opener, where there is a desktop.

use std::{
    env,
    ffi::OsString,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
};

use crate::trouble::Trouble;

/// Opens a page in the user's browser; the error says why it is not open. Returns at once: whether a page appears is
/// the opener's business.
pub fn open(url: &str) -> Result<(), Trouble> {
    // A path or an option would be one for the opener, too.
    if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Err(Trouble::bare("not a web address"));
    }
    let opener = opener(|name| env::var_os(name)).ok_or_else(|| Trouble::bare("no browser found"))?;
    let mut command = Command::new(&opener);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        // Keys like ^C are meant for us.
        command.process_group(0);
    }
    let mut child =
        command.spawn().map_err(|error| Trouble::of_io(format_args!("could not start {}", opener.display()), error))?;
    // It is not waited for, but its end must be noticed. Without a thread it stays a zombie until we end.
    let _ = thread::Builder::new().name("browser".to_owned()).spawn(move || _ = child.wait());
    Ok(())
}

/// The opener: none without a desktop, and none over SSH, where it would open the page on the wrong machine.
/// `variable` reads the environment.
fn opener(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name| variable(name).is_some_and(|value| !value.is_empty());
    let desktop = cfg!(target_os = "macos") || set("DISPLAY") || set("WAYLAND_DISPLAY");
    if !desktop || set("SSH_CONNECTION") || set("SSH_TTY") {
        return None;
    }
    let name = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    env::split_paths(&variable("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_opened() {
        for odd in ["file:///etc/passwd", "--help", "/bin/sh", "javascript:1"] {
            assert!(open(odd).is_err_and(|why| why.what.contains("not a web address")), "{odd}");
        }
    }

    #[test]
    fn the_opener_is_that_of_the_desktop_at_hand() {
        let folder = tempfile::tempdir().unwrap();
        let name = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
        let path = folder.path().join(name);
        std::fs::write(&path, "").unwrap();
        let found = |display: &'static str, ssh: &'static str| {
            opener(|name| match name {
                "DISPLAY" => Some(display.into()),
                "SSH_TTY" => Some(ssh.into()),
                "PATH" => Some(folder.path().into()),
                _ => None,
            })
        };
        assert_eq!(found(":0", ""), Some(path));
        assert_eq!(found(":0", "/dev/pts/1"), None);
        assert_eq!(found("", "").is_some(), cfg!(target_os = "macos"));
    }
}
