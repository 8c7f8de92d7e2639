//! The end of old tokens: written down before it is sent.

use super::{
    Turn,
    call::{Call, Said},
};
use crate::{
    auth::{
        AuthError, Fate, IssuedToken,
        rotation::{Ending, Kinship, Observed},
    },
    clock,
    secret::Fingerprint,
    session::rotate::{
        event::{Event, Stage},
        receipt::{At, SentEnding, server_words, shown},
        step::{Check, Hint},
    },
    store::vault::{Journal, Step},
};

/// What the journal of a turn says whose new session no call can judge: a refusal after the endings means nothing then.
const MUTE: &str = "no call can judge the new session";

fn is_mute(journal: &Journal) -> bool {
    journal.remarks.iter().any(|remark| remark == MUTE)
}

impl Turn {
    /// No call could judge the new session before it was interrupted: none can now. One that is accepted while it is recovered from
    /// has come by that login.
    pub(in crate::session::rotate) fn recall(&mut self, journal: &Journal) {
        if is_mute(journal) {
            (self.now.control, self.now.passed) = (Check::Mute, false);
        }
        let accepted = self.now.control == Check::Passed && journal.kinship != Some(Kinship::Identical);
        if journal.step == Step::Recovering && accepted {
            self.has_logged_in_again();
        }
    }

    /// Asks the server to end a token.
    pub(super) async fn end(&mut self, place: usize, hint: Hint) {
        let token = self.tokens[place].clone();
        let fingerprint = token.fingerprint();
        let begun = self.begin_ending(move |journal| {
            let times = journal.attempts.endings.entry(fingerprint).or_default();
            *times += 1;
            *times
        });
        let Some(times) = begun.await else { return };
        let sent_at = self.time();
        let said = self.send(&Call::End(token.clone(), hint)).await;
        let answered = matches!(said.outcome, Ok(Said::Fate(Fate::Asked(_))));
        let old = &mut self.now.tokens[place];
        old.ended = times;
        let unsent = matches!(
            said.outcome,
            Err(AuthError::Unsupported(_) | AuthError::Setting(_) | AuthError::NeedsInteraction(_))
                | Ok(Said::Fate(Fate::Alive(_)))
        );
        if !unsent || said.call.is_some() {
            (old.answered, old.subject.ended_at) = (old.answered || answered, Some(sent_at));
            self.now.sent();
        } else {
            // Nothing was sent: there is no such call.
            old.ending = Ending::None;
        }
        self.told(place, fingerprint, &said);
    }

    /// Uses the refresh token up: what comes is wiped unseen, so that no one holds the successor.
    pub(super) async fn use_up(&mut self, place: usize) {
        let Some(old) = self.old.clone() else { return };
        let begun = self.begin_ending(|journal| {
            journal.attempts.use_up += 1;
            journal.attempts.use_up
        });
        let Some(times) = begun.await else { return };
        let sent_at = self.time();
        let said = self.send(&Call::Refresh(old)).await;
        let token = &mut self.now.tokens[place];
        (token.ended, token.answered, token.subject.ended_at) = (times, said.outcome.is_ok(), Some(sent_at));
        self.now.sent();
        let fingerprint = self.tokens[place].fingerprint();
        self.told(place, fingerprint, &said);
    }

    /// Without the mark on disk nothing is sent.
    async fn begin_ending(&mut self, change: impl FnOnce(&mut Journal) -> u32 + Send + 'static) -> Option<u32> {
        self.stage(Stage::Ending);
        let mute = self.now.control == Check::Mute;
        let noted = self.note(move |journal| {
            journal.step = Step::Ending;
            if mute && !is_mute(journal) {
                journal.remarks.push(MUTE.to_owned());
            }
            change(journal)
        });
        match noted.await {
            Ok(times) => Some(times),
            Err(error) => {
                self.now.revoke = false;
                self.left_to_do.push(format!("nothing was revoked, because that could not be written down: {error}"));
                None
            }
        }
    }

    fn told(&mut self, place: usize, token: Fingerprint, said: &Observed<Said>) {
        let (kind, status) = (self.tokens[place].kind, said.status);
        let words = match &said.outcome {
            Ok(Said::Fate(Fate::Alive(why))) if said.words.is_empty() => why.clone(),
            Err(error) if said.words.is_empty() && said.status.is_none() => error.to_string(),
            _ => said.words.clone(),
        };
        let call = said.call.clone().unwrap_or_else(|| "nothing was sent".to_owned());
        let (call, words) = (shown(&call), server_words(&words));
        self.endings[place].push(SentEnding { at: At(said.at), call, status, words });
        self.tell(|profile| Event::Ended { profile, kind, token, status });
    }

    /// Ends tokens that no one shall have: those of a session that is given up, with and without a hint.
    pub(super) async fn end_all(&mut self, tokens: Vec<IssuedToken>) {
        for token in tokens {
            for hint in [Hint::Kind, Hint::None] {
                let said = self.send(&Call::End(token.clone(), hint)).await;
                if matches!(said.outcome, Err(AuthError::Unsupported(_))) {
                    break;
                }
            }
        }
    }

    /// The new session is refused while the old one works: the old one takes its place again.
    pub(super) async fn restore(&mut self, ends_new: bool) {
        self.stage(Stage::Restoring);
        if let Some(new) = self.new.clone().filter(|_| ends_new) {
            let tokens = new.in_order_of_ending().into_iter().cloned().collect();
            self.end_all(tokens).await;
        }
        let now = clock::now();
        match self.write(move |record| record.reinstate(now)).await {
            Ok(_) => self.reason = Some("the server refuses the new access token; the old session is back".to_owned()),
            Err(error) => self.reason = Some(format!("the old session could not be put back: {error}")),
        }
        self.now.restored = true;
    }
}
