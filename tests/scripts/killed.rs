//! A rotation that is killed again and again, over all kinds of profiles and over servers with every fault: each profile ends in
//! one outcome, nothing is sent more often than it may be, what is called dead is dead, and what is said is what a rotation
//! says that was not killed.
//!
//! `PROFILES=100 KILLS=50 cargo test --test scripts killed -- --nocapture` is much more of it than a plain `cargo test`.

mod fleet;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, BufReader, Read as _, Seek as _},
};

use serde_json::Value;

use self::fleet::Fleet;
use crate::support::rotation::{Account, Confirmed, Cost};

/// Each profile has about so many events.
const EVENTS: usize = 8;

fn number(variable: &str, usual: usize) -> usize {
    std::env::var(variable).map_or(usual, |text| text.parse().unwrap())
}

/// The same numbers each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// What a process has come to.
struct Ended {
    events: Vec<Value>,
    /// None where it was killed before.
    receipt: Option<Value>,
}

impl Fleet {
    /// Runs the program, and kills it after so many events.
    fn killed_after(&self, events: usize, arguments: &[&str]) -> Ended {
        // A pipe that nobody reads would stop it at its end.
        let mut printed = tempfile::tempfile().unwrap();
        let mut command = self.world.command(arguments);
        let mut child = command.stdout(printed.try_clone().unwrap()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut said: Vec<_> = lines.by_ref().take(events).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        // What it has said besides is known too.
        said.extend(lines);
        printed.rewind().unwrap();
        let mut text = String::new();
        printed.read_to_string(&mut text).unwrap();
        let receipt = serde_json::from_str(&text).ok();
        assert!(events < usize::MAX || receipt.is_some(), "{said:?}");
        Ended { events: said.iter().filter_map(|line| serde_json::from_str(line).ok()).collect(), receipt }
    }

    /// Rotates all, killed so many times on the way at most; what it says of each, and how often it was killed.
    fn rotate(&self, kills: u32, dice: &mut Dice) -> (Vec<Account>, u32) {
        const FRESH: [&str; 7] = ["rotate", "--all", "--yes", "--json", "--no-input", "--prove-for", "2s"];
        let (mut run, mut killed, mut settled) = (None::<String>, 0, BTreeSet::new());
        loop {
            let resumed = run.as_deref().map(|run| ["rotate", "--resume", run, "--json", "--no-input"]);
            let left = self.names().count() - settled.len();
            let until = if killed < kills { 1 + dice.below(EVENTS * left.max(1)) } else { usize::MAX };
            let ended = self.killed_after(until, resumed.as_ref().map_or(&FRESH[..], |resumed| &resumed[..]));
            for event in ended.events {
                let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
                match event["event"].as_str() {
                    Some("planned") => run = Some(text("run")),
                    Some("settled") => _ = settled.insert(text("profile")),
                    _ => {}
                }
            }
            let Some(receipt) = ended.receipt else {
                killed += 1;
                continue;
            };
            let mut journals = self.journals();
            let profiles = receipt["profiles"].as_array().unwrap().iter();
            let account = |profile: &Value| {
                // One that was left alone has the journal of an earlier run.
                let journal = journals.remove(profile["name"].as_str().unwrap());
                Account::new(profile, journal.filter(|journal| receipt["run"] == journal.run.to_string()))
            };
            return (profiles.map(account).collect(), killed);
        }
    }

    /// Holds what a rotation says of each profile against the truth.
    fn hold(&self, accounts: &[Account], before: &Value, confirmed: &mut Confirmed) {
        let names: BTreeSet<_> = accounts.iter().map(|account| account.name.as_str()).collect();
        assert_eq!((names.len(), accounts.len()), (self.names().count(), self.names().count()), "one outcome each");
        let (totals, session) = (self.world.truth("").unwrap(), self.world.session());
        for account in accounts {
            let logins = |totals| self.count(totals, &account.name, "logins");
            if let (Some(now), Some(then)) = (logins(&totals), logins(before)) {
                // Each was written down before it was sent.
                assert!(now - then <= account.begun_logins(), "{} logins: {account}", now - then);
            }
            confirmed.hold(account, &session, |token| self.world.truth(token));
        }
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "its figures are told")]
fn whatever_moment_it_is_killed_at_each_profile_ends_in_one_outcome() {
    let (profiles, kills) = (number("PROFILES", 18), u32::try_from(number("KILLS", 4)).unwrap());
    let fleet = Fleet::new(profiles);
    let (mut dice, mut confirmed) = (Dice(13), Confirmed::default());
    let mut before = fleet.world.truth("").unwrap();
    let (whole, _) = fleet.rotate(0, &mut dice);
    fleet.hold(&whole, &before, &mut confirmed);
    let (mut done, mut costs) = (0, BTreeMap::<Cost, usize>::new());
    while done < kills {
        // Once in a round is where nothing but a login may be lost; what is cut off twice may not be sent again.
        let now = if (kills - done).is_multiple_of(2) { 1 } else { 3.min(kills - done) };
        fleet.strand();
        before = fleet.world.truth("").unwrap();
        let (accounts, killed) = fleet.rotate(now, &mut dice);
        fleet.hold(&accounts, &before, &mut confirmed);
        done += killed;
        let mut differ = Vec::new();
        for (account, whole) in accounts.iter().zip(&whole) {
            let (cost, others) = account.cost(whole, killed);
            differ.extend(others);
            if cost == Cost::Refresh {
                let truth = fleet.world.truth(account.old_refresh().unwrap()).unwrap();
                assert!(truth["refreshes"].as_u64() == Some(1), "the server has not performed it: {truth}: {account}");
            }
            *costs.entry(cost).or_default() += 1;
            if account.receipt["outcome"] != whole.receipt["outcome"] {
                fleet.seed(&account.name);
            }
        }
        assert!(differ.is_empty(), "not as without {killed} kills: {differ:#?}");
    }
    println!("{profiles} profiles, {done} kills: {confirmed:?}, all true; what the kills have cost: {costs:?}");
}
