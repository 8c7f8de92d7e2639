//! The command line: one file per subcommand.

pub mod bindings;
mod body;
mod candidates;
mod columns;
pub mod completions;
pub mod copy;
pub mod decode;
mod decryption;
mod deferred;
mod deliver;
pub mod diff;
pub mod doctor;
pub mod encode;
mod failure;
pub mod forget;
mod fresh;
pub mod history;
pub mod input;
mod interaction;
mod invocation;
mod json;
mod key_options;
mod lines;
pub mod lock;
pub mod login;
pub mod logout;
pub mod man;
mod named;
mod opening;
mod output;
pub mod probe;
pub mod profile;
mod protected;
pub mod providers;
pub mod refresh;
mod report;
pub mod request;
pub mod revoke;
pub mod rotate;
pub mod run;
pub mod scan;
pub mod schema;
pub mod select;
mod signals;
pub mod status;
mod style;
mod times;
pub mod token;
mod token_set;
pub mod vault;
pub mod verify;
pub mod version;

use std::{path::PathBuf, sync::OnceLock};

use self::input::Source;
pub use self::{deferred::Deferred, failure::Failure, style::When};
use crate::{
    auth::ReadOnly,
    session::{Location, Session},
    store::{StoreError, identity::Home},
};

/// Manage sessions that keep expiring: profiles, tokens with a live countdown, login, refresh, revoke; and decode
/// any token, offline.
///
/// Without a subcommand, the terminal program opens, with TOKEN or what is piped in at the top of the list; if standard
/// output is not a terminal, what is piped in is decoded.
#[derive(Debug, Clone, clap::Parser)]
#[command(name = "tokscope", version, disable_version_flag = true, max_term_width = 100)]
pub struct Arguments {
    /// A token, @FILE, or - for standard input; default: piped input. A token in an argument is visible in `ps`: prefer standard input
    #[arg(value_name = "TOKEN|@FILE|-")]
    pub token: Option<Source>,

    /// Where things are kept.
    #[command(flatten)]
    pub place: GlobalOptions,

    /// How it speaks.
    #[command(flatten)]
    pub manner: Manner,

    /// Which build it is.
    #[command(flatten)]
    pub version: version::Version,

    /// What to do instead of opening the terminal program.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Where things are kept.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct GlobalOptions {
    /// Folder of the profiles, settings and vault, instead of the default one
    #[arg(long, value_name = "DIR", global = true, env = "TOKSCOPE_CONFIG_DIR")]
    pub config_dir: Option<PathBuf>,

    /// Where the vault's key is kept, overriding config.toml: keyring, passphrase, memory or plain
    #[arg(long, value_name = "HOME", global = true, env = "TOKSCOPE_IDENTITY")]
    pub identity: Option<Home>,

    /// Accept a configuration folder that other users can change
    #[arg(
        long,
        global = true,
        env = "TOKSCOPE_ALLOW_WRITABLE_CONFIG",
        value_parser = clap::builder::FalseyValueParser::new(),
    )]
    pub allow_writable_config: bool,

    /// Send nothing for any profile: refuse login, refresh, revoke, rotate, probe and call
    #[arg(long, global = true)]
    pub readonly: bool,

    /// The folder, once it was looked at.
    #[arg(skip)]
    checked: OnceLock<Location>,
}

/// How the program speaks.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Manner {
    /// When to use colour
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, global = true)]
    pub color: When,

    /// No remarks on standard error: only errors, questions, and what is needed to go on
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

impl Manner {
    /// From now on this holds for the process.
    pub fn adopt(self) {
        self.color.choose();
        if self.quiet {
            output::be_quiet();
        }
    }
}

impl GlobalOptions {
    /// The folder of all configuration. One that others can change is refused.
    pub fn dir(&self) -> Result<PathBuf, StoreError> {
        Ok(self.folder()?.config)
    }

    /// The same, and where the key of its vault is.
    fn folder(&self) -> Result<Location, StoreError> {
        if let Some(checked) = self.checked.get() {
            return Ok(checked.clone());
        }
        let folder = self.unchecked_folder()?;
        if !self.allow_writable_config {
            folder.check()?;
        }
        Ok(self.checked.get_or_init(|| folder).clone())
    }

