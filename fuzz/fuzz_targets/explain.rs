//! What is said of a token, its findings and its differences from another one, is safe to show.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tokscope::{
    clock::Timestamp,
    text::{hidden, visible},
    token::{Token, diff::diff, findings::findings},
};

fuzz_target!(|text: &str| {
    assert!(!visible(text).chars().any(hidden));
    let (first, second) = text.split_once('\n').unwrap_or((text, ""));
    let (first, second) = (Token::inspect(first), Token::inspect(second));
    for finding in findings(&first, Timestamp::UNIX_EPOCH) {
        assert!(!finding.text.is_empty());
    }
    for change in diff(&first, &second) {
        for value in [&change.before, &change.after].into_iter().flatten() {
            assert!(!value.chars().any(hidden), "{value:?}");
        }
    }
});
