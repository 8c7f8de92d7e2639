//! The program beside others that decode tokens, all in one run and in turn, because the same machine is never as fast twice.
//!
//! `cargo bench --bench compare` installs the others below `target/compare` (from crates.io and npm; only node and npm must be
//! there), measures, and prints the table of the README. `cargo test --benches` measures nothing and installs nothing: it
//! looks whether our own half still runs.

#![allow(clippy::print_stdout, reason = "a measurement is told on stdout")]

mod growth;
#[path = "../measured.rs"]
mod measured;
mod peers;
mod processes;
#[path = "../../tests/support/program.rs"]
#[allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "of the tests; only its path is needed")]
mod program;
#[path = "../../tests/support/screen.rs"]
#[allow(clippy::unwrap_used, reason = "of the tests")]
mod screen;
mod terminal;

use std::{fs, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tokscope::clock;

use crate::measured::is_measured;

/// A token of the documentation of Open edX: 691 bytes, with the claims of one that is in use.
fn sample() -> String {
    let samples = include_str!("../../tests/vectors/openedx-documentation-samples.json");
    let samples: serde_json::Value = serde_json::from_str(samples).expect("the vectors are JSON");
    samples[0]["response"]["access_token"].as_str().expect("an access token").to_owned()
}

/// So many short tokens of the same user, each with another number in its claims, a line each.
fn several(count: usize) -> String {
    let token = |number| {
        let claims = format!(r#"{{"preferred_username":"{USER}","n":{number}}}"#);
        [r#"{"alg":"HS256"}"#, &claims, "thirty-two bytes of no signature"]
            .map(|part| URL_SAFE_NO_PAD.encode(part))
            .join(".")
    };
    (0..count).map(|number| token(number) + "\n").collect()
}

/// A claim of [`sample`] that no program writes by itself.
const CLAIM: &str = "feanil@axim.org";
/// What is seen of it wherever it is shown.
const USER: &str = "feanil";

fn main() {
    let peers = if is_measured() { peers::installed() } else { Vec::new() };
    println!("{}\n", place());
    println!("| | tokscope | {} |", peers::NAMES.join(" | "));
    println!("|---|{}", "---|".repeat(1 + peers::NAMES.len()));
    processes::compare(&peers);
    terminal::compare(&peers);
    growth::tell();
}

/// Where and when this is measured.
fn place() -> String {
    let model = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map(|(_, name)| name);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let day = clock::utc(clock::now());
    format!("{}, {processors} processors, load {load}, {}", model.unwrap_or("a machine"), &day[..10])
}

/// A row of the table: what is measured, ours, and that of each peer (`None`: it has no such thing), with our share of it.
fn row(what: &str, ours: f64, theirs: &[Option<f64>], unit: impl Fn(f64) -> String) {
    let cells: Vec<_> =
        theirs.iter().map(|value| value.map_or("–".to_owned(), |value| cell(ours, value, &unit))).collect();
    println!("| {what} | {} | {} |", unit(ours), cells.join(" | "));
}

fn cell(ours: f64, value: f64, unit: impl Fn(f64) -> String) -> String {
    format!("{} ({:.2})", unit(value), ours / value)
}

fn milliseconds(value: f64) -> String {
    format!("{value:.2} ms")
}

fn megabytes(value: f64) -> String {
    format!("{:.1} MB", value / 1e6)
}

fn median(mut values: Vec<Duration>) -> f64 {
    values.sort_unstable();
    values.get(values.len() / 2).map_or(f64::NAN, |value| value.as_secs_f64() * 1_000.0)
}

/// Of each measurement.
fn turns(count: usize) -> usize {
    if is_measured() { count } else { 1 }
}
