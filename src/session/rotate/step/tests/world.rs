//! A server that does what it is told, and whoever performs a rotation against it.

use super::*;
use crate::{
    clock,
    session::rotate::evidence::{Answer, Control, ControlKind},
};

pub(super) fn start() -> Timestamp {
    clock::parse("2026-11-26T07:00:00Z").unwrap()
}

/// How the new session answers to the control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calls {
    /// As they are.
    Right,
    /// The new token is refused, the old one is accepted.
    RefuseNew,
    /// The new token is refused, and the old one cannot be tried.
    RefuseNewAlone,
    /// Every token is refused.
    Blind,
    /// There is no such call.
    None,
}

/// When a revocation works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Works {
    AtOnce,
    Never,
    WithoutHint,
    After(i64),
}

/// A server with the old session and the new one.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) kinship: Kinship,
    /// What ends the old session ends the new one.
    pub(super) reaches: bool,
    pub(super) calls: Calls,
    pub(super) works: Works,
    pub(super) first_login: bool,
    pub(super) second_login: bool,
    pub(super) old_refresh: Option<Timestamp>,
    pub(super) old_access: Option<Timestamp>,
    pub(super) new: bool,
    /// What a replay brings is at hand for the next one.
    pub(super) brings: bool,
    pub(super) steps: Vec<String>,
}

impl World {
    pub(super) fn new(kinship: Kinship) -> Self {
        Self {
            kinship,
            reaches: !matches!(kinship, Kinship::Separate),
            calls: Calls::Right,
            works: Works::AtOnce,
            first_login: true,
            second_login: true,
            old_refresh: None,
            old_access: None,
            new: false,
            brings: false,
            steps: Vec::new(),
        }
    }

    /// Whether any session works.
    pub(super) fn works(&self, now: Timestamp) -> bool {
        self.new || self.old_refresh.is_none_or(|end| end > now)
    }

    fn end(&mut self, now: &Situation, place: usize, hint: Hint) {
        let works = match self.works {
            Works::AtOnce => Some(now.clock.now),
            Works::After(seconds) => Some(now.clock.now + TimeDelta::seconds(seconds)),
            Works::WithoutHint if hint == Hint::None => Some(now.clock.now),
            Works::Never | Works::WithoutHint => None,
        };
        let end = if now.tokens[place].subject.kind == TokenKind::Refresh {
            &mut self.old_refresh
        } else {
            &mut self.old_access
        };
        *end = end.or(works);
        if self.reaches && works.is_some() {
            self.new = false;
        }
    }

    pub(super) fn seen(&self, now: &Situation, place: usize, by: By) -> Observation {
        let token = &now.tokens[place].subject;
        let end = if token.kind == TokenKind::Refresh { self.old_refresh } else { self.old_access };
        let at = now.clock.now;
        let refused = end.is_some_and(|end| end <= at) || self.calls == Calls::Blind;
        let new = if self.new && self.calls != Calls::Blind { Answer::Accepted } else { Answer::Refused };
        let control = match (by, refused) {
            (By::Replay, _) => Control { kind: ControlKind::Positive, result: Answer::Accepted, at },
            (_, true) => Control { kind: ControlKind::Positive, result: new, at },
            (_, false) => Control { kind: ControlKind::Negative, result: Answer::Refused, at },
        };
        let result = if refused { Answer::Refused } else { Answer::Accepted };
        let call = by.as_str().to_owned();
        Observation {
            at,
            by,
            call,
            own: true,
            of_successor: false,
            status: None,
            result,
            words: String::new(),
            control: Some(control),
        }
    }

    fn check(&self) -> Check {
        match self.calls {
            Calls::None => Check::Mute,
            Calls::Right if self.new => Check::Passed,
            _ => Check::Refused,
        }
    }

    /// Performs a rotation to its end.
    pub(super) fn run(&mut self, now: &mut Situation) -> Outcome {
        for _ in 0..60 {
            if let Some(outcome) = self.step(now) {
                return outcome;
            }
        }
        panic!("no end: {self:#?}")
    }

