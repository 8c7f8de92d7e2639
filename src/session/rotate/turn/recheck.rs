//! What has survived a run, tried once more.

use super::{Turn, access};
use crate::{
    auth::{TokenSet, rotation::Kinship},
    session::rotate::{
        evidence::{APART, By, Verdict},
        receipt::{Life, Old, Profile},
        step::New,
    },
};

impl Turn {
    /// Tries each token again, against the session of now. What is not told otherwise stays as it was.
    pub(in crate::session::rotate) async fn recheck(
        mut self,
        mut before: Profile,
        current: Option<TokenSet>,
    ) -> Profile {
        if access(current.as_ref()).is_some() {
            self.now.new = New::Here(Kinship::Separate);
        }
        self.new = current;
        for place in 0..self.tokens.len() {
            let fingerprint = self.tokens[place].fingerprint().to_string();
            let Some(old) = before.old.iter().position(|old| old.fingerprint == fingerprint) else { continue };
            self.now.tokens[place].subject.ended_at = before.old[old].endings.first().map(|sent| sent.at.0);
            for by in [By::Use, By::Introspect] {
                if self.now.tokens[place].tests.contains(&by) {
                    self.prove_well(place, by).await;
                }
            }
            self.now.clock.now = self.time();
            let known = &self.now.tokens[place];
            let judged = known.judged(self.now.clock);
            let found = Old::new(known.subject.kind, fingerprint, &judged, &known.seen);
            let old = &mut before.old[old];
            old.evidence.extend(found.evidence);
            if judged.verdict != Verdict::Unknown || old.verdict == Life::AliveUntil && old.until < Some(self.at()) {
                (old.verdict, old.until, old.by, old.why) = (found.verdict, found.until, found.by, found.why);
            }
        }
        let judged: Vec<_> = self.now.tokens.iter().map(|token| token.judged(self.now.clock)).collect();
        let noted = self.noted(&judged);
        let now = self.time();
        let written = self.write(move |record| {
            noted.into_iter().for_each(|note| note.into_record(record));
            record.tidy(now);
        });
        if let Err(error) = written.await {
            before.alarms.push(format!("what was found is not in the vault ({error})"));
        }
        self.run.settled(&self.row.profile.name, &mut before).await;
        before
    }

    /// Twice, where it was refused: one refusal is none.
    async fn prove_well(&mut self, place: usize, by: By) {
        self.prove(place, by).await;
        let refused = self.now.tokens[place].seen.last().filter(|one| one.by == by && one.refuses()).map(|one| one.at);
        if let Some(at) = refused {
            self.pause_until(at + APART).await;
            self.prove(place, by).await;
        }
    }
}
