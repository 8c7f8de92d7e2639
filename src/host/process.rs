//! What other programs of the same user can learn from this process without asking it.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Keeps the memory of this process to itself: no debugger attaches, nobody reads it through `/proc`, and a crash leaves
/// no core file. Programs that it starts get no core files either, and are otherwise as always. Where the system refuses,
/// everything else works all the same.
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
