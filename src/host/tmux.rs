//! What tmux does with a text that a program in it asks it to put on the clipboard.

use std::{process::Stdio, time::Duration};

use tokio::{process::Command, time::timeout};

/// How long tmux may take to say so.
const PATIENCE: Duration = Duration::from_secs(1);

/// The server option `set-clipboard`: `on` takes a program's text, `external` (the default) and `off` do not. `None`
/// where no tmux answers.
pub async fn set_clipboard() -> Option<String> {
    let mut tmux = Command::new("tmux");
    tmux.args(["show-options", "-sv", "set-clipboard"]).stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(PATIENCE, tmux.output()).await.ok()?.ok()?;
    let word = String::from_utf8(output.stdout).ok()?;
    Some(word.trim().to_owned()).filter(|word| output.status.success() && !word.is_empty())
}
