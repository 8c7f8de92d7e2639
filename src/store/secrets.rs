//! Secrets that live outside of the profile: `env:`, `file:`, `cmd:`. No error repeats one.

use std::{os::unix::fs::PermissionsExt as _, path::Path, process::Stdio, time::Duration};

use async_trait::async_trait;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::{Child, Command},
};

use super::files;
use crate::{
    auth::{AuthError, SecretRef, SecretSource},
    secret::{ExposeSecret as _, SecretString},
};

/// A program that asks the user something may take its time; a hanging one must not hang a login for ever.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);

/// More than any secret, or any message of use.
const OUTPUT_LIMIT: u64 = 64 << 10;

/// Resolves references through the environment, the file system and programs.
#[derive(Debug, Clone, Copy)]
pub struct Secrets {
    /// How long a program may run.
    command_limit: Duration,
}

impl Default for Secrets {
    fn default() -> Self {
        Self { command_limit: COMMAND_LIMIT }
    }
}

#[async_trait]
impl SecretSource for Secrets {
    async fn resolve(&self, reference: &SecretRef) -> Result<SecretString, AuthError> {
        match reference {
            SecretRef::Plain(secret) => Ok(secret.clone()),
            SecretRef::Env(name) => from_environment(name),
            SecretRef::File(path) => {
                let path = path.clone();
                // A file may be a pipe whose other end takes its time.
                let read = tokio::task::spawn_blocking(move || from_file(&path));
                read.await.unwrap_or_else(|_| Err(trouble("a secret could not be read", "try again")))
            }
            SecretRef::Command(line) => from_command(line, self.command_limit).await,
            SecretRef::Prompt => Err(AuthError::NeedsInteraction { what: "a secret".to_owned() }),
        }
    }
}

fn from_environment(name: &str) -> Result<SecretString, AuthError> {
    match std::env::var_os(name).map(std::ffi::OsString::into_string) {
        Some(Ok(secret)) if !secret.is_empty() => Ok(secret.into()),
        Some(Ok(_)) => {
            Err(trouble(&format!("the environment variable {name} is empty"), "set it before tokscope starts"))
        }
        Some(Err(_)) => Err(trouble(&format!("the environment variable {name} is no UTF-8"), "set it to text")),
        None => Err(trouble(&format!("the environment variable {name} is not set"), "set it before tokscope starts")),
    }
}

fn from_file(name: &str) -> Result<SecretString, AuthError> {
    let path = files::expanded(Path::new(name));
    if std::fs::metadata(&path).is_ok_and(|file| file.permissions().mode() & 0o004 != 0) {
        return Err(trouble(
            &format!("the secret in {name} can be read by every user of this machine"),
            &format!("chmod 600 {name}"),
        ));
    }
    let contents = files::read(&path).map_err(|error| trouble(&error.to_string(), &error.hint()))?;
    first_line(&contents)
        .ok_or_else(|| trouble(&format!("the first line of {name} is empty or no text"), "put the secret there"))
}

async fn from_command(line: &str, limit: Duration) -> Result<SecretString, AuthError> {
    let words = shell_words::split(line).ok().filter(|words| !words.is_empty());
    let Some(words) = words else {
        return Err(trouble("a cmd: reference has an open quote or no program", "write cmd:PROGRAM ARGS"));
    };
    // The arguments are not shown: one of them may be a secret.
    let program = &words[0];
    let mut command = Command::new(program);
    command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let child = command.spawn().map_err(|error| {
        trouble(&format!("{program} cannot be run: {}", error.kind()), "check the program's name and PATH")
    })?;
    let (output, complaint, success) = match tokio::time::timeout(limit, outcome(child)).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => {
            return Err(trouble(&format!("{program} cannot be read: {}", error.kind()), "run it by hand"));
        }
        Err(_) => {
            let what = format!("{program} did not end within {} s", limit.as_secs());
            return Err(trouble(&what, "run it by hand: it may wait for an answer"));
        }
    };
    let secret = first_line(&output);
    if success && let Some(secret) = secret {
        return Ok(secret);
    }
    let mut complaint = String::from_utf8_lossy(&complaint).trim().to_owned();
    if let Some(secret) = secret {
        complaint = complaint.replace(secret.expose_secret(), "••••");
    }
    let complaint: String = complaint.chars().take(300).collect();
    let what = if success { "printed no secret" } else { "failed" };
    let says = if complaint.is_empty() { String::new() } else { format!(": {complaint}") };
    Err(trouble(&format!("{program} {what}{says}"), "run it by hand to see why"))
}

/// What a program printed to both sides, and whether it succeeded.
async fn outcome(mut child: Child) -> std::io::Result<(Vec<u8>, Vec<u8>, bool)> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (output, complaint) = tokio::try_join!(all(stdout), all(stderr))?;
    Ok((output, complaint, child.wait().await?.success()))
}

async fn all(pipe: Option<impl AsyncRead + Unpin>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(OUTPUT_LIMIT).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

/// The first line without its end; `None` where it is empty or no UTF-8.
fn first_line(bytes: &[u8]) -> Option<SecretString> {
    let line = bytes.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?.trim_end_matches('\r');
    (!line.is_empty()).then(|| line.into())
}

fn trouble(what: &str, hint: &str) -> AuthError {
    AuthError::Setting { what: what.to_owned(), hint: hint.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _};

    use super::*;

    async fn resolve(reference: &str) -> Result<String, AuthError> {
        let secrets = Secrets { command_limit: Duration::from_millis(300) };
        let secret = secrets.resolve(&SecretRef::parse(reference).unwrap()).await?;
        Ok(secret.expose_secret().to_owned())
    }

    async fn complaint(reference: &str) -> String {
        let error = resolve(reference).await.unwrap_err();
        assert!(error.hint().is_some());
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("marker"), "{shown}");
        shown
    }

    #[tokio::test]
    async fn a_file_gives_its_first_line_unless_all_may_read_it() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"marker one\r\nsecond").unwrap();
        let reference = format!("file:{}", file.path().display());
        assert_eq!(resolve(&reference).await.unwrap(), "marker one");
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(complaint(&reference).await.contains("every user"));
        assert!(complaint("file:/no/such/file").await.contains("/no/such/file"));
    }

    #[tokio::test]
    async fn a_program_is_run_without_a_shell() {
        assert_eq!(resolve("cmd:printf '%s;%s\\nrest' 'a b' $HOME").await.unwrap(), "a b;$HOME");
        assert!(complaint("cmd:no-such-program-here marker").await.contains("no-such-program-here cannot be run"));
        let failing = "cmd:sh -c 'echo marker; echo the vault of marker is locked >&2; exit 3'";
        assert!(complaint(failing).await.contains("sh failed: the vault of •••• is locked"));
        assert!(complaint("cmd:true").await.contains("printed no secret"));
        assert!(complaint("cmd:cat 'marker").await.contains("open quote"));
    }

    #[tokio::test]
    async fn a_program_that_hangs_or_never_stops_printing_ends() {
        assert!(complaint("cmd:tail -f /dev/null").await.contains("did not end"));
        assert_eq!(
            resolve("cmd:sh -c 'echo x; cat /dev/zero'").await.unwrap_err().hint().unwrap(),
            "run it by hand to see why"
        );
    }

    #[tokio::test]
    async fn an_unset_variable_is_named() {
        assert!(complaint("env:TOKSCOPE_NO_SUCH_VARIABLE").await.contains("TOKSCOPE_NO_SUCH_VARIABLE is not set"));
        assert!(!resolve("env:PATH").await.unwrap().is_empty());
    }
}