    pub(super) fn step(&mut self, now: &mut Situation) -> Option<Outcome> {
        let next = next(now);
        self.steps.push(word(now, &next));
        match next {
            Next::Observe(all) => {
                now.observed = true;
                for (place, by) in all {
                    let one = self.seen(now, place, by);
                    // There is nothing new yet that could be its control.
                    let control = one.control.filter(|_| one.result == Answer::Accepted);
                    now.tokens[place].seen.push(Observation { control, ..one });
                }
                now.clock.now += TimeDelta::milliseconds(10);
            }
            Next::Obtain(_) => {
                now.asked(now.clock.now);
                self.new = self.first_login;
                now.new = if self.first_login { New::Here(self.kinship) } else { New::Failed };
            }
            Next::Control => {
                let check = self.check();
                let seen = now.tokens.iter_mut().flat_map(|token| &mut token.seen);
                let accepts =
                    |one: &mut Observation| check == Check::Passed && one.confirm(By::Use, "use", now.clock.now);
                seen.for_each(|one| _ = accepts(one));
                now.checked(check);
            }
            Next::TryOld => now.compared(match self.calls {
                Calls::RefuseNew => Some(true),
                Calls::Blind => Some(false),
                _ => None,
            }),
            Next::End(place, hint) => {
                self.end(now, place, hint);
                now.tokens[place].answered = true;
                self.ended(now, place);
            }
            Next::UseUp(place) => {
                self.end(now, place, Hint::None);
                self.ended(now, place);
            }
            Next::Recover => {
                self.new = self.second_login;
                now.recovered(if self.second_login { New::Here(self.kinship) } else { New::Failed });
            }
            Next::Restore(_) => {
                self.new = false;
                now.restored = true;
            }
            Next::Prove(all) => {
                for (place, by) in all {
                    let mut one = self.seen(now, place, by);
                    one.of_successor = by == By::Replay && now.tokens[place].brought;
                    now.tokens[place].brought = self.brings && by == By::Replay && one.accepts();
                    now.tokens[place].seen.push(one);
                    if by == By::Replay {
                        now.tokens[place].replays += 1;
                        now.sent();
                    }
                }
            }
            Next::Wait(until) => {
                assert!(until > now.clock.now, "{self:?}");
                now.clock.now = until;
            }
            Next::Settle(outcome) => return Some(outcome),
        }
        None
    }

    fn ended(&self, now: &mut Situation, place: usize) {
        now.tokens[place].ended += 1;
        assert!(now.tokens[place].ended <= AT_MOST, "{self:?}");
        now.tokens[place].subject.ended_at = Some(now.clock.now);
        now.clock.now += TimeDelta::milliseconds(10);
        now.sent();
    }
}

pub(super) fn word(now: &Situation, next: &Next) -> String {
    let kind = |place: &usize| now.tokens[*place].subject.kind.to_string();
    let tried = |all: &[(usize, By)]| {
        all.iter().map(|(place, by)| format!("{} {}", by.as_str(), kind(place))).collect::<Vec<_>>().join(" + ")
    };
    match next {
        Next::Obtain(way) => way.as_str().to_owned(),
        Next::Control => "control".to_owned(),
        Next::TryOld => "old".to_owned(),
        Next::End(place, Hint::Kind) => format!("-{}", kind(place)),
        Next::End(place, Hint::None) => format!("-{}?", kind(place)),
        Next::UseUp(place) => format!("use-up {}", kind(place)),
        Next::Recover => "recover".to_owned(),
        Next::Restore(ends) => if *ends { "restore, end new" } else { "restore" }.to_owned(),
        Next::Observe(all) => format!("at first {}", tried(all)),
        Next::Prove(all) => tried(all),
        Next::Wait(until) => format!("{}s", (*until - start()).num_seconds()),
        Next::Settle(outcome) => outcome.as_str().to_owned(),
    }
}