    /// For whom nothing is sent: for all, if the command line says so, or else as the settings say.
    fn restrict(&self, session: &Session) -> Result<(), StoreError> {
        if self.readonly {
            session.restrict(ReadOnly::this_run());
        }
        session.restrict(self.folder()?.settings()?.environments.readonly());
        Ok(())
    }

    /// The same, whoever can change it: to look at it, or to lock what was opened.
    fn unchecked_folder(&self) -> Result<Location, StoreError> {
        Ok(Location::locate(self.config_dir.as_deref(), self.identity)?.reading_once())
    }
}

/// The subcommands.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Command {
    /// Decode a token. Nothing is verified and nothing leaves the machine; a key is needed only to decrypt
    /// an encrypted token
    Decode(Deferred<decode::Decode>),
    /// Verify a token's signature and validate its claims: a checklist of what a resource server checks, offline
    Verify(Deferred<verify::Verify>),
    /// Sign a test token: the claims are JSON, kept exactly as written
    Encode(Deferred<encode::Encode>),
    /// Log in with a profile and get new tokens
    Login(Deferred<login::Login>),
    /// Refresh tokens
    Refresh(Deferred<refresh::Refresh>),
    /// Print a saved token with enough life left for a script; refresh it only if it has not
    Token(Deferred<token::Token>),
    /// Send a request to an API under a profile's token
    Call(Deferred<request::Request>),
    /// Run a command with fresh tokens in its environment
    Run(Deferred<run::Run>),
    /// List profiles with the state of their sessions and the time left. Nothing is sent
    Status(Deferred<status::Status>),
    /// List the tokens that programs keep on this machine, and what ends each. Nothing is sent, no token is printed
    Scan(Deferred<scan::Scan>),
    /// Ask the server to revoke tokens, and report the result for each
    Revoke(Deferred<revoke::Revoke>),
    /// Get a new session for each profile, end the old one, prove what is dead, and print a receipt
    Rotate(Deferred<rotate::Rotate>),
    /// Ask servers to revoke the tokens of profiles, and give them up here
    Logout(Deferred<logout::Logout>),
    /// Drop all tokens of profiles here; the servers are not told
    Forget(Deferred<forget::Forget>),
    /// Show the token sets that are kept of a profile, with their states, and what became of its tokens
    History(Deferred<history::History>),
    /// Ask the server whether it accepts a token now, and whose it is
    Probe(Deferred<probe::Probe>),
    /// Copy a token, its Authorization header or its claims to the clipboard, out of its history, and clear it afterwards
    Copy(Deferred<copy::Copy>),
    /// List, show, add, edit, remove and import profiles
    Profile(Deferred<profile::Profile>),
    /// List the supported auth systems and the profile settings of each
    Providers(Deferred<providers::Providers>),
    /// List the keys of the terminal program, with the name of each command
    Keys(Deferred<bindings::Keys>),
    /// Show where the vault's key is kept, move it, or unlock its keyring
    Vault(Deferred<vault::Vault>),
    /// Lock the vault in every running tokscope
    Lock(Deferred<lock::Lock>),
    /// Check the configuration, the vault and its key, the clipboard, the terminal, the clock and the network settings
    Doctor(Deferred<doctor::Doctor>),
    /// Compare two tokens: scopes and roles first, then claims, times and header
    Diff(Deferred<diff::Diff>),
    /// Print the JSON Schema of what a command prints with --json
    Schema(Deferred<schema::Schemas>),
    /// Print the completions for a shell
    Completions(Deferred<completions::Completions>),
    /// Print a manual page
    Man(Deferred<man::Manual>),
    /// Try everything against a built-in auth server on this machine, without touching your files
    Demo(Deferred<Demo>),
}

/// `tokscope demo`.
#[derive(Debug, Clone, clap::Args)]
pub struct Demo {
    /// Run only the auth server and print its addresses and credentials as one JSON object
    #[arg(long)]
    pub serve: bool,

    /// The port of the auth server on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub port: u16,

    /// Lifetime of access tokens, in seconds
    #[arg(long, value_name = "S", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..))]
    pub access_ttl: u32,

    /// Let GET /truth/FINGERPRINT say what is true of a token, for tests of programs that judge tokens
    #[arg(long)]
    pub truth: bool,
}

/// How a command ended that did its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Exit code 0.
    Yes,
    /// Exit code 1: a negative answer, such as "expired".
    No,
}
