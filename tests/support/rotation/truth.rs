//! A receipt against what is true at the servers, and against the vault.

use serde_json::Value;
use tokscope::{auth::IssuedToken, profile::ProfileName, session::Session};

use super::Account;

/// The verdicts on old tokens that were confirmed.
#[derive(Debug, Default, Clone, Copy)]
pub struct Confirmed {
    pub dead: usize,
    pub alive: usize,
}

impl Confirmed {
    /// Holds what is said of a profile against the vault, and against `truth`: what a server says of a token by its fingerprint.
    pub fn hold(&mut self, account: &Account, session: &Session, truth: impl Fn(&str) -> Option<Value>) {
        for old in account.receipt["old"].as_array().unwrap() {
            if let Some(truth) = truth(old["fingerprint"].as_str().unwrap()) {
                self.judged(account, old, &truth);
            }
        }
        current(account, session);
        for token in named(account, "new") {
            let truth = truth(&token);
            let is_alive = truth.as_ref().is_none_or(|truth| truth.to_string().contains("alive"));
            assert!(is_alive, "the new session is dead: {truth:?}: {account}");
        }
    }

    fn judged(&mut self, account: &Account, old: &Value, truth: &Value) {
        assert!(truth["revocations"].as_u64() <= Some(2), "{truth}: {account}");
        // SeTA's is used up twice at most, of which the first is a refresh, and replayed twice at most.
        let most = if account.receipt["provider"] == "seta" { 3 } else { 2 };
        assert!(truth["replays"].as_u64() <= Some(most), "{truth}: {account}");
        let states: Vec<_> = truth["servers"].as_object().unwrap().values().collect();
        match old["verdict"].as_str().unwrap() {
            "dead" => {
                assert!(states.iter().all(|state| *state == "dead"), "false dead: {truth}: {account}");
                self.dead += 1;
            }
            "alive" | "alive_until" => {
                // One that a replay showed alive was used up by that.
                let is_alive = states.iter().any(|state| *state == "alive") || truth["refreshes"] != 0;
                assert!(is_alive, "false alive: {truth}: {account}");
                self.alive += 1;
            }
            _ => {}
        }
    }
}

/// The session that the receipt names is the one that is here; where there is no new one, the old one is.
fn current(account: &Account, session: &Session) {
    let set = session.token_set(&ProfileName::new(&account.name).unwrap()).unwrap();
    let tokens = set.iter().flat_map(|set| &set.tokens);
    let here: Vec<_> = tokens.map(IssuedToken::fingerprint).map(|token| token.to_string()).collect();
    let is_here = |which| named(account, which).iter().all(|token| here.contains(token));
    match account.receipt["outcome"].as_str().unwrap() {
        "rotated" => assert!(!here.is_empty() && is_here("new"), "the current session is another one: {account}"),
        "failed" => assert!(!here.is_empty() && is_here("old"), "the old session is not here: {account}"),
        _ => {}
    }
}

/// The fingerprints of the tokens that grant something.
fn named(account: &Account, which: &str) -> Vec<String> {
    let tokens = account.receipt[which].as_array().unwrap().iter().filter(|token| token["kind"] != "id");
    tokens.map(|token| token["fingerprint"].as_str().unwrap().to_owned()).collect()
}
