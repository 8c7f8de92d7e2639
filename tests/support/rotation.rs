//! What a rotation says, held against what is true at the demo's servers and in the vault, and against a rotation of the same
//! profile that nothing interrupted.

#![allow(unused_imports, reason = "each test binary uses its part")]

mod account;
mod truth;

use serde_json::Value;

pub use self::{
    account::{Account, Cost},
    truth::Confirmed,
};

/// What is said of a profile in a line.
pub fn line(profile: &Value) -> String {
    let mut line = profile["outcome"].as_str().unwrap().to_owned();
    for old in profile["old"].as_array().unwrap().iter().filter(|old| old["kind"] != "id") {
        let why = if old["why"] == "cancelled" { " (cancelled)" } else { "" };
        line += &format!(", {} {}{why}", old["kind"].as_str().unwrap(), old["verdict"].as_str().unwrap());
    }
    for remark in ["alarms", "left_to_do"] {
        for words in profile[remark].as_array().unwrap() {
            let words: Vec<_> = words.as_str().unwrap().split([' ', ':']).take(4).collect();
            line += &format!("; {}", words.join(" "));
        }
    }
    line
}
