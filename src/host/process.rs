//! This process: what other programs of the same user can learn from it without asking it, and starting it once more.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::{self, BufRead as _, BufReader, Write as _},
    os::unix::process::CommandExt as _,
    process::{Command, Stdio},
};

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::secret::{ExposeSecret as _, SecretString};

/// Keeps the memory of this process to itself: no debugger attaches, no program reads it through `/proc`, and a crash leaves
/// no core file. Programs that it starts get no core files either, and are otherwise as always. Where the system refuses,
/// everything else still works.
pub fn harden() {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Whether [`harden`] worked: `None` where this system does not say.
pub fn is_hardened() -> Option<bool> {
    let no_core = rustix::process::getrlimit(Resource::Core).current == Some(0);
    #[cfg(target_os = "linux")]
    {
        let behavior = rustix::process::dumpable_behavior().ok()?;
        Some(no_core && behavior == rustix::process::DumpableBehavior::NotDumpable)
    }
    #[cfg(not(target_os = "linux"))]
    {
        Some(no_core)
    }
}

/// How much less a thread in the background counts than the others: about a tenth.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// The thread that calls this gives way to the others where they want the processor. Only Linux has a priority for each thread;
/// programs that it starts inherit it.
pub fn give_way() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::getpriority_process(None)
        .and_then(|now| rustix::process::setpriority_process(None, now.saturating_add(NICE).min(19)));
}

/// Starts this program once more, hands it a text through a pipe, and returns the first line that it answers. It goes on
/// without us.
pub fn once_more(arguments: &[&OsStr], text: &str) -> io::Result<String> {
    let mut command = Command::new(env::current_exe()?);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let mut pipe = child.stdin.take().expect("it was asked for");
    pipe.write_all(text.as_bytes())?;
    drop(pipe);
    let mut answer = String::new();
    BufReader::new(child.stdout.take().expect("it was asked for")).read_line(&mut answer)?;
    Ok(answer.trim_end().to_owned())
}

/// Becomes another program, with these variables in its environment; returns only where that fails. Who sends a signal to this
/// process then reaches it, and its exit code is that of this process.
pub fn become_program(program: &OsStr, arguments: &[OsString], variables: &[(String, SecretString)]) -> io::Error {
    let variables = variables.iter().map(|(name, value)| (name, value.expose_secret()));
    Command::new(program).args(arguments).envs(variables).exec()
}
