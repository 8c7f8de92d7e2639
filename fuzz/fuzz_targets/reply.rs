//! Any answer, of a server or a program, is read: no token is made out of what was not sent as one, what decides on trust
//! is whole, and what is said of an answer holds none of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tokscope::{
    auth::{TokenKind, answer::Answer},
    clock::{Timestamp, read},
    http::{Reading, Response},
};

fuzz_target!(|bytes: &[u8]| {
    let _ = Reading::of_output(bytes);
    let reading = Reading::of(bytes);
    let text = String::from_utf8_lossy(bytes);
    if let Some(members) = reading.members() {
        let mut answer = Answer::with(members, &["access_token", "refresh_token"]);
        for (kind, name) in [(TokenKind::Access, "access_token"), (TokenKind::Refresh, "refresh_token")] {
            let _ = answer.token(kind, name);
        }
        for ends in [read::ACCESS, read::REFRESH, read::ID] {
            if let Some(end) = answer.end(ends, Timestamp::UNIX_EPOCH) {
                assert_eq!(tokscope::clock::parse(&tokscope::clock::utc(end)), Some(end));
            }
        }
    }
    if let Some(whole) = reading.whole() {
        let bare = text.trim().trim_start_matches('\u{feff}').trim();
        assert_eq!(serde_json::from_str::<serde_json::Value>(bare).ok(), Some(whole));
    }
    // The shortest word of the kind that has no look of its own.
    const SECRET: &str = "qzjxkvwqzjxkvwqzjxkvwq";
    for body in [format!("{text}{SECRET}"), format!("{SECRET}{text}"), format!("{{\"{SECRET}\":{text}")] {
        assert!(!Response::scripted(200, &body, Timestamp::UNIX_EPOCH).description().contains(SECRET));
    }
});
