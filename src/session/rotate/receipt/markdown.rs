//! A receipt for people.

use chrono::TimeDelta;

use super::{At, Life, Old, Profile, Receipt, Seen, SeenControl, Totals};
use crate::{
    auth::rotation::Kinship,
    clock,
    session::rotate::{
        evidence::{Answer, By, ControlKind},
        step::Outcome,
    },
    text::visible,
};

impl Receipt {
    /// For people: a heading with the totals, a section for each profile, and what no rotation reaches.
    pub fn markdown(&self) -> String {
        let mut out = format!("# Token rotation {} · {}\n", self.run, self.summary());
        let (start, end) = (self.started_at, self.ended_at);
        let end = of_day(end, start);
        let options = &self.options;
        let mut head =
            vec![format!("{} – {end}", of_date(start)), plain(&self.tool), format!("way {}", options.way.as_str())];
        head.push(if options.panic { "panic" } else { "not panic" }.to_owned());
        head.extend((!options.revoke).then(|| "nothing revoked".to_owned()));
        head.extend((self.resumed > 0).then(|| format!("resumed {}", counted(self.resumed as usize, "time"))));
        out.push_str(&head.join(" · "));
        out.push('\n');
        let unkept =
            self.unkept.iter().map(|why| format!("ALARM: this receipt is not kept with the run: {}.\n", clause(why)));
        out.extend(unkept);
        self.profiles.iter().for_each(|profile| profile.markdown(self.ended_at, &mut out));
        out.push_str(&format!(
            "\nNot covered: {}. If a password leaked, change it first.\n",
            plain(&self.not_covered.join(", "))
        ));
        out
    }

    /// `2 profiles · 1 rotated · 1 failed · 1 survivor`.
    pub fn summary(&self) -> String {
        format!("{} · {}", counted(self.profiles.len(), "profile"), self.totals.words())
    }
}

impl Totals {
    /// `1 rotated · 1 failed · 1 survivor`.
    pub fn words(&self) -> String {
        let outcomes = [
            (self.rotated, "rotated"),
            (self.revoked, "revoked"),
            (self.failed, "failed"),
            (self.not_started, "not started"),
        ];
        let there = outcomes.iter().filter(|(count, _)| *count > 0);
        let mut words: Vec<_> = there.map(|(count, word)| format!("{count} {word}")).collect();
        words.push(match self.survivors() {
            0 => "no survivors".to_owned(),
            count => counted(count, "survivor"),
        });
        words.join(" · ")
    }
}

impl Profile {
    fn markdown(&self, today: At, out: &mut String) {
        let mut head = vec![plain(&self.name), plain(&self.provider)];
        head.extend(
            [&self.environment, &Some(self.origin.clone()), &self.account]
                .into_iter()
                .flatten()
                .map(|word| plain(word)),
        );
        head.retain(|word| !word.is_empty());
        head.push(self.result());
        out.push_str(&format!("\n## {}\n", head.join(" · ")));
        if !self.new.is_empty() {
            let new = self.new.iter().map(|token| {
                let end = token
                    .expires_at
                    .map_or(", no expiry given".to_owned(), |end| format!(" until {}", of_day(end, today)));
                format!("{} {}{end}", token.kind, code(&token.fingerprint))
            });
            out.push_str(&format!("New: {}\n", new.collect::<Vec<_>>().join(" · ")));
        }
        if !self.old.is_empty() {
            out.push_str("\n| old token | verdict | evidence |\n|---|---|---|\n");
            self.old.iter().for_each(|old| out.push_str(&old.row(today)));
            out.push('\n');
        }
        let mut server = Vec::new();
        for ending in self.old.iter().flat_map(|old| &old.endings) {
            let status = ending.status.map_or("no answer".to_owned(), |status| status.to_string());
            let words = if ending.words.is_empty() { "empty".to_owned() } else { plain(&ending.words) };
            let what = if ending.call.contains("revo") { "revocation".to_owned() } else { code(&ending.call) };
            let told = format!("{what} {status}, {words}");
            if !server.contains(&told) {
                server.push(told);
            }
        }
        if !server.is_empty() {
            out.push_str(&format!("Server: {}\n", server.join("; ")));
        }
        self.alarms.iter().for_each(|alarm| out.push_str(&format!("ALARM: {}.\n", clause(alarm))));
        if !self.left_to_do.is_empty() {
            let left: Vec<_> = self.left_to_do.iter().map(|left| clause(left)).collect();
            out.push_str(&format!("Left to do: {}.\n", left.join("; ")));
        }
    }

