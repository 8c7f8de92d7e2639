//! What `tokscope --version --verbose` says of a build and cargo does not tell the compiler: its target and its commit.
//!
//! A commit is named in release builds only. In others each commit would compile everything again.

use std::{env, fs, process::Command};

fn main() {
    println!("cargo::rustc-env=TOKSCOPE_TARGET={}", env::var("TARGET").unwrap_or_default());
    println!("cargo::rerun-if-changed=assets/build.rs");
    if env::var("PROFILE").as_deref() != Ok("release") {
        return;
    }
    if let Some(commit) = packaged().or_else(checked_out) {
        println!("cargo::rustc-env=TOKSCOPE_COMMIT={commit}");
    }
}

/// The commit of a packaged crate, which `cargo package` writes down beside the sources.
fn packaged() -> Option<String> {
    let text = fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, rest) = text.split_once("\"sha1\"")?;
    let hash = rest.split('"').nth(1)?;
    let changed = if text.contains("\"dirty\": true") { " with changes" } else { "" };
    Some(format!("{}{changed}", hash.get(..12)?))
}

/// The commit of a checkout, and whether files differ from it. A folder that is in some other repository has none.
fn checked_out() -> Option<String> {
    let top = git(&["rev-parse", "--show-prefix"])?;
    if !top.is_empty() {
        return None;
    }
    for watched in ["src", "assets", "Cargo.toml", "Cargo.lock", &git(&["rev-parse", "--git-path", "logs/HEAD"])?] {
        println!("cargo::rerun-if-changed={watched}");
    }
    let hash = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changed.is_empty() { hash } else { format!("{hash} with changes") })
}

/// What git answers, unless it is missing or refuses.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
