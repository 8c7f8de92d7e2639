//! Secrets that live outside of the profile: `env:`, `file:`, `cmd:`. No error repeats one.

use std::{os::unix::fs::PermissionsExt as _, path::Path, time::Duration};

use async_trait::async_trait;

use super::files;
use crate::{
    auth::{AuthError, SecretRef, SecretSource},
    program::Program,
    secret::{ExposeSecret as _, SecretString},
    text::typed,
    trouble::Trouble,
};

/// A program that asks the user something may take its time; a hanging one must not hang a login for ever.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);

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
                read.await.unwrap_or_else(|_| Err(AuthError::setting("could not read a secret", "try again")))
            }
            SecretRef::Command(line) => from_command(line, self.command_limit).await,
            SecretRef::Prompt => Err(AuthError::NeedsInteraction("a secret".to_owned())),
        }
    }
}

fn from_environment(name: &str) -> Result<SecretString, AuthError> {
    let value = std::env::var_os(name);
    let name = typed::variable(name).unwrap_or("of that name");
    match value.map(std::ffi::OsString::into_string) {
        Some(Ok(secret)) if !secret.is_empty() => Ok(secret.into()),
        Some(Ok(_)) => Err(AuthError::setting(
            format!("the environment variable {name} is empty"),
            "set it before tokscope starts",
        )),
        Some(Err(_)) => {
            Err(AuthError::setting(format!("the environment variable {name} is not UTF-8"), "set it to text"))
        }
        None => Err(AuthError::setting(
            format!("the environment variable {name} is not set"),
            "set it before tokscope starts",
        )),
    }
}

fn from_file(given: &str) -> Result<SecretString, AuthError> {
    let path = files::expanded(Path::new(given));
    let name = files::shown(Path::new(given));
    if std::fs::metadata(&path).is_ok_and(|file| file.permissions().mode() & 0o004 != 0) {
        return Err(AuthError::setting(
            format!("every user of this machine can read the secret in {name}"),
            format!("chmod 600 {name}"),
        ));
    }
    let contents = files::read(&path).map_err(Trouble::from)?;
    match std::str::from_utf8(&contents).map(|text| text.trim_end_matches(['\r', '\n'])) {
        Ok("") => Err(AuthError::setting(format!("{name} is empty"), "write the secret there")),
        Ok(secret) => Ok(secret.into()),
        Err(_) => Err(AuthError::setting(format!("{name} is not text"), "write the secret there as UTF-8 text")),
    }
}

async fn from_command(line: &str, limit: Duration) -> Result<SecretString, AuthError> {
    let program = Program::parse(line)?;
    let output = program.output(limit).await?;
    let secret = output.expose_secret().lines().next().filter(|secret| !secret.is_empty());
    secret.map(SecretString::from).ok_or_else(|| {
        AuthError::setting(
            format!("{} printed no secret", program.name()),
            "run it in a terminal to see why: the secret is its first line",
        )
    })
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
    async fn a_file_gives_all_its_lines_unless_all_may_read_it() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"marker one\nmarker two\r\n").unwrap();
        let reference = format!("file:{}", file.path().display());
        assert_eq!(resolve(&reference).await.unwrap(), "marker one\nmarker two");
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(complaint(&reference).await.contains("every user"));
        assert!(complaint("file:/no/such/file").await.contains("/no/such/file"));
    }

    #[tokio::test]
    async fn a_program_is_run_without_a_shell() {
        assert_eq!(resolve("cmd:printf '%s;%s\\nrest' 'a b' $HOME").await.unwrap(), "a b;$HOME");
        assert!(complaint("cmd:no-such-program-here marker").await.contains("cannot start no-such-program-here"));
        let failing = "cmd:sh -c 'echo marker; echo the vault of marker is locked >&2; exit 3'";
        assert!(complaint(failing).await.contains("the vault of •••• is locked"));
        assert!(complaint("cmd:true").await.contains("printed no secret"));
        assert!(complaint("cmd:cat 'marker").await.contains("quote"));
    }

    #[tokio::test]
    async fn a_program_that_hangs_or_never_stops_printing_ends() {
        assert!(complaint("cmd:tail -f /dev/null").await.contains("did not end"));
        assert!(complaint("cmd:sh -c 'echo x; cat /dev/zero'").await.contains("sh failed"));
    }

    #[tokio::test]
    async fn an_unset_variable_is_named() {
        assert!(complaint("env:TOKSCOPE_NO_SUCH_VARIABLE").await.contains("TOKSCOPE_NO_SUCH_VARIABLE is not set"));
        assert!(!resolve("env:PATH").await.unwrap().is_empty());
    }
}
