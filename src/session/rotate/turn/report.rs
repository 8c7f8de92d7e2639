//! The end of a turn: what came of it goes into the record and the run, in this order.

use chrono::TimeDelta;

use super::{Turn, end_of};
use crate::{
    auth::{
        IssuedToken, TokenKind, TokenSet,
        rotation::{Ending, Kinship, Way},
    },
    clock,
    session::rotate::{
        event::Event,
        evidence::{Answer, By, Judgement, Observation, Verdict},
        receipt::{At, NewToken, Old, Profile, SentEnding, server_words, shown},
        step::{Cancelled, New, OldToken, Outcome},
    },
    store::vault::{self, Record},
};

impl Turn {
    /// Writes down what came of it. Nothing is sent after that.
    pub(super) async fn settle(mut self, outcome: Outcome) -> Profile {
        let untried: Vec<_> = self.now.tokens.iter().map(|token| self.now.untried(token)).collect();
        for (token, why) in self.now.tokens.iter_mut().zip(untried) {
            token.subject.untried = Some(why);
        }
        let judged = self.judgements();
        self.leave_to_do(outcome, &judged);
        let report = self.report(outcome, &judged);
        let mut is_kept = Ok(());
        if self.journaled {
            let text = serde_json::to_string(&report).expect("a report has text keys only");
            let (now, gives_up) = (clock::now(), outcome == Outcome::Revoked);
            let noted = self.noted(&judged);
            let settled = self.write(move |record| {
                if gives_up {
                    record.log_out(now);
                }
                noted.into_iter().for_each(|note| note.into_record(record));
                record.settle(text);
                record.tidy(now);
            });
            is_kept = settled.await.map_err(|error| {
                let words = format!("the end of the rotation is not in the vault ({error}); resume the run");
                self.alarms.push(words);
            });
        }
        let mut report = Profile { alarms: self.alarms.clone(), ..report };
        // What is settled in the run is in the record: else no one would go on with it.
        if is_kept.is_ok() {
            self.run.settled(&self.row.profile.name, &mut report).await;
        }
        // ID tokens grant nothing.
        for (token, judged) in self.tokens.iter().zip(&judged).filter(|(token, _)| token.kind != TokenKind::Id) {
            self.judged(token, judged);
        }
        let reason = report.reason.clone();
        self.tell(|profile| Event::Settled { profile, outcome, reason });
        report
    }

    /// What is known of each old token. One that the new session has, too, lives with it.
    fn judgements(&self) -> Vec<Judgement> {
        let is_new = matches!(self.now.new, New::Here(kinship) if kinship != Kinship::Identical);
        let new = self.new.iter().filter(|_| is_new).flat_map(|new| &new.tokens);
        let new: Vec<_> = new.filter(|token| token.kind != TokenKind::Id).collect();
        let judged = self.tokens.iter().zip(&self.now.tokens).map(|(token, known)| {
            let judged = known.judged(self.now.clock);
            if judged.verdict != Verdict::Unknown || !new.iter().any(|new| new.is_same(token)) {
                return judged;
            }
            let verdict = known.subject.expires_at.map_or(Verdict::Alive, Verdict::AliveUntil);
            let why = "the server did not replace it: it belongs to the new session".to_owned();
            Judgement { verdict, by: None, why }
        });
        judged.collect()
    }

    /// Tells what is known of an old token.
    pub(super) fn judged(&self, token: &IssuedToken, judged: &Judgement) {
        let (kind, verdict, accepted) = (token.kind, judged.verdict, judged.accepted());
        self.tell(|profile| Event::Judged { profile, kind, token: token.fingerprint(), verdict, accepted });
    }

    fn report(&self, outcome: Outcome, judged: &[Judgement]) -> Profile {
        let kinship = match self.now.new {
            New::Here(kinship) => Some(kinship),
            New::Pending | New::Failed => None,
        };
        let new = self.new.as_ref().filter(|_| outcome == Outcome::Rotated);
        let cancelled = self.now.cancelled != Cancelled::No;
        let old = self.tokens.iter().zip(judged).enumerate().map(|(place, (token, judged))| {
            let known = &self.now.tokens[place];
            let mut old = Old::new(token.kind, token.fingerprint().to_string(), judged, &known.seen);
            old.expires_at = known.subject.expires_at.map(At::of);
            old.jti = token.claim("jti").map(|jti| shown(&jti));
            old.endings = self.endings[place].iter().map(SentEnding::rounded).collect();
            if cancelled && judged.verdict == Verdict::Unknown {
                "cancelled".clone_into(&mut old.why);
            }
            old
        });
        let profile = &self.row.profile;
        Profile {
            name: profile.name.to_string(),
            environment: profile.environment.clone(),
            tags: profile.tags.clone(),
            provider: profile.provider.clone(),
            origin: self.origin.clone(),
            account: new.and_then(|new| new.account.clone()).or_else(|| self.row.account.clone()),
            outcome,
            reason: self.reason.as_deref().map(shown).or_else(|| self.why(outcome)),
            way: self.now.way.filter(|_| self.journaled),
            kinship,
            recovered: self.has_recovered,
            alarms: self.alarms.iter().map(|alarm| shown(alarm)).collect(),
            new: new.map(new_tokens).unwrap_or_default(),
            old: old.collect(),
            left_to_do: self.left_to_do.clone(),
            elapsed_ms: (clock::now() - self.started).max(TimeDelta::zero()).num_milliseconds(),
        }
    }