    fn result(&self) -> String {
        let word = if self.outcome == Outcome::NotStarted { "not started" } else { self.outcome.as_str() };
        let mut how: Vec<_> = self.way.map(|way| way.as_str().to_owned()).into_iter().collect();
        how.extend(self.kinship.map(|kinship| grant(kinship).to_owned()));
        how.extend(self.recovered.then(|| "logged in again after the revocation".to_owned()));
        let how = if how.is_empty() || self.outcome != Outcome::Rotated {
            String::new()
        } else {
            format!(" ({})", how.join(", "))
        };
        let reason = self.reason.as_ref().map(|reason| format!(": {}", plain(reason))).unwrap_or_default();
        format!("{word}{how}{reason}")
    }
}

impl Old {
    fn row(&self, today: At) -> String {
        let verdict = match (self.verdict, self.until) {
            (Life::Dead, _) => "dead".to_owned(),
            (Life::AliveUntil, Some(end)) => format!("alive until {}", of_day(end, today)),
            (Life::AliveUntil | Life::Alive, _) => "alive".to_owned(),
            (Life::Unknown, _) => "unknown".to_owned(),
        };
        let mut evidence: Vec<_> = self.evidence.iter().rev().take(1).map(|seen| seen.words(today)).collect();
        evidence.push(plain(&self.why));
        format!("| {} {} | **{verdict}** | {} |\n", self.kind, code(&self.fingerprint), evidence.join("; "))
    }
}

impl Seen {
    fn words(&self, today: At) -> String {
        let status = self.status.map_or("no answer".to_owned(), |status| status.to_string());
        let words = if self.words.is_empty() { String::new() } else { format!(" {}", code(&self.words)) };
        let control =
            self.control.as_ref().map(|control| format!("; {}", control.words(self.by, today))).unwrap_or_default();
        format!("{} {}: {status}{words}{control}", self.by.as_str(), of_day(self.at, today))
    }
}

impl SeenControl {
    fn words(&self, by: By, today: At) -> String {
        let at = of_day(self.at, today);
        match (self.kind, by) {
            (ControlKind::Positive, By::Replay) => format!("control: login at the same endpoint {at}"),
            (ControlKind::Positive, _) => format!("control: new token {} {at}", self.result.as_str()),
            (ControlKind::Negative, _) if self.result == Answer::Unclear => "made-up token: no clear answer".to_owned(),
            (ControlKind::Negative, _) => format!("made-up token {}", self.result.as_str()),
        }
    }
}

fn grant(kinship: Kinship) -> &'static str {
    match kinship {
        Kinship::Separate => "separate grant",
        Kinship::Shared => "same session of the server",
        Kinship::Maybe => "perhaps the same grant",
        Kinship::Same => "same grant",
        Kinship::Identical => "same tokens",
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `07:15:09Z`, with its date where it is another day than this one.
fn of_day(At(time): At, At(today): At) -> String {
    let near = (time - today).abs() < TimeDelta::hours(12);
    time.format(if near { "%H:%M:%SZ" } else { "%Y-%m-%d %H:%M:%SZ" }).to_string()
}

/// `2026-11-26 07:15:02Z`.
fn of_date(At(time): At) -> String {
    clock::to_the_second(time).format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// A part of a sentence.
fn clause(text: &str) -> String {
    plain(text.trim_end_matches('.'))
}

/// Foreign text as text: no mark of Markdown or HTML in it means anything.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in visible(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' | '$') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Foreign text between backticks, which nothing in it closes, and which parts no column.
fn code(text: &str) -> String {
    let text: String = visible(text).chars().map(|c| if c == '`' { '\'' } else { c }).collect();
    format!("`{}`", text.replace('|', "\\|"))
}
