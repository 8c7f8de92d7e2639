//! Where a token comes from.

use std::{
    convert::Infallible,
    fmt,
    io::{self, IsTerminal as _},
    os::fd::AsFd,
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::CommandFactory as _;
use rustix::{
    buffer::spare_capacity,
    fs::{FileType, fstat},
    io::Errno,
};

use super::{Arguments, Failure};
use crate::{
    secret::{ExposeSecret as _, SecretString},
    store::files,
    token::{
        Token,
        detect::{Found, detect},
    },
    trouble::Code,
};

/// A bare word with fewer characters that is not a token by its looks was meant to be something else.
const SHORTEST: usize = 20;

/// No token is that long; a file that is was named by mistake.
const LONGEST: usize = 64 << 20;

/// Where a token comes from: an argument, a file or standard input.
#[derive(Debug, Clone)]
pub enum Source {
    /// The token itself.
    Argument(SecretString),
    /// `@FILE`.
    File(PathBuf),
    /// `-`.
    Stdin,
}

impl Source {
    /// Standard input where something is piped into it, for a command that got no argument.
    pub fn piped() -> Result<Self, Failure> {
        if io::stdin().is_terminal() {
            return Err(Failure::usage("no token given")
                .hint("pipe one in, as in `wl-paste | tokscope …`, or give its file: `@FILE`"));
        }
        Ok(Self::Stdin)
    }

    /// What was given, or else [`Self::piped`].
    pub(super) fn or_piped(given: Option<&Self>) -> Result<Self, Failure> {
        given.cloned().map_or_else(Self::piped, Ok)
    }

    /// Standard input where something is piped into it, for a command that can do without. A terminal and `/dev/null`
    /// have nothing to give.
    pub fn if_piped() -> Option<Self> {
        let kind = fstat(io::stdin()).map(|stdin| FileType::from_raw_mode(stdin.st_mode));
        kind.is_ok_and(|kind| kind != FileType::CharacterDevice).then_some(Self::Stdin)
    }

    /// A short name: `argument`, `stdin`, or the file's name without its folders. Foreign text.
    pub fn label(&self) -> String {
        match self {
            Self::Argument(_) => "argument".to_owned(),
            Self::File(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            Self::Stdin => "stdin".to_owned(),
        }
    }

    /// Reads the text. What is not UTF-8 in it becomes U+FFFD.
    pub fn read(&self) -> Result<SecretString, Failure> {
        if let Self::Argument(text) = self {
            return Ok(text.clone());
        }
        self.text(self.bytes()?)
    }

    /// The text of these bytes, which came from here.
    pub(super) fn text(&self, bytes: Vec<u8>) -> Result<SecretString, Failure> {
        let text = String::from_utf8(bytes).unwrap_or_else(|fault| String::from_utf8_lossy(fault.as_bytes()).into());
        if text.trim().is_empty() {
            return Err(Failure::usage(format!("{self} is empty")).hint("expected a token there"));
        }
        Ok(text.into())
    }

    /// The tokens in a text that came from here, of which at least one looks like a token.
    pub(super) fn tokens(&self, text: &str) -> Result<Vec<(Found, Token)>, Failure> {
        let inspected = |found: Found| {
            let token = found.inspect();
            (found, token)
        };
        let mut found: Vec<_> = detect(text).into_iter().map(inspected).collect();
        if found.is_empty() {
            found.push(inspected(Found::whole(text)));
        }
        if found.iter().any(|(_, token)| token.is_plausible()) {
            return Ok(found);
        }
        let hint = match self {
            Self::Argument(_) => "a token has at least 16 characters and no spaces; a file is given as @FILE",
            Self::File(_) | Self::Stdin => "a JWT is three base64url segments separated by dots",
        };
        Err(Failure::usage(format!("no token in {self}")).hint(hint))
    }

    /// Both cannot be standard input, which can be read once.
    pub(super) fn apart(&self, other: &Self) -> Result<(), Failure> {
        match (self, other) {
            (Self::Stdin, Self::Stdin) => {
                Err(Failure::usage("standard input cannot be both of them").hint("give one of them as @FILE"))
            }
            _ => Ok(()),
        }
    }

    /// A mistyped subcommand, where this is an argument that is too short for a token. It may still be a secret, and is
    /// not repeated.
    pub fn mistyped(&self) -> Option<Failure> {
        let Self::Argument(word) = self else { return None };
        let word = word.expose_secret();
        let failure = Failure::usage("the argument is neither a command nor a token");
        (word.chars().count() < SHORTEST).then(|| match nearest(word) {
            Some(command) => {
                failure.hint(format!("did you mean `tokscope {command}`? `tokscope --help` lists all commands"))
            }
            None => failure.hint("`tokscope --help` lists all commands; a file is given as @FILE"),
        })
    }

    /// Reads the bytes as they are.
    pub fn bytes(&self) -> Result<Vec<u8>, Failure> {
        Ok(match self {
            Self::Argument(text) => text.expose_secret().as_bytes().to_vec(),
            Self::File(path) => files::open(path).and_then(read).map_err(|error| unreadable(path, error))?,
            // Not through its buffer: that lives as long as the process and is never wiped.
            Self::Stdin => read(io::stdin()).map_err(|error| Failure::of_io("cannot read standard input", error))?,
        })
    }
}

/// For sentences: `the argument`, `standard input`, the file's path. Foreign text.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(_) => f.write_str("the argument"),
            Self::File(path) => f.write_str(&files::shown(path)),
            Self::Stdin => f.write_str("standard input"),
        }
    }
}

impl FromStr for Source {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.strip_prefix('@') {
            Some(path) => Self::File(path.into()),
            None if text == "-" => Self::Stdin,
            None => Self::Argument(text.into()),
        })
    }
}

/// The subcommand that a word was most likely meant to be.
fn nearest(word: &str) -> Option<String> {
    /// From here on, two words look alike: it is the threshold that clap has.
    const ALIKE: f64 = 0.7;
    let arguments = Arguments::command();
    let names = arguments.get_subcommands().map(clap::Command::get_name);
    let scored = names.map(|name| (strsim::jaro(word, name), name)).filter(|(score, _)| *score > ALIKE);
    scored.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, name)| name.to_owned())
}

/// Reads to the end, without a buffer that would keep a copy.
fn read(file: impl AsFd) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(16 << 10);
    loop {
        bytes.reserve(4 << 10);
        match rustix::io::read(&file, spare_capacity(&mut bytes)) {
            Ok(0) => return Ok(bytes),
            Ok(_) if bytes.len() > LONGEST => {
                return Err(io::Error::other("more than 64 MiB, which cannot be a token"));
            }
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn unreadable(path: &Path, error: io::Error) -> Failure {
    let is_missing = error.kind() == io::ErrorKind::NotFound;
    let failure = Failure::of_io(format_args!("cannot read {}", files::shown(path)), error);
    if is_missing { failure.coded(Code::Usage).hint("the @ is followed by a file name") } else { failure }
}