    fn pastes_new(&self) -> bool {
        self.now.way.is_some_and(|way| self.pastes(way))
    }

    fn why(&self, outcome: Outcome) -> Option<String> {
        let words = match outcome {
            Outcome::Rotated => return None,
            Outcome::NotStarted => "cancelled",
            Outcome::Failed if self.now.new == New::Here(Kinship::Identical) && self.pastes_new() => {
                "the pasted token is the old one"
            }
            Outcome::Failed if self.now.new == New::Here(Kinship::Identical) => {
                "the server returned the same tokens as before"
            }
            Outcome::Failed if matches!(self.now.new, New::Here(_)) => "the server refuses the new access token",
            Outcome::Failed | Outcome::Revoked if self.now.new == New::Pending => {
                return Some(self.row.obstacle.clone().unwrap_or_else(|| "no way to a new session".to_owned()));
            }
            Outcome::Revoked => "the revocation also ended the new session",
            Outcome::Failed => "no new session",
        };
        Some(words.to_owned())
    }

    /// What a person has to do about what is not known to be dead.
    fn leave_to_do(&mut self, outcome: Outcome, judged: &[Judgement]) {
        if outcome == Outcome::Revoked {
            self.left_to_do.push("log in by hand".to_owned());
        }
        // Of what has expired, nothing is left to do, also where clocks may differ.
        let now = self.now.clock.now;
        let is_left = |(token, judged): &(&OldToken, &Judgement)| {
            let over = token.subject.expires_at.is_some_and(|end| end <= now);
            token.subject.kind != TokenKind::Id && judged.verdict != Verdict::Dead && (!over || judged.accepted())
        };
        let left: Vec<_> = self.now.tokens.iter().zip(judged).filter(is_left).map(|(token, _)| token).collect();
        if left.is_empty() || outcome == Outcome::NotStarted || outcome == Outcome::Failed {
            self.left_to_do.dedup();
            return;
        }
        let untouched = self.now.tokens.iter().all(|token| token.subject.ended_at.is_none());
        let by_login = self.now.way != Some(Way::Refresh);
        let endable = left.iter().any(|token| token.ending == Ending::Revocation);
        if untouched && by_login && endable && self.now.revoke {
            let words = match self.now.cancelled {
                Cancelled::No => "end the old session at the server: revoking it could end the new one".to_owned(),
                _ => self.revoke_later(),
            };
            self.left_to_do.push(words);
        }
        self.left_to_do.extend(self.row.by_hand.clone());
        self.left_to_do.dedup();
    }

    /// The run was cancelled before the revocation.
    fn revoke_later(&self) -> String {
        let name = &self.row.profile.name;
        let record = self.run.session.vault.read(name).ok().flatten();
        let number = record.and_then(|record| Some(record.rotation?.old?.number)).unwrap_or_default();
        format!("cancelled before the revocation: `tokscope revoke {name} --generation {number}`")
    }

    /// What the vault keeps of the old tokens' end.
    pub(super) fn noted(&self, judged: &[Judgement]) -> Vec<Note> {
        let all = self.tokens.iter().zip(&self.now.tokens).zip(judged).enumerate();
        all.map(|(place, ((token, known), judged))| {
            let ending = self.endings[place].first().map(|sent| vault::Observation {
                at: sent.at.0,
                status: sent.status,
                words: sent.words.clone(),
            });
            let by_a_call = judged.by.is_some_and(By::is_call);
            let refused = (judged.verdict == Verdict::Dead && by_a_call)
                .then(|| known.seen.iter().rev().find(|one| one.result == Answer::Refused));
            let accepted = known.seen.iter().rev().find(|one| one.accepts());
            Note {
                token: token.fingerprint(),
                revocation: ending,
                refused: refused.flatten().map(kept),
                accepted: accepted.map(kept),
            }
        })
        .collect()
    }
}

/// What is known of the end of a token.
pub(super) struct Note {
    token: crate::secret::Fingerprint,
    revocation: Option<vault::Observation>,
    refused: Option<vault::Observation>,
    accepted: Option<vault::Observation>,
}

impl Note {
    pub(super) fn into_record(self, record: &mut Record) {
        // What is the current session now is not what was ended.
        if record.is_current(self.token) {
            return;
        }
        if self.revocation.is_none() && self.refused.is_none() && self.accepted.is_none() {
            return;
        }
        let known = record.evidence.entry(self.token).or_default();
        known.revocation = self.revocation.or(known.revocation.take());
        known.refused = self.refused.or(known.refused.take());
        known.accepted = self.accepted.or(known.accepted.take());
    }
}

fn kept(one: &Observation) -> vault::Observation {
    vault::Observation { at: one.at, status: one.status, words: server_words(&one.words) }
}

/// The tokens of a new session.
pub(in crate::session::rotate) fn new_tokens(new: &TokenSet) -> Vec<NewToken> {
    let tokens = new.tokens.iter().map(|token| NewToken {
        kind: token.kind,
        fingerprint: token.fingerprint().to_string(),
        expires_at: end_of(new, token).map(At::of),
    });
    tokens.collect()
}
