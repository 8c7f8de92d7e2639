//! What a rotation says of a profile, in a form that can be compared with another rotation's: without times, and with the
//! kinds of tokens in place of their fingerprints.

use std::{collections::BTreeSet, fmt};

use serde_json::{Value, json};
use tokscope::store::vault::{Attempts, Journal};

/// What a killed program may have cost a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    Nothing,
    /// A login was cut off: a remark, and another login.
    Login,
    /// A refresh was cut off after the server had performed it, and the pair with it.
    Refresh,
    /// Two logins were cut off: it is not rotated.
    Logins,
    /// What may be sent twice was cut off twice: a token is not ended, or less is known of it.
    Requests,
}

/// What is known of a profile's rotation.
pub struct Account {
    pub name: String,
    /// As the receipt has it.
    pub receipt: Value,
    journal: Option<Journal>,
}

/// What is sent twice at most.
const SENT_TWICE: [&str; 3] = ["ended", "used up", "replayed"];
/// What begins the remark on a login that was cut off.
const LOST: &str = "one login may have issued tokens that were lost";
/// Why no third login is tried.
const GIVEN_UP: &str = "two logins were begun, and no response was saved";

impl Account {
    pub fn new(receipt: &Value, journal: Option<Journal>) -> Self {
        Self { name: receipt["name"].as_str().unwrap().to_owned(), receipt: receipt.clone(), journal }
    }

    fn attempts(&self) -> Attempts {
        self.journal.as_ref().map(|journal| journal.attempts.clone()).unwrap_or_default()
    }

    /// How many logins its rotation has begun.
    pub fn begun_logins(&self) -> u64 {
        u64::from(self.attempts().obtain + self.attempts().recover)
    }

    /// The refresh token that it began with.
    pub fn old_refresh(&self) -> Option<&str> {
        let old = self.receipt["old"].as_array().unwrap();
        old.iter().find(|old| old["kind"] == "refresh")?["fingerprint"].as_str()
    }

    /// How it came out other than the same rotation without a kill, as far as so many kills excuse that, and what they do not.
    pub fn cost(&self, whole: &Self, kills: u32) -> (Cost, Vec<String>) {
        self.hold_journal(whole, kills);
        let (mut said, same) = (self.said(), whole.said());
        let (attempts, usual) = (self.attempts(), whole.attempts());
        let is_failed = said["outcome"] == "failed" && same["outcome"] == "rotated";
        if is_failed && same["way"] == "refresh" {
            assert!(attempts.obtain > usual.obtain, "no refresh was cut off: {self}");
            return (Cost::Refresh, Vec::new());
        }
        if said["reason"] == GIVEN_UP {
            assert!(attempts.obtain >= 2 && kills.max(usual.obtain) > 1, "not two logins: {self}");
            return (Cost::Logins, Vec::new());
        }
        if said["outcome"] == "revoked" && same["outcome"] == "rotated" {
            assert!(attempts.recover == 2 && kills > 1, "not two logins: {self}");
            return (Cost::Logins, Vec::new());
        }
        let mut cost = Cost::Nothing;
        let alarms = said["alarms"].as_array_mut().unwrap();
        let all = alarms.len();
        alarms.retain(|alarm| !alarm.as_str().unwrap().starts_with(LOST));
        if alarms.len() < all {
            assert!(attempts.obtain > 0, "no login was begun: {self}");
            cost = Cost::Login;
        }
        let is_cut_off_twice = kills > 1
            && counts(&attempts)
                .iter()
                .zip(counts(&usual))
                .any(|((what, ours), (_, theirs))| SENT_TWICE.contains(what) && *ours == 2 && theirs < 2);
        let no_longer_dead =
            |said: &Value, same: &Value| said["verdict"] != "dead" && said["verdict"] != same["verdict"];
        for (said, same) in said["old"].as_array_mut().unwrap().iter_mut().zip(same["old"].as_array().unwrap()) {
            if is_cut_off_twice && no_longer_dead(said, same) {
                said.clone_from(same);
                cost = Cost::Requests;
            }
        }
        if cost == Cost::Requests {
            said["left_to_do"] = same["left_to_do"].clone();
        }
        let mut others = Vec::new();
        differ(&self.name, &said, &same, &mut others);
        if cost != Cost::Requests {
            self.differs_in_calls(whole, kills, &mut others);
        }
        (cost, others)
    }

