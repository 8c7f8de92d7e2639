//! The plan as a text: totals first, then a line for each profile.

use std::iter;

use crate::{
    cli::{
        columns,
        style::{Role, Style},
    },
    clock::{self, Timestamp, Zone},
    session::rotate::plan::Plan,
    text::visible,
};

/// What will be done, what it can prove, and what will survive.
pub(super) fn text(plan: &Plan, now: Timestamp, style: Style) -> String {
    let totals = plan.totals(now);
    let mut parts = vec![profiles(totals.profiles)];
    let mut count = |count: usize, what: &str| {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    };
    count(totals.alone, if totals.alone == 1 { "runs alone" } else { "run alone" });
    count(totals.asks, if totals.asks == 1 { "asks you" } else { "ask you" });
    count(totals.cannot, "without a way to a new session");
    count(totals.survivors, if totals.survivors == 1 { "old token outlasts it" } else { "old tokens outlast it" });
    if let Some(until) = totals.until {
        parts.push(format!("the last until {}", clock::of_day(until, now, Zone::System)));
    }
    let mut out = format!("Rotation plan: {}\n", parts.join(", "));
    if !plan.resumable {
        out += "The vault is kept only in memory: a run that is killed cannot be resumed.\n";
    }
    let twice = plan.rows.iter().filter(|row| row.may_ask_twice()).count();
    if twice > 0 && plan.options.revoke {
        out += &format!("{} may need a second login: revoking the old session may end the new one.\n", profiles(twice));
    }
    let head = ["environment", "profile", "new tokens by", "old tokens ended by", "old tokens"];
    let head = head.map(|title| (Some(Role::Title), title.to_owned()));
    let rows = plan.rows.iter().map(|row| {
        let cells = [
            row.profile.environment.clone().unwrap_or_default(),
            row.profile.name.to_string(),
            // Why there is none stands below the table: it is long.
            row.new_by(),
            row.ended_by(&plan.options),
            row.afterwards(&plan.options, now, Zone::System),
        ];
        cells.map(|cell| (None, visible(&cell).to_string()))
    });
    out += &columns::lines(&iter::once(head).chain(rows).collect::<Vec<_>>(), style);
    for row in &plan.rows {
        if let Some(why) = &row.obstacle {
            out += &format!("{}: {}\n", row.profile.name, visible(why));
        }
    }
    out
}

/// `3 profiles`.
pub(super) fn profiles(count: usize) -> String {
    if count == 1 { "1 profile".to_owned() } else { format!("{count} profiles") }
}
