//! A turn that was interrupted goes on where its journal says.

use super::Turn;
use crate::{
    auth::rotation::{Ending, Kinship, Way},
    session::rotate::step::{AT_MOST, Check, New},
    store::vault::{Journal, Record, Step},
};

/// So many logins are begun for one profile where the first one was lost.
const LOGINS: u32 = 2;

impl Turn {
    /// Takes up what an earlier process has left. Nothing is obtained again that was saved, and what was begun counts.
    pub(in crate::session::rotate) async fn take_up(&mut self, journal: &Journal, record: &Record) {
        self.journaled = true;
        self.now.way = journal.way.or(self.now.way);
        let began = self.now.clock.now;
        for (token, known) in self.tokens.iter().zip(&mut self.now.tokens) {
            let begun = match known.ending {
                Ending::UseUp => journal.attempts.use_up,
                _ => journal.attempts.endings.get(&token.fingerprint()).copied().unwrap_or_default(),
            };
            // Nobody knows whether it was sent; to send it once more is harmless. After a login that followed, it was.
            known.ended = if journal.step == Step::Ending && begun < AT_MOST { 0 } else { begun };
            known.replays = journal.attempts.replay;
            // When it was sent is not known: what is seen from here on came after it.
            known.subject.ended_at = (begun > 0).then_some(began);
        }
        if journal.step == Step::Obtaining {
            return self.take_up_obtaining(journal);
        }
        let way = self.now.way.unwrap_or(Way::Login);
        let has_new = journal.attempts.obtain > 0;
        if !has_new {
            // Panic: the endings came first.
            return;
        }
        self.new.clone_from(&record.token_set);
        self.obtained_at = record.token_set.as_ref().map(|set| set.received_at);
        self.now.new = New::Here(self.kinship(way));
        self.now.passed = journal.step >= Step::Ending;
        if journal.attempts.recover == 0 {
            return;
        }
        self.has_recovered = journal.step != Step::Recovering && self.now.new != New::Here(Kinship::Identical);
        self.now.recovered = true;
        if journal.step == Step::Recovering {
            // Whether that login has come to its end is told by the session that is here.
            self.control().await;
            self.now.recovered = self.now.control == Check::Passed || journal.attempts.recover >= LOGINS;
            self.now.passed = true;
        }
    }

    fn take_up_obtaining(&mut self, journal: &Journal) {
        if matches!(self.now.way, Some(Way::Login | Way::Asked)) {
            self.alarms.push("one login may have issued tokens that were lost".to_owned());
            if journal.attempts.obtain >= LOGINS {
                self.reason = Some("two logins were begun, and no response was saved".to_owned());
                self.left_to_do.push("log in by hand".to_owned());
                self.now.new = New::Failed;
            }
        }
    }
}
