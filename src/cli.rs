//! The command line: one file per subcommand.

/// The subcommands.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Command {}
