//! A program under strace: which system calls it makes, and what becomes of it when one of them is its last or fails.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::support::program::{binary, tokscope};

/// The file calls that can fail, by their names in strace.
const FILE_CALLS: &str =
    "openat,read,write,fsync,renameat,rename,mkdir,fchmod,statx,newfstatat,getdents64,flock,unlink";

/// What a file call fails with.
pub(crate) const ERRORS: [(&str, &str); 5] = [
    ("ENOSPC", "No space left on device"),
    ("EIO", "Input/output error"),
    ("EROFS", "Read-only file system"),
    ("EACCES", "Permission denied"),
    ("EDQUOT", "Disk quota exceeded"),
];

/// One system call of a run: the `nth` of its kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Point {
    pub(crate) syscall: String,
    pub(crate) nth: usize,
}

impl Point {
    /// Nothing can be said where every write fails: so does that to standard error.
    pub(crate) fn mutes(&self, and_all_later: bool, stderr: &str) -> bool {
        and_all_later && self.syscall == "write" && stderr.is_empty()
    }
}

/// How a run ended.
#[derive(Debug)]
pub(crate) enum End {
    Killed,
    /// With this code, and these words on standard error.
    Exited(i32, String),
}

/// The program with its arguments and its world, not started yet.
pub(crate) struct Run<'a> {
    pub(crate) root: &'a Path,
    pub(crate) arguments: &'a [&'a str],
}

impl Run<'_> {
    /// Its system calls, every so many of them; `in_folder`: those that can fail and are about the configuration.
    pub(crate) fn points(&self, in_folder: bool) -> Vec<Point> {
        let folder = self.root.join("config");
        let can_fail = |syscall: &str| FILE_CALLS.split(',').any(|name| name == syscall);
        let (points, output) = self.watched(|syscall, arguments| {
            !in_folder || can_fail(syscall) && arguments.contains(folder.to_str().unwrap())
        });
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        points.into_iter().step_by(super::stride()).collect()
    }

    /// Those of its system calls that are meant, by name and arguments, and how it ended.
    pub(crate) fn watched(&self, is_meant: impl Fn(&str, &str) -> bool) -> (Vec<Point>, Output) {
        let log = self.root.join("strace.log");
        let output = self.traced(&["-f", "-y", "-s", "0", "-o", log.to_str().unwrap()]);
        let (mut counts, mut points) = (BTreeMap::new(), BTreeSet::new());
        for line in fs::read_to_string(log).unwrap().lines() {
            // `1234 openat(AT_FDCWD</>, "/a", O_RDONLY) = 3</a>`
            let Some((process, call)) = line.split_once(char::is_whitespace) else { continue };
            let Some((syscall, arguments)) = call.trim_start().split_once('(') else { continue };
            if !syscall.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                continue;
            }
            let count: &mut usize = counts.entry((process.to_owned(), syscall.to_owned())).or_default();
            *count += 1;
            if is_meant(syscall, arguments) {
                points.insert(Point { syscall: syscall.to_owned(), nth: *count });
            }
        }
        assert!(points.len() > 10, "{points:?}");
        (points.into_iter().collect(), output)
    }

    /// Kills it on its way into this system call.
    pub(crate) fn killed_at(&self, point: &Point) -> End {
        self.with(&format!("inject={}:signal=KILL:when={}", point.syscall, point.nth))
    }

    /// Lets this call fail; `and_all_later`: that one and all file calls of the names that come later.
    pub(crate) fn failing_at(&self, point: &Point, error: &str, and_all_later: bool) -> End {
        let later = if and_all_later { "+" } else { "" };
        self.with(&format!("inject={}:error={error}:when={}{later}", point.syscall, point.nth))
    }

    /// Runs it with one more option of strace.
    pub(crate) fn with(&self, injection: &str) -> End {
        let log = self.root.join("strace.log");
        let output = self.traced(&["-f", "-o", log.to_str().unwrap(), "-e", injection]);
        end(&output)
    }

    /// Runs it with these options of strace.
    pub(crate) fn traced(&self, options: &[&str]) -> Output {
        let mut command = Command::new("strace");
        command.args(options).arg(binary());
        self.in_world(&mut command).output().unwrap()
    }

    /// The program alone.
    pub(crate) fn alone(&self) -> Command {
        let mut command = tokscope(self.root, []);
        self.in_world(&mut command);
        command
    }

    fn in_world<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let path = std::env::var_os("PATH").unwrap();
        command.args(self.arguments).env_clear().env("PATH", path).env("LANG", "C.UTF-8").stdin(Stdio::null());
        let folders =
            [("TOKSCOPE_CONFIG_DIR", "config"), ("HOME", "home"), ("XDG_RUNTIME_DIR", "run"), ("TMPDIR", "tmp")];
        command.envs(folders.map(|(name, folder)| (name, self.root.join(folder))))
    }
}

pub(crate) fn end(output: &Output) -> End {
    // strace ends as what it has traced did.
    match (output.status.signal(), output.status.code()) {
        (Some(9), _) => End::Killed,
        (None, Some(code)) => End::Exited(code, String::from_utf8_lossy(&output.stderr).into_owned()),
        other => panic!("{other:?}: {}", String::from_utf8_lossy(&output.stderr)),
    }
}

/// Whether strace is there and may trace.
pub(crate) fn works() -> bool {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-o", "/dev/null", "-e", "inject=read:error=EIO:when=60000", "true"]);
    strace.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
