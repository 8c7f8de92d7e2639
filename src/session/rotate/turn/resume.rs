//! A turn that was interrupted goes on where its journal says.

use super::{Turn, obtain::SAME};
use crate::{
    auth::rotation::{Ending, Kinship, Way},
    session::rotate::step::{AT_MOST, Check, New},
    store::vault::{Journal, Record, Step},
};

const LOST: &str = "one login may have issued tokens that were lost";
/// So many logins are begun for one profile where the first one was lost.
const LOGINS: u32 = 2;

impl Turn {
    /// Takes up what an earlier process has left. Nothing is obtained again that was saved, and what was begun counts.
    pub(in crate::session::rotate) async fn take_up(&mut self, journal: &Journal, record: &Record) {
        self.journaled = true;
        // Before anything was sent, or never.
        self.now.observed = true;
        self.recount(journal);
        self.now.way = journal.way.or(self.now.way);
        let began = self.now.clock.now;
        for place in 0..self.tokens.len() {
            let (answered, fingerprint) = (self.told_endings(place), self.tokens[place].fingerprint());
            let known = &mut self.now.tokens[place];
            let begun = match known.ending {
                Ending::UseUp => journal.attempts.use_up,
                _ => journal.attempts.endings.get(&fingerprint).copied().unwrap_or_default(),
            };
            known.replays = journal.attempts.replay;
            known.ended = begun;
            self.now.begun |= begun > 0;
            if answered >= begun {
                continue;
            }
            // Nobody knows whether it was sent; to send it once more is harmless. After a login that followed, it was.
            if journal.step == Step::Ending && begun < AT_MOST {
                known.ended = 0;
            }
            // When it was sent is not known: what is seen from here on came after it.
            known.subject.ended_at = Some(began);
        }
        if journal.step == Step::Obtaining {
            return self.take_up_obtaining(journal, record);
        }
        let way = self.now.way.unwrap_or(Way::Login);
        let has_new = journal.attempts.obtain > 0;
        if !has_new {
            // Panic: the endings came first.
            return;
        }
        self.new.clone_from(&record.token_set);
        self.obtained_at = record.token_set.as_ref().map(|set| set.received_at);
        self.now.renewed(self.kinship(way), self.obtained_at);
        self.replaced(way);
        self.now.passed = journal.step >= Step::Ending;
        if journal.attempts.recover == 0 {
            return;
        }
        if journal.step != Step::Recovering && journal.kinship != Some(Kinship::Identical) {
            self.has_logged_in_again();
        }
        self.now.recovered = true;
        if journal.step == Step::Recovering {
            // Whether that login has come to its end is told by the session that is here.
            self.control().await;
            self.now.recovered = self.now.control == Check::Passed || journal.attempts.recover >= LOGINS;
            self.now.passed = true;
        }
    }

    fn take_up_obtaining(&mut self, journal: &Journal, record: &Record) {
        let has_same = journal.remarks.iter().any(|remark| remark == SAME);
        if let (Some(set), true) = (record.token_set.clone(), has_same && journal.attempts.obtain >= LOGINS) {
            self.alarm(LOST);
            self.obtained_at = Some(set.received_at);
            self.new = Some(set);
            let kinship = self.kinship(self.now.way.unwrap_or(Way::Login));
            return self.now.renewed(kinship, self.obtained_at);
        }
        if matches!(self.now.way, Some(Way::Login | Way::Asked)) {
            self.alarm(LOST);
            if journal.attempts.obtain >= LOGINS {
                self.reason = Some("two logins were begun, and no response was saved".to_owned());
                self.left_to_do.push("log in by hand".to_owned());
                self.now.new = New::Failed;
            }
        }
    }
}
