//! Any answer of a token endpoint is read or refused; no error shows what it was given as a token.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tokscope::{
    auth::Scheme,
    clock::Timestamp,
    http::Response,
    oauth::token_endpoint::{Presented, read},
};

fuzz_target!(|input: (u16, &str)| {
    let (status, body) = input;
    let response = Response::scripted(status % 600, body, Timestamp::UNIX_EPOCH);
    match read(&response, Presented::RefreshToken) {
        Ok(answer) => drop(answer.into_token_set(Scheme::BEARER)),
        Err(error) => {
            let _ = (error.to_string(), error.hint(), format!("{error:?}"));
        }
    }
});
