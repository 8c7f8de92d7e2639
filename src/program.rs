//! The one place that starts a program for what it prints, a secret or a token: split without a shell, limited in time and
//! length, killed when dropped. Why one gave nothing is partly foreign text, without what the program printed and without
//! what looks like a token.

use std::{io, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::Command,
};

use crate::{
    http,
    secret::{SecretString, Zeroizing},
    text::typed,
    trouble::Trouble,
};

/// A program with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    argv: Vec<String>,
}

/// The longest output that is read: 1 MiB.
const OUTPUT_LIMIT: u64 = 1 << 20;

/// How much of the end of stderr goes into an error, in bytes.
const STDERR_TAIL: usize = 600;

impl Program {
    /// Splits a line as a POSIX shell splits words and quotes, and does nothing else that a shell does: no variables,
    /// no `~`, no pipes.
    pub fn parse(line: &str) -> Result<Self, Trouble> {
        match shell_words::split(line) {
            Ok(argv) if !argv.is_empty() => Ok(Self { argv }),
            Ok(_) => Err(wrong("the command is empty".to_owned())),
            Err(_) => Err(wrong("the command has an unclosed quote".to_owned())),
        }
    }

    /// The program's own name, without its arguments.
    pub fn name(&self) -> &str {
        &self.argv[0]
    }

    /// Runs it and takes what it prints, which must be text. Standard input is empty; stderr is shown in the error when it
    /// fails.
    pub async fn output(&self, limit: Duration) -> Result<SecretString, Trouble> {
        let printed = self.printed(limit).await?;
        let text = std::str::from_utf8(&printed);
        text.map(SecretString::from).map_err(|_| self.failed("it printed something that is not text", ""))
    }

    /// Like [`Self::output`], whatever it prints.
    pub async fn printed(&self, limit: Duration) -> Result<Zeroizing<Vec<u8>>, Trouble> {
        let mut command = Command::new(self.name());
        command.args(&self.argv[1..]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        // A group of its own: it can be killed with all it started, and it cannot read the keys of our terminal.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(|error| self.not_started(error))?;
        let mut group = Group(child.id());
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let run = async { tokio::join!(head(stdout), tail(stderr), child.wait()) };
        let Some((stdout, stderr, status)) = http::within(limit, run).await else {
            let name = self.name();
            return Err(Trouble::new(
                format!("{name} did not end within {} s", limit.as_secs()),
                "run it in a terminal: it may wait for input, which it cannot get here; or raise timeout",
            ));
        };
        group.0 = None;
        let stderr = without(stderr, stdout.as_deref().map_or(&[], Vec::as_slice));
        let failed = |error: io::Error| self.failed(&error.to_string(), &stderr).because(error);
        match status.map_err(failed)? {
            status if status.success() => stdout.map_err(failed),
            status => Err(self.failed(&status.to_string(), &stderr)),
        }
    }

    fn not_started(&self, error: io::Error) -> Trouble {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "program not found".to_owned(),
            io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => error.to_string(),
        };
        // A program that is not there may be no program: something else was pasted in its place.
        let name = match error.kind() {
            io::ErrorKind::NotFound => typed::program(self.name()).unwrap_or("the program"),
            _ => self.name(),
        };
        wrong(format!("cannot start {name}: {why}")).because(error)
    }

    fn failed(&self, how: &str, stderr: &str) -> Trouble {
        let said = if stderr.is_empty() { String::new() } else { format!(": {stderr}") };
        Trouble::new(
            format!("{} failed ({how}){said}", self.name()),
            "run the command in a terminal to see what it needs, often its own login",
        )
    }
}

fn wrong(what: String) -> Trouble {
    Trouble::new(
        what,
        "write a program with its arguments; it runs without a shell, so for $VAR, ~ or | write sh -c '…'",
    )
}

/// The whole output, if it is not too long.
async fn head(reader: impl AsyncRead + Unpin) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    reader.take(OUTPUT_LIMIT + 1).read_to_end(&mut bytes).await?;
    if bytes.len() as u64 > OUTPUT_LIMIT {
        return Err(io::Error::other("it printed more than 1 MiB"));
    }
    Ok(bytes)
}

