//! The program with pipes: started in a world of its own, and run to its end.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

pub const TOKSCOPE: &str = env!("CARGO_BIN_EXE_tokscope");

/// A folder for what needs none.
pub const NOWHERE: &str = "/nonexistent";

/// The program; the one that `TOKSCOPE` names, if it names one.
pub fn binary() -> String {
    std::env::var("TOKSCOPE").unwrap_or_else(|_| TOKSCOPE.to_owned())
}

/// The program with these arguments, not started yet. Nothing of whoever runs the tests is in its environment: its folder is
/// this one, the key of its vault is in memory, there is neither a keyring nor a program that it could find, and nothing
/// comes in.
pub fn tokscope<'a>(folder: impl AsRef<Path>, arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments).env_clear().env("TZ", "UTC").env("LANG", "C.UTF-8");
    command.env("TOKSCOPE_CONFIG_DIR", folder.as_ref()).env("HOME", folder.as_ref());
    command.env("TOKSCOPE_IDENTITY", "memory").env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What a run came to.
#[derive(Debug)]
pub struct Done {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Done {
    /// Runs it to its end.
    pub fn of(command: &mut Command) -> Self {
        Self::fed(command, None)
    }

    /// Runs it to its end with this on its standard input.
    pub fn piped(command: &mut Command, stdin: impl AsRef<[u8]>) -> Self {
        Self::fed(command.stdin(Stdio::piped()), Some(stdin.as_ref()))
    }

    fn fed(command: &mut Command, stdin: Option<&[u8]>) -> Self {
        let mut child = command.spawn().unwrap();
        if let (Some(mut pipe), Some(bytes)) = (child.stdin.take(), stdin) {
            // A program that found fault with its arguments reads nothing.
            let _ = pipe.write_all(bytes);
        }
        child.wait_with_output().unwrap().into()
    }

    pub fn parts(self) -> (String, String, i32) {
        (self.stdout, self.stderr, self.code)
    }

    /// A failure for programs: nothing on standard output, and one object at the end of standard error.
    #[track_caller]
    pub fn error(&self) -> Value {
        assert_eq!((self.code > 0, self.stdout.as_str()), (true, ""), "{self:?}");
        serde_json::from_str(self.stderr.lines().last().unwrap_or_default()).unwrap_or_else(|_| panic!("{self:?}"))
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// A failure: nothing on standard output, the words on standard error, and what to do about it; for people, or with
    /// `--json` for programs.
    #[track_caller]
    pub fn fails(&self, code: i32, words: &str) {
        assert_eq!((self.code, self.stdout.as_str()), (code, ""), "{self:?}");
        let (is_whole, said) = match self.stderr.lines().last().filter(|line| line.starts_with('{')) {
            Some(_) => {
                let error = self.error();
                let [message, hint] = ["message", "hint"].map(|key| error[key].as_str().unwrap_or_default());
                (!hint.is_empty(), format!("{message}\n{hint}"))
            }
            None => (self.stderr.starts_with("error: ") && self.stderr.contains("\nhint: "), self.stderr.clone()),
        };
        assert!(is_whole && said.contains(words), "{words:?} in {}", self.stderr);
    }
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code().unwrap() }
    }
}