    /// What was begun once more was begun by a kill, and nothing more than twice.
    fn hold_journal(&self, whole: &Self, kills: u32) {
        let is_begun = |account: &Self| {
            let journal = account.journal.as_ref();
            assert!(
                journal.is_none_or(|journal| !journal.is_open() && journal.old.is_none()),
                "not settled: {account}"
            );
            journal.is_some()
        };
        assert_eq!(is_begun(self), is_begun(whole), "{self}\nand {whole}");
        let (ours, theirs) = (counts(&self.attempts()), counts(&whole.attempts()));
        for ((what, ours), (_, theirs)) in ours.iter().zip(theirs) {
            // A server that returns the same tokens is asked for others: then a login that was cut off is the third.
            // How often a refresh is sent is counted by the record that it changes.
            let most = match (*what, whole.receipt["way"] == "refresh") {
                ("obtained", true) => u32::MAX,
                ("obtained", false) => theirs + 1,
                _ => theirs.max(2),
            };
            assert!(*ours <= most.min(theirs + kills), "{ours} times {what}, {theirs} without a kill: {self}");
        }
    }

    /// What was sent and seen is what is sent and seen without a kill: of an ending that was cut off twice there is no answer, and
    /// what was seen before a kill may have been seen for nothing.
    fn differs_in_calls(&self, whole: &Self, kills: u32, others: &mut Vec<String>) {
        for which in ["endings", "evidence"] {
            for (ours, theirs) in self.calls(which).iter().zip(whole.calls(which)) {
                let is_complete = which == "evidence" || kills > 1 || ours.len() == theirs.len();
                if !is_complete || !ours.is_subset(&theirs) {
                    others.push(format!("{}.{which}: {ours:#?}, without a kill {theirs:#?}", self.name));
                }
            }
        }
    }

    /// What was sent to end each old token, or what was seen of it. How often, and what says nothing, is a matter of time.
    fn calls(&self, which: &str) -> Vec<BTreeSet<String>> {
        let each = |call: &Value| {
            let control = ["kind", "result"].map(|key| call["control"][key].to_string());
            let words = ["call", "words"].map(|key| self.text(&call[key]).to_string());
            format!("{} {} {} {words:?} {control:?}", call["by"], call["status"], call["result"])
        };
        let of = |old: &Value| {
            let calls = old[which].as_array().unwrap().iter();
            calls.filter(|call| call["result"] != "unclear").map(each).collect()
        };
        self.receipt["old"].as_array().unwrap().iter().map(of).collect()
    }

    /// The receipt, but for times and fingerprints.
    fn said(&self) -> Value {
        let profile = &self.receipt;
        let texts =
            |value: &Value| -> Vec<_> { value.as_array().unwrap().iter().map(|text| self.text(text)).collect() };
        let old = profile["old"]
            .as_array()
            .unwrap()
            .iter()
            .map(|old| {
                json!({ "kind": old["kind"], "verdict": old["verdict"], "by": old["by"], "why": self.text(&old["why"]) })
            });
        let new = profile["new"].as_array().unwrap().iter().map(|new| new["kind"].clone());
        json!({
            "outcome": profile["outcome"], "way": profile["way"], "kinship": profile["kinship"],
            "recovered": profile["recovered"], "account": profile["account"], "reason": self.text(&profile["reason"]),
            "alarms": texts(&profile["alarms"]), "left_to_do": texts(&profile["left_to_do"]),
            "new": new.collect::<Vec<_>>(), "old": old.collect::<Vec<_>>(),
        })
    }

    /// A text without fingerprints and numbers.
    fn text(&self, text: &Value) -> Value {
        let Some(text) = text.as_str() else { return Value::Null };
        let mut text = text.to_owned();
        for token in ["old", "new"].iter().flat_map(|which| self.receipt[which].as_array().unwrap()) {
            text = text.replace(token["fingerprint"].as_str().unwrap(), &format!("<{}>", token["kind"]));
        }
        text.replace(|letter: char| letter.is_ascii_digit(), "0").into()
    }
}

/// How often each thing was begun; of endings, the most of any token.
fn counts(attempts: &Attempts) -> [(&'static str, u32); 5] {
    let Attempts { obtain, endings, use_up, replay, recover } = attempts;
    let endings = endings.values().copied().max().unwrap_or_default();
    [("obtained", *obtain), ("ended", endings), ("used up", *use_up), ("replayed", *replay), ("recovered", *recover)]
}

/// Where two values differ.
fn differ(place: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            ours.iter().for_each(|(key, value)| differ(&format!("{place}.{key}"), value, &theirs[key], found));
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            let both = ours.iter().zip(theirs).enumerate();
            both.for_each(|(index, (ours, theirs))| differ(&format!("{place}.{index}"), ours, theirs, found));
        }
        _ if ours == theirs => {}
        _ => found.push(format!("{place}: {ours}, without a kill {theirs}")),
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempts = self.journal.as_ref().map(|journal| counts(&journal.attempts));
        write!(f, "{attempts:?} {:#}", self.receipt)
    }
}