/// What a program says on stderr, without what it printed on stdout: one that fails half-way may repeat it.
fn without(stderr: String, stdout: &[u8]) -> String {
    let stdout = String::from_utf8_lossy(stdout);
    let lines = stdout.lines().map(str::trim).filter(|line| line.len() >= 4);
    let stderr = lines.fold(stderr, |text, line| text.replace(line, HIDDEN));
    let words = stdout.split(|c: char| c.is_whitespace() || "\"',;:={}[]()".contains(c)).filter(|word| word.len() >= 8);
    words.fold(stderr, |text, word| if text.contains(word) { text.replace(word, HIDDEN) } else { text })
}

const HIDDEN: &str = "••••";

/// The end of the output on one line, without what looks like a token.
async fn tail(mut reader: impl AsyncRead + Unpin) -> String {
    let (mut kept, mut chunk) = (Vec::new(), [0; 4096]);
    while let Ok(length @ 1..) = reader.read(&mut chunk).await {
        kept.extend_from_slice(&chunk[..length]);
        let surplus = kept.len().saturating_sub(2 * STDERR_TAIL);
        kept.drain(..surplus);
    }
    let text = String::from_utf8_lossy(&kept);
    let line = http::redacted(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    match line.char_indices().rev().nth(STDERR_TAIL) {
        Some((at, _)) => format!("…{}", &line[at..]),
        None => line,
    }
}

/// The process group of a program that has not ended: killed on drop.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.0.and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
            // It may be gone already, which is fine.
            _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::ExposeSecret as _;

    async fn run(line: &str, limit: Duration) -> Result<String, Trouble> {
        Program::parse(line)?.output(limit).await.map(|output| output.expose_secret().to_owned())
    }

    const SOON: Duration = Duration::from_secs(30);

    #[test]
    fn lines_are_split_and_not_interpreted() {
        let argv = |line| Program::parse(line).map(|program| program.argv);
        assert_eq!(argv("sh -c 'echo $HOME | cat' \"a b\"").unwrap(), ["sh", "-c", "echo $HOME | cat", "a b"]);
        assert_eq!(argv("echo ~ $X").unwrap(), ["echo", "~", "$X"]);
        for bad in ["", "  ", "echo 'x", "echo \"x"] {
            assert!(argv(bad).unwrap_err().line().contains("sh -c"), "{bad}");
        }
    }

    #[tokio::test]
    async fn output_is_taken_and_failure_says_why() {
        assert_eq!(run("printf a%s b", SOON).await.unwrap(), "ab");
        let error =
            run("sh -c 'echo marker; echo the vault of marker eyJhbGciOiJub25lIn0.e30. is gone >&2; exit 3'", SOON)
                .await
                .unwrap_err();
        let words = error.to_string();
        assert!(words.starts_with("sh failed (exit status: 3): the vault of •••• "), "{words}");
        assert!(words.ends_with(" is gone") && !words.contains("eyJ"), "{words}");
        let error = run("sh -c 'echo {\"token\": \"hunter2hunter2\"}; echo no hunter2hunter2 >&2; exit 1'", SOON).await;
        let words = error.unwrap_err().to_string();
        assert!(words.ends_with(": no ••••"), "{words}");
        let missing = run("/no/such/program", SOON).await.unwrap_err();
        assert!(missing.to_string().contains("program not found"), "{missing}");
        let binary = run("printf '\\377'", SOON).await.unwrap_err();
        assert!(binary.to_string().contains("not text"), "{binary}");
    }

    #[tokio::test]
    async fn endless_output_is_an_error() {
        let error = run("yes", SOON).await.unwrap_err();
        assert!(error.to_string().contains("yes failed"), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_time_out_kills_what_the_program_started() {
        // The inner shell holds the write end of a pipe; end of file tells that it is dead.
        let (reader, writer) = io::pipe().unwrap();
        let writer_fd = std::os::fd::AsRawFd::as_raw_fd(&writer);
        let line = format!("sh -c 'sleep 1000 >/proc/{}/fd/{writer_fd} & wait'", std::process::id());
        let error = run(&line, Duration::from_millis(300)).await.unwrap_err();
        assert!(error.to_string().contains("did not end within"), "{error}");
        drop(writer);
        let end = tokio::task::spawn_blocking(move || io::Read::read(&mut &reader, &mut [0; 1]).unwrap());
        assert_eq!(tokio::time::timeout(SOON, end).await.unwrap().unwrap(), 0);
    }
}
