//! `tokscope --version`: which build this is.

use std::fmt::Write as _;

use super::{Failure, output};

/// Asks for the version instead of anything else.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Version {
    /// Print the version
    #[arg(short = 'V', long = "version")]
    pub asked: bool,

    /// With --version: the commit, the target and what was built in, too
    #[arg(long, requires = "asked")]
    pub verbose: bool,
}

/// What depends on the system that a build is for: its name, whether this build has it.
const FEATURES: [(&str, bool); 4] = [
    ("secret-service", cfg!(all(unix, not(target_os = "macos")))),
    ("kernel-keyring", cfg!(target_os = "linux")),
    ("wayland-clipboard", cfg!(all(unix, not(target_os = "macos")))),
    ("hardened-process", cfg!(target_os = "linux")),
];

/// Prints it.
pub fn run(version: Version) -> Result<(), Failure> {
    let mut text = format!("tokscope {}\n", env!("CARGO_PKG_VERSION"));
    if version.verbose {
        let commit = option_env!("TOKSCOPE_COMMIT").unwrap_or("not known: not a release build, or built without git");
        let features: Vec<_> = FEATURES.iter().filter(|(_, built_in)| *built_in).map(|(name, _)| *name).collect();
        let optimized = if cfg!(debug_assertions) { "debug" } else { "release" };
        let lines = [
            ("commit", commit),
            ("target", env!("TOKSCOPE_TARGET")),
            ("profile", optimized),
            ("features", &features.join(", ")),
        ];
        for (name, value) in lines {
            _ = writeln!(text, "{name}: {value}");
        }
    }
    output::print(&text)
}
